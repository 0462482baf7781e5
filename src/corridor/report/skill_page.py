"""A backtest as files: scores.csv, and one self-contained page with tables, score by lead, reliability,
ranks.

The page fetches nothing, needs no script and holds its own style sheet.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from corridor.report.markup import element, to_html
from corridor.report.skill_charts import lead_chart, rank_chart, reliability_chart
from corridor.report.skill_words import SCORE_COLUMNS, Section, scores_rows
from corridor.verify.counts import CountSeries
from corridor.verify.skill import BAND_SHARES, SkillTable

READING = (
    "The relative CRPS of an issue date is the sum over sites of the CRPS by the sum of the people "
    "counted; the "
    "mean over issue dates is taken in each conflict, then over conflicts. Smaller is better; for a "
    "point it is the "
    "averaged relative difference. 'near' scores only targets with a report within 15 days: all "
    "others are drawn "
    "across a gap in the counts. '50 %' and '90 %' say how much of what was counted these bands "
    "held. The gain "
    "compares the same issue dates; its intervals hold 95 %, from blocks of issue dates longer than "
    "the lead, "
    "and with conflicts resampled as well. A gain whose second interval holds 0 is not established "
    "for a new conflict."
)


def write_scores(table: SkillTable, series: Mapping[str, CountSeries], path: str | Path) -> Path:
    """Write scores.csv: one row a scenario, issue date, lead, target and model."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(SCORE_COLUMNS)
        writer.writerows(scores_rows(table, series))
    return Path(path)


def write_skill_page(
    table: SkillTable, path: str | Path, sections: Sequence[Section], *, leader: str, mode: str
) -> Path:
    """Write the page of a backtest.

    Parameters
    ----------
    table : SkillTable
    path : path
        The file, usually ``skill.html``.
    sections : list of Section
        The tables, from `skill_sections`.
    leader : str
        The model whose calibration is drawn.
    mode : str
        "free" or "conditioned", as told to the reader.
    """
    Path(path).write_text(skill_page(table, sections, leader=leader, mode=mode), "utf-8")
    return Path(path)


def skill_page(table: SkillTable, sections: Sequence[Section], *, leader: str, mode: str) -> str:
    """Return the page as HTML text."""
    told = (
        "Free: nothing counted after an issue date is known to a forecast; what is told more is marked so."
        if mode == "free"
        else "Conditioned: the total on the target day is told; only its split over the sites is forecast."
    )
    body = element(
        "main",
        element("h2", f"{', '.join(table.conflicts)}: forecasts as they would have been made"),
        element("p", f"Issued every {table.every} days. {told}", class_="lead"),
        element("p", READING, class_="note"),
        *(element("p", note) for note in table.notes),
        *_charts(table, leader),
        *(section_of(section) for section in sections),
    )
    style = (files("corridor.report") / "style.css").read_text("utf-8")
    page = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", f"Corridor: skill of {', '.join(table.conflicts)}"),
            element("style", style),
        ),
        element("body", element("header", element("h1", "Corridor: verification")), body),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{to_html(page)}\n"


def _charts(table: SkillTable, leader: str) -> list[Element]:
    leads = [lead for lead in table.leads_days if (table.conflicts_of(leader, lead))]
    if not leads:
        return []
    scores = {model: [table.mean_rcrps(model, lead) for lead in leads] for model in table.models}
    held = {lead: table.reliability(leader, lead).tolist() for lead in leads}
    ranks = {lead: table.rank_shares(leader, lead).tolist() for lead in leads}
    told = [
        _figure(
            "Score against lead time", "relative CRPS, mean over conflicts", lead_chart("lead", leads, scores)
        ),
        _figure(
            f"Reliability of {leader}",
            "what the central bands held; on the grey line they hold what they should",
            reliability_chart("reliability", BAND_SHARES, held),
        ),
    ]
    histograms = [
        _figure(
            f"{lead} days ahead",
            "share of targets in each tenth of the forecast",
            rank_chart(f"rank{lead}", f"Ranks, {lead} days", shares),
        )
        for lead, shares in ranks.items()
        if not np.isnan(shares).any()
    ]
    return [
        element("section", element("div", *told, class_="pair")),
        element(
            "section",
            element("h3", f"Rank histograms of {leader}"),
            element("div", *histograms, class_="many"),
        ),
    ]


def _figure(title: str, note: str, svg: Element) -> Element:
    return element("figure", element("figcaption", title, element("small", note)), svg)


def section_of(section: Section) -> Element:
    """Return a table under its title."""
    head = element(
        "thead",
        element(
            "tr", *(element("th", cell, class_="num" if at else None) for at, cell in enumerate(section.head))
        ),
    )
    rows = [
        element(
            "tr",
            *(
                element("td", cell, class_="num") if at else element("th", cell)
                for at, cell in enumerate(row)
            ),
        )
        for row in section.rows
    ]
    table = element("div", element("table", head, element("tbody", *rows)), class_="scroll")
    note = element("p", section.note, class_="source") if section.note else None
    return element("section", element("h3", section.title), table, note)
