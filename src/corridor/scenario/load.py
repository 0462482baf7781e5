"""A scenario folder as one checked scenario: files in, a frozen `Scenario` or all problems at once out.

`load_scenario` is for those who need the scenario, `check_scenario` for those who want to see what was found.
Files are read in turn, then checked against each other; nothing stops at the first fault.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from corridor.problems import InputError, Problem, did_you_mean
from corridor.scenario.bundled import bundled_folder, bundled_names
from corridor.scenario.check_claims import check_claim_names, check_claims, check_counts, check_displaced
from corridor.scenario.check_places import check_group_places, check_places, check_reach, check_routes
from corridor.scenario.check_settings import check_priors, check_settings, report_unused_priors
from corridor.scenario.check_timeline import check_actors, check_timeline
from corridor.scenario.files import read_text
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import (
    Claim,
    Count,
    DisplacedOnDay,
    Event,
    Place,
    Route,
    Scenario,
)
from corridor.scenario.records import (
    CLAIMS,
    COUNTS,
    DISPLACED,
    PLACES,
    ROUTES,
    SHAPES,
    TIMELINE,
    Rows,
    make_claim,
    make_count,
    make_displaced,
    make_event,
    make_place,
    make_route,
    read_rows,
)
from corridor.scenario.settings import Settings, read_settings
from corridor.scenario.tables import Shape, Table, read_table
from corridor.scenario.values import ValueUses
from corridor.scenario.yaml_tree import YamlTree, read_yaml

SETTINGS_FILE = "scenario.yaml"
_NEEDED = (SETTINGS_FILE, PLACES.file, ROUTES.file, TIMELINE.file)
_ALL_FILES = (SETTINGS_FILE, *(shape.file for shape in SHAPES))
#: Files that people keep beside a scenario and that are passed over without a word.
_BYSTANDERS = (".md", ".txt", ".rst")


@dataclass(frozen=True)
class CheckedScenario:
    """A scenario, or None where it has problems; all problems and warnings; and what was taken for what."""

    scenario: Scenario | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


def load_scenario(name_or_folder: str | Path) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    name_or_folder : str or Path
        A folder, or the name of a bundled scenario. A folder that exists comes first.

    Raises
    ------
    InputError
        With every problem of every file, if there is one. Warnings alone raise nothing.

    Examples
    --------
    >>> load_scenario("two-towns").n_days
    14
    """
    checked = check_scenario(name_or_folder)
    if checked.scenario is None:
        raise InputError(checked.problems)
    return checked.scenario


def check_scenario(name_or_folder: str | Path) -> CheckedScenario:
    """Read a scenario and return it with all problems, warnings and notes; see `load_scenario`."""
    findings = Findings()
    folder = _find_folder(name_or_folder, findings)
    if folder is None:
        return CheckedScenario(None, tuple(findings.problems), findings.notes)
    return read_folder(folder, findings)


def _find_folder(name_or_folder: str | Path, findings: Findings) -> Path | None:
    folder = Path(name_or_folder)
    is_bundled = isinstance(name_or_folder, str) and name_or_folder in bundled_names()
    if folder.is_dir():
        if is_bundled:
            findings.note(f"the folder '{name_or_folder}' was read, not the bundled scenario of this name")
        return folder
    if is_bundled:
        return bundled_folder(str(name_or_folder))
    if folder.exists():
        hint = f"name its folder, '{folder.parent}'" if folder.name in _ALL_FILES else ""
        findings.fault("folder-missing", Spot(), f"'{folder}' is a file; a scenario is a folder", hint)
        return None
    names = bundled_names()
    hint = did_you_mean(str(name_or_folder), names) or f"bundled scenarios: {', '.join(names)}"
    message = f"'{name_or_folder}' is neither a folder nor a bundled scenario"
    findings.fault("folder-missing", Spot(), message, hint)
    return None


def read_folder(folder: Path, findings: Findings, *, name: str = "") -> CheckedScenario:
    """Read the scenario in ``folder``, which exists; ``name`` replaces that of the folder."""
    _check_files(folder, findings)
    settings = _read_settings(folder, findings)
    uses = ValueUses(findings)
    if settings is not None:
        priors = check_priors(settings, findings)
        uses = ValueUses(findings, settings.declared_priors, priors)
    else:
        settings, uses.is_known = Settings(YamlTree(SETTINGS_FILE, [], {})), False
    tables = {shape.file: _read_table(folder, shape, findings) for shape in SHAPES}
    rows = _AllRows(
        places=read_rows(tables[PLACES.file], make_place, uses),
        routes=read_rows(tables[ROUTES.file], make_route, uses),
        events=read_rows(tables[TIMELINE.file], make_event, uses),
        claims=read_rows(tables[CLAIMS.file], make_claim, uses),
        counts=read_rows(tables[COUNTS.file], make_count, uses),
        displaced=read_rows(tables[DISPLACED.file], make_displaced, uses),
    )
    _check_all(rows, settings, uses, has_displaced=(folder / DISPLACED.file).is_file())
    scenario = None if findings.n_faults else _assemble(name or folder.resolve().name, settings, rows, uses)
    return CheckedScenario(scenario, tuple(sorted(findings.problems, key=_in_order_of_files)), findings.notes)


@dataclass(frozen=True)
class _AllRows:
    places: Rows[Place]
    routes: Rows[Route]
    events: Rows[Event]
    claims: Rows[Claim]
    counts: Rows[Count]
    displaced: Rows[DisplacedOnDay]


def _check_files(folder: Path, findings: Findings) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    strangers = [name for name in names if name not in _ALL_FILES and not name.lower().endswith(_BYSTANDERS)]
    for name in _NEEDED:
        if name not in names:
            near = _near_file(name, strangers)
            hint = f"rename '{near}' to {name}" if near else f"a scenario has {', '.join(_NEEDED)}"
            findings.fault("file-missing", Spot(name), f"there is no {name} in '{folder.name}'", hint)
    for name in strangers:
        near = _near_file(name, _ALL_FILES)
        hint = f"did you mean '{near}'?" if near else f"files of a scenario: {', '.join(_ALL_FILES)}"
        findings.warn("file-unknown", Spot(name), f"'{name}' is no file of a scenario; it is not read", hint)


def _near_file(name: str, others: Iterable[str]) -> str:
    """Return the file whose name is nearest before its ending, "" where none is near."""
    stems = {Path(other).stem.casefold(): other for other in others}
    near = difflib.get_close_matches(Path(name).stem.casefold(), list(stems), n=1, cutoff=0.7)
    return stems[near[0]] if near else ""


def _read_settings(folder: Path, findings: Findings) -> Settings | None:
    path = folder / SETTINGS_FILE
    text = read_text(path, findings) if path.is_file() else None
    tree = None if text is None else read_yaml(SETTINGS_FILE, text, findings)
    return None if tree is None else read_settings(tree, findings)


def _read_table(folder: Path, shape: Shape, findings: Findings) -> Table | None:
    if not (folder / shape.file).is_file():
        return None
    table = read_table(folder, shape, findings)
    if table is not None and not table.has_records:
        is_needed = shape in (PLACES, ROUTES)
        message = f"{shape.file} has a header and no rows"
        findings.fault("table-empty", Spot(shape.file), message, warning=not is_needed)
    return table


def _check_all(rows: _AllRows, settings: Settings, uses: ValueUses, *, has_displaced: bool) -> None:
    findings = uses.findings
    if uses.is_known:
        check_settings(settings, uses)
    check_places(rows.places, settings, findings)
    check_routes(rows.routes, rows.places, settings, findings)
    check_group_places(settings, rows.places, findings)
    check_timeline(rows.events, rows.places, rows.routes, settings, uses)
    check_actors(rows.events, rows.places, settings, findings)
    check_claims(rows.claims, settings, findings)
    named_in = (rows.places, rows.routes, rows.events, rows.counts)
    check_claim_names(rows.claims, named_in, settings, findings)
    check_counts(rows.counts, rows.places, settings, findings)
    check_displaced(rows.displaced, has_displaced, settings, findings)
    uses.report_misfits()
    if not findings.n_faults:
        report_unused_priors(settings, uses)
    if uses.is_known and rows.places.is_sound and rows.routes.is_sound:
        check_reach(rows.places, rows.routes, settings.groups.values(), findings)


def _assemble(folder_name: str, settings: Settings, rows: _AllRows, uses: ValueUses) -> Scenario:
    heading = settings.heading
    assert heading and settings.issue_date and settings.horizon and settings.rules
    return Scenario(
        name=heading.name or folder_name,
        title=heading.title,
        description=heading.description,
        issue_date=settings.issue_date,
        horizon=settings.horizon,
        household_size=heading.household_size,
        storylines=tuple(settings.storylines.values()),
        groups=tuple(settings.groups.values()),
        rules=settings.rules,
        priors=uses.priors,
        places=rows.places.records,
        routes=rows.routes.records,
        events=rows.events.records,
        claims=rows.claims.records,
        counts=rows.counts.records,
        displaced_per_day=rows.displaced.records,
        provenance=heading.provenance,
    )


def _in_order_of_files(problem: Problem) -> tuple[int, str, int, int]:
    at = _ALL_FILES.index(problem.file) if problem.file in _ALL_FILES else -1
    return at, problem.file, problem.line, problem.column
