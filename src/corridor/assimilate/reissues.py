"""A forecast issued again and again as counts come in: how its bands narrow, and how well they held.

Every forecast is scored on every count reported after it, beside the futures alone, the counts alone, the
futures as first simulated, and the last count repeated. What agencies said would come stands beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corridor.assimilate.combine import Assimilated
from corridor.assimilate.targets import TOTAL, Simulated, known_counts
from corridor.scenario.model import Claim, Scenario
from corridor.verify.counts import FloatArray
from corridor.verify.scores import crps_from_quantiles, is_in_band, quantile_levels

CORRIDOR, FUTURES, COUNTS, FIRST, LAST = (
    "Corridor",
    "futures pulled by the counts",
    "counts alone",
    "futures as first simulated",
    "last count repeated",
)
MODELS = (CORRIDOR, FUTURES, COUNTS, FIRST, LAST)
#: Lead times that are told together, in days: from, to.
LEAD_BANDS = ((1, 14), (15, 30), (31, 60), (61, 400))


@dataclass(frozen=True, slots=True)
class Scored:
    """One forecast of one count by one model."""

    issue_date: dt.date
    date: dt.date
    target: str
    model: str
    people: int
    crps: float
    in_50: float  # 1 or 0; NaN for a point
    in_90: float

    @property
    def lead_days(self) -> int:
        """Days from the issue date to the count."""
        return (self.date - self.issue_date).days


@dataclass(frozen=True, slots=True)
class Summary:
    """Scores of one model over a band of leads."""

    model: str
    lead_days: tuple[int, int]
    n: int
    rcrps: float  # sum of CRPS by sum of counts
    coverage_50: float
    coverage_90: float


def score_reissues(members: Simulated, made: Sequence[Assimilated]) -> list[Scored]:
    """Score every forecast on the counts dated after it; where a model makes none, its row is left out.

    Only counts that all models can forecast are compared: targets that had a count by the issue date. On the
    first day, when there is none, the futures alone are scored, and the last total is 0.
    """
    counts = known_counts(members.scenario, members.dates[-1])
    found = []
    for each in made:
        for count in counts:
            if count.date <= each.issue_date or count.place not in each.targets.names:
                continue
            for model, quantiles in _forecasts(members, each, count.place, count.date).items():
                is_point = quantiles.size == 1
                inside = [
                    float("nan") if is_point else float(is_in_band(quantiles, count.people, share))
                    for share in (0.5, 0.9)
                ]
                crps = float(crps_from_quantiles(quantiles, count.people))
                found.append(
                    Scored(each.issue_date, count.date, count.place, model, count.people, crps, *inside)
                )
    return found


def _forecasts(members: Simulated, each: Assimilated, target: str, date: dt.date) -> dict[str, FloatArray]:
    """Return the quantiles of each model; a target that was not counted by the issue date has no forecast."""
    row = each.targets.names.index(target)
    day = (date - each.targets.dates[0]).days
    known = [count.people for count in each.targets.counts_of(target)]
    if not known and (target != TOTAL or each.targets.issue_day > 0):
        return {}
    first = np.quantile(each.targets.people[:, row, day], quantile_levels())
    made = {CORRIDOR: each.quantiles[row, day], FUTURES: each.mechanism[row, day], FIRST: first}
    if np.isfinite(each.from_counts[row, day]).all():
        made[COUNTS] = each.from_counts[row, day]
    made[LAST] = np.array([float(known[-1] if known else 0)])
    return made


def summarise(scored: Sequence[Scored], *, totals: bool) -> list[Summary]:
    """Return the scores of the total, or of all places, by model and band of leads; bands without a count
    are left out.
    """
    rows = [each for each in scored if (each.target == TOTAL) == totals]
    found = []
    for low, high in LEAD_BANDS:
        inside = [each for each in rows if low <= each.lead_days <= high]
        for model in MODELS:
            own = [each for each in inside if each.model == model]
            if own:
                people = sum(each.people for each in own)
                found.append(
                    Summary(
                        model,
                        (low, high),
                        len(own),
                        sum(each.crps for each in own) / people if people else float("nan"),
                        float(np.mean([each.in_50 for each in own])),
                        float(np.mean([each.in_90 for each in own])),
                    )
                )
    return found


def expectations(scenario: Scenario, until: dt.date) -> list[Claim]:
    """Return what was said would come: claims of kind forecast about people displaced, by date."""
    said = [
        claim
        for claim in scenario.claims
        if claim.kind == "forecast"
        and claim.unit == "people"
        and "displaced" in claim.about
        and claim.said_on <= until
        and (claim.low is not None or claim.high is not None)
    ]
    return sorted(said, key=lambda claim: (claim.said_on, claim.id))
