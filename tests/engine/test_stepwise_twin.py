"""Flee's order of the day on cohorts against the same law person by person, on random small instances.

Where no camp comes near its capacity the order in which people of one day move does not matter, and engine
and twin follow one law to the letter. Where places fill and empty, Flee lets the older persons go first; the
engine cuts a day into parts by age, and the same test finds no difference.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from compare import p_value_of_one_law
from scipy.stats import binom
from step_worlds import engine_futures, random_instance, twin_futures

WORLDS, FAMILY_WORLDS = 20, 24
TWIN_FUTURES, ENGINE_FUTURES = 60, 120  # of an instance; where places fill, twice as many
TOO_MANY_SMALL, TOO_MANY_TINY = 4, 2  # worlds with a p-value of at most 0.01 and at most 0.001
CROWDED_WORLDS, BUSY_FROM = 50, 120
CROWDED_SMALL, CROWDED_TINY = 5, 3
BLOCK_FUTURES = 300


def few_p_values(folder: Path, seeds: range, *, is_tight: bool = False, **how: bool) -> tuple[int, int]:
    """Return how many instances have a p-value of at most 0.01, and of at most 0.001."""
    p, times = [], 2 if is_tight else 1
    for seed in seeds:
        instance = random_instance(folder / str(seed), seed, is_tight=is_tight, **how)
        engine, twin = (
            engine_futures(instance, times * ENGINE_FUTURES, seed),
            twin_futures(instance, times * TWIN_FUTURES, seed),
        )
        p.append(p_value_of_one_law(engine, twin, seed))
    return sum(value <= 0.01 for value in p), sum(value <= 0.001 for value in p)


@pytest.mark.law
def test_with_room_for_all_engine_and_twin_follow_one_law(tmp_path: Path):
    """Twenty random instances, each an exact permutation test over all stocks and flows of eight days.

    False alarms: by the binomial law four or more p-values of 0.01 or less in 20, or two of 0.001 or less,
    come by chance at most 3 times in 10,000.
    """
    small, tiny = few_p_values(tmp_path, range(WORLDS))
    assert small < TOO_MANY_SMALL and tiny < TOO_MANY_TINY, f"{small} p-values <= 0.01, {tiny} <= 0.001"


@pytest.mark.law
def test_with_the_optional_rules_engine_and_twin_follow_one_law(tmp_path: Path):
    """Twenty-four random instances with some optional rules on, every other one as meant; tests as above.

    Food, floods and forecasts, fixed and major routes, harvest, camps that keep people, listed people,
    matching by religion and ethnicity, negative powers and, as meant, forced redirections. False alarms: four
    or more p-values of 0.01 or less in 24, or two of 0.001 or less, come by chance at most 5 times in 10,000.
    """
    small, tiny = few_p_values(tmp_path, range(FAMILY_WORLDS), with_families=True)
    assert small < TOO_MANY_SMALL and tiny < TOO_MANY_TINY, f"{small} p-values <= 0.01, {tiny} <= 0.001"


def test_false_alarms_with_the_optional_rules_are_rarer_than_5_in_10000():
    small = binom.sf(TOO_MANY_SMALL - 1, FAMILY_WORLDS, 0.01)
    assert small + binom.sf(TOO_MANY_TINY - 1, FAMILY_WORLDS, 0.001) < 5e-4


def test_false_alarms_are_rarer_than_3_in_10000():
    alarms = binom.sf(TOO_MANY_SMALL - 1, WORLDS, 0.01) + binom.sf(TOO_MANY_TINY - 1, WORLDS, 0.001)
    assert alarms < 3e-4


@pytest.mark.law
def test_where_places_fill_and_empty_engine_and_twin_follow_one_law(tmp_path: Path):
    """Fifty random instances whose camps hold 25 to 60 people and fill within days; tests as above.

    In the last thirty people also leave camps in numbers, towns have capacities, some roads are short, and
    borders close for a day. False alarms: five or more p-values of 0.01 or less in 50, or three of 0.001 or
    less, come by chance at most 2 times in 10,000. (A day in which those at crowded places all decide first,
    whatever their age, gave four of 0.001; a morning in which nobody sees anybody leave, three.)
    """
    tight = few_p_values(tmp_path, range(100, BUSY_FROM), is_tight=True)
    busy = few_p_values(tmp_path, range(BUSY_FROM, 100 + CROWDED_WORLDS), is_tight=True, is_busy=True)
    small, tiny = tight[0] + busy[0], tight[1] + busy[1]
    assert small < CROWDED_SMALL and tiny < CROWDED_TINY, f"{small} p-values <= 0.01, {tiny} <= 0.001"


def test_false_alarms_where_places_fill_are_rarer_than_2_in_10000():
    small = binom.sf(CROWDED_SMALL - 1, CROWDED_WORLDS, 0.01)
    assert small + binom.sf(CROWDED_TINY - 1, CROWDED_WORLDS, 0.001) < 2e-4


@pytest.mark.law
def test_places_of_many_blocks_follow_the_law_of_one(tmp_path: Path):
    """Fifty random instances, half of them tight, with blocks of one place and with one block of all.

    Large networks are run block by block; 300 futures of each kind, tests and false alarms as above.
    """
    p = []
    for seed in range(CROWDED_WORLDS):
        kind = {"is_tight": seed % 2 == 1, "is_busy": seed % 4 == 1, "with_families": seed % 4 == 0}
        instance = random_instance(tmp_path / str(seed), seed, **kind)
        one_by_one = engine_futures(instance, BLOCK_FUTURES, seed, block_places=1)
        at_once = engine_futures(instance, BLOCK_FUTURES, seed + CROWDED_WORLDS)
        p.append(p_value_of_one_law(one_by_one, at_once, seed))
    small, tiny = sum(value <= 0.01 for value in p), sum(value <= 0.001 for value in p)
    assert small < CROWDED_SMALL and tiny < CROWDED_TINY, f"{small} p-values <= 0.01, {tiny} <= 0.001"
