"""The engine's cohorts against Flee's law person by person, on the published instances, as one table.

Flee's own replicates are few and show large differences only. Here the same law moves one person after
another, in the order in which they left home, as docs/flee.md tells it: with the weights, the events and the
departures of the engine, but without cohorts, bins of distance or parts of a day. Whatever lumping changes
shows as a difference of the mean number of people in a site on a day.

*rms* is the root mean square over sites and eight days of that difference in units of its standard error: 1
if both follow one law. *worst* is the site whose mean over all days differs most, as a share of its people,
beside how sure that is (in standard errors of the mean over all days); sites of fewer than 20 people are not
ranked. *off* is the sum over sites of the absolute differences of these means over all people in sites.

    python -m benchmarks.flee_persons                          all twelve pairs, 200 runs each, half an hour
    python -m benchmarks.flee_persons mali2012 --runs 400 --hasten 1
    python -m benchmarks.flee_persons --against-flee           persons against Flee's own replicates
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.flee_check import (
    INSTANCES,
    REFERENCE,
    SETTINGS,
    compared_days,
    read_reference,
    rms,
    rms_under_equal_laws,
)
from corridor.engine.arrays import OVERFLOW, TODAY, VERSION
from corridor.engine.random import new_rng
from corridor.engine.step_arrays import N_TONIGHT, StepSetup, StepSizes, new_step_state
from corridor.engine.step_cohorts import PEOPLE, WHERE, WHO, group_of, spot_of, start_day
from corridor.engine.step_events import close_and_open, switch
from corridor.engine.step_leaving import leave_home, work_out_leave_weights
from corridor.engine.step_moving import chance_to_go, leg_speed, plan_from, reaches_end
from corridor.engine.step_scores import work_out_scores
from corridor.engine.step_ways import find_ways_ahead, room_left, write_weights
from corridor.engine.stepwise import simulate_steps
from corridor.engine.structs import as_struct
from corridor.ensemble.flee import step_setup
from corridor.formats.flee import FleeInstance, data_table, read_flee_instance

Ints = NDArray[np.int64]

#: Columns of a person: place (or places + leg), group, plan, metres done on the leg, metres moved today,
#: whether on the first leg, whether the leg has closed.
SPOT, GROUP, PLAN, DONE, MOVED, FIRST, TURNED, COLUMNS = range(8)
#: Instances are run with one person in so many, unless told otherwise.
HASTEN = {
    "mali2012": 1,
    "burundi2015": 1,
    "ssudan2013": 10,
    "car2013": 10,
    "nigeria2016": 20,
    "syria2013": 100,
}
FEWEST = 20.0


def simulate_persons(setup: StepSetup, *, n_days: int, seed: int, member: int) -> Ints:
    """Return [days, places] who stands where each evening, one person after another; no optional rules."""
    n_people = int(setup.given[:n_days].sum() + setup.inserted.sum())
    sizes, struct = StepSizes(), as_struct(setup)
    while True:
        state = new_step_state(setup, sizes)
        state.rng[:] = new_rng(seed, member)
        standing = np.zeros((n_days, setup.population.size), np.int64)
        person, recent = np.zeros((n_people, COLUMNS), np.int64), np.zeros(n_people)
        if _run(struct, as_struct(state), n_days, seed * 1_000_003 + member, person, recent, standing):
            return standing
        sizes = sizes.doubled()


@njit(cache=True, nogil=True)
def _run(setup, state, n_days, seed, person, recent, standing):  # type: ignore[no-untyped-def]
    np.random.seed(seed)
    state.counters[VERSION] = 1
    n = 0
    for place in range(setup.inserted.size):
        for _ in range(setup.inserted[place]):
            n = _appear(state, person, n, place, 0)
    work_out_leave_weights(setup, state, 0)
    before = after = 0
    for day in range(n_days):
        state.counters[TODAY] = day
        state.draws[:] = 0
        before = switch(setup, state, day, before)
        n = _leave_home(setup, state, day, person, n)
        work_out_leave_weights(setup, state, day)
        after = close_and_open(setup, state, day, after)
        work_out_scores(setup, state, day)
        for i in range(n):
            leg = person[i, SPOT] - setup.population.size
            if leg >= 0 and state.leg_closed_today[leg]:
                person[i, TURNED] = 1
            if leg < 0:
                _decide(setup, state, person[i], False)
        for i in range(n):
            person[i, MOVED] = 0
            if person[i, SPOT] >= setup.population.size:
                _travel(setup, state, person[i], recent[i])
            recent[i] = (recent[i] + person[i, MOVED]) / 2.0
        standing[day] = state.occupants
        if state.counters[OVERFLOW] != 0:
            return False
    return True


@njit(cache=True)
def _appear(state, person, n, place, group):  # type: ignore[no-untyped-def]
    person[n] = 0
    person[n, SPOT], person[n, GROUP], person[n, PLAN], person[n, FIRST] = place, group, -1, 1
    state.occupants[place] += 1
    return n + 1


@njit(cache=True)
def _leave_home(setup, state, day, person, n):  # type: ignore[no-untyped-def]
    """Make persons of the day's cohorts, in any order."""
    first = n
    occupants = state.occupants.copy()
    leave_home(setup, state, day)
    state.occupants[:] = occupants
    for row in range(state.counters[N_TONIGHT]):
        cohort = state.tonight[row]
        for _ in range(cohort[PEOPLE]):
            n = _appear(state, person, n, spot_of(cohort[WHERE]), group_of(cohort[WHO]))
    start_day(setup, state)
    order = first + np.random.permutation(n - first)
    person[first:n] = person[order]
    return n


@njit(cache=True)
def _decide(setup, state, who, is_forced):  # type: ignore[no-untyped-def]
    """Let a person who stands at a place stay there or enter a road."""
    place, plan = who[SPOT], who[PLAN]
    if not (plan >= 0 or (is_forced and state.is_town[place])):
        chance = chance_to_go(setup, state, place, who[GROUP])
        if np.random.random() >= chance:
            return
    is_bound = plan >= 0
    plan = plan_from(setup, state, place, plan) if is_bound else _choose(setup, state, place, who[GROUP])
    who[PLAN] = -1
    if plan < 0:
        return
    end, leg = state.plan_end[plan], state.plan_leg[plan]
    if not state.leg_open[leg] or (state.is_camp[end] and room_left(setup, state, end) < 0.5):
        return
    who[PLAN], who[SPOT], who[DONE] = plan, setup.population.size + leg, 0
    state.occupants[place] -= 1


@njit(cache=True)
def _choose(setup, state, place, group):  # type: ignore[no-untyped-def]
    find_ways_ahead(setup, state, place)
    first, n = state.ways_first[place], state.ways_count[place]
    if n == 0:
        return -1
    weight = state.scratch_weight[:n]
    write_weights(setup, state, place, group, weight)
    rest = np.random.random() * weight.sum()
    for i in range(n):
        if rest < weight[i]:
            return state.way_plan[first + i]
        rest -= weight[i]
    return state.way_plan[first + n - 1]


@njit(cache=True)
def _travel(setup, state, who, recent):  # type: ignore[no-untyped-def]
    """Let a person on a road make all of today's moves."""
    while True:
        leg = who[SPOT] - setup.population.size
        speed = leg_speed(setup, leg, who[FIRST])
        if setup.leg_walk_chance[leg] > 0.0 and np.random.random() < setup.leg_walk_chance[leg]:
            speed = setup.walk_metres_per_day
        ahead = setup.leg_metres[leg] - who[DONE]
        if not reaches_end(setup, ahead, speed):
            who[DONE] += speed
            who[MOVED] += speed
            return
        who[MOVED] += ahead
        who[FIRST] = 0
        who[PLAN] = state.plan_rest[who[PLAN]]
        if who[TURNED] == 1:
            who[TURNED] = 0
            who[SPOT] = setup.leg_start[leg]
            state.occupants[who[SPOT]] += 1
            return
        who[SPOT] = setup.leg_end[leg]
        state.occupants[who[SPOT]] += 1
        if who[MOVED] >= speed:
            return
        is_forced = setup.avoid_short_stints and recent + who[MOVED] < setup.metres_per_day
        _decide(setup, state, who, is_forced)
        if who[SPOT] < setup.population.size:
            return


def _read(instance: str, settings: str, hasten: int) -> tuple[FleeInstance, StepSetup]:
    folder = REFERENCE / "instances" / instance
    read = read_flee_instance(
        folder / "input_csv",
        folder / "source_data",
        REFERENCE / "settings" / f"{settings}.yml",
        hasten=hasten,
    )
    return read, step_setup(read, data_table(read))[0]


def _many(simulate: Callable[[int], Ints], runs: int) -> tuple[Ints, float]:
    """Return the results of so many runs on two threads, and the processor seconds of one."""
    simulate(0)  # compiled
    started = time.process_time()
    with ThreadPoolExecutor(2) as pool:
        results = np.stack(list(pool.map(simulate, range(runs))))
    return results, (time.process_time() - started) / runs


def compare(instance: str, settings: str, *, runs: int, hasten: int, seed: int = 1) -> dict[str, Any]:
    """Run both laws and compare them; see the head of this file."""
    read, setup = _read(instance, settings, hasten)
    sites, n_days = list(read.sites), read.n_days

    def of_persons(run: int) -> Ints:
        return simulate_persons(setup, n_days=n_days, seed=seed, member=run)[:, sites]

    def of_cohorts(run: int) -> Ints:
        return simulate_steps(setup, n_days=n_days, seed=seed, member=run).standing[:, sites]

    (persons, slow), (cohorts, fast) = _many(of_persons, runs), _many(of_cohorts, runs)
    return {**_difference(persons, cohorts, read, sites), "seconds": (slow, fast)}


def compare_with_flee(instance: str, settings: str, *, runs: int, seed: int = 1) -> tuple[float, float]:
    """Return rms between persons and Flee's own replicates, and the share of equal laws that have more."""
    reference = read_reference(instance, settings)
    read, setup = _read(instance, settings, reference.hasten)
    sites, days = list(read.sites), compared_days(read.n_days)

    def of_persons(run: int) -> Ints:
        return simulate_persons(setup, n_days=read.n_days, seed=seed, member=run)[:, sites]

    ours = _many(of_persons, runs)[0][:, days].astype(np.float64)
    apart = rms(reference.simulated[:, days], ours)
    if_equal = rms_under_equal_laws(ours, reference.simulated.shape[0], seed)
    return apart, float((if_equal >= apart).mean())


def _difference(persons: Ints, cohorts: Ints, read: Any, sites: list[int]) -> dict[str, Any]:
    days = compared_days(persons.shape[1])
    at, other = persons[:, days].astype(float), cohorts[:, days].astype(float)
    error = np.sqrt((at.var(axis=0, ddof=1) + other.var(axis=0, ddof=1)) / persons.shape[0])
    z = (other.mean(axis=0) - at.mean(axis=0))[error > 0] / error[error > 0]
    long, long_other = persons.mean(axis=1), cohorts.mean(axis=1)  # [runs, sites]
    shift = long_other.mean(axis=0) - long.mean(axis=0)
    spread = np.sqrt((long.var(axis=0, ddof=1) + long_other.var(axis=0, ddof=1)) / persons.shape[0])
    share = np.where(long.mean(axis=0) >= FEWEST, shift / np.maximum(long.mean(axis=0), 1.0), 0.0)
    worst = int(np.abs(share).argmax())
    return {
        "rms": float(np.sqrt((z**2).mean())),
        "largest": float(np.abs(z).max()),
        "worst": read.places[sites[worst]].name,
        "share": float(share[worst]),
        "errors": float(shift[worst] / spread[worst]) if spread[worst] > 0 else 0.0,
        "off": float(np.abs(shift).sum() / long.mean(axis=0).sum()),
    }


def lines(instances: list[str], settings: list[str], runs: int, hasten: int | None) -> Iterator[str]:
    """Yield the table, line by line."""
    yield "| instance | settings | 1 person in | rms | largest | off | worst | by | in standard errors | s |"
    yield "|---" * 10 + "|"
    for instance in instances:
        for name in settings:
            one_in = hasten or HASTEN[instance]
            found = compare(instance, name, runs=runs, hasten=one_in)
            yield (
                f"| {instance} | {name} | {one_in} | {found['rms']:.2f} | {found['largest']:.1f} "
                f"| {found['off']:.2%} | {found['worst']} | {found['share']:+.2%} | {found['errors']:+.1f} "
                f"| {found['seconds'][0]:.2f}, {found['seconds'][1]:.3f} |"
            )


def lines_against_flee(instances: list[str], settings: list[str], runs: int) -> Iterator[str]:
    """Yield the table of the law person by person against Flee's own replicates, line by line."""
    yield "| instance | settings | rms | p |"
    yield "|---|---|---|---|"
    for instance in instances:
        for name in settings:
            apart, p_value = compare_with_flee(instance, name, runs=runs)
            yield f"| {instance} | {name} | {apart:.2f} | {p_value:.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flee_persons", description=__doc__)
    parser.add_argument("instances", nargs="*", default=list(INSTANCES), help="all if none is named")
    parser.add_argument("--settings", choices=SETTINGS, help="both if not given")
    parser.add_argument("--runs", type=int, default=200, help="runs of each")
    parser.add_argument("--hasten", type=int, help="one person stands for so many")
    parser.add_argument("--against-flee", action="store_true", help="compare with Flee's own replicates")
    asked = parser.parse_args()
    if unknown := [name for name in asked.instances if name not in INSTANCES]:
        parser.error(f"'{unknown[0]}' is none of {', '.join(INSTANCES)}")
    settings = [asked.settings] if asked.settings else list(SETTINGS)
    if not REFERENCE.is_dir():
        print("the published instances (../shared/flee) are not here; nothing was compared")
        return
    if asked.against_flee:
        table = lines_against_flee(asked.instances, settings, asked.runs)
    else:
        table = lines(asked.instances, settings, asked.runs, asked.hasten)
    for line in table:
        print(line, flush=True)


if __name__ == "__main__":
    main()
