"""The model card tells the scenario's own figures, masks small ones, and holds no markup of a scenario."""

from __future__ import annotations

import datetime as dt

import pytest

from corridor.ensemble.forecast import Forecast
from corridor.report.card import CardTable, card_html, card_markdown, make_card
from corridor.report.texts import Texts
from corridor.scenario.load import load_scenario
from corridor.scenario.model import Claim, Count, Place, Prior, Storyline, WhatIf

HEADINGS = [
    *("Purpose", "Owners", "Data", "Method", "Performance", "Limits", "Ethics"),
    "What this must not be used for",
]


def section(card, heading: str) -> str:
    found = next(one for one in card.sections if one.heading == heading)
    return "\n".join(
        block if isinstance(block, str) else "\n".join(map(str, block))
        for block in found.blocks
        if not isinstance(block, CardTable)
    )


def test_headings_of_the_framework():
    card = make_card(load_scenario("two-towns"))
    assert [one.heading for one in card.sections] == HEADINGS
    text = card_markdown(card)
    assert text.startswith("# Model card: Two towns and a camp\n\nMade by corridor card, version ")
    assert all(f"\n## {heading}\n" in text for heading in HEADINGS)


def test_the_figures_are_those_of_the_scenario():
    scenario = load_scenario("mosul-2016")
    data = section(make_card(scenario), "Data")
    sites = sum(place.is_site for place in scenario.places)
    assert f"{len(scenario.places)} places, {sites} of them sites; {len(scenario.routes)} roads" in data
    assert f"{len(scenario.claims)} claims, said from 1 December 2015 to 19 October 2016" in data
    assert "No claim is later than the issue date." in data
    n_supported = sum(bool(prior.claims) for prior in scenario.priors.values())
    assert f"{len(scenario.priors)} quantities are not known" in data and f": {n_supported} rest on" in data
    assert f"{len(scenario.counts)} counts: 0 made by the issue date" in data
    method = section(make_card(scenario), "Method")
    assert "Long siege, west closed: 50% of the futures. The commanders nearest" in method


def test_small_cases(forecast_of):
    bare = forecast_of({("Khazer", "in_camp"): [5]}, members=1).scenario
    card = make_card(bare)
    data = section(card, "Data")
    assert "No claims: nothing is on record" in data
    assert "Every quantity is stated as known" in data
    assert "No counts: the forecast cannot be checked." in data
    assert "None is known." in section(card, "Performance")
    assert "Name the folder of a run" not in section(card, "Performance")


def test_late_claims_bare_priors_and_sites_without_capacity(forecast_of):
    claim = Claim(id="c", said_on=dt.date(2017, 1, 1), about="x", unit="", kind="denial", source="s")
    places = (
        Place(name="Home", lat=36, lon=43, kind="town", country="X", population="many"),
        *(Place(name=f"Camp {n}", lat=36, lon=43 + n / 10, kind="camp", country="X") for n in range(7)),
    )
    scenario = forecast_of(
        {("Home", "trapped"): [1]},
        members=1,
        places=places,
        routes=(),
        claims=(claim,),
        priors={"many": Prior(distribution="uniform", unit="people", low=1000, high=3000)},
        storylines=(Storyline(name="a", title="A", weight="w"), Storyline(name="b", title="B")),
        what_if=WhatIf(extends=("base",), changes=("a road is closed",)),
    ).scenario
    card = make_card(scenario)
    assert "1 of the claims were said after the issue date." in section(card, "Data")
    assert "2,000 people live at 1 places" in section(card, "Data")
    assert "0 rest on claims, 0 on a stated reason alone, 1 on neither" in section(card, "Data")
    assert "A: its weight is not known either (w)." in section(card, "Method")
    limits = section(card, "Limits")
    assert "When 7 of the 7 sites fill is not known" in limits and limits.endswith("Camp 4, and 2 more.")
    assert "A what-if of base." in section(card, "Purpose") and "a road is closed" in section(card, "Purpose")


@pytest.fixture
def counted(forecast_of):
    """Khazer has 0 to 190 people at the end; 4 were counted on day 20, 100 at the end."""
    counts = (
        Count(date=dt.date(2016, 10, 20), place="total", people=50),
        Count(date=dt.date(2016, 11, 9), place="Khazer", people=4),
        Count(date=dt.date(2016, 11, 29), place="total", people=150),
        Count(date=dt.date(2018, 1, 1), place="total", people=1),
    )
    return forecast_of({("Khazer", "in_camp"): [10 * n for n in range(20)]}, counts=counts)


def table_of(card) -> CardTable:
    return next(block for one in card.sections for block in one.blocks if isinstance(block, CardTable))


def test_counts_are_scored_and_small_ones_masked(counted):
    rows = table_of(make_card(counted)).rows
    assert rows == (
        ("All places together", "1", "1", "1", "100, 29 November 2016", "<10–190"),
        ("Khazer", "1", "0", "1", "<10, 9 November 2016", "<10–93"),
    )
    told = table_of(make_card(counted, texts=Texts(tells_small=True))).rows
    assert told[1][4] == "4, 9 November 2016"
    assert "shown as &lt;10" in card_markdown(make_card(counted))
    assert "shown as &lt;10" not in card_markdown(make_card(counted, texts=Texts(tells_small=True)))


def test_counts_that_the_futures_were_drawn_to_fit_are_not_scored(counted):
    dataset = counted.to_xarray().assign_attrs(assimilated_until="2016-11-20")
    card = make_card(Forecast(dataset, counted.scenario))
    assert [row[0] for row in table_of(card).rows] == ["All places together"]
    assert "fit what was counted up to 20 November 2016" in section(card, "Method")


def test_a_forecast_names_its_seed(counted):
    assert "from the scenario tiny and its forecast of 20 futures, seed 7." in make_card(counted).lead


def test_nothing_in_a_scenario_is_markup(forecast_of):
    evil = '<img src=x onerror="alert(1)"> **bold** [link](javascript:x) | `code`'
    forecast = forecast_of(
        {("Khazer", "in_camp"): [5, 6]},
        members=2,
        title=evil,
        description=evil,
        provenance={evil: evil},
        storylines=(Storyline(name="only", title=evil, reason=evil), Storyline(name="b", title="B")),
    )
    card = make_card(forecast)
    page, text = card_html(card), card_markdown(card)
    assert "<img" not in page and "<img" not in text
    assert "**bold**" not in text and "[link]" not in text
    assert r"\*\*bold\*\* \[link\](javascript:x) \| \`code\`" in text
    assert "http" not in page.replace("http-equiv", "")
