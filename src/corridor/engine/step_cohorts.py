"""Cohorts of the law with a decision at every place: rows that hold how many people, and two means.

Who share everything that is decided by now are one row: place (or leg, and how far along), plan, group, and
the two numbers that decide whether they go on today, each to within a bin: metres moved today, and *recent
travel*. That is half of yesterday's plus half of today's distance, over the longest possible one, kept as
metres: with `moved` metres today it becomes ``(recent + moved) / 2``. A row keeps the sums of both, so that
lumping does not change the means; people whose two numbers are equal stay exactly as they are.

Flee lets the oldest go first, and where a day is cut into parts that counts. So a row also keeps since when
its people are away, as a mean and a spread, and they are taken to be spread evenly over the time that has
both. Whatever is made of the people in hand, `StepState.in_hand`, is of their age.

Rows of the *wave* hang in bins of metres moved today, in order of coming; a row may come again when its
people have gone.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from corridor.engine.arrays import OVERFLOW
from corridor.engine.step_arrays import N_COMING, N_TODAY, N_TONIGHT, N_WAVE, TABLE_COLUMNS

# Columns of the tables. WHERE and WHO are packed and together name the row; MOVED and RECENT are sums over
# its people. NEXT is the next row of a bin of the wave, SLOT where the row is found. SINCE is the sum of the
# times since which people are away, SPREAD that of squared deviations from its mean.
WHERE, WHO, PEOPLE, MOVED, RECENT, NEXT, SLOT, SINCE, SPREAD = range(TABLE_COLUMNS)
# In the rows of those who come today, once all are known: the first and the last of those times.
EARLIEST, LATEST = SINCE, SPREAD

#: Units of SINCE in a day.
TICKS = 16.0

# What people who come to a place may do today: stop for the night, choose whether to go on, or be forced on
# if the place is a town.
STOPS, FREE, FORCED = range(3)

_DONE_BITS, _GROUP_BITS, _BIN_BITS, _KIND_BITS = 32, 16, 12, 2
#: Groups that fit the name of a row.
MOST_GROUPS = 1 << _GROUP_BITS
_LAST_BIN = (1 << _BIN_BITS) - 1
_1, _2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


# Names of rows


@njit(cache=True)
def pack_where(spot, done):
    """Return the first half of a row's name. ``spot`` is a place, or the number of places plus a leg."""
    return (spot << _DONE_BITS) | done


@njit(cache=True)
def spot_of(where):
    """Return the place, or the number of places plus the leg."""
    return where >> _DONE_BITS


@njit(cache=True)
def done_of(where):
    """Return the metres done on the leg; in the wave, the bin."""
    return where & ((1 << _DONE_BITS) - 1)


@njit(cache=True)
def pack_who(plan, group, bin_, kind):
    """Return the second half of a row's name. ``kind`` is one of `STOPS`, `FREE`, `FORCED`, or two flags."""
    return ((((plan + 1) << _GROUP_BITS | group) << _BIN_BITS) | bin_) << _KIND_BITS | kind


@njit(cache=True)
def plan_of(who):
    """Return the plan, -1 = none."""
    return (who >> (_KIND_BITS + _BIN_BITS + _GROUP_BITS)) - 1


@njit(cache=True)
def group_of(who):
    """Return the group."""
    return (who >> (_KIND_BITS + _BIN_BITS)) & ((1 << _GROUP_BITS) - 1)


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


@njit(cache=True)
def recent_bin(setup, recent):
    """Return the bin of a recent travel."""
    return min((recent + setup.recent_metres // 2) // setup.recent_metres, _LAST_BIN)


# Since when people are away


@njit(cache=True)
def take_new(state, day):
    """Take people in hand who appear on a day, one after another."""
    state.in_hand[0], state.in_hand[1] = (day + 0.5) * TICKS, TICKS * TICKS / 12.0


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
    middle, half = row[SINCE] / row[PEOPLE], math.sqrt(3.0 * row[SPREAD] / row[PEOPLE])
    row[EARLIEST] = min(max(0, np.int64(middle - half)), newest - 1)
    row[LATEST] = min(max(row[EARLIEST] + 1, np.int64(middle + half)), newest)


# Tables


@njit(cache=True)
def _add(state, table, slots, counter, where, who, people, moved, recent):
    """Add people to the row of a name, made if it is new; return the row, -1 if the table is full."""
    mixed = (np.uint64(where) * _1) ^ (np.uint64(who) * _2)
    slot = np.int64((mixed ^ (mixed >> np.uint64(32))) & np.uint64(slots.size - 1))
    while slots[slot] >= 0:
        row = table[slots[slot]]
        if row[WHERE] == where and row[WHO] == who:
            _add_since(state, row, people)
            row[PEOPLE] += people
            row[MOVED] += people * moved
            row[RECENT] += people * recent
            return slots[slot]
        slot = (slot + 1) & (slots.size - 1)
    n = state.counters[counter]
    if n >= table.shape[0]:
        state.counters[OVERFLOW] = 1
        return -1
    row = table[n]
    row[WHERE], row[WHO], row[PEOPLE], row[SLOT] = where, who, people, slot
    row[MOVED], row[RECENT] = people * moved, people * recent
    row[SINCE], row[SPREAD] = np.int64(people * state.in_hand[0]), np.int64(people * state.in_hand[1])
    slots[slot] = n
    state.counters[counter] = n + 1
    return n


@njit(cache=True)
def _empty(state, table, slots, counter):
    for row in range(state.counters[counter]):
        slots[table[row, SLOT]] = -1
    state.counters[counter] = 0


@njit(cache=True)
def stand(setup, state, place, group, recent, plan, first_leg, people):
    """Let people stand at a place for the night. ``recent`` includes today.

    In camps nobody is told apart by recent travel: who goes on the next day is one in a thousand, and after a
    few days there it is nothing.
    """
    lumped = state.is_camp[place] or not setup.avoid_short_stints
    who = pack_who(plan, group, 0 if lumped else recent_bin(setup, recent), first_leg)
    _add(state, state.tonight, state.tonight_slots, N_TONIGHT, pack_where(place, 0), who, people, 0, recent)


@njit(cache=True)
def stay_on_leg(setup, state, leg, done, group, recent, plan, first_leg, turned, people):
    """Let people spend the night on a leg, so many metres along. ``recent`` includes today."""
    lumped = not setup.avoid_short_stints
    who = pack_who(plan, group, 0 if lumped else recent_bin(setup, recent), 2 * turned + first_leg)
    where = pack_where(setup.population.size + leg, done)
    _add(state, state.tonight, state.tonight_slots, N_TONIGHT, where, who, people, 0, recent)


@njit(cache=True)
def start_day(state):
    """Make what was kept for the night into today's cohorts."""
    n = state.counters[N_TONIGHT]
    state.today[:n] = state.tonight[:n]
    _empty(state, state.tonight, state.tonight_slots, N_TONIGHT)
    state.counters[N_TODAY] = n


@njit(cache=True)
def _name_in_wave(setup, place, group, recent, plan, moved, kind):
    """Return the name of the row of people who have come to a place today.

    Who may be forced on differ by where that ends; all others by what their recent travel will be tonight.
    """
    told_apart = recent if kind == FORCED else (recent + moved) // 2
    bin_ = recent_bin(setup, told_apart) if setup.avoid_short_stints else 0
    moved_bin = 0 if kind == STOPS else moved // setup.wave_metres
    return pack_where(place, moved_bin), pack_who(plan, group, bin_, kind)


@njit(cache=True)
def expect(setup, state, place, group, recent, plan, moved, kind, people):
    """Let people come to a place today, when all have set out; ``recent`` does not include today."""
    where, who = _name_in_wave(setup, place, group, recent, plan, moved, kind)
    _add(state, state.coming, state.coming_slots, N_COMING, where, who, people, moved, recent)


@njit(cache=True)
def join_wave(setup, state, place, group, recent, plan, moved, kind, people):
    """Let people stand at a place with time to go on today; ``recent`` does not include today."""
    where, who = _name_in_wave(setup, place, group, recent, plan, moved, kind)
    row = _add(state, state.wave, state.wave_slots, N_WAVE, where, who, people, moved, recent)
    if row < 0 or state.wave[row, PEOPLE] > people:
        return  # the row hangs in its bin already
    bin_ = done_of(where)
    state.wave[row, NEXT] = -1
    if state.wave_first[bin_] < 0:
        state.wave_first[bin_] = row
    else:
        state.wave[state.wave_last[bin_], NEXT] = row
    state.wave_last[bin_] = row


@njit(cache=True)
def take_from_wave(state, bin_, taken):
    """Take the first row out of a bin of the wave; False if there is none."""
    first = state.wave_first[bin_]
    if first < 0:
        return False
    taken[:] = state.wave[first]
    state.wave_first[bin_] = taken[NEXT]
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
