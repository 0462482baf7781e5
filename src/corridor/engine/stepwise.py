"""The law with a decision at every place: Flee's order of the day, on the same plans and random numbers.

Here people look a few routes ahead, decide anew wherever they stand, see the room that is left at that
moment, and each route of a day is travelled with a full day's distance. docs/flee.md says where this differs
from docs/law.md and what it reproduces. Distances are whole metres; `corridor.engine.step_cohorts` says who
is lumped with whom.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from corridor.engine.arrays import OVERFLOW, TODAY, VERSION
from corridor.engine.draws import open_next
from corridor.engine.paths import forget_ways, make_plan
from corridor.engine.random import (
    DESTINATION,
    FIND_WAY,
    LEAVE_GIVEN,
    LEAVE_RESIDENT,
    MOVE_ON,
    PASS_PLACE,
    PASS_ROUTE,
    SEE_ROOM,
    binomial,
    multinomial,
    new_rng,
    poisson,
    uniform,
)
from corridor.engine.step_arrays import (
    N_COMING,
    N_CROWDED,
    N_STEPS,
    N_TODAY,
    WAVE_BIN,
    StepRecord,
    StepSetup,
    StepSizes,
    new_step_record,
    new_step_state,
)
from corridor.engine.step_cohorts import (
    EARLIEST,
    FARTHEST,
    FORCED,
    FREE,
    FROM,
    LAST,
    LATEST,
    LEFT,
    MOVED,
    PEOPLE,
    RECENT,
    REST,
    STOPS,
    TICKS,
    UNTIL,
    WHERE,
    WHO,
    add_to_ages,
    away_since,
    done_of,
    empty_coming,
    empty_wave,
    expect,
    first_leg_of,
    group_of,
    is_turned,
    join_wave,
    kind_of,
    mean,
    new_ages,
    plan_of,
    settle,
    spot_of,
    stand,
    start_day,
    stay_on_leg,
    sum_up_ages,
    take_between,
    take_from_wave,
    take_new,
    take_row,
    time_of,
    turned,
)
from corridor.engine.step_matching import work_out_matching
from corridor.engine.step_optional import (
    TOP_CHANCE,
    chance_today,
    count_at_home,
    find_redirects,
    freeze,
    is_frozen,
    keep_in_camps,
    leave_weight_of_food,
)
from corridor.engine.step_record import add_standing, record_in_detail
from corridor.engine.step_room import (
    find_crowded_places,
    find_steps,
    forget_crowded_places,
    half_way,
    lets_nobody_in,
    most_in_a_step,
    show,
    show_before,
)
from corridor.engine.step_ways import find_ways_ahead, room_left, write_weights
from corridor.engine.structs import as_struct

#: Share of a camp's margin (between its buffer and full) that may fill before its room is looked at again.
MARGIN_AT_ONCE = 0.05
#: Share of that which may fill at least, however little room is left.
LEAST_AT_ONCE = 0.2
#: Parts into which a day is cut at most, where the order of people matters; see `travel`.
MOST_PARTS = 400.0
#: Chance a day of going on from a camp up to which few leave it; see `step_cohorts.stand`.
SETTLED = 0.01
#: Lots by age in which those at crowded places decide who are likely to notice each other's leaving.
LOTS = 16
#: People who are placed one by one.
FEW = 6
#: Legs of a day that are looked ahead to tell whether the order matters.
LEGS_FORESEEN = 4

# Kinds of event. The first group acts before people leave home, the second after.
CONFLICT_ON, CONFLICT_OFF, SET_CAMP, SET_TOWN, SET_MARKER, SET_INTENSITY, SET_MOVE_CHANCE = range(7)
CLOSE_LEG, OPEN_LEG, CLOSE_CAMP, OPEN_CAMP, OPEN_IDP_CAMP, REDIRECT_OFF, REDIRECT_ON = range(10, 17)
SET_CAPACITY = 30  # of the second group, too

# How many leave home.
GIVEN, CONSTANT, POPULATION_SHARE, POISSON = range(4)


def simulate_steps(
    setup: StepSetup,
    *,
    n_days: int,
    seed: int,
    member: int,
    sizes: StepSizes | None = None,
    in_detail: bool = False,
) -> StepRecord:
    """Simulate one future with a decision at every place; see `StepSetup` and `StepRecord` for the arrays."""
    sizes, struct = sizes or StepSizes(), as_struct(setup)
    while True:
        state = new_step_state(setup, sizes)
        state.rng[:] = new_rng(seed, member)
        kept = new_step_record(setup, n_days, in_detail=in_detail)
        if run_step_days(struct, as_struct(state), n_days, as_struct(kept)):
            return kept
        sizes = sizes.doubled()


@njit(cache=True, nogil=True)
def run_step_days(setup, state, n_days, kept):
    """Run all days; False if a table was too small and the record is not complete."""
    state.counters[VERSION] = 1
    created = insert_people(setup, state)
    find_redirects(setup, state)
    work_out_leave_weights(setup, state, 0)
    before = after = 0
    in_detail = kept.left.shape[0] > 0
    if in_detail:
        add_standing(setup, state, kept.at_start, 1)
    for day in range(n_days):
        state.counters[TODAY] = day
        state.draws[:] = 0
        before = switch(setup, state, day, before)
        if in_detail:
            add_standing(setup, state, kept.left[day], -1)
        created += leave_home(setup, state, day)
        if in_detail:
            add_standing(setup, state, kept.left[day], 1)
        start_day(state)
        after = close_and_open(setup, state, day, after)
        work_out_leave_weights(setup, state, day)
        work_out_scores(setup, state, day)
        count_at_home(setup, state)
        work_out_matching(setup, state)
        decide(setup, state, kept.flows[day])
        if in_detail:
            kept.stopped[day] -= state.occupants
        travel(setup, state, kept.flows[day])
        keep_in_camps(setup, state)
        kept.standing[day] = state.occupants
        if in_detail:
            kept.stopped[day] += state.occupants
            record_in_detail(setup, state, kept, day)
        kept.created[day] = created
        if state.counters[OVERFLOW] != 0:
            return False
    return True


# People appear


@njit(cache=True)
def insert_people(setup, state):
    """Let the people of day 0 stand in their places; return how many they are."""
    total, before = setup.inserted.sum(), np.int64(0)
    for place in range(setup.inserted.size):
        people = setup.inserted[place]
        if people > 0:
            take_new(state, 0, before / total, (before + people) / total)
            appear(setup, state, place, people, FIND_WAY)
            before += people
    take_new(state, 0, 0.0, 1.0)
    for row in range(setup.listed.shape[0]):
        place, group, people = setup.listed[row]
        stand(setup, state, place, group, 0, -1, 1, people)
        state.occupants[place] += people
    return total + setup.listed[:, 2].sum()


@njit(cache=True)
def appear(setup, state, place, people, decision):
    """Let the people in hand, who are new, stand at a place, their groups drawn by its weights."""
    groups = setup.group_weight.shape[1]
    drawn = np.zeros(groups, np.int64)
    drawn[0] = people
    if groups > 1:
        open_next(state, place, decision)
        multinomial(state.rng, people, setup.group_weight[place], drawn)
    for group in range(groups):
        if drawn[group] > 0:
            stand(setup, state, place, group, 0, -1, 1, drawn[group])
    state.occupants[place] += people


@njit(cache=True)
def decay(setup, age):
    """Return the factor of a conflict of this age in days."""
    return setup.decay[min(int(age / setup.decay_days), setup.decay.size - 1)]


@njit(cache=True)
def work_out_leave_weights(setup, state, day):
    """Work out where people leave from: population x intensity x decay of each place in conflict."""
    for place in range(state.leave_weight.size):
        weight = 0.0
        if state.intensity[place] > 0.0:
            age = day - state.conflict_start[place]
            weight = state.population[place] * state.intensity[place] * decay(setup, age)
        state.leave_weight[place] = weight + leave_weight_of_food(setup, state, place, day)


@njit(cache=True)
def leave_home(setup, state, day):
    """Let the day's people leave home; return how many they are.

    Those whose number is given leave in any order, otherwise one place after another.
    """
    leavers = np.zeros(setup.population.size, np.int64)
    if setup.leaving == GIVEN:
        homes = np.nonzero(state.leave_weight)[0]
        if setup.given[day] > 0 and homes.size > 0:
            drawn = np.zeros(homes.size, np.int64)
            open_next(state, 0, LEAVE_GIVEN)
            multinomial(state.rng, setup.given[day], state.leave_weight[homes], drawn)
            leavers[homes] = drawn
    else:
        for place in range(leavers.size):
            leavers[place] = _leavers_of(setup, state, place, day)
    total, before = leavers.sum(), np.int64(0)
    for place in range(leavers.size):
        people = leavers[place]
        if people == 0:
            continue
        if setup.leaving == GIVEN:
            take_new(state, day + 1, 0.0, 1.0)
        else:
            take_new(state, day + 1, before / total, (before + people) / total)
        appear(setup, state, place, people, LEAVE_RESIDENT)
        before += people
        if setup.takes_from_population:
            state.population[place] = max(0.0, state.population[place] - people)
    return total


@njit(cache=True)
def _leavers_of(setup, state, place, day):
    """Return how many leave a place where that follows from the fighting or a flood there."""
    people, rate = 1.0, setup.displaced_per_day
    if setup.leaving == POPULATION_SHARE:
        people = state.population[place]
    if setup.leave_rate.shape[0] > 0:
        people *= setup.leave_rate[day, place]
    else:
        people = rate * people * state.intensity[place]  # in this order, on which rounding down depends
    if people <= 0.0:
        return np.int64(0)
    if setup.leaving != POISSON:
        return np.int64(people)
    open_next(state, place, LEAVE_GIVEN)
    return poisson(state.rng, people)


# Events


@njit(cache=True)
def switch(setup, state, day, row):
    """Let conflicts begin and end and places change, before people leave; return the next row of events."""
    switched = False
    while row < setup.event_day.size and setup.event_day[row] <= day:
        kind, place, value = setup.event_kind[row], setup.event_target[row], setup.event_value[row]
        row += 1
        if setup.event_day[row - 1] < day:
            continue
        if kind == CONFLICT_ON:
            state.intensity[place], state.conflict_start[place] = value, day
            state.move_chance[place], state.is_town[place] = setup.conflict_move_chance, False
            switched = True
        elif kind == CONFLICT_OFF:
            state.intensity[place] = 0.0
            state.move_chance[place], state.is_town[place] = setup.default_move_chance, True
            switched = True
        elif kind == SET_CAMP:
            state.is_camp[place] = value > 0.0
        elif kind == SET_TOWN:
            state.is_town[place] = value > 0.0
        elif kind == SET_MARKER:
            state.is_marker[place] = value > 0.0
            forget_ways(state)
        elif kind == SET_INTENSITY:
            state.intensity[place] = value
        elif kind == SET_MOVE_CHANCE:
            state.move_chance[place] = value
    if switched:
        work_out_leave_weights(setup, state, day)
    return row


@njit(cache=True)
def close_and_open(setup, state, day, row):
    """Let legs and camps close and open; people on a leg that closes will turn back at its end."""
    changed = False
    state.leg_closed_today[:] = False
    while row < setup.event_day.size and setup.event_day[row] <= day:
        kind, target = setup.event_kind[row], setup.event_target[row]
        row += 1
        if setup.event_day[row - 1] < day:
            continue
        if kind == CLOSE_LEG:
            state.leg_open[target], state.leg_closed_today[target], changed = False, True, True
        elif kind == OPEN_LEG:
            state.leg_open[target], changed = True, True
        elif kind == SET_CAPACITY:
            state.capacity[target] = np.int64(setup.event_value[row - 1])
        elif kind == CLOSE_CAMP:
            state.is_camp[target], state.is_town[target] = False, True
            state.move_chance[target], state.intensity[target] = setup.default_move_chance, 0.0
        elif kind in (OPEN_CAMP, OPEN_IDP_CAMP):
            chance = setup.camp_move_chance if kind == OPEN_CAMP else setup.idp_camp_move_chance
            state.is_camp[target], state.is_town[target] = True, False
            state.move_chance[target], state.intensity[target] = chance, 0.0
        elif kind in (REDIRECT_OFF, REDIRECT_ON):
            state.leg_redirects[target], changed = kind == REDIRECT_ON, True
    if changed:
        find_redirects(setup, state)
        forget_ways(state)
        for cohort in range(state.counters[N_TODAY]):
            leg = spot_of(state.today[cohort, WHERE]) - setup.population.size
            if leg >= 0 and state.leg_closed_today[leg]:
                state.today[cohort, WHO] = turned(state.today[cohort, WHO])
    return row


# Choosing


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


@njit(cache=True)
def choose_and_go(setup, state, place, group, recent, first_leg, moved, people, flows):
    """Let people at a place choose a way and take its first leg; return how many stay after all."""
    find_ways_ahead(setup, state, place)
    first, n = state.ways_first[place], state.ways_count[place]
    if n == 0:
        return people
    staying = np.int64(0)
    weight, chosen = state.scratch_weight[:n], state.scratch_people[:n]
    while people > 0:
        write_weights(setup, state, place, group, weight)
        if setup.routes_are_fixed and weight.max() == 0.0:
            return staying + people
        now = people if moved == 0 else _people_at_once(setup, state, place, people, weight)
        open_next(state, place, DESTINATION)
        _split(state.rng, now, weight, chosen)
        people -= now
        for i in range(n):
            if chosen[i] > 0:
                plan = state.way_plan[first + i]
                admitted = _admitted(setup, state, plan, moved, chosen[i])
                staying += chosen[i] - admitted
                if admitted > 0:
                    go(setup, state, place, group, recent, plan, first_leg, moved, admitted, flows)
    return staying


@njit(cache=True)
def _split(rng, people, weight, chosen):
    """Split people over ways by weight; a few are placed one by one, which is the same law and faster."""
    if people > FEW:
        multinomial(rng, people, weight, chosen)
        return
    chosen[:] = 0
    total, last = weight.sum(), weight.size - 1
    while weight[last] == 0.0:
        last -= 1
    for _ in range(people):
        rest, way = uniform(rng) * total, 0
        while way < last and rest >= weight[way]:
            rest -= weight[way]
            way += 1
        chosen[way] += 1


@njit(cache=True)
def _people_at_once(setup, state, place, people, weight):
    """Return how many people may choose before the room left at some destination has changed noticeably."""
    at_once, total = people, weight.sum()
    for i in range(weight.size):
        end = state.way_place[state.ways_first[place] + i]
        capacity = state.capacity[end] * setup.capacity_scaling
        if capacity < 1.0:
            continue
        share, buffered = weight[i] / total, setup.capacity_buffer * capacity
        if state.occupants[end] + share * people <= buffered:
            continue
        if share > 0.0 and not lets_nobody_in(setup, state, end):
            margin = MARGIN_AT_ONCE * (capacity - buffered)
            unseen = max(1.0, margin, buffered - state.occupants[end])
            at_once = min(at_once, max(1, np.int64(unseen / share)))
    return at_once


@njit(cache=True)
def _admitted(setup, state, plan, moved, people):
    """Return how many of those who have a plan are not turned away from the camp at its end.

    In the morning nobody has arrived yet: all or none. Later the camp closes when as many have come as bring
    it half way from its buffer to full.
    """
    end, leg = state.plan_end[plan], state.plan_leg[plan]
    if not state.is_camp[end]:
        return people
    if room_left(setup, state, end) < 0.5:
        return 0
    capacity = state.capacity[end] * setup.capacity_scaling
    comes_now = moved > 0 and state.plan_rest[plan] < 0
    comes_now = comes_now and _reaches_end(setup, setup.leg_metres[leg], leg_speed(setup, leg, 0))
    if capacity < 1.0 or not comes_now:
        return people
    return min(people, max(1, np.int64(half_way(setup, capacity)) - state.occupants[end] + 1))


# Moving


@njit(cache=True)
def recent_after(recent, moved):
    """Return the recent travel after a day on which people moved so many metres."""
    return (recent + moved) // 2


@njit(cache=True)
def kind_on_arrival(setup, recent, moved, speed):
    """Return what people may do today who come to a place after so many metres, the last leg at a speed."""
    if moved >= speed:
        return STOPS
    if setup.avoid_short_stints and recent + moved < setup.metres_per_day:
        return FORCED
    return FREE


@njit(cache=True)
def chance_to_go(setup, state, place, group):
    """Return the chance that a person standing at a place without a plan goes on."""
    chance = state.move_chance[place] * state.chance_factor[place]
    return chance_today(setup, state, place, group, chance) if setup.chance_share.shape[0] > 0 else chance


@njit(cache=True)
def who_go(setup, state, place, group, people):
    """Draw how many of the people standing at a place without a plan go on."""
    chance = chance_to_go(setup, state, place, group)
    if chance >= 1.0:
        return people
    open_next(state, place, MOVE_ON)
    return binomial(state.rng, people, chance)


@njit(cache=True)
def decide(setup, state, flows):
    """Let everybody who stands somewhere decide, before anybody travels.

    The oldest go first in Flee. That matters where somebody leaves a place whose room others weigh: who comes
    later sees more room there. So the crowded places come first, then the others by what they see of them.
    """
    find_crowded_places(setup, state)
    if state.counters[N_CROWDED] > 0:
        _decide_first(setup, state, flows)
    for row in range(state.counters[N_TODAY]):
        cohort = state.today[row]
        place = spot_of(cohort[WHERE])
        if place >= setup.population.size or state.is_crowded[place] or cohort[PEOPLE] == 0:
            continue
        if state.counters[N_STEPS] > 0:
            _decide_in_turn(setup, state, cohort, flows)
        else:
            take_row(state, cohort)
            _decide(setup, state, cohort, cohort[PEOPLE], flows)
    forget_crowded_places(state)


@njit(cache=True)
def _decide_first(setup, state, flows):
    """Let those decide who stand at crowded places, and find what others see of their leaving.

    If they are likely to notice the leaving of each other, they do so in several lots by age, within which
    row goes after row: forwards in one lot and backwards in the next.
    """
    lots = LOTS if _crowds_notice(setup, state) else 1
    ages = new_ages(state)
    for row in range(state.counters[N_TODAY]):
        cohort = state.today[row]
        if _is_at_crowded_place(setup, state, cohort):
            earliest, latest = away_since(cohort, _newest(state, cohort))
            cohort[REST], cohort[UNTIL], cohort[LAST] = cohort[PEOPLE], earliest, latest
            add_to_ages(ages, earliest, latest, cohort[PEOPLE])
    sum_up_ages(ages)
    begin = np.int64(0)
    for lot in range(1, lots + 1):
        end = np.int64(time_of(ages, lot / lots)) if lot < lots else np.int64(FARTHEST)
        n = state.counters[N_TODAY]
        for turn in range(n):
            cohort = state.today[turn if lot % 2 == 1 else n - 1 - turn]
            if _is_at_crowded_place(setup, state, cohort):
                _decide_lot(setup, state, cohort, end, flows)
        find_steps(setup, state, begin)
        begin = end


@njit(cache=True)
def _newest(state, cohort):
    """Return the last time at which people of a row of `StepState.today` can have appeared."""
    return np.int64((state.counters[TODAY] + 1 + first_leg_of(cohort[WHO])) * TICKS)


@njit(cache=True)
def _decide_lot(setup, state, cohort, end, flows):
    """Let those of a row of `StepState.today` decide who are away since a time before the end of a lot."""
    place, people = spot_of(cohort[WHERE]), cohort[REST]
    before = state.occupants[place]
    cohort[FROM], cohort[UNTIL] = cohort[UNTIL], max(cohort[UNTIL], min(end, cohort[LAST]))
    if people > 0 and cohort[UNTIL] > cohort[FROM]:
        if cohort[UNTIL] < cohort[LAST]:
            open_next(state, place, SEE_ROOM)
            share = (cohort[UNTIL] - cohort[FROM]) / (cohort[LAST] - cohort[FROM])
            people = binomial(state.rng, people, share)
        if people > 0:
            cohort[REST] -= people
            take_between(state, cohort[FROM], cohort[UNTIL])
            _decide(setup, state, cohort, people, flows)
    cohort[LEFT] = before - state.occupants[place]


@njit(cache=True)
def _is_at_crowded_place(setup, state, cohort):
    """Return whether a row of `StepState.today` has people who stand at a crowded place."""
    place = spot_of(cohort[WHERE])
    return place < setup.population.size and state.is_crowded[place] and cohort[PEOPLE] > 0


@njit(cache=True)
def _crowds_notice(setup, state):
    """Return whether more than one place is crowded, and so many are likely to leave one that it is seen."""
    if state.counters[N_CROWDED] < 2:
        return False
    for row in range(state.counters[N_CROWDED]):
        place = state.crowded[row]
        leaving = state.occupants[place] * min(1.0, chance_to_go(setup, state, place, 0))
        if leaving > most_in_a_step(setup, state, place):
            return True
    return False


@njit(cache=True)
def _decide_in_turn(setup, state, cohort, flows):
    """Let people of a row of `StepState.today` decide, in parts by what they see of the crowded places."""
    earliest, latest = away_since(cohort, _newest(state, cohort))
    people, now = cohort[PEOPLE], float(earliest)
    step = show_before(state, now)
    while people > 0:
        end, part = float(latest), people
        if step < state.counters[N_STEPS] and state.step_time[step] < latest:
            end = state.step_time[step]
            open_next(state, spot_of(cohort[WHERE]), SEE_ROOM)
            part = binomial(state.rng, people, (end - now) / (latest - now))
        if part > 0:
            take_between(state, now, end)
            _decide(setup, state, cohort, part, flows)
        people, now = people - part, end
        if end < latest:
            step = show(state, step)


@njit(cache=True)
def _decide(setup, state, cohort, people, flows):
    """Let people in hand, of a row of `StepState.today`, stay at their place or set out."""
    place, who = spot_of(cohort[WHERE]), cohort[WHO]
    group, plan, first_leg, recent = group_of(who), plan_of(who), first_leg_of(who), mean(cohort, RECENT)
    if is_frozen(setup, state, group):
        stand(setup, state, place, group, recent_after(recent, 0), plan, first_leg, people)
        return
    if state.redirect[place] >= 0:
        go_along(setup, state, place, group, recent, first_leg, 0, people, flows)
        return
    going = people if plan >= 0 else who_go(setup, state, place, group, people)
    staying = people - going
    if going > 0:
        staying += set_out(setup, state, place, group, recent, plan, first_leg, 0, going, flows)
    if staying > 0:
        stand(setup, state, place, group, recent_after(recent, 0), -1, first_leg, staying)


@njit(cache=True)
def set_out(setup, state, place, group, recent, plan, first_leg, moved, people, flows):
    """Let people follow their plan, or choose one; return how many stay after all, without a plan."""
    if plan < 0:
        return choose_and_go(setup, state, place, group, recent, first_leg, moved, people, flows)
    plan = _plan_from(setup, state, place, plan)
    if plan < 0:
        return people
    following = _who_follow(setup, state, plan, moved, people)
    if following > 0:
        go(setup, state, place, group, recent, plan, first_leg, moved, following, flows)
    return people - following


@njit(cache=True)
def go_along(setup, state, place, group, recent, first_leg, moved, people, flows):
    """Let people take the road that everybody here must take, whatever the room at its end."""
    plan = make_plan(setup, state, state.redirect[place], -1)
    go(setup, state, place, group, recent, plan, first_leg, moved, people, flows)


@njit(cache=True)
def go(setup, state, place, group, recent, plan, first_leg, moved, people, flows):
    """Let people take the first leg of a plan, with a full day's distance ahead of them."""
    leg = state.plan_leg[plan]
    speed = leg_speed(setup, leg, first_leg)
    walkers = np.int64(0)
    if setup.leg_walk_chance[leg] > 0.0 and speed != setup.walk_metres_per_day:
        open_next(state, place, PASS_ROUTE)
        walkers = binomial(state.rng, people, setup.leg_walk_chance[leg])
    if walkers > 0:
        on_foot = setup.walk_metres_per_day
        _go_at(setup, state, place, group, recent, plan, first_leg, moved, on_foot, walkers, flows)
    if people > walkers:
        _go_at(setup, state, place, group, recent, plan, first_leg, moved, speed, people - walkers, flows)


@njit(cache=True)
def _go_at(setup, state, place, group, recent, plan, first_leg, moved, speed, people, flows):
    """Move people along a plan at a speed on its first leg, on to its next legs if this day lets them.

    Who sets out in the morning is expected at the end of the first leg; who is on the way already follows
    the plan at once.
    """
    while True:
        leg, rest = state.plan_leg[plan], state.plan_rest[plan]
        flows[leg] += people
        state.occupants[place] -= people
        if not _reaches_end(setup, setup.leg_metres[leg], speed):
            recent = recent_after(recent, moved + speed)
            stay_on_leg(setup, state, leg, speed, group, recent, plan, first_leg, 0, people)
            return
        place, first_leg, at_end = setup.leg_end[leg], 0, moved + setup.leg_metres[leg]
        kind = kind_on_arrival(setup, recent, at_end, speed)
        if moved == 0:
            expect(setup, state, place, group, recent, rest, at_end, kind, people)
            return
        state.occupants[place] += people
        state.came_onwards[place] += people
        if kind == STOPS:
            stand(setup, state, place, group, recent_after(recent, at_end), rest, 0, people)
            return
        if rest < 0 or setup.leg_walk_chance[state.plan_leg[rest]] > 0.0 or state.redirect[place] >= 0:
            join_wave(setup, state, place, group, recent, rest, at_end, kind, people)
            return
        following = _who_follow(setup, state, rest, at_end, people)
        if following < people:
            stand(setup, state, place, group, recent_after(recent, at_end), -1, 0, people - following)
        if following == 0:
            return
        plan, moved, people = rest, at_end, following
        speed = leg_speed(setup, state.plan_leg[plan], 0)


@njit(cache=True)
def _plan_from(setup, state, place, plan):
    """Return the plan that leads from here to the same places, -1 if there is none.

    People know the places ahead and not the roads: who came back from a closed road goes on to the place
    after the one they did not reach, if a road leads there.
    """
    next_leg = state.plan_leg[plan]
    if setup.leg_start[next_leg] == place:
        return plan
    for leg in range(setup.out_first[place], setup.out_first[place + 1]):
        if setup.leg_end[leg] == setup.leg_end[next_leg] and state.leg_open[leg]:
            return make_plan(setup, state, leg, state.plan_rest[plan])
    return -1


@njit(cache=True)
def _who_follow(setup, state, plan, moved, people):
    """Return how many of those who have a plan find its next leg open, and its end with room."""
    if not state.leg_open[state.plan_leg[plan]]:
        return 0
    return _admitted(setup, state, plan, moved, people)


@njit(cache=True)
def _reaches_end(setup, ahead, speed):
    """Return whether people who move so many metres today reach the end of a leg that is so far ahead."""
    return speed > ahead or (speed == ahead and setup.arrives_on_equal)


@njit(cache=True)
def leg_speed(setup, leg, first_leg):
    """Return the metres a day on a leg."""
    if first_leg == 1 and setup.start_on_foot:
        return setup.walk_metres_per_day
    return setup.leg_speed[leg] if setup.leg_speed[leg] > 0 else setup.metres_per_day


@njit(cache=True)
def go_on(setup, state, cohort, flows):
    """Move people who are on a leg; at its end they are expected, or turn back if it closed under them."""
    leg, people = spot_of(cohort[WHERE]) - setup.population.size, cohort[PEOPLE]
    speed = leg_speed(setup, leg, first_leg_of(cohort[WHO]))
    ahead = setup.leg_metres[leg] - done_of(cohort[WHERE])
    if setup.leg_walk_chance[leg] > 0.0 and speed != setup.walk_metres_per_day:
        open_next(state, setup.leg_start[leg], PASS_ROUTE)
        walkers = binomial(state.rng, people, setup.leg_walk_chance[leg])
        people -= walkers
        if walkers > 0:
            _go_on_at(setup, state, cohort, leg, ahead, setup.walk_metres_per_day, walkers)
    if people > 0:
        _go_on_at(setup, state, cohort, leg, ahead, speed, people)


@njit(cache=True)
def _go_on_at(setup, state, cohort, leg, ahead, speed, people):
    who, recent = cohort[WHO], mean(cohort, RECENT)
    group, plan, start = group_of(who), plan_of(who), setup.leg_start[leg]
    if not _reaches_end(setup, ahead, speed):
        done, recent = done_of(cohort[WHERE]) + speed, recent_after(recent, speed)
        back = np.int64(is_turned(who))
        stay_on_leg(setup, state, leg, done, group, recent, plan, first_leg_of(who), back, people)
    elif is_turned(who):
        expect(setup, state, start, group, recent, state.plan_rest[plan], ahead, STOPS, people)
    else:
        moved = max(1, ahead)  # 0 is kept for those who set out in the morning
        kind, rest = kind_on_arrival(setup, recent, moved, speed), state.plan_rest[plan]
        expect(setup, state, setup.leg_end[leg], group, recent, rest, moved, kind, people)


@njit(cache=True)
def travel(setup, state, flows):
    """Move who is on a leg, then let everybody who arrives today stay or go on.

    In Flee one person after another makes all of today's moves, the oldest first. What the order matters for
    is the room that is left: so where a day's arrivals change it noticeably, they are cut by age into several
    parts that follow each other.
    """
    for row in range(state.counters[N_TODAY]):
        if spot_of(state.today[row, WHERE]) >= setup.population.size:
            take_row(state, state.today[row])
            go_on(setup, state, state.today[row], flows)
    newest = np.int64((state.counters[TODAY] + 2) * TICKS)
    for row in range(state.counters[N_COMING]):
        settle(state.coming[row], newest)
    known, onwards = _expected(setup, state)
    part = _next_part(setup, state, known, onwards, 0.0)
    ages = _ages_of_coming(state) if part < 1.0 else np.zeros((2, 1))
    done, begin = 0.0, 0.0
    while done < 0.999:
        done += part
        end = time_of(ages, done) if done < 0.999 else float(newest)
        for row in range(state.counters[N_COMING]):
            _come_between(setup, state, state.coming[row], begin, end, flows)
        _run_wave(setup, state, flows)
        begin, part = end, _next_part(setup, state, known, onwards, done)
    empty_coming(state)
    empty_wave(state)


@njit(cache=True)
def _ages_of_coming(state):
    """Return the ages of all who come today, as `new_ages` has them."""
    ages = new_ages(state)
    for row in range(state.counters[N_COMING]):
        cohort = state.coming[row]
        add_to_ages(ages, cohort[EARLIEST], cohort[LATEST], cohort[PEOPLE])
    sum_up_ages(ages)
    return ages


@njit(cache=True)
def _come_between(setup, state, cohort, begin, end, flows):
    """Let those of a row of `StepState.coming`, settled, come who are away since a time from begin to end."""
    people, earliest, latest = cohort[PEOPLE], max(begin, cohort[EARLIEST]), min(end, cohort[LATEST])
    if people == 0 or latest <= earliest:
        return
    if latest < cohort[LATEST]:
        open_next(state, 0, PASS_PLACE)
        people = binomial(state.rng, people, (latest - earliest) / (cohort[LATEST] - earliest))
    if people > 0:
        cohort[PEOPLE] -= people
        take_between(state, earliest, latest)
        come(setup, state, cohort, people, flows)


@njit(cache=True)
def come(setup, state, cohort, people, flows):
    """Let people of a row of `StepState.coming`, settled by now, come to their place.

    Who is to go on as planned does so at once: nobody else sees them there.
    """
    place, who, moved, recent = spot_of(cohort[WHERE]), cohort[WHO], cohort[MOVED], cohort[RECENT]
    state.occupants[place] += people
    if kind_of(who) == STOPS:
        stand(setup, state, place, group_of(who), recent_after(recent, moved), plan_of(who), 0, people)
    elif plan_of(who) >= 0:
        go_on_or_stay(setup, state, place, who, recent, moved, people, flows)
    else:
        join_wave(setup, state, place, group_of(who), recent, plan_of(who), moved, kind_of(who), people)


@njit(cache=True)
def _expected(setup, state):
    """Return how many are expected at each place today, and how many more are likely to come onwards.

    Both are 0 if no camp may fill, and the order of people does not matter.
    """
    known = np.zeros(state.occupants.size)
    for row in range(state.counters[N_COMING]):
        known[spot_of(state.coming[row, WHERE])] += state.coming[row, PEOPLE]
    if _may_fill(setup, state, known.sum()):
        onwards = _likely_to_come_onwards(setup, state)
    else:
        known[:] = 0.0
        onwards = np.zeros(known.size)
    state.came_onwards[:] = 0
    return known, onwards


@njit(cache=True)
def _next_part(setup, state, known, onwards, done):
    """Return the share of the day's people who may move before the room left at some camp has changed.

    It has changed when a part of the margin (`MARGIN_AT_ONCE`) has filled, or half of what is left until the
    camp turns people away; below its buffer when a quarter of the way there is filled, as who is expected is
    a guess. A camp that turns people away has room for those alone whom it cannot turn away.
    """
    part = 1.0 - done
    for place in range(known.size):
        capacity, occupants = state.capacity[place] * setup.capacity_scaling, state.occupants[place]
        if capacity < 1.0 or occupants >= capacity:
            continue
        buffered = setup.capacity_buffer * capacity
        expected, unseen = known[place], MARGIN_AT_ONCE * (capacity - buffered)
        if not lets_nobody_in(setup, state, place):
            expected += onwards[place]
            room = half_way(setup, capacity) - occupants
            unseen = min(unseen, max(LEAST_AT_ONCE * unseen, 0.5 * room))
        if expected > 0.0 and occupants + expected * (1.0 - done) > buffered:
            unseen = max(1.0, unseen, 0.25 * (buffered - occupants))
            part = min(part, unseen / expected)
    return max(part, 1.0 / MOST_PARTS)


@njit(cache=True)
def _may_fill(setup, state, people):
    """Return whether any camp could come above its buffer today with so many people on the way."""
    for place in range(state.capacity.size):
        capacity, occupants = state.capacity[place] * setup.capacity_scaling, state.occupants[place]
        has_room = capacity >= 1.0 and occupants < capacity
        if has_room and occupants + people > setup.capacity_buffer * capacity:
            return True
    return False


@njit(cache=True)
def _likely_to_come_onwards(setup, state):
    """Return how many are likely to come to each place on their second leg of today or a later one.

    They are as many as yesterday or, if that is more, those who would come by the weights of this moment on
    the next few legs, if the day were long enough.
    """
    choosing, onwards = np.zeros(state.occupants.size), np.zeros(state.occupants.size)
    for row in range(state.counters[N_COMING]):
        where, who = state.coming[row, WHERE], state.coming[row, WHO]
        if kind_of(who) != STOPS:
            if plan_of(who) >= 0:
                onwards[state.plan_end[plan_of(who)]] += state.coming[row, PEOPLE]
            else:
                choosing[spot_of(where)] += state.coming[row, PEOPLE]
    for _ in range(LEGS_FORESEEN):
        coming = np.zeros(choosing.size)
        for place in range(choosing.size):
            if choosing[place] > 0.0:
                _spread(setup, state, place, choosing[place], coming)
        onwards += coming
        choosing = coming
    return np.maximum(onwards, state.came_onwards)


@njit(cache=True)
def _spread(setup, state, place, people, coming):
    """Add to the places ahead who is likely to go there of so many people at a place."""
    if state.redirect[place] >= 0:
        coming[setup.leg_end[state.redirect[place]]] += people
        return
    find_ways_ahead(setup, state, place)
    first, n = state.ways_first[place], state.ways_count[place]
    weight = state.scratch_weight[:n]
    write_weights(setup, state, place, 0, weight)
    total = weight.sum()
    if total == 0.0:
        return
    is_hurried = state.is_town[place] and setup.avoid_short_stints
    going = people if is_hurried else people * min(1.0, chance_to_go(setup, state, place, 0))
    for i in range(n):
        coming[state.way_place[first + i]] += going * weight[i] / total


@njit(cache=True)
def _run_wave(setup, state, flows):
    """Let everybody in the wave stop or go on, in order of metres moved today, bin by bin."""
    cohort = state.in_turn
    state.counters[WAVE_BIN] = 0
    for bin_ in range(state.wave_first.size):
        state.counters[WAVE_BIN] = bin_
        while take_from_wave(state, bin_, cohort):
            take_row(state, cohort)
            arrive(setup, state, cohort, flows)


@njit(cache=True)
def arrive(setup, state, cohort, flows):
    """Let people of a row of the wave stay for the night or go on."""
    moved, recent = mean(cohort, MOVED), mean(cohort, RECENT)
    go_on_or_stay(setup, state, spot_of(cohort[WHERE]), cohort[WHO], recent, moved, cohort[PEOPLE], flows)


@njit(cache=True)
def go_on_or_stay(setup, state, place, who, recent, moved, people, flows):
    """Let people stay at a place for the night, or go on with a fresh day's distance."""
    group, plan = group_of(who), plan_of(who)
    if is_frozen(setup, state, group):
        freeze(setup, state, place, group, people)
        stand(setup, state, place, group, recent_after(recent, moved), plan, 0, people)
        return
    if state.redirect[place] >= 0:
        go_along(setup, state, place, group, recent, 0, moved, people, flows)
        return
    is_sure_to_go = plan >= 0 or (kind_of(who) == FORCED and state.is_town[place])
    going = people if is_sure_to_go else who_go(setup, state, place, group, people)
    staying = people - going
    if going > 0:
        staying += set_out(setup, state, place, group, recent, plan, 0, moved, going, flows)
    if staying > 0:
        stand(setup, state, place, group, recent_after(recent, moved), -1, 0, staying)
