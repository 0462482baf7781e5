"""The sentences, word by word, and the sentences that must not be silly when there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corridor.ensemble.forecast import Forecast
from corridor.report.texts import Texts
from corridor.report.words import forecast_text, statements
from corridor.scenario.model import Place, Storyline

Builder = Callable[..., Forecast]
EVEN = [1000 + 100 * member for member in range(21)]  # 1000 to 3000: quantiles fall on members


def told(forecast: Forecast, topic: str) -> list[str]:
    return [statement.text for statement in statements(forecast) if statement.topic == topic]


def test_a_forecast_in_words(forecast_of: Builder) -> None:
    forecast = forecast_of({("Zelikan", "in_camp"): EVEN}, members=21)
    assert forecast_text(forecast).splitlines() == [
        "By 19 November, between 1,100 and 1,900 people will probably have been displaced; "
        "middle estimate 1,500.",
        "Very probably it will be between 790 and 2,200.",
        "By 29 November, it will probably be between 1,500 and 2,500, "
        "and very probably between 1,100 and 2,900.",
        "“Probably” means in half of the simulated futures, “very probably” in nine of ten.",
        "Most people arrive at Zelikan: "
        "probably between 1,100 and 1,900 people more than now by 19 November.",
        "Zelikan fills first: full by 31 October in 8 of 10 futures.",
        "Nobody is trapped in any of the simulated futures.",
    ]


def test_a_statement_carries_its_exact_numbers(forecast_of: Builder) -> None:
    headline = statements(forecast_of({("Zelikan", "in_camp"): EVEN}, members=21))[0]
    assert headline.topic == "headline"
    assert headline.date is not None and headline.date.isoformat() == "2016-11-19"
    assert dict(headline.figures) == {
        "q05": 791.25,
        "q25": 1106.25,
        "q50": 1500.0,
        "q75": 1893.75,
        "q95": 2208.75,
    }


def test_who_is_trapped_and_who_leaves(forecast_of: Builder) -> None:
    forecast = forecast_of({("Home", "trapped"): EVEN, ("Abroad", "left_area"): EVEN}, members=21)
    assert told(forecast, "trapped") == [
        "On 29 November, the last day looked at, "
        "between 1,500 and 2,500 people will probably want to leave home "
        "and find no way out, most of them in Home; the number is still growing."
    ]
    assert told(forecast, "left_area") == [
        "By 29 November, between 1,500 and 2,500 people will probably have left the area, "
        "most of them for Abroad."
    ]


def test_a_site_that_fills_slowly_has_two_dates(forecast_of: Builder) -> None:
    people = [4000] * 10 + [202] * 6 + [0] * 4
    assert told(forecast_of({("Khazer", "in_camp"): people}), "full") == [
        "Khazer fills first: full by 22 October in 5 of 10 futures, and by 27 November in 8 of 10 futures."
    ]


def test_a_site_that_may_fill(forecast_of: Builder) -> None:
    forecast = forecast_of({("Khazer", "in_camp"): [200] * 6 + [0] * 14})
    assert told(forecast, "full") == [
        "Khazer is the likeliest site to fill: full by 27 November in 3 of 10 futures."
    ]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([0] * 100, "No site is full by 29 November in any simulated future."),
        ([200] * 2 + [0] * 98, "No site is likely to be full by 29 November."),
    ],
)
def test_no_site_fills(forecast_of: Builder, people: list[int], expected: str) -> None:
    assert told(forecast_of({("Khazer", "in_camp"): people}, members=100), "full") == [expected]


def test_nobody_is_displaced(forecast_of: Builder) -> None:
    assert forecast_text(forecast_of({})).splitlines() == [
        "Nobody is displaced by 19 November in any of the 20 simulated futures.",
        "“Probably” means in half of the simulated futures, “very probably” in nine of ten.",
        "No site is full by 29 November in any simulated future.",
        "Nobody is trapped in any of the simulated futures.",
    ]


def test_probably_nobody_is_displaced(forecast_of: Builder) -> None:
    forecast = forecast_of({("Zelikan", "in_camp"): [400] * 4 + [0] * 16})
    assert told(forecast, "headline") == [
        "By 19 November, probably nobody will have been displaced; very probably not more than 300 people."
    ]


def test_one_member_has_no_ranges(forecast_of: Builder) -> None:
    growth = {("Khazer", "in_camp"): [190], ("Home", "trapped"): [52], ("Abroad", "left_area"): [31]}
    assert forecast_text(forecast_of(growth, members=1)).splitlines() == [
        "In the one simulated future, 170 people have been displaced by 19 November.",
        "By 29 November, it is 220.",
        "Most people arrive at Khazer: 140 people more than now by 19 November.",
        "Khazer fills first, on 29 November.",
        "About 29 November, 52 people want to leave home and find no way out, most of them in Home.",
        "By 29 November, 31 people have left the area, most of them for Abroad.",
        "One future does not say how sure this is. Simulate many to see ranges.",
    ]


def test_one_member_in_which_nothing_happens(forecast_of: Builder) -> None:
    assert forecast_text(forecast_of({}, members=1)).splitlines() == [
        "In the one simulated future, nobody has been displaced by 19 November.",
        "No site is full by 29 November.",
        "Nobody is trapped.",
        "One future does not say how sure this is. Simulate many to see ranges.",
    ]


def test_few_members_are_called_rough(forecast_of: Builder) -> None:
    assert told(forecast_of({}, members=5), "caution") == [
        "Only 5 futures were simulated, so the ranges are rough."
    ]


def test_without_sites_nothing_fills(forecast_of: Builder) -> None:
    places = tuple(Place(name=n, lat=36, lon=43 + i, kind="town", country="Iraq") for i, n in enumerate("AB"))
    forecast = forecast_of({("B", "in_host_community"): EVEN}, members=21, places=places, routes=())
    assert told(forecast, "full") == []
    assert told(forecast, "arrivals")[0].startswith("Most people arrive at B:")


def test_without_capacity_it_says_so(forecast_of: Builder) -> None:
    places = (Place(name="Camp", lat=36, lon=43, kind="camp", country="Iraq"),)
    assert told(forecast_of({}, places=places, routes=()), "full") == [
        "When sites fill is not known: no capacity is given for any of them."
    ]


def test_some_are_trapped_in_few_futures(forecast_of: Builder) -> None:
    forecast = forecast_of({("Home", "trapped"): [300] * 4 + [0] * 16})
    assert told(forecast, "trapped") == [
        "Probably nobody is trapped; in 2 of 10 futures somebody is, at most 300 people about 29 November."
    ]


def test_returns_are_told_when_they_matter(forecast_of: Builder) -> None:
    forecast = forecast_of({("Zelikan", "in_camp"): EVEN, ("Home", "returned"): EVEN}, members=21)
    assert told(forecast, "returned") == [
        "By 29 November, between 1,500 and 2,500 people will probably have returned home."
    ]


def test_storylines_stand_side_by_side(forecast_of: Builder) -> None:
    lines = (Storyline(name="a", title="Slow"), Storyline(name="b", title="Fast"))
    people = [400] * 15 + [800] * 5
    forecast = forecast_of(
        {("Zelikan", "in_camp"): people}, followed=["a"] * 15 + ["b"] * 5, storylines=lines
    )
    assert told(forecast, "storyline") == [
        "Slow: probably about 300 people displaced by 19 November; 15 of 20 futures.",
        "Fast: probably about 600 people displaced by 19 November; 5 of 20 futures.",
    ]


def test_small_numbers_are_told_only_on_request(forecast_of: Builder) -> None:
    forecast = forecast_of({("Zelikan", "in_camp"): [8] * 20})
    assert told(forecast, "headline") == [
        "By 19 November, fewer than ten people will probably have been displaced; "
        "middle estimate fewer than ten."
    ]
    headline = statements(forecast, Texts(tells_small=True))[0]
    assert headline.text == (
        "By 19 November, about 6 people will probably have been displaced; middle estimate 6."
    )


def test_a_year_is_told_when_it_changes(forecast_of: Builder) -> None:
    forecast = forecast_of({("Zelikan", "in_camp"): EVEN}, members=21, n_days=80)
    assert told(forecast, "later")[0].startswith("By 8 January 2017, ")


def test_numbers_in_words() -> None:
    texts = Texts()
    assert [texts.people(n) for n in (0, 4, 12, 45_678, 999_999, 1_234_567)] == [
        "nobody",
        "fewer than ten people",
        "12 people",
        "46,000 people",
        "1 million people",
        "1.2 million people",
    ]
    assert texts.range(3, 250) == "up to 250 people"
    assert texts.range(1001, 1004) == "about 1,000 people"
    assert [
        texts.compact_range(*r) for r in ((78, 2400), (880, 13_000), (13_000, 42_000), (0, 0), (0, 340))
    ] == [
        "78–2.4k",
        "0.9–13k",
        "13–42k",
        "0",
        "0–340",
    ]
    assert [texts.share(s) for s in (0.0, 0.01, 0.06, 0.84, 0.94, 0.97, 1.0)] == [
        "in none of the futures",
        "in fewer than 1 of 20 futures",
        "in 1 of 10 futures",
        "in 8 of 10 futures",
        "in 9 of 10 futures",
        "in nearly all futures",
        "in all futures",
    ]


def test_names_from_right_to_left_do_not_turn_the_sentence(forecast_of: Builder) -> None:
    places = (Place(name="الخازر", lat=36, lon=43, kind="camp", country="Iraq", capacity=4000),)
    forecast = forecast_of({("الخازر", "in_camp"): EVEN}, members=21, places=places, routes=())
    assert told(forecast, "arrivals")[0].startswith("Most people arrive at \u2068الخازر\u2069: probably")
    assert statements(forecast)[4].place == "الخازر"
