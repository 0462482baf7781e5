"""Damaged Flee instances: each defect alone, with what becomes of it and the exact words.

The defects are those tried on Flee itself (docs/flee.md). ``same`` is the undamaged answer without a
word; a code with ``warning:`` is an answer with that warning; a bare code stops the reading. The words
are in flee_bad_input.txt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from corridor.formats.flee import FleeInstance, data_table
from corridor.problems import InputError

GOLDEN = Path(__file__).with_name("flee_bad_input.txt")
LOCATIONS, ROUTES, CLOSURES = "input_csv/locations.csv", "input_csv/routes.csv", "input_csv/closures.csv"
CONFLICTS, PERIOD = "input_csv/conflicts.csv", "input_csv/sim_period.csv"
CORRECTIONS, LAYOUT, SETTINGS = (
    "input_csv/registration_corrections.csv",
    "source_data/data_layout.csv",
    "settings.yml",
)
ONE = "source_data/one.csv"

Damage = Callable[..., None]


@dataclass(frozen=True)
class Case:
    name: str
    damage: Damage
    outcome: str  # "same", or codes separated by blanks, warnings as "warning:code"
    changes_answer: bool = False  # a warning after which the tables differ from the undamaged ones


def put(file: str, old: str, new: str) -> Damage:
    return lambda tiny: tiny.replace(file, old, new)


def text(file: str, content: str | bytes) -> Damage:
    return lambda tiny: tiny.write(file, content)


def add(file: str, content: str) -> Damage:
    return lambda tiny: tiny.append(file, content)


def remove(file: str) -> Damage:
    return lambda tiny: tiny.path(file).unlink()


def setting(section: str, line: str) -> Damage:
    return lambda tiny: tiny.setting(section, line)


def both(*damages: Damage) -> Damage:
    return lambda tiny: [damage(tiny) for damage in damages] and None


def every(file: str, change: Callable[[str], str]) -> Damage:
    return lambda tiny: tiny.write(file, change(tiny.path(file).read_text()))


def every_byte(file: str, change: Callable[[bytes], bytes]) -> Damage:
    return lambda tiny: tiny.write(file, change(tiny.path(file).read_bytes()))


def folder(file: str) -> Damage:
    return lambda tiny: tiny.path(file).mkdir()


def rename_layout(tiny) -> None:
    tiny.path(LAYOUT).rename(tiny.path("source_data/datalayout.csv"))


def camp_first(content: str) -> str:
    return content.replace(ONE_ROW, "").replace(ALPHA, ONE_ROW + ALPHA)


def move(*pairs: tuple[str, str]) -> Damage:
    """Rename files or folders of the instance, one after another."""

    def damage(tiny) -> None:
        for old, new in pairs:
            tiny.path(new).parent.mkdir(parents=True, exist_ok=True)
            tiny.path(old).rename(tiny.path(new))

    return damage


def folder_of_settings(tiny) -> None:
    tiny.path(SETTINGS).unlink()
    tiny.path(SETTINGS).mkdir()


def latin_1(tiny) -> None:
    tiny.write(LOCATIONS, tiny.path(LOCATIONS).read_bytes().replace(b"North", b"N\xf6rd", 1))


def speed_column(content: str) -> str:
    """Add a column max_move_speed with a gap in the second row."""
    for old, new in (
        ("redirection", "redirection,max_move_speed"),
        ("100,0", "100,0,50"),
        ("300,", "300,,60"),
    ):
        content = content.replace(old, new)
    return content.replace("150,0", "150,0,")


def sinks_column(content: str) -> str:
    header, *rows = content.splitlines()
    return "\n".join([f"{header},deactivation_probability", *(f"{row},0.5" for row in rows)]) + "\n"


def two_headers(content: str) -> str:
    """Name two free columns in two comment lines, and fill them."""
    header, *rows = content.splitlines()
    named = [f"{header},water", "# the next name goes on from there,,,,,,,,schools"]
    return "\n".join([*named, *(f"{row},1,2" for row in rows)]) + "\n"


def idps_column(content: str) -> str:
    header, *rows = content.splitlines()
    return "\n".join([f"{header},initial_idps", *(f"{row},5" for row in rows)]) + "\n"


FLOOD_SETTINGS = """\
spawn_rules:
  conflict_zone_spawning_only: false
  flood_zone_spawning_only: true
  take_from_population: true
  flood_driven_spawn_mode: {spawn_mode: pop_ratio}
move_rules:
  flood_rules: {flood_movechances: [0, 0.2, 0.5, 0.8, 1], flood_loc_weights: [1, 0.8, 0.5, 0.2, 0.1]}
"""


def flood(levels: str) -> Damage:
    """Turn the instance into one driven by floods, with these levels at Alpha and Beta."""
    layout = "total,refugees.csv\nCamp One,one.csv\nCampTwo,two.csv\nAlpha,two.csv\nBeta,two.csv\n"
    return both(
        text(SETTINGS, FLOOD_SETTINGS),
        text(LAYOUT, layout),
        text("input_csv/flood_level.csv", "#Day,Alpha,Beta\n" + levels),
    )


def forecaster(weights: str, *, end: int = 15, scale: int = 3, values: str = "0,1") -> Damage:
    """Switch the forecaster on in an instance driven by floods."""
    rule = f"flood_forecaster: true, flood_forecaster_timescale: {scale}, flood_forecaster_end_time: {end}"
    rule += f", flood_forecaster_weights: {weights}, flood_awareness_weights: [0.2, 0.6, 1]"
    table = "floodawareness,Default\n" + "".join(f"{value},1\n" for value in values.split(","))
    return both(
        put(SETTINGS, "  flood_rules: {", f"  flood_rules: {{{rule}, "),
        text("input_csv/demographics_floodawareness.csv", table),
    )


def major(rows: str) -> Damage:
    """Switch fixed routes on, with these chains."""
    return both(setting("move_rules", "fixed_routes: true"), text("input_csv/major_routes.csv", rows))


def agents(rows: str) -> Damage:
    return both(setting("spawn_rules", "read_from_agents_csv_file: true"), text("input_csv/agents.csv", rows))


def matching(
    columns: str = "", numbers: tuple[str, ...] = (), *, table: str = "amber,1\nbirch,3\n", rule: str = ""
) -> Damage:
    """Switch matching by religion on, with a table and with columns: a text for each of the four places."""

    def with_columns(content: str) -> str:
        header, *rows = content.splitlines()
        named = [f"{header},{columns}", *(f"{row},{n}" for row, n in zip(rows, numbers, strict=True))]
        return "\n".join(named) + "\n"

    return both(
        text("input_csv/demographics_religion.csv", "religion,Default\n" + table),
        setting("move_rules", rule or "MatchCampReligion: true"),
        every(LOCATIONS, with_columns if columns else str),
    )


def correction(rows: str) -> Damage:
    return text(CORRECTIONS, rows)


TABLE = "#Day,Alpha,Beta,Camp One,CampTwo\n"
DAYS = "".join(f"{day},1,0,0,0\n" for day in range(20))
ALPHA = "Alpha,North,Homeland,1.0,10.0,conflict_zone,0,50000\n"
ONE_ROW = "Camp One,East,Abroad,2.0,11.0,camp,,20000\n"
WET = "".join(f"{day},1,0\n" for day in range(20))
DEMOGRAPHICS = "input_csv/demographics_age.csv"
IPC = "input_csv/region_attributes_IPC.csv"

CASES = [
    # files that are not there
    Case("no-locations", remove(LOCATIONS), "flee-file-missing"),
    Case("no-routes", remove(ROUTES), "flee-file-missing"),
    Case("no-closures", remove(CLOSURES), "flee-file-missing"),
    Case("no-conflicts", remove(CONFLICTS), "flee-file-missing"),
    Case("no-period", remove(PERIOD), "flee-file-missing"),
    Case("no-layout", remove(LAYOUT), "flee-file-missing"),
    Case("no-series", remove(ONE), "flee-file-missing"),
    Case("series-is-a-device", put(LAYOUT, "one.csv", "/dev/null"), "flee-file-missing"),
    Case("no-settings", remove(SETTINGS), "flee-file-missing"),
    Case("no-corrections", correction(""), "same"),
    Case("major-routes-blank-line", text("input_csv/major_routes.csv", "\nAlpha,Beta\n"), "same"),
    Case("layout-name-misspelt", rename_layout, "flee-file-missing"),
    # folders
    Case("input-folder-missing", move(("input_csv", "input")), "flee-folder-missing"),
    Case("data-folder-missing", move(("source_data", "elsewhere/data")), "flee-folder-missing"),
    Case("data-folder-is-a-file", both(move(("source_data", "data"), ("data/one.csv", "source_data"))),
         "flee-folder-missing"),
    Case("folders-swapped",
         move(("input_csv", "other"), ("source_data", "input_csv"), ("other", "source_data")),
         "flee-folder-wrong flee-folder-wrong"),
    Case("folder-above-input", move(("input_csv", "other"), ("other", "input_csv/mali/input_csv"),
         ("input_csv/mali/input_csv", "input_csv/input_csv")), "flee-folder-wrong"),
    Case("folder-above-data", move(("source_data", "other"), ("other", "source_data/counts")),
         "flee-folder-wrong"),
    Case("folder-below-data", move((LAYOUT, "data_layout.csv")), "flee-folder-wrong"),
    Case("folder-of-nothing", move(("input_csv", "other"), ("source_data/one.csv", "input_csv/one.csv"),
         ("other", "elsewhere/other")), "flee-folder-wrong"),
    Case("no-layout-but-corrections", both(correction("CampTwo,2020-01-11\n"), remove(LAYOUT)),
         "flee-file-missing"),
    # locations.csv
    Case("locations-empty", text(LOCATIONS, ""), "flee-places-none"),
    Case("locations-header-only", text(LOCATIONS, "#name,region\n"), "flee-places-none"),
    Case("population-column-missing", put(LOCATIONS, ",town,,", ",town,"), "flee-cells"),
    Case("semicolons", every(LOCATIONS, lambda content: content.replace(",", ";")), "flee-semicolons"),
    Case("population-fraction", put(LOCATIONS, "50000", "5000.5"), "flee-population"),
    Case("population-word", put(LOCATIONS, "50000", "many"), "flee-population"),
    Case("header-without-mark", put(LOCATIONS, "#name", "name"), "flee-header"),
    Case("byte-order-mark", every(LOCATIONS, lambda content: "\ufeff" + content),
         "warning:flee-byte-order-mark"),
    Case("population-negative", put(LOCATIONS, "50000", "-50000"), "flee-population"),
    Case("capacity-empty", put(LOCATIONS, "20000", ""), "warning:flee-capacity-none", True),
    Case("capacity-negative", put(LOCATIONS, "20000", "-1"), "flee-capacity"),
    Case("latitude-nan", put(LOCATIONS, "land,1.5", "land,nan"), "flee-coordinate"),
    Case("latitude-1000", put(LOCATIONS, "land,1.5", "land,1000"), "flee-coordinate"),
    Case("latitude-word", put(LOCATIONS, "land,1.5", "land,north"), "flee-coordinate"),
    Case("longitude-first", put(LOCATIONS, "1.5,10.5", "105,1.5"), "warning:flee-coordinate-order", True),
    Case("type-unknown", put(LOCATIONS, "town", "villlage"), "flee-place-type"),
    Case("town-twice", add(LOCATIONS, "Beta,North,Homeland,1.5,10.5,town,,\n"), "flee-place-twice"),
    Case("camp-twice", add(LOCATIONS, ONE_ROW), "flee-place-twice"),
    Case("conflict-zone-twice", add(LOCATIONS, ALPHA), "flee-place-twice"),
    Case("name-empty", put(LOCATIONS, "Beta,", ","), "flee-first-cell flee-place-unknown flee-place-unknown "
         "flee-place-unknown warning:flee-conflict-place"),
    Case("name-with-blank", put(LOCATIONS, "Beta,", "Beta ,"), "warning:flee-name-blank flee-place-unknown "
         "flee-place-unknown flee-place-unknown warning:flee-conflict-place"),
    Case("conflict-date-empty", put(LOCATIONS, "conflict_zone,0", "conflict_zone,"), "flee-conflict-date"),
    Case("camp-abroad-first", every(LOCATIONS, camp_first), "warning:flee-home-country", True),
    Case("camp-abroad-first-matters", both(every(LOCATIONS, camp_first),
         setting("move_rules", "foreign_weight: 2.0")), "flee-home-country"),
    Case("ninth-column-unnamed", put(LOCATIONS, "50000", "50000,3"), "flee-cells"),
    Case("latin-1", latin_1, "flee-encoding"),
    Case("row-of-commas-locations", add(LOCATIONS, ",,,,,,,\n"), "warning:flee-empty-row"),
    # routes.csv
    Case("route-to-unknown", put(ROUTES, "Beta,CampTwo", "Beta,Camptwo"),
         "flee-place-unknown"),
    Case("distance-50-below-0", put(ROUTES, "150", "-50"), "flee-route-distance"),
    Case("distance-200-below-0", put(ROUTES, "150", "-200"), "flee-route-distance"),
    Case("distance-30-below-0", put(ROUTES, "150", "-30"), "flee-route-distance"),
    Case("distance-0", put(ROUTES, "150", "0"), "flee-route-distance"),
    Case("distance-nan", put(ROUTES, "150", "nan"), "flee-route-distance"),
    Case("distance-word", put(ROUTES, "150", "far"), "flee-route-distance"),
    Case("distance-empty", put(ROUTES, "150", ""), "flee-route-distance"),
    Case("route-two-columns", put(ROUTES, "Camp One,150,0", "Camp One"), "flee-cells"),
    Case("redirection-word", put(ROUTES, "150,0", "150,x"), "flee-redirection"),
    Case("row-of-commas-routes", add(ROUTES, ",,,\n"), "warning:flee-empty-row"),
    Case("route-twice", add(ROUTES, "Alpha,Beta,100,0\n"), "flee-route-twice"),
    Case("route-twice-other-way", add(ROUTES, "Beta,Alpha,120,0\n"), "flee-route-twice"),
    Case("route-to-itself", add(ROUTES, "Beta,Beta,10,0\n"), "flee-route-loop"),
    Case("redirection-1", put(ROUTES, "150,0", "150,1"), "warning:flee-redirection-doubles", True),
    Case("redirection-7", put(ROUTES, "150,0", "150,7"), "flee-redirection"),
    Case("routes-empty", text(ROUTES, ""), "flee-routes-none"),
    Case("camp-without-road", put(ROUTES, "Beta,CampTwo,300,\n", ""), "warning:flee-site-unreachable", True),
    Case("speed-column-with-gap", every(ROUTES, speed_column), "flee-attribute"),
    # closures.csv
    Case("closure-camp-unknown", add(CLOSURES, "camp,CampOne,,2,1000\n"), "flee-closure-place"),
    Case("closure-link-unknown", add(CLOSURES, "link,Alpha,Betta,2,10\n"), "flee-closure-place"),
    Case("closure-location-unknown", add(CLOSURES, "location,Betta,,2,10\n"), "flee-closure-place"),
    Case("closure-country-unknown", add(CLOSURES, "country,Homeland,Abraod,2,10\n"), "flee-closure-country"),
    Case("closure-type-unknown", add(CLOSURES, "contry,Homeland,Abroad,2,10\n"), "flee-closure-type"),
    Case("closure-link-valid", add(CLOSURES, "link,Alpha,Beta,2,10\n"), "warning:flee-closure-link"),
    Case("closure-end-before-start", add(CLOSURES, "country,Homeland,Abroad,10,2\n"), "flee-closure-order"),
    Case("closure-before-day-0", add(CLOSURES, "country,Homeland,Abroad,-5,10\n"), "flee-closure-day"),
    Case("closure-end-empty", add(CLOSURES, "country,Homeland,Abroad,2,\n"), "flee-closure-day"),
    Case("closure-date-for-day", add(CLOSURES, "country,Homeland,Abroad,2020-01-03,10\n"),
         "flee-closure-day"),
    Case("closure-four-columns", add(CLOSURES, "country,Homeland,Abroad,2\n"), "flee-cells"),
    Case("closure-of-a-town", add(CLOSURES, "camp,Beta,,2,10\n"), "flee-closure-camp"),
    Case("closure-location", add(CLOSURES, "location,Camp One,Beta,2,10\n"),
         "warning:flee-closure-location", True),
    Case("closure-overlap", add(CLOSURES, "location,Camp One,,2,10\ncountry,Homeland,Abroad,5,15\n"),
         "warning:flee-closure-overlap", True),
    Case("closure-after-the-end", add(CLOSURES, "country,Homeland,Abroad,25,30\n"),
         "warning:flee-closure-late", True),
    # conflicts.csv
    Case("conflict-column-unknown", every(CONFLICTS, lambda content: content.replace("CampTwo", "Betaa")),
         "warning:flee-conflict-place"),
    Case("conflict-column-unknown-fights", put(CONFLICTS, "#Day,Alpha", "#Day,Alfa"), "flee-conflict-place"),
    Case("conflict-days-missing", put(CONFLICTS, "19,1,0,0,0\n", ""), "flee-conflict-days"),
    Case("conflict-days-missing-inside", put(CONFLICTS, "\n7,1,0,0,0\n", "\n"),
         "flee-conflict-day flee-conflict-days"),
    Case("conflict-word", put(CONFLICTS, "\n7,1,", "\n7,high,"), "flee-conflict-value"),
    Case("conflict-row-too-long", put(CONFLICTS, "\n7,1,0,0,0\n", "\n7,1,0,0,0,0\n"), "flee-conflict-cells"),
    Case("conflict-nan", put(CONFLICTS, "\n7,1,", "\n7,nan,"), "flee-conflict-value"),
    Case("conflict-row-too-short", put(CONFLICTS, "\n7,1,0,0,0\n", "\n7,1,0,0\n"), "flee-conflict-cells"),
    Case("conflict-negative", put(CONFLICTS, "\n7,1,", "\n7,-1,"), "flee-conflict-value"),
    Case("conflicts-empty", text(CONFLICTS, ""), "warning:flee-conflicts-none", True),
    Case("conflicts-all-zero", text(CONFLICTS, TABLE + DAYS.replace(",1,", ",0,")), "", True),
    Case("no-conflict-anywhere", both(text(CONFLICTS, TABLE + DAYS.replace(",1,", ",0,")),
         put(LOCATIONS, "conflict_zone,0", "town,")), "flee-no-departure"),
    Case("conflict-ends-early", put(CONFLICTS, "\n12,1,", "\n12,0,"), "flee-no-departure"),
    Case("conflict-ends-by-a-change", lambda tiny: tiny.write("changes.csv", "Alpha,town,5\n"),
         "flee-no-departure"),
    Case("conflict-ends-with-a-camp", both(add(CLOSURES, "camp,Alpha,,11,15\n"),
         add(LAYOUT, "Alpha,two.csv\n"), setting("move_rules", "conflict_movechance: 0.001")),
         "warning:flee-movechance-camp warning:flee-conflict-camp flee-no-departure"),
    Case("conflict-by-change-on-day-0", both(text(CONFLICTS, TABLE + DAYS.replace(",1,", ",0,")),
         put(LOCATIONS, "conflict_zone,0", "town,"),
         lambda tiny: tiny.write("changes.csv", "Alpha,conflict,0\n")), "flee-no-departure"),
    Case("conflict-rises", put(CONFLICTS, "\n0,1,", "\n0,0.2,"), "warning:flee-conflict-frozen", True),
    Case("conflict-rises-below-the-threshold", put(CONFLICTS, "\n7,1,0,", "\n7,1,1e-7,"), "same"),
    Case("conflict-rises-further-below", both(put(CONFLICTS, "\n7,1,0,", "\n7,1,1e-7,"),
         put(CONFLICTS, "\n8,1,0,", "\n8,1,2e-7,")), "same"),
    Case("conflict-blank-line", put(CONFLICTS, "\n7,1,", "\n\n7,1,"), "same"),
    Case("conflict-camp", put(CONFLICTS, "\n7,1,0,0,0", "\n7,1,0,1,0"), "warning:flee-conflict-camp", True),
    # sim_period.csv
    Case("start-date-european", put(PERIOD, "2020-01-01", "1.2.2020"), "flee-period-start"),
    Case("length-word", put(PERIOD, "Length,20", "Length,twenty"),
         "flee-period-length"),
    Case("start-date-missing", put(PERIOD, "StartDate,2020-01-01\n", ""), "flee-period-start"),
    Case("period-blank-line", put(PERIOD, "\nLength", "\n\nLength"), "same"),
    Case("length-missing", put(PERIOD, "Length,20\n", ""), "flee-period-length"),
    Case("length-0", put(PERIOD, "Length,20", "Length,0"), "flee-period-length"),
    Case("length-negative", put(PERIOD, "Length,20", "Length,-20"), "flee-period-length"),
    Case("start-after-the-data", put(PERIOD, "2020-01-01", "2021-01-01"), " ".join(["flee-series-span"] * 3)),
    Case("start-date-at-the-end-of-time", put(PERIOD, "2020-01-01", "9999-12-13"), "flee-period-length"),
    Case("period-key-misspelt", add(PERIOD, "EndDate,2020-01-20\n"), "warning:flee-period-key"),
    # data_layout.csv
    Case("site-without-row", put(LAYOUT, "CampTwo,two.csv\n", ""), "flee-layout-site"),
    Case("row-without-place", add(LAYOUT, "Camp Three,two.csv\n"), "warning:flee-layout-place", True),
    Case("total-not-first", text(LAYOUT, "Camp One,one.csv\ntotal,refugees.csv\nCampTwo,two.csv\n"),
         "flee-layout-total"),
    Case("total-missing", put(LAYOUT, "total,refugees.csv\n", ""), "flee-layout-total"),
    Case("site-misspelt", put(LAYOUT, "CampTwo,", "Camptwo,"), "warning:flee-layout-place flee-layout-site"),
    Case("site-twice", add(LAYOUT, "CampTwo,one.csv\n"), "flee-layout-twice"),
    # series
    Case("series-empty", text(ONE, ""), "flee-series-empty"),
    Case("series-before-the-start", text(ONE, "2019-01-01,300\n2019-02-01,4000\n"), "flee-series-span"),
    Case("series-after-the-end", text(ONE, "2021-01-01,300\n"), "warning:flee-series-span", True),
    Case("total-after-the-end", text("source_data/refugees.csv", "2021-01-01,500\n"), "flee-series-span"),
    Case("series-newest-first", text(ONE, "2020-02-01,4000\n2020-01-16,900\n2020-01-01,300\n"),
         "flee-series-order"),
    Case("series-two-on-one-date", text(ONE, "2020-01-01,290\n2020-01-01,300\n2020-02-01,4000\n"),
         "warning:flee-series-date-twice", True),
    Case("series-out-of-order", text(ONE,
         "2020-01-01,300\n2020-01-20,900\n2020-01-10,700\n2020-02-01,4000\n"),
         "warning:flee-series-order", True),
    Case("count-fraction", put(ONE, "4000", "4000.5"), "flee-series-count"),
    Case("count-with-comma", put(ONE, "4000", '"4,000"'), "flee-series-count"),
    Case("count-not-available", put(ONE, "4000", "n/a"), "flee-series-count"),
    Case("series-date-european", put(ONE, "2020-02-01", "01/02/2020"), "flee-series-date"),
    Case("series-header-day", every(ONE, lambda content: "Day,people\n" + content),
         "flee-series-date flee-series-count"),
    Case("series-header-date", every(ONE, lambda content: "Date,people\n" + content), "same"),
    Case("series-header-empty", every(ONE, lambda content: ",\n" + content), "same"),
    Case("series-row-of-commas", add(ONE, ",,\n"), "warning:flee-empty-row"),
    Case("count-negative", put(ONE, "4000", "-4000"), "flee-series-count"),
    Case("series-blank-lines", put(ONE, "\n2020-02", "\n\n\n2020-02"), "same"),
    # registration_corrections.csv
    Case("correction-unknown-site", correction("CampOne,2020-02-01,normalize\n"), "flee-correction-site"),
    Case("correction-header", correction("#site,date,action\n"), "warning:flee-correction-comment"),
    Case("correction-date-not-there", correction("Camp One,2020-01-20,normalize\n"), "flee-correction-date"),
    Case("correction-first-date", correction("Camp One,2020-01-01,normalize\n"), "flee-correction-date"),
    Case("correction-before-the-start", correction("Camp One,2019-01-01,normalize\n"),
         "warning:flee-correction-early"),
    Case("correction-of-zero", both(put(ONE, ",300", ",0"), correction("Camp One,2020-02-01,normalize\n")),
         "flee-correction-zero"),
    # settings
    Case("key-misspelt", put(SETTINGS, "max_move_speed", "max_mov_speed"), "flee-setting-unknown"),
    Case("section-misspelt", put(SETTINGS, "move_rules", "move_rule"), "flee-setting-unknown"),
    Case("setting-y", setting("move_rules", "start_on_foot: y"), "flee-setting-value"),
    Case("setting-n", setting("move_rules", "start_on_foot: N"), "flee-setting-value"),
    Case("setting-off", setting("move_rules", "start_on_foot: off"), "same"),
    Case("setting-empty", setting("spawn_rules", "insert_day0:\n  sum_from_camps: true"),
         "flee-setting-value"),
    Case("setting-empty-outside", every(SETTINGS, lambda content: "default_conflict_intensity:\n" + content),
         "flee-setting-value"),
    Case("section-off", setting("spawn_rules", "conflict_driven_spawning: off"), "same"),
    Case("setting-with-a-tag", put(SETTINGS, "400.0", "!!python/object:os.system 400.0"),
         "flee-settings-yaml"),
    Case("settings-are-a-folder", folder_of_settings, "flee-file-missing"),
    Case("key-in-wrong-section", put(SETTINGS, "  hasten: 1", "  softening: 1"), "flee-setting-unknown"),
    Case("settings-empty", text(SETTINGS, ""), "flee-settings-empty"),
    Case("key-twice", setting("move_rules", "max_move_speed: 200.0"), "flee-setting-twice"),
    Case("speed-word", put(SETTINGS, "400.0", "fast"), "flee-setting-value"),
    Case("speed-with-unit", put(SETTINGS, "400.0", "400 km"), "flee-setting-value"),
    Case("speed-negative", put(SETTINGS, "400.0", "-400"), "flee-setting-value"),
    Case("move-chance-5", put(SETTINGS, "default_movechance: 0.5", "default_movechance: 5"),
         "flee-setting-value"),
    Case("move-chance-negative", put(SETTINGS, "default_movechance: 0.5", "default_movechance: -0.5"),
         "flee-setting-value"),
    Case("move-chance-tiny", put(SETTINGS, "default_movechance: 0.5", "default_movechance: 0.001"),
         "warning:flee-movechance-camp flee-layout-site"),
    Case("switch-quoted", setting("move_rules", 'start_on_foot: "False"'), "flee-setting-value"),
    Case("hasten-0", put(SETTINGS, "hasten: 1", "hasten: 0"), "flee-setting-value"),
    Case("hasten-fraction", put(SETTINGS, "hasten: 1", "hasten: 2.9"), "flee-setting-value"),
    Case("hasten-negative", put(SETTINGS, "hasten: 1", "hasten: -2"), "flee-setting-value"),
    Case("awareness-0", setting("move_rules", "awareness_level: 0"), "flee-awareness"),
    Case("decay-no-list", put(SETTINGS, "[1.0,1.0,1.0,0.5,0.1]", "0.5"), "flee-setting-value"),
    Case("decay-empty", put(SETTINGS, "[1.0,1.0,1.0,0.5,0.1]", "[]"), "warning:flee-decay-empty"),
    Case("decay-interval-0", setting("spawn_rules", "conflict_spawn_decay_interval: 0"),
         "flee-setting-value"),
    Case("buffer-1", setting("move_rules", "capacity_buffer: 1.0"), "same"),
    Case("yaml-syntax", put(SETTINGS, "[1.0,1.0,1.0,0.5,0.1]", "[1.0,1.0"), "flee-settings-yaml"),
    Case("both-spawning", setting("spawn_rules", "flood_zone_spawning_only: true"), "flee-spawn-both"),
    Case("conflict-driven-true", setting("spawn_rules", "conflict_driven_spawning: true"),
         "flee-setting-section"),
    Case("driven-by-far-too-many", setting("spawn_rules",
         "conflict_driven_spawning: {spawn_mode: poisson, displaced_per_conflict_day: 1.0e+12}"),
         "flee-setting-value"),
    Case("driven-by-far-too-large-a-share", setting("spawn_rules",
         "conflict_driven_spawning: {spawn_mode: pop_ratio, displaced_per_conflict_day: 1.0e+15}"),
         "flee-setting-value"),
    Case("driven-by-intensities-far-too-large", both(every(CONFLICTS, lambda content:
         content.replace(",1,", ",1e7,")), setting("spawn_rules", "conflict_driven_spawning: {}")),
         "flee-setting-value"),
    Case("population-too-small", both(setting("spawn_rules", "take_from_population: true"),
         put(LOCATIONS, "50000", "50")), "warning:flee-population-short", True),
    Case("spawn-mode-unknown", setting("spawn_rules", "conflict_driven_spawning: {spawn_mode: constnat}"),
         "flee-setting-value"),
    Case("economic-pull-without-columns", setting("move_rules", "use_economic_pull: true"),
         "flee-column-missing flee-column-missing"),
    Case("flood-rules-alone", setting("move_rules", "flood_rules: {flood_movechances: [0.0, 1.0]}"),
         "flee-flood-rules"),
    Case("documented-key-unread", setting("spawn_rules", "camps_are_sinks: true"),
         "warning:flee-setting-ignored"),
    Case("camps-as-sinks", setting("spawn_rules", "camps_are_sicks: true"), "warning:flee-camps-are-sinks"),
    Case("camps-as-sinks-with-column", both(setting("spawn_rules", "camps_are_sicks: true"),
         every(LOCATIONS, sinks_column)), "warning:flee-camps-are-sinks"),
    Case("deactivation-in-percent", both(setting("spawn_rules", "camps_are_sicks: true"),
         every(LOCATIONS, lambda content: sinks_column(content).replace(",0.5\n", ",50\n"))),
         "flee-attribute " * 4),
    Case("farmers-word", both(setting("move_rules", "harvest_months: [6]"),
         every(LOCATIONS, lambda content: sinks_column(content).replace("deactivation_probability",
         "farmer_fraction").replace("50000,0.5", "50000,half"))), "flee-attribute"),
    Case("octal-number", setting("move_rules", "softening: 010"), "flee-setting-value"),
    Case("section-empty", text(SETTINGS, "move_rules:\n"), "flee-setting-section"),
    Case("v1-rules", setting("move_rules", "use_v1_rules: true"), "warning:flee-v1-rules"),
    Case("control-character", put(LOCATIONS, "50000", "50000\0"), "flee-control-character"),
    Case("quote-not-closed", put(LOCATIONS, "Beta,", '"Beta,'), "flee-quote"),
    # matching by religion or ethnicity
    Case("matching-rule", matching(), "warning:flee-matching"),
    Case("matching-two-rules", both(matching(), setting("move_rules", "MatchTownEthnicity: true"),
         text("input_csv/demographics_ethnicity.csv", "ethnicity,Default\ndune,1\n")),
         "warning:flee-matching"),
    Case("matching-without-demographics", setting("move_rules", "MatchConflictEthnicity: true"),
         "flee-demographics-missing warning:flee-matching"),
    Case("matching-fraction-0", setting("move_rules", "avg_religion_fraction: 0"), "flee-setting-value"),
    Case("matching-fraction-in-percent", setting("move_rules", "avg_religion_fraction: 25"),
         "flee-setting-value"),
    Case("matching-column-word", matching("amber,birch", ("1,2", "many,2", "1,2", "1,2")),
         "flee-matching-column warning:flee-matching"),
    Case("matching-column-negative", matching("amber,birch", ("1,-2", "1,2", "1,", ",")),
         "flee-matching-column warning:flee-matching"),
    Case("matching-column-twice", matching("amber,amber", ("1,2", "1,2", "1,2", "1,2")),
         "flee-matching-column warning:flee-matching-column warning:flee-matching"),
    Case("matching-columns-hold", matching("birch,amber", ("1.5,2", ",700", "0,2", ",")),
         "warning:flee-matching"),
    Case("matching-value-without-column", matching("amber,wells", ("1,2", "1,2", "1,2", "1,2")),
         "warning:flee-matching-column warning:flee-matching"),
    Case("matching-column-misspelt", matching("Amber,wells", ("1,2", "1,2", "1,2", "1,2")),
         "warning:flee-matching-column warning:flee-matching"),
    Case("matching-shares", matching("amber,birch", ("0.3,0.7", "1,0", ",", "0.333,0.667")),
         "warning:flee-matching-column warning:flee-matching"),
    Case("matching-percentages", matching("amber,birch", ("30,70", "100,0", "55.5,44.5", "20,80")),
         "warning:flee-matching-column warning:flee-matching"),
    Case("matching-value-blank", matching(table="amber,1\n ,1\n"),
         "flee-demographics-value warning:flee-matching"),
    Case("matching-agents-without-column", both(matching(), agents("location,relgion\nBeta,amber\n")),
         "flee-demographics-missing warning:flee-matching"),
    Case("matching-agents-empty", both(matching(), agents("location,religion\nBeta,\n")),
         "flee-demographics-value warning:flee-matching"),
    Case("matching-agents-misspelt", both(matching(),
         agents("location,religion\nBeta,Birch\nBeta,amber\nAlpha,Birch\n")),
         "warning:flee-demographics-value warning:flee-matching"),
    # optional tables
    Case("demographics-no-default", text(DEMOGRAPHICS, "age,Alpha\n10,0.5\n40,0.5\n"),
         "flee-demographics-columns"),
    Case("demographics-all-zero", text(DEMOGRAPHICS, "age,Default\n10,0\n40,0\n"),
         "flee-demographics-weight"),
    Case("demographics-missing", setting("move_rules", "WomenAvoidHazards: true"),
         "flee-demographics-missing"),
    Case("ipc-too-short", both(setting("move_rules", "flee_when_starving: true"),
         text(IPC, "#Day,North,East\n0,10,20\n10,10,20\n")), "flee-food-rows"),
    Case("ipc-region-missing", both(setting("move_rules", "flee_when_starving: true"),
         text(IPC, "#Day,North\n0,10\n30,10\n")), "flee-food-region flee-food-region"),
    Case("ipc-place-named-like-a-region", both(setting("move_rules", "flee_when_starving: true"),
         text(IPC, "#Day,North,East,Beta\n0,10,20,0\n30,10,20,0\n")), "warning:flee-food-name"),
    Case("ipc-region-twice", both(setting("move_rules", "flee_when_starving: true"),
         text(IPC, "#Day,North,East,East\n0,10,20,0\n30,10,20,0\n")), "flee-food-region"),
    Case("ipc-column-without-region", both(setting("move_rules", "flee_when_starving: true"),
         text(IPC, "#Day,North,,East\n0,10,20,0\n30,10,20,0\n")), "flee-food-region flee-cells flee-cells"),
    Case("ipc-row-too-short", both(setting("move_rules", "flee_when_starving: true"),
         text(IPC, "#Day,North,East\n0,10\n30,10,20\n")), "flee-food-value"),
    Case("ipc-row-too-long", both(setting("move_rules", "flee_when_starving: true"),
         text(IPC, "#Day,North,East\n0,10,20,5\n30,10,20\n")), "flee-cells"),
    Case("ipc-missing", setting("move_rules", "flee_when_starving: true"), "flee-file-missing"),
    Case("ipc-empty", both(setting("move_rules", "flee_when_starving: true"), text(IPC, "")),
         "flee-food-rows"),
    Case("ipc-day-word", text(IPC, "#Day,North,East\nfirst,10,20\n"), "flee-food-day"),
    Case("ipc-nobody-is-hungry", both(setting("spawn_rules", "starvation_driven_spawning: true"),
         text(IPC, "#Day,North,East\n0,0,0\n30,0,0\n"), put(CONFLICTS, "\n12,1,", "\n12,0,")),
         "flee-no-departure"),
    Case("changes-in-the-folder", text("input_csv/location_changes.csv", "Beta,conflict,3\n"),
         "warning:flee-changes-ignored"),
    Case("change-day-word", lambda tiny: tiny.write("changes.csv", "Beta,conflict,soon\n"),
         "flee-change-day"),
    Case("attribute-names-twice", put(LOCATIONS, "Alpha,North", "#a,b,c,d,e,f,g,h,i\nAlpha,North"),
         "flee-cells " * 4),
    Case("attribute-names-in-two-lines", every(LOCATIONS, two_headers), "warning:flee-attribute-names"),
    Case("attribute-name-with-blank", every(LOCATIONS, lambda content: idps_column(content)
         .replace(",initial_idps", ", initial_idps")), "warning:flee-attribute-names"),
    Case("attribute-name-of-routes-with-blank", every(ROUTES, lambda content: speed_column(content)
         .replace("max_move_speed", "max_move_speed ")), "warning:flee-attribute-names"),
    Case("attribute-name-of-blanks", every(LOCATIONS, lambda content: content
         .replace("population", "population, ")), "same"),
    Case("closure-of-a-camp-to-be", both(add(CLOSURES, "camp,Beta,,3,5\n"),
         lambda tiny: tiny.write("changes.csv", "Beta,camp,1\n")), "same"),
    Case("closure-before-it-is-a-camp", both(add(CLOSURES, "camp,Beta,,3,5\n"),
         lambda tiny: tiny.write("changes.csv", "Beta,camp,4\n")), "flee-closure-camp"),
    Case("closure-camp-as-idp-camp", add(CLOSURES, "idpcamp,Camp One,,2,10\n"),
         "warning:flee-closure-camp-kind"),
    Case("closure-of-no-day", add(CLOSURES, "camp,Camp One,,2,2\n"), "warning:flee-closure-empty"),
    Case("closure-of-nothing", add(CLOSURES, "country,Abroad,Abroad,2,4\n"), "warning:flee-closure-nothing"),
    Case("closure-of-redirection", add(CLOSURES, "remove_forced_redirection,Alpha,Beta,2,4\n"),
         "warning:flee-redirection-unused"),
    Case("conflict-column-twice", put(CONFLICTS, "One,CampTwo", "One,Beta"), "flee-conflict-column-twice"),
    Case("conflict-below-empty-heading", put(CONFLICTS, "One,CampTwo", "One,"), "flee-conflict-heading"),
    Case("conflict-labels-are-dates", every(CONFLICTS, lambda content: content.replace("\n", "\n2020-")[:-5]),
         "warning:flee-conflict-label"),
    Case("conflict-comment-inside", put(CONFLICTS, "\n7,1,", "\n#7,1,"), "flee-conflict-day"),
    Case("insertion-off-and-camps-empty", both(setting("spawn_rules", "insert_day0: false"),
         setting("spawn_rules", "empty_camps_on_day0: true")), "", True),
    Case("insertion-off", setting("spawn_rules", "insert_day0: false"), "warning:flee-day0-twice", True),
    Case("demographics-unknown-place", text(DEMOGRAPHICS, "age,Default,Alhpa\n10,1,1\n"),
         "warning:flee-demographics-place"),
    Case("demographics-age-in-words", both(setting("move_rules", "ElderlyAvoidHazards: true"),
         text(DEMOGRAPHICS, "age,Default\nold,1\n")), "flee-demographics-value"),
    Case("demographics-named-otherwise", text("input_csv/demographics_flood_awareness.csv",
         "flood_awareness,Default\nlow,1\n"), "flee-demographics-columns warning:flee-file-near"),
    Case("ipc-day-order", text(IPC, "#Day,North,East\n10,10,20\n0,10,20\n"), "flee-food-day"),
    Case("ipc-above-100", text(IPC, "#Day,North,East\n0,10,120\n"), "flee-food-value"),
    Case("flood-days-missing", flood("0,1,0\n"), "flee-flood-days"),
    Case("flood-level-too-high", flood("".join(f"{day},{5 if day == 3 else 1},0\n" for day in range(20))),
         "flee-flood-level"),
    Case("flood-level-word", flood(WET.replace("\n3,1,0\n", "\n3,high,0\n")), "flee-flood-level"),
    Case("flood-level-negative", flood(WET.replace("\n3,1,0\n", "\n3,-1,0\n")), "flee-flood-level"),
    Case("flood-level-nan", flood(WET.replace("\n3,1,0\n", "\n3,nan,0\n")), "flee-flood-level"),
    Case("flood-row-too-short", flood(WET.replace("\n3,1,0\n", "\n3,1\n")), "flee-flood-level flee-cells"),
    Case("flood-row-too-long", flood(WET.replace("\n3,1,0\n", "\n3,1,0,2\n")), "flee-cells"),
    Case("flood-day-missing-inside", flood(WET.replace("\n3,1,0\n", "\n")), "flee-flood-days "
         + "flee-flood-day"),
    Case("flood-place-unknown", both(flood(WET), every("input_csv/flood_level.csv",
         lambda content: content.replace("Beta", "Betaa"))), "flee-place-unknown"),
    Case("flood-column-twice", both(flood(WET), every("input_csv/flood_level.csv",
         lambda content: content.replace("Beta", "Alpha"))), "flee-flood-column"),
    Case("flood-missing", both(flood(WET), remove("input_csv/flood_level.csv")), "flee-file-missing"),
    Case("flood-empty", both(flood(WET), text("input_csv/flood_level.csv", "")), "flee-flood-days"),
    Case("flood-lists-missing", both(flood(WET), put(SETTINGS, "flood_loc_weights: [1, 0.8, 0.5, 0.2, 0.1]",
         "flood_loc_weights: []")), "flee-flood-rules"),
    Case("flood-movechance-5", both(flood(WET), put(SETTINGS, "0.8, 1]", "0.8, 5]")), "flee-setting-value"),
    Case("flood-mode-without-rules", both(flood(WET), every(SETTINGS,
         lambda content: content.split("move_rules:")[0])), "flee-flood-rules"),
    Case("flood-without-take-from-population", both(flood(WET), put(SETTINGS,
         "take_from_population: true", "take_from_population: false")), "flee-flood-rules"),
    Case("flood-more-than-live-there", both(flood(WET), put(SETTINGS, "{spawn_mode: pop_ratio}",
         "{spawn_mode: constant, displaced_per_flood_day: [0, 9000, 9000, 9000, 9000]}")),
         "warning:flee-population-short", True),
    Case("flood-far-too-many", both(flood(WET), put(SETTINGS, "{spawn_mode: pop_ratio}",
         "{spawn_mode: constant, displaced_per_flood_day: [0, 1.0e+20, 1, 1, 1]}")), "flee-setting-value"),
    Case("flood-default-of-people", both(flood(WET), put(SETTINGS, "{spawn_mode: pop_ratio}",
         "{spawn_mode: constant}")), "warning:flee-flood-rules", True),
    Case("flood-people-below-1", both(flood(WET), put(SETTINGS, "{spawn_mode: pop_ratio}",
         "{spawn_mode: poisson, displaced_per_flood_day: [0, 0.2, 0.4, 0.6, 0.8]}")),
         "warning:flee-flood-rules", True),
    Case("forecaster-weights-too-few", both(flood(WET), forecaster("[1, 1, 1]")), "flee-flood-forecast"),
    Case("forecaster-beyond-the-levels", both(flood(WET), forecaster("[" + "1, " * 30 + "1]", end=25)),
         "flee-flood-days"),
    Case("forecaster-without-awareness", both(flood(WET), forecaster("[" + "1, " * 30 + "1]"),
         remove("input_csv/demographics_floodawareness.csv")), "flee-demographics-missing"),
    Case("forecaster-awareness-too-high", both(flood(WET), forecaster("[" + "1, " * 30 + "1]", values="0,3")),
         "flee-demographics-value"),
    Case("forecaster-awareness-word", both(flood(WET), forecaster("[" + "1, " * 30 + "1]", values="0,low")),
         "flee-demographics-value"),
    Case("forecaster-of-one-day", both(flood(WET), forecaster("[1]", scale=1)),
         "warning:flee-setting-ignored", True),
    Case("flood-keys-nobody-reads", both(flood(WET), put(SETTINGS, "  flood_rules: {",
         "  flood_rules: {max_flood_level: 4, ")), "warning:flee-setting-ignored", True),
    Case("major-route-to-unknown", major("Alpha,Beta,Camp Three\n"), "flee-place-unknown"),
    Case("major-route-without-road", major("Alpha,Camp One\n"), "flee-major-route"),
    Case("major-route-twice-at-a-place", major("Alpha,Beta,Alpha\n"), "flee-major-route"),
    Case("major-route-of-one-place", major("Alpha\n"), "flee-cells"),
    Case("major-route-comment", major("#from,to\nAlpha,Beta,Camp One\n"), "same"),
    Case("agents-missing", setting("spawn_rules", "read_from_agents_csv_file: true"), "flee-file-missing"),
    Case("agents-empty", agents(""), "flee-header"),
    Case("agents-header-missing", agents("Beta,12\n"), "flee-header"),
    Case("agents-place-unknown", agents("location,age\nBetta,12\n"), "flee-place-unknown"),
    Case("agents-row-too-short", agents("location,age\nBeta\n"), "flee-cells"),
    Case("agents-comment", agents("location,age\n# the first family\nBeta,12\n"), "same"),
    Case("agents-attribute-missing", both(agents("location,gender\nBeta,female\n"),
         setting("move_rules", "ElderlyAvoidHazards: true"),
         text(DEMOGRAPHICS, "age,Default\n12,1\n")), "flee-demographics-missing"),
    Case("agents-age-word", both(agents("location,age\nBeta,old\n"),
         setting("move_rules", "ElderlyAvoidHazards: true"),
         text(DEMOGRAPHICS, "age,Default\n12,1\n")), "flee-demographics-value"),
    Case("demographics-gender-word", both(setting("move_rules", "WomenAvoidHazards: true"),
         text("input_csv/demographics_gender.csv", "gender,Default\nF,1\nM,1\n")),
         "flee-demographics-value flee-demographics-value"),
    Case("demographics-weight-negative", text(DEMOGRAPHICS, "age,Default\n10,-1\n40,2\n"),
         "flee-demographics-weight"),
    Case("demographics-row-too-short", text(DEMOGRAPHICS, "age,Default\n10\n40,2\n"),
         "flee-demographics-weight"),
    Case("demographics-empty", text(DEMOGRAPHICS, ""), "flee-demographics-columns"),
    Case("initial-idps-in-a-town", every(LOCATIONS, idps_column),
         "warning:flee-initial-idps warning:flee-initial-idps", True),
    Case("layout-empty", text(LAYOUT, "# nothing\n"), "flee-layout-none"),
    Case("merged-file-ends-early", both(put(LAYOUT, "two.csv", "two.csv,more.csv"),
         text("source_data/more.csv", "2020-01-01,5\n2020-01-10,7\n")), "warning:flee-merge-dropped", True),
    Case("merged-file-starts-late", both(put(LAYOUT, "two.csv", "two.csv,more.csv"),
         text("source_data/more.csv", "2020-01-05,5\n2020-02-01,7\n")), "flee-merge-start"),
    Case("start-date-twice", add(PERIOD, "startdate,2020-01-02\n"), "flee-period-twice"),
    Case("intensity-fraction", every(SETTINGS, lambda content: "default_conflict_intensity: 0.7\n" + content),
         "warning:flee-setting-truncated"),
    # nearly right, or more than is read
    Case("country-misspelt", put(LOCATIONS, "Beta,North,Homeland", "Beta,North,Homelnad"),
         "warning:flee-country-near", True),
    Case("country-with-blank", put(LOCATIONS, "Beta,North,Homeland", "Beta,North,Homeland "),
         "warning:flee-country-near", True),
    Case("source-without-road", put(ROUTES, "Alpha,Beta,100,0\n", ""), "warning:flee-no-way-out", True),
    Case("source-without-population", both(put(LOCATIONS, "town,,", "conflict_zone,0,")),
         "warning:flee-population-none", True),
    Case("column-misspelt", every(LOCATIONS, lambda content: idps_column(content).replace("_idps", "_idp")),
         "warning:flee-attribute-names"),
    Case("column-in-capitals", every(LOCATIONS,
         lambda content: idps_column(content).replace("initial_idps", "Capacity_per_day")),
         "warning:flee-attribute-names"),
    Case("column-of-routes-misspelt", every(ROUTES, lambda content: speed_column(content)
         .replace("move_speed", "movespeed")), "warning:flee-attribute-names"),
    Case("column-twice", every(LOCATIONS, lambda content: idps_column(content).replace("initial_idps",
         "initial_idps,initial_idps").replace(",5\n", ",5,6\n")), "flee-attribute-names"),
    Case("longitude-named-first", put(LOCATIONS, "latitude,longitude", "longitude,latitude"),
         "warning:flee-coordinate-order"),
    Case("latitude-empty", both(put(LOCATIONS, "land,1.5", "land,"),
         setting("move_rules", "stay_close_to_home: true")), "warning:flee-coordinate-none"),
    Case("corrections-misspelt", text("input_csv/registration_correction.csv", ""), "warning:flee-file-near"),
    Case("demographics-misspelt", text("input_csv/demographic_gender.csv", ""), "warning:flee-file-near"),
    Case("closure-of-more-cells", add(CLOSURES, "location,Beta,,2,10,north\n"), "warning:flee-cells", True),
    Case("period-of-more-cells", put(PERIOD, "Length,20", "Length,20,40"), "warning:flee-cells"),
    Case("length-misspelt", put(PERIOD, "Length", "Lenght"), "flee-period-length warning:flee-period-key"),
    Case("total-in-capitals", put(LAYOUT, "total", "Total"), "flee-layout-total warning:flee-layout-place"),
    Case("changes-late-and-longer", lambda tiny: tiny.write("changes.csv", "Beta,town,25,why\n"),
         "warning:flee-change-late warning:flee-cells"),
    Case("demographics-default-misspelt", text(DEMOGRAPHICS, "age,default\n10,1\n"),
         "flee-demographics-columns"),
    Case("demographics-default-twice", text(DEMOGRAPHICS, "age,Default,Default\n10,1,2\n"),
         "flee-demographics-columns"),
    Case("demographics-value-twice", text(DEMOGRAPHICS, "age,Default\n10,1\n40,1\n10,1\n"),
         "warning:flee-demographics-value"),
    Case("demographics-of-more-cells", text(DEMOGRAPHICS, "age,Default\n10,1,2\n"), "warning:flee-cells"),
    Case("agents-column-twice", both(agents("location,age,age\nBeta,12,13\n"),
         setting("move_rules", "ElderlyAvoidHazards: true"),
         text(DEMOGRAPHICS, "age,Default\n12,1\n")), "flee-demographics-columns"),
    Case("no-routes-but-a-closure", both(remove(ROUTES), add(CLOSURES, "country,Homeland,Abroad,2,4\n")),
         "flee-file-missing"),
    Case("yaml-alias-of-nothing", put(SETTINGS, "400.0", "*fast"), "flee-settings-yaml"),
    Case("yaml-list-for-a-key", setting("move_rules", "? [a, b]\n  : 3"), "flee-setting-unknown"),
    Case("yaml-merged", setting("move_rules", "<<: {softening: 3}"), "flee-setting-unknown"),
    Case("yaml-alias", both(put(SETTINGS, "400.0", "&speed 400.0"),
         setting("move_rules", "max_walk_speed: 35.0")), "same"),
    Case("yaml-without-end", add(SETTINGS, f"a: {'[' * 4000}{']' * 4000}\n"), "flee-settings-yaml"),
    # no table, or an empty one
    *(Case(f"tabs-{Path(file).stem}", every(file, lambda content: content.replace(",", "\t")), "flee-tabs")
      for file in (LOCATIONS, ROUTES, CONFLICTS, LAYOUT, ONE)),
    Case("tabs-closures", text(CLOSURES, "location\tBeta\t\t2\t4\n"), "flee-tabs"),
    Case("conflict-header-with-bars", text(CONFLICTS, "#Day|Alpha|Beta\n" + DAYS.replace(",1,0,0,0", "|1|0")),
         "flee-conflict-heading warning:flee-conflict-label"),
    Case("conflict-header-without-places", text(CONFLICTS, "#Day\n" + DAYS.replace(",1,0,0,0", "")),
         "warning:flee-conflicts-none", True),
    Case("blanks-locations", text(LOCATIONS, "   \n"), "flee-places-none"),
    Case("blanks-routes", text(ROUTES, "   \n"), "flee-routes-none"),
    Case("blanks-below-a-header", text(ROUTES, "#name1,name2,distance\n  \n"),
         "flee-routes-none warning:flee-empty-row"),
    Case("blanks-closures", text(CLOSURES, "   \n"), "same"),
    Case("blanks-conflicts", text(CONFLICTS, "   \n"), "warning:flee-conflicts-none", True),
    Case("blanks-period", text(PERIOD, "   \n"), "flee-period-start flee-period-length"),
    Case("blanks-layout", text(LAYOUT, "   \n"), "flee-layout-none"),
    Case("blanks-below-a-comment", text(LAYOUT, "# files\n   \n"), "flee-layout-none warning:flee-empty-row"),
    Case("blanks-series", text(ONE, "   \n"), "flee-series-empty"),
    Case("blanks-below-a-series-header", text(ONE, "Date,Count\n   \n"),
         "flee-series-empty warning:flee-empty-row"),
    Case("blanks-corrections", correction("   \n"), "same"),
    Case("blanks-agents", agents("   \n"), "flee-header"),
    Case("utf-16", every_byte(LOCATIONS, lambda content: content.decode().encode("utf-16")), "flee-encoding"),
    Case("workbook", text(ROUTES, b"PK\x03\x04" + bytes(range(256))), "flee-encoding"),
    Case("no-text", text(CONFLICTS, bytes(range(256)) * 4), "flee-encoding"),
    Case("folder-for-a-table", folder(CORRECTIONS), "flee-file-missing"),
    # numbers without end
    Case("population-of-5000-digits", put(LOCATIONS, "50000", "9" * 5000), "flee-population"),
    Case("conflict-label-of-5000-digits", put(CONFLICTS, "\n7,1,", f"\n{'7' * 5000},1,"),
         "flee-conflict-day"),
    Case("conflict-label-superscript", put(CONFLICTS, "\n7,1,", "\n\u00b2,1,"),
         "warning:flee-conflict-label"),
    Case("intensity-too-large", put(CONFLICTS, "\n7,1,", "\n7,1e300,"), "flee-conflict-value"),
    Case("length-too-large", put(PERIOD, "Length,20", "Length,2000000000"), "flee-period-length"),
    *(Case(f"weight-{line.partition(':')[0]}", setting("move_rules", line), "flee-weight")
      for line in ("distance_power: -150", "weight_power: -400", "foreign_weight: 1e301",
                   "movechance_pop_scale_factor: 900")),
    Case("weight-of-population", both(setting("move_rules", "use_pop_for_loc_weight: true"),
         setting("move_rules", "pop_power_for_loc_weight: 200")), "flee-weight"),
    Case("weight-of-nearness", both(setting("move_rules", "stay_close_to_home: true"),
         setting("move_rules", "home_distance_power: -100")), "flee-weight"),
    Case("weight-of-conflict", both(setting("move_rules", "conflict_weight: 10"),
         put(CONFLICTS, "\n0,1,", "\n0,500,")), "flee-weight warning:flee-conflict-frozen"),
    Case("weight-of-decay", put(SETTINGS, "[1.0,", "[1e300,"), "flee-weight"),
    Case("weights-that-are-all-0", setting("move_rules", "distance_power: 400"), "same"),
    Case("distance-too-large", put(ROUTES, "150", "1e17"), "flee-route-distance"),
    Case("speed-of-no-metre", every(ROUTES,
         lambda content: speed_column(content).replace("150,0,", "150,0,0.0001")), "flee-attribute"),
]  # fmt: skip


def _outcome(tiny) -> tuple[FleeInstance | None, list]:
    changes = tiny.path("changes.csv")
    try:
        instance = tiny.read(location_changes=changes if changes.is_file() else None)
    except InputError as error:
        return None, list(error.problems)
    return instance, list(instance.warnings)


def _codes(outcome: str) -> list[str]:
    return sorted(outcome.split()) if outcome != "same" else []


def _blocks() -> dict[str, str]:
    """Return case -> expected words from the file of blocks that begin with '== name'."""
    blocks = GOLDEN.read_text(encoding="utf-8").split("== ")[1:]
    return {block.split("\n", 1)[0]: block.split("\n", 1)[1].rstrip("\n") for block in blocks}


def words(tiny, problems: list) -> str:
    return "\n".join(tiny.told(problem.format()) for problem in problems)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_damage(tiny, case: Case):
    whole = tiny.read()
    case.damage(tiny)
    instance, problems = _outcome(tiny)
    found = sorted(("warning:" if problem.warning else "") + problem.code for problem in problems)
    assert found == _codes(case.outcome)
    assert (instance is None) == any(not code.startswith("warning:") for code in found)
    assert words(tiny, problems) == _blocks().get(case.name, "")
    for problem in problems:
        assert problem.file or problem.line == 0
    if instance is not None and not case.changes_answer:
        assert _answer(instance) == _answer(whole)


def _answer(instance: FleeInstance) -> tuple:
    """Return everything that decides a result, the warnings and the lines left out."""
    table = data_table(instance)
    places = [
        (place.name, place.population, place.move_chance, place.is_foreign) for place in instance.places
    ]
    routes = [(route.start, route.end, route.length_km) for route in instance.routes]
    closed = [closure.routes for closure in instance.closures if closure.routes]
    arrays = [table.observed, table.arrivals, table.raw, table.debt, table.capacity]
    return places, routes, closed, instance.switches, [array.tolist() for array in arrays]


IMPORTING = "flee-import-not-supported"


def test_every_code_is_tried_and_documented():
    root = Path(__file__).parents[2]
    sources = "".join(path.read_text() for path in (root / "src/corridor/formats/flee").glob("*.py"))
    codes = set(re.findall(r'"(flee-[a-z0-9-]+)"', sources)) | {"flee-population", "flee-capacity"}
    codes -= {IMPORTING}  # told by test_flee_importable.py
    tried = set(re.findall(r"\[(?:warning: )?(flee-[a-z0-9-]+)\]", GOLDEN.read_text(encoding="utf-8")))
    assert tried == codes
    documented = set(re.findall(r"`(flee-[a-z0-9-]+)`", (root / "docs/flee.md").read_text(encoding="utf-8")))
    assert documented == codes | {"flee-not-supported", IMPORTING}  # told when an instance is run, imported


def test_every_block_of_words_has_its_case():
    assert set(_blocks()) <= {case.name for case in CASES} | {"(unreadable)"}
    assert len({case.name for case in CASES}) == len(CASES)


def test_all_faults_of_all_files_come_at_once(tiny):
    tiny.replace(LOCATIONS, "50000", "many")
    tiny.replace(ROUTES, "150", "-150")
    tiny.append(CLOSURES, "camp,Camp Oen,,2,10\n")
    tiny.replace(ONE, "4000", "n/a")
    tiny.replace(SETTINGS, "default_movechance", "default_movchance")
    _, problems = _outcome(tiny)
    faults = {problem.code for problem in problems if not problem.warning}
    in_tables = {"flee-population", "flee-route-distance", "flee-closure-place", "flee-series-count"}
    assert faults == in_tables | {"flee-setting-unknown"}


def test_a_file_that_may_not_be_read_is_told(tiny, monkeypatch):
    def read_bytes(path: Path) -> bytes:
        if path.name == "routes.csv":
            raise PermissionError(13, "Permission denied", str(path))
        with path.open("rb") as file:
            return file.read()

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    _, problems = _outcome(tiny)
    assert words(tiny, problems) == _blocks()["(unreadable)"]


def test_days_of_more_than_a_hundred_years_are_refused(tiny):
    with pytest.raises(InputError, match=r"2000000000 days are too many; at most 36525 are simulated"):
        tiny.read(days=2_000_000_000)


def test_hasten_and_days_can_be_given(tiny):
    assert tiny.read(hasten=10).places[0].population == 5000
    assert tiny.read(days=5).n_days == 5
    assert tiny.read(days=-1).n_days == 20
    with pytest.raises(InputError, match=r"hasten is '0'; it must be a whole number of 1 or more"):
        tiny.read(hasten=0)


def test_one_character_names_make_a_link_closure_work_one_way(tiny):
    for file in (LOCATIONS, ROUTES, CONFLICTS, LAYOUT):
        text_of = tiny.path(file).read_text()
        tiny.write(file, text_of.replace("Beta", "B").replace("CampTwo", "D"))
    tiny.append(CLOSURES, "link,D,B,2,10\n")
    instance = tiny.read()
    assert [instance.route_name(route) for route in instance.closures[0].routes] == ["B-D"]


def test_unknown_law_is_refused(tiny):
    from corridor.formats.flee import read_flee_instance

    with pytest.raises(ValueError, match="law is 'as-told'"):
        read_flee_instance(tiny.folder, tiny.folder, tiny.folder, law="as-told")  # type: ignore[arg-type]


def test_switches_follow_the_comparisons_of_flee(tiny):
    rows = [
        "0,1,0,0,0",
        "1,1,0.5,0,0",
        "2,1,0.9,0,0",
        "3,1,0,0,0",
        *(f"{day},1,0,0,0" for day in range(4, 20)),
    ]
    tiny.write(CONFLICTS, TABLE + "\n".join(rows) + "\n")
    instance = tiny.read()
    found = [(switch.day, switch.place, switch.is_on, switch.intensity) for switch in instance.switches]
    assert found == [(0, 0, True, 1.0), (1, 1, True, 0.5), (3, 1, False, -1.0)]
    assert np.array_equal(instance.conflict_intensity[:4, 1], [0, 0.5, 0.9, 0])
