"""Pooling, by hand, by what must not change it, and by what must always hold."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest
from claims_by_hand import make_claim
from hypothesis import given, settings
from hypothesis import strategies as st

from corridor.evidence.quantities import Quantity
from corridor.problems import InputError
from corridor.scenario.pool import CREDIBILITY_WEIGHT, RELIABILITY_WEIGHT, grade_weight, pool_claims

PEOPLE = Quantity("population of Amara", "quantity", "people")
CHANCE = Quantity("prior siege", "quantity", "", (0.0, 1.0))
DATE = Quantity("date of entry", "quantity", "date", (-np.inf, np.inf))
POINTS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def quantiles(pooled):
    return [pooled.quantile(point) for point in POINTS]


def test_one_claim_by_hand():
    """A1, 100 to 200: 0.95 between, 0.025 each from 100/1.1 to 100 and from 200 to 220; no background."""
    pooled = pool_claims([make_claim(low=100, high=200)], PEOPLE, background_weight=0)
    assert pooled.edges == pytest.approx([100 / 1.1 / 3, 100 / 1.1, 100, 200, 220, 660])
    assert pooled.masses == pytest.approx([0, 0.025, 0.95, 0.025, 0])
    assert pooled.quantile(0.5) == pytest.approx(150)
    assert pooled.quantile(0.025 + 0.95 / 4) == pytest.approx(125)
    assert pooled.cdf(200) == pytest.approx(0.975)
    low_tail, high_tail = (100 / 1.1 + 100) / 2, 210
    assert pooled.mean == pytest.approx(0.025 * low_tail + 0.95 * 150 + 0.025 * high_tail)
    squares = (
        0.025 * (low_tail**2 + (100 - 100 / 1.1) ** 2 / 12)
        + 0.95 * (150**2 + 100**2 / 12)
        + 0.025 * (210**2 + 20**2 / 12)
    )
    assert pooled.sd == pytest.approx(np.sqrt(squares - pooled.mean**2))


def test_the_background_by_hand():
    """0.02 evenly from a third of the lowest tail to three times the highest."""
    pooled = pool_claims([make_claim(low=100, high=200)], PEOPLE)
    low, high = 100 / 1.1 / 3, 660.0
    assert pooled.edges[[0, -1]] == pytest.approx([low, high])
    assert pooled.masses[0] == pytest.approx(0.02 * (100 / 1.1 - low) / (high - low))
    assert pooled.masses[2] == pytest.approx(0.98 * 0.95 + 0.02 * 100 / (high - low))


def test_two_claims_by_hand():
    """A1 weighs 1, C3 a quarter (0.5 * 0.5): 0.8 and 0.2. The C3 claim has 0.8 between its ends."""
    first = make_claim(id="a", source="x", low=100, high=200)
    second = make_claim(id="b", source="y", low=1000, high=2000, reliability="C", credibility=3)
    pooled = pool_claims([first, second], PEOPLE, background_weight=0)
    assert [voice.weight for voice in pooled.voices] == pytest.approx([0.8, 0.2])
    assert pooled.cdf(500) == pytest.approx(0.8)
    assert pooled.cdf(1000) == pytest.approx(0.8 + 0.2 * 0.1)
    assert pooled.cdf(1500) == pytest.approx(0.8 + 0.2 * 0.5)


def test_the_logarithmic_pool_by_hand():
    """Two equal claims that overlap between 150 and 200: there the product is flat, and largest."""
    first = make_claim(id="a", source="x", low=100, high=200)
    second = make_claim(id="b", source="y", low=150, high=250)
    pooled = pool_claims([first, second], PEOPLE, method="log", background_weight=0)
    core, tail_low, tail_high = 0.95 / 100, 0.025 / (150 - 150 / 1.1), 0.025 / 20
    raw = {
        (150 / 1.1, 150): np.sqrt(core * tail_low) * (150 - 150 / 1.1),
        (150, 200): core * 50,
        (200, 220): np.sqrt(core * tail_high) * 20,
    }
    total = sum(raw.values())
    for (low, high), mass in raw.items():
        assert pooled.cdf(high) - pooled.cdf(low) == pytest.approx(mass / total)
    assert pooled.cdf(150 / 1.1) == 0
    assert pooled.cdf(220) == pytest.approx(1)


def test_contradictory_certainties_have_no_logarithmic_pool():
    claims = [
        make_claim(id="a", source="x", low=100, high=110),
        make_claim(id="b", source="y", low=900, high=950),
    ]
    with pytest.raises(InputError) as error:
        pool_claims(claims, PEOPLE, method="log")
    assert str(error.value) == (
        "[pool-no-overlap] 'population of Amara': no value is allowed by all claims, such as 'a' and 'b'\n"
        "    hint: use the linear pool, which keeps both; or grade one of them lower\n"
        "1 problem. Nothing was run."
    )
    assert pool_claims(claims, PEOPLE).cdf(500) == pytest.approx(0.5, abs=0.02)


def test_figures_that_say_only_one_end():
    at_least = pool_claims([make_claim(low=100)], PEOPLE).voices[0]
    up_to = pool_claims([make_claim(high=100)], PEOPLE).voices[0]
    single = pool_claims([make_claim(low=100, high=100)], PEOPLE).voices[0]
    nobody = pool_claims([make_claim(low=0, high=0)], PEOPLE).voices[0]
    assert (at_least.low, at_least.high) == (100, 200)
    assert (up_to.low, up_to.high) == (50, 100)
    assert (single.low, single.high) == (95, 105)
    assert (nobody.low, nobody.high) == (0, 0.5)


def test_a_chance_stays_a_chance():
    pooled = pool_claims([make_claim(low=90, high=100, unit="%", reliability="F", credibility=6)], CHANCE)
    assert (pooled.edges[0], pooled.edges[-1]) == (pytest.approx(0.15), 1.0)
    assert pooled.voices[0].tail_high == 1.0
    assert pooled.cdf(1.0) == pytest.approx(1)
    assert pooled.masses.sum() == pytest.approx(1)


def test_a_date_counts_from_the_day_it_was_said():
    said_on = dt.date(2016, 10, 18)
    pooled = pool_claims([make_claim(said_on=said_on, low=1, high=2, unit="weeks")], DATE)
    voice = pooled.voices[0]
    assert [dt.date.fromordinal(int(end)) for end in (voice.low, voice.high)] == [
        dt.date(2016, 10, 25),
        dt.date(2016, 11, 1),
    ]
    assert voice.tail_high == pytest.approx(said_on.toordinal() + 14 * 1.1)


def test_what_is_not_pooled_says_why():
    claims = [
        make_claim(id="no"),
        make_claim(id="denied", low=5, high=5, kind="denial"),
        make_claim(id="tents", low=5, high=5, unit="tents"),
        make_claim(id="zero", low=0),
        make_claim(id="yes", low=5, high=9),
    ]
    pooled = pool_claims(claims, PEOPLE)
    assert [voice.claim.id for voice in pooled.voices] == ["yes"]
    assert {claim.id: why for claim, why in pooled.unused} == {
        "no": "gives no figure",
        "denied": "denies a figure",
        "tents": "is in 'tents'",
        "zero": "sets no bound",
    }


def test_nothing_to_pool():
    with pytest.raises(InputError, match="pool-empty"):
        pool_claims([make_claim()], PEOPLE)


def test_low_above_high_is_a_problem():
    with pytest.raises(InputError, match="range-order"):
        pool_claims([make_claim(low=9, high=5)], PEOPLE)


def test_a_better_grade_weighs_more_and_is_narrower():
    letters, figures = list(RELIABILITY_WEIGHT.values()), list(CREDIBILITY_WEIGHT.values())
    assert letters[:5] == sorted(letters[:5], reverse=True)
    assert figures[:5] == sorted(figures[:5], reverse=True)
    widths = []
    for credibility in (1, 2, 3, 4, 5):
        low, high = pool_claims([make_claim(low=100, high=200, credibility=credibility)], PEOPLE).band(0.9)
        widths.append(high - low)
    assert widths == sorted(widths)
    assert grade_weight(make_claim()) == 1


claims_of_people = st.lists(
    st.builds(
        lambda low, factor, letter, figure, source: {
            "low": low,
            "high": low * factor,
            "reliability": letter,
            "credibility": figure,
            "source": source,
        },
        st.floats(1, 1e6),
        st.floats(1, 10),
        st.sampled_from("ABCDEF"),
        st.integers(1, 6),
        st.sampled_from(["UN", "an agency", "a militia", "a mayor"]),
    ),
    min_size=1,
    max_size=6,
)


def made(found):
    return [make_claim(id=f"c{number}", **parts) for number, parts in enumerate(found)]


@settings(max_examples=60, deadline=None)
@given(claims_of_people, st.randoms())
def test_the_order_of_claims_does_not_matter(found, random):
    claims = made(found)
    expected = quantiles(pool_claims(claims, PEOPLE))
    random.shuffle(claims)
    assert quantiles(pool_claims(claims, PEOPLE)) == pytest.approx(expected)


@settings(max_examples=60, deadline=None)
@given(claims_of_people, st.integers(0, 5))
def test_an_origin_heard_twice_counts_once(found, at):
    claims = made(found)
    repeated = claims[at % len(claims)]
    again = repeated.model_copy(
        update={"id": "again", "carried_by": "another outlet", "said_on": dt.date(2024, 2, 25)}
    )
    expected = quantiles(pool_claims(claims, PEOPLE))
    assert quantiles(pool_claims([*claims, again], PEOPLE)) == pytest.approx(expected)


def test_an_origin_with_two_figures_has_one_weight():
    first = make_claim(id="a", source="UN (Grande)", low=10, high=20)
    second = make_claim(id="b", source="UN", low=30, high=40)
    other = make_claim(id="c", source="mayor", low=100, high=200)
    weights = {voice.claim.id: voice.weight for voice in pool_claims([first, second, other], PEOPLE).voices}
    assert weights == pytest.approx({"a": 0.25, "b": 0.25, "c": 0.5})


def test_an_outlet_that_repeats_its_source_is_no_second_witness():
    first = make_claim(id="a", source="a militia", carried_by="an agency > a broadcaster", low=9000)
    second = make_claim(id="b", source="An agency", low=9000)
    other = make_claim(id="c", source="mayor", low=100, high=200)
    pooled = pool_claims([first, second, other], PEOPLE)
    assert {voice.claim.id: voice.weight for voice in pooled.voices} == pytest.approx({"a": 0.5, "c": 0.5})


@settings(max_examples=60, deadline=None)
@given(claims_of_people)
def test_families_and_people_give_the_same(found):
    claims = made(found)
    families = [
        claim.model_copy(update={"unit": "families", "low": claim.low / 6, "high": claim.high / 6})
        for claim in claims
    ]
    expected = quantiles(pool_claims(claims, PEOPLE, household_size=6))
    assert quantiles(pool_claims(families, PEOPLE, household_size=6)) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(claims_of_people, st.floats(2, 1000))
def test_a_thousandfold_claim_gives_a_thousandfold_pool(found, factor):
    """Ranges wider than the rounding of single figures: everything scales."""
    claims = [claim for claim in made(found) if claim.high > claim.low * (1.0 + 1e-6)]
    if not claims:
        return
    larger = [c.model_copy(update={"low": c.low * factor, "high": c.high * factor}) for c in claims]
    expected = [factor * value for value in quantiles(pool_claims(claims, PEOPLE))]
    assert quantiles(pool_claims(larger, PEOPLE)) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(claims_of_people)
def test_the_pool_is_a_distribution_within_what_was_said(found):
    pooled = pool_claims(made(found), PEOPLE)
    assert pooled.masses.sum() == pytest.approx(1)
    assert (pooled.masses >= 0).all()
    assert (np.diff(pooled.edges) > 0).all()
    values = np.linspace(pooled.edges[0], pooled.edges[-1], 50)
    chances = [pooled.cdf(value) for value in values]
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(chances))
    bare = pool_claims(made(found), PEOPLE, background_weight=0)
    lowest, highest = min(v.tail_low for v in bare.voices), max(v.tail_high for v in bare.voices)
    assert lowest - 1e-9 <= bare.quantile(0) <= bare.quantile(1) <= highest + 1e-9
    alone = [pool_claims([voice.claim], PEOPLE, background_weight=0).mean for voice in bare.voices]
    assert min(alone) * (1 - 1e-9) <= bare.mean <= max(alone) * (1 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(claims_of_people, st.sampled_from(POINTS))
def test_quantile_and_cdf_agree(found, point):
    pooled = pool_claims(made(found), PEOPLE)
    assert pooled.cdf(pooled.quantile(point)) == pytest.approx(point, abs=1e-9)


def test_a_probability_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match="must be from 0 to 1"):
        pool_claims([make_claim(low=1, high=2)], PEOPLE).quantile(1.1)
