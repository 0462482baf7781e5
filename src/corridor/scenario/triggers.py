"""Rules in plain words, such as "more than 5,000 arrivals at Khazer within 7 days", into checked triggers.

A rule names a quantity, a limit and, where it is about one, a place. What cannot be understood is a
`Problem` that shows the forms a rule can have. Looks at no forecast.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corridor.problems import InputError, Problem, did_you_mean
from corridor.scenario.model import Place
from corridor.scenario.numbers import read_number

#: The forms of a rule, as they are shown to the user.
FORMS = (
    "more than 5,000 arrivals at PLACE within 7 days",
    "more than 5,000 people at PLACE",
    "PLACE over 90 % full",
    "site over 90 % full",
    "more than 50,000 trapped",
    "more than 200,000 displaced",
)


class Quantity(StrEnum):
    """What a trigger looks at."""

    ARRIVALS = "arrivals"  # people who stopped at the place within some days
    PEOPLE = "people"  # people present at the place who are not at home there
    FULL = "full"  # people present, as a share of the capacity
    TRAPPED = "trapped"  # people who want to leave home and find no way out
    DISPLACED = "displaced"  # newly displaced, all places together


@dataclass(frozen=True, slots=True)
class Trigger:
    """One rule: it fires on a day on which the quantity is above the limit."""

    rule: str  # as written
    quantity: Quantity
    limit: float  # people, or the share of the capacity
    place: str = ""  # "" = all places together; for FULL any site
    days: int = 1  # ARRIVALS: within so many days, the day itself included


_SHAPES = (
    (Quantity.ARRIVALS, r"more than (?P<limit>.+?) arrivals?(?: (?:at|in) (?P<place>.+?))?"
                        r"(?: (?:within|in) (?P<days>.+?) (?P<unit>days?|weeks?))?"),
    (Quantity.TRAPPED, r"more than (?P<limit>.+?) (?:people )?trapped(?: (?:at|in) (?P<place>.+?))?"),
    (Quantity.DISPLACED, r"more than (?P<limit>.+?) (?:people )?(?:newly )?displaced"),
    (Quantity.PEOPLE, r"more than (?P<limit>.+?) people (?:at|in) (?P<place>.+?)"),
    (Quantity.FULL, r"(?P<place>.+?) (?:is )?(?:over|more than) (?P<limit>.+?) ?(?:%|percent|per cent) full"),
)  # fmt: skip
_PATTERNS = [(quantity, re.compile(shape, re.IGNORECASE)) for quantity, shape in _SHAPES]
_ANY_SITE = frozenset({"site", "a site", "any site", "some site"})


def read_rules(rules: Iterable[str], places: Sequence[Place]) -> tuple[Trigger, ...]:
    """Read rules about these places.

    Raises
    ------
    InputError
        With a problem for every rule that cannot be understood, or that is about an unknown place.
    """
    triggers: list[Trigger] = []
    problems: list[Problem] = []
    for rule in rules:
        try:
            triggers.append(read_rule(rule, places))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return tuple(triggers)


def read_rule(rule: str, places: Sequence[Place]) -> Trigger:
    """Read one rule.

    Raises
    ------
    InputError
        If it cannot be understood, or is about an unknown place.
    """
    text = " ".join(rule.split()).rstrip(".")
    for quantity, pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _trigger(rule, quantity, found.groupdict(), places)
    lines = "; ".join(FORMS)
    raise InputError(
        [Problem("trigger-form", "", 0, 0, f"the rule '{rule}' is not understood", f"write: {lines}")]
    )


def _trigger(rule: str, quantity: Quantity, parts: dict[str, str | None], places: Sequence[Place]) -> Trigger:
    limit = _limit(rule, quantity, parts["limit"] or "")
    place = _place(rule, quantity, parts.get("place") or "", places)
    return Trigger(rule, quantity, limit, place, _days(rule, parts.get("days"), parts.get("unit")))


def _limit(rule: str, quantity: Quantity, text: str) -> float:
    is_share = quantity is Quantity.FULL
    read = read_number(text, counts_people=not is_share)
    if read is None or read.value < 0:
        wanted = "a percentage such as 90" if is_share else "a number of people such as 5,000"
        raise _fault("trigger-number", f"'{text}' in the rule '{rule}' must be {wanted}")
    if is_share and read.value >= 1000:
        raise _fault("trigger-number", f"'{text}' % in the rule '{rule}' must be below 1000 %")
    return read.value / 100 if is_share else read.value


def _days(rule: str, text: str | None, unit: str | None) -> int:
    if text is None:
        return 1
    read = read_number(text)
    days = 0.0 if read is None else read.value * (7 if (unit or "").startswith("week") else 1)
    if days < 1 or days != int(days):
        raise _fault(
            "trigger-days", f"'{text}' in the rule '{rule}' must be a whole number of days, 1 or more"
        )
    return int(days)


def _place(rule: str, quantity: Quantity, text: str, places: Sequence[Place]) -> str:
    if not text or (quantity is Quantity.FULL and text.casefold() in _ANY_SITE):
        return ""
    known = {place.name: place for place in places}
    folded = {name.casefold(): name for name in known}
    name = text if text in known else folded.get(text.casefold(), "")
    if not name:
        problem = unknown_place(text, known)
        raise _fault("place-unknown", f"'{text}' in the rule '{rule}' is no place", problem.hint)
    if quantity is Quantity.FULL and known[name].capacity is None:
        raise _fault(
            "trigger-capacity",
            f"'{name}' in the rule '{rule}' has no capacity, so it is never full",
            "give it one in places.csv",
        )
    return name


def unknown_place(name: str, known: dict[str, Place]) -> Problem:
    """Return the problem of a name that is no place, with those that are like it."""
    alike = [other for other in known if name.casefold() in other.casefold()] if name else []
    hint = f"did you mean '{alike[0]}'?" if len(alike) == 1 else ""
    if len(alike) > 1:
        hint = f"did you mean one of {', '.join(repr(other) for other in alike[:5])}?"
    sites = [place.name for place in known.values() if place.is_site]
    hint = hint or did_you_mean(name, known) or f"sites: {', '.join(sites[:8])}"
    return Problem("place-unknown", "", 0, 0, f"'{name}' is no place of the forecast", hint)


def _fault(code: str, message: str, hint: str = "") -> InputError:
    return InputError([Problem(code, "", 0, 0, message, hint)])
