"""What-ifs in words, on a terminal, as a page and as a table; figures made by hand."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from rich.console import Console

from corridor.ensemble.compare import TOTAL, Comparison, compare
from corridor.report.compare_html import comparisons_html, write_comparisons
from corridor.report.compare_table import HEADER, write_differences
from corridor.report.compare_terminal import show_comparison
from corridor.report.compare_words import (
    band_words,
    change_words,
    comparison_rows,
    comparison_sentences,
    narrowing_sentence,
    signed,
    signed_range,
)
from corridor.report.texts import ENGLISH, Texts
from corridor.scenario.model import Place, WhatIf

MEMBERS = 20


@pytest.fixture
def pair(forecast_of):
    """Return a comparison of a base with a what-if: (place, state) -> people at the end, [members]."""

    def make(before, after, **changes) -> Comparison:
        what_if = WhatIf(extends=("tiny",), changes=("the road Home – Khazer is closed",))
        described = {"name": "if", "title": "What if", "description": "What if the road were closed?"}
        base = forecast_of(before, members=MEMBERS)
        fields = {"what_if": what_if, **described, **changes}
        other = forecast_of(after, members=MEMBERS, **fields)
        return compare(base, other)

    return make


@pytest.fixture
def usual(pair):
    """Every member has 100 people fewer in Khazer, of whom 60 are in Zelikan and 40 trapped at home."""
    people = [400 + 40 * member for member in range(MEMBERS)]
    fewer = [n - 100 for n in people]
    return pair(
        {("Khazer", "in_camp"): people},
        {
            ("Khazer", "in_camp"): fewer,
            ("Zelikan", "in_camp"): [60] * MEMBERS,
            ("Home", "trapped"): [40] * MEMBERS,
        },
    )


def printed(comparison, **options) -> str:
    console = Console(file=io.StringIO(), width=80, **options)
    show_comparison(comparison, console)
    return console.file.getvalue()


def test_sentences(usual):
    assert comparison_sentences(usual) == [
        "Trapped: on average 40 more about 29 November, nobody without it; 40 more in nine of ten futures.",
        "Newly displaced: on average 40 fewer about 28 November, 760 people without it; "
        "40 fewer in nine of ten futures.",
        "More people at Zelikan (60 about 29 November).",
        "Fewer people at Khazer (100 about 29 November).",
        "Futures differ from the first day on.",
    ]


def test_rows_have_the_totals_first_and_then_the_largest_change(usual):
    rows = comparison_rows(usual)
    assert [(row.title, round(row.change)) for row in rows] == [
        ("Newly displaced", -40),
        ("Trapped", 40),
        ("Khazer", -100),
        ("Zelikan", 60),
        ("Home, trapped", 40),
    ]
    khazer = rows[2]
    assert (khazer.base, khazer.other, khazer.band) == (780.0, 680.0, (-100.0, -100.0))
    assert khazer.narrowing is None  # all members differ by the same number: the range has no width
    assert khazer.unpaired[0] < -400 < 200 < khazer.unpaired[1]
    on_day_20 = comparison_rows(usual, day=20)
    assert {row.day for row in on_day_20} == {20}
    assert [row.title for row in on_day_20] == [row.title for row in rows]


def test_nothing_and_hardly_anything(pair):
    people = {("Khazer", "in_camp"): [100] * MEMBERS}
    assert comparison_sentences(pair(people, people)) == [
        "Nothing: all futures are the same to the last day."
    ]
    little = comparison_sentences(pair(people, {("Khazer", "in_camp"): [104] * MEMBERS}))
    assert little[0].startswith("Hardly anything: on average fewer than ten people")
    assert narrowing_sentence(comparison_rows(pair(people, people))) == ""


def test_a_site_that_fills_otherwise(pair):
    full = {("Khazer", "in_camp"): [210] * MEMBERS}
    half = {("Khazer", "in_camp"): [100] * MEMBERS}
    told = comparison_sentences(pair(full, half))
    assert "Khazer is full in fewer than half of the futures, without it in half by 26 November." in told
    told = comparison_sentences(pair(half, full))
    assert "Khazer is full in half of the futures by 26 November, without it in fewer." in told
    some = {("Khazer", "in_camp"): [210] * 4 + [100] * 16}
    assert "Khazer is full at some time in 2 of 10 futures, without it in none of the futures." in (
        comparison_sentences(pair(half, some))
    )


def test_the_narrowing_is_measured(pair):
    people = [400 + 40 * member for member in range(MEMBERS)]
    fewer = [n - 100 - member for member, n in enumerate(people)]
    made = pair({("Khazer", "in_camp"): people}, {("Khazer", "in_camp"): fewer})
    khazer = made.of("Khazer", "people")
    paired = np.arange(MEMBERS).std()
    assert khazer.spread[-1] == pytest.approx(paired)
    assert khazer.narrowing(40) == pytest.approx(khazer.independent_spread[-1] / paired)
    assert khazer.narrowing(40) > 30
    sentence = narrowing_sentence(comparison_rows(made))
    assert re.fullmatch(
        r"Without the same random numbers the ranges would be [\d.]+ to \d+ times as wide, \d+ times in the "
        r"middle of these rows: independent runs need [\d,]+ times as many futures to say the same\.",
        sentence,
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-17_000, -130, "between 17,000 and 130 fewer"),
        (-30, 4_200, "between 30 fewer and 4,200 more"),
        (0, 0, "as many"),
        (-900, 0, "between 900 fewer and as many"),
        (20, 90, "between 20 and 90 more"),
        (3, 90, "between fewer than ten and 90 more"),
        (-90, -3, "between 90 fewer and fewer than ten fewer"),
    ],
)
def test_ranges_in_words(low, high, words):
    assert band_words(low, high, ENGLISH) == words


def test_small_changes_are_not_told_as_numbers():
    assert change_words(-4, ENGLISH) == "fewer than ten fewer"
    assert (signed(4, ENGLISH), signed(-3.2, ENGLISH), signed(0.2, ENGLISH)) == ("few", "few", "0")
    assert signed(-4, Texts(tells_small=True)) == "−4"
    assert signed_range((-1300, 20), ENGLISH) == "−1.3k … +20"
    assert signed_range(None, ENGLISH) == "–"


def test_terminal(usual):
    text = printed(usual)
    assert text.startswith(
        "if against tiny\n20 futures of each on the same random numbers, seed 7; 20 October"
    )
    assert "\nWhat if the road were closed?\n\nWhat is changed:\n- the road Home – Khazer is closed\n" in text
    assert re.search(r"^Khazer +29 Nov +780 +680 +−100 +−100 +−\d+ … \+\d+ *$", text, re.MULTILINE)
    assert max(len(line) for line in text.splitlines()) <= 80


def test_terminal_without_unicode(usual):
    console = Console(file=io.TextIOWrapper(io.BytesIO(), "ascii"), width=80)
    show_comparison(usual, console)
    console.file.flush()
    text = console.file.buffer.getvalue().decode("ascii")
    assert "-100" in text and "?" not in text.replace("closed?", "")


def test_two_forecasts_of_which_neither_is_a_what_if(forecast_of):
    one, two = (forecast_of({("Khazer", "in_camp"): [n] * 3}, members=3) for n in (50, 90))
    assert "No change is on record: neither extends the other." in printed(compare(one, two))


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)


def test_the_page_holds_no_markup_of_a_scenario(pair, tmp_path):
    evil = '<script>alert("x")</script>'
    people = {("Khazer", "in_camp"): [100] * MEMBERS}
    what_if = WhatIf(extends=("tiny",), changes=(evil,))
    made = pair(
        people, {("Khazer", "in_camp"): [300] * MEMBERS}, title=evil, description=evil, what_if=what_if
    )
    text = write_comparisons([made], tmp_path / "page.html").read_text("utf-8")
    parser = _Elements()
    parser.feed(text)
    assert "script" not in parser.tags
    assert {"section", "table", "svg", "details"} <= set(parser.tags)
    assert text.count("&lt;script&gt;") == 3
    assert "http" not in text.replace("http-equiv", "")


def test_the_page_tells_what_the_terminal_tells(usual):
    text = comparisons_html([usual, usual])
    for sentence in comparison_sentences(usual):
        assert text.count(f"<li>{sentence}</li>") == 2
    assert 'id="what-if-1"' in text and 'id="what-if-2"' in text
    assert text.count("<svg") == 8
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_the_table_has_exact_numbers(usual, tmp_path):
    with write_differences([usual], tmp_path / "differences.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == HEADER
    last = next(
        row
        for row in rows
        if (row["place"], row["quantity"], row["date"]) == ("Khazer", "people", "2016-11-29")
    )
    assert (last["base_mean"], last["what_if_mean"], last["difference_mean"]) == ("780", "680", "-100")
    assert (last["place_id"], last["q05"], last["q95"], last["narrowing"]) == ("P2", "-100", "-100", "")
    assert last["share_differs"] == "1.0"
    assert {row["place"] for row in rows} == {TOTAL, "Home", "Khazer", "Zelikan"}


def test_one_future_says_so(forecast_of):
    one, two = (forecast_of({("Khazer", "in_camp"): [n]}, members=1) for n in (50, 90))
    text = printed(compare(one, two))
    assert "One future does not say how sure this is." in text
    assert "Without the same random numbers" not in text


def test_names_from_right_to_left_do_not_turn_the_words_round_them(forecast_of):
    camp = Place(name="مخيم", lat=36, lon=43, kind="camp", country="X", capacity=500)
    one, two = (
        forecast_of({("مخيم", "in_camp"): [n] * MEMBERS}, members=MEMBERS, places=(camp,), routes=())
        for n in (100, 300)
    )
    made = compare(one, two)
    assert "More people at \u2068مخيم\u2069 (200 about 29 November)." in comparison_sentences(made)
    assert "<bdi>مخيم</bdi>" in comparisons_html([made])
