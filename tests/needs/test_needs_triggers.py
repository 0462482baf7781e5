"""Rules in plain words, and exact cases of when they fire."""

from __future__ import annotations

import datetime as dt

import pytest

from corridor.ensemble.forecast import Forecast
from corridor.needs.triggers import evaluate
from corridor.problems import InputError
from corridor.scenario.model import Place
from corridor.scenario.triggers import Quantity, read_rule, read_rules

PLACES = (
    Place(name="Home", lat=36.3, lon=43.1, kind="town", country="Iraq", population=1000),
    Place(name="Khazer", lat=36.3, lon=43.5, kind="camp", country="Iraq", capacity=200),
    Place(name="Khazer M1 camp", lat=36.3, lon=43.5, kind="camp", country="Iraq", capacity=200),
    Place(name="Khazer M2 camp", lat=36.3, lon=43.5, kind="camp", country="Iraq", capacity=200),
)


@pytest.mark.parametrize(
    ("rule", "quantity", "limit", "place", "days"),
    [
        ("more than 5,000 arrivals at Khazer within 7 days", Quantity.ARRIVALS, 5000, "Khazer", 7),
        (
            "More than 5000 arrivals at khazer m1 camp in 2 weeks.",
            Quantity.ARRIVALS,
            5000,
            "Khazer M1 camp",
            14,
        ),
        ("more than 300 arrivals", Quantity.ARRIVALS, 300, "", 1),
        ("site over 90 % full", Quantity.FULL, 0.9, "", 1),
        ("any site over 90% full", Quantity.FULL, 0.9, "", 1),
        ("Khazer M1 camp over 90 % full", Quantity.FULL, 0.9, "Khazer M1 camp", 1),
        ("more than 50,000 trapped", Quantity.TRAPPED, 50000, "", 1),
        ("more than 50 people trapped in Home", Quantity.TRAPPED, 50, "Home", 1),
        ("more than 200,000 displaced", Quantity.DISPLACED, 200000, "", 1),
        ("more than 1,000 people at Khazer", Quantity.PEOPLE, 1000, "Khazer", 1),
    ],
)
def test_rules_in_plain_words(rule, quantity, limit, place, days):
    trigger = read_rule(rule, PLACES)
    assert (trigger.quantity, trigger.limit, trigger.place, trigger.days) == (quantity, limit, place, days)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("if it gets bad", "[trigger-form] the rule 'if it gets bad' is not understood"),
        ("more than 5,000 arrivals at Kazer within 7 days", "hint: did you mean 'Khazer'?"),
        ("M1 over 90 % full", "'M1' in the rule 'M1 over 90 % full' is no place\n"),
        ("m1 camp over 90 % full", "hint: did you mean 'Khazer M1 camp'?"),
        ("Khazer M over 90 % full", "did you mean one of 'Khazer M1 camp', 'Khazer M2 camp'?"),
        ("more than many trapped", "'many' in the rule 'more than many trapped' must be a number of people"),
        ("more than -5 trapped", "must be a number of people"),
        ("more than 1.200 displaced", "must be a number of people"),
        ("site over lots % full", "must be a percentage such as 90"),
        ("more than 5 arrivals within 0 days", "must be a whole number of days, 1 or more"),
        ("more than 5 arrivals within 1.5 days", "must be a whole number of days, 1 or more"),
        ("Home over 90 % full", "'Home' in the rule 'Home over 90 % full' has no capacity"),
        ("", "[trigger-form] the rule '' is not understood"),
    ],
)
def test_wrong_rules(rule, words):
    with pytest.raises(InputError) as raised:
        read_rule(rule, PLACES)
    assert words in str(raised.value)


def test_all_wrong_rules_are_told_at_once():
    with pytest.raises(InputError) as raised:
        read_rules(["one", "more than 5 trapped", "two"], PLACES)
    assert [problem.code for problem in raised.value.problems] == ["trigger-form", "trigger-form"]


def outcome_of(forecast, rule):
    return evaluate(forecast, read_rules([rule], forecast.scenario.places))[0]


def test_arrivals_within_days(forecast_of):
    """40 a day: on day 3 the last three days have brought 120, on day 2 both have brought 80."""
    nobody = [[0] * 6]
    forecast = forecast_of(
        {("Khazer", "in_camp"): nobody * 2},
        arrivals={"Khazer": [[0, 40, 40, 40, 0, 0], [0, 40, 40, 0, 0, 40]]},
    )
    within_3 = outcome_of(forecast, "more than 100 arrivals at Khazer within 3 days")
    assert within_3.holds_on.tolist() == [0, 0, 0, 0.5, 0, 0]
    assert within_3.fired_by.tolist() == [0, 0, 0, 0.5, 0.5, 0.5]
    assert within_3.first_dates == {0.5: dt.date(2016, 10, 23), 0.8: None}
    within_9 = outcome_of(forecast, "more than 100 arrivals at Khazer within 9 days")
    assert within_9.holds_on.tolist() == [0, 0, 0, 0.5, 0.5, 1]
    assert outcome_of(forecast, "more than 120 arrivals at Khazer within 9 days").chance == 0
    assert "not of arrivals" in within_3.cannot_tell


def test_arrivals_at_all_sites_leave_towns_out(forecast_of):
    arrivals = {"Khazer": [[0, 30]], "Zelikan": [[0, 30]], "Home": [[0, 500]]}
    forecast = forecast_of({("Khazer", "in_camp"): [[0, 0]]}, arrivals=arrivals)
    assert outcome_of(forecast, "more than 59 arrivals").chance == 1
    assert outcome_of(forecast, "more than 60 arrivals").chance == 0


def test_full(forecast_of):
    """Room for 200: 180 people are 90 %, 181 are over it; people at the gate count."""
    forecast = forecast_of(
        {
            ("Khazer", "in_camp"): [[0, 180, 180], [0, 180, 181], [0, 180, 180], [0, 0, 0]],
            ("Khazer", "waiting"): [[0, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0]],
        }
    )
    outcome = outcome_of(forecast, "Khazer over 90 % full")
    assert outcome.holds_on.tolist() == [0, 0.25, 0.25]
    assert outcome.fired_by.tolist() == [0, 0.25, 0.5]
    assert (outcome.first_day(0.5), outcome.first_day(0.8)) == (2, None)
    any_site = outcome_of(forecast, "site over 90 % full")
    assert any_site.fired_by.tolist() == outcome.fired_by.tolist()
    assert any_site.by_place == (("Khazer", 0.5, dt.date(2016, 10, 22)),)  # Zelikan has no capacity


def test_trapped_and_displaced(forecast_of):
    forecast = forecast_of(
        {
            ("Home", "trapped"): [[0, 51, 0], [0, 50, 51]],
            ("Home", "displaced"): [[10, 10, 10], [10, 10, 10]],
            ("Khazer", "in_camp"): [[5, 20, 205], [5, 205, 206]],
        }
    )
    assert outcome_of(forecast, "more than 50 trapped").fired_by.tolist() == [0, 0.5, 1]
    assert outcome_of(forecast, "more than 50 trapped in Khazer").chance == 0
    displaced = outcome_of(forecast, "more than 200 displaced")  # those of day 0 do not count
    assert displaced.fired_by.tolist() == [0, 0, 0.5]


def test_fired_on_the_issue_date(forecast_of):
    outcome = outcome_of(forecast_of({("Home", "trapped"): [[60, 0]]}), "more than 50 trapped")
    assert (outcome.first_day(0.8), outcome.chance) == (0, 1.0)


def test_counts_tell_right_from_wrong(forecast_of):
    """The chance of more than 100 people is 0, 0.75, 0.75, 0.25, 0.25 on days 0 to 4.

    Counted 150 (fired rightly), 90 (wrongly), 120 (missed), 100 (rightly quiet: 100 is not more than 100).
    A count on the issue date tells nothing, for the forecast knew it.
    """
    futures = [[0, 150, 150, 50, 50], [0, 150, 150, 50, 50], [0, 150, 150, 150, 150], [0, 50, 50, 50, 50]]
    counted = [("2016-10-20", 500), ("2016-10-21", 150), ("2016-10-22", 90), ("2016-10-23", 120)]
    counts = [(date, "Khazer", people) for date, people in [*counted, ("2016-10-24", 100)]]
    forecast = forecast_of({("Khazer", "in_camp"): futures}, counts=counts)
    outcome = outcome_of(forecast, "more than 100 people at Khazer")
    assert [verdict.chance for verdict in outcome.verdicts] == [0.75, 0.75, 0.25, 0.25]
    assert outcome.tally() == {"rightly": 1, "wrongly": 1, "missed": 1, "quiet": 1}
    assert outcome.tally(0.2) == {"rightly": 2, "wrongly": 2, "missed": 0, "quiet": 0}
    assert outcome_of(forecast, "Khazer over 50 % full").tally() == outcome.tally()


def test_totals_are_counted_above_the_last_one_before(forecast_of):
    counts = [("2016-10-20", "total", 100), ("2016-10-21", "total", 250), ("2016-10-22", "total", 350)]
    forecast = forecast_of({("Khazer", "in_camp"): [[0, 300, 300]]}, counts=counts)
    outcome = outcome_of(forecast, "more than 200 displaced")
    assert [verdict.held for verdict in outcome.verdicts] == [False, True]
    assert outcome.tally() == {"rightly": 1, "wrongly": 1, "missed": 0, "quiet": 0}


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("more than 5 trapped", "nobody counts the trapped"),
        ("more than 5 displaced", "no total was counted after the issue date"),
        ("more than 5 people at Khazer", "no count at Khazer after the issue date"),
        ("site over 90 % full", "it takes a count after the issue date at a site whose capacity is certain"),
    ],
)
def test_where_no_count_tells(forecast_of, rule, why):
    outcome = outcome_of(forecast_of({("Khazer", "in_camp"): [[0, 300]]}), rule)
    assert (outcome.verdicts, outcome.cannot_tell) == ((), why)


def test_counts_that_the_members_were_drawn_to_fit_judge_nothing(forecast_of):
    """A forecast that has taken in the counts of a day is neither right nor wrong about that day."""
    counts = [("2016-10-21", "Khazer", 150), ("2016-10-22", "Khazer", 150)]
    made = forecast_of({("Khazer", "in_camp"): [[0, 200, 200]]}, counts=counts)
    rule = "more than 100 people at Khazer"
    assert len(outcome_of(made, rule).verdicts) == 2
    seen = made.to_xarray().assign_attrs(assimilated_until="2016-10-21")
    assert [verdict.date.day for verdict in outcome_of(Forecast(seen, made.scenario), rule).verdicts] == [22]
