"""Futures pulled towards counts: what cannot fit is named, nothing later is read, stocks stay people."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from crisis import N_DAYS, arrivals, count, day, draw, members, steady

from corridor.assimilate.combine import Record, Teaching, assimilate, issue_dates, reissue
from corridor.assimilate.learned_cases import LEADS_DAYS
from corridor.assimilate.members import pull
from corridor.assimilate.reissues import FUTURES, LAST, score_reissues, summarise
from corridor.assimilate.soft import learn
from corridor.assimilate.targets import TOTAL, known_counts, targets_of
from corridor.problems import InputError


def crowd(counts, n=60, seed=1):
    return members(*draw(np.random.default_rng(seed), n), counts)


def pulled(counts, on=60, **more):
    return pull(targets_of(crowd(counts, **more), day(on)), seed=1)


@pytest.fixture(scope="module")
def teaching():
    pool = [steady("one", 1), steady("two", 2)]
    found = {lead: learn(pool, lead, widens=False) for lead in LEADS_DAYS}
    return Teaching(found, found)


def test_counts_pull_their_target_and_what_moves_with_it():
    counts = [count("North", on, 2_000) for on in (20, 40, 59)]
    before, after = pulled([]), pulled(counts)
    for name, wanted in (("North", 2_000), ("South", 2_000 * 4 / 6)):
        assert abs(after.median(name)[60] - wanted) < 0.4 * abs(before.median(name)[60] - wanted)
    spread = [np.ptp(np.quantile(each.people[:, 1, 60], [0.05, 0.95])) for each in (before, after)]
    assert spread[1] < 0.6 * spread[0]


def test_stocks_are_people():
    after = pulled([count("North", 30, 0), count("South", 31, 40_000_000), count(TOTAL, 40, 3)])
    assert np.isfinite(after.people).all()
    assert (after.people >= 0).all()


def test_without_a_count_the_futures_stand():
    after = pulled([])
    assert after.weights.size == pytest.approx(60)
    assert after.innovations == ()
    assert after.people[:, :, :61] == pytest.approx(after.targets.people[:, :, :61], abs=1e-6)


def test_a_total_counted_before_is_taken_off():
    counts = [count(TOTAL, 0, 500), count(TOTAL, 10, 1_700)]
    assert [c.people for c in known_counts(crowd(counts).scenario, day(10))] == [0, 1_200]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            [count("North", 30, 90_000), count("North", 58, 95_000)],
            "North counts lie outside all futures since 31 March 2024.",
        ),
        (
            [count("North", 30, 90_000)],
            "North, 31 March 2024: the count of 90,000 lies",
        ),
        (
            [count("Empty", 50, 400)],
            "Empty: no future has anybody there by 20 April 2024, so its count of 400 cannot pull "
            "the futures",
        ),
        (
            [count("North", 40, 3_000), count("North", 58, 2_500)],
            "North: the count fell from 3,000 to 2,500 by 28 April 2024; a revision or departures",
        ),
        (
            [count("North", 40, 3_000), count("North", 58, 0)],
            "North: nobody is counted since 28 April 2024; taken as closed.",
        ),
        (
            [count("North", 50, 3_000), count("North", 58, 3_000, "the army")],
            "North: counted by the army on 28 April 2024, before by camp management",
        ),
        ([count("North", 10, 900)], "North: no count for 50 days, since 11 March 2024."),
        (
            [count("North", on, 20) for on in range(30, 60)],
            "The counts fit next to none of the futures",
        ),
    ],
    ids=["outside", "outlier", "new site", "revision", "closed", "counter", "missing month", "collapse"],
)
def test_what_does_not_fit_is_said(counts, sentence):
    after = pulled(counts)
    assert [told for told in after.sentences if told.startswith(sentence)], after.sentences
    assert np.isfinite(after.people).all()


def test_a_count_back_inside_is_no_longer_told():
    counts = [count("North", 30, 90_000), count("North", 58, 4_000)]
    assert not [told for told in pulled(counts).sentences if "outside all futures" in told]


def test_no_count_after_the_issue_date_changes_a_byte(teaching):
    known = [count("North", 5, 700), count(TOTAL, 20, 2_500), count("South", 25, 900)]
    later = [count("North", 41, 9), count(TOTAL, 60, 90_000), count("Town", 70, 12), count("Empty", 45, 800)]
    one = assimilate(crowd(known), day(40), teaching)
    two = assimilate(crowd([*known, *later]), day(40), teaching)
    assert one.quantiles.tobytes() == two.quantiles.tobytes()
    assert one.pulled.weights.weights.tobytes() == two.pulled.weights.weights.tobytes()
    assert (one.targets.names, one.sentences()) == (two.targets.names, two.sentences())
    three = assimilate(crowd([*known, count("North", 40, 1_000)]), day(40), teaching)
    assert one.quantiles.tobytes() != three.quantiles.tobytes()  # a count of the day itself is used


def test_a_site_no_future_fills_rests_on_its_counts(teaching):
    made = assimilate(crowd([count("Empty", 10, 400), count("Empty", 30, 500)]), day(40), teaching)
    row = made.targets.names.index("Empty")
    assert made.mechanism_weight[row] == 0.0
    assert np.array_equal(made.quantiles[row, 50], made.from_counts[row, 50])
    never = made.targets.names.index("South")
    assert made.mechanism_weight[never] == 1.0
    assert np.array_equal(made.quantiles[never], made.mechanism[never])


def test_few_futures_are_told(teaching):
    few = assimilate(crowd([count("North", 5, 700)], n=5), day(40), teaching)
    assert few.sentences()[0].startswith("Only 5 futures")
    assert np.isfinite(few.quantiles).all()
    enough = assimilate(crowd([count("North", 5, 700)], n=30), day(40), teaching)
    assert not enough.sentences()[0].startswith("Only")


def test_weights_follow_the_record():
    assert Record().weight() == pytest.approx(0.27)
    assert Record((0.1,) * 90, (0.3,) * 90).weight() == pytest.approx((10 * 0.27 + 90 * 0.75) / 100)
    assert Record((0.3,) * 10, (0.1,) * 10).weight() == pytest.approx((0.27 + 0.25) / 2)


def test_quantiles_are_whole(teaching):
    made = assimilate(crowd([count("North", 5, 700), count(TOTAL, 20, 2_500)]), day(40), teaching)
    assert made.quantiles.shape == (4, N_DAYS, 100)
    assert np.isfinite(made.quantiles).all()
    assert (np.diff(made.quantiles, axis=-1) >= -1e-9).all()
    assert (made.quantiles >= 0).all()


def test_reissuing_scores_each_forecast_on_later_counts_only(teaching):
    truth = arrivals(9_000, 0.03)
    counts = [count(TOTAL, on, int(truth[on])) for on in range(4, N_DAYS, 4)]
    sums = crowd(counts)
    dates = issue_dates(sums, day(80), 20)
    made = reissue(sums, dates, teaching)
    scored = score_reissues(sums, made)
    assert all(each.date > each.issue_date for each in scored)
    assert {each.issue_date for each in scored} == set(dates)
    found = {(each.model, each.lead_days): each for each in summarise(scored, totals=True)}
    assert found[FUTURES, (31, 60)].rcrps < found[LAST, (31, 60)].rcrps  # their law made the counts
    assert np.isnan(found[LAST, (1, 14)].coverage_90)
    assert summarise(scored, totals=False) == []


@pytest.mark.parametrize(
    ("on", "n", "words"), [(91, 60, "issue date"), (-1, 60, "issue date"), (40, 1, "at least 2")]
)
def test_what_cannot_be_done_is_named(teaching, on, n, words):
    with pytest.raises(InputError, match=words):
        assimilate(crowd([], n=n), day(on), teaching)


def test_parameters_of_a_twin_are_recovered():
    """Counts made by a known future give back its final size, in intervals that hold what they say.

    150 twins, each from the prior and not one of the members; 8 counts with 10 % error. The weighted 90 %
    interval of the size must hold it in 82 to 98 % of twins: at 90 % true coverage a false alarm comes in 1
    seed of 1,000. The error of the middle must be under half of that of the prior.
    """
    rng = np.random.default_rng(11)
    sizes, rates = draw(rng, 400)
    plain = members(sizes, rates)
    days = np.arange(10, 81, 10)
    order = np.argsort(sizes)
    held, errors, prior_errors = [], [], []
    for size, rate in zip(*draw(rng, 150), strict=True):
        noisy = arrivals(size, rate)[days] * np.exp(0.1 * rng.standard_normal(days.size))
        counts = [count(TOTAL, int(on), int(p)) for on, p in zip(days, noisy, strict=True)]
        scenario = plain.scenario.model_copy(update={"counts": tuple(counts)})
        after = pull(targets_of(dataclasses.replace(plain, scenario=scenario), day(85)), seed=1)
        heap = np.cumsum(after.weights.weights[order])
        low, middle, high = sizes[order][np.minimum(np.searchsorted(heap, [0.05, 0.5, 0.95]), 399)]
        held.append(low <= size <= high)
        errors.append(abs(np.log(middle / size)))
        prior_errors.append(abs(np.log(np.median(sizes) / size)))
    assert 0.82 <= np.mean(held) <= 0.995
    assert np.mean(errors) < np.mean(prior_errors) / 2


def test_a_twin_is_forecast_within_its_bands():
    """The people of a twin 20 days after the issue date lie in the 90 % band of the pulled futures.

    120 twins; at 90 % true coverage fewer than 79 % is seen in 1 seed of 5,000. Bands may be wider: the
    model of drift between futures and world is kept though there is none here.
    """
    rng = np.random.default_rng(12)
    plain = members(*draw(rng, 200))
    days = np.arange(8, 61, 8)
    held, widths, before = [], [], []
    for size, rate in zip(*draw(rng, 120), strict=True):
        truth = arrivals(size, rate)
        noisy = truth[days] * np.exp(0.1 * rng.standard_normal(days.size))
        counts = [count(TOTAL, int(on), int(p)) for on, p in zip(days, noisy, strict=True)]
        scenario = plain.scenario.model_copy(update={"counts": tuple(counts)})
        after = pull(targets_of(dataclasses.replace(plain, scenario=scenario), day(60)), seed=1)
        low, high = np.quantile(after.people[:, -1, 80], [0.05, 0.95])
        held.append(low <= truth[80] <= high)
        widths.append(high - low)
        before.append(np.ptp(np.quantile(plain.total[:, 80], [0.05, 0.95])))
    assert np.mean(held) >= 0.79
    assert np.mean(widths) < 0.6 * np.mean(before)
