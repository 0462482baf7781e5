"""One self-contained page that a planner can read, print and send on.

Sentences, table, maps, charts, needs, what it rests on, method: the sections follow the order of a reader's
questions. The page fetches nothing and holds its own style sheet and its one script, which only moves the
map; without it still maps stand in its place. It is built as a tree of elements, so that names and notes of a
scenario can never become markup, and its security policy lets no other script run.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element

from corridor.ensemble.forecast import Forecast
from corridor.ensemble.sensitivity.result import Sensitivity
from corridor.needs.needs import Needs
from corridor.report.chart_sections import (
    all_section,
    courses_section,
    sites_section,
    source_line,
    source_text,
)
from corridor.report.digest import Digest, make_digest
from corridor.report.mapsection import map_section
from corridor.report.markup import element, to_html
from corridor.report.needs_section import needs_section
from corridor.report.quantiles import write_aside
from corridor.report.rests import method_section, past_section, rests_section
from corridor.report.table_section import table_section
from corridor.report.texts import Texts
from corridor.report.triggers_section import triggers_part
from corridor.report.words import Statement, statements

_FACT_TONES = {
    "arrivals": "blue",
    "full": "grey",
    "full_now": "grey",
    "trapped": "orange",
    "left_area": "blue",
    "returned": "blue",
}
#: Nothing may be fetched, framed or sent; no script may run but the one whose fingerprint stands here.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; base-uri 'none'; "
    "form-action 'none'"
)


def write_report(
    forecast: Forecast | Digest,
    path: str | Path,
    *,
    texts: Texts | None = None,
    what_ifs: Mapping[str, Forecast | Digest] | None = None,
    sensitivity: Sensitivity | None = None,
    needs: Needs | None = None,
    tells_small: bool = False,
) -> Path:
    """Write the report as one HTML file, aside first and then moved into place.

    Parameters
    ----------
    forecast : Forecast or Digest
    path : path
        The file, usually ``report.html``.
    texts : Texts, optional
        The language; English if not given.
    what_ifs : mapping, optional
        Forecasts of the same crisis with something changed, by name; the map can switch to them.
    sensitivity : Sensitivity, optional
        A study of the same scenario; the section on what the forecast rests on tells its answer.
    needs : Needs, optional
        From `corridor.needs.needs.needs_of`, if they are known already.
    tells_small : bool
        Tell numbers from 1 to 9 as they are, instead of "<10". Not for sharing.

    Raises
    ------
    InputError
        If a what-if is of another crisis, or has other days, members or another seed.
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    digest = _digest(forecast)
    others = {name: _digest(other) for name, other in (what_ifs or {}).items()}
    words = texts or Texts(tells_small=tells_small)
    return write_aside(report_html(digest, words, others, sensitivity, needs), path)


def _digest(forecast: Forecast | Digest) -> Digest:
    return forecast if isinstance(forecast, Digest) else make_digest(forecast)


def report_html(
    digest: Digest,
    texts: Texts,
    what_ifs: Mapping[str, Digest] | None = None,
    sensitivity: Sensitivity | None = None,
    needs: Needs | None = None,
) -> str:
    """Return the report as HTML text."""
    told = statements(digest, texts)
    digests, names = [digest, *(what_ifs or {}).values()], [texts.live_as_is, *(what_ifs or {})]
    maps, data = map_section(digests, names, texts, source_text(digest, texts))
    source = source_line(digest, texts)
    courses, triggers = courses_section(digests, names, texts), triggers_part(digest, texts)
    sections = [
        _section(texts.table_title, *table_section(digest, texts), source, name="table"),
        _section(texts.map_head, *maps, name="map"),
        _section(texts.all_head, *all_section(digest, texts), name="all"),
        _section(texts.sites_head, *sites_section(digest, texts), name="sites"),
        _section(texts.needs_title, *needs_section(digest, texts, needs), *triggers, name="needs"),
        _section(texts.storylines_head, *courses, name="storylines") if courses else None,
        rests_section(digest, texts, sensitivity),
        past_section(digest, texts),
        method_section(digest, texts),
    ]
    script = _asset("report.js")
    print_ = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY.format(script=print_)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", digest.scenario.title),
        element("style", _asset("style.css")),
    )
    main = element("main", *sections)
    body = element("body", _header(digest, told, texts), main, data, element("script", script))
    page = element("html", head, body, lang=texts.language, dir=texts.direction)
    return f"<!doctype html>\n{to_html(page)}\n"


def _asset(name: str) -> str:
    return files("corridor.report").joinpath(name).read_text("utf-8")


def _section(head: str, *children: Element | str | None, name: str) -> Element:
    return element("section", element("h2", head, id=name), *children, aria_labelledby=name)


def _header(digest: Digest, told: Sequence[Statement], texts: Texts) -> Element:
    first = digest.scenario.issue_date
    issued = texts.issued.format(issue=texts.full_date(first), horizon=texts.full_date(digest.dates[-1]))
    made = element("header", element("h1", digest.scenario.title), element("p", issued, class_="issued"))
    for statement in told:
        if statement.topic == "headline":
            made.append(element("p", statement.text, class_="headline"))
    ranges = " ".join(s.text for s in told if s.topic in ("headline_wide", "later"))
    made.append(element("p", ranges, class_="wide-range")) if ranges else None
    for topic in ("terms", "caution"):
        made.extend(element("p", s.text, class_=topic) for s in told if s.topic == topic)
    facts = [element("li", s.text, class_=_FACT_TONES[s.topic]) for s in told if s.topic in _FACT_TONES]
    made.append(element("ul", *facts, class_="facts")) if facts else None
    made.append(element("p", element("a", texts.not_for, href="#method"), class_="small"))
    return made
