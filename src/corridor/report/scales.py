"""From people and days to places on paper: linear scales, round ticks, and labels pushed apart."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

_DATE_STEPS = (1, 2, 7, 14, 28, 56, 112, 182, 364)


@dataclass(frozen=True)
class Scale:
    """A linear scale from ``first``..``last`` to ``start``..``end`` on paper."""

    first: float
    last: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where a value lies; everything lies at the start if the scale has no width."""
        width = self.last - self.first
        return self.start + (value - self.first) / width * (self.end - self.start) if width else self.start


def ticks(top: float, most: int = 4) -> list[float]:
    """Return round numbers from 0 to the first one not below ``top``, at most ``most`` steps.

    >>> ticks(43_000), ticks(0)
    ([0.0, 20000.0, 40000.0, 60000.0], [0.0, 10.0])
    """
    if top <= 0:
        return [0.0, 10.0]
    size = 10.0 ** math.floor(math.log10(top / most))
    step = next(
        size * factor
        for factor in (1.0, 2.0, 5.0, 10.0, 20.0)
        if math.ceil(top / (size * factor) - 1e-9) <= most
    )
    return [step * i for i in range(math.ceil(top / step - 1e-9) + 1)]


def date_ticks(issue: dt.date, last: dt.date, most: int = 5) -> list[dt.date]:
    """Return dates from the issue date on, a round number of days apart, at most ``most``."""
    span = (last - issue).days
    step = next((step for step in _DATE_STEPS if span // step + 1 <= most), span + 1)
    return [issue + dt.timedelta(days) for days in range(0, span + 1, step)]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions near the wanted ones, in their order, ``gap`` apart, within ``low``..``high``.

    >>> spread([10, 11, 50], gap=10, low=0, high=100)
    [5.5, 15.5, 50.0]
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[list[float]] = []  # [first position, number, sum of wishes of the first]
    for rank in order:
        groups.append([wanted[rank], 1, wanted[rank]])
        while len(groups) > 1 and groups[-2][0] + groups[-2][1] * gap > groups[-1][0]:
            _, count, wishes = groups.pop()
            first = groups[-1]
            first[2] += wishes - first[1] * count * gap
            first[1] += count
            first[0] = first[2] / first[1]
    placed = [float(group[0] + i * gap) for group in groups for i in range(int(group[1]))]
    for i, position in enumerate(placed):
        placed[i] = max(position, low if i == 0 else placed[i - 1] + gap)
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], high if i == len(placed) - 1 else placed[i + 1] - gap)
    found = [0.0] * len(wanted)
    for place, rank in enumerate(order):
        found[rank] = placed[place]
    return found
