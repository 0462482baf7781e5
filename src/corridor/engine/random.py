"""Random numbers that are a function of what they decide, not of when they are drawn.

A draw is named by (seed, member, day, place, decision, number); the name goes through Philox 4x32-10 and
comes out as uniform numbers, from which binomial, multinomial and hypergeometric numbers are made. There is
no hidden state: the array ``rng`` only holds the name of the draw in hand and the words not yet used.

References
----------
Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", SC'11: Philox 4x32-10.
Hormann (1993), "The generation of binomial random variates", J. Stat. Comput. Simul. 46: algorithm BTRS.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

# What a draw decides. The number is part of the draw's name: never reuse or renumber one.
LEAVE_RESIDENT = 1
LEAVE_RETURNED = 2
LEAVE_GIVEN = 3
FIND_WAY = 4
OPEN_GATE = 5
MOVE_ON = 6
DESTINATION = 7
PASS_PLACE = 8
PASS_ROUTE = 9
ENTER_PLACE = 10
SET_OUT_HOME = 11
STAY_FOR_GOOD = 12
SEE_ROOM = 13
N_DECISIONS = 14

# Layout of the rng array: two key words, four counter words, four buffered words, words already used.
KEY, COUNTER, BUFFER, USED, RNG_SIZE = 0, 2, 6, 10, 11

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_BELOW_10 = 10.0  # mean below which binomials are found by summing probabilities


def member_key(seed: int, member: int) -> NDArray[np.uint64]:
    """Return the two 32-bit key words of a member, as uint64[2].

    The words come from NumPy's `SeedSequence`, whose entropy pool keeps the keys of different (seed, member)
    pairs apart.
    """
    words = np.random.SeedSequence(entropy=seed, spawn_key=(member,)).generate_state(2, np.uint32)
    return words.astype(np.uint64)


def new_rng(seed: int, member: int) -> NDArray[np.uint64]:
    """Return the rng array of one member, uint64[RNG_SIZE]; a draw must be opened before it gives numbers."""
    rng = np.zeros(RNG_SIZE, np.uint64)
    rng[KEY : KEY + 2] = member_key(seed, member)
    return rng


@njit(cache=True)
def fill_buffer(rng):
    """Turn key and counter into four new 32-bit words (ten Philox rounds) and step the counter."""
    k0, k1 = rng[KEY], rng[KEY + 1]
    c0, c1, c2, c3 = rng[COUNTER], rng[COUNTER + 1], rng[COUNTER + 2], rng[COUNTER + 3]
    for _ in range(10):
        product0, product1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (
            (product1 >> _32) ^ c1 ^ k0,
            product1 & _LOW,
            (product0 >> _32) ^ c3 ^ k1,
            product0 & _LOW,
        )
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    rng[BUFFER], rng[BUFFER + 1], rng[BUFFER + 2], rng[BUFFER + 3] = c0, c1, c2, c3
    rng[COUNTER] += np.uint64(1)
    rng[USED] = np.uint64(0)


@njit(cache=True)
def open_draw(rng, day, place, decision, number):
    """Name the next draw; the numbers that follow depend on this name and the member's key alone."""
    rng[COUNTER] = np.uint64(0)
    rng[COUNTER + 1] = np.uint64(number)
    rng[COUNTER + 2] = np.uint64(place)
    rng[COUNTER + 3] = (np.uint64(day) << np.uint64(8)) | np.uint64(decision)
    rng[USED] = np.uint64(4)


@njit(cache=True)
def uniform(rng):
    """Return the next uniform number of the open draw, in [0, 1), with 53 random bits."""
    if rng[USED] >= np.uint64(4):
        fill_buffer(rng)
    used = np.int64(rng[USED])
    high, low = rng[BUFFER + used] >> np.uint64(5), rng[BUFFER + used + 1] >> np.uint64(6)
    rng[USED] += np.uint64(2)
    return (float(high) * 67108864.0 + float(low)) / 9007199254740992.0


@njit(cache=True)
def binomial(rng, n, p):
    """Draw how many of n people go if each goes independently with probability p (int64; p is clipped to
    0..1).
    """
    if n <= 0 or p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    if p > 0.5:
        return n - _binomial_small_p(rng, n, 1.0 - p)
    return _binomial_small_p(rng, n, p)


@njit(cache=True)
def _binomial_small_p(rng, n, p):
    if n * p < _BELOW_10:
        return _binomial_by_sum(rng, n, p)
    return _binomial_by_rejection(rng, n, p)


@njit(cache=True)
def _binomial_by_sum(rng, n, p):
    rest = uniform(rng)
    if rest < 1.0 - n * p:  # less than the probability of nobody, by Bernoulli's inequality
        return 0
    odds = p / (1.0 - p)
    probability = math.exp(n * math.log1p(-p))
    k = 0
    while rest > probability and k < n:
        rest -= probability
        k += 1
        probability *= odds * (n - k + 1) / k
        if probability < 1e-300:  # rounding left a rest that no further term can use up
            break
    return k


@njit(cache=True)
def _stirling_rest(k):
    """Return log k! minus Stirling's formula for it, to 1e-10: the first terms of the series in 1/(k+1)."""
    if k < 10:
        return math.lgamma(k + 1.0) - ((k + 0.5) * math.log(k + 1.0) - (k + 1.0) + 0.9189385332046727)
    x = 1.0 / (k + 1.0)
    return (1.0 / 12.0 - (1.0 / 360.0 - x * x / 1260.0) * x * x) * x


@njit(cache=True)
def _binomial_by_rejection(rng, n, p):
    """Transformed rejection with squeezes (Hormann 1993: BTRS, with the second squeeze of BTRD).

    Needs n p >= 10 and p <= 1/2.
    """
    spread = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    centre = n * p + 0.5
    squeeze = 0.92 - 4.2 / b
    while True:
        u = uniform(rng) - 0.5
        v = uniform(rng)
        us = 0.5 - abs(u)
        if us <= 0.0:
            continue
        k = math.floor((2.0 * a / us + b) * u + centre)
        if us >= 0.07 and v <= squeeze:
            return np.int64(k)
        if k < 0 or k > n or v <= 0.0:
            continue
        alpha, odds, mode = (2.83 + 5.1 / b) * spread, p / (1.0 - p), math.floor((n + 1) * p)
        v = math.log(v * alpha / (a / (us * us) + b))
        apart, variance = abs(k - mode), spread * spread
        if 20 < apart < variance / 2.0 - 1.0:  # bounds that settle nearly all without more logarithms
            rest = (apart * (apart / 3.0 + 0.625) + 1.0 / 6.0) / variance + 0.5
            rest, near = rest * apart / variance, -apart * apart / (2.0 * variance)
            if v < near - rest:
                return np.int64(k)
            if v > near + rest:
                continue
        at_mode = (mode + 0.5) * math.log((mode + 1.0) / (odds * (n - mode + 1.0)))
        at_mode += _stirling_rest(mode) + _stirling_rest(n - mode)
        bound = at_mode + (n + 1.0) * math.log((n - mode + 1.0) / (n - k + 1.0))
        bound += (k + 0.5) * math.log(odds * (n - k + 1.0) / (k + 1.0))
        bound -= _stirling_rest(k) + _stirling_rest(n - k)
        if v <= bound:
            return np.int64(k)


@njit(cache=True)
def poisson(rng, mean):
    """Draw a Poisson number (int64): by summing probabilities, in steps of at most 500 so that none
    underflows.
    """
    total = np.int64(0)
    while mean > 500.0:
        total += _poisson_by_sum(rng, 500.0)
        mean -= 500.0
    return total + _poisson_by_sum(rng, mean)


@njit(cache=True)
def _poisson_by_sum(rng, mean):
    probability = math.exp(-mean)
    rest = uniform(rng)
    k = np.int64(0)
    while rest > probability:
        rest -= probability
        k += 1
        probability *= mean / k
        if probability < 1e-300 and k > mean:
            break
    return k


@njit(cache=True)
def multinomial(rng, n, weight, out):
    """Split n people over cells with probability proportional to weight; writes out[:weight.size].

    Weights are finite, >= 0, and not all zero. Few people are placed one by one, many by conditional
    binomials: both are the multinomial law.
    """
    cells = weight.size
    left = weight.sum()
    last = 0
    for cell in range(cells):
        out[cell] = 0
        if weight[cell] > 0.0:
            last = cell
    if n * 4 <= cells:
        for _ in range(n):
            rest = uniform(rng) * left
            cell = 0
            while cell < last and rest >= weight[cell]:
                rest -= weight[cell]
                cell += 1
            out[cell] += 1
        return
    for cell in range(last):
        if n == 0:
            return
        if weight[cell] > 0.0:
            go = binomial(rng, n, weight[cell] / left)
            out[cell] = go
            n -= go
            left -= weight[cell]
    out[last] = n


@njit(cache=True)
def place_one_by_one(rng, n, weight, out):
    """Split n people over cells as `multinomial` does, each by itself: faster where they are no more than the
    cells.

    Writes out[:weight.size], and sums up the weights, of which the last must be above 0.
    """
    out[:] = 0
    for cell in range(1, weight.size):
        weight[cell] += weight[cell - 1]
    for _ in range(n):
        cell = np.searchsorted(weight, uniform(rng) * weight[-1], side="right")
        out[min(cell, weight.size - 1)] += 1


@njit(cache=True)
def hypergeometric(rng, good, bad, drawn):
    """Draw how many of ``drawn`` people, taken at random from good + bad, are good (int64).

    Inversion from the mode outwards: exact, and as slow as the spread is wide (about 4 standard deviations of
    steps). Needs 0 <= drawn <= good + bad.
    """
    low, high = max(0, drawn - bad), min(good, drawn)
    if low == high:
        return low
    mode = min(max((good + 1) * (drawn + 1) // (good + bad + 2), low), high)
    at_mode = math.exp(_log_hypergeometric(mode, good, bad, drawn))
    rest = uniform(rng) - at_mode
    up, down, p_up, p_down = mode, mode, at_mode, at_mode
    while rest >= 0.0 and (up < high or down > low):
        if up < high:
            p_up *= float(good - up) * float(drawn - up) / (float(up + 1) * float(bad - drawn + up + 1))
            up += 1
            rest -= p_up
            if rest < 0.0:
                return up
        if down > low:
            p_down *= (
                float(down) * float(bad - drawn + down) / (float(good - down + 1) * float(drawn - down + 1))
            )
            down -= 1
            rest -= p_down
            if rest < 0.0:
                return down
        if p_up < 1e-300 and p_down < 1e-300:
            break
    return mode


@njit(cache=True)
def _log_choose(n, k):
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)


@njit(cache=True)
def _log_hypergeometric(k, good, bad, drawn):
    return _log_choose(good, k) + _log_choose(bad, drawn - k) - _log_choose(good + bad, drawn)


@njit(cache=True)
def choose_some(rng, people, drawn, out):
    """Draw how many of each cohort are among ``drawn`` people taken at random from all; writes
    out[:people.size].

    The multivariate hypergeometric law, one cohort after another. Needs 0 <= drawn <= people.sum().
    """
    rest = people.sum()
    for cohort in range(people.size):
        rest -= people[cohort]
        out[cohort] = hypergeometric(rng, people[cohort], rest, drawn)
        drawn -= out[cohort]
