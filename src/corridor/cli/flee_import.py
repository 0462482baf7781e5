"""`corridor flee import`: a Flee instance in, a scenario folder out, and what was taken for what.

The folder is written aside, read again, compared, and moved into its place: it is whole, or it is not there.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corridor import __version__
from corridor.cli.flee import Law
from corridor.problems import CorridorRuntimeError, InputError, Problem, format_problems

if TYPE_CHECKING:
    from corridor.formats.flee import FleeInstance
    from corridor.scenario.model import Scenario, Value


def add_commands(app: typer.Typer) -> None:
    """Add `import` to the commands for Flee's instances."""
    app.command("import")(import_instance)


def import_instance(
    input_csv: Annotated[Path, typer.Argument(help="Folder of locations.csv, routes.csv and so on.")],
    source_data: Annotated[Path, typer.Argument(help="Folder of data_layout.csv and its series.")],
    settings: Annotated[Path, typer.Argument(help="Settings file (YAML).", metavar="SETTINGS.yml")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder of the scenario.")],
    days: Annotated[
        int | None, typer.Option(help="Number of days, instead of the length in sim_period.csv.")
    ] = None,
    hasten: Annotated[
        int | None, typer.Option(help="Overrides the settings; a scenario holds people, so 1.")
    ] = None,
    law: Annotated[
        Law, typer.Option(help="Flee as it runs, quirks included, or with some of them mended.")
    ] = Law.as_run,
    location_changes: Annotated[
        Path | None, typer.Option(help="A location_changes.csv, which Flee takes from where it is started.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier scenario.")] = False,
) -> None:
    """Make a scenario folder of a Flee instance that gives the same answers with corridor run.

    Example:

      corridor flee import mali2012/input_csv mali2012/source_data simsetting.yml --out mali
    """
    from corridor.cli.running import check_target
    from corridor.formats.flee import quirks, read_flee_counts, read_flee_instance
    from corridor.formats.flee.importable import CODE, left_out, residents_left_out
    from corridor.formats.flee.scenario import instance_name, scenario_of_flee
    from corridor.scenario.sources import ALL_FILES

    if days is not None and days < 1:
        raise InputError([Problem("days", "", 0, 0, f"'{days}' days; at least 1 is needed")])
    if hasten is not None and hasten > 1:
        message = f"--hasten is '{hasten}'; a scenario holds people, not one for many"
        raise InputError([Problem(CODE, "", 0, 0, message, hint="leave it out, or give --hasten 1")])
    check_target(out, overwrite, ALL_FILES, "scenario")
    instance = read_flee_instance(
        input_csv,
        source_data,
        settings,
        days=days,
        hasten=hasten,
        law=law.value,
        location_changes=location_changes,
    )
    _refuse_unsupported(instance)
    counts = read_flee_counts(source_data)
    told = quirks(instance)
    scenario = scenario_of_flee(
        instance, counts, name=out.resolve().name, provenance=_provenance(instance, told)
    )
    _write(scenario, out)
    if instance.warnings:
        print(format_problems(instance.warnings))
    print(f"{instance_name(instance)}, an instance of Flee, is now a scenario:")
    for line in _what_it_holds(scenario):
        print(f"- {line}")
    for line in (*left_out(instance, counts), *residents_left_out(instance, scenario.composition)):
        print(f"left out: {line}")
    for line in told:
        print(f"quirk of Flee: {line}")
    if told and instance.law == "as-meant":
        print("as meant: the lines above are of Flee as it runs; docs/flee.md says what is mended")
    print(f"Scenario: {out}")
    print(f"Next: corridor run {out} --members 100 --seed 1")


def _refuse_unsupported(instance: FleeInstance) -> None:
    """Refuse what a scenario cannot hold, and then what the engine cannot simulate."""
    from corridor.ensemble.flee_support import check_supported
    from corridor.formats.flee.importable import check_importable

    problems = check_importable(instance)
    told = {(problem.file, problem.line, problem.column) for problem in problems}
    problems += [
        problem
        for problem in check_supported(instance)
        if not problem.warning and (problem.file, problem.line, problem.column) not in told
    ]
    if problems:
        raise InputError([*problems, *instance.warnings])


def _provenance(instance: FleeInstance, quirks: tuple[str, ...]) -> dict[str, str]:
    """Return where the scenario comes from, without saying where on this machine that lies."""
    folders = " and ".join(_last_names(folder) for folder in (instance.input_csv, instance.source_data))
    as_meant = "as meant, with some quirks of Flee's program mended"
    return {
        "source": f"an instance of Flee: {folders}, settings {Path(instance.settings_file).name}",
        "law of Flee": "as run, quirks included" if instance.law == "as-run" else as_meant,
        "counts": "as reported; departures and people of day 0 follow Flee's registration corrections",
        "made by": f"corridor flee import, Corridor {__version__}",
        **{f"quirk {number}": line for number, line in enumerate(quirks, start=1)},
    }


def _last_names(folder: str) -> str:
    """Return the last two names of a path.

    >>> _last_names("/home/ada/flee/mali2012/input_csv")
    'mali2012/input_csv'
    """
    return "/".join(part for part in Path(folder).resolve().parts[-2:] if part != "/")


def _write(scenario: Scenario, out: Path) -> None:
    from corridor.cli.running import written_aside
    from corridor.scenario.write import write_scenario

    with written_aside(out) as aside:
        try:  # under the name of the folder aside, so that the name is that of the folder wherever it lies
            write_scenario(scenario.model_copy(update={"name": aside.name}), aside)
        except OSError as error:
            message = f"the scenario could not be written to '{out}': {error.strerror or error}"
            raise CorridorRuntimeError(message) from error


def _what_it_holds(scenario: Scenario) -> list[str]:
    sites = [place for place in scenario.places if place.is_site]
    kinds = Counter(event.kind.value.removesuffix("_one_way") for event in scenario.events)
    by_kind = ", ".join(f"{number} of kind {kind}" for kind, number in kinds.items())
    return [
        f"{len(scenario.places)} places, {len(sites)} of them sites; {len(scenario.routes)} roads",
        f"{len(scenario.events)} events{': ' if kinds else ''}{by_kind}",
        f"people: {_people_in_words(scenario)}",
        *_optional_parts(scenario),
        f"{len(scenario.counts)} counts",
        f"{scenario.n_days} days after the issue date, {scenario.issue_date}, to {scenario.horizon}",
    ]


def _people_in_words(scenario: Scenario) -> str:
    """Return who is away from home on the issue date, and how many leave home afterwards."""
    counted: dict[str, list[Value | None]] = {
        "are at sites on the issue date": [place.population for place in scenario.places if place.is_site],
        "are at other places": [place.displaced or 0.0 for place in scenario.places],
        "more have left home already (groups.csv)": [row.people for row in scenario.groups_at_places],
    }
    sums = {what: sum(int(n) for n in some if isinstance(n, float)) for what, some in counted.items()}
    told = [f"{number:,} {what}" for at, (what, number) in enumerate(sums.items()) if number or at == 0]
    return f"{', '.join(told)}, and {_leaving_in_words(scenario)}"


def _leaving_in_words(scenario: Scenario) -> str:
    flee = scenario.rules.flee
    if flee is not None and flee.departures == "given":
        days = sum(day.people > 0 for day in scenario.displaced_per_day)
        people = sum(day.people for day in scenario.displaced_per_day)
        return f"{people:,} leave home, on {days} days (displaced_per_day.csv)"
    by_floods = flee is not None and flee.flood_displaced_per_day
    return f"people leave home by the {'floods' if by_floods else 'fighting'}"


def _optional_parts(scenario: Scenario) -> list[str]:
    """Return what is said of hunger, groups and who lives where, if there are any."""
    told, areas = [], sorted({row.admin for row in scenario.hunger})
    if areas:
        told.append(f"hunger in {len(areas)} areas: {', '.join(areas)} (hunger.csv)")
    if len(scenario.groups) > 1:
        names = "; ".join(group.name for group in scenario.groups)
        told.append(f"{len(scenario.groups)} groups: {names}")
    if scenario.composition:
        attributes = dict.fromkeys(row.attribute for row in scenario.composition)
        places = {row.place for row in scenario.composition}
        told.append(
            f"who lives at {len(places)} places, by {' and '.join(attributes)} (composition.csv): sensitive"
        )
    return told
