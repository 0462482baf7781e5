"""A forecast as a workbook: a cover that says what it is, and sheets that a planner can filter and sort.

Every text is written as text, so that a name never becomes a formula; numbers below ten people are told as
"<10" unless small numbers are wanted. The file is written aside and moved into place.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corridor.ensemble.forecast import Forecast
from corridor.needs.needs import ALL_GROUPS, Needs
from corridor.needs.table import MASK, Cell, gap_rows, need_rows, place_words
from corridor.problems import CorridorRuntimeError
from corridor.report.digest import TOTALS, Digest, Floats, Ints, band, make_digest
from corridor.report.planning import planning_table
from corridor.report.texts import ENGLISH, LEAST_TOLD, Texts
from corridor.report.words import statements
from corridor.report.xlsx import (
    AMOUNT,
    DAY,
    PEOPLE,
    SHARE,
    SHORT,
    TEXT,
    Column,
    Cover,
    Sheet,
    Value,
    write_workbook_file,
)

#: Rows of the sheet of needs above which it has fewer days: one of seven, of fourteen or of 28. The last is
#: always in it. More rows than this are hard to look through.
MOST_ROWS = 30_000
_STEPS = {
    1: "Every day",
    7: "Every seventh day and the last",
    14: "Every second week and the last day",
    28: "Every fourth week and the last day",
}
#: Days from one row of a host community to the next, in the sheets in which sites have every day.
_HOST_STEP = 7
_QUANTILES = ("5 %", "25 %", "middle", "75 %", "95 %")
_TOTAL_TITLES = {
    "newly_displaced": "Newly displaced",
    "trapped": "Trapped",
    "left_area": "Have left the area",
    "returned": "Have returned home",
}


def write_workbook(
    forecast: Forecast | Digest,
    path: str | Path,
    needs: Needs | None = None,
    *,
    tells_small: bool = False,
    most_rows: int | None = None,
) -> Path:
    """Write a forecast, and its needs if given, as an XLSX workbook.

    Parameters
    ----------
    forecast : Forecast or Digest
    path : path
    needs : Needs, optional
        From `corridor.needs.needs.needs_of`; adds the sheets Needs, Gaps and Standards.
    tells_small : bool
        Whether numbers below ten people are told as they are.
    most_rows : int, optional
        Rows of the sheet of needs above which it has fewer days; `MOST_ROWS` if not given.

    Raises
    ------
    CorridorRuntimeError
        If the file cannot be written; nothing is left behind.
    """
    digest = forecast if isinstance(forecast, Digest) else make_digest(forecast)
    target = Path(path)
    aside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _save(digest, needs, aside, tells_small, MOST_ROWS if most_rows is None else most_rows)
        os.replace(aside, target)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise CorridorRuntimeError(f"'{target}' could not be written: {error}") from error
    return target


def _save(digest: Digest, needs: Needs | None, path: Path, tells_small: bool, most_rows: int) -> None:
    cover = Cover("Cover", digest.scenario.title, tuple(_cover_lines(digest, needs, tells_small)))
    write_workbook_file(
        path,
        cover,
        _sheets(digest, needs, tells_small, most_rows),
        creator=f"Corridor {digest.forecast.version}",
        created=digest.scenario.issue_date,
    )


def _sheets(digest: Digest, needs: Needs | None, tells_small: bool, most_rows: int) -> Iterator[Sheet]:
    yield _summary(digest, tells_small)
    yield _by_site(
        digest, tells_small, "Sites", "People present at the end of the day, people", digest.present, True
    )
    yield _by_site(
        digest, tells_small, "Arrivals", "People who stopped there that day, people a day", digest.arrivals
    )
    yield _trapped(digest, tells_small)
    yield _totals(digest, tells_small)
    if needs is not None:
        yield from _needs_sheets(needs, tells_small, most_rows)


# --- the cover ----------------------------------------------------------------------------------------
def _cover_lines(digest: Digest, needs: Needs | None, tells_small: bool) -> Iterator[tuple[str, str]]:
    scenario, texts = digest.scenario, Texts(tells_small=tells_small)
    yield texts.must_not_head, texts.must_not
    yield "", ""
    for statement in statements(digest, texts):
        yield "", statement.text
    yield "", ""
    yield texts.fact_scenario, scenario.name
    yield texts.fact_issue, scenario.issue_date.isoformat()
    yield texts.fact_horizon, digest.dates[-1].isoformat()
    yield texts.fact_members, str(digest.n_members)
    yield texts.fact_seed, str(digest.forecast.seed)
    yield texts.fact_version, digest.forecast.version
    yield "Data dates", _data_dates(digest)
    yield "Bands", "5 % to 95 % hold nine of ten futures, 25 % to 75 % half of them."
    if not tells_small:
        yield "Small numbers", f"Fewer than ten people are told as <{LEAST_TOLD}, in needs as {MASK}."
    if needs is not None:
        yield "Standards", f"{needs.standards.name}; sources on the sheet Standards"
        yield "Household", f"{scenario.household_size:g} people"
    for what, where in scenario.provenance.items():
        yield f"Provenance: {what}", where


def _data_dates(digest: Digest) -> str:
    scenario = digest.scenario
    parts = []
    if scenario.claims:
        said = [claim.said_on for claim in scenario.claims]
        parts.append(f"{len(said)} claims, said from {min(said)} to {max(said)}")
    known = [count.date for count in scenario.counts if count.date <= scenario.issue_date]
    if known:
        parts.append(f"{len(known)} counts by the issue date, from {min(known)} to {max(known)}")
    return "; ".join(parts) or "no claims and no counts by the issue date"


# --- the sheets of the forecast ----------------------------------------------------------------------
_PLACE = (Column("Place", 34), Column("P-code", 12), Column("Kind", 16))
_BAND = tuple(Column(name, 12, PEOPLE) for name in _QUANTILES)
_DATE = Column("Date", 12, DAY)


def _summary(digest: Digest, tells_small: bool) -> Sheet:
    table = planning_table(digest)
    dates = [expected.date.isoformat() for expected in table.all_sites.expected]
    numbers = [Column(f"{date} {level}", 12, PEOPLE) for date in dates for level in ("P10", "P50", "P90")]
    columns = (
        Column("Site", 34),
        Column("P-code", 12),
        Column("Now", 10, PEOPLE),
        *numbers,
        Column("Capacity", 11, PEOPLE),
        Column("Chance it fills", 10, SHARE),
        Column("Full in half of futures by", 14, DAY),
    )
    named = [(row, row.name) for row in table.sites]
    named += [(table.all_sites, ENGLISH.table_all_sites), (table.hosts, ENGLISH.table_hosts)]
    rows: list[list[Value]] = []
    for row, name in [*named, (table.newly_displaced, ENGLISH.table_total)]:
        people = [row.now, *(value for at in row.expected for value in (at.p10, at.p50, at.p90))]
        told = _told(np.array(people), tells_small)
        rows.append([name, row.place_id, *told, row.capacity, row.chance_full, row.half_full_on])
    lead = "People expected at each site at the end of the day, people. Full: 95 % of the capacity."
    return Sheet("Summary", columns, rows, lead)


def _by_site(
    digest: Digest, tells_small: bool, name: str, lead: str, people: Ints, with_room: bool = False
) -> Sheet:
    room = (Column("Capacity", 12, PEOPLE), Column("Chance full by then", 20, SHARE)) if with_room else ()

    def rows() -> Iterator[Sequence[Value]]:
        steps = {**dict.fromkeys(digest.site_rows, 1), **dict.fromkeys(digest.host_rows, _HOST_STEP)}
        for row, step in steps.items():
            days = _every(step, len(digest.dates))
            quantiles = band(people[:, :, row])
            if not quantiles[-1].any():
                continue
            more = _room(digest, row, days) if with_room else [()] * len(days)
            who = _who(digest, row)
            for day, told, beside in zip(days, _told(quantiles[:, days].T, tells_small), more, strict=True):
                yield (*who, digest.dates[day], *told, *beside)

    lead += "; towns every seventh day and the last. "
    lead += "Places where nobody comes in nine of ten futures are left out."
    return Sheet(name, (*_PLACE, _DATE, *_BAND, *room), rows(), lead)


def _every(step: int, n_days: int) -> list[int]:
    """Return the first day, those a step apart, and the last."""
    return sorted({*range(0, n_days, step), n_days - 1})


def _room(digest: Digest, row: int, days: Sequence[int]) -> list[tuple[Value, ...]]:
    """Return the usual capacity and the chance of having been full, on some days."""
    has_limit = bool((digest.capacity[:, :, row] > 0).any())
    chances: list[Value] = (
        [*digest.full_by[:, row].round(4).tolist()] if has_limit else [None] * (max(days) + 1)
    )
    return [(digest.usual_capacity(row, day), chances[day]) for day in days]


def _trapped(digest: Digest, tells_small: bool) -> Sheet:
    def rows() -> Iterator[Sequence[Value]]:
        for row in range(len(digest.places)):
            quantiles = band(digest.trapped[:, :, row])
            if not quantiles[-1].any():
                continue
            chances = (digest.trapped[:, :, row] > 0).mean(axis=0).round(4).tolist()
            who = _who(digest, row)
            for date, told, chance in zip(
                digest.dates, _told(quantiles.T, tells_small), chances, strict=True
            ):
                yield (*who, date, *told, chance)

    lead = "People who want to leave home and find no way out, people."
    columns = (*_PLACE, _DATE, *_BAND, Column("Chance of any", 14, SHARE))
    return Sheet("Trapped", columns, rows(), lead)


def _totals(digest: Digest, tells_small: bool) -> Sheet:
    def rows() -> Iterator[Sequence[Value]]:
        for name in TOTALS:
            quantiles = band(digest.totals[name])
            for date, told in zip(digest.dates, _told(quantiles.T, tells_small), strict=True):
                yield (_TOTAL_TITLES[name], date, *told)

    return Sheet("Totals", (Column("Quantity", 24), _DATE, *_BAND), rows(), "All places together, people.")


def _who(digest: Digest, row: int) -> tuple[Value, ...]:
    place = digest.places[row]
    return (place.name, place.id, place.kind.value)


def _told(people: Floats, tells_small: bool) -> list[Any]:
    """Return people as whole numbers, nested as they come; fewer than ten, and not nobody, as "<10"."""
    whole: NDArray[np.object_] = np.floor(people + 0.5).astype(np.int64).astype(object)
    if not tells_small:
        whole[(people >= 0.5) & (people < LEAST_TOLD - 0.5)] = f"<{LEAST_TOLD}"
    nested: list[Any] = whole.tolist()
    return nested


# --- the sheets of the needs ---------------------------------------------------------------------------
def _needs_sheets(needs: Needs, tells_small: bool, most_rows: int) -> Iterator[Sheet]:
    days, every = _days_told(needs, most_rows)
    quantiles = tuple(Column(name, 13, AMOUNT) for name in _QUANTILES)
    columns = (
        *(Column("Place", 34), Column("P-code", 12), Column("Group", 22), _DATE),
        *(Column("Indicator", 22), Column("Title", 40), Column("Unit", 16), *quantiles),
    )
    rows = (_worded(row, 3) for row in need_rows(needs, tells_small=tells_small, days=days))
    yield Sheet("Needs", columns, rows, f"What people need at each place. {every}.")
    gap_columns = (
        *(Column("Place", 34), Column("P-code", 12), Column("What", 16), Column("Title", 44)),
        *(Column("Unit", 14), _DATE, Column("Available", 13, AMOUNT), *quantiles),
        *(Column("Chance that day", 16, SHARE), Column("Chance by then", 16, SHARE)),
    )
    rows = (_worded(row, 5) for row in gap_rows(needs, tells_small=tells_small, days=days))
    lead = f"What is missing against stated capacities and stocks. {every}."
    yield Sheet("Gaps", gap_columns, rows, lead)
    yield _standards(needs)


def _days_told(needs: Needs, most_rows: int) -> tuple[list[int], str]:
    """Return the days on the sheets of needs, and what to call them."""
    days: list[int] = []
    for step in _STEPS:
        days = _every(step, len(needs.dates))
        if len(needs.rows) * len(days) <= most_rows:
            break
    has_groups = len(needs.scenario.groups) == 1 or any(row.group != ALL_GROUPS for row in needs.rows)
    more = [] if step == 1 else ["every day"]
    more += [] if has_groups else ["every group"]
    return days, f"{_STEPS[step]}; corridor needs tells {' and '.join(more)}" if more else _STEPS[step]


def _worded(row: tuple[Cell, ...], date_at: int) -> list[Value]:
    """Return a row with a place's name for a reader and a date that sorts."""
    made: list[Value] = list(row)
    made[0] = place_words(str(row[0]))
    made[date_at] = dt.date.fromisoformat(str(row[date_at]))
    return made


def _standards(needs: Needs) -> Sheet:
    titles = {
        **{"Indicator": 22, "Title": 38, "Value": 14, "Unit": 10, "Per": 22, "Phase": 10, "Months": 18},
        **{
            "Weight of one, kg": 18,
            "Weight from": 40,
            "Rests on": 20,
            "Source": 60,
            "Address": 60,
            "Note": 80,
        },
    }
    forms = {"Weight of one, kg": SHORT}
    columns = [Column(title, width, forms.get(title, TEXT)) for title, width in titles.items()]
    rows: list[list[Value]] = [
        [
            *(
                row.indicator,
                row.title,
                row.value_in_words,
                row.unit,
                row.per,
                row.phase,
                _months(row.months),
            ),
            *(row.kg or None, row.kg_source, row.basis, row.source, row.url, row.note),
        ]
        for row in needs.standards.rows
    ]
    for setting in needs.standards.settings.values():
        said = [setting.indicator, "setting", f"{setting.value:g}", setting.unit, "", "", "", None, ""]
        rows.append([*said, setting.basis, setting.source, "", setting.note])
    return Sheet("Standards", columns, rows, f"Standards {needs.standards.name}.")


def _months(months: frozenset[int]) -> str:
    return "all" if len(months) == 12 else ", ".join(str(month) for month in sorted(months))
