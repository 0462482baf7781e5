"""Who said it and through whom it came: the chain of carriers of a claim, and which claims are one.

A statement travels from its source through carriers. ``carried_by`` lists them in the order in which they
handed it on, with ``>`` or ``;`` between: ``agency > broadcaster``. Claims of one origin are one voice,
however many outlets repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from corridor.scenario.model import Claim

_NOBODY = frozenset({"", "none", "-", "n/a"})
_BETWEEN = re.compile(r"\s*[>;]\s*")
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)")


def carriers(claim: Claim) -> tuple[str, ...]:
    """Return who handed the statement on, the first first; nobody for ``none`` and blanks.

    >>> from datetime import date
    >>> said = dict(id="a", said_on=date(2016, 10, 12), about="x", unit="", kind="allegation")
    >>> carriers(Claim(**said, source="a militia", carried_by="an agency > a broadcaster"))
    ('an agency', 'a broadcaster')
    """
    parts = _BETWEEN.split(claim.carried_by.strip())
    return tuple(part for part in parts if part.casefold() not in _NOBODY)


def repeated_carrier(claim: Claim) -> str:
    """Return the first of source and carriers that stands in the chain twice, "" where none does."""
    seen: set[str] = set()
    for name in (claim.source, *carriers(claim)):
        folded = " ".join(name.casefold().split())
        if folded in seen:
            return name
        seen.add(folded)
    return ""


def origin_name(source: str) -> str:
    """Return the name by which origins are compared: without brackets, case and double blanks.

    >>> origin_name("UNHCR (Geddo)") == origin_name("unhcr")
    True
    """
    bare = " ".join(_IN_BRACKETS.sub("", source).casefold().split())
    return bare or " ".join(source.casefold().split())


def origins(claims: Sequence[Claim]) -> list[int]:
    """Return for each claim about one quantity the number of its origin, from 0.

    Two claims have one origin if their sources have the same name, or if they give the same figures and the
    source of one is a carrier of the other: the agency that is quoted is not a second witness.
    """
    numbers = list(range(len(claims)))
    for i, first in enumerate(claims):
        for j in range(i):
            if _is_one_origin(first, claims[j]):
                old, new = numbers[i], numbers[j]
                numbers = [new if number == old else number for number in numbers]
    in_order = {number: rank for rank, number in enumerate(dict.fromkeys(numbers))}
    return [in_order[number] for number in numbers]


def _is_one_origin(first: Claim, second: Claim) -> bool:
    names = [origin_name(claim.source) for claim in (first, second)]
    if names[0] == names[1]:
        return True
    chains = [{origin_name(name) for name in carriers(claim)} for claim in (first, second)]
    same_figures = (first.low, first.high, first.unit) == (second.low, second.high, second.unit)
    return same_figures and (names[0] in chains[1] or names[1] in chains[0])
