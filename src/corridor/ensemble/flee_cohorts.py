"""Who is one cohort under Flee's law: how finely people are told apart, day by day.

`corridor.engine.step_cohorts` says what the numbers do. They were found by comparison with the same law run
person by person (``python -m benchmarks.flee_persons``): fewer cohorts are faster, and on most days nobody
can tell. When a border or a camp opens or closes, people who waited set out together, and who stops where
depends on how far each can still go: then more are told apart.
"""

from __future__ import annotations

import math

import numpy as np

from corridor.engine.step_arrays import StepSetup
from corridor.engine.step_cohorts import AT_NIGHT, FORCED, FREE, STOPS, TICKS
from corridor.engine.step_events import (
    CLOSE_CAMP,
    CLOSE_LEG,
    OPEN_CAMP,
    OPEN_IDP_CAMP,
    OPEN_LEG,
    REDIRECT_OFF,
    REDIRECT_ON,
    SET_CAMP,
)

#: People at one place who differ by no more than this share of a day's distance are one cohort.
NEAR = 0.01
#: On a day with more than `FEW_ROWS` cohorts those alike in all else are at most so many; others join the
#: nearest within `FAR` of a day's distance.
FAR, FEW_ROWS = 0.5, 16
MOST_ROWS = {STOPS: 1, FREE: 2, FORCED: 1, AT_NIGHT: 1}
#: Around the days on which a route or camp opens or closes: so many times as many, and more are few.
DAYS_BEFORE, DAYS_AFTER = 3, 9
TIMES_THEN, FEW_ROWS_THEN = 3, 256
#: In a network of so few places, up to so many cohorts a day are told apart, even if they differ only in
#: since when they are away, by more than so many days.
FEW_PLACES, ROWS_OF_FEW_PLACES, AGE_OF_FEW_PLACES = 12, 1024, 0.5

#: What each kind of event that opens or closes something makes of it.
_ROUTES, _CAMPS, _REDIRECTIONS = range(3)
_MAKES = {
    SET_CAMP: (_CAMPS, None),  # as it says
    CLOSE_LEG: (_ROUTES, False),
    OPEN_LEG: (_ROUTES, True),
    CLOSE_CAMP: (_CAMPS, False),
    OPEN_CAMP: (_CAMPS, True),
    OPEN_IDP_CAMP: (_CAMPS, True),
    REDIRECT_OFF: (_REDIRECTIONS, False),
    REDIRECT_ON: (_REDIRECTIONS, True),
}


def tell_cohorts_apart(setup: StepSetup) -> StepSetup:
    """Return a setup that is complete but for who is one cohort, with that."""
    n_days, metres = setup.given.size, setup.metres_per_day
    usual, age = FEW_ROWS, math.inf
    if setup.is_camp.size <= FEW_PLACES:
        usual, age = ROWS_OF_FEW_PLACES, AGE_OF_FEW_PLACES * TICKS
    few, most = np.full(n_days, usual, np.int64), np.zeros((n_days, len(MOST_ROWS)), np.int64)
    most[:, list(MOST_ROWS)] = list(MOST_ROWS.values())
    for day in opening_days(setup):
        days = slice(max(0, day - DAYS_BEFORE), max(0, day + DAYS_AFTER))
        few[days] = max(usual, FEW_ROWS_THEN)
        most[days, list(MOST_ROWS)] = [TIMES_THEN * rows for rows in MOST_ROWS.values()]
    return setup._replace(
        near_metres=int(NEAR * metres),
        far_metres=int(FAR * metres),
        most_rows=most,
        few_rows=few,
        age_apart=age,
    )


def opening_days(setup: StepSetup) -> set[int]:
    """Return the days on which a route, a camp or a redirection opens or closes that was not so before."""
    legs = setup.leg_end.size
    redirects = setup.leg_redirects if setup.leg_redirects.size else np.zeros(legs, np.bool_)
    now = (np.ones(legs, np.bool_), setup.is_camp.copy(), redirects.copy())
    days, events = set(), (setup.event_day, setup.event_kind, setup.event_target, setup.event_value)
    for day, kind, target, value in zip(*events, strict=True):
        if kind in _MAKES:
            what, makes = _MAKES[kind]
            is_open = value > 0.0 if makes is None else makes
            if now[what][target] != is_open:
                now[what][target] = is_open
                days.add(int(day))
    return days
