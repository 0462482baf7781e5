"""A sensitivity study as one self-contained page: the answer, a chart, a table, what the scenario rests on.

The page fetches nothing and runs nothing. ``worth_section`` can stand in another page as well.
"""

from __future__ import annotations

from importlib.resources import files
from xml.etree.ElementTree import Element

from corridor.ensemble.sensitivity.result import Line, Sensitivity
from corridor.report.markup import element, to_html
from corridor.report.rests import evidence_section
from corridor.report.sensitivity_chart import NARROW, WIDE, worth_chart
from corridor.report.sensitivity_words import Worded, index_words, percent, percents
from corridor.report.texts import ENGLISH, Texts
from corridor.scenario.model import Scenario

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def sensitivity_page(result: Sensitivity, scenario: Scenario, texts: Texts = ENGLISH) -> str:
    """Return the page as HTML text."""
    worded = Worded(result, texts)
    outcome = texts.worth_outcome.format(outcome=result.outcome)
    issued = texts.worth_issued.format(title=result.title, issue=result.issue_date)
    header = element(
        "header",
        element("h1", outcome),
        element("p", issued, class_="issued"),
        element("p", worded.sentences()[0], class_="headline"),
        element("p", worded.band_now(), class_="wide-range"),
        *(element("p", sentence) for sentence in worded.sentences()[1:]),
    )
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", outcome),
        element("style", files("corridor.report").joinpath("style.css").read_text("utf-8")),
    )
    sections = [worth_section(result, texts), evidence_section(scenario, texts, result)]
    body = element("body", header, element("main", *sections))
    page = element("html", head, body, lang=texts.language, dir=texts.direction)
    return f"<!doctype html>\n{to_html(page)}\n"


def worth_section(result: Sensitivity, texts: Texts) -> Element:
    """Return the section on what matters most: chart, table, how to read them, how they were made."""
    worded = Worded(result, texts)
    head = element("h2", texts.worth_head, id="worth")
    source = element("p", worded.design(), class_="source")
    if result.low == result.high:
        return element("section", head, source, aria_labelledby="worth")
    charts = []
    for form, kind in ((WIDE, "wide"), (NARROW, "narrow")):
        svg = worth_chart(worded, form, name=f"worth-{kind}")
        svg.set("class", f"{svg.get('class')} {kind}")
        charts.append(svg)
    figure = element("figure", element("figcaption", texts.worth_chart_title), *charts)
    pair = element("div", figure, class_="pair")
    notes = element("p", texts.worth_notes, class_="small")
    return element("section", head, pair, _table(worded), notes, source, aria_labelledby="worth")


def _table(worded: Worded) -> Element:
    result, texts = worded.result, worded.texts
    shown = [line for line in result.quantities if line.indices]
    shown += [line for line in result.lines if line.kind != "quantity"]
    columns = (texts.worth_quantity, texts.worth_claims, texts.worth_share, texts.worth_then)
    head = [
        element("th", words, scope="col", class_="num" if row else "") for row, words in enumerate(columns)
    ]
    for words in (texts.worth_first, texts.worth_total):
        head.append(element("th", words, element("small", texts.worth_variance), scope="col", class_="num"))
    table = element(
        "table",
        element("thead", element("tr", *head)),
        element("tbody", *(_row(worded, line) for line in shown)),
        class_="plan",
    )
    return element("div", table, class_="scroll", role="region", aria_label=texts.worth_head, tabindex="0")


def _row(worded: Worded, line: Line) -> Element:
    worth, found = line.worth, line.indices
    now = element("small", worded.range_now(line)) if line.kind == "quantity" else None
    cells = [
        element("th", line.title, now, scope="row"),
        _number(str(line.n_claims) if line.n_claims else ""),
    ]
    if worth is None:
        cells += [_number(""), _number("")]
    else:
        interval = f"{percents(worth.share_low, worth.share_high)} %"
        cells += [_number(f"{percent(worth.share)} %", interval), _number(worded.band(worth.low, worth.high))]
    for index, half in ((found.first, found.first_half), (found.total, found.total_half)) if found else ():
        cells.append(_number(index_words(index), f"± {half:.2f}"))
    if found is None:
        cells += [_number(""), _number("")]
    return element("tr", *cells)


def _number(words: str, small: str = "") -> Element:
    return element("td", words, element("small", small) if small else None, class_="num")
