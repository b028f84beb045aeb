"""Whether the normal responses assumed under two ordered items go with their table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2

from truststats.arrays import Array
from truststats.estimation.bivariate import cell_probabilities
from truststats.estimation.polychoric import OrdinalMoments

__all__ = ["UnderlyingNormality", "underlying_normality"]


@dataclass(frozen=True, eq=False)
class UnderlyingNormality:
    """Test of bivariate normality for each pair, all (P,) arrays.

    Attributes
    ----------
    chisq : likelihood ratio of the table to what thresholds and correlation imply.
    df : degrees of freedom.
    pvalue : NaN for 2 x 2 tables, which always fit.
    rmsea : misfit per degree of freedom and row.
    empty_cells : number of empty cells.
    n : rows with both answers, or the sum of their weights.
    """

    chisq: Array
    df: Array
    pvalue: Array
    rmsea: Array
    empty_cells: Array
    n: Array


def underlying_normality(moments: OrdinalMoments) -> UnderlyingNormality:
    """Return the test of underlying bivariate normality of each pair of items.

    G2 = 2 sum n_ab log(n_ab / (N pi_ab)) has r c - r - c degrees of freedom in an r x c table,
    and RMSEA = sqrt(max(0, (G2 - df) / (N df))); under about 0.1 the misfit hardly matters for the
    correlation. With sampling weights or clusters G2 does not follow chi-square: test and RMSEA
    are NaN.
    Source: Joreskog (1994), doi:10.1007/BF02296131; Joreskog (2005), "Structural equation modeling
    with ordinal variables using LISREL", for the RMSEA and its limit.
    """
    tables, taus = moments.tables, moments.padded
    seen = tables.seen
    share, _ = cell_probabilities(taus[tables.first], taus[tables.second], moments.pairs)
    n = seen.sum(axis=(1, 2))
    expected = n[:, None, None] * np.maximum(share, 1e-16)
    chisq = 2.0 * xlogy(seen, seen / expected).sum(axis=(1, 2))
    size = np.array([len(own) for own in moments.levels])
    r, c = size[tables.first], size[tables.second]
    df = (r * c - r - c).astype(float)
    open_ = df > 0
    pvalue = np.where(open_, chi2.sf(chisq, np.maximum(df, 1.0)), np.nan)
    gap = np.maximum(chisq - df, 0.0)
    rmsea = np.where(open_, np.sqrt(gap / (n * np.maximum(df, 1.0))), np.nan)
    if moments.influence.weights is not None or moments.influence.clusters is not None:
        chisq, pvalue, rmsea = (np.full(len(n), np.nan) for _ in range(3))
    empty = r * c - (seen > 0).sum(axis=(1, 2))
    return UnderlyingNormality(chisq, df, pvalue, rmsea, empty, n)
