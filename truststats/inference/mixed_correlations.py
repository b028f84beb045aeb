"""Correlations of ordered and continuous variables from their moments, by the delta method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array
from truststats.estimation.mixed_moments import MixedMoments
from truststats.estimation.two_way import pair_index

__all__ = ["KINDS", "Correlations", "mixed_correlations"]

#: What a correlation is called by its numbers of categories (0 for a continuous variable).
KINDS = ("pearson", "polyserial", "polychoric", "tetrachoric")


@dataclass(frozen=True, eq=False)
class Correlations:
    """Correlations of all pairs.

    Attributes
    ----------
    corr : (p, p) array
    est, se : (P,) arrays
        Pair by pair, in the order of `pair_index`.
    kinds : (P,) tuple of str
        One of `KINDS`; a two-valued variable beside a continuous one is polyserial (biserial).
    """

    corr: Array
    est: Array
    se: Array
    kinds: tuple[str, ...]


def _kind(categories: tuple[int, int]) -> str:
    if 0 not in categories:
        return "tetrachoric" if categories == (2, 2) else "polychoric"
    return "pearson" if categories == (0, 0) else "polyserial"


def mixed_correlations(got: MixedMoments) -> Correlations:
    """Return correlations and standard errors of moments of ordered and continuous variables.

    With r = c / (s_i s_j): dr = dc / (s_i s_j) - r / 2 (dv_i / v_i + dv_j / v_j), the variances
    v of ordered variables being 1.
    """
    first, second = pair_index(len(got.names))
    variances = np.diag(got.cov)
    sd = np.sqrt(variances)
    corr = got.cov / np.outer(sd, sd)
    est = corr[first, second]
    start = got.k - len(first)
    place = np.full(len(got.names), -1)
    smooth = np.flatnonzero(~got.ordered)
    place[smooth] = start - len(smooth) + np.arange(len(smooth))
    slope = np.zeros((len(first), got.k))
    at = np.arange(len(first))
    slope[at, start + at] = 1.0 / (sd[first] * sd[second])
    for side in (first, second):
        own = place[side] >= 0
        slope[at[own], place[side[own]]] -= est[own] / (2.0 * variances[side[own]])
    variance = np.einsum("pk,pk->p", slope @ got.gamma, slope) / got.n
    count = [len(own) for own in got.levels]
    pairs = zip(first, second, strict=True)
    kinds = tuple(_kind((count[int(i)], count[int(j)])) for i, j in pairs)
    return Correlations(corr, est, np.sqrt(variance), kinds)
