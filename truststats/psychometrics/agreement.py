"""How much the people of a unit agree: rwg, rwg(j), r*wg(j) and the average deviation.

rwg compares the variance within a unit with that of answers given at random from a null
distribution (James, Demaree & Wolf 1984, doi:10.1037/0021-9010.69.1.85). With R the mean over the
J items of variance over null variance, rwg(j) = J (1 - R) / [J (1 - R) + R] and r*wg(j) = 1 - R
(Lindell, Brandt & Whitney 1999, doi:10.1177/01466219922031257). The average deviation AD is the
mean absolute distance from the unit's mean or median, averaged over the items (Burke, Finkelstein
& Dusig 1999), small when people agree; A / 6 of A answer options is its usual upper limit (Burke
& Dunlap 2002). Variances have divisor n - 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.clusters import cluster_sums
from truststats.psychometrics.intraclass import one_way

__all__ = [
    "AGREES",
    "NULLS",
    "Agreement",
    "ad_cutoff",
    "agreement",
    "null_variance",
    "rwg_j",
]

#: Agreement at or above which a unit's mean is usually taken to stand for its people.
AGREES: Final = 0.70
#: Probabilities of five answers when nobody has an opinion of their own: uniform, or skewed towards
#: one end (LeBreton & Senter 2008, doi:10.1177/1094428106296642, table 2).
NULLS: Final = {
    "uniform": None,
    "slight_skew": (0.05, 0.15, 0.20, 0.35, 0.25),
    "moderate_skew": (0.00, 0.10, 0.15, 0.40, 0.35),
    "heavy_skew": (0.00, 0.00, 0.10, 0.40, 0.50),
}


def null_variance(null: str, codes: Sequence[float]) -> float:
    """Return the variance of answers drawn from a null distribution.

    Of codes 1 to A the uniform one has (A^2 - 1) / 12. The skewed ones are defined for five
    answers; for others the result is NaN.

    Parameters
    ----------
    null : {"uniform", "slight_skew", "moderate_skew", "heavy_skew"}
    codes : sequence of float
        The answers an item offers, in order.
    """
    values = np.asarray(codes, dtype=float)
    shares = NULLS[null]
    if shares is None:
        return float(values.var()) if len(values) > 1 else float("nan")
    if len(values) != len(shares):
        return float("nan")
    mean = float(np.dot(shares, values))
    return float(np.dot(shares, (values - mean) ** 2))


def ad_cutoff(codes: Sequence[float]) -> float:
    """Return A / 6 in steps of the scale, the largest average deviation taken as agreement."""
    values = np.asarray(codes, dtype=float)
    if len(values) < 2:
        return float("nan")
    return len(values) / 6.0 * float(values.max() - values.min()) / (len(values) - 1.0)


def rwg_j(ratio: Array, items: int) -> Array:
    """Return rwg(j) of mean ratios of variance to null variance; rwg for one item.

    More variance than in the null distribution counts as no agreement, which is zero.
    """
    open_ = np.maximum(1.0 - ratio, 0.0)
    with np.errstate(invalid="ignore"):
        return np.where(open_ > 0, items * open_ / (items * open_ + ratio), 0.0 * ratio)


@dataclass(frozen=True, eq=False)
class Agreement:
    """Agreement of G units on one scale; NaN for units that are left out.

    Attributes
    ----------
    n : (G,) array
        Answers to the item that fewest people of the unit answered.
    rwg : mapping of str to (G,) array
        rwg(j) by null distribution; NaN where that is not defined.
    rwg_star : (G,) array
        r*wg(j) against the uniform distribution; negative for more variance than that.
    ad_mean, ad_median : (G,) arrays
        Average deviation about the mean and the median.
    """

    n: Array
    rwg: dict[str, Array]
    rwg_star: Array
    ad_mean: Array
    ad_median: Array


def agreement(
    values: Array, units: IntArray, codes: Sequence[Sequence[float]], min_n: int = 5
) -> Agreement:
    """Return the agreement of every unit on a scale of J items.

    Each item's variance and deviation uses all of the unit's answers to that item.

    Parameters
    ----------
    values : (n, J) array
        NaN where there is no answer.
    units : (n,) int array
        The unit of each row, 0 to G - 1, each with a row.
    codes : J sequences of float
        The answers that each item offers; empty where that is not known.
    min_n : int
        Units with fewer answers to any of the items are left out; at least two.
    """
    data = one_way(values, units)
    n = data.counts.min(axis=0)
    use = n >= max(min_n, 2)
    variances, items = data.variances, values.shape[1]
    ratios: dict[str, Array] = {}
    for null in NULLS:
        scale = np.array([null_variance(null, own) for own in codes])[:, None]
        ratios[null] = np.where(use, (variances / scale).mean(axis=0), np.nan)
    median = _medians(values, units, data.counts)
    deviations = [
        np.where(use, _deviation(values, units, centre, data.counts), np.nan)
        for centre in (data.means, median)
    ]
    return Agreement(
        np.where(use, n, np.nan),
        {null: rwg_j(ratio, items) for null, ratio in ratios.items()},
        1.0 - ratios["uniform"],
        deviations[0],
        deviations[1],
    )


def _deviation(values: Array, units: IntArray, centre: Array, counts: Array) -> Array:
    """Return the mean absolute distance from the unit's centre, averaged over items, (G,)."""
    gaps = np.abs(np.nan_to_num(values - centre.T[units]))
    sums = cluster_sums(gaps, units).T
    return cast(Array, (sums / np.maximum(counts, 1.0)).mean(axis=0))


def _medians(values: Array, units: IntArray, counts: Array) -> Array:
    """Return the units' medians of each item, (J, G); zero where nobody answered.

    Answers are sorted by unit and value in one go, NaN last.
    """
    low = np.nanmin(values)
    wide = 2.0 * (np.nanmax(values) - low) + 1.0
    keys = np.sort(units[:, None] * wide + (values - low), axis=0)
    ends = np.cumsum(counts, axis=1)
    starts = ends - counts
    column = np.arange(values.shape[1])[:, None]
    offset = np.arange(counts.shape[1]) * wide - low

    def pick(step: Array) -> Array:
        place = np.minimum(starts + step, len(values) - 1).astype(np.intp)
        return keys[place, column] - offset

    middle = 0.5 * (pick((counts - 1.0) // 2.0) + pick(counts // 2.0))
    return np.where(counts > 0, middle, 0.0)
