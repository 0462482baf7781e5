"""The tables of an assimilated forecast and of a series of re-issued ones, as text."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corridor.assimilate.combine import Assimilated
from corridor.assimilate.reissues import Scored, Summary, expectations, summarise
from corridor.assimilate.targets import TOTAL, Simulated, known_counts
from corridor.report.quantiles import write_aside
from corridor.report.skill_words import Section, three, two
from corridor.scenario.model import Claim
from corridor.verify.counts import FloatArray
from corridor.verify.skill import quantiles_at

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
_COLUMNS = (
    "place",
    "date",
    "q05",
    "q25",
    "q50",
    "q75",
    "q95",
    "weight_of_futures",
    "last_count",
    "counted_on",
)


def five(quantiles: FloatArray) -> FloatArray:
    """Return the 5, 25, 50, 75 and 95 % quantiles of ``[..., 100]``, on the last axis."""
    return quantiles_at(quantiles, LEVELS)


def people(value: float) -> str:
    """Return people with three digits that count."""
    if value < 100:
        return f"{value:.0f}"
    step = 10.0 ** (len(f"{value:.0f}") - 3)
    return f"{round(value / step) * step:,.0f}"


def forecast_section(made: Assimilated, dates: Sequence[dt.date]) -> Section:
    """Return people by target on some dates: the middle and the 90 % band, with the weight of the futures."""
    bands = five(made.quantiles)
    rows = []
    for row, name in enumerate(made.targets.names):
        last = made.targets.counts_of(name)[-1:]
        cells = [_band(bands[row, (date - made.targets.dates[0]).days]) for date in dates]
        counted = f"{last[0].people:,} on {last[0].date}" if last else "never"
        rows.append((name, counted, *cells, f"{made.mechanism_weight[row]:.0%}"))
    head = ("people", "last counted", *(str(date) for date in dates), "weight of futures")
    return Section(f"Issued {made.issue_date}: middle (5 % to 95 %)", head, tuple(rows))


def _band(levels: FloatArray) -> str:
    return f"{people(levels[2])} ({people(levels[0])} to {people(levels[4])})"


def assimilated_csv(made: Assimilated) -> str:
    """Return the quantiles of every target and day from the issue date on as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    bands = np.floor(five(made.quantiles) + 0.5).astype(int)
    for row, name in enumerate(made.targets.names):
        last = made.targets.counts_of(name)[-1:]
        counted = (str(last[0].people), last[0].date.isoformat()) if last else ("", "")
        for day in range(made.targets.issue_day, len(made.targets.dates)):
            date = made.targets.dates[day].isoformat()
            writer.writerow(
                [name, date, *bands[row, day].tolist(), f"{made.mechanism_weight[row]:.3f}", *counted]
            )
    return text.getvalue()


def write_assimilated(made: Assimilated, path: str | Path) -> Path:
    """Write assimilated.csv, aside first and then moved into place."""
    return write_aside(assimilated_csv(made), path)


def narrowing_section(made: Sequence[Assimilated], date: dt.date, counted: int | None) -> Section:
    """Return how each issue date saw the total of one day."""
    rows = []
    for each in made:
        levels = five(each.quantiles)[each.targets.names.index(TOTAL), (date - each.targets.dates[0]).days]
        known = each.targets.counts_of(TOTAL)[-1:]
        rows.append(
            (
                str(each.issue_date),
                people(known[0].people) if known else "-",
                people(levels[2]),
                f"{people(levels[1])} to {people(levels[3])}",
                f"{people(levels[0])} to {people(levels[4])}",
                people(levels[4] - levels[0]),
                "-" if counted is None else _held(levels, counted),
            )
        )
    head = ("issued", "last counted", "middle", "50 %", "90 %", "90 % wide", "held")
    found = "" if counted is None else f"Counted: {counted:,}."
    return Section(f"The total on {date}, as each issue date saw it", head, tuple(rows), found)


def _held(levels: FloatArray, counted: int) -> str:
    if levels[1] <= counted <= levels[3]:
        return "50 %"
    return "90 %" if levels[0] <= counted <= levels[4] else "no"


def summary_section(found: Sequence[Summary], title: str) -> Section:
    """Return the scores of re-issued forecasts by band of leads and model."""
    rows = [
        (
            f"{_leads(each.lead_days)}, {each.model}",
            str(each.n),
            three(each.rcrps),
            two(each.coverage_50),
            two(each.coverage_90),
        )
        for each in found
    ]
    head = ("days ahead, forecast", "forecasts", "CRPS / counted", "50 % holds", "90 % holds")
    return Section(title, head, tuple(rows))


def _leads(days: tuple[int, int]) -> str:
    return f"{days[0]} to {days[1]}" if days[1] < 400 else f"{days[0]} and more"


def expectation_section(claims: Sequence[Claim], counted: int | None, date: dt.date | None) -> Section:
    """Return what agencies said would come, beside what was counted."""
    rows = []
    for claim in claims:
        said = [value for value in (claim.low, claim.high) if value is not None]
        ratio = "-" if not counted else f"{np.mean(said) / counted:.1f}"
        who = claim.source if not claim.carried_by else f"{claim.source}, in {claim.carried_by}"
        number = " to ".join(dict.fromkeys(f"{value:,.0f}" for value in said))
        rows.append((str(claim.said_on), who, claim.about, number, ratio))
    head = ("said on", "by", "about", "people", "times the last count")
    note = (
        "Most are planning figures and worst cases without a date by which they would be reached: "
        "they were meant to "
        "be prepared for, not to be likely."
    )
    title = "What agencies expected" + (f" ({counted:,} were counted on {date})" if counted else "")
    return Section(title, head, tuple(rows), note)


def reissues_csv(scored: Sequence[Scored]) -> str:
    """Return the scores of re-issued forecasts as CSV: one row a forecast, count and model."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["issue_date", "date", "lead_days", "target", "model", "counted", "crps", "cover50", "cover90"]
    )
    for each in scored:
        inside = ["" if np.isnan(value) else f"{value:.0f}" for value in (each.in_50, each.in_90)]
        told = [each.issue_date, each.date, each.lead_days, each.target, each.model, each.people]
        writer.writerow([*told, f"{each.crps:.1f}", *inside])
    return text.getvalue()


def reissue_sections(
    members: Simulated, made: Sequence[Assimilated], scored: Sequence[Scored]
) -> list[Section]:
    """Return the tables of re-issued forecasts: narrowing, scores of the total and of places,
    expectations."""
    last = members.dates[-1]
    totals = [count for count in known_counts(members.scenario, last) if count.place == TOTAL]
    on_last = next((count.people for count in totals if count.date == last), None)
    sections = [narrowing_section(made, last, on_last)]
    for is_total, title in (
        (True, "The total, scored on later counts"),
        (False, "Places, scored on later counts"),
    ):
        found = summarise(scored, totals=is_total)
        sections += [summary_section(found, title)] if found else []
    claims = expectations(members.scenario, last)
    if claims:
        newest = totals[-1] if totals else None
        sections.append(
            expectation_section(claims, newest.people if newest else None, newest.date if newest else None)
        )
    return sections
