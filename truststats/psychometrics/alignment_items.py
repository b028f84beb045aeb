"""What an alignment says about items and groups: which deviate, how much, which means differ.

Which groups an item's parameter holds for is found step by step (Asparouhov & Muthén 2014,
doi:10.1080/10705511.2014.919210): groups whose values do not differ in pairs are joined, the
largest set that hangs together is the start, and groups enter or leave it by a test against its
mean until it stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtr

from truststats.arrays import Array, BoolArray, IntArray

__all__ = ["PairDifferences", "explained", "invariant_groups", "pair_differences"]

_ROUNDS = 100
_CHUNK = 200_000


def _two_sided(z: Array) -> Array:
    return cast(Array, 2.0 * ndtr(-np.abs(z)))


def invariant_groups(
    values: Array, cov: Array, *, connect: float = 0.01, level: float = 0.001
) -> BoolArray:
    """Return for which groups an aligned parameter is the same, (G,).

    Parameters
    ----------
    values : (G,) array
    cov : (G, G) array
    connect : float
        Two groups are joined where the test of their difference has a larger p-value.
    level : float
        A group belongs to the set where the test against the mean of the set has a larger one.

    Notes
    -----
    All are False where not even two groups agree. Where the steps come to a circle, a group
    belongs to the set only if it does so all the way round.
    """
    size = len(values)
    spread = np.diag(cov)
    variance = spread[:, None] + spread[None, :] - 2.0 * cov
    gap = values[:, None] - values[None, :]
    joined = _two_sided(_ratio(gap, variance)) > connect
    _, label = connected_components(joined.astype(float), directed=False)
    inside = label == np.argmax(np.bincount(label))
    seen: list[BoolArray] = []
    for _ in range(_ROUNDS):
        if inside.sum() < 2:
            return np.zeros(size, dtype=bool)
        seen.append(inside)
        weight = inside / inside.sum()
        against = spread - 2.0 * (cov @ weight) + weight @ cov @ weight
        inside = _two_sided(_ratio(values - values @ weight, against)) > level
        again = [k for k, one in enumerate(seen) if (one == inside).all()]
        if again:
            circle = np.all(seen[again[0] :], axis=0)
            return circle if circle.sum() > 1 else np.zeros(size, dtype=bool)
    return inside


def _ratio(gap: Array, variance: Array) -> Array:
    """Return gap / sqrt(variance); zero for no gap, and infinite for one that is certain."""
    known = np.maximum(variance, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = gap / np.sqrt(known)
    return np.where(np.isnan(z), 0.0, z)


def explained(
    loadings: Array, intercepts: Array, mean: Array, sd: Array, aligned: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Return R2 of each item's loadings and of its intercepts: how far they are invariant, (p,).

    The share of the variance over groups of a configural parameter that the groups' factor means
    and standard deviations explain, at the mean of the aligned parameters:
    1 - var(l - s L) / var(l) and 1 - var(n - N - a L) / var(n). One is complete invariance.

    Parameters
    ----------
    loadings, intercepts : (p, G) arrays
        Configural.
    mean, sd : (G,) arrays
        a and s of the factor.
    aligned : ((p, G) array, (p, G) array)
        Aligned loadings and intercepts, whose means over groups are L and N.

    Returns
    -------
    of_loadings, of_intercepts : (p,) arrays
        NaN where a parameter does not vary; below zero where the item fits the groups' means worse
        than none at all.
    """
    common, place = (one.mean(axis=1, keepdims=True) for one in aligned)
    of_loadings = _share(loadings - sd * common, loadings)
    return of_loadings, _share(intercepts - place - mean * common, intercepts)


def _share(rest: Array, whole: Array) -> Array:
    variance = whole.var(axis=1)
    known = variance > 1e-12 * np.maximum((whole**2).mean(axis=1), 1e-12)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, 1.0 - rest.var(axis=1) / variance, np.nan)


@dataclass(frozen=True, eq=False)
class PairDifferences:
    """Differences of means for all pairs of groups, (m,) each.

    Attributes
    ----------
    first, second : int arrays
    difference, se : arrays
        First minus second.
    factor : float
        Half the width of the intervals in standard errors: all of them hold together.
    p_adjusted : array
        Adjusted for the number of pairs.
    """

    first: IntArray
    second: IntArray
    difference: Array
    se: Array
    factor: float
    p_adjusted: Array


def pair_differences(
    mean: Array, cov: Array, level: float, draws: int, rng: np.random.Generator
) -> PairDifferences:
    """Return all differences of means with intervals that hold together.

    The largest standardised difference of all pairs is drawn from the normal distribution with the
    covariance of the means (single-step method; Hothorn, Bretz & Westfall 2008,
    doi:10.1002/bimj.200810425), and p-values are never above those of Bonferroni.

    Parameters
    ----------
    mean : (G,) array
    cov : (G, G) array
    level : float
        Probability that all intervals hold.
    draws : int
    rng : numpy.random.Generator
    """
    first, second = np.triu_indices(len(mean), 1)
    spread = np.diag(cov)
    se = np.sqrt(np.maximum(spread[first] + spread[second] - 2.0 * cov[first, second], 0.0))
    gap = mean[first] - mean[second]
    with np.errstate(divide="ignore"):
        inverse = np.where(se > 0.0, 1.0 / se, 0.0)
    value, vector = np.linalg.eigh(0.5 * (cov + cov.T))
    root = vector * np.sqrt(np.maximum(value, 0.0))
    largest = np.empty(draws)
    step = max(1, _CHUNK // len(first))
    for at in range(0, draws, step):
        drawn = rng.normal(size=(min(step, draws - at), len(mean))) @ root.T
        apart = (drawn[:, first] - drawn[:, second]) * inverse
        largest[at : at + step] = np.abs(apart, out=apart).max(axis=1)
    z = np.abs(_ratio(gap, se**2))
    ordered = np.sort(largest)
    above = 1.0 - np.searchsorted(ordered, z, side="left") / draws
    adjusted = np.minimum(np.maximum(above, 0.5 / draws), len(first) * _two_sided(z))
    return PairDifferences(
        first, second, gap, se, float(np.quantile(ordered, level)), np.minimum(adjusted, 1.0)
    )
