"""A study as words, chart and page, and the section on what the forecast rests on."""

from __future__ import annotations

import datetime as dt
import doctest
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from corridor.ensemble.sensitivity.indices import Indices
from corridor.ensemble.sensitivity.result import Line, Sensitivity
from corridor.ensemble.sensitivity.worth import Worth
from corridor.report import sensitivity_words
from corridor.report.markup import to_html
from corridor.report.rests import evidence_section
from corridor.report.sensitivity_chart import chart_file, chart_lines
from corridor.report.sensitivity_page import sensitivity_page
from corridor.report.sensitivity_words import Worded
from corridor.report.texts import ENGLISH
from corridor.scenario.load import load_scenario

INDICES = Indices(0.5, 0.1, 0.6, 0.1)
LINES = (
    Line(
        "rate", "leave rate", "quantity", 0, "1/day", 0.001, 0.02, Worth(0.4, 0.35, 0.45, 2e4, 9e4), INDICES
    ),
    Line(
        "town",
        "population of Tol",
        "quantity",
        3,
        "people",
        5e5,
        1.8e6,
        Worth(0.1, 0.05, 0.2, 1e4, 1e5),
        INDICES,
    ),
    Line("idle", "idle", "quantity", 0, "1", 0, 1, Worth(0.0, -0.02, 0.02, 5e3, 1.1e5)),
    Line(
        "", "which storyline comes true", "storyline", worth=Worth(0.2, 0.1, 0.3, 5e3, 8e4), indices=INDICES
    ),
    Line("", "chance", "chance", indices=Indices(0.0, 0.0, 0.02, 0.01)),
)
STUDY = Sensitivity(
    scenario="tol", title="Tol", fingerprint="0", outcome="displaced by 2024-03-15", unit="people",
    issue_date="2024-03-01", last_day="2024-03-15", seed=1, n_futures=1000, n_plain=500, n_base=100,
    n_classes=6, low=5_000, median=40_000, high=115_000, never=0.0, lines=LINES, version="0",
)  # fmt: skip


def told(result: Sensitivity) -> str:
    return " ".join(Worded(result, ENGLISH).sentences()).replace("\u00a0", " ")


def test_examples():
    assert doctest.testmod(sensitivity_words).failed == 0


def test_the_answer_is_a_sentence():
    words = told(STUDY)
    assert words.startswith(
        "If you can settle one thing, settle leave rate (now 0.001–0.02 1/day): it would narrow the 90 % "
        "band "
        "from 5,000–120,000 to about 20,000–90,000 on average, by 40 % (interval 35–45 %)."
    )
    assert (
        "this one tells most: population of Tol (now 500 k–1.8 M people), with 60 % of the variance" in words
    )
    assert "would narrow it to about 5,000–80,000, by 20 % (10–30 %)" in words
    assert "Chance alone, with every quantity and the storyline known, makes up 2 % of the variance." in words


def test_nothing_is_claimed_beyond_doubt():
    unsure = replace(STUDY, lines=(LINES[2], replace(LINES[3], worth=LINES[2].worth), LINES[4]))
    words = told(unsure)
    assert words.startswith("No single quantity, if it were known, would narrow the band beyond doubt.")
    assert "would hardly narrow it (0–2 %)" in words
    constant = replace(STUDY, low=7.0, median=7.0, high=7.0, lines=())
    assert told(constant) == "All futures agree on <10: there is nothing to settle."


def test_the_best_dispute_is_told_once():
    disputed_first = replace(STUDY, lines=(replace(LINES[0], n_claims=2), *LINES[1:]))
    assert told(disputed_first).count("leave rate") == 1


def test_days_are_told_as_days():
    line = replace(LINES[0], worth=Worth(0.4, 0.3, 0.5, 4.0, 15.0))
    dates = replace(STUDY, unit="date", low=2.0, median=8.0, high=15.0, never=0.125, lines=(line,))
    words = told(dates)
    assert "from 3 Mar–after 15 Mar to about 5 Mar–after 15 Mar" in words
    assert "In 12 % of the futures it does not happen by 15 March 2024" in words


def test_the_chart_stands_for_itself():
    svg = ElementTree.fromstring(chart_file(STUDY))
    texts = [node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert "What matters most for: displaced by 2024-03-15" in texts
    assert "leave rate" in texts and "20–90k" in texts
    bars = [node for node in svg.iter("{http://www.w3.org/2000/svg}rect") if "worth" in node.get("class", "")]
    assert len(bars) == len(chart_lines(STUDY)) == 4
    widths = [float(bar.get("width", "0")) for bar in bars]
    assert widths[0] == pytest.approx(4 * widths[1], abs=0.2)
    assert min(widths) == 0.0


MOSUL = load_scenario("mosul-2016")


def test_the_page_holds_answer_table_and_evidence():
    page = sensitivity_page(STUDY, MOSUL)
    text = re.sub(r"<[^>]+>", " ", page)
    assert page.count("<h2") == 2
    for words in (
        "Narrows the band by",
        "What reports speak of",
        "What others expected",
        "population of Mosul",
    ):
        assert words in text
    assert 'http-equiv="Content-Security-Policy"' in page
    assert not re.search(r"<script|src=|@import|url\(", page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_names_never_become_markup():
    evil = '<img src=x onerror="alert(1)">'
    lines = (replace(LINES[0], title=evil), *LINES[1:])
    claims = tuple(claim.model_copy(update={"source": evil, "note": evil}) for claim in MOSUL.claims)
    page = sensitivity_page(
        replace(STUDY, title=evil, outcome=evil, lines=lines), MOSUL.model_copy(update={"claims": claims})
    )
    assert "<img" not in page
    ElementTree.fromstring(chart_file(replace(STUDY, outcome=evil, lines=lines)))


def test_each_quantity_tells_what_the_forecast_takes():
    """A pool, a judgement beside its pool, a number, a whole of which the forecast has parts."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", to_html(evidence_section(MOSUL, ENGLISH))))
    assert "population of Mosul Pooled from 3 claims." in text
    assert "population of Debaga camp A person's judgement instead of the pool: The counts of July" in text
    assert "capacity of Nazrawa camp Taken as one number:" in text
    assert "of its parts the forecast has capacity of Qayyarah" in text
    assert "displaced in the first weeks" in text
    assert "the product mosul people × mosul east share" in text


def test_the_picture_of_a_quantity_has_a_bar_for_each_claim():
    section = evidence_section(MOSUL, ENGLISH)
    figure = next(
        node for node in section.iter("figure") if "population of Mosul" in "".join(node.itertext())[:40]
    )
    wide = next(node for node in figure.iter("svg") if "wide" in node.get("class", ""))
    kinds = [node.get("class") for node in wide.iter() if node.tag in ("rect", "circle")]
    assert kinds.count("claim") == 3
    assert [node.tag for node in wide.iter() if node.get("class") == "prior"] == ["path"]
    assert "STRATFOR: 750 k, C4, 18 %." in "".join(wide.find("desc").itertext())  # type: ignore[union-attr]


def test_studied_quantities_come_first_and_tell_their_worth():
    lines = (replace(LINES[0], name="city_entry", title="date of city entry"), *LINES[2:])
    text = to_html(evidence_section(MOSUL, ENGLISH, replace(STUDY, lines=lines)))
    assert text.index("date of city entry") < text.index("population of Mosul")
    assert "Knowing it would narrow “displaced by 2024-03-15” by 40 % (35–45 %)." in text


def test_a_scenario_without_priors_says_so():
    bare = MOSUL.model_copy(update={"priors": {}, "claims": (), "issue_date": dt.date(2016, 10, 19)})
    assert ENGLISH.rests_none in to_html(evidence_section(bare, ENGLISH))
