"""Scaled tests from the fourth moments: Satorra-Bentler, mean-var adjusted, scaled-shifted.

With E the inverse information and U = V - V D E D' V, the likelihood ratio is asymptotically a
mixture of chi-squares with mean tr(U Gamma) and variance 2 tr(U Gamma U Gamma). Satorra & Bentler
(1994) match the mean, and, with fractional degrees of freedom, the variance; Asparouhov & Muthen
(2010, "Simple second order chi-square correction") match both at the model's own df. The test of
Yuan & Bentler (2000, doi:10.1111/0081-1750.00078) has the mean of the same form with E from the
observed information.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.estimation.derivatives import scores
from truststats.estimation.estimate import Estimate
from truststats.estimation.gamma import centred_rows, fourth_moments, normal_weight
from truststats.estimation.weighted import moment_slopes
from truststats.inference.moment_structure import Pieces, traces
from truststats.inference.tests import ModelTest, chisq_pvalue

__all__ = ["adjusted_test", "normal_pieces", "normal_trace", "normal_traces", "product_scores"]

#: Tests that match the mean only need the rows; the others need the fourth-moment matrix.
_MEAN_ONLY = ("satorra.bentler", "yuan.bentler")


def product_scores(group: Estimate) -> tuple[Array, float]:
    """Return the (n, q) rows D'V z_i of a group and tr(V Gamma), V the normal weight at sigma.

    z_i are a row's parts of the sample moments about their means (see `gamma`). With W = sigma^-1
    z'Vz = [(y'Wy)^2 - 2 (y'W y^)^2 + (y^'W y^)^2] / 2 before centring, so no p* x p* matrix is
    formed: O(n p (p + q)).
    """
    layout, state, sample = group.layout, group.state, group.sample
    w = cast(Array, np.linalg.inv(state.sigma[0]))
    rows, fitted = centred_rows(sample, group.x)
    zero = np.zeros(layout.n_cells)
    z: Array = rows @ w
    by_row = scores(layout, state, z, zero)
    own = np.einsum("ij,ij->i", rows, z)
    square = own**2
    centre, gap = sample.cov, rows
    if fitted is not None:
        z_fit: Array = fitted @ w
        by_row = by_row - scores(layout, state, z_fit, zero)
        mixed, far = np.einsum("ij,ij->i", rows, z_fit), np.einsum("ij,ij->i", fitted, z_fit)
        square = square - 2.0 * mixed**2 + far**2
        centre, gap = sample.cov - fitted.T @ fitted / sample.n, rows - fitted
    w_c = w @ centre
    trace = 0.5 * float(square.mean()) - 0.5 * float(np.sum(w_c * w_c.T))
    if layout.has_means:
        trace += float(np.einsum("ij,jk,ik->", gap, w, gap)) / sample.n
    return by_row - by_row.mean(axis=0), trace


def normal_trace(groups: Sequence[Estimate], shares: Array, e: Array) -> tuple[float, Array]:
    """Return tr(U Gamma) over all groups and the middle of the sandwich, both from rows."""
    total, middle = 0.0, np.zeros_like(e)
    for group, share in zip(groups, shares, strict=True):
        by_row, trace = product_scores(group)
        total += trace
        middle += share * (by_row.T @ by_row) / group.sample.n
    return total - float(np.sum(e * middle)), middle


def normal_pieces(groups: Sequence[Estimate], shares: Array, *, gamma: bool = True) -> list[Pieces]:
    """Return derivatives, normal weights at sigma and fourth moments of all groups."""
    out: list[Pieces] = []
    for group, share in zip(groups, shares, strict=True):
        means = group.layout.has_means
        w = cast(Array, np.linalg.inv(group.state.sigma[0]))
        weight = normal_weight(w, has_means=means)
        fourth = fourth_moments(group.sample, group.x, has_means=means) if gamma else None
        out.append(Pieces(moment_slopes(group.layout, group.state), weight, fourth, float(share)))
    return out


def normal_traces(
    groups: Sequence[Estimate], shares: Array, e: Array, name: str
) -> tuple[float, float]:
    """Return tr(U Gamma) and, if the test called `name` needs it, tr(U Gamma U Gamma), else NaN."""
    if name in _MEAN_ONLY:
        return normal_trace(groups, shares, e)[0], float("nan")
    return traces(normal_pieces(groups, shares), e)


def adjusted_test(name: str, chisq: float, df: int, one: float, two: float) -> ModelTest:
    """Return a scaled test from the traces of U Gamma and of its square.

    Parameters
    ----------
    name : {"satorra.bentler", "yuan.bentler", "mean.var.adjusted", "scaled.shifted"}
        With t1, t2 the traces: T df / t1; T t1 / t2 on t1^2 / t2 degrees of freedom; and
        T sqrt(df / t2) + df - sqrt(df t1^2 / t2).
    chisq : float
        The unscaled statistic.
    df : int
    one, two : float
        The traces.
    """
    nan = float("nan")
    if df == 0:
        return ModelTest(name, chisq, 0, nan, nan, trace=one)
    if name in _MEAN_ONLY:
        scale, shift, freedom = one / df, 0.0, float(df)
    elif name == "mean.var.adjusted":
        scale, shift, freedom = two / one, 0.0, one**2 / two
    else:
        scale = float(np.sqrt(two / df)) if two > 0 else nan
        shift, freedom = df - one / scale, float(df)
    if not (scale > 0 and one > 0):
        return ModelTest(name, nan, df, nan, scale, trace=one)
    value = chisq / scale + shift
    degrees = freedom if name == "mean.var.adjusted" else df
    return ModelTest(name, value, degrees, chisq_pvalue(value, degrees), scale, shift, one)
