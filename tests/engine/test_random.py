"""Random numbers: Philox by its published vectors, each distribution by its law, and the names of draws.

Every p-value of a law gives a false alarm for 1 seed in 100,000; there are 45 of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws import ALARM, p_value_of_counts, p_value_of_draws
from numpy.typing import NDArray
from scipy import stats

from corridor.engine import random as engine_random
from corridor.engine.random import (
    BUFFER,
    COUNTER,
    KEY,
    RNG_SIZE,
    binomial,
    choose_some,
    fill_buffer,
    hypergeometric,
    member_key,
    multinomial,
    new_rng,
    open_draw,
    place_one_by_one,
    uniform,
)

MILLION = 10**6


def draws_of(draw: Callable[[NDArray[np.uint64]], Any], number: int, seed: int = 1) -> NDArray[np.int64]:
    """Return so many draws, each opened by a name of its own."""
    rng, drawn = new_rng(seed, 0), []
    for place in range(number):
        open_draw(rng, 1, place, 1, 0)
        drawn.append(draw(rng))
    return np.array(drawn)


# Philox 4x32-10


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ],
    ids=["zeros", "ones", "digits of pi"],
)
def test_philox_gives_the_published_words(counter: str, key: str, words: str):
    """The known-answer vectors of the Random123 distribution (Salmon and others 2011), file kat_vectors."""
    rng = np.zeros(RNG_SIZE, np.uint64)
    rng[KEY : KEY + 2] = [int(word, 16) for word in key.split()]
    rng[COUNTER : COUNTER + 4] = [int(word, 16) for word in counter.split()]
    fill_buffer(rng)
    assert [f"{int(word):08x}" for word in rng[BUFFER : BUFFER + 4]] == words.split()


def test_a_uniform_number_is_made_of_53_bits_of_two_words():
    rng = new_rng(1, 2)
    open_draw(rng, 3, 4, 5, 6)
    by_hand = rng.copy()
    fill_buffer(by_hand)
    words = [int(word) for word in by_hand[BUFFER : BUFFER + 4]]
    fill_buffer(by_hand)
    words += [int(word) for word in by_hand[BUFFER : BUFFER + 2]]
    for high, low in (words[0:2], words[2:4], words[4:6]):
        assert uniform(rng) == ((high >> 5) * 2**26 + (low >> 6)) / 2**53


# Names of draws


def first_numbers(rng: NDArray[np.uint64], name: tuple[int, int, int, int], count: int = 5) -> list[float]:
    open_draw(rng, *name)
    return [uniform(rng) for _ in range(count)]


NAMES = st.tuples(
    st.integers(0, 2**16 - 1), st.integers(0, 2**24 - 1), st.integers(0, 255), st.integers(0, 2**31)
)


@settings(deadline=None)
@given(NAMES, NAMES, st.integers(0, 9))
def test_a_draw_does_not_depend_on_what_was_drawn_before(
    before: tuple[int, int, int, int], name: tuple[int, int, int, int], used: int
):
    alone, after = new_rng(7, 3), new_rng(7, 3)
    first_numbers(after, before, used)
    assert first_numbers(after, name) == first_numbers(alone, name)


@settings(deadline=None)
@given(NAMES, NAMES)
def test_different_names_give_different_numbers(a: tuple[int, int, int, int], b: tuple[int, int, int, int]):
    rng = new_rng(7, 3)
    assert (first_numbers(rng, a) == first_numbers(rng, b)) == (a == b)


def test_each_part_of_the_name_counts():
    """A name and 16 others that differ from it in one bit of one part: all numbers of all draws differ."""
    name = (5, 1000, 7, 2)
    others = [
        tuple(part ^ (1 << bit) if i == axis else part for i, part in enumerate(name))
        for axis in range(4)
        for bit in (0, 1, 3, 6)
    ]
    rng = new_rng(1, 0)
    numbers = [u for each in [name, *others] for u in first_numbers(rng, each)]  # type: ignore[arg-type]
    assert len(set(numbers)) == 17 * 5


def test_members_and_seeds_have_keys_of_their_own():
    keys = {tuple(member_key(seed, member)) for seed in (0, 1, 2, 2**63 - 1) for member in range(1000)}
    assert len(keys) == 4000


def test_no_two_decisions_have_one_number_and_all_fit_the_name():
    words = ["LEAVE_", "FIND_", "OPEN_", "MOVE_", "DESTINATION", "PASS_", "ENTER_", "SET_", "STAY_", "SEE_"]
    numbers = [getattr(engine_random, name) for name in dir(engine_random) if name.startswith(tuple(words))]
    assert sorted(numbers) == list(range(1, engine_random.N_DECISIONS))
    assert engine_random.N_DECISIONS <= 200  # the ensemble's own decisions begin here


@pytest.mark.law
@pytest.mark.parametrize("axis", range(4), ids=["day", "place", "decision", "number"])
def test_draws_of_neighbouring_names_are_independent(axis: int):
    """First numbers of 20,000 draws whose names count up along one axis: neighbours in 10 x 10 cells."""
    rng, u = new_rng(11, 0), []
    for step in range(20_000):
        name = [3, 3, 3, 3]
        name[axis] = step if axis != 2 else step % 256
        if axis == 2:  # a decision has 8 bits: go on with the next place
            name[1] = step // 256
        open_draw(rng, *name)
        u.append(uniform(rng))
    cell = (np.array(u) * 10).astype(int)
    pairs = np.bincount(cell[0::2] * 10 + cell[1::2], minlength=100)
    assert p_value_of_counts(pairs, np.full(100, 0.01)) > ALARM


@pytest.mark.law
def test_members_are_independent():
    """The same draw of 20,000 members: uniform, and each pair of neighbours independent, 10 x 10 cells."""
    u = []
    for member in range(20_000):
        rng = new_rng(1, member)
        open_draw(rng, 1, 2, 3, 4)
        u.append(uniform(rng))
    cell = (np.array(u) * 10).astype(int)
    pairs = np.bincount(cell[0::2] * 10 + cell[1::2], minlength=100)
    assert p_value_of_counts(pairs, np.full(100, 0.01)) > ALARM


# Uniform


@pytest.mark.law
def test_numbers_of_one_draw_are_uniform_and_independent():
    """100,000 numbers of one draw: Kolmogorov-Smirnov, and pairs in 10 x 10 cells."""
    rng = new_rng(2, 0)
    open_draw(rng, 1, 1, 1, 1)
    u = np.array([uniform(rng) for _ in range(100_000)])
    assert stats.kstest(u, "uniform").pvalue > ALARM
    cell = (u * 10).astype(int)
    assert (
        p_value_of_counts(np.bincount(cell[:-1:2] * 10 + cell[1::2], minlength=100), np.full(100, 0.01))
        > ALARM
    )


# Binomial


@pytest.mark.law
@pytest.mark.parametrize(
    ("n", "p"),
    [
        (1, 0.5),
        (20, 0.1),
        (1000, 0.005),
        (100 * MILLION, 5e-8),
        (100, 0.0999),  # n p just below 10: probabilities summed
        (100, 0.1),  # n p = 10: rejection
        (20, 0.5),
        (25, 0.4),
        (100 * MILLION, 1e-7),
        (1000, 0.02),
        (1000, 0.3),
        (100 * MILLION, 0.3),
        (2000 * MILLION, 0.5),
        (20, 0.9),  # p > 1/2: those who stay are drawn
        (1000, 0.7),
        (100 * MILLION, 0.999),
    ],
)
def test_binomial(n: int, p: float):
    """Chi-square in up to 30 cells of equal chance, 40,000 draws."""
    assert p_value_of_draws(draws_of(lambda rng: binomial(rng, n, p), 40_000), stats.binom(n, p)) > ALARM


@pytest.mark.law
@pytest.mark.parametrize(("n", "p"), [(100, 0.1), (40, 0.5), (100 * MILLION, 0.01)])
def test_tails_of_the_binomial_by_rejection(n: int, p: float):
    """How many of 200,000 draws lie beyond 2, 2.5 and 3 standard deviations, each side."""
    law = stats.binom(n, p)
    edges = np.unique(np.floor(law.mean() + law.std() * np.array([-3, -2.5, -2, 2, 2.5, 3])))
    drawn = draws_of(lambda rng: binomial(rng, n, p), 200_000)
    observed = np.bincount(np.searchsorted(edges, drawn), minlength=edges.size + 1)
    assert p_value_of_counts(observed, np.diff(np.concatenate([[0.0], law.cdf(edges), [1.0]]))) > ALARM


@settings(deadline=None)
@given(st.integers(-5, 2 * 10**9), st.floats(-0.5, 1.5), st.integers(0, 10**6))
def test_a_binomial_number_is_within_its_bounds(n: int, p: float, place: int):
    rng = new_rng(5, 5)
    open_draw(rng, 1, place, 1, 0)
    drawn = binomial(rng, n, p)
    assert 0 <= drawn <= max(0, n)
    if n <= 0 or p <= 0:
        assert drawn == 0
    elif p >= 1:
        assert drawn == n


# Multinomial


def multinomial_draws(n: int, weight: list[float], number: int) -> NDArray[np.int64]:
    out = np.empty(len(weight), np.int64)

    def draw(rng: NDArray[np.uint64]) -> NDArray[np.int64]:
        multinomial(rng, n, np.array(weight), out)
        return out.copy()

    return draws_of(draw, number)


def outcomes(n: int, cells: int) -> list[tuple[int, ...]]:
    """Return all ways to put n people into so many cells."""
    return [way for way in itertools.product(range(n + 1), repeat=cells) if sum(way) == n]


@pytest.mark.law
@pytest.mark.parametrize(
    ("n", "weight"),
    [
        (1, [1.0, 2.0, 3.0, 4.0]),  # one by one: 4 n <= cells
        (2, [1.0, 0.0, 2.0, 3.0, 1.0, 0.5, 0.5, 0.0]),
        (3, [3.0, 2.0, 1.0]),  # by conditional binomials
        (4, [0.0, 5.0, 0.2, 1.0, 0.0]),
    ],
)
def test_multinomial_outcome_by_outcome(n: int, weight: list[float]):
    """How often each of all possible outcomes came in 20,000 draws."""
    drawn = [tuple(row) for row in multinomial_draws(n, weight, 20_000)]
    ways = outcomes(n, len(weight))
    law = stats.multinomial(n, np.array(weight) / sum(weight))
    assert sum(drawn.count(way) for way in ways) == 20_000
    assert p_value_of_counts([drawn.count(way) for way in ways], [law.pmf(way) for way in ways]) > ALARM


@pytest.mark.law
@pytest.mark.parametrize("cell", range(4))
def test_each_cell_of_a_large_multinomial_is_binomial(cell: int):
    """A million people over weights 1 : 20 : 300 : 0.01, 20,000 draws."""
    weight = np.array([1.0, 20.0, 300.0, 0.01])
    drawn = multinomial_draws(MILLION, weight.tolist(), 20_000)[:, cell]
    assert p_value_of_draws(drawn, stats.binom(MILLION, weight[cell] / weight.sum())) > ALARM


@pytest.mark.law
@pytest.mark.parametrize(("n", "weight"), [(1, [1.0, 2.0, 3.0, 4.0]), (3, [3.0, 0.0, 2.0, 1.0])])
def test_placing_one_by_one_is_the_multinomial_law(n: int, weight: list[float]):
    """How often each of all possible outcomes came in 20,000 draws."""

    def draw(rng: NDArray[np.uint64]) -> tuple[int, ...]:
        out = np.empty(len(weight), np.int64)
        place_one_by_one(rng, n, np.array(weight), out)
        return tuple(out.tolist())

    drawn = [tuple(row) for row in draws_of(draw, 20_000).tolist()]
    ways = outcomes(n, len(weight))
    law = stats.multinomial(n, np.array(weight) / sum(weight))
    assert p_value_of_counts([drawn.count(way) for way in ways], [law.pmf(way) for way in ways]) > ALARM


@settings(deadline=None)
@given(
    st.integers(0, 10**9),
    st.lists(st.one_of(st.just(0.0), st.floats(1e-30, 1e30)), min_size=1, max_size=60).filter(any),
    st.integers(0, 10**6),
)
def test_a_multinomial_gives_everybody_a_cell_of_positive_weight(n: int, weight: list[float], place: int):
    rng, out = new_rng(5, 6), np.full(len(weight), -1, np.int64)
    open_draw(rng, 1, place, 1, 0)
    multinomial(rng, n, np.array(weight), out)
    assert out.sum() == n and (out >= 0).all()
    assert not out[np.array(weight) == 0.0].any()


# Hypergeometric


@pytest.mark.law
@pytest.mark.parametrize(
    ("good", "bad", "drawn"),
    [
        (1, 1, 1),
        (5, 5, 3),
        (10, 3, 6),  # at least 3 are good
        (2, 50, 45),
        (300, 200, 100),
        (10, 1000, 500),
        (10 * MILLION, 10 * MILLION, 100_000),
        (100 * MILLION, 50 * MILLION, 1000),
    ],
)
def test_hypergeometric(good: int, bad: int, drawn: int):
    """Chi-square in up to 30 cells of equal chance, 20,000 draws."""
    law = stats.hypergeom(good + bad, good, drawn)
    assert p_value_of_draws(draws_of(lambda rng: hypergeometric(rng, good, bad, drawn), 20_000), law) > ALARM


@settings(deadline=None)
@given(st.integers(0, 10**5), st.integers(0, 10**5), st.data())
def test_a_hypergeometric_number_is_within_its_bounds(good: int, bad: int, data: st.DataObject):
    drawn, place = data.draw(st.integers(0, good + bad)), data.draw(st.integers(0, 10**6))
    rng = new_rng(5, 7)
    open_draw(rng, 1, place, 1, 0)
    assert max(0, drawn - bad) <= hypergeometric(rng, good, bad, drawn) <= min(good, drawn)


@pytest.mark.law
@pytest.mark.parametrize(("people", "drawn"), [([2, 1, 3], 3), ([1, 0, 4, 2], 5), ([5, 5], 9)])
def test_choose_some_outcome_by_outcome(people: list[int], drawn: int):
    """How often each of all possible choices came in 20,000 draws."""
    out = np.empty(len(people), np.int64)

    def draw(rng: NDArray[np.uint64]) -> NDArray[np.int64]:
        choose_some(rng, np.array(people), drawn, out)
        return out.copy()

    chosen = [tuple(row) for row in draws_of(draw, 20_000)]
    ways = [
        way for way in outcomes(drawn, len(people)) if all(a <= b for a, b in zip(way, people, strict=True))
    ]
    law = stats.multivariate_hypergeom(people, drawn)
    assert sum(chosen.count(way) for way in ways) == 20_000
    assert p_value_of_counts([chosen.count(way) for way in ways], [law.pmf(way) for way in ways]) > ALARM
