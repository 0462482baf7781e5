"""The claims of a scenario gathered by quantity, and everything that is wrong with them.

`make_ledger` turns a scenario into a `Ledger`: quantities with the claims about them, outcomes that others
expected, claims in plain words, priors that rest on a stated reason alone, and all problems at once. Where
the rows of claims.csv are handed over, problems have line and column.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corridor.evidence.quantities import Believed, Quantity, Resolver, key_of
from corridor.problems import InputError, Problem, did_you_mean
from corridor.scenario.chains import carriers, origins, repeated_carrier
from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import (
    Claim,
    Composition,
    Event,
    GroupAtPlace,
    Hunger,
    Prior,
    Route,
    Scenario,
)
from corridor.scenario.pool import Method, Pooled, can_pool, pool_claims
from corridor.scenario.records import CLAIMS
from corridor.scenario.tables import Row, read_table
from corridor.scenario.units import claim_unit_fits, known_units, read_unit, units_in_words

_SETTINGS_FILE = "scenario.yaml"
_RANGE_REASON = "a range in "  # of the prior that the reader makes of a cell written low..high


@dataclass(frozen=True, slots=True)
class Entry:
    """One quantity, the claims about it by date, and those that only bear on it."""

    quantity: Quantity
    claims: tuple[Claim, ...]
    bearing: tuple[Claim, ...] = ()
    named_by: tuple[Believed, ...] = ()  # what else in the scenario names these claims


@dataclass(frozen=True, slots=True)
class Assumption:
    """A prior that no claim is about; ``n_claims`` claims are named as its support."""

    name: str
    prior: Prior
    reason: str
    n_claims: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All claims of a scenario, each in one of the three lists of entries, and what is wrong with them."""

    scenario: Scenario
    quantities: tuple[Entry, ...]
    outcomes: tuple[Entry, ...]
    words: tuple[Entry, ...]
    assumptions: tuple[Assumption, ...]
    problems: tuple[Problem, ...]

    @property
    def n_claims(self) -> int:
        """Claims in all lists."""
        entries = (*self.quantities, *self.outcomes, *self.words)
        return sum(len(entry.claims) + len(entry.bearing) for entry in entries)


def make_ledger(
    scenario: Scenario, *, rows: Mapping[str, Row] | None = None, until: dt.date | None = None
) -> Ledger:
    """Gather the claims of a scenario by quantity and check them.

    Parameters
    ----------
    scenario : Scenario
    rows : mapping from claim id to its row, optional
        Gives problems their line and column; see `claim_rows`.
    until : date, optional
        Leave out what was said later.
    """
    claims = [claim for claim in scenario.claims if until is None or claim.said_on <= until]
    making = _Making(scenario, Resolver(scenario), rows or {})
    for claim in claims:
        making.add(claim, tuple(other.id for other in claims if _same_words(other, claim)))
    entries = making.entries()
    making.check_origins(entries)
    assumptions = _assumptions(scenario, entries)
    making.check_support(assumptions)
    by_kind = {kind: tuple(e for e in entries if e.quantity.kind == kind) for kind in ("outcome", "words")}
    rest = tuple(entry for entry in entries if entry.quantity.kind in ("quantity", "set"))
    problems = tuple(sorted(making.findings.problems, key=lambda problem: (problem.file, problem.line)))
    return Ledger(scenario, rest, by_kind["outcome"], by_kind["words"], assumptions, problems)


def claim_rows(folder: Path) -> dict[str, Row]:
    """Return the rows of claims.csv in a folder that can be read, by id of the claim."""
    if not (folder / CLAIMS.file).is_file():
        return {}
    table = read_table(folder, CLAIMS, Findings())
    return {row["id"]: row for row in table.rows} if table else {}


def pool_entry(entry: Entry, *, household_size: float, method: Method = "linear") -> Pooled | None:
    """Pool the claims of an entry, None where none gives a figure; see `pool_claims`."""
    if not _has_figures(entry, household_size):
        return None
    return pool_claims(entry.claims, entry.quantity, household_size=household_size, method=method)


@dataclass
class _Making:
    scenario: Scenario
    resolver: Resolver
    rows: Mapping[str, Row]
    findings: Findings = field(default_factory=Findings)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    claims: dict[str, list[Claim]] = field(default_factory=dict)
    bearing: dict[str, list[Claim]] = field(default_factory=dict)

    def add(self, claim: Claim, ids: tuple[str, ...]) -> None:
        """Read what a claim is about, check it and put it where it belongs."""
        self._check_itself(claim)
        about = self.resolver.read(claim.about, ids)
        if about.quantity is None:
            self._fault(
                "about-unknown", claim, "about", f"about is '{claim.about}': {about.fault}", about.hint
            )
            return
        if not about.is_bearing and about.quantity.kind != "words":
            self._check_unit(claim, about.quantity)
        key = key_of(about.quantity)
        self.quantities.setdefault(key, about.quantity)
        (self.bearing if about.is_bearing else self.claims).setdefault(key, []).append(claim)

    def entries(self) -> tuple[Entry, ...]:
        """Return one entry for each quantity, in the order in which they were first spoken of."""
        found = []
        for key, quantity in self.quantities.items():
            claims, bearing = self.claims.get(key, []), self.bearing.get(key, [])
            users = {use.label: use for claim in (*claims, *bearing) for use in self.resolver.users(claim.id)}
            known = {believed.prior_name for believed in quantity.believed}
            named_by = tuple(
                use for use in users.values() if not use.prior_name or use.prior_name not in known
            )
            found.append(Entry(quantity, _by_date(claims), _by_date(bearing), named_by))
        return tuple(found)

    def check_origins(self, entries: Iterable[Entry]) -> None:
        """Warn where claims about one quantity have one origin."""
        for entry in entries:
            if entry.quantity.kind == "words":
                continue
            first: dict[int, Claim] = {}
            for number, claim in zip(origins(entry.claims), entry.claims, strict=True):
                if number in first and _is_repeat(claim, first[number]):
                    message = (
                        f"'{claim.id}' and '{first[number].id}' have one origin, '{first[number].source}'"
                    )
                    self._warn("claim-same-origin", claim, "source", message, "they count as one voice")
                first.setdefault(number, claim)

    def check_support(self, assumptions: Iterable[Assumption]) -> None:
        """Warn of priors that nobody gave a claim or a reason."""
        for assumption in assumptions:
            if not assumption.reason and not assumption.n_claims and not assumption.prior.of:
                message = f"'{assumption.name}' has neither a claim nor a stated reason"
                hint = "add a reason, or the claims it rests on"
                self.findings.warn("quantity-unsupported", Spot(_SETTINGS_FILE), message, hint)

    def _check_itself(self, claim: Claim) -> None:
        if claim.low is not None and claim.high is not None and claim.low > claim.high:
            message = f"low is {claim.low:.15g} and high is {claim.high:.15g}; low must not be above high"
            self._fault("range-order", claim, "low", message)
        if claim.said_on > self.scenario.issue_date:
            message = f"said_on is {claim.said_on}, after the issue date {self.scenario.issue_date}"
            self._warn(
                "claim-late", claim, "said_on", message, "a forecast made that day cannot have known it"
            )
        if name := repeated_carrier(claim):
            chain = " > ".join((claim.source, *carriers(claim)))
            message = f"'{name}' stands twice in the chain '{chain}'"
            hint = "list each carrier once, in the order in which they handed it on"
            self._fault("chain-circular", claim, "carried_by", message, hint)

    def _check_unit(self, claim: Claim, quantity: Quantity) -> None:
        if claim.low is None and claim.high is None:
            return
        unit = read_unit(claim.unit, self.scenario.household_size)
        if unit is None:
            hint = did_you_mean(claim.unit, known_units()) or f"write {units_in_words(quantity.unit)}"
            self._fault("unit-unknown", claim, "unit", f"'{claim.unit}' is no known unit", hint)
        elif not claim_unit_fits(unit.kept_in, quantity.unit):
            message = (
                f"'{claim.unit}' does not fit '{quantity.name}', which is in {units_in_words(quantity.unit)}"
            )
            hint = f"if it is no value of it, write about: bearing on {quantity.name}"
            self._fault("unit-unfit", claim, "unit", message, hint)
        else:
            self._check_range(claim, quantity, unit.factor)

    def _check_range(self, claim: Claim, quantity: Quantity, factor: float) -> None:
        for column, end in (("low", claim.low), ("high", claim.high)):
            if end is not None and not quantity.support[0] <= end * factor <= quantity.support[1]:
                below = (
                    f" and {quantity.support[1]:g}" if quantity.support[1] < float("inf") else " and above"
                )
                message = (
                    f"{column} is {end:.15g}; '{quantity.name}' lies between {quantity.support[0]:g}{below}"
                )
                self._fault("claim-out-of-range", claim, column, message)

    def _fault(self, code: str, claim: Claim, column: str, message: str, hint: str = "") -> None:
        self.findings.fault(code, self._spot(claim, column), message, hint)

    def _warn(self, code: str, claim: Claim, column: str, message: str, hint: str = "") -> None:
        self.findings.warn(code, self._spot(claim, column), message, hint)

    def _spot(self, claim: Claim, column: str) -> Spot:
        row = self.rows.get(claim.id)
        return row.spot(column) if row else Spot(CLAIMS.file)


def _has_figures(entry: Entry, household_size: float) -> bool:
    return any(can_pool(claim, entry.quantity, household_size=household_size) for claim in entry.claims)


def _same_words(first: Claim, second: Claim) -> bool:
    return " ".join(first.about.casefold().split()) == " ".join(second.about.casefold().split())


def _by_date(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    return tuple(sorted(claims, key=lambda claim: (claim.said_on, claim.id)))


def _is_repeat(claim: Claim, first: Claim) -> bool:
    """Tell whether one statement came twice: through another outlet, or with the same figures."""
    return carriers(claim) != carriers(first) or (claim.low, claim.high) == (first.low, first.high)


def _assumptions(scenario: Scenario, entries: Iterable[Entry]) -> tuple[Assumption, ...]:
    covered = {
        believed.prior_name
        for entry in entries
        if entry.quantity.kind in ("quantity", "set") and _has_figures(entry, scenario.household_size)
        for believed in entry.quantity.believed
    }
    return tuple(
        Assumption(name, prior, _reason(name, prior, scenario), len(prior.claims))
        for name, prior in scenario.priors.items()
        if name not in covered
    )


def _reason(name: str, prior: Prior, scenario: Scenario) -> str:
    """Return why a prior is as it is; for a range in a cell, the note of its row."""
    if not prior.reason.startswith(_RANGE_REASON):
        return prior.reason
    file, _, rest = name.partition(":")
    if file == "places.csv":
        place_name = rest.rpartition(":")[0]
        return next((place.note for place in scenario.places if place.name == place_name), "")
    of_file: dict[str, Sequence[Event | Route | GroupAtPlace | Hunger | Composition]] = {
        "timeline.csv": scenario.events,
        "routes.csv": scenario.routes,
        "groups.csv": scenario.groups_at_places,
        "hunger.csv": scenario.hunger,
        "composition.csv": scenario.composition,
    }
    records = of_file.get(file, ())
    at = int(rest.partition(":")[0]) - 2  # the header is row 1
    return records[at].note if 0 <= at < len(records) else ""


def _pooled_of(entry: Entry, ledger: Ledger) -> Entry:
    """Return the entry with the claims that are pooled: its prior's, where that is made from claims."""
    priors = [believed.prior for believed in entry.quantity.believed if believed.prior]
    if entry.quantity.kind != "quantity" or len(priors) != 1 or priors[0].pool is None:
        return entry
    known = {claim.id: claim for other in ledger.quantities for claim in other.claims}
    listed = tuple(known[claim] for claim in priors[0].claims if claim in known)
    return replace(entry, claims=_by_date(listed))


def _rule_of(entry: Entry) -> Method:
    rules = {believed.prior.pool for believed in entry.quantity.believed if believed.prior}
    return "log" if rules == {"log"} else "linear"


def pool_ledger(
    ledger: Ledger, *, method: Method | None = None
) -> tuple[dict[str, Pooled], tuple[Problem, ...]]:
    """Pool every quantity of a ledger: the results by name of the quantity, and why some have none.

    Without a ``method`` a quantity whose prior is pooled has the rule of its prior, all others the linear
    one. A quantity whose claims give no figure is in neither.
    """
    pools: dict[str, Pooled] = {}
    problems: list[Problem] = []
    for entry in ledger.quantities:
        try:
            rule, chosen = method or _rule_of(entry), _pooled_of(entry, ledger)
            pooled = pool_entry(chosen, household_size=ledger.scenario.household_size, method=rule)
        except InputError as error:
            problems.extend(error.problems)
            continue
        if pooled:
            pools[entry.quantity.name] = pooled
    return pools, tuple(problems)
