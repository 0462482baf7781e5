"""Priors and storylines: quantiles as by scipy, values by the name of the prior, storylines by weight."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from small import small_scenario, uniform

from corridor.ensemble.sample import (
    choose_storyline,
    probability_of,
    quantile,
    quantiles,
    resolve,
    sample_priors,
    storyline_weights,
)
from corridor.scenario.model import Prior, Storyline

PROBABILITIES = [1e-12, 1e-6, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1 - 1e-6, 1 - 1e-12]


def prior(distribution: str, **parameters: float) -> Prior:
    return Prior(distribution=distribution, unit="1", **parameters)  # type: ignore[arg-type]


SIGMA = math.log(90 / 30) / stats.norm.ppf(0.95)


@pytest.mark.parametrize(
    ("prior", "law"),
    [
        (prior("uniform", low=-2, high=8), stats.uniform(-2, 10)),
        (prior("uniform", low=738000, high=738010), stats.uniform(738000, 10)),  # days
        (prior("triangular", low=1, mode=2, high=6), stats.triang(0.2, 1, 5)),
        (prior("triangular", low=1, mode=1, high=6), stats.triang(0.0, 1, 5)),
        (prior("triangular", low=1, mode=6, high=6), stats.triang(1.0, 1, 5)),
        (prior("lognormal", median=30, p95=90), stats.lognorm(SIGMA, scale=30)),
        (prior("beta", mean=0.3, concentration=10), stats.beta(3, 7)),
        (prior("beta", mean=0.3, concentration=10, low=5, high=9), stats.beta(3, 7, 5, 4)),
    ],
    ids=lambda value: value.distribution if isinstance(value, Prior) else "",
)
def test_quantiles_are_those_of_the_distribution(prior: Prior, law: stats.rv_continuous):
    ours = [quantile(prior, probability) for probability in PROBABILITIES]
    np.testing.assert_allclose(ours, law.ppf(PROBABILITIES), rtol=1e-9)


def steps(edges: tuple[float, ...], masses: tuple[float, ...]) -> Prior:
    return Prior(distribution="steps", unit="people", edges=edges, masses=masses)


def test_quantiles_of_steps_by_hand():
    """A quarter evenly in 0..1, nothing in 1..2, three quarters evenly in 2..5."""
    prior = steps((0, 1, 2, 5), (0.25, 0.0, 0.75))
    levels = (0.0, 0.125, 0.25, 0.25 + 1e-12, 0.5, 1.0)
    assert quantiles(prior, levels) == pytest.approx([0, 0.5, 1, 2, 3, 5])
    assert quantile(steps((3, 4, 9, 10), (0.0, 1.0, 0.0)), 0.0) == 4
    assert quantile(steps((3, 4, 9, 10), (0.0, 1.0, 0.0)), 1.0) == 9


def test_a_product_by_hand():
    """The product of the members' own values; its quantiles those of u * v, whose cdf is x (1 - ln x)."""
    priors = {
        "both": Prior(distribution="product", unit="people", of=("people", "1 - share", 2)),
        "people": uniform(0, 100),
        "share": uniform(0, 1, "share"),
    }
    values = sample_priors(priors, seed=1, member=5)
    assert list(values) == ["both", "people", "share"]
    assert values["both"] == values["people"] * (1 - values["share"]) * 2
    alone = sample_priors({"people": priors["people"]}, seed=1, member=5)
    assert values["people"] == alone["people"]
    for level in (0.05, 0.5, 0.95):
        x = quantile(priors["both"], level, priors) / 200
        assert x * (1 - math.log(x)) == pytest.approx(level, abs=0.01)
    assert quantiles(priors["both"], [0.3], priors) == [quantile(priors["both"], 0.3, priors)]


def test_a_product_that_names_a_prior_twice_moves_with_it():
    """share * (1 - share) is at most a quarter, whatever the grid."""
    priors = {
        "both": Prior(distribution="product", unit="1", of=("share", "1 - share")),
        "share": uniform(0, 1, "1"),
    }
    assert quantile(priors["both"], 1.0, priors) == pytest.approx(0.25, abs=1e-4)
    assert quantile(priors["both"], 0.5, priors) == pytest.approx(0.1875, abs=1e-3)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="pooled when its scenario is read"):
        quantile(Prior(distribution="claims", unit="people"), 0.5)
    with pytest.raises(ValueError, match="names 'share', which is no prior"):
        quantile(Prior(distribution="product", unit="1", of=("share", 2)), 0.5)


def test_a_fixed_prior_has_one_value():
    assert {quantile(prior("fixed", value=4.5), p) for p in PROBABILITIES} == {4.5}


@pytest.mark.parametrize("distribution", ["uniform", "triangular"])
def test_a_range_without_width_has_one_value(distribution: str):
    assert {quantile(prior(distribution, low=3, mode=3, high=3), p) for p in PROBABILITIES} == {3.0}


@pytest.mark.parametrize("distribution", ["fixed", "triangular", "lognormal", "beta", "steps"])
def test_a_prior_that_lacks_a_parameter_is_refused(distribution: str):
    with pytest.raises(ValueError, match="a prior lacks a parameter of its distribution"):
        quantile(prior(distribution), 0.5)


@settings(deadline=None)
@given(
    st.sampled_from(
        [
            prior("uniform", low=-1, high=1),
            prior("triangular", low=0, mode=3, high=4),
            prior("lognormal", median=2, p95=9),
            prior("beta", mean=0.9, concentration=3),
        ]
    ),
    st.floats(1e-12, 1 - 1e-12),
    st.floats(1e-12, 1 - 1e-12),
)
def test_quantiles_grow_with_the_probability(prior: Prior, p: float, q: float):
    low, high = sorted((p, q))
    assert quantile(prior, low) <= quantile(prior, high)


def test_a_value_depends_on_seed_member_and_name_alone():
    """Whatever other priors there are, before or after; and a member has it again at any time."""
    alone = {"rate": uniform(0, 1)}
    others = {"a": uniform(0, 1), "rate": uniform(0, 1), "b": prior("lognormal", median=2, p95=9)}
    values = [sample_priors(alone, seed=1, member=member)["rate"] for member in range(20)]
    assert [sample_priors(others, seed=1, member=m)["rate"] for m in reversed(range(20))] == values[::-1]
    assert len(set(values)) == 20
    assert values != [sample_priors(alone, seed=2, member=member)["rate"] for member in range(20)]
    assert not set(values) & {sample_priors(others, seed=1, member=member)["a"] for member in range(20)}


@pytest.mark.law
def test_values_are_spread_by_the_distribution_and_independent_between_priors():
    """4,000 members, Kolmogorov-Smirnov for each of two priors, rank correlation between them.

    False alarms: 3 seeds in 10,000.
    """
    priors = {"a": prior("triangular", low=0, mode=1, high=3), "b": prior("lognormal", median=2, p95=9)}
    rows = [sample_priors(priors, seed=1, member=member) for member in range(4000)]
    a, b = ([row[name] for row in rows] for name in "ab")
    assert stats.kstest(a, stats.triang(1 / 3, 0, 3).cdf).pvalue > 1e-4
    sigma = math.log(4.5) / stats.norm.ppf(0.95)
    assert stats.kstest(b, stats.lognorm(sigma, scale=2).cdf).pvalue > 1e-4
    assert stats.spearmanr(a, b).pvalue > 1e-4


def test_probabilities_are_never_0_or_1():
    drawn = [probability_of(seed, member, "x") for seed in (0, 2**63 - 1) for member in range(500)]
    assert min(drawn) > 0 and max(drawn) < 1


def test_a_value_is_a_number_or_the_name_of_a_prior():
    assert resolve(3, {}) == 3.0
    assert resolve("rate", {"rate": 0.25}) == 0.25


def storylines(*weights: float | str) -> tuple[Storyline, ...]:
    return tuple(
        Storyline(name=f"s{number}", title="", weight=weight) for number, weight in enumerate(weights)
    )


def test_weights_of_storylines_sum_to_1_and_are_not_negative():
    values = {"w": 3.0, "negative": -2.0}
    assert storyline_weights(storylines(1.0, "w", "negative"), values) == [0.25, 0.75, 0.0]


@pytest.mark.parametrize("weights", [(0.5, 0.3, 0.2), (3, 1), (0.9, 0.1), (1, 1, 1, 1)])
def test_the_first_members_hold_the_storylines_nearly_by_weight(weights: tuple[float, ...]):
    """Any first N of 1,000 members, 20 seeds: at most 3 members off, where lots are off by 15 or 30."""
    scenario = small_scenario(storylines=storylines(*weights))
    for seed in range(20):
        chosen = [choose_storyline(scenario, {}, seed=seed, member=member).name for member in range(1000)]
        for number, weight in enumerate(weights):
            held = np.cumsum([name == f"s{number}" for name in chosen])
            share = weight / sum(weights) * np.arange(1, 1001)
            assert np.abs(held - share).max() <= 3.0


def test_a_storyline_of_no_weight_is_never_followed_and_one_alone_always():
    for weights, allowed in (((0.0, 1.0, 0.0), {"s1"}), ((2.0,), {"s0"})):
        scenario = small_scenario(storylines=storylines(*weights))
        chosen = {
            choose_storyline(scenario, {}, seed=s, member=m).name
            for s, m in itertools.product(range(5), range(200))
        }
        assert chosen == allowed


def test_a_weight_that_is_not_known_counts_member_by_member():
    """Where a member gives all the weight to one storyline, it follows that one."""
    scenario = small_scenario(storylines=storylines("w", "v"))
    for member in range(50):
        w = float(member % 2)
        assert (
            choose_storyline(scenario, {"w": w, "v": 1 - w}, seed=1, member=member).name
            == f"s{1 - member % 2}"
        )
