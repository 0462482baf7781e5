"""The report's section on needs: what the people expected at each site need on one day, and the sums over
time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from corridor.needs.needs import TOTAL, Needs, needs_of
from corridor.needs.standards import load_standards
from corridor.report.digest import Digest
from corridor.report.markup import element
from corridor.report.phone_table import stacking
from corridor.report.planning import lead_days
from corridor.report.texts import Texts, isolated

#: Sites told one by one; the sums and the workbook have all.
MOST_SITES = 15
#: Day told for each site, days after the issue date.
USUAL_LEAD_DAYS = 28
_LOW, _MIDDLE, _HIGH = 0, 2, 4  # rows of the quantiles


def needs_section(digest: Digest, texts: Texts, needs: Needs | None = None) -> list[Element]:
    """Return what stands in the section: a table of sites for one day, and one of days for all sites.

    The needs are worked out where they are not given.
    """
    if not digest.site_rows:
        return [element("p", texts.needs_none)]
    needs = needs or _needs_of(digest, texts)
    day = min(USUAL_LEAD_DAYS, len(digest.dates) - 1)
    names = _most_people_first(needs, day)
    told = [(isolated(name), name, day) for name in names[:MOST_SITES]]
    sites = _table(needs, [*told, (texts.needs_all, TOTAL, day)], texts.table_site, texts)
    issue = digest.dates[0]
    days = [(texts.date(digest.dates[at], issue), TOTAL, at) for at in lead_days(len(digest.dates) - 1)]
    sums = _table(needs, days, texts.needs_date, texts)
    lead = texts.needs_lead.format(
        date=texts.date(digest.dates[day], issue),
        standards=needs.standards.name,
        size=digest.scenario.household_size,
    )
    more = [element("p", texts.needs_more, class_="small")] if len(names) > MOST_SITES else []
    return [
        element("p", lead, class_="lead"),
        _scrolled(sites, texts.needs_title),
        *more,
        element("h3", texts.needs_sums),
        _scrolled(sums, texts.needs_sums),
    ]


def _needs_of(digest: Digest, texts: Texts) -> Needs:
    """Return the needs that are told, and no others, for the sake of time."""
    standards = load_standards()
    wanted = {column[0] for column in texts.needs_columns}
    return needs_of(
        digest.forecast, replace(standards, rows=tuple(r for r in standards.rows if r.indicator in wanted))
    )


def _most_people_first(needs: Needs, day: int) -> list[str]:
    people = {name: needs.of(name, "people").quantiles[:, day] for name in needs.places}
    some = [name for name in people if people[name][_HIGH] > 0]
    return sorted(some, key=lambda name: (-people[name][_MIDDLE], -people[name][_HIGH], name))


def _scrolled(table: Element, label: str) -> Element:
    return element("div", table, class_="scroll", role="region", aria_label=label, tabindex="0")


def _table(needs: Needs, rows: Sequence[tuple[str, str, int]], first: str, texts: Texts) -> Element:
    columns = [("people", texts.needs_people, "", 1.0), *texts.needs_columns]
    heads = [
        element("th", head, element("small", unit) if unit else None, scope="col", class_="num")
        for _, head, unit, _ in columns
    ]
    body = []
    for words, place, day in rows:
        cells = [_cell(needs, place, day, key, factor, texts) for key, _, _, factor in columns]
        name = element("th", element("bdi", words), scope="row")
        body.append(element("tr", name, *cells, class_="sum" if place == TOTAL else None))
    head = element("thead", element("tr", element("th", first, scope="col"), *heads))
    return stacking(element("table", head, element("tbody", *body), class_="plan needs"))


def _cell(needs: Needs, place: str, day: int, key: str, factor: float, texts: Texts) -> Element:
    row = needs.of(place, key)

    def amount(level: int) -> str:
        value = float(row.quantiles[level, day])
        if key == "people":
            return texts.number(value)
        if row.is_small[level, day] and not texts.tells_small:
            return texts.needs_few
        return texts.number(value * factor) if value * factor >= 100 else texts.amount(value * factor)

    low, middle, high = amount(_LOW), amount(_MIDDLE), amount(_HIGH)
    range_ = low if low == high else f"{low}–{high}"
    return element("td", middle, element("small", range_) if range_ != middle else None, class_="num")
