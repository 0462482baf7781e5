"""What of a Flee instance a scenario cannot hold: refused by name, before anything is written.

`check_importable` returns a problem (`flee-import-not-supported`) for every rule that is on and every fact
that has no place in a scenario folder; `left_out` tells what is dropped because no rule uses it. docs/flee.md
has the same list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from corridor.formats.flee.counts import ReportedCount
from corridor.formats.flee.model import FleeInstance
from corridor.formats.flee.scenario import TOTAL, counts_of_sites
from corridor.formats.flee.setting_lines import problem_of_setting, settings_lines
from corridor.formats.flee.tables import attributes_used
from corridor.problems import Problem
from corridor.scenario.check_fixed_routes import NO_PRUNING

CODE = "flee-import-not-supported"
_HINT = "corridor flee run simulates it from Flee's own files"
_WORDS = {
    "MatchCampReligion": "matching by religion",
    "MatchCampEthnicity": "matching by ethnicity",
    "MatchTownEthnicity": "matching by ethnicity",
    "MatchConflictEthnicity": "matching by ethnicity",
}


def check_importable(instance: FleeInstance) -> list[Problem]:
    """Return a problem for each rule and fact of an instance that a scenario cannot hold."""
    text = settings_lines(instance)
    found = [
        problem_of_setting(CODE, instance, text, key, f"{key}: a scenario cannot hold {_WORDS[key]}", _HINT)
        for key in _switched_on(instance)
    ]
    if instance.hasten != 1:
        message = f"hasten is '{instance.hasten}': each person stands for so many; a scenario holds people"
        hint = "import with --hasten 1; the engine takes as long for all as for some"
        found.append(problem_of_setting(CODE, instance, text, "hasten", message, hint))
    return [*found, *_places(instance)]


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


def _switched_on(instance: FleeInstance) -> Iterator[str]:
    move = instance.settings.move
    switches = {
        "MatchCampReligion": move.match_camp_religion,
        "MatchCampEthnicity": move.match_camp_ethnicity,
        "MatchTownEthnicity": move.match_town_ethnicity,
        "MatchConflictEthnicity": move.match_conflict_ethnicity,
    }
    return (key for key, is_on in switches.items() if is_on)


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


def _of_file(instance: FleeInstance, file: str, line: int, message: str, hint: str) -> Problem:
    return Problem(CODE, str(Path(instance.input_csv) / file), line, 0, message, hint)
