"""Tests of the difference between nested models, with robust corrections.

The difference T of two likelihood-ratio statistics is a chi-square only if answers are normal.
Three corrections: Satorra & Bentler (2001), doi:10.1007/BF02296192, from the two scaling factors;
Satorra & Bentler (2010), doi:10.1007/s11336-009-9135-y, which cannot turn negative in large
samples because the larger model's factor is taken at the smaller one's estimates; and Satorra
(2000), doi:10.1007/978-1-4615-4603-0_17, from the restrictions themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import chdtrc

from truststats.arrays import Array
from truststats.estimation.derivatives import scores
from truststats.estimation.estimate import Estimate
from truststats.estimation.gamma import centred_rows
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.reproduce import places_of
from truststats.estimation.weighted import moment_slopes as group_slopes
from truststats.estimation.weighted import weigh
from truststats.inference.moment_structure import Pieces, filling
from truststats.inference.vcov import inverse, meat

__all__ = [
    "Difference",
    "centred_meat",
    "moment_slopes",
    "of_pieces",
    "plain_difference",
    "restrictions",
    "satorra_2000",
    "satorra_bentler",
]


@dataclass(frozen=True)
class Difference:
    """A test of the difference between two nested models.

    Attributes
    ----------
    method : str
        "standard", "satorra_bentler_2001", "satorra_bentler_2010" or "satorra_2000".
    chisq : float
        NaN where the method has no value.
    df : float
        Whole but for the mean- and variance-adjusted test.
    pvalue : float
    scaling_factor : float
        What the plain difference was divided by.
    shift : float
        What was then added (scaled and shifted test).
    """

    method: str
    chisq: float
    df: float
    pvalue: float
    scaling_factor: float = 1.0
    shift: float = 0.0


def _tail(chisq: float, df: float) -> float:
    return float(chdtrc(df, max(chisq, 0.0))) if df > 0 and np.isfinite(chisq) else float("nan")


def plain_difference(t0: float, df0: int, t1: float, df1: int) -> Difference:
    """Return T0 - T1 on df0 - df1 degrees of freedom; model 0 is the restricted one."""
    return Difference("standard", t0 - t1, df0 - df1, _tail(t0 - t1, df0 - df1))


def satorra_bentler(
    t0: float, df0: int, c0: float, t1: float, df1: int, c1: float, *, method: str
) -> Difference:
    """Return the plain difference divided by c = (df0 c0 - df1 c1) / (df0 - df1).

    Parameters
    ----------
    t0, df0, c0 : float, int, float
        Unscaled statistic, degrees of freedom and scaling factor of the restricted model.
    t1, df1, c1 : float, int, float
        Those of the larger model; with c1 at the restricted model's estimates this is the
        method of 2010, else that of 2001. A saturated model has no factor, and needs none.
    method : str
        The name to give.
    """
    own = df1 * c1 if df1 else 0.0
    scale = (df0 * c0 - own) / (df0 - df1)
    if not scale > 0:
        nan = float("nan")
        return Difference(method, nan, df0 - df1, nan, scale)
    chisq = (t0 - t1) / scale
    return Difference(method, chisq, df0 - df1, _tail(chisq, df0 - df1), scale)


def _names(group: Estimate) -> tuple[str, ...]:
    """Return the names of one group's moments, in their order."""
    if isinstance(group, OrdinalEstimate):
        return group.moments[0].statistic_names
    names = group.layout.nodes[: group.layout.p]
    row, col = np.tril_indices(len(names))
    pairs = [f"{names[i]}~~{names[j]}" for i, j in zip(row, col, strict=True)]
    return (*pairs, *(f"{name}~1" for name in names)) if group.has_means else tuple(pairs)


def moment_slopes(estimate: Estimate, like: Estimate | None = None) -> Array:
    """Return the derivatives of all groups' moments in the directions left open, (P, r).

    Parameters
    ----------
    estimate : Estimate
    like : Estimate, optional
        Of the same variables, perhaps in another order: the moments come in its order.
    """
    if isinstance(estimate, OrdinalEstimate):
        parts = [slopes for _, slopes in estimate.looks]
    else:
        parts = [group_slopes(one.layout, one.state) for one in estimate.groups]
    if like is not None:
        pairs = zip(parts, estimate.groups, like.groups, strict=True)
        parts = [part[places_of(_names(two), _names(one))] for part, one, two in pairs]
    slopes = np.concatenate(parts)
    return slopes if estimate.null is None else slopes @ estimate.null


def of_pieces(pieces: Sequence[Pieces]) -> tuple[Array, Array]:
    """Return sum_g a_g D'V D and sum_g a_g D'V Gamma V D, the bread's inverse and the filling."""
    info = sum(part.share * (part.slopes.T @ weigh(part.weight, part.slopes)) for part in pieces)
    return np.asarray(info), filling(pieces)


def centred_meat(estimate: Estimate) -> Array:
    """Return the (q, q) variance of the score that the moments' own variance implies.

    Complete data. Scores are of deviations from the sample moments, D' V Gamma V D in Satorra's
    notation: a group's scores need not have mean zero where groups share parameters. Given fixed
    exogenous variables their own moments do not vary, and the rest about the regression on them.
    """
    parts: list[Array] = []
    for group in estimate.groups:
        layout, state, sample = group.layout, group.state, group.sample
        assert sample.rows is not None
        w = cast(Array, np.linalg.inv(state.sigma[0]))
        fixed = state.cross((w @ sample.cov @ w)[None])[0][layout.u, layout.v] * layout.halves
        rows, fitted = centred_rows(sample, group.x)
        by_row = scores(layout, state, rows @ w, fixed)
        if fitted is not None:
            by_row = by_row - scores(layout, state, fitted @ w, fixed)
            by_row = by_row - by_row.mean(axis=0)
        parts.append(meat(by_row, sample))
    return np.tensordot(estimate.shares, parts, axes=1)


def restrictions(larger: Array, smaller: Array) -> Array:
    """Return A, (df, r1): the directions of the larger model that the smaller one closes.

    Parameters
    ----------
    larger, smaller : (P, r1) and (P, r0) arrays
        Derivatives of the same moments in the same order, from `moment_slopes`. Taken where
        both models imply the same moments A is exact; at the models' own estimates it is
        Satorra's approximation.
    """
    inside = np.linalg.lstsq(larger, smaller, rcond=None)[0]
    left, _, _ = np.linalg.svd(inside)
    return left[:, smaller.shape[1] :].T


def satorra_2000(
    difference: float, info: Array, meat: Array, a: Array, *, adjust: str = "scaled_shifted"
) -> Difference:
    """Return Satorra's (2000) test of the restrictions A of a larger model.

    With P = I^-1 and M = P A' (A P A')^-1 A P J, the difference is divided by tr(M) / df
    ("scaled"); or turned into a + b T with the mean and variance of a chi-square
    ("scaled_shifted", Asparouhov & Muthen 2010); or given tr(M)^2 / tr(M^2) degrees of freedom
    ("mean_var_adjusted", Satterthwaite 1941).

    Parameters
    ----------
    difference : float
        T0 - T1.
    info, meat : (r1, r1) arrays
        Information and mean outer product of scores of the larger model, per case.
    a : (df, r1) array
        From `restrictions`.
    adjust : {"scaled", "scaled_shifted", "mean_var_adjusted"}
    """
    df = len(a)
    p, _ = inverse(info)
    ap = a @ p
    product = ap.T @ np.linalg.solve(ap @ a.T, ap) @ meat
    first, second = float(np.trace(product)), float(np.sum(product * product.T))
    scale, shift, used = first / df, 0.0, float(df)
    if adjust == "scaled_shifted":
        scale = float(np.sqrt(second / df))
        shift = df - first / scale
    elif adjust == "mean_var_adjusted":
        scale, used = second / first, first**2 / second
    chisq = difference / scale + shift
    return Difference("satorra_2000", chisq, used, _tail(chisq, used), scale, shift)
