"""The words and figures of the evidence that the terminal and the page share: claims, pools, priors, axes.

Numbers are short here, as 85 k, 1.2 M or 24 Oct 16; nothing is drawn or printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from corridor.ensemble.sample import quantiles
from corridor.evidence.quantities import Believed, Quantity
from corridor.scenario.chains import origins
from corridor.scenario.model import Claim, Prior
from corridor.scenario.pool import Pooled
from corridor.scenario.units import claim_unit_fits, read_unit

#: The central band that is told of pools and priors.
BAND = 0.9
#: The share of an axis that is left free on either side.
_MARGIN = 0.04


def prior_in_words(prior: Prior, priors: Mapping[str, Prior]) -> str:
    """Return the central 90 % of a prior with its unit; a single number where it is fixed."""
    ends = band_of_prior(prior, priors)
    unit = "" if prior.unit in ("date", "1", "") else f" {prior.unit}"
    return f"{short_range(*ends, prior.unit)}{unit}"


def band_of_prior(prior: Prior, priors: Mapping[str, Prior]) -> tuple[float, float]:
    """Return the central 90 % of a prior, in its unit."""
    low, high = quantiles(prior, ((1 - BAND) / 2, (1 + BAND) / 2), priors)
    return low, high


def band_of(believed: Believed, priors: Mapping[str, Prior]) -> tuple[float, float] | None:
    """Return the central 90 % of what the scenario believes; a fixed number twice; None for no limit."""
    if believed.prior:
        return band_of_prior(believed.prior, priors)
    return None if believed.value is None else (believed.value, believed.value)


def axis_ends(pooled: Pooled | None, bands: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Return the ends of an axis that holds every figure, the pool's 90 % and the scenario's bands."""
    ends = [end for band in bands for end in band]
    if pooled:
        ends += [*pooled.band(BAND), *(end for voice in pooled.voices for end in (voice.low, voice.high))]
    if not ends or min(ends) == max(ends) == 0.0:
        return None
    low, high = min(ends), max(ends)
    margin = (high - low) * _MARGIN or abs(high) * _MARGIN
    if 0.0 <= low < 0.4 * high:
        return 0.0, high + margin
    return low - margin, high + margin


def ends_of(
    claim: Claim, quantity: Quantity, household_size: float
) -> tuple[float | None, float | None] | None:
    """Return what a claim says in the quantity's unit, None where it gives no figure in a unit that fits."""
    unit = read_unit(claim.unit, household_size)
    if unit is None or not claim_unit_fits(unit.kept_in, quantity.unit):
        return None
    if claim.low is None and claim.high is None:
        return None
    shift = 0.0
    if quantity.unit == "date" and unit.kept_in == "day":
        shift = float(claim.said_on.toordinal())
    low, high = (None if end is None else end * unit.factor + shift for end in (claim.low, claim.high))
    return low, high


def weight_of(claim: Claim, pooled: Pooled | None) -> tuple[str, str]:
    """Return the weight of a claim in the pool, "" for none, and why it has none."""
    if pooled is None:
        return "", ""
    for voice in pooled.voices:
        if voice.claim is claim:
            return f"{100 * voice.weight:.0f} %", ""
    for other, why in pooled.unused:
        if other is claim:
            return "", why
    is_repeat = any(_is_repeat(claim, voice.claim) for voice in pooled.voices)
    return "", "repeats another" if is_repeat else "left out by the scenario"


def _is_repeat(claim: Claim, other: Claim) -> bool:
    same_figures = (claim.low, claim.high) == (other.low, other.high)
    return same_figures and len(set(origins([claim, other]))) == 1


def claim_figure(claim: Claim, quantity: Quantity, ends: tuple[float | None, float | None] | None) -> str:
    """Return what a claim says in the quantity's unit; ``ends`` are those of `ends_of`."""
    if ends is None:
        return own_figure(claim)
    low, high = ends
    if low is None or high is None:
        end, word = (low, "from") if low is not None else (high, "up to")
        return f"{word} {short_number(end or 0.0, quantity.unit)}"
    return short_range(low, high, quantity.unit)


def own_figure(claim: Claim) -> str:
    """Return what a claim says in its own unit."""
    if claim.low is None and claim.high is None:
        return "no figure"
    ends = [short_number(end, "") for end in (claim.low, claim.high) if end is not None]
    words = "–".join(dict.fromkeys(ends))
    words = f"from {words}" if claim.high is None else f"up to {words}" if claim.low is None else words
    return f"{words} {claim.unit}".strip()


def short_range(low: float, high: float, unit: str) -> str:
    """Return a range short enough for a table: 462 k–1.85 M, 24 Oct–3 Dec 16."""
    ends = short_number(low, unit), short_number(high, unit)
    if ends[0] == ends[1]:
        return ends[0]
    if unit == "date" and ends[0][-3:] == ends[1][-3:]:
        return f"{ends[0][:-3]}–{ends[1]}"
    if unit != "date" and ends[0].endswith(("k", "M")) and ends[0][-1] == ends[1][-1]:
        return f"{ends[0][:-2]}–{ends[1]}"
    return f"{ends[0]}–{ends[1]}"


def short_number(value: float, unit: str) -> str:
    """Return a number short enough for a table: 8,400, 85 k, 1.2 M, 0.47, 24 Oct 16 for a date."""
    if unit == "date":
        return short_day(dt.date.fromordinal(round(value)))
    if abs(value) >= 999_500:
        return f"{value / 1e6:.3g} M"
    if abs(value) >= 9_999.5:
        return f"{value / 1e3:.3g} k"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def short_day(day: dt.date) -> str:
    """Return a day in nine characters at most: 24 Oct 16."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day.day} {months[day.month - 1]} {day.year % 100:02}"
