"""What of a Flee instance a scenario cannot hold: refused by name, before anything is written.

`check_importable` returns a problem (`flee-import-not-supported`) for every fact that has no place in a
scenario folder; `left_out` and `residents_left_out` tell what is dropped because no rule uses it.
docs/flee.md has the same list.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from corridor.formats.flee.counts import ReportedCount
from corridor.formats.flee.matched_groups import living_people, numbered_values
from corridor.formats.flee.matching import MATCHED, attributes_matched, known_values
from corridor.formats.flee.model import FleeInstance
from corridor.formats.flee.scenario import TOTAL, counts_of_sites
from corridor.formats.flee.setting_lines import problem_of_setting, settings_lines
from corridor.formats.flee.tables import attributes_used
from corridor.problems import Problem
from corridor.scenario.check_fixed_routes import NO_PRUNING
from corridor.scenario.model import Composition

CODE = "flee-import-not-supported"


def check_importable(instance: FleeInstance) -> list[Problem]:
    """Return a problem for each fact of an instance that a scenario cannot hold."""
    return [
        *_hasten(instance),
        *_start(instance),
        *_places(instance),
        *_closures(instance),
        *_values(instance),
    ]


def left_out(instance: FleeInstance, counts: Sequence[ReportedCount]) -> list[str]:
    """Return a line for each thing that is not in the scenario because nothing would come of it."""
    lines = []
    used = attributes_used(instance.settings.move)
    for table in (table for table in instance.demographics if table.attribute not in used):
        lines.append(f"demographics of '{table.attribute}': no rule of the settings uses them")
    spawn, move = instance.settings.spawn, instance.settings.move
    if move.fixed_routes and move.pruning_threshold > NO_PRUNING:
        lines.append("pruning_threshold: fixed routes are not pruned")
    if spawn.starvation_driven_spawning and instance.settings.arrivals_from != "data":
        lines.append("starvation_driven_spawning: it matters only where the data say how many leave home")
    known = {place.name for place in instance.places} | {TOTAL}
    strange = [site for site in dict.fromkeys(count.site for count in counts) if site not in known]
    for site in strange:
        lines.append(f"the counts of '{site}', which is no place; its people are among those who leave home")
    kept = {(count.place, count.date) for count in counts_of_sites(instance, counts)}
    rows = {(count.site.strip(), count.date) for count in counts if count.site in known}
    if late := len(rows - kept):
        lines.append(f"{late} counts after the last day")
    return lines


def residents_left_out(instance: FleeInstance, composition: Sequence[Composition]) -> list[str]:
    """Return a line for each attribute of who lives at places where no rule of matching ever asks for it."""
    kept, lines = {(row.attribute, row.place) for row in composition}, []
    for number, attribute in enumerate(MATCHED):
        values = [value for of, value in numbered_values(instance) if of == number]
        known = (
            place.name.strip()
            for place in instance.places
            if any(living_people(place, value, instance.hasten) > 0.0 for value in values)
        )
        if places := [name for name in known if (attribute, name) not in kept]:
            lines.append(f"{attribute} of who lives at {', '.join(places)}: no rule ever asks for it there")
    return lines


def _hasten(instance: FleeInstance) -> Iterator[Problem]:
    if instance.hasten != 1:
        message = f"hasten is '{instance.hasten}': each person stands for so many; a scenario holds people"
        hint = "import with --hasten 1; the engine takes as long for all as for some"
        yield problem_of_setting(CODE, instance, settings_lines(instance), "hasten", message, hint)


def _start(instance: FleeInstance) -> Iterator[Problem]:
    if instance.start_date == dt.date.min:
        message = f"the start date is '{instance.start_date}'; a scenario begins on the evening before"
        yield _of_file(instance, "sim_period.csv", 0, message, "choose a later start date")


def _places(instance: FleeInstance) -> Iterator[Problem]:
    move = instance.settings.move
    uses_degrees = move.stay_close_to_home
    seen: dict[str, str] = {}
    for place in instance.places:
        if abs(place.x) > 90.0 and (uses_degrees or abs(place.y) > 90.0):
            message = (
                f"'{place.name}' lies at latitude {place.x:g}, and stay_close_to_home uses it as it stands"
            )
            yield _of_file(instance, "locations.csv", place.line, message, "put latitude before longitude")
        name = place.name.strip()
        if name in seen:
            message = f"'{place.name}' and '{seen[name]}' differ only in blanks"
            yield _of_file(instance, "locations.csv", place.line, message, "rename one of the two")
        if name == TOTAL:
            message = "'total' is the name of a place; in a scenario it stands for all places"
            yield _of_file(instance, "locations.csv", place.line, message, "rename the place")
        seen[name] = place.name


def _closures(instance: FleeInstance) -> Iterator[Problem]:
    """Camps that close and are none in locations.csv: a scenario closes what places.csv calls a site."""
    for closure in instance.closures:
        if closure.kind in ("camp", "idpcamp") and not instance.places[closure.place].is_camp:
            message = f"'{closure.name1}' closes as a camp, which it only becomes by a location change"
            hint = "say so in location_changes.csv, too: a town on the first day, a camp on the last"
            yield _of_file(instance, "closures.csv", closure.line, message, hint)


def _values(instance: FleeInstance) -> Iterator[Problem]:
    """Religions and ethnicities that would become one."""
    for attribute in attributes_matched(instance.settings.move):
        seen: dict[str, str] = {}
        for value in known_values(instance, attribute):
            other = seen.setdefault(value.strip(), value)
            if other != value:
                message = f"'{value}' and '{other}' differ only in blanks"
                yield _of_file(instance, f"demographics_{attribute}.csv", 0, message, "rename one of the two")


def _of_file(instance: FleeInstance, file: str, line: int, message: str, hint: str) -> Problem:
    return Problem(CODE, str(Path(instance.input_csv) / file), line, 0, message, hint)
