"""The tables of a backtest in words and figures: what the terminal shows and the page holds.

`skill_sections` turns a `SkillTable` into titled tables of text; `scores_rows` into the rows of scores.csv.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from corridor.verify.counts import CountSeries
from corridor.verify.skill import ScoredWindows, SkillTable

SCORE_COLUMNS = (
    "scenario", "issue_date", "lead_days", "target", "model", "crps", "wis", "mae", "ard",
    "cover50", "cover90", "counted", "near_report", "seen",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table of text; the first column is a label."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def skill_sections(table: SkillTable, *, bar: str, leader: str, seed: int = 1) -> list[Section]:
    """Return a table for each lead, one of coverage by conflict, and one of the total."""
    scored = [lead for lead in table.leads_days if any(key[2] == lead for key in table.sites)]
    sections = [_lead_section(table, lead, bar, seed) for lead in scored]
    if scored:
        sections.append(_coverage_section(table, leader, scored))
    if table.totals:
        sections.append(_total_section(table))
    return sections


def _lead_section(table: SkillTable, lead: int, bar: str, seed: int) -> Section:
    head = ("model", *table.conflicts, "mean", "near", "50 %", "90 %", f"gain on {bar}", "dates", "conflicts")
    rows = []
    for model in table.models:
        names = table.conflicts_of(model, lead)
        if not names:
            continue
        by_conflict = [three(table.rcrps(model, name, lead)) for name in table.conflicts]
        partial = "" if set(names) == set(table.conflicts_of(bar, lead)) else f" ({len(names)})"
        gain = None if model == bar else table.gain(model, bar, lead, seed=seed)
        rows.append(
            (
                model,
                *by_conflict,
                three(table.mean_rcrps(model, lead)) + partial,
                three(table.mean_rcrps(model, lead, near=True)),
                two(table.coverage(model, lead, 0.5)),
                two(table.coverage(model, lead, 0.9)),
                "-" if gain is None else percent(gain.gain),
                "-" if gain is None else span(gain.dates),
                "-" if gain is None or len(gain.by_conflict) < 2 else span(gain.conflicts),
            )
        )
    return Section(f"{lead} days ahead, by site", head, tuple(rows))


def _coverage_section(table: SkillTable, leader: str, leads: list[int]) -> Section:
    head = (f"{leader}: 50 % / 90 % bands hold", *(f"{lead} days" for lead in leads), "90 %, all leads")
    rows = []
    for name in table.conflicts:
        cells = [
            f"{two(table.coverage(leader, lead, 0.5, name))} / {two(table.coverage(leader, lead, 0.9, name))}"
            for lead in leads
        ]
        held = [table.coverage(leader, lead, 0.9, name) for lead in leads]
        rows.append((name, *cells, two(_mean(held))))
    means = [
        f"{two(table.coverage(leader, lead, 0.5))} / {two(table.coverage(leader, lead, 0.9))}"
        for lead in leads
    ]
    held = [table.coverage(leader, lead, 0.9) for lead in leads]
    return Section("Coverage at sites seen before", head, (*rows, ("mean", *means, two(_mean(held)))))


def _total_section(table: SkillTable) -> Section:
    leads = [lead for lead in table.leads_days if any(key[2] == lead for key in table.totals)]
    head = ("the total: rCRPS, 90 % bands hold", *(f"{lead} days" for lead in leads))
    rows = []
    for model in dict.fromkeys(key[0] for key in table.totals):
        cells = []
        for lead in leads:
            found = [
                table.totals[key] for name in table.conflicts if (key := (model, name, lead)) in table.totals
            ]
            held = _mean([each.coverage(0.9) for each in found])
            score = three(table.mean_rcrps(model, lead, totals=True))
            cells.append(score if np.isnan(held) else f"{score} {two(held)}")
        rows.append((model, *cells))
    return Section("The total", head, tuple(rows))


def cold_section(errors: Mapping[str, Mapping[str, float]]) -> Section:
    """Return the cold start: share errors by way to split and conflict."""
    names = list(dict.fromkeys(name for found in errors.values() for name in found))
    rows = []
    for name in names:
        found = [errors[conflict].get(name, float("nan")) for conflict in errors]
        rows.append((name, *(two(value) for value in found), two(_mean(found))))
    note = (
        "Issued on day 30 without site counts, capacities or arrivals; the sum over sites of |share "
        "- true share|, "
        "mean over 30, 60 and 90 days ahead. 0 is perfect, 2 the worst."
    )
    return Section("Cold start: share error", ("", *errors, "mean"), tuple(rows), note)


def scores_rows(table: SkillTable, series: Mapping[str, CountSeries]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of scores.csv, below ``SCORE_COLUMNS``: one a model and target, the total among them."""
    for (model, name, lead), scored in table.sites.items():
        yield from _rows(model, name, lead, scored, series[name].start, table.site_names[name])
    for (model, name, lead), scored in table.totals.items():
        yield from _rows(model, name, lead, scored, series[name].start, ("total",))


def _rows(
    model: str, name: str, lead: int, scored: ScoredWindows, start: dt.date, targets: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    windows = scored.windows
    for row in range(windows.truth.size):
        truth = float(windows.truth[row])
        error = float(scored.absolute_error[row])
        yield (
            name,
            str(start + dt.timedelta(int(windows.issue_day[row]))),
            str(lead),
            targets[windows.site[row]],
            model,
            f"{scored.crps[row]:.2f}",
            _blank(float(scored.wis[row]), 2),
            f"{error:.2f}",
            f"{error / truth:.4f}" if truth > 0 else "",
            _blank(float(scored.in_50[row]), 0),
            _blank(float(scored.in_90[row]), 0),
            f"{truth:.1f}",
            str(int(windows.is_near_report[row])),
            str(int(scored.is_seen[row])),
        )


def three(value: float) -> str:
    """Return a score with three decimals, without its leading zero; "-" where there is none."""
    return "-" if np.isnan(value) else f"{value:.3f}".removeprefix("0")


def two(value: float) -> str:
    """Return a share with two decimals; "-" where there is none."""
    return "-" if np.isnan(value) else f"{value:.2f}".removeprefix("0")


def percent(share: float) -> str:
    """Return a gain in per cent, signed."""
    return f"{100 * share:+.1f} %"


def span(ends: tuple[float, float]) -> str:
    """Return an interval of gains in per cent."""
    return f"{100 * ends[0]:+.0f} to {100 * ends[1]:+.0f}"


def markdown(section: Section) -> str:
    """Return a section as a Markdown table under its title."""
    lines = [f"| {' | '.join(row)} |" for row in (section.head, *section.rows)]
    rule = "|" + "---|" * len(section.head)
    return "\n".join(
        [f"**{section.title}**", "", lines[0], rule, *lines[1:], *([section.note] if section.note else [])]
    )


def plain(section: Section) -> str:
    """Return a section as columns of text for a terminal."""
    rows = (section.head, *section.rows)
    widths = [max(len(row[column]) for row in rows) for column in range(len(section.head))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([section.title, "", *lines, *(["", section.note] if section.note else [])])


def _blank(value: float, digits: int) -> str:
    return "" if np.isnan(value) else f"{value:.{digits}f}"


def _mean(values: list[float]) -> float:
    finite = [value for value in values if not np.isnan(value)]
    return float(np.mean(finite)) if finite else float("nan")
