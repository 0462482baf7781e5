"""What a value may be: the numbers allowed, with their unit, and the priors that may stand for one.

Every value is a number or the name of a prior. Readers hand both to `ValueUses`: a number is checked at once,
a name is remembered with its spot, and all names are checked when every file has been read. Draws nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from corridor.scenario.findings import Findings, Spot
from corridor.scenario.model import Prior
from corridor.scenario.numbers import number_hint
from corridor.scenario.products import names_in, product_range


@dataclass(frozen=True, slots=True)
class Allowed:
    """The numbers a quantity can have, and its unit ("" for a pure number)."""

    low: float = 0.0
    high: float = math.inf
    above_low: bool = False  # True: low itself is not allowed
    unit: str = ""

    def holds(self, number: float) -> bool:
        """Tell whether ``number`` is allowed."""
        return self.low <= number <= self.high and not (self.above_low and number == self.low)

    def in_words(self) -> str:
        """Return "a number above 0", "a number from 0 to 1" and the like."""
        if self.low == -math.inf:
            return "a number"
        if self.above_low:
            return f"a number above {self.low:g}{self._limit()}"
        if self.high < math.inf:
            return f"a number from {self.low:g} to {self.high:,.15g}"
        return f"a number of at least {self.low:g}"

    def _limit(self) -> str:
        return f", at most {self.high:,.15g}" if self.high < math.inf else ""


FACTOR = Allowed()
CHANCE = Allowed(high=1.0)
PERCENT = Allowed(high=100.0)
RATE = Allowed(unit="1/day")
PEOPLE = Allowed(high=1e10, unit="people")  # more than there are
PEOPLE_PER_DAY = Allowed(high=1e10, unit="people/day")
KM = Allowed(unit="km")
LENGTH = Allowed(high=40_000.0, above_low=True, unit="km")  # once round the Earth
SPEED = Allowed(0.1, 100_000.0, unit="km/day")
SPEED_FACTOR = Allowed(0.001, 1000.0)
LATITUDE = Allowed(-90.0, 90.0, unit="degrees")
LONGITUDE = Allowed(-180.0, 180.0, unit="degrees")

#: Units that mean the same, by the name used in `Allowed`. A pure number takes any unit not listed here.
UNIT_SPELLINGS: dict[str, frozenset[str]] = {
    "1/day": frozenset({"1/day", "/day", "per day", "1 per day", "day-1"}),
    "people": frozenset({"people", "person", "persons", "individuals"}),
    "people/day": frozenset({"people/day", "people per day", "persons/day", "persons per day"}),
    "km": frozenset({"km", "kilometre", "kilometres"}),
    "km/day": frozenset({"km/day", "km per day"}),
    "date": frozenset({"date"}),
    "day": frozenset({"day", "days"}),
}


@dataclass(frozen=True, slots=True)
class Use:
    """A place in a file that names a prior."""

    prior: str
    spot: Spot
    what: str
    allowed: Allowed


@dataclass
class ValueUses:
    """The priors declared in scenario.yaml, those written as ranges, and who uses which.

    ``declared`` holds every name, ``priors`` those that were read without a fault. ``is_known`` is False when
    scenario.yaml could not be read: then no name is called unknown.
    """

    findings: Findings
    declared: frozenset[str] = frozenset()
    priors: dict[str, Prior] = field(default_factory=dict)
    is_known: bool = True
    uses: list[Use] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def check_number(self, number: float, allowed: Allowed, spot: Spot, what: str) -> None:
        """Report a number outside its range."""
        if not allowed.holds(number):
            message = f"{what} is {number:g}; it must be {allowed.in_words()}"
            self.findings.fault("out-of-range", spot, message)

    def check(self, value: float | str, allowed: Allowed, spot: Spot, what: str) -> None:
        """Check a number now; remember a name for `report_misfits`."""
        if isinstance(value, str):
            self.use(value, allowed, spot, what)
        else:
            self.check_number(value, allowed, spot, what)

    def use(self, name: str, allowed: Allowed, spot: Spot, what: str) -> None:
        """Remember that ``what`` is given by the prior ``name``, which must exist."""
        self.used.add(name)
        if name in self.declared or name in self.priors:
            self.uses.append(Use(name, spot, what, allowed))
        elif self.is_known:
            message = f"{what} is '{name}'; it must be {allowed.in_words()} or the name of a prior"
            hint = number_hint(name) or self.name_hint(name)
            self.findings.fault("prior-unknown", spot, message, hint)

    def name_hint(self, name: str) -> str:
        """Return the nearest prior, or where priors are declared."""
        return (
            self.findings.nearest(name, self.declared)
            or "priors are declared in scenario.yaml under 'priors'"
        )

    def add_range(
        self, name: str, low: float, high: float, unit: str, claims: tuple[str, ...], spot: Spot
    ) -> None:
        """Declare the uniform prior behind a cell written as low..high."""
        if name in self.declared:
            message = f"the range needs the prior '{name}', which scenario.yaml declares already"
            self.findings.fault("prior-twice", spot, message, "write the name of the prior here")
            return
        self.priors[name] = range_prior(name, low, high, unit, claims)
        self.used.add(name)

    def report_misfits(self) -> None:
        """Report priors that can take values their users cannot have, and priors of another unit."""
        for use in self.uses:
            prior = self.priors.get(use.prior)
            if prior is not None:
                self._report_support(use, prior)
                self._report_unit(use, prior)

    def _report_support(self, use: Use, prior: Prior) -> None:
        low, high = support(prior, self.priors)
        if prior.distribution == "lognormal":
            if use.allowed == CHANCE:
                message = f"{use.what} is '{use.prior}', a lognormal prior without an upper end"
                hint = f"values above {use.allowed.high:g} act as {use.allowed.high:g}"
                self.findings.warn("prior-range", use.spot, message, hint)
        elif not (use.allowed.holds(low) and use.allowed.holds(high)):
            message = f"{use.what} is '{use.prior}', which takes values from {low:g} to {high:g}"
            self.findings.fault("prior-range", use.spot, f"{message}; it must be {use.allowed.in_words()}")

    def _report_unit(self, use: Use, prior: Prior) -> None:
        if not unit_fits(prior.unit, use.allowed.unit):
            wanted = f"in {use.allowed.unit}" if use.allowed.unit else "a number without a unit"
            message = f"{use.what} must be {wanted}; the unit of the prior '{use.prior}' is '{prior.unit}'"
            is_date = prior.unit in UNIT_SPELLINGS["date"]
            self.findings.fault("prior-unit", use.spot, message, warning=not is_date)


def range_prior(name: str, low: float, high: float, unit: str, claims: tuple[str, ...]) -> Prior:
    """Return the prior behind a cell written as low..high."""
    reason = f"a range in {name.partition(':')[0]}"
    return Prior(distribution="uniform", unit=unit, low=low, high=high, reason=reason, claims=claims)


def support(prior: Prior, priors: Mapping[str, Prior] = MappingProxyType({})) -> tuple[float, float]:
    """Return the lowest and the highest value of a prior; for the lognormal 0 and its 95th percentile.

    ``priors`` are those that a product names; without one of them the product is taken to have no bounds.
    """
    if prior.distribution == "product":
        named = names_in(prior)
        if any(name not in priors or priors[name].distribution == "product" for name in named):
            return 0.0, 0.0
        return product_range(prior, {name: support(priors[name]) for name in named})
    if prior.distribution == "steps":
        return prior.edges[0], prior.edges[-1]
    if prior.distribution == "claims":
        return 0.0, 0.0
    if prior.distribution == "fixed":
        return prior.value or 0.0, prior.value or 0.0
    if prior.distribution == "lognormal":
        return 0.0, prior.p95 or 0.0
    bounds = (0.0, 1.0) if prior.distribution == "beta" else (-math.inf, math.inf)
    low = bounds[0] if prior.low is None else prior.low
    return low, bounds[1] if prior.high is None else prior.high


def unit_fits(unit: str, wanted: str) -> bool:
    """Tell whether a prior's ``unit`` can stand for ``wanted``; any unknown unit is a pure number."""
    known = next((name for name, spellings in UNIT_SPELLINGS.items() if unit.strip() in spellings), "")
    return known == wanted
