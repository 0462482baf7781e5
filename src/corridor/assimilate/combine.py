"""One forecast from two: the members pulled towards the counts, and the forecast from counts alone.

Quantiles are averaged, with weights from past skill: on other conflicts first (a mechanism that was told the
truth erred there about three times as much as regime persistence), then on this one, count by count, as each
earlier issue date would have forecast it. A site that was never counted is left to the mechanism; one that no
future fills is left to the counts. `assimilate` does it all for one issue date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from corridor.assimilate.learned_cases import LEADS_DAYS, learned_conflicts
from corridor.assimilate.members import Pulled, pull
from corridor.assimilate.soft import Lessons, forecast, learn
from corridor.assimilate.targets import TOTAL, Simulated, Targets, known_counts, series_of, targets_of
from corridor.problems import InputError, Problem
from corridor.scenario.model import Count
from corridor.verify.baselines import Regime
from corridor.verify.counts import CountSeries, FloatArray, IntArray
from corridor.verify.scores import N_QUANTILES, crps_from_quantiles, quantile_levels

#: Weight of the mechanism where it has no record here: from the scores of Flee's law, told the truth, and of
#: regime persistence on six conflicts 60 days ahead (about .40 and .16; docs/assimilation.md).
MECHANISM_WEIGHT = 0.27
#: That first weight counts as much as so many scored counts.
FIRST_WEIGHT_COUNTS = 10.0
#: Members below which nothing can be pulled, and below which it is said that they are few.
LEAST_MEMBERS, FEW_MEMBERS = 2, 30
#: Days from one earlier issue date to the next.
EARLIER_EVERY_DAYS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Teaching:
    """What other conflicts teach, by lead: about sites, and about totals."""

    sites: dict[int, Lessons]
    totals: dict[int, Lessons]


@dataclass(frozen=True, slots=True, eq=False)
class Assimilated:
    """A forecast issued on a date with the counts up to it; quantiles stand at (k - 0.5)/100."""

    pulled: Pulled
    quantiles: FloatArray  # [targets, days, 100] of the combination, from the first day of the scenario
    mechanism: FloatArray  # [targets, days, 100]
    from_counts: (
        FloatArray  # [targets, days, 100]; NaN for targets without a count, and before the issue date
    )
    mechanism_weight: FloatArray  # [targets]
    n_scored: int  # counts that the weights of this crisis rest on

    @property
    def targets(self) -> Targets:
        """What is forecast."""
        return self.pulled.targets

    @property
    def issue_date(self) -> dt.date:
        """The date up to which counts were used."""
        return self.targets.issue_date

    def sentences(self) -> tuple[str, ...]:
        """Return what does not fit, and on what the weights rest."""
        weights = self.pulled.weights
        used = len(self.pulled.innovations)
        if not used:
            first = "No count after the first day was known: the futures stand as they were simulated."
        else:
            first = (
                f"{used} counts used; {weights.size:.0f} of {weights.weights.size} futures count after them "
                f"(effective number)."
            )
        n_members = weights.weights.size
        few = (f"Only {n_members} futures: the bands rest on few; 100 or more are better.",)
        total = self.targets.names.index(TOTAL)
        rest = f"Weight of the futures in the total: {self.mechanism_weight[total]:.0%}"
        scored = (
            f", from {self.n_scored} counts as earlier issue dates forecast them." if self.n_scored else "."
        )
        warned = few if n_members < FEW_MEMBERS else ()
        return (*warned, first, rest + scored, *self.pulled.sentences)


def teach() -> Teaching:
    """Learn from the conflicts that come with the package, at every lead."""
    pool = learned_conflicts()
    totals = [each.in_total() for each in pool]
    return Teaching(
        {lead: learn(pool, lead) for lead in LEADS_DAYS}, {lead: learn(totals, lead) for lead in LEADS_DAYS}
    )


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Relative errors of the two forecasts on counts that earlier issue dates had forecast."""

    mechanism: tuple[float, ...] = ()
    from_counts: tuple[float, ...] = ()

    def weight(self) -> float:
        """Return the weight of the mechanism: 0.27 at first, then towards its share of 1 / error."""
        if not self.mechanism:
            return MECHANISM_WEIGHT
        error, other = (max(float(np.mean(each)), 1e-9) for each in (self.mechanism, self.from_counts))
        n = len(self.mechanism)
        earned = other / (error + other)
        return float((FIRST_WEIGHT_COUNTS * MECHANISM_WEIGHT + n * earned) / (FIRST_WEIGHT_COUNTS + n))


def assimilate(members: Simulated, issue_date: dt.date, teaching: Teaching) -> Assimilated:
    """Forecast from the counts known on a date.

    Parameters
    ----------
    members : Simulated
        Futures simulated from the first day of the scenario.
    issue_date : datetime.date
        Counts dated after it are not read.
    teaching : Teaching
        From `teach`.

    Raises
    ------
    InputError
        If the date is not within the forecast, or there are fewer than two members.
    """
    check_issue_date(members, issue_date)
    return reissue(members, issue_dates(members, issue_date), teaching)[-1]


def issue_dates(members: Simulated, last: dt.date, every: int = EARLIER_EVERY_DAYS) -> list[dt.date]:
    """Return the first day of a scenario and dates at even steps after it, up to and with the last."""
    first = members.dates[0]
    dates = [first + dt.timedelta(day) for day in range(0, (last - first).days, every)]
    return [*dates, last]


def reissue(
    members: Simulated,
    dates: Sequence[dt.date],
    teaching: Teaching,
    progress: Callable[[str], None] | None = None,
) -> list[Assimilated]:
    """Issue a forecast on each of several dates, in order; each learns from how those before it did."""
    made: list[Assimilated] = []
    for date in dates:
        if progress is not None:
            progress(f"issued {date}")
        mechanism, from_counts = [], []
        ends = [*(each.issue_date for each in made[1:]), date]
        for earlier, until in zip(made, ends, strict=False):  # nothing was made before the first
            counts = known_counts(members.scenario, date)
            ours, theirs = scored_between(earlier, counts, earlier.issue_date, until)
            mechanism += ours
            from_counts += theirs
        made.append(_combined(members, date, teaching, Record(tuple(mechanism), tuple(from_counts))))
    return made


def scored_between(
    made: Assimilated, counts: Sequence[Count], after: dt.date, until: dt.date
) -> tuple[list[float], list[float]]:
    """Return the relative CRPS of the two forecasts on the counts of a time, where both were made."""
    mechanism, from_counts = [], []
    for count in counts:
        if not after < count.date <= until or count.place not in made.targets.names:
            continue
        row = made.targets.names.index(count.place)
        day = (count.date - made.targets.dates[0]).days
        if np.isfinite(made.from_counts[row, day]).all() and count.people > 0:
            mechanism.append(
                float(crps_from_quantiles(made.mechanism[row, day], count.people)) / count.people
            )
            from_counts.append(
                float(crps_from_quantiles(made.from_counts[row, day], count.people)) / count.people
            )
    return mechanism, from_counts


def check_issue_date(members: Simulated, issue_date: dt.date) -> None:
    """Refuse a date outside the forecast, and an ensemble too small to be pulled.

    Raises
    ------
    InputError
        With what is wrong.
    """
    first, last = members.dates[0], members.dates[-1]
    if not first <= issue_date < last:
        message = f"the issue date '{issue_date}' must lie from {first} to the day before {last}"
        hint = "counts up to the issue date are used; the forecast goes on to the horizon"
        raise InputError([Problem("issue-date", "", 0, 0, message, hint=hint)])
    if members.n_members < LEAST_MEMBERS:
        message = f"{members.n_members} members; assimilation needs at least {LEAST_MEMBERS}"
        raise InputError([Problem("members", "", 0, 0, message)])


def _combined(members: Simulated, issue_date: dt.date, teaching: Teaching, record: Record) -> Assimilated:
    targets = targets_of(members, issue_date)
    pulled = pull(targets, seed=members.seed)
    mechanism = np.quantile(pulled.people, quantile_levels(), axis=0).transpose(1, 2, 0)
    counts = _from_counts(targets, teaching)
    has_counts = np.isfinite(counts[:, -1]).all(axis=1)
    is_empty = (targets.people.max(axis=(0, 2)) <= 0) & has_counts
    weight = np.where(has_counts, np.where(is_empty, 0.0, record.weight()), 1.0)
    mixed = weight[:, None, None] * mechanism + (1 - weight)[:, None, None] * np.nan_to_num(counts)
    past = np.arange(len(targets.dates)) < targets.issue_day
    mixed[:, past] = mechanism[:, past]
    return Assimilated(pulled, mixed, mechanism, counts, weight, len(record.mechanism))


def _from_counts(targets: Targets, teaching: Teaching) -> FloatArray:
    """Return quantiles ``[targets, days, 100]`` from counts alone, from the issue date on.

    A target counted as 0 so far is left to the futures if no past case began so.
    """
    n_days = len(targets.dates)
    found = np.full((len(targets.names), n_days, N_QUANTILES), np.nan)
    of_sites = [count for count in targets.counts if count.place != TOTAL]
    of_total = [count for count in targets.counts if count.place == TOTAL]
    for counts, lessons in ((of_sites, teaching.sites), (of_total, teaching.totals)):
        series = series_of(counts, targets.dates[0], n_days)
        is_seen = series.is_seen([targets.issue_day])[0]
        knows_openings = any((each.cases[0].regime == Regime.UNSEEN).any() for each in lessons.values())
        names = [
            name
            for name, seen in zip(series.site_names, is_seen, strict=True)
            if name in targets.names and (seen or knows_openings)
        ]
        if not names:
            continue
        by_lead = _by_lead(series, targets.issue_day, lessons)
        rows = [targets.names.index(name) for name in names]
        columns = [series.site_names.index(name) for name in names]
        ahead = np.arange(n_days - targets.issue_day)
        found[rows, targets.issue_day :] = _between_leads(by_lead[:, columns], ahead)
    return found


def _by_lead(series: CountSeries, issue_day: int, lessons: dict[int, Lessons]) -> FloatArray:
    """Return quantiles ``[1 + leads, sites, 100]``; at lead 0 what is known, without a band."""
    known = series.known([issue_day])[0]
    today = np.repeat(known[:, None], N_QUANTILES, axis=1)
    return np.stack([today, *(forecast(series, [issue_day], lessons[lead])[0] for lead in LEADS_DAYS)])


def _between_leads(by_lead: FloatArray, ahead: IntArray) -> FloatArray:
    """Draw quantiles ``[sites, days, 100]`` linearly between the stored leads; beyond the last they are
    held."""
    leads = np.array([0, *LEADS_DAYS], float)
    at = np.minimum(ahead, leads[-1])
    below = np.minimum(np.searchsorted(leads, at, side="right") - 1, leads.size - 2)
    part = ((at - leads[below]) / (leads[below + 1] - leads[below]))[:, None, None]
    drawn = (1 - part) * by_lead[below] + part * by_lead[below + 1]
    return np.asarray(drawn.transpose(1, 0, 2))
