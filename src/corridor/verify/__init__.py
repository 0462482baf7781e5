"""Forecasts set against counts: what was known when, the plain baselines, the scores, two methods compared.

`baseline_table` scores the baselines on several conflicts, `score_counts` lays counts over the bands of an
ensemble.
"""

from corridor.verify.bands import CountScore, CountScores, score_counts
from corridor.verify.baselines import (
    Baseline,
    ErrorTables,
    Regime,
    Situation,
    Windows,
    fit_errors,
    forecast_sites,
    make_windows,
    situation_at,
)
from corridor.verify.counts import CountSeries, Report, counts_of_scenario, make_counts, read_count_series
from corridor.verify.scores import (
    Comparison,
    averaged_relative_difference,
    compare,
    coverage,
    crps_from_quantiles,
    crps_from_samples,
    mean_absolute_error,
    rcrps_by_issue,
    weighted_interval_score,
)
from corridor.verify.table import BaselineScore, BaselineTable, baseline_table, score_windows, table_of

__all__ = [
    "Baseline",
    "BaselineScore",
    "BaselineTable",
    "Comparison",
    "CountScore",
    "CountScores",
    "CountSeries",
    "ErrorTables",
    "Regime",
    "Report",
    "Situation",
    "Windows",
    "averaged_relative_difference",
    "baseline_table",
    "compare",
    "counts_of_scenario",
    "coverage",
    "crps_from_quantiles",
    "crps_from_samples",
    "fit_errors",
    "forecast_sites",
    "make_counts",
    "make_windows",
    "mean_absolute_error",
    "rcrps_by_issue",
    "read_count_series",
    "score_counts",
    "score_windows",
    "situation_at",
    "table_of",
    "weighted_interval_score",
]
