"""How attractive every place is today, in the law with a decision at every place, and who leaves it."""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.step_leaving import decay
from corridor.engine.step_optional import TOP_CHANCE

#: Chance a day of going on from a camp up to which few leave it; see `step_cohorts.stand`.
SETTLED = 0.01


@njit(cache=True)
def work_out_scores(setup, state, day):
    """Work out today's score of every place, and add to the capacities what they grow by a day."""
    if setup.routes_are_fixed:
        state.score_before[:] = state.score
    for place in range(state.score.size):
        score = setup.base_score[place]
        if setup.day_score.shape[0] > 0:
            score *= setup.day_score[day, place]
        if state.is_camp[place]:
            score *= setup.camp_weight
        if state.intensity[place] > 0.0:
            age = day - state.conflict_start[place]
            score *= setup.conflict_weight ** (decay(setup, age) * state.intensity[place])
        state.score[place] = score
        if setup.capacity_per_day[place] > 0:
            state.capacity[place] += setup.capacity_per_day[place]
        if setup.population_power != 0.0:
            people = max(1.0, state.population[place])
            state.score_factor[place] = 1.0 if state.is_camp[place] else people**setup.population_power
        if setup.size_power != 0.0:
            size = max(state.population[place], np.float64(state.capacity[place]))
            if size > 0.0 or setup.size_power > 0.0:
                state.chance_factor[place] = (size / setup.size_base) ** setup.size_power
            else:
                state.chance_factor[place] = TOP_CHANCE
        chance = state.move_chance[place] * state.chance_factor[place]
        is_known = setup.chance_share.shape[0] == 0
        state.is_settled[place] = is_known and state.is_camp[place] and chance <= SETTLED
