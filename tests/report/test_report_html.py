"""The report as a file: well-formed, self-contained, escaped, with words beside every picture."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from corridor.ensemble.forecast import Forecast
from corridor.report.digest import make_digest
from corridor.report.html import report_html, write_report
from corridor.report.texts import Texts
from corridor.scenario.model import Claim, Count, Place, Prior, Route, Storyline

Builder = Callable[..., Forecast]
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Collects elements, checks that they nest, and keeps the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page_of(forecast: Forecast, *, tells_small: bool = False) -> Page:
    return Page(report_html(make_digest(forecast), Texts(tells_small=tells_small)))


def rich_changes() -> dict[str, object]:
    claim = Claim(
        id="c1", said_on=dt.date(2016, 10, 1), about="people", low=5, unit="people", kind="estimate",
        source="UN", url="https://example.org/a?b=1&c=2",
    )  # fmt: skip
    harmless = claim.model_copy(update={"id": "c2", "url": "javascript:alert(1)"})
    counts = (
        Count(date=dt.date(2016, 10, 15), place="Khazer", people=4, counted_by="IOM"),
        Count(date=dt.date(2016, 11, 9), place="Khazer", people=77, counted_by="IOM"),
    )
    prior = Prior(
        distribution="triangular", unit="people", low=1000, mode=2000, high=4000, reason="Two reports"
    )
    lines = (Storyline(name="a", title="Slow"), Storyline(name="b", title="Fast", story="All at once."))
    return {"claims": (claim, harmless), "counts": counts, "priors": {"in_town": prior}, "storylines": lines}


@pytest.fixture
def rich(forecast_of: Builder) -> Forecast:
    growth = {("Khazer", "in_camp"): [20 * m for m in range(10)], ("Home", "trapped"): [100] * 10}
    return forecast_of(growth, members=10, followed=["a"] * 6 + ["b"] * 4, **rich_changes())


def test_sections_come_in_the_order_of_a_readers_questions(rich: Forecast) -> None:
    heads = [attributes.get("id") for attributes in page_of(rich).all("h2")]
    assert heads == [
        "table", "map", "all", "sites", "needs", "storylines", "rests", "past", "method",
    ]  # fmt: skip


def test_nothing_is_fetched(rich: Forecast) -> None:
    text = report_html(make_digest(rich), Texts())
    page = Page(text)
    sources = [a for _, a in page.found if {"src", "xlink:href", "srcset", "data"} & set(a)]
    assert sources == []
    assert [a["href"] for _, a in page.found if "href" in a] == ["#method", "https://example.org/a?b=1&c=2"]
    assert not {"link", "iframe", "object", "img"} & {tag for tag, _ in page.found}
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", text)
    assert sorted(re.findall(r"https?://[^\s\"]*", text)) == [
        "http://www.w3.org/2000/svg",
        "https://example.org/a?b=1&amp;c=2",
    ]


def test_one_script_may_run_and_nothing_may_be_fetched(rich: Forecast) -> None:
    page = page_of(rich)
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv")) or ""
    data, script = page.scripts
    fingerprint = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    assert f"'sha256-{fingerprint}'" in policy
    assert [a.get("type") for a in page.all("script")] == ["application/json", None]
    assert json.loads(data)["dates"][0] == "20 October 2016"


def test_only_web_addresses_become_links(rich: Forecast) -> None:
    assert [a["href"] for a in page_of(rich).all("a")] == ["#method", "https://example.org/a?b=1&c=2"]


def test_names_are_text_and_never_markup(forecast_of: Builder) -> None:
    evil = '<script>alert("x")</script>&amp;'
    places = (
        Place(name=evil, id='"><b>', lat=36.3, lon=43.1, kind="camp", country="Iraq", capacity=100),
        Place(name="Home", lat=36.4, lon=43.2, kind="town", country="Iraq"),
    )
    routes = (Route(start="Home", end=evil, length_km=10),)
    lines = (Storyline(name="a", title=evil, story=evil), Storyline(name="b", title="</style><img src=x>"))
    priors = {evil: Prior(distribution="fixed", unit=evil, value=1, reason=evil)}
    forecast = forecast_of(
        {(evil, "in_camp"): [500] * 20}, places=places, routes=routes, storylines=lines, priors=priors,
        followed=["a"] * 10 + ["b"] * 10, title=evil, provenance={evil: evil},
    )  # fmt: skip
    page = page_of(forecast)
    assert not {"img", "b"} & {tag for tag, _ in page.found}
    assert len(page.all("script")) == 2
    assert page.text.count(evil) > 10
    assert "<" not in page.scripts[0] and "&" not in page.scripts[0]
    data = json.loads(page.scripts[0])
    assert data["places"][0]["name"] == evil
    assert data["storylines"] == ["", evil, "</style><img src=x>"]


def test_every_picture_has_a_title_and_a_description(rich: Forecast) -> None:
    page = page_of(rich)
    ids = {a["id"] for _, a in page.found if "id" in a}
    pictures = page.all("svg")
    assert len(pictures) >= 9
    for picture in pictures:
        assert picture["role"] == "img"
        assert picture["aria-labelledby"]
        assert set((picture["aria-labelledby"] or "").split()) <= ids
    assert len([a["id"] for _, a in page.found if "id" in a]) == len(ids)


def test_the_numbers_of_a_chart_are_in_its_description(rich: Forecast) -> None:
    assert (
        "29 November 2016: half of the futures hold between 40 and 140, nine of ten up to 180, middle 90. "
        "Capacity 200. Counted: 15 October 2016 <10, 9 November 2016 77."
    ) in page_of(rich).text


def test_counts_seen_are_filled_and_later_ones_open(rich: Forecast) -> None:
    kinds = [a.get("class") for a in page_of(rich).all("circle")]
    assert kinds.count("seen") == 1
    assert kinds.count("unseen") == 1


def test_small_numbers_are_hidden_unless_told_otherwise(forecast_of: Builder) -> None:
    forecast = forecast_of({("Khazer", "in_camp"): [15] * 20})
    cells = re.compile(r"Khazer P2 0 (\S+) (\S+) 200")
    assert cells.search(page_of(forecast).text).groups() == ("<10", "10")  # type: ignore[union-attr]
    assert cells.search(page_of(forecast, tells_small=True).text).groups() == ("5", "10")  # type: ignore[union-attr]


def test_the_table_has_heads_for_rows_and_columns(usual: Forecast) -> None:
    scopes = [a.get("scope") for a in page_of(usual).all("th")]
    assert {"row", "col"} <= set(scopes)
    text = page_of(usual).text
    assert "Khazer P2 0 70 21–70 140 42–140 200 8 of 10 27 Nov" in text


def test_triggers_are_told_with_their_lead(forecast_of: Builder) -> None:
    rules = ("Khazer over 90 % full", "more than 100,000 displaced")
    forecast = forecast_of({("Khazer", "in_camp"): [200] * 20}, triggers=rules)
    text = page_of(forecast).text
    assert "by 3 Nov by 17 Nov In half by In 8 of 10 by" in text
    assert "Khazer over 90 % full none none 26 Nov in 37 days 26 Nov in 37 days" in text
    assert "more than 100,000 displaced none none – –" in text
    assert "When rules raise the alarm" not in page_of(forecast_of({})).text


def test_cells_of_a_stacked_table_know_their_heading(usual: Forecast) -> None:
    labels = [a["data-label"] for a in page_of(usual).all("td") if "data-label" in a]
    assert labels[:6] == [
        "Now",
        "3 Nov",
        "17 Nov",
        "Room for",
        "Chance it fills",
        "Full in half of futures by",
    ]


def test_past_performance_is_told_plainly(rich: Forecast, usual: Forecast) -> None:
    assert "This forecast has not been scored." in page_of(usual).text
    assert (
        "One count was made after the issue date. It lies in the 90 % band, outside the 50 % band."
        in page_of(rich).text
    )


def test_several_counts_are_set_against_the_bands(forecast_of: Builder) -> None:
    """At the end 0, 20, ... 200 people: 45 to 155 is the 50 % band, 1 to 199 the 90 % band."""
    day = dt.date(2016, 11, 29)
    counts = tuple(Count(date=day, place="Khazer", people=people) for people in (45, 156, 199, 200))
    forecast = forecast_of({("Khazer", "in_camp"): [20 * m for m in range(11)]}, members=11, counts=counts)
    assert (
        "Of 4 counts made after the issue date, 1 lie in the 50 % band and 3 in the 90 % band."
        in page_of(forecast).text
    )


def test_totals_are_told_as_growth_since_the_issue_date(forecast_of: Builder) -> None:
    first, later = dt.date(2016, 10, 18), dt.date(2016, 11, 9)
    counts = (Count(date=first, place="total", people=1900), Count(date=later, place="total", people=2500))
    digest = make_digest(forecast_of({("Khazer", "in_camp"): [800] * 20}, counts=counts))
    assert [(dot.date, dot.people, dot.seen) for dot in digest.dots("total")] == [
        (first, 0, True),
        (later, 600, False),
    ]
    assert "less the 1,900 counted by 20 October 2016" in page_of(digest.forecast).text


def test_what_it_rests_on_and_how_it_was_made(rich: Forecast) -> None:
    text = page_of(rich).text
    assert "in town 1,000 to 4,000, most likely 2,000 people Two reports 0" in text
    assert "Seed 7" in text
    assert "Claims said 1 October 2016 to 1 October 2016" in text
    assert "Counts made 15 October 2016 to 9 November 2016" in text
    assert "must not be used to decide about single persons" in text


@pytest.mark.parametrize("members", [1, 3])
def test_degenerate_forecasts_still_make_a_page(forecast_of: Builder, members: int) -> None:
    empty = page_of(forecast_of({}, members=members, n_days=1))
    assert "Fewer than ten people are expected at Khazer and Zelikan." in empty.text
    lone = (Place(name="Town", lat=36, lon=43, kind="town", country="Iraq"),)
    page_of(forecast_of({}, members=members, places=lone, routes=()))


def test_the_file_is_written_whole_and_small(usual: Forecast, tmp_path: Path) -> None:
    path = write_report(usual, tmp_path / "report.html")
    assert path.read_text("utf-8").startswith("<!doctype html>\n<html")
    assert path.stat().st_size < 300_000
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    first = path.read_bytes()
    assert write_report(usual, path).read_bytes() == first
