"""The report's table to act on: who is expected where, how much room there is, and when it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from corridor.report.digest import Digest
from corridor.report.markup import element
from corridor.report.phone_table import stacking
from corridor.report.planning import Expected, PlanningRow, PlanningTable, is_quiet, planning_table
from corridor.report.texts import Texts, isolated

#: Sites told at once; the others can be unfolded.
MOST_SITES = 30


def table_section(digest: Digest, texts: Texts) -> list[Element | None]:
    """Return what stands in the section."""
    table = planning_table(digest)
    sites = [row for row in table.sites if not is_quiet(row)]
    quiet = [isolated(row.name) for row in table.sites if is_quiet(row)]
    first, more = sites[:MOST_SITES], sites[MOST_SITES:]
    few = element("p", texts.sites_few.format(places=texts.listing(quiet)), class_="small") if quiet else None
    return [
        element("p", texts.table_caption, class_="note", id="table-note"),
        _scrolled(digest, table, first, _sums(table, sites, texts), texts.table_title, texts),
        _more(digest, table, more, texts) if more else None,
        few,
    ]


def _sums(table: PlanningTable, sites: Sequence[PlanningRow], texts: Texts) -> list[Element]:
    named = (
        (texts.table_all_sites, table.all_sites),
        (texts.table_hosts, table.hosts),
        (texts.table_total, table.newly_displaced),
    )
    return [_table_row(row, texts, name) for name, row in named if row is not table.all_sites or sites]


def _scrolled(
    digest: Digest,
    table: PlanningTable,
    sites: Sequence[PlanningRow],
    sums: Sequence[Element],
    label: str,
    texts: Texts,
) -> Element:
    rows = [_table_row(row, texts) for row in sites]
    made = element(
        "table",
        element("thead", _table_head(digest, table.lead_days, texts)),
        element("tbody", *rows) if rows else None,
        element("tbody", *sums, class_="sums") if sums else None,
        class_="plan",
        aria_describedby="table-note",
    )
    return element("div", stacking(made), class_="scroll", role="region", aria_label=label, tabindex="0")


def _more(digest: Digest, table: PlanningTable, sites: Sequence[PlanningRow], texts: Texts) -> Element:
    words = texts.table_more.format(n=len(sites))
    return element("details", element("summary", words), _scrolled(digest, table, sites, [], words, texts))


def _table_head(digest: Digest, days: Sequence[int], texts: Texts) -> Element:
    def column(words: str, small: str = "") -> Element:
        below = element("small", small) if small else None
        return element("th", words, below, class_="num", scope="col", data_label=words)

    dated = [column(texts.short_date(digest.dates[day]), _lead(day, texts)) for day in days]
    rest = [column(words) for words in (texts.table_room, texts.table_chance, texts.table_half)]
    return element("tr", element("th", texts.table_site, scope="col"), column(texts.table_now), *dated, *rest)


def _lead(day: int, texts: Texts) -> str:
    weeks, days = divmod(day, 7)
    return texts.table_days.format(days=day) if days else texts.table_weeks.format(weeks=weeks)


def _table_row(row: PlanningRow, texts: Texts, name: str = "") -> Element:
    place_id = element("small", row.place_id) if row.place_id else None
    head = element("th", element("bdi", name or row.name), place_id, scope="row")
    now = element("td", texts.number(row.now), class_="num")
    expected = [_expected_cell(at, texts) for at in row.expected]
    if not row.name:
        return element("tr", head, now, *expected, element("td", colspan="3"))
    room = texts.table_not_known if row.capacity is None else texts.exact(row.capacity)
    half = texts.short_date(row.half_full_on) if row.half_full_on else texts.table_never
    return element(
        "tr",
        head,
        now,
        *expected,
        element("td", room, class_="num"),
        element("td", *_chance(row.chance_full, texts), class_="num"),
        element("td", half, class_="num"),
    )


def _chance(chance: float | None, texts: Texts) -> list[Element | str]:
    if chance is None:
        return [texts.table_never]
    bar = element("i", style=f"width:{100 * chance:.0f}%")
    return [texts.short_share(chance), element("span", bar, class_="meter", aria_hidden="true")]


def _expected_cell(at: Expected, texts: Texts) -> Element:
    middle, range_ = texts.number(at.p50), texts.short_range(at.p10, at.p90)
    return element("td", middle, element("small", range_) if range_ != middle else None, class_="num")
