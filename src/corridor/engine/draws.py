"""The next draw of a kind at a place: its name is day, place, decision and a running number."""

from __future__ import annotations

from numba import njit

from corridor.engine.arrays import TODAY
from corridor.engine.random import open_draw


@njit(cache=True)
def open_next(state, place, decision):
    """Open the next draw of this kind at this place today."""
    open_draw(state.rng, state.counters[TODAY], place, decision, state.draws[place, decision])
    state.draws[place, decision] += 1
