"""The ensemble Kalman smoother: exact where an answer is known, sane where ensembles go wrong."""

import numpy as np
import pytest

from corridor.assimilate.smoother import Observation, smooth


def ensemble(n=50, states=3, seed=1):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(states, states))
    return rng.normal(size=(n, states)) @ mixing + np.arange(states)


def kalman(members, state, value, deviation):
    """Mean and covariance after one observation, by the textbook."""
    mean, cov = members.mean(axis=0), np.cov(members.T)
    gain = cov[:, state] / (cov[state, state] + deviation**2)
    return mean + gain * (value - mean[state]), cov - np.outer(gain, cov[state])


def test_linear_gaussian_is_exact():
    members = ensemble()
    mean, cov = kalman(members, 1, 4.0, 0.7)
    after, _ = smooth(members, [Observation(1, 4.0, 0.7)], tail_freedom=None, tapers=False)
    assert after.mean(axis=0) == pytest.approx(mean, rel=1e-12)
    assert np.cov(after.T) == pytest.approx(cov, rel=1e-10)


def test_two_counts_in_either_order_are_exact_together():
    members, first, second = ensemble(), Observation(0, 1.0, 0.5), Observation(2, 0.0, 0.3)
    plain = {"tail_freedom": None, "tapers": False}
    one, _ = smooth(members, [first, second], **plain)
    two, _ = smooth(members, [second, first], **plain)
    cov = np.cov(members.T)
    seen = np.array([[1.0, 0, 0], [0, 0, 1.0]])
    gain = cov @ seen.T @ np.linalg.inv(seen @ cov @ seen.T + np.diag([0.25, 0.09]))
    mean = members.mean(axis=0) + gain @ (np.array([1.0, 0.0]) - seen @ members.mean(axis=0))
    assert one.mean(axis=0) == pytest.approx(mean, rel=1e-10)
    assert two.mean(axis=0) == pytest.approx(mean, rel=1e-10)
    assert np.cov(one.T) == pytest.approx(np.cov(two.T), rel=1e-9)


def test_a_degenerate_ensemble_stays_and_says_so():
    """Members that all agree cannot be pulled; nothing becomes NaN."""
    members = np.full((20, 2), 3.0)
    after, found = smooth(members, [Observation(0, 9.0, 1.0)])
    assert np.array_equal(after, members)
    assert found[0].trust == 0.0
    assert found[0].standardised == pytest.approx(6.0)


def test_one_state_without_spread_does_not_disturb_the_others():
    members = ensemble()
    members[:, 2] = 5.0
    after, _ = smooth(members, [Observation(0, 2.0, 0.1)])
    assert np.array_equal(after[:, 2], members[:, 2])
    assert np.isfinite(after).all()


def test_an_outlier_pulls_less_than_it_claims():
    members = ensemble(n=400, states=1)
    far = Observation(0, 1_000.0, 0.5)
    plain, _ = smooth(members, [far], tail_freedom=None)
    heavy, found = smooth(members, [far])
    spread = members.std(ddof=1)
    assert plain.mean() > 200  # believed at its word
    assert abs(heavy.mean() - members.mean()) < spread
    assert found[0].trust < 0.01


def test_a_count_as_expected_is_trusted_in_full():
    members = ensemble(n=400, states=1)
    _, found = smooth(members, [Observation(0, float(members.mean()), 0.5)])
    assert found[0].trust == 1.0
    assert found[0].standardised == pytest.approx(0.0, abs=1e-9)


def test_a_gap_is_bridged_by_what_moves_together():
    """Days 0 and 2 are counted, day 1 is not: it ends half-way, as a line through members is."""
    rng = np.random.default_rng(3)
    start, slope = rng.normal(size=(2, 500))
    members = np.stack([start, start + slope, start + 2 * slope], axis=1)
    after, _ = smooth(members, [Observation(0, 1.0, 1e-3), Observation(2, 3.0, 1e-3)], tail_freedom=None)
    assert after.mean(axis=0) == pytest.approx([1.0, 2.0, 3.0], abs=0.02)
    assert after.std(axis=0).max() < 0.02


def test_a_count_reaches_only_as_far_as_told():
    members = ensemble()
    reach = np.array([[1.0, 0.0, 1.0]])
    after, _ = smooth(members, [Observation(0, 2.0, 0.1)], reach=reach)
    assert np.array_equal(after[:, 1], members[:, 1])
    assert not np.array_equal(after[:, 2], members[:, 2])


def test_chance_is_taken_off_the_gain():
    """Of 1,000 states that have nothing to do with the count, most stay put in 20 members.

    Chance correlations beyond two deviations: 4.6 % of states expected. More than 12 % would come up by
    chance in less than 1 seed in 10,000.
    """
    rng = np.random.default_rng(5)
    members = rng.normal(size=(20, 1_001))
    after, _ = smooth(members, [Observation(0, 3.0, 0.1)])
    moved = ~np.isclose(after[:, 1:], members[:, 1:]).all(axis=0)
    assert moved.mean() < 0.12
    plain, _ = smooth(members, [Observation(0, 3.0, 0.1)], tapers=False)
    assert (~np.isclose(plain[:, 1:], members[:, 1:]).all(axis=0)).mean() == 1.0


def test_the_members_given_are_not_changed():
    members = ensemble()
    before = members.copy()
    smooth(members, [Observation(0, 2.0, 0.1)])
    assert np.array_equal(members, before)


@pytest.mark.parametrize(
    ("members", "seen", "words"),
    [
        (np.ones((1, 2)), Observation(0, 1.0, 1.0), "2 or more rows"),
        (np.full((3, 2), np.nan), Observation(0, 1.0, 1.0), "finite"),
        (np.ones((3, 2)), Observation(0, 1.0, 0.0), "deviation of 0.0"),
        (np.ones((3, 2)), Observation(0, np.nan, 1.0), "observation is nan"),
    ],
)
def test_what_cannot_be_used_is_named(members, seen, words):
    with pytest.raises(ValueError, match=words):
        smooth(members, [seen])
