"""The words under which claims speak of a quantity, as far as the reader of scenarios must know them.

A prior is spoken of by the words of its ``about``, as ``prior NAME`` or ``date of NAME``, or by the words of
what it gives: ``population of PLACE``, ``capacity of PLACE``, ``people of GROUP``, ``weight of STORYLINE``,
``prior RULE``. Outcomes, such as ``displaced by 2016-11-20``, are what a forecast gives, and never inputs.
The whole grammar is in docs/evidence.md; `corridor.evidence.quantities` reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from corridor.scenario.model import Group, Place, Prior, Rules, Storyline
from corridor.scenario.units import kept_unit

#: Words about an outcome, with the names of what they hold.
OUTCOMES: dict[str, re.Pattern[str]] = {
    "displaced": re.compile(r"displaced by (?P<date>\d{4}-\d{2}-\d{2})", re.IGNORECASE),
    "case": re.compile(r"displaced in the (?:first weeks|best case|worst case)", re.IGNORECASE),
    "people": re.compile(r"people in (?P<place>.+) on (?P<date>\d{4}-\d{2}-\d{2})", re.IGNORECASE),
    "full": re.compile(r"day (?P<place>.+) is full", re.IGNORECASE),
    "trapped": re.compile(r"peak trapped", re.IGNORECASE),
}


class Measured(Protocol):
    """What the pool must know of a quantity: its name, its unit and the values it can have."""

    @property
    def name(self) -> str:
        """In words, for messages."""

    @property
    def unit(self) -> str:
        """As `corridor.scenario.units.kept_unit` gives it."""

    @property
    def support(self) -> tuple[float, float]:
        """The lowest and the highest value."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A quantity and no more: see `Measured`."""

    name: str
    unit: str
    support: tuple[float, float] = (0.0, float("inf"))


def fold(words: str) -> str:
    """Return words as they are compared: in small letters, with single blanks and straight apostrophes.

    >>> fold("Population of  Ba’aj")
    "population of ba'aj"
    """
    return " ".join(words.casefold().replace("’", "'").split())


def is_outcome(about: str) -> bool:
    """Tell whether the words under ``about`` are of an outcome."""
    words = " ".join(about.split())
    return any(pattern.fullmatch(words) for pattern in OUTCOMES.values())


def prior_support(prior: Prior) -> tuple[float, float]:
    """Return the values a quantity can have: 0 to 1 where the prior says it is a chance or a share."""
    if kept_unit(prior.unit) in ("date", "day"):
        return float("-inf"), float("inf")
    if prior.unit.strip() in ("share", "chance", "probability"):
        return 0.0, 1.0
    return 0.0, float("inf")


def words_of_prior(name: str, prior: Prior, given: Iterable[tuple[str, object]]) -> frozenset[str]:
    """Return all folded words that speak of a prior; ``given`` pairs words with the value they stand for."""
    own = {f"prior {name}", prior.about}
    if kept_unit(prior.unit) == "date":
        own.add(f"date of {name}")
    own.update(words for words, value in given if isinstance(value, str) and value == name)
    return frozenset(fold(words) for words in own if words)


def words_of_values(
    places: Iterable[Place], groups: Iterable[Group], storylines: Iterable[Storyline], rules: Rules | None
) -> tuple[tuple[str, object], ...]:
    """Return the words of every value that a prior can give, with that value."""
    found: list[tuple[str, object]] = []
    for place in places:
        found += [(f"population of {place.name}", place.population)]
        found += [(f"capacity of {place.name}", place.capacity)]
    for group in groups:
        found += [(f"people of {group.name}", value) for value in group.people.values()]
    found += [(f"weight of {line.name}", line.weight) for line in storylines]
    if rules is not None:
        for of_law in (rules.flee,) if rules.flee is not None else (rules,):
            found += [(f"prior {name}", getattr(of_law, name)) for name in type(of_law).model_fields]
    return tuple(found)
