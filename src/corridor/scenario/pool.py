"""From claims about one quantity to what is believed of it: an opinion pool over intervals.

Each claim becomes a density that is constant between few edges: most of it evenly between its low and high,
the rest in tails on either side for what the claim may have got wrong. The densities are mixed with weights
from the grades (linear pool, Stone 1961) or multiplied with the weights as powers (logarithmic pool); a
small weight lies on a wide background. The result is exact on its edges: nothing is sampled and no grid is
chosen. docs/evidence.md has the formulas, the tables and the sources.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corridor.problems import InputError, Problem
from corridor.scenario.abouts import Measured
from corridor.scenario.chains import origins
from corridor.scenario.model import Claim
from corridor.scenario.units import claim_unit_fits, read_unit

Method = Literal["linear", "log"]
Floats = NDArray[np.float64]

#: Weight of the letter, 0..1: the numbers of the MISP taxonomy "admiralty-scale" (version 5) over 100,
#: except that E keeps a tenth so that no claim is struck out unsaid, and F, also a blank grade, counts as D.
RELIABILITY_WEIGHT = {"A": 1.0, "B": 0.75, "C": 0.5, "D": 0.25, "E": 0.1, "F": 0.25}
#: Weight of the figure, 0..1: the same steps. Assumption.
CREDIBILITY_WEIGHT = {1: 1.0, 2: 0.75, 3: 0.5, 4: 0.25, 5: 0.1, 6: 0.25}
#: Share of a claim's density that lies between its low and high. Assumption, docs/evidence.md.
CORE_SHARE = {1: 0.95, 2: 0.9, 3: 0.8, 4: 0.65, 5: 0.5, 6: 0.65}
#: The tails reach down to low / factor and up to high * factor. Assumption, docs/evidence.md.
TAIL_FACTOR = {1: 1.1, 2: 1.25, 3: 1.5, 4: 2.0, 5: 3.0, 6: 2.0}
#: "At least X" is read as X to X * factor, "up to X" as X / factor to X. Assumption.
ONE_SIDED_FACTOR = 2.0
#: A single figure is read as this much to either side of it, as a share of it. Assumption: people round.
ROUNDING = 0.05
#: The narrowest a single figure can be, by unit, in that unit.
RESOLUTION = {
    "people": 1.0,
    "people/day": 1.0,
    "1/day": 1e-4,
    "km": 1.0,
    "km/day": 1.0,
    "day": 1.0,
    "date": 1.0,
}
_RESOLUTION_OF_NUMBERS = 0.01
#: Ends that differ by less than this share are one figure.
_SAME = 1e-9
#: Weight of the background, and how far it reaches beyond the tails.
BACKGROUND_WEIGHT = 0.02
BACKGROUND_FACTOR = 3.0


@dataclass(frozen=True, slots=True)
class Voice:
    """One claim as a density: what it says in the quantity's unit, its tails and its weight in the pool."""

    claim: Claim
    low: float
    high: float
    tail_low: float
    tail_high: float
    core_share: float  # of the density between low and high; may rise where a tail has no room
    origin: int  # claims of one number have one origin
    weight: float = 0.0  # 0..1; all weights of a pool sum to 1

    def steps(self) -> tuple[Floats, Floats]:
        """Return the edges and the masses of the density; masses sum to 1."""
        tails = 1.0 - self.core_share
        room_low, room_high = self.low > self.tail_low, self.tail_high > self.high
        lower = tails / 2 if room_low else 0.0
        upper = tails / 2 if room_high else 0.0
        edges = np.array([self.tail_low, self.low, self.high, self.tail_high])
        return edges, np.array([lower, 1.0 - lower - upper, upper])

    def density(self, edges: Floats) -> Floats:
        """Return the density between each two neighbours of ``edges``, which hold this voice's own."""
        own_edges, own_masses = self.steps()
        cumulated = np.interp(edges, own_edges, np.concatenate([[0.0], np.cumsum(own_masses)]))
        return np.asarray(np.diff(cumulated) / np.diff(edges))


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """What the claims together say: a density that is constant between edges.

    ``edges`` [n + 1] are in the unit of the quantity (dates as ordinals), ``masses`` [n] sum to 1.
    """

    quantity: Measured
    method: Method
    edges: Floats
    masses: Floats
    voices: tuple[Voice, ...]
    unused: tuple[tuple[Claim, str], ...] = ()  # claims that were not pooled, and why

    def cdf(self, value: float) -> float:
        """Return the probability of at most ``value``."""
        return float(np.interp(value, self.edges, np.concatenate([[0.0], np.cumsum(self.masses)])))

    def quantile(self, probability: float) -> float:
        """Return the value below which the quantity lies with a probability (0..1)."""
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"probability is {probability:g}; it must be from 0 to 1")
        cumulated = np.cumsum(self.masses)
        filled = np.flatnonzero(self.masses > 0.0)
        at = filled[min(int(np.searchsorted(cumulated[filled], probability)), filled.size - 1)]
        share = (probability - (cumulated[at] - self.masses[at])) / self.masses[at]
        width = self.edges[at + 1] - self.edges[at]
        return float(self.edges[at] + min(max(share, 0.0), 1.0) * width)

    def band(self, probability: float = 0.9) -> tuple[float, float]:
        """Return the central band that holds the quantity with a probability."""
        outside = (1.0 - probability) / 2
        return self.quantile(outside), self.quantile(1.0 - outside)

    @property
    def mean(self) -> float:
        """The mean, in the unit of the quantity."""
        return float(self.masses @ self._middles)

    @property
    def sd(self) -> float:
        """The standard deviation, in the unit of the quantity (days for dates)."""
        from_mean = self._middles - self.mean
        return float(np.sqrt(self.masses @ (from_mean**2 + np.diff(self.edges) ** 2 / 12)))

    @property
    def _middles(self) -> Floats:
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2)


def pool_claims(
    claims: Sequence[Claim],
    quantity: Measured,
    *,
    household_size: float = 5.0,
    method: Method = "linear",
    background_weight: float = BACKGROUND_WEIGHT,
) -> Pooled:
    """Turn the claims about one quantity into a distribution.

    Parameters
    ----------
    claims : sequence of Claim
        In any order. Denials, claims without a number and claims in a unit that does not fit are not pooled
        and come back in ``unused`` with the reason.
    quantity : Measured
        Its unit and its support, such as a `corridor.scenario.abouts.Subject`.
    household_size : float
        People in a family, for claims made in families.
    method : "linear" or "log"
        The rule. The logarithmic pool is narrower and believes only what every claim allows.
    background_weight : float
        0..1, the share of the result that lies evenly on a range three times as wide as all that was said.

    Raises
    ------
    InputError
        ``pool-empty`` if no claim can be pooled; ``pool-no-overlap`` if the logarithmic pool is asked for
        and no value is allowed by all claims; ``range-order`` for a claim whose low is above its high.

    Examples
    --------
    >>> from datetime import date
    >>> from corridor.scenario.abouts import Subject
    >>> people = Subject("population of Amara", "people")
    >>> said = dict(about=people.name, unit="people", kind="estimate", said_on=date(2024, 2, 20))
    >>> council = Claim(id="a", low=800, high=1000, source="council", reliability="A", credibility=1, **said)
    >>> round(pool_claims([council], people).quantile(0.5))
    901
    """
    wrong = [_upside_down(claim) for claim in claims if _is_upside_down(claim)]
    if wrong:
        raise InputError(wrong)
    readings = [_read(claim, quantity, household_size) for claim in claims]
    unused = tuple((claim, why) for claim, why in zip(claims, readings, strict=True) if isinstance(why, str))
    voices = _weigh([voice for voice in readings if isinstance(voice, Voice)])
    if not voices:
        raise InputError([Problem("pool-empty", "", 0, 0, f"no claim gives a figure for '{quantity.name}'")])
    low, high = _background(voices, quantity)
    own = [edge for voice in voices for edge in (voice.tail_low, voice.low, voice.high, voice.tail_high)]
    edges = np.unique(np.array([low, high, *own]))
    masses = _linear(voices, edges) if method == "linear" else _logarithmic(voices, edges, quantity)
    spread = np.diff(edges) / (high - low)
    mixed = (1.0 - background_weight) * masses + background_weight * spread
    return Pooled(quantity, method, edges, mixed / mixed.sum(), tuple(voices), unused)


def can_pool(claim: Claim, quantity: Measured, *, household_size: float) -> bool:
    """Tell whether a claim gives a figure for a quantity that `pool_claims` can use."""
    return isinstance(_read(claim, quantity, household_size), Voice)


def why_not_pooled(claim: Claim, quantity: Measured, *, household_size: float) -> str:
    """Return why a claim cannot be pooled, as "gives no figure"; "" where it can."""
    read = _read(claim, quantity, household_size)
    return read if isinstance(read, str) else ""


def grade_weight(claim: Claim) -> float:
    """Return the weight of a claim's grade, 0..1: that of its letter times that of its figure."""
    return RELIABILITY_WEIGHT[claim.reliability] * CREDIBILITY_WEIGHT[claim.credibility]


def _read(claim: Claim, quantity: Measured, household_size: float) -> Voice | str:
    """Return a claim as a density in the quantity's unit, or why it cannot be pooled."""
    if claim.low is None and claim.high is None:
        return "gives no figure"
    if claim.kind == "denial":
        return "denies a figure"
    unit = read_unit(claim.unit, household_size)
    if unit is None or not claim_unit_fits(unit.kept_in, quantity.unit):
        return f"is in '{claim.unit}'"
    if _is_upside_down(claim):
        return "has its low above its high"
    said_on = float(claim.said_on.toordinal())
    is_absolute = unit.kept_in == "date"
    low, high = (
        None if end is None else end * unit.factor - (said_on if is_absolute else 0.0)
        for end in (claim.low, claim.high)
    )
    if (low or 0.0) == (high or 0.0) == 0.0 and (low is None or high is None):
        return "sets no bound"
    shift = said_on if quantity.unit == "date" else 0.0
    voice = _voice(claim, low, high, quantity, shift)
    return voice if voice.low < voice.high else "lies beyond what the quantity can be"


def _is_upside_down(claim: Claim) -> bool:
    return claim.low is not None and claim.high is not None and claim.low > claim.high


def _upside_down(claim: Claim) -> Problem:
    message = f"claim '{claim.id}': low is {claim.low:.15g} and high is {claim.high:.15g}"
    return Problem("range-order", "", 0, 0, message, "low must not be above high")


def _voice(claim: Claim, low: float | None, high: float | None, quantity: Measured, shift: float) -> Voice:
    """Return the density of a claim; its ends are in the quantity's unit, dates in days after it was said."""
    low, high = _both_ends(low, high)
    if high - low <= _SAME * abs(high):
        half = max(ROUNDING * abs(low), RESOLUTION.get(quantity.unit, _RESOLUTION_OF_NUMBERS) / 2)
        low, high = low - half, high + half
    factor = TAIL_FACTOR[claim.credibility]
    ends = (low - abs(low) * (1.0 - 1.0 / factor), low, high, high + abs(high) * (factor - 1.0))
    tail_low, low, high, tail_high = (
        min(max(end + shift, quantity.support[0]), quantity.support[1]) for end in ends
    )
    return Voice(claim, low, high, tail_low, tail_high, CORE_SHARE[claim.credibility], 0)


def _both_ends(low: float | None, high: float | None) -> tuple[float, float]:
    """Fill in the end that was not given; at least one is."""
    if low is None:
        assert high is not None
        low = high - abs(high) * (1.0 - 1.0 / ONE_SIDED_FACTOR)
    if high is None:
        high = low + abs(low) * (ONE_SIDED_FACTOR - 1.0)
    return low, high


def _weigh(voices: Sequence[Voice]) -> list[Voice]:
    """Drop repeats and give weights: an origin has its best grade's, shared by its distinct figures."""
    numbers = origins([voice.claim for voice in voices])
    best: dict[tuple[int, float, float], Voice] = {}
    for number, voice in sorted(zip(numbers, voices, strict=True), key=lambda pair: _rank(pair[1])):
        best.setdefault((number, voice.low, voice.high), voice)
    shares = {key: grade_weight(voice.claim) for key, voice in best.items()}
    of_origin = {number: [share for key, share in shares.items() if key[0] == number] for number in numbers}
    raw = {
        key: shares[key] / sum(of_origin[key[0]]) * max(of_origin[key[0]]) if sum(of_origin[key[0]]) else 0.0
        for key in best
    }
    total = sum(raw.values())
    weighed = [
        Voice(v.claim, v.low, v.high, v.tail_low, v.tail_high, v.core_share, key[0], raw[key] / total)
        for key, v in best.items()
    ]
    return sorted(weighed, key=lambda voice: (voice.claim.said_on, voice.claim.id))


def _rank(voice: Voice) -> tuple[float, int, str]:
    return -grade_weight(voice.claim), voice.claim.credibility, voice.claim.id


def _background(voices: Sequence[Voice], quantity: Measured) -> tuple[float, float]:
    low, high = min(voice.tail_low for voice in voices), max(voice.tail_high for voice in voices)
    if quantity.unit == "date":
        width = high - low
        return low - width, high + width
    ends = low - abs(low) * (1.0 - 1.0 / BACKGROUND_FACTOR), high + abs(high) * (BACKGROUND_FACTOR - 1.0)
    return max(ends[0], quantity.support[0]), min(ends[1], quantity.support[1])


def _linear(voices: Sequence[Voice], edges: Floats) -> Floats:
    densities = np.array([voice.density(edges) for voice in voices])
    weights = np.array([voice.weight for voice in voices])
    return np.asarray(weights @ densities * np.diff(edges))


def _logarithmic(voices: Sequence[Voice], edges: Floats, quantity: Measured) -> Floats:
    """Return the normalised weighted geometric mean of the densities, as masses between the edges."""
    densities = np.array([voice.density(edges) for voice in voices])
    weights = np.array([voice.weight for voice in voices])
    allowed = (densities > 0.0).all(axis=0)
    if not allowed.any():
        raise InputError([_no_overlap(voices, quantity)])
    logs = weights @ np.log(densities[:, allowed])
    masses = np.zeros(edges.size - 1)
    masses[allowed] = np.exp(logs - logs.max()) * np.diff(edges)[allowed]
    return np.asarray(masses / masses.sum())


def _no_overlap(voices: Sequence[Voice], quantity: Measured) -> Problem:
    lowest = min(voices, key=lambda voice: voice.tail_high).claim
    highest = max(voices, key=lambda voice: voice.tail_low).claim
    message = (
        f"'{quantity.name}': no value is allowed by all claims, such as '{lowest.id}' and '{highest.id}'"
    )
    hint = "use the linear pool, which keeps both; or grade one of them lower"
    return Problem("pool-no-overlap", "", 0, 0, message, hint)
