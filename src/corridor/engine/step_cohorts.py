"""Cohorts of the law with a decision at every place: rows that hold how many people, and two means.

Who share everything that is decided by now have one name: place (or leg, and how far along), plan, group, and
what they may do today. Two numbers more decide whether they go on: metres moved today, and *recent travel*.
That is half of yesterday's plus half of today's distance, over the longest possible one, kept as metres: with
`moved` metres today it becomes ``(recent + moved) / 2``. People of one name whose numbers are nearly equal
are one row, and on a day with many rows those of one name are a few at most, the others joining the nearest.
A row keeps the sums of both numbers, so that lumping does not change the means; people whose two numbers are
equal stay exactly as they are.

Flee lets the oldest go first, and where a day is cut into parts that counts. So a row also keeps since when
its people are away, as a mean and a spread, and they are taken to be spread evenly over the time that has
both. Whatever is made of the people in hand, `StepState.in_hand`, is of their age.

Rows of the *wave* hang in bins of metres moved today, in order of coming, each block of places in its own; a
row may come again when its people have gone.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from corridor.engine.arrays import OVERFLOW, TODAY
from corridor.engine.step_arrays import (
    N_COMING,
    N_TODAY,
    N_TONIGHT,
    N_WAVE,
    TABLE_COLUMNS,
    WAVE_BIN,
    WAVE_BLOCK,
)

# Columns of the tables. WHERE and WHO are packed and together name the row; MOVED and RECENT are sums over
# its people. NEXT is the next row of a bin of the wave, SLOT where the rows of a name are found, and OTHER
# the next of them. SINCE is the sum of the times since which people are away, SPREAD that of squared
# deviations from its mean. AHEAD and LATELY are the two distances by which a row differs from others of its
# name.
WHERE, WHO, PEOPLE, MOVED, RECENT, NEXT, SLOT, SINCE, SPREAD, AHEAD, LATELY, OTHER = range(TABLE_COLUMNS)
#: More than any distance.
FARTHEST = 1 << 62
# In the rows of those who come today, once all are known: the first and the last of those times.
EARLIEST, LATEST = SINCE, SPREAD

# In the rows of this morning at crowded places (`step_room`): how many have not decided yet, until when the
# youngest of the row are away; how many left of those who decided last, and from when until when these are.
REST, LAST, LEFT, FROM, UNTIL = AHEAD, SLOT, NEXT, LATELY, OTHER

#: Slots (2^n) in which names of one spot are looked for first, and how much further on those of the next are.
SLOTS_OF_A_SPOT, SLOTS_BETWEEN_SPOTS = 1 << 13, 2

#: Units of SINCE in a day.
TICKS = 16.0

# What people who come to a place may do today: stop for the night, choose whether to go on, or be forced on
# if the place is a town. And those who stay somewhere for the night, whose names have no kind.
STOPS, FREE, FORCED, AT_NIGHT = range(4)

_DONE_BITS, _GROUP_BITS, _KIND_BITS = 32, 16, 2
#: Groups that fit the name of a row.
MOST_GROUPS = 1 << _GROUP_BITS
_1, _2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


# Names of rows


@njit(cache=True)
def pack_where(spot, done):
    """Return the first half of a row's name. ``spot`` is a place, or the number of places plus a leg."""
    return (np.int64(spot) << _DONE_BITS) | done


@njit(cache=True)
def spot_of(where):
    """Return the place, or the number of places plus the leg."""
    return where >> _DONE_BITS


@njit(cache=True)
def done_of(where):
    """Return the metres done on the leg; in the wave, the bin."""
    return where & ((1 << _DONE_BITS) - 1)


@njit(cache=True)
def pack_who(plan, group, kind):
    """Return the second half of a row's name. ``kind`` is one of `STOPS`, `FREE`, `FORCED`, or two flags."""
    return ((np.int64(plan) + 1) << _GROUP_BITS | group) << _KIND_BITS | kind


@njit(cache=True)
def plan_of(who):
    """Return the plan, -1 = none."""
    return (who >> (_KIND_BITS + _GROUP_BITS)) - 1


@njit(cache=True)
def group_of(who):
    """Return the group."""
    return (who >> _KIND_BITS) & ((1 << _GROUP_BITS) - 1)


@njit(cache=True)
def kind_of(who):
    """Return the kind."""
    return who & ((1 << _KIND_BITS) - 1)


@njit(cache=True)
def first_leg_of(who):
    """Return 1 for a row of `StepState.today` whose people have not reached any place yet."""
    return who & 1


@njit(cache=True)
def is_turned(who):
    """Return whether the leg under people of a row of `StepState.today` has closed."""
    return who & 2 != 0


@njit(cache=True)
def turned(who):
    """Return the name of people whose leg has closed under them."""
    return who | 2


@njit(cache=True)
def mean(row, column):
    """Return the mean of MOVED or RECENT over the people of a row, rounded up."""
    return (row[column] + row[PEOPLE] - 1) // row[PEOPLE]


# Since when people are away


@njit(cache=True)
def take_new(state, day, since, until):
    """Take people in hand who appear on a day, one after another, between two shares of all who do."""
    take_between(state, (day + since) * TICKS, (day + until) * TICKS)


@njit(cache=True)
def take_row(state, row):
    """Take the people of a row in hand."""
    state.in_hand[0], state.in_hand[1] = row[SINCE] / row[PEOPLE], row[SPREAD] / row[PEOPLE]


@njit(cache=True)
def take_between(state, earliest, latest):
    """Take people in hand who are away since times spread evenly."""
    state.in_hand[0], state.in_hand[1] = (earliest + latest) / 2.0, (latest - earliest) ** 2 / 12.0


@njit(cache=True)
def _add_since(state, row, people):
    before = row[PEOPLE]
    if before > 0:
        apart = state.in_hand[0] - row[SINCE] / before
        row[SPREAD] += np.int64(apart * apart * before * people / (before + people))
    row[SINCE] += np.int64(people * state.in_hand[0])
    row[SPREAD] += np.int64(people * state.in_hand[1])


@njit(cache=True)
def settle(row, newest):
    """Make the sums of a row of `StepState.coming` into means, and SINCE and SPREAD into EARLIEST and LATEST.

    ``newest`` is the last time at which anybody can have appeared.
    """
    row[MOVED], row[RECENT] = mean(row, MOVED), mean(row, RECENT)
    row[EARLIEST], row[LATEST] = away_since(row, newest)


@njit(cache=True)
def away_since(row, newest):
    """Return the first and the last of the times since which the people of a row are away.

    They are spread evenly around their mean, as wide as their spread or as far as nobody is younger than
    ``newest``.
    """
    middle, half = row[SINCE] / row[PEOPLE], math.sqrt(3.0 * row[SPREAD] / row[PEOPLE])
    half = min(half, newest - middle)
    earliest = min(max(0, np.int64(middle - half + 0.5)), newest - 1)
    return earliest, min(max(earliest + 1, np.int64(middle + half + 0.5)), newest)


@njit(cache=True)
def newest_of(state, row):
    """Return the last time at which people of a row of `StepState.today` can have appeared.

    Who appeared today has not set out yet.
    """
    return np.int64((state.counters[TODAY] + 1 + first_leg_of(row[WHO])) * TICKS)


@njit(cache=True)
def new_ages(state):
    """Return float[2, days + 1] for the ages of many rows; people, then people a tick, by day."""
    return np.zeros((2, state.counters[TODAY] + 4))


@njit(cache=True)
def add_to_ages(ages, earliest, latest, people):
    """Add people who are away since times spread evenly; the ages are to be summed up in the end."""
    each = people / (latest - earliest)
    for time, change in ((earliest, each), (latest, -each)):
        after = np.int64(math.ceil(time / TICKS))
        ages[1, after] += change
        ages[0, after] += change * (after * TICKS - time)


@njit(cache=True)
def sum_up_ages(ages):
    """Make ages[0] into how many are away since the start of each day or longer."""
    for day in range(1, ages.shape[1]):
        ages[0, day] += ages[0, day - 1] + TICKS * ages[1, day - 1]
        ages[1, day] += ages[1, day - 1]


@njit(cache=True)
def time_of(ages, share):
    """Return since when the youngest of this share of all people in `ages` is away, the oldest first."""
    people, last = ages[0], ages.shape[1] - 1
    n = share * people[last]
    day = max(1, min(np.searchsorted(people, n), last))
    before = people[day - 1]
    return (day - 1 + (n - before) / max(people[day] - before, 1e-9)) * TICKS


@njit(cache=True)
def _are_of_an_age(setup, state, row):
    """Return whether the people in hand are away for about as long as those of a row."""
    return abs(row[SINCE] - state.in_hand[0] * row[PEOPLE]) <= setup.age_apart * row[PEOPLE]


# Tables


@njit(cache=True)
def _first_slot(slots, where, who):
    """Return where to look first for a name, near to where those of neighbouring places and legs are.

    Who finds it taken looks 1, 3, 6, ... slots further on, which leads to all of a table of 2^n slots.
    """
    mixed = (np.uint64(where) * _1) ^ (np.uint64(who) * _2)
    near = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(SLOTS_OF_A_SPOT - 1))
    return (SLOTS_BETWEEN_SPOTS * spot_of(where) + near) & (slots.size - 1)


@njit(cache=True)
def _add(setup, state, table, slots, counter, kind, where, who, people, moved, recent, ahead, lately):
    """Add people to a row of their name, the nearest in two distances; return it, -1 if the table is full.

    On a day with more than a few rows there are at most ``most_rows`` of a name that lie nearer to each other
    than ``far_metres``, by their ``kind``; and never two that lie nearer than ``near_metres``. While rows are
    few, those who are away for longer or shorter by ``age_apart`` have a row of their own. A row without
    people can be had again by whoever needs a new one.
    """
    slot, step = _first_slot(slots, where, who), 1
    while slots[slot] >= 0 and not (table[slots[slot], WHERE] == where and table[slots[slot], WHO] == who):
        slot, step = (slot + step) & (slots.size - 1), step + 1
    is_few = state.counters[counter] < setup.few_rows[state.counters[TODAY]]
    near, distance, n_rows, free, at = -1, FARTHEST, 0, -1, slots[slot]
    while at >= 0:
        row = table[at]
        if row[PEOPLE] == 0:
            free = at
        elif not is_few or _are_of_an_age(setup, state, row):
            apart = abs(row[AHEAD] - ahead) + abs(row[LATELY] - lately)
            n_rows += 1
            if apart < distance:
                near, distance = at, apart
        at = row[OTHER]
    is_near = distance <= setup.near_metres
    if not is_few and n_rows >= setup.most_rows[state.counters[TODAY], kind]:
        is_near = distance <= setup.far_metres
    if near >= 0 and is_near:
        row = table[near]
        _add_since(state, row, people)
        row[PEOPLE] += people
        row[MOVED] += people * moved
        row[RECENT] += people * recent
        return near
    if free < 0:
        free = state.counters[counter]
        if free >= table.shape[0]:
            state.counters[OVERFLOW] = 1
            return -1
        state.counters[counter] = free + 1
        table[free, OTHER] = slots[slot]
        slots[slot] = free
        table[free, SLOT] = slot
    row = table[free]
    row[WHERE], row[WHO], row[PEOPLE], row[AHEAD], row[LATELY] = where, who, people, ahead, lately
    row[MOVED], row[RECENT] = people * moved, people * recent
    row[SINCE], row[SPREAD] = np.int64(people * state.in_hand[0]), np.int64(people * state.in_hand[1])
    return free


@njit(cache=True)
def _empty(state, table, slots, counter):
    for row in range(state.counters[counter]):
        slots[table[row, SLOT]] = -1
    state.counters[counter] = 0


@njit(cache=True)
def stand(setup, state, place, group, recent, plan, first_leg, people):
    """Let people stand at a place for the night. ``recent`` includes today.

    In a camp that few leave nobody is told apart by recent travel: after a few days there it is nothing.
    """
    lately = 0 if state.is_settled[place] or not setup.avoid_short_stints else recent
    where, who = pack_where(place, 0), pack_who(plan, group, first_leg)
    _add_tonight(setup, state, where, who, people, recent, lately)


@njit(cache=True)
def stay_on_leg(setup, state, leg, done, group, recent, plan, first_leg, turned, people):
    """Let people spend the night on a leg, so many metres along. ``recent`` includes today."""
    lately = recent if setup.avoid_short_stints else 0
    where = pack_where(setup.population.size + leg, done)
    who = pack_who(plan, group, 2 * turned + first_leg)
    _add_tonight(setup, state, where, who, people, recent, lately)


@njit(cache=True)
def _add_tonight(setup, state, where, who, people, recent, lately):
    table, slots = state.tonight, state.tonight_slots
    _add(setup, state, table, slots, N_TONIGHT, AT_NIGHT, where, who, people, 0, recent, 0, lately)


@njit(cache=True)
def start_day(setup, state):
    """Make what was kept for the night into today's cohorts, those of a block of places beside each other."""
    n, blocks = state.counters[N_TONIGHT], state.wave_waiting.size
    if blocks == 1:
        state.today[:n] = state.tonight[:n]
    else:
        next_row = np.zeros(blocks + 1, np.int64)
        for row in range(n):
            next_row[_block_of(setup, spot_of(state.tonight[row, WHERE])) + 1] += 1
        for block in range(blocks):
            next_row[block + 1] += next_row[block]
        for row in range(n):
            block = _block_of(setup, spot_of(state.tonight[row, WHERE]))
            state.today[next_row[block]] = state.tonight[row]
            next_row[block] += 1
    _empty(state, state.tonight, state.tonight_slots, N_TONIGHT)
    state.counters[N_TODAY] = n


@njit(cache=True)
def _block_of(setup, spot):
    """Return the block of a place, or of the place where a leg starts."""
    places = setup.population.size
    return (spot if spot < places else setup.leg_start[spot - places]) // setup.block_places


@njit(cache=True)
def _distances(setup, place, recent, moved, kind):
    """Return the two distances by which people who have come to a place today are told apart.

    Who may be forced on differ by where that ends; who stops, by what their recent travel will be tonight.
    Who cannot but reach the end of the day on the next leg, or of being forced on, are all alike in that.
    """
    if kind == STOPS:
        return 0, (recent + moved) // 2 if setup.avoid_short_stints else 0
    if moved >= setup.last_metres[place]:
        return setup.last_metres[place], 0
    return moved, min(recent, max(0, setup.last_metres[place] - moved)) if kind == FORCED else 0


@njit(cache=True)
def expect(setup, state, place, group, recent, plan, moved, kind, people):
    """Let people come to a place today, when all have set out; ``recent`` does not include today."""
    where, who = pack_where(place, 0), pack_who(plan, group, kind)
    ahead, lately = _distances(setup, place, recent, moved, kind)
    table, slots = state.coming, state.coming_slots
    _add(setup, state, table, slots, N_COMING, kind, where, who, people, moved, recent, ahead, lately)


@njit(cache=True)
def join_wave(setup, state, place, group, recent, plan, moved, kind, people):
    """Let people stand at a place with time to go on today; ``recent`` does not include today."""
    where, who = pack_where(place, 0), pack_who(plan, group, kind)
    ahead, lately = _distances(setup, place, recent, moved, kind)
    table, slots = state.wave, state.wave_slots
    row = _add(setup, state, table, slots, N_WAVE, kind, where, who, people, moved, recent, ahead, lately)
    if row < 0 or state.wave[row, PEOPLE] > people:
        return  # the row hangs in its bin already
    block, bin_ = place // setup.block_places, moved // setup.wave_metres
    if block == state.counters[WAVE_BLOCK]:
        bin_ = max(state.counters[WAVE_BIN], bin_)
    state.wave[row, NEXT] = -1
    if state.wave_first[block, bin_] < 0:
        state.wave_first[block, bin_] = row
    else:
        state.wave[state.wave_last[block, bin_], NEXT] = row
    state.wave_last[block, bin_] = row
    state.wave_waiting[block] += 1


@njit(cache=True)
def take_from_wave(state, block, bin_, taken):
    """Take the first row out of a bin of a block of the wave; False if there is none."""
    first = state.wave_first[block, bin_]
    if first < 0:
        return False
    taken[:] = state.wave[first]
    state.wave_first[block, bin_] = taken[NEXT]
    state.wave_waiting[block] -= 1
    state.wave[first, PEOPLE] = state.wave[first, MOVED] = state.wave[first, RECENT] = 0
    state.wave[first, SINCE] = state.wave[first, SPREAD] = 0
    return True


@njit(cache=True)
def empty_coming(state):
    """Forget who was to come today."""
    _empty(state, state.coming, state.coming_slots, N_COMING)


@njit(cache=True)
def empty_wave(state):
    """Forget the rows of the wave, all of whose people have gone on or stopped."""
    _empty(state, state.wave, state.wave_slots, N_WAVE)
    state.counters[WAVE_BLOCK] = state.counters[WAVE_BIN] = 0
