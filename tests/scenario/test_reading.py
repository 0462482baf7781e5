"""What spreadsheets do to a file, and what is taken for what."""

from __future__ import annotations

import doctest
import importlib
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random

import pytest

from cases import BASE, HERE
from corridor.problems import InputError
from corridor.scenario.bundled import bundled_folder, bundled_names, bundled_titles
from corridor.scenario.load import CheckedScenario, check_scenario, load_scenario
from corridor.scenario.model import DEFAULT_MOVE_CHANCE, DateTerm, Group, PlaceKind, Prior, Rules, Scenario
from corridor.scenario.numbers import read_number
from corridor.scenario.records import SHAPES
from corridor.scenario.settings import SETTINGS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BASE, tmp_path / "base"))


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


def sound(folder: Path) -> CheckedScenario:
    checked = check_scenario(folder)
    assert checked.scenario is not None, checked.problems
    return checked


def base_scenario() -> Scenario:
    return load_scenario(BASE)


def test_byte_order_mark_and_crlf(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert sound(folder).scenario == base_scenario()


@pytest.mark.parametrize(("separator", "name"), [(";", "';'"), ("\t", "tab")])
def test_other_separators_are_noted(folder: Path, separator: str, name: str) -> None:
    for path in folder.glob("*.csv"):
        rewrite(path, ",", separator)
    checked = sound(folder)
    assert checked.scenario == base_scenario()
    assert f"places.csv: {name} taken as the separator" in checked.notes


def test_hashtag_row_is_skipped_and_noted(folder: Path) -> None:
    header = "name,lat,lon,kind,country,population,capacity,opens,closes,control,claims\n"
    rewrite(folder / "places.csv", header, f"{header}#loc,#geo+lat,#geo+lon,#loc+type,,,,,,,\n")
    checked = sound(folder)
    assert checked.scenario == base_scenario()
    assert "places.csv: HXL row skipped: line 2" in checked.notes


def test_blank_rows_and_trailing_separators_are_dropped(folder: Path) -> None:
    text = (folder / "routes.csv").read_text(encoding="utf-8")
    lines = [f"{line},,\n" for line in text.splitlines()]
    (folder / "routes.csv").write_text("\n".join(lines) + ",,,,,,\n\n", encoding="utf-8")
    assert sound(folder).scenario == base_scenario()


def test_blanks_round_cells_are_dropped_and_noted(folder: Path) -> None:
    rewrite(folder / "routes.csv", "Khazer,Tol", " Khazer ,\u00a0Tol")
    checked = sound(folder)
    assert checked.scenario == base_scenario()
    assert "routes.csv: blanks round cells were dropped: line 3" in checked.notes


@pytest.mark.parametrize("text", ['"1,000"', "1 000", "1'000", "1\u202f000", "1000.0", "1e3"])
def test_thousands(folder: Path, text: str) -> None:
    rewrite(folder / "places.csv", ",1000,", f",{text},")
    checked = sound(folder)
    assert checked.scenario == base_scenario()
    noted = [note for note in checked.notes if "thousands in population" in note]
    assert len(noted) == (text not in {"1000.0", "1e3"})


def test_comma_in_a_semicolon_file_is_decimal_for_degrees_and_thousands_for_people(folder: Path) -> None:
    rewrite(folder / "places.csv", ",", ";")
    rewrite(folder / "places.csv", "36.20", "36,20")
    rewrite(folder / "places.csv", ";1000;", ";1,000;")
    checked = sound(folder)
    assert checked.scenario == base_scenario()
    assert "places.csv: decimal comma in lat: '36,20' in line 3 taken as 36.2" in checked.notes
    assert "places.csv: thousands in population: '1,000' in line 2 taken as 1000" in checked.notes


@pytest.mark.parametrize(
    ("text", "comma_is_decimal", "counts_people", "value"),
    [
        ("1,200", False, False, 1200.0),
        ("1,200", True, False, 1.2),
        ("1,200", True, True, 1200.0),
        ("1.200,5", True, False, 1200.5),
        ("1.200", False, True, None),
        ("1.200", False, False, 1.2),
        ("1,20", False, False, None),
        ("12,34,567", False, False, None),
        ("-1,234,567.5", False, False, -1234567.5),
        ("", False, False, None),
        ("1_000", False, False, None),
        ("0x10", False, False, None),
        ("٣٦", False, False, 36.0),
    ],
)
def test_numbers(text: str, comma_is_decimal: bool, counts_people: bool, value: float | None) -> None:
    read = read_number(text, comma_is_decimal=comma_is_decimal, counts_people=counts_people)
    assert (None if read is None else read.value) == value


def test_range_becomes_a_prior_of_its_own(folder: Path) -> None:
    rewrite(folder / "places.csv", ",1000,", ",900..1100,")
    scenario = sound(folder).scenario
    assert scenario is not None
    prior = scenario.priors["places.csv:Amara:population"]
    assert (prior.distribution, prior.low, prior.high, prior.unit) == ("uniform", 900.0, 1100.0, "people")
    assert prior.claims == ("c1",)
    assert scenario.places[0].population == "places.csv:Amara:population"


@pytest.mark.parametrize(
    ("written", "when"),
    [
        ("2016-11-05", (DateTerm(days=date(2016, 11, 5).toordinal()),)),
        ("2016-10-25..2016-11-20", (DateTerm(prior="timeline.csv:3:date"),)),
        ("2016-10-25 .. 2016-11-20 + 3", (DateTerm(prior="timeline.csv:3:date"), DateTerm(days=3))),
        ("city_entry+14", (DateTerm(prior="city_entry"), DateTerm(days=14))),
        ("city_entry - 2", (DateTerm(prior="city_entry"), DateTerm(days=2, sign=-1))),
        ("city_entry+delay", (DateTerm(prior="city_entry"), DateTerm(prior="delay"))),
        (
            "2016-11-05+delay-1",
            (
                DateTerm(days=date(2016, 11, 5).toordinal()),
                DateTerm(prior="delay"),
                DateTerm(days=1, sign=-1),
            ),
        ),
    ],
)
def test_dates_of_events(folder: Path, written: str, when: tuple[DateTerm, ...]) -> None:
    rewrite(folder / "timeline.csv", "city_entry+delay", written)
    scenario = sound(folder).scenario
    assert scenario is not None
    assert scenario.events[1].when == when
    assert scenario.events[1].written == written


def test_prior_with_a_hyphen_in_a_date(folder: Path) -> None:
    rewrite(folder / "scenario.yaml", "city_entry", "city-entry")
    rewrite(folder / "timeline.csv", "city_entry", "city-entry")
    scenario = sound(folder).scenario
    assert scenario is not None
    assert scenario.events[1].when == (DateTerm(prior="city-entry"), DateTerm(prior="delay"))


def test_month_is_its_first_day_and_noted(folder: Path) -> None:
    rewrite(folder / "claims.csv", "2016-09-20", "2016-09")
    checked = sound(folder)
    assert checked.scenario is not None
    assert checked.scenario.claims[0].said_on == date(2016, 9, 1)
    assert "claims.csv: a month taken as its first day: 2016-09 in line 2" in checked.notes


def test_events_before_the_issue_date_hold_from_day_0(folder: Path) -> None:
    rewrite(folder / "timeline.csv", "2016-10-05", "2016-01-05")
    assert check_scenario(folder).problems == ()


def test_what_is_left_out_is_filled_in_and_noted(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(
        "title: Short\nissue_date: 2016-10-01\nhorizon: 2016-10-31\n", encoding="utf-8"
    )
    (folder / "timeline.csv").write_text(
        "storyline,date,kind,place,value\nmain,2016-10-05,fighting,Amara,1\n", encoding="utf-8"
    )
    checked = sound(folder)
    assert checked.scenario is not None
    assert checked.notes == (
        "scenario.yaml: no storylines; one called 'main' is taken",
        "scenario.yaml: no groups; one called 'everyone' is taken",
    )
    assert [group.share for group in checked.scenario.groups] == [1.0]
    assert checked.scenario.rules.move_chance == DEFAULT_MOVE_CHANCE
    assert checked.scenario.name == "base"


def test_rules_hold_every_kind_of_place() -> None:
    rules = load_scenario("two-towns").rules
    assert set(rules.attraction) == set(rules.move_chance) == set(PlaceKind)
    assert rules.attraction[PlaceKind.CAMP] == 2.0


def test_cell_with_line_ends_keeps_lines_and_columns_right(folder: Path) -> None:
    with (folder / "places.csv").open("a", encoding="utf-8") as file:
        file.write('"Two\nlines",36.10,43.05,town,Iraq,-1,,,,,\nLast,36.10,99999,town,Iraq,,,,,,\n')
    problems = [problem for problem in check_scenario(folder).problems if not problem.warning]
    assert [(problem.line, problem.column, problem.excerpt) for problem in problems] == [
        (6, 30, 'lines",36.10,43.05,town,Iraq,-1,,,,,'),
        (7, 12, "Last,36.10,99999,town,Iraq,,,,,,"),
    ]


def test_all_problems_of_all_files_come_at_once(folder: Path) -> None:
    rewrite(folder / "scenario.yaml", "horizon: 2016-12-31", "horizon: soon")
    rewrite(folder / "scenario.yaml", "share: 0.4", "shar: 0.4")
    rewrite(folder / "places.csv", "500", "-5")
    rewrite(folder / "places.csv", "36.20", "north")
    rewrite(folder / "routes.csv", "Khazer,Tol", "Khazr,Tol")
    rewrite(folder / "timeline.csv", "fighting", "fight")
    rewrite(folder / "claims.csv", "UN,B", "UN,G")
    rewrite(folder / "counts.csv", "2016-10-20", "20/10/2016")
    with pytest.raises(InputError) as raised:
        load_scenario(folder)
    faults = [(problem.code, problem.file, problem.line) for problem in raised.value.problems]
    assert faults == [
        ("not-a-date", "scenario.yaml", 3),
        ("setting-unknown", "scenario.yaml", 11),
        ("not-a-number", "places.csv", 3),
        ("out-of-range", "places.csv", 4),
        ("place-unknown", "routes.csv", 3),
        ("not-a-choice", "timeline.csv", 2),
        ("not-a-choice", "claims.csv", 2),
        ("not-a-date", "counts.csv", 2),
    ]
    assert str(raised.value).endswith("8 problems in 6 files. Nothing was run.")


def test_warnings_alone_do_not_raise(folder: Path) -> None:
    rewrite(folder / "scenario.yaml", "_day: leave_rate", "_day: 0.02")
    assert load_scenario(folder).rules.leave_rate_per_day == 0.02
    assert [problem.warning for problem in check_scenario(folder).problems] == [True]


def test_bundled_scenarios_load_without_a_word() -> None:
    assert "two-towns" in bundled_names()
    assert set(bundled_titles()) == set(bundled_names())
    for name in bundled_names():
        faults = [problem.format() for problem in check_scenario(name).problems if not problem.warning]
        assert faults == []
    assert check_scenario("two-towns").problems == ()
    assert load_scenario(bundled_folder("two-towns")) == load_scenario("two-towns")


def test_unknown_bundled_name() -> None:
    with pytest.raises(ValueError, match="'two-town' is no bundled scenario"):
        bundled_folder("two-town")
    assert check_scenario("two-town").problems[0].hint == "did you mean 'two-towns'?"


def test_a_folder_comes_before_a_bundled_scenario(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.rename(tmp_path / "two-towns")
    monkeypatch.chdir(tmp_path)
    checked = check_scenario("two-towns")
    assert checked.scenario is not None
    assert checked.scenario.title == "Base"
    assert checked.notes[0] == "the folder 'two-towns' was read, not the bundled scenario of this name"


def test_two_towns_by_hand() -> None:
    """The shares the description promises follow from the numbers of the scenario."""
    scenario = load_scenario("two-towns")
    rules = scenario.rules
    softening_km = float(rules.softening_km)
    weights = [
        float(rules.attraction[kind]) / (softening_km + distance_km)
        for kind, distance_km in ((PlaceKind.CAMP, 10), (PlaceKind.TOWN, 20), (PlaceKind.OUTSIDE, 50))
    ]
    assert [weight / weights[2] for weight in weights] == pytest.approx([6.0, 2.0, 1.0])
    assert [route.length_km for route in scenario.routes] == [10.0, 10.0, 30.0]
    assert float(rules.walk_km_per_day) >= 10.0  # on foot to the camp, then by car: there on the same day
    assert 10.0 / float(rules.walk_km_per_day) + 40.0 / float(rules.ride_km_per_day) < 1.0


@pytest.mark.parametrize("module", ["numbers", "geography", "load", "bundled"])
def test_examples_of_docstrings(module: str) -> None:
    results = doctest.testmod(importlib.import_module(f"corridor.scenario.{module}"))
    assert results.attempted > 0
    assert results.failed == 0


def test_import_is_light() -> None:
    code = (
        "import sys; import corridor.scenario.load, corridor.scenario.write;"
        "print([name for name in ('numba', 'xarray', 'zarr', 'numpy') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_smallest_scenario_of_the_documents(tmp_path: Path) -> None:
    page = (HERE.parent.parent / "docs" / "scenario.md").read_text(encoding="utf-8")
    files = re.findall(r"^`(\S+)`:\n\n```\w*\n(.*?)```", page, flags=re.DOTALL | re.MULTILINE)
    assert [name for name, _ in files] == ["scenario.yaml", "places.csv", "routes.csv", "timeline.csv"]
    for name, text in files:
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert check_scenario(tmp_path).problems == ()


@pytest.mark.parametrize("part", ["storylines", "groups", "priors"])
def test_settings_of_the_documents(folder: Path, part: str) -> None:
    """Each fragment of scenario.yaml in the page is read without a fault of its form."""
    page = (HERE.parent.parent / "docs" / "scenario.md").read_text(encoding="utf-8")
    fragments = re.findall(r"^```yaml\n(\w+:\n.*?)```", page, flags=re.DOTALL | re.MULTILINE)
    fragment = next(text for text in fragments if text.startswith(part))
    (folder / "scenario.yaml").write_text(
        f"title: Short\nissue_date: 2016-10-01\nhorizon: 2016-12-31\n{fragment}", encoding="utf-8"
    )
    codes = {problem.code for problem in check_scenario(folder).problems if problem.file == "scenario.yaml"}
    assert codes <= {"claim-unknown", "place-unknown", "pool-empty"}


def test_columns_and_settings_of_the_documents() -> None:
    page = (HERE.parent.parent / "docs" / "scenario.md").read_text(encoding="utf-8")
    for shape in SHAPES:
        for column in shape.columns:
            assert f"`{column}`" in page, f"{shape.file}: {column}"
    for setting in (*SETTINGS, *Rules.model_fields, *Group.model_fields, *Prior.model_fields):
        assert f"`{setting}`" in page, setting


@pytest.mark.parametrize("seed", range(4))
def test_no_damage_to_a_file_brings_a_crash(folder: Path, seed: int) -> None:
    """Random damage gives problems or a scenario, never another exception (60 damaged files a seed)."""
    random = Random(seed)
    pieces = [
        "",
        "\n",
        ",",
        ";",
        '"',
        "..",
        "-",
        "1e308",
        "inf",
        "[",
        "{",
        ": ",
        "*a",
        "&a ",
        "!!x ",
        "\t",
        "\x00",
    ]
    pieces += [
        "2016-99-99",
        "9999-12-31",
        "city_entry",
        "c1",
        "Amara",
        "'",
        "\r",
        "\u2028",
        "9" * 30,
        "²",
        "|",
    ]
    for _ in range(60):
        path = random.choice(sorted(BASE.iterdir()))
        text = path.read_text(encoding="utf-8")
        for _ in range(random.randint(1, 3)):
            start = random.randrange(len(text) + 1)
            text = text[:start] + random.choice(pieces) + text[start + random.choice([0, 1, 5, 20]) :]
        (folder / path.name).write_text(text, encoding="utf-8", newline="")
        checked = check_scenario(folder)
        assert (checked.scenario is None) == any(not problem.warning for problem in checked.problems)
        shutil.copy(path, folder / path.name)
