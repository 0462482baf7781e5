"""Forecasts issued over and over in the past, as they would have been made then, and scored.

`backtest` takes the counts of one or several conflicts and gives a `SkillTable`: Corridor's forecast, the
plain baselines from the same issue dates, a statistical model if one is given, and hindcasts that were told
the truth, marked as such. Each conflict is forecast from the errors of the others and of the conflicts that
come with the package; a forecast issued on a day reads rows dated up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corridor.assimilate import conditioned, soft
from corridor.assimilate.learned_cases import LEADS_DAYS as LEARNED_LEADS_DAYS
from corridor.assimilate.learned_cases import LearnedConflict, twin_of
from corridor.assimilate.past import HALF_DRIFT, Past, tables_of
from corridor.assimilate.soft import Source
from corridor.problems import InputError, Problem
from corridor.verify.baselines import (
    FIRST_ISSUE_DAY,
    ISSUE_EVERY_DAYS,
    POINTS,
    Baseline,
    Regime,
    Windows,
    centre,
    forecast_sites,
    make_windows,
)
from corridor.verify.counts import CountSeries, FloatArray, IntArray
from corridor.verify.skill import ScoredWindows, SkillTable, score_model

LEADS_DAYS = (7, 30, 60, 90)
Mode = Literal["free", "conditioned"]

CORRIDOR = "Corridor"
TREND = "damped trend"
TOLD = "Flee law, told the truth"
#: Baselines of each mode, in the order of the table.
FREE_BASELINES = (Baseline.PERSISTENCE, Baseline.PP, Baseline.RP, Baseline.HD)
SHARES, SHARES_PP, SHARES_RP = "same shares", "same shares, PP", "same shares, RP"
#: The bar of each mode: what gains are told against.
BAR = {"free": Baseline.RP.value, "conditioned": SHARES_RP}

#: Centres whose errors each mode learns.
TAUGHT = {"free": (*soft.FREE_CENTRES, HALF_DRIFT), "conditioned": conditioned.SPLIT_CENTRES}

#: Gives quantiles ``[leads, issue days, sites, 100]``; see `statistical.damped_trend`.
Statistical = Callable[[CountSeries, IntArray, Sequence[int]], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Hindcast:
    """A simulation that was told what it should have forecast: true arrivals, later capacities."""

    site_names: tuple[str, ...]
    people: NDArray[np.float64]  # [replicates, days, sites]; day as in the counts


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """The conflicts of one lead: what is to be forecast, and all that can be learned from."""

    windows: dict[str, Windows]
    pool: list[tuple[Source, Past]]

    def others(self, name: str) -> list[tuple[Source, Past]]:
        return [(source, past) for source, past in self.pool if source.name != name]


def backtest(
    series: Sequence[CountSeries],
    leads_days: Sequence[int] = LEADS_DAYS,
    *,
    every: int = ISSUE_EVERY_DAYS,
    first: int = FIRST_ISSUE_DAY,
    mode: Mode = "free",
    learned: Sequence[LearnedConflict] = (),
    statistical: Statistical | None = None,
    hindcasts: Mapping[str, Hindcast] | None = None,
    progress: Callable[[str], None] | None = None,
) -> SkillTable:
    """Forecast each conflict again and again, and score all models on the same targets.

    Parameters
    ----------
    series : counts of the conflicts to score
        Of different names.
    leads_days, every, first : int
        Leads; days between issue dates; the first issue day.
    mode : "free" or "conditioned"
        Free: nothing later is known. Conditioned: the total at the target is told, its split is forecast.
    learned : conflicts that come with the package, to learn from
        They are not scored. Take care that none of them is one of ``series``; see `learned_conflicts`. They
        teach at their leads alone.
    statistical : callable, optional
        A further model of the free mode.
    hindcasts : conflict -> Hindcast, optional
        Scored as "told the truth".
    progress : callable, optional
        Called with a few words before each step.

    Raises
    ------
    InputError
        If names repeat, there is nothing to learn from, or no conflict is long enough for any lead.
    """
    check_request(series, leads_days, every=every, first=first, learned=learned)
    notes: list[str] = []
    sites: dict[tuple[str, str, int], ScoredWindows] = {}
    totals: dict[tuple[str, str, int], ScoredWindows] = {}
    say = progress or (lambda words: None)
    trends = _trends(series, leads_days, every, first, statistical if mode == "free" else None, say)
    total_of = {counts.name: counts.in_total() for counts in series}
    twins = {counts.name: twin_of(counts) for counts in series if learned}
    for lead in leads_days:
        say(f"{lead} days ahead")
        field = _field(series, learned, lead, every, first, mode, notes)
        if learned and lead not in LEARNED_LEADS_DAYS:
            notes.append(f"{lead} days ahead: no past case of the package; learned from the folders alone")
        for name, windows in field.windows.items():
            own = next(counts for counts in series if counts.name == name)
            others = field.others(name)
            if not others:
                notes.append(f"{name}: no other conflict reaches {lead} days ahead to learn from; left out")
                continue
            forecasts = _forecasts(own, windows, others, every, first, mode, twins.get(name, ""))
            if name in trends:
                at = list(leads_days).index(lead)
                forecasts[TREND] = _picked(trends[name][at], windows, first, every)
            if hindcasts and name in hindcasts:
                forecasts[TOLD] = _told(own, windows, hindcasts[name])
            for model, quantiles in forecasts.items():
                sites[model, name, lead] = score_model(windows, quantiles)
        if mode == "free":
            in_total = [each.in_total() for each in learned]
            total_field = _field(list(total_of.values()), in_total, lead, every, first, mode, [])
            for name, windows in total_field.windows.items():
                others = total_field.others(name)
                if others:
                    twin = twins.get(name, "")
                    forecasts = _forecasts(total_of[name], windows, others, every, first, mode, twin)
                    for model, quantiles in forecasts.items():
                        totals[model, name, lead] = score_model(windows, quantiles)
    return SkillTable(
        tuple(counts.name for counts in series),
        tuple(leads_days),
        every,
        _models(sites, totals),
        sites,
        totals,
        {counts.name: counts.site_names for counts in series},
        tuple(dict.fromkeys(notes)),
    )


def check_request(
    series: Sequence[CountSeries],
    leads_days: Sequence[int],
    *,
    every: int = ISSUE_EVERY_DAYS,
    first: int = FIRST_ISSUE_DAY,
    learned: Sequence[LearnedConflict] = (),
) -> None:
    """Refuse what cannot be backtested, before anything is computed; see `backtest`.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    problems = []
    names = [counts.name for counts in series]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(Problem("backtest-name-twice", "", 0, 0, f"two folders are called '{name}'"))
    if not leads_days or min(leads_days) < 1:
        problems.append(Problem("leads", "", 0, 0, f"the leads are {list(leads_days)}; days of 1 or more"))
    if every < 1:
        problems.append(Problem("every", "", 0, 0, f"every {every} days; 1 or more is needed"))
    if len(series) + len(learned) < 2:
        message = "there is no other conflict to learn from"
        problems.append(Problem("backtest-alone", "", 0, 0, message, hint="name a second folder"))
    if not problems and not any(
        _windows(each, lead, every, first) is not None
        for counts in series
        for each in (counts, counts.in_total())
        for lead in leads_days
    ):
        problems.append(_too_short(series, leads_days, first))
    unknown = [lead for lead in leads_days if lead not in LEARNED_LEADS_DAYS]
    if not problems and learned and len(series) == 1 and unknown:
        stored = ", ".join(str(lead) for lead in LEARNED_LEADS_DAYS)
        message = f"the leads {unknown} have nothing to learn from: the package has cases at {stored} days"
        hint = f"ask for leads among {stored} days, or name a second folder"
        problems.append(Problem("leads", "", 0, 0, message, hint=hint))
    if problems:
        raise InputError(problems)


def _too_short(series: Sequence[CountSeries], leads_days: Sequence[int], first: int) -> Problem:
    longest = max(series, key=lambda counts: counts.n_days)
    message = (
        f"no record is long enough: the first issue day is {first}, the shortest lead "
        f"{min(leads_days)} days, "
        f"and '{longest.name}' has {longest.n_days} days"
    )
    return Problem("backtest-short", "", 0, 0, message, hint="ask for shorter leads")


def _field(
    series: Sequence[CountSeries],
    learned: Sequence[LearnedConflict],
    lead: int,
    every: int,
    first: int,
    mode: Mode,
    notes: list[str],
) -> _Field:
    windows: dict[str, Windows] = {}
    pool: list[tuple[Source, Past]] = []
    for counts in series:
        made = _windows(counts, lead, every, first)
        if made is not None:
            windows[counts.name] = made
        else:
            notes.append(
                f"{counts.name}: too short a record, or no site with counts, to score {lead} days "
                f"ahead; left out"
            )
    apart = max(every, ISSUE_EVERY_DAYS)  # nearer issue dates teach nothing new
    sources: list[Source] = [*series, *learned]
    for source in sources:
        if isinstance(source, CountSeries) and _windows(source, lead, apart, first) is None:
            continue
        past = soft.past_from(source, lead, TAUGHT[mode], every=apart, first=first)
        if past is not None:
            pool.append((source, past))
    long = [pair for pair in pool if soft.is_long(pair[0], lead, first)]
    return _Field(windows, long if len(long) > 1 else pool)


def _windows(counts: CountSeries, lead: int, every: int, first: int) -> Windows | None:
    """Return the windows of a conflict, None where it is too short or nobody is counted at any target."""
    days = np.arange(first, counts.n_days - lead, every)
    if not counts.sites or not np.nansum(counts.truth(days + lead)) > 0:
        return None
    return make_windows(counts, lead, every=every, first=first)


def _forecasts(
    own: CountSeries,
    windows: Windows,
    others: Sequence[tuple[Source, Past]],
    every: int,
    first: int,
    mode: Mode,
    twin: str = "",
) -> dict[str, FloatArray]:
    """Return the quantiles ``[rows, n]`` of every model of the mode; ``twin`` as in `soft.learn`."""
    lead = windows.lead_days
    pool, pasts = [source for source, _ in others], [past for _, past in others]
    every = max(every, ISSUE_EVERY_DAYS)
    if mode == "conditioned":
        lessons = conditioned.learn_split(pool, lead, every=every, first=first, twin=twin)
        return {
            CORRIDOR: soft.forecast_windows(own, windows, lessons),
            SHARES: conditioned.same_shares(own, windows),
            SHARES_PP: conditioned.same_shares_by_regime(own, windows, pasts, by_regime=False),
            SHARES_RP: conditioned.same_shares_by_regime(own, windows, pasts, by_regime=True),
        }
    lessons = soft.learn(pool, lead, every=every, first=first, twin=twin)
    made = {
        CORRIDOR: soft.forecast_windows(own, windows, lessons),
        Baseline.PERSISTENCE.value: centre(windows.situation, Baseline.PERSISTENCE, lead)[:, None],
    }
    for baseline in FREE_BASELINES:
        if baseline not in POINTS:
            made[baseline.value] = plain_forecast(windows, pasts, baseline)
    return made


def plain_forecast(windows: Windows, pool: Sequence[Past], baseline: Baseline) -> FloatArray:
    """Forecast with a baseline; where the pool never saw an unseen site, such sites are forecast empty."""
    tables = tables_of(pool, baseline)
    tables.quantiles[Regime.UNSEEN] = np.nan_to_num(tables.quantiles[Regime.UNSEEN])
    return forecast_sites(windows.situation, tables)


def _trends(
    series: Sequence[CountSeries],
    leads_days: Sequence[int],
    every: int,
    first: int,
    statistical: Statistical | None,
    say: Callable[[str], None],
) -> dict[str, FloatArray]:
    found = {}
    for counts in series if statistical is not None else ():
        days = np.arange(first, counts.n_days - min(leads_days), every)
        if statistical is not None and days.size and counts.sites:
            say(f"{TREND}, {counts.name}")
            found[counts.name] = statistical(counts, days, leads_days)
    return found


def _picked(quantiles: FloatArray, windows: Windows, first: int, every: int) -> FloatArray:
    return np.asarray(quantiles[(windows.issue_day - first) // every, windows.site])


def _told(own: CountSeries, windows: Windows, hindcast: Hindcast) -> FloatArray:
    """Return replicates ``[rows, replicates]`` on the target days; a site it does not know holds nobody."""
    replicates, n_days, _ = hindcast.people.shape
    padded = np.concatenate([hindcast.people, np.zeros((replicates, n_days, 1))], axis=2)
    column = np.array(
        [hindcast.site_names.index(name) if name in hindcast.site_names else -1 for name in own.site_names]
    )
    days = np.minimum(windows.issue_day + windows.lead_days, n_days - 1)
    return np.sort(padded[:, days, column[windows.site]].T, axis=1)


def _models(
    sites: Mapping[tuple[str, str, int], ScoredWindows], totals: Mapping[tuple[str, str, int], ScoredWindows]
) -> tuple[str, ...]:
    order = (CORRIDOR, *(each.value for each in FREE_BASELINES), SHARES, SHARES_PP, SHARES_RP, TREND, TOLD)
    there = {model for model, _, _ in (*sites, *totals)}
    return tuple(model for model in order if model in there)
