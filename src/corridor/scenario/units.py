"""Units of claims: the words people write, and the factor to the one unit in which a quantity is kept.

A quantity is kept in people, people/day, 1/day, km, km/day, day, date (days, as ordinals) or as a pure
number (""). Families become people through the household size of the scenario.
"""

from __future__ import annotations

from dataclasses import dataclass

from corridor.scenario.values import UNIT_SPELLINGS

#: Days in a month on average, of the Gregorian calendar (365.2425 / 12).
DAYS_PER_MONTH = 30.436875
_KM_PER_MILE = 1.609344  # international mile
_HOUSEHOLD = "household"  # stands for the household size

_FACTORS: dict[str, dict[str, float | str]] = {
    "people": {
        **dict.fromkeys(("people", "person", "persons", "individual", "individuals", "civilians"), 1.0),
        **dict.fromkeys(("residents", "inhabitants", "refugees", "fighters", "men", "idps"), 1.0),
        **dict.fromkeys(("family", "families", "household", "households"), _HOUSEHOLD),
    },
    "people/day": {
        **dict.fromkeys(("people/day", "people per day", "people a day"), 1.0),
        **dict.fromkeys(("persons/day", "persons per day"), 1.0),
        **dict.fromkeys(("people/week", "people per week", "people a week"), 1 / 7),
        **dict.fromkeys(("families/day", "families per day", "families a day"), _HOUSEHOLD),
    },
    "1/day": {
        **dict.fromkeys(("1/day", "/day", "per day", "1 per day", "day-1"), 1.0),
        **dict.fromkeys(("%/day", "% per day", "percent per day"), 0.01),
    },
    "km": {**dict.fromkeys(("km", "kilometre", "kilometres"), 1.0), "miles": _KM_PER_MILE, "m": 0.001},
    "km/day": {**dict.fromkeys(("km/day", "km per day"), 1.0), "miles/day": _KM_PER_MILE},
    "day": {
        **dict.fromkeys(("day", "days"), 1.0),
        **dict.fromkeys(("week", "weeks"), 7.0),
        **dict.fromkeys(("month", "months"), DAYS_PER_MONTH),
        **dict.fromkeys(("year", "years"), 12 * DAYS_PER_MONTH),
        **dict.fromkeys(("hour", "hours"), 1 / 24),
    },
    "": {
        **dict.fromkeys(("", "1", "share", "chance", "probability", "factor", "ratio"), 1.0),
        **dict.fromkeys(("%", "percent", "per cent"), 0.01),
    },
}


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as written: the unit it is kept in, and the factor to it."""

    kept_in: str
    factor: float


def read_unit(written: str, household_size: float) -> KnownUnit | None:
    """Return what a unit as written means, None where nobody knows.

    >>> read_unit("families", household_size=6)
    KnownUnit(kept_in='people', factor=6.0)
    """
    word = " ".join(written.casefold().split())
    if word == "date":
        return KnownUnit("date", 1.0)
    for kept_in, factors in _FACTORS.items():
        if word in factors:
            factor = factors[word]
            return KnownUnit(kept_in, float(household_size) if isinstance(factor, str) else factor)
    return None


def kept_unit(prior_unit: str) -> str:
    """Return the unit in which a prior is kept; any unknown unit is a pure number, as in the scenario."""
    word = prior_unit.strip()
    return next((name for name, spellings in UNIT_SPELLINGS.items() if word in spellings), "")


def claim_unit_fits(kept_in: str, quantity_unit: str) -> bool:
    """Tell whether a claim kept in one unit can be about a quantity of another; days can tell a date."""
    return kept_in == quantity_unit or (quantity_unit == "date" and kept_in == "day")


def units_in_words(quantity_unit: str) -> str:
    """Return how a claim about a quantity may be written: "people, families" and the like."""
    return {
        "people": "people or families",
        "people/day": "people/day",
        "day": "days, weeks or months",
        "date": "days, weeks or months after it was said",
        "": "share, percent or chance",
    }.get(quantity_unit, quantity_unit)


def known_units() -> tuple[str, ...]:
    """Return every unit as it can be written."""
    return (*(word for factors in _FACTORS.values() for word in factors if word), "date")
