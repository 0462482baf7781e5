"""A scenario folder as one checked scenario: files in, a frozen `Scenario` or all problems at once out.

`load_scenario` is for those who need the scenario, `check_scenario` for those who want to see what was found.
Files are read in turn, then checked against each other; nothing stops at the first fault. A what-if, whose
scenario.yaml `extends` another folder, is laid over that one first, and then checked as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corridor.problems import InputError, Problem, did_you_mean
from corridor.scenario.abouts import words_of_values
from corridor.scenario.bundled import bundled_folder, bundled_names
from corridor.scenario.check_claims import check_claim_names, check_claims, check_counts, check_displaced
from corridor.scenario.check_composition import check_composition
from corridor.scenario.check_groups import check_groups_at_places
from corridor.scenario.check_hunger import check_hunger
from corridor.scenario.check_law import check_law
from corridor.scenario.check_places import check_group_places, check_places, check_reach, check_routes
from corridor.scenario.check_priors import check_priors, report_unused_priors
from corridor.scenario.check_settings import check_settings
from corridor.scenario.check_timeline import check_actors, check_timeline
from corridor.scenario.check_triggers import check_triggers
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import (
    Claim,
    Composition,
    Count,
    DisplacedOnDay,
    Event,
    GroupAtPlace,
    Hunger,
    Place,
    Route,
    Scenario,
    WhatIf,
)
from corridor.scenario.pooled_priors import ClaimsAtHand, pool_priors
from corridor.scenario.records import (
    CLAIMS,
    COMPOSITION,
    COUNTS,
    DISPLACED,
    GROUPS,
    HUNGER,
    PLACES,
    ROUTES,
    TIMELINE,
    Rows,
    make_claim,
    make_composition,
    make_count,
    make_displaced,
    make_event,
    make_group_at_place,
    make_hunger,
    make_place,
    make_route,
    read_rows,
)
from corridor.scenario.settings import Settings, read_settings
from corridor.scenario.sources import ALL_FILES, SETTINGS_FILE, read_sources
from corridor.scenario.values import ValueUses
from corridor.scenario.yaml_tree import YamlTree


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
        hint = f"name its folder, '{folder.parent}'" if folder.name in ALL_FILES else ""
        findings.fault("folder-missing", Spot(), f"'{folder}' is a file; a scenario is a folder", hint)
        return None
    names = bundled_names()
    hint = did_you_mean(str(name_or_folder), names) or f"bundled scenarios: {', '.join(names)}"
    message = f"'{name_or_folder}' is neither a folder nor a bundled scenario"
    findings.fault("folder-missing", Spot(), message, hint)
    return None


def read_folder(folder: Path, findings: Findings, *, name: str = "") -> CheckedScenario:
    """Read the scenario in ``folder``, which exists; ``name`` replaces that of the folder."""
    sources = read_sources(folder, findings)
    settings = None if sources.tree is None else read_settings(sources.tree, findings)
    uses = ValueUses(findings)
    if settings is not None:
        priors = check_priors(settings, findings)
        uses = ValueUses(findings, settings.declared_priors, priors)
    else:
        settings, uses.is_known = Settings(YamlTree(SETTINGS_FILE, [], {})), False
    tables = sources.tables
    rows = _AllRows(
        places=read_rows(tables[PLACES.file], make_place, uses),
        routes=read_rows(tables[ROUTES.file], make_route, uses),
        events=read_rows(tables[TIMELINE.file], make_event, uses),
        claims=read_rows(tables[CLAIMS.file], make_claim, uses),
        counts=read_rows(tables[COUNTS.file], make_count, uses),
        displaced=read_rows(tables[DISPLACED.file], make_displaced, uses),
        groups=read_rows(tables[GROUPS.file], make_group_at_place, uses),
        hunger=read_rows(tables[HUNGER.file], make_hunger, uses),
        composition=read_rows(tables[COMPOSITION.file], make_composition, uses),
    )
    _check_all(rows, settings, uses, has_displaced=sources.has_displaced)
    scenario = None
    if not findings.n_faults:
        scenario = _assemble(name or folder.resolve().name, settings, rows, uses, sources.what_if)
    return CheckedScenario(scenario, tuple(sorted(findings.problems, key=_in_order_of_files)), findings.notes)


@dataclass(frozen=True)
class _AllRows:
    places: Rows[Place]
    routes: Rows[Route]
    events: Rows[Event]
    claims: Rows[Claim]
    counts: Rows[Count]
    displaced: Rows[DisplacedOnDay]
    groups: Rows[GroupAtPlace]
    hunger: Rows[Hunger]
    composition: Rows[Composition]


def _check_all(rows: _AllRows, settings: Settings, uses: ValueUses, *, has_displaced: bool) -> None:
    findings = uses.findings
    uses.priors = pool_priors(uses.priors, _claims_at_hand(rows, settings), settings.tree, findings)
    if uses.is_known:
        check_settings(settings, uses)
    check_law(settings, rows.places, rows.routes, rows.events, rows.groups, uses)
    check_places(rows.places, settings, findings)
    check_routes(rows.routes, rows.places, settings, findings)
    check_group_places(settings, rows.places, findings)
    check_groups_at_places(rows.groups, rows.places, settings, findings)
    check_hunger(rows.hunger, rows.places, settings, findings)
    check_composition(rows.composition, rows.places, rows.events, settings, findings)
    check_timeline(rows.events, rows.places, rows.routes, settings, uses)
    check_actors(rows.events, rows.places, settings, findings)
    check_claims(rows.claims, settings, findings)
    named_in = (rows.places, rows.routes, rows.events, rows.counts)
    check_claim_names(rows.claims, named_in, settings, findings)
    check_counts(rows.counts, rows.places, settings, findings)
    check_displaced(rows.displaced, has_displaced, settings, findings)
    check_triggers(settings, rows.places, findings)
    uses.report_misfits()
    if not findings.n_faults:
        report_unused_priors(settings, uses)
    if uses.is_known and rows.places.is_sound and rows.routes.is_sound:
        there = [row.place for row in rows.groups.records if row.people is not None]
        check_reach(rows.places, rows.routes, settings.groups.values(), findings, with_people=there)


def _claims_at_hand(rows: _AllRows, settings: Settings) -> ClaimsAtHand:
    parts = (settings.groups.values(), settings.storylines.values(), settings.rules)
    return ClaimsAtHand(
        claims=rows.claims.records,
        is_whole=rows.claims.is_whole and len(rows.claims.good) == len(rows.claims.all),
        values=words_of_values(rows.places.records, *parts),
        household_size=settings.heading.household_size if settings.heading else 0.0,
    )


def _assemble(
    folder_name: str, settings: Settings, rows: _AllRows, uses: ValueUses, what_if: WhatIf | None
) -> Scenario:
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
        groups_at_places=rows.groups.records,
        hunger=rows.hunger.records,
        composition=rows.composition.records,
        triggers=heading.triggers,
        what_if=what_if or heading.what_if,
        provenance=heading.provenance,
    )


def _in_order_of_files(problem: Problem) -> tuple[int, str, int, int]:
    name = problem.file.rpartition("/")[2]
    at = ALL_FILES.index(name) if name in ALL_FILES else -1
    return at, problem.file, problem.line, problem.column
