"""Exact lumping: the engine, which draws how many, is in law the twin, which moves persons one by one.

Engine and twin run the same random worlds; people are neither made nor lost, on any network; and the same names of
draws give the same bytes, whatever else differs.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from compare import SMALL, engine_future, engine_futures, p_value_of_one_law, setup_of, twin_futures
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from numpy.typing import NDArray
from scipy.stats import binom
from twin import SITES, STATES, Result, World, random_world

from corridor.engine.arrays import NO_LIMIT, Sizes
from corridor.engine.simulate import simulate_member

WORLDS = 60
TWIN_FUTURES, ENGINE_FUTURES = 60, 120
SEEDS = st.integers(0, 2**32 - 1)


def worlds_to_compare(seed: int) -> list[World]:
    """Return worlds of three to seven places in which 40 people live through eight days."""
    rng = np.random.default_rng(seed)
    return [random_world(rng, n_places=3 + number % 5) for number in range(WORLDS)]


def p_values(worlds: list[World]) -> list[float]:
    """Return for each world the p-value of the hypothesis that engine and twin follow one law."""
    return [
        p_value_of_one_law(
            engine_futures(world, ENGINE_FUTURES, seed=number),
            twin_futures(world, TWIN_FUTURES, seed=number),
            seed=number,
        )
        for number, world in enumerate(worlds)
    ]
