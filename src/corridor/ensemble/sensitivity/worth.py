"""What it would be worth to know a quantity: by how much it narrows the 90 % band of the outcome, on average.

The futures of the plain design are sorted into classes of equal probability by the quantity; within a class
the quantity is nearly known. The band within a class, averaged over the classes, is the band to be expected
once the quantity is known (the conditional distributions from given data of Plischke, Borgonovo and Smith
2013). A band read from few futures is biased; classes drawn by lot show by how much, and that is
taken off. Within a class the outcomes may still follow the quantity: a straight line through them is taken
out, and what is left makes the worth of a very strong quantity a little too low. Intervals are from a
bootstrap over futures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: The band that is told.
LEVELS = (0.05, 0.95)
#: Interval of every estimate.
CONFIDENCE = 0.9
#: Classes are few, so that the ends of a band are told by many futures, yet grow with the futures.
_CLASSES_PER_ROOT, _MOST_CLASSES = 0.29, 20
_LOTS = 30  # draws of classes by lot
#: Bootstrap samples if nobody says how many.
USUAL_RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Worth:
    """The worth of knowing one quantity.

    ``share`` is the part of the band's width that goes, ``share_low`` to ``share_high`` its interval; ``low``
    and ``high`` are the ends of the band that is to be expected then.
    """

    share: float
    share_low: float
    share_high: float
    low: float
    high: float


def n_classes(n_futures: int) -> int:
    """Return into how many classes so many futures are sorted.

    >>> n_classes(5000), n_classes(1000), n_classes(100)
    (20, 9, 3)
    """
    return int(min(_MOST_CLASSES, max(2, int(_CLASSES_PER_ROOT * n_futures**0.5 + 0.5))))


def classes_of(probabilities: Floats, number: int) -> Ints:
    """Return the class of each future, 0 to number - 1, for the quantiles at which a quantity lies, 0..1."""
    return np.minimum((probabilities * number).astype(np.int64), number - 1)


def rank_influence(outcomes: Floats, classes: Ints) -> float:
    """Return the share of the variance of the outcome's ranks that lies between classes, about 0 for none.

    Ranks tell a weak influence beside a strong one under which a few outcomes are very large; used to choose
    what is studied one by one, and for nothing else.
    """
    from scipy.stats import rankdata  # half a second, which a report that shows a result need not pay

    ranks = rankdata(outcomes)
    totals = np.bincount(classes, ranks)
    sizes = np.bincount(classes)
    means = totals[sizes > 0] / sizes[sizes > 0]
    between = float((sizes[sizes > 0] * (means - ranks.mean()) ** 2).sum())
    total = float(((ranks - ranks.mean()) ** 2).sum())
    if total == 0.0:
        return 0.0
    expected = (means.size - 1) / (ranks.size - 1)
    return float(between / total - expected)


def band_of(outcomes: Floats) -> tuple[float, float]:
    """Return the 90 % band of outcomes."""
    counts = np.ones(outcomes.size)
    low, high = _bands(outcomes, np.zeros(outcomes.size, np.int64), counts[None])[0]
    return float(low), float(high)


def worth_of(
    outcomes: Floats,
    classes: Ints,
    *,
    seed: int,
    positions: Floats | None = None,
    resamples: int = USUAL_RESAMPLES,
) -> Worth:
    """Estimate the worth of knowing the class of a future, or a quantity that lies at ``positions``.

    Parameters
    ----------
    outcomes : float64[futures]
    classes : int64[futures]
        From 0; of `classes_of`, or storylines.
    seed : int
        Of the bootstrap and the lots.
    positions : float64[futures], optional
        Where the quantity lies, by which the classes were made: the straight line along which outcomes follow
        it within a class is taken out.
    resamples : int
        Of the bootstrap; fewer only make the interval rougher.
    """
    rng = np.random.default_rng(seed)
    n = outcomes.size
    counts = np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1.0 / n), size=resamples)])
    all_in_one = np.zeros(n, np.int64)
    whole = _bands(outcomes, all_in_one, counts)
    width = np.maximum(whole[:, 1] - whole[:, 0], np.finfo(float).tiny)
    orders = [rng.permutation(n) for _ in range(_LOTS)]
    lots = [_bands(*_sorted_out(outcomes, classes, positions, order), counts[:1])[0] for order in orders]
    inside = _bands(*_sorted_out(outcomes, classes, positions), counts) - (np.mean(lots, axis=0) - whole[0])
    shares = 1.0 - (inside[:, 1] - inside[:, 0]) / width
    if whole[0, 1] <= whole[0, 0]:
        return Worth(0.0, 0.0, 0.0, *map(float, whole[0]))
    # the bootstrap repeats futures within classes, which narrows their bands once more: told by its mean
    spread = shares[1:] - shares[1:].mean()
    tail = (1.0 - CONFIDENCE) / 2
    low, high = shares[0] + np.quantile(spread, [tail, 1.0 - tail])
    return Worth(float(shares[0]), float(low), float(high), *map(float, inside[0]))


def _sorted_out(
    outcomes: Floats, classes: Ints, positions: Floats | None, order: Ints | None = None
) -> tuple[Floats, Ints]:
    """Return the outcomes without their trend in each class, and the classes; ``order`` draws them by lot."""
    labels = classes if order is None else classes[order]
    if positions is None:
        return outcomes, labels
    at = positions if order is None else positions[order]
    sizes = np.maximum(np.bincount(labels), 1)
    from_middle = at - (np.bincount(labels, at) / sizes)[labels]
    spread = np.bincount(labels, from_middle**2)
    slopes = np.bincount(labels, from_middle * outcomes) / np.where(spread > 0.0, spread, 1.0)
    return outcomes - slopes[labels] * from_middle, labels


def _bands(outcomes: Floats, classes: Ints, counts: Floats) -> Floats:
    """Return the ends of the band within classes, averaged by the futures in each, [resamples, 2].

    ``counts`` [resamples, futures] says how often each future counts.
    """
    order = np.lexsort((outcomes, classes))
    values, labels = outcomes[order], classes[order]
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    ends = np.append(starts[1:], labels.size) - 1
    found = np.empty((counts.shape[0], 2))
    for row, count in enumerate(counts):
        cumulated = np.cumsum(count[order])
        before = np.where(starts > 0, cumulated[starts - 1], 0.0)
        total = cumulated[ends] - before
        for column, level in enumerate(LEVELS):
            wanted = before + np.maximum(level * total, 0.5)
            at = np.minimum(np.searchsorted(cumulated, wanted), ends)
            found[row, column] = (values[at] * total).sum() / total.sum()
    return found
