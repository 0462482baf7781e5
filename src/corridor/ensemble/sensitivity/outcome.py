"""An outcome in words, such as ``displaced by 2016-11-20``, as a number that every simulated future has.

The words are those of docs/evidence.md under ``about``. Only the days that the outcome needs are simulated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from corridor.engine.arrays import Record
from corridor.ensemble.compile import AnyCompiler
from corridor.ensemble.forecast import AWAY_STATES, FULL_SHARE, STATES
from corridor.problems import InputError, Problem, did_you_mean
from corridor.scenario.abouts import OUTCOMES, fold
from corridor.scenario.model import Place, Scenario

Kind = Literal["displaced", "people", "full", "trapped"]

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_PRESENT_STATES = ("displaced", "waiting", "in_camp", "in_host_community")
_EXAMPLES = (
    "displaced by YYYY-MM-DD",
    "people in PLACE on YYYY-MM-DD",
    "day PLACE is full",
    "peak trapped",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is asked of a future: a number of people, or for ``full`` a day.

    A place that is not full by the last day counts as full on the day after it.
    """

    words: str
    kind: Kind
    last_day: dt.date  # simulated up to this day
    place: str = ""

    @property
    def unit(self) -> str:
        """``people``, or ``date`` where the number is a day after the issue date."""
        return "date" if self.kind == "full" else "people"


def read_outcome(words: str, scenario: Scenario, *, until: dt.date | None = None) -> Outcome:
    """Read the words of an outcome against a scenario.

    Parameters
    ----------
    words : str
        One of ``displaced by DATE``, ``people in PLACE on DATE``, ``day PLACE is full``, ``peak trapped``.
    scenario : Scenario
    until : date, optional
        Last day simulated for the two that name no date; the horizon if not given.

    Raises
    ------
    InputError
        If the words are none of these, or name a place or a day that the scenario does not have.
    """
    plain = " ".join(words.split())
    found = next(((kind, match) for kind, p in OUTCOMES.items() if (match := p.fullmatch(plain))), None)
    if found is None or found[0] == "case":
        hint = did_you_mean(plain, _EXAMPLES) or f"outcomes: {', '.join(_EXAMPLES)}"
        raise _fault("outcome-unknown", f"'{words}' is no outcome that a future has", hint)
    kind, parts = found[0], found[1].groupdict()
    place = _find_place(parts["place"], scenario) if "place" in parts else None
    if kind == "full" and place is not None and place.capacity is None:
        raise _fault("outcome-no-limit", f"no capacity of '{place.name}' is known; it is never full")
    last_day = _last_day(parts.get("date"), scenario, until)
    name = place.name if place is not None else ""
    return Outcome(plain, _KINDS[kind], last_day, name)


def _find_place(words: str, scenario: Scenario) -> Place:
    by_name = {fold(place.name): place for place in scenario.places}
    if fold(words) not in by_name:
        sites = ", ".join(place.name for place in scenario.places if place.is_site)
        hint = did_you_mean(words, [place.name for place in scenario.places]) or f"sites: {sites}"
        raise _fault("outcome-place", f"'{words}' is no place of the scenario", hint)
    return by_name[fold(words)]


def _last_day(written: str | None, scenario: Scenario, until: dt.date | None) -> dt.date:
    first, last = scenario.issue_date, scenario.horizon
    try:
        day = dt.date.fromisoformat(written) if written else until or last
    except ValueError:
        raise _fault("outcome-date", f"'{written}' is no date", "months go from 01 to 12") from None
    if not first < day <= last:
        message = f"'{day}' must be after the issue date {first} and not after the horizon {last}"
        raise _fault("outcome-date", message)
    return day


def _fault(code: str, message: str, hint: str = "") -> InputError:
    return InputError([Problem(code, "", 0, 0, message, hint)])


def measurer(outcome: Outcome, compiler: AnyCompiler) -> Callable[[Record], float]:
    """Return the function that takes a simulated future, up to the outcome's last day, to its number."""
    if outcome.kind == "displaced":
        away = _columns(AWAY_STATES)
        return lambda kept: float(_sum(kept.stocks[-1], away) - _sum(kept.stocks[0], away))
    if outcome.kind == "trapped":
        trapped = STATES.index("trapped")
        return lambda kept: float(kept.stocks[..., trapped].sum(axis=(1, 2), dtype=np.int64).max())
    row, present = compiler.index[outcome.place], _columns(_PRESENT_STATES)
    if outcome.kind == "people":
        return lambda kept: float(_sum(kept.stocks[-1, row], present))
    return lambda kept: _first_full_day(kept, row, present)


def _columns(states: Sequence[str]) -> list[int]:
    return [STATES.index(state) for state in states]


def _sum(stocks: np.ndarray, columns: list[int]) -> int:
    return int(stocks[..., columns].sum(dtype=np.int64))


def _first_full_day(kept: Record, row: int, present: list[int]) -> float:
    inside = kept.stocks[:, row][..., present].sum(axis=(1, 2), dtype=np.int64)
    capacity = kept.capacity[:, row]
    full = (capacity > 0) & (inside >= FULL_SHARE * capacity)
    return float(full.argmax()) if full.any() else float(full.size)
