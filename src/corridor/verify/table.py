"""The table of baselines over several conflicts: relative CRPS and coverage by baseline, conflict and lead.

`baseline_table` reads folders of counts, forecasts each conflict from the errors of the others, and keeps
the score of every issue date, so that any two baselines (or a model scored on the same dates) can be
compared pair by pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridor.verify.baselines import (
    FIRST_ISSUE_DAY,
    ISSUE_EVERY_DAYS,
    Baseline,
    Regime,
    Windows,
    crps_of,
    leave_one_out,
    make_windows,
)
from corridor.verify.counts import CountSeries, FloatArray, read_count_series
from corridor.verify.scores import Comparison, compare, coverage, rcrps_by_issue

#: Leads of the table, in days.
LEADS_DAYS = (30, 60, 90)


@dataclass(frozen=True, slots=True, eq=False)
class BaselineScore:
    """Scores of one baseline in one conflict at one lead."""

    by_issue: FloatArray  # relative CRPS of each issue date; NaN where nobody is counted at the target
    by_issue_near: FloatArray  # the same over targets near a report, on the issue dates that have one
    coverage_50: float  # share of targets at seen sites inside the central 50 % band; NaN for points
    coverage_90: float

    @property
    def rcrps(self) -> float:
        """Mean over issue dates."""
        return _mean(self.by_issue)

    @property
    def rcrps_near(self) -> float:
        """Mean over issue dates, targets near a report only; NaN where there is none."""
        return _mean(self.by_issue_near)


@dataclass(frozen=True, slots=True, eq=False)
class BaselineTable:
    """Scores by (baseline, conflict, lead)."""

    conflicts: tuple[str, ...]
    leads_days: tuple[int, ...]
    every: int  # days from one issue date to the next
    scores: dict[tuple[Baseline, str, int], BaselineScore]

    def mean(self, baseline: Baseline, lead_days: int, what: str = "rcrps") -> float:
        """Return the mean over conflicts of ``rcrps``, ``rcrps_near``, ``coverage_50`` or ``coverage_90``."""
        return _mean(
            np.array([getattr(self.scores[baseline, name, lead_days], what) for name in self.conflicts])
        )

    def conflict_mean(self, baseline: Baseline, conflict: str) -> float:
        """Return the mean over leads of the relative CRPS in one conflict."""
        return _mean(np.array([self.scores[baseline, conflict, lead].rcrps for lead in self.leads_days]))

    def compare(self, ours: Baseline, theirs: Baseline, lead_days: int, *, seed: int) -> Comparison:
        """Compare two baselines on the same issue dates, in blocks longer than the lead."""
        one, other = (
            {name: self.scores[each, name, lead_days].by_issue for name in self.conflicts}
            for each in (ours, theirs)
        )
        return compare(one, other, block=lead_days // self.every + 1, seed=seed)

    def to_markdown(self) -> str:
        """Return two tables: by lead (mean over conflicts) and by conflict (mean over leads)."""
        leads = "/".join(str(lead) for lead in self.leads_days)
        heads = ["rCRPS", *(str(lead) for lead in self.leads_days)]
        heads += [f"near a report {leads}", f"cover 50 % {leads}", f"cover 90 % {leads}"]
        by_lead = [heads, *(self._row(baseline) for baseline in Baseline)]
        by_conflict = [["mean over leads", *self.conflicts]]
        by_conflict += [
            [each.value, *(_three(self.conflict_mean(each, name)) for name in self.conflicts)]
            for each in Baseline
        ]
        return f"{_markdown(by_lead)}\n\n{_markdown(by_conflict)}\n"

    def _row(self, baseline: Baseline) -> list[str]:
        def joined(what: str, digits: int) -> str:
            values = [self.mean(baseline, lead, what) for lead in self.leads_days]
            return "-" if np.isnan(values).all() else "/".join(_short(value, digits) for value in values)

        scores = [_three(self.mean(baseline, lead)) for lead in self.leads_days]
        return [
            baseline.value,
            *scores,
            joined("rcrps_near", 3),
            joined("coverage_50", 2),
            joined("coverage_90", 2),
        ]


def baseline_table(
    instances: Sequence[str | Path],
    leads_days: Sequence[int] = LEADS_DAYS,
    every: int = ISSUE_EVERY_DAYS,
    *,
    first: int = FIRST_ISSUE_DAY,
    keep_unplaced: bool = True,
) -> BaselineTable:
    """Score the baselines on several conflicts, each forecast from the errors of the others.

    Parameters
    ----------
    instances : folders of Flee instances
        At least two; each with input_csv and source_data.
    leads_days : list of int
        How far ahead, in days.
    every : int
        Days from one issue date to the next; the first is day ``first``.
    keep_unplaced : bool
        Keep counted sites that are not in locations.csv; their days before the first report are not scored.

    Raises
    ------
    InputError
        If a folder cannot be read.
    ValueError
        If there are fewer than two conflicts, or one is too short for a lead.
    """
    return table_of(
        [read_count_series(folder, keep_unplaced=keep_unplaced) for folder in instances],
        leads_days,
        every,
        first,
    )


def table_of(
    series: Sequence[CountSeries],
    leads_days: Sequence[int] = LEADS_DAYS,
    every: int = ISSUE_EVERY_DAYS,
    first: int = FIRST_ISSUE_DAY,
) -> BaselineTable:
    """Score the baselines on counts that are already read; see `baseline_table`."""
    conflicts = tuple(counts.name for counts in series)
    if len(set(conflicts)) < max(2, len(conflicts)):
        raise ValueError(f"got the conflicts {list(conflicts)}; two or more of different names were expected")
    scores = {}
    for lead in leads_days:
        windows = {counts.name: make_windows(counts, lead, every=every, first=first) for counts in series}
        for baseline in Baseline:
            for name, quantiles in leave_one_out(windows, baseline).items():
                scores[baseline, name, lead] = score_windows(windows[name], quantiles)
    return BaselineTable(conflicts, tuple(leads_days), every, scores)


def score_windows(windows: Windows, quantiles: FloatArray) -> BaselineScore:
    """Score quantiles ``[rows, n]`` of any method on the windows of one conflict.

    Coverage is taken over sites that had been seen by the issue date, and is NaN for a single quantile.
    """
    crps = crps_of(windows, quantiles)
    near = windows.is_near_report
    seen = windows.situation.regime != Regime.UNSEEN
    has_bands = quantiles.shape[-1] > 1 and bool(seen.any())
    shares = [
        coverage(quantiles[seen], windows.truth[seen], share) if has_bands else np.nan for share in (0.5, 0.9)
    ]
    return BaselineScore(
        rcrps_by_issue(crps, windows.truth, windows.issue_day),
        rcrps_by_issue(crps[near], windows.truth[near], windows.issue_day[near]),
        *shares,
    )


def _mean(values: FloatArray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else float("nan")


def _short(value: float, digits: int) -> str:
    return "-" if np.isnan(value) else f"{value:.{digits}f}".removeprefix("0")


def _three(value: float) -> str:
    return _short(value, 3)


def _markdown(rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])
