"""Residual moments with their sampling covariance, and what they add up to.

The sample moments s have the covariance Gamma / n and the estimates move with them by
d theta = (D' A D)^-1 D' A ds, where D are the derivatives of the implied moments and A is the
information of the unrestricted moments at the implied ones. So the residuals s - sigma(theta) have
the covariance Q Gamma Q' / n with Q = I - D (D' A D)^-1 D' A (Browne 1984,
doi:10.1111/j.2044-8317.1984.tb00789.x; Ogasawara 2001, doi:10.1007/BF02294443). In groups that
share parameters theta moves with the moments of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtr, ndtri

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.derivatives import (
    expected_information,
    observed_information,
    scores,
)
from truststats.estimation.estimate import Estimate
from truststats.estimation.fiml import expect, incomplete_information, incomplete_uwv
from truststats.estimation.implied import State, evaluate
from truststats.estimation.layout import INTERCEPT, Layout, saturated_layout
from truststats.estimation.sample import Sample
from truststats.estimation.weighted import moment_slopes
from truststats.inference.vcov import inverse, meat

__all__ = [
    "SCALES",
    "Residuals",
    "errors",
    "moment_residuals",
    "rescale",
    "summarise",
    "z_values",
]

#: The scales of residuals and the name of their root mean square.
SCALES = {"raw": "rmr", "cor_bentler": "srmr", "cor": "crmr"}
#: Below this share of the moment's own variance a residual is zero by construction.
_NOTHING = 1e-9
_SUMMARY: tuple[str, ...] = (
    "rmr", "se", "exactfit_z", "exactfit_pvalue", "urmr", "urmr_se", "urmr_ci_lower",
    "urmr_ci_upper", "closefit_h0_value", "closefit_z", "closefit_pvalue",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Residuals:
    """The residual moments of one group.

    The k moments are the lower triangle of the covariance matrix, in the order of
    `numpy.tril_indices`, then the p means where they are modelled; where there are ordinal items,
    whose covariances are polychoric, their thresholds, the means of continuous variables and the
    slopes on exogenous ones.

    Attributes
    ----------
    values : (k,) array
        Sample minus implied moments.
    acov : (k, k) array
        Their covariance matrix.
    sampling : (k, k) array
        Covariance matrix of the sample moments; zero for moments of fixed exogenous variables.
    cov : (p, p) array
        Sample covariance matrix (EM estimates with missing data).
    sigma : (p, p) array
        Implied covariance matrix.
    beside : tuple of str
        "mean", "threshold" or "slope" for each moment after the covariances.
    unit : array, optional
        Their factors on a standardised scale; by default those of means.
    """

    values: Array
    acov: Array
    sampling: Array
    cov: Array
    sigma: Array
    beside: tuple[str, ...] = ()
    unit: Array | None = None

    @property
    def p(self) -> int:
        """Number of observed variables."""
        return len(self.cov)

    def which(self, *kinds: str) -> BoolArray:
        """Return which of the k moments are of some kinds: "cov" or those of `beside`."""
        count = len(self.values) - len(self.beside)
        return np.isin(("cov",) * count + self.beside, kinds)


def _saturated(sample: Sample, sigma: Array, mu: Array, *, has_means: bool) -> tuple[Layout, State]:
    """Return the unrestricted model at given moments."""
    layout = saturated_layout(tuple(map(str, range(sample.p))), has_means=has_means)
    theta = sigma[np.tril_indices(sample.p)]
    if has_means:
        theta = np.r_[theta, mu]
    return layout, evaluate(layout, theta[None])


def _information(layout: Layout, state: State, sample: Sample, *, observed: bool) -> Array:
    """Return the (k, k) information per case of the unrestricted moments at a state."""
    sigma = state.sigma[0]
    if sample.incomplete is not None:
        step = expect(sample.incomplete, sigma, state.mu[0])
        return incomplete_information(layout, state, sample.incomplete, step, observed=observed)
    if not observed:
        w = cast(Array, np.linalg.inv(sigma))
        return expected_information(layout, state, w[None])[0]
    gap = sample.mean - state.mu[0] if layout.has_means else np.zeros(sample.p)
    return observed_information(layout, state, sample.cov + np.outer(gap, gap), gap)


def _scores(layout: Layout, state: State, sample: Sample) -> Array:
    """Return the (n, k) casewise scores of the unrestricted moments at a state."""
    assert sample.rows is not None
    sigma, p = state.sigma[0], sample.p
    if sample.incomplete is not None:
        step = expect(sample.incomplete, sigma, state.mu[0])
        return scores(
            layout, state, step.z, incomplete_uwv(layout, state, sample.incomplete, step.w)
        )
    w = cast(Array, np.linalg.inv(sigma))
    uwv = np.zeros(layout.n_cells)
    uwv[: p * (p + 1) // 2] = w[np.tril_indices(p)]
    return scores(layout, state, (sample.rows - sample.mean) @ w, uwv * layout.halves)


def _fixed(layout: Layout, x: IntArray) -> BoolArray:
    """Tell which unrestricted moments concern fixed exogenous variables only."""
    in_col = np.isin(layout.col, x) | (layout.kind == INTERCEPT)
    return np.isin(layout.row, x) & in_col


def _gamma(estimate: Estimate, kind: str, *, robust: bool) -> Array:
    """Return Gamma, n times the covariance of the sample moments given the exogenous ones.

    The inverse information at the sample moments, or the sandwich when `robust`.
    """
    sample = estimate.sample
    layout, state = _saturated(sample, sample.cov, sample.mean, has_means=estimate.layout.has_means)
    free = np.flatnonzero(~_fixed(layout, estimate.x))
    at = np.ix_(free, free)
    info = _information(layout, state, sample, observed=kind == "observed")[at]
    bread, _ = inverse(info)
    if robust:
        bread = bread @ meat(_scores(layout, state, sample)[:, free], sample) @ bread
    out = np.zeros((layout.n_cells, layout.n_cells))
    out[at] = bread
    return out


def moment_residuals(estimate: Estimate, kind: str, *, robust: bool) -> tuple[Residuals, ...]:
    """Return the residual moments of every group with their covariance matrix.

    Parameters
    ----------
    estimate : Estimate
    kind : {"expected", "observed"}
        Information that the fit used.
    robust : bool
        Estimate the covariance of the sample moments by the sandwich; needs the rows.
    """
    info = np.zeros((len(estimate.theta), len(estimate.theta)))
    middle = np.zeros_like(info)
    parts: list[tuple[Array, Array, Array]] = []
    for group, share in zip(estimate.groups, estimate.shares, strict=True):
        slopes = moment_slopes(group.layout, group.state)
        layout, state = _saturated(
            group.sample, group.state.sigma[0], group.state.mu[0], has_means=group.layout.has_means
        )
        weight = _information(layout, state, group.sample, observed=kind == "observed") @ slopes
        gamma = _gamma(group, kind, robust=robust)
        info += share * (slopes.T @ weight)
        middle += share * (weight.T @ gamma @ weight)
        parts.append((slopes, weight, gamma))
    bread, _ = inverse(info, estimate.null)
    spread = bread @ middle @ bread / estimate.n
    made: list[Residuals] = []
    for group, (slopes, weight, gamma) in zip(estimate.groups, parts, strict=True):
        mixed = slopes @ bread @ weight.T @ gamma / estimate.n
        acov = gamma / group.n - mixed - mixed.T + slopes @ spread @ slopes.T
        made.append(_residuals(group, acov, gamma / group.n))
    return tuple(made)


def _residuals(group: Estimate, acov: Array, sampling: Array) -> Residuals:
    cov, sigma = group.sample.cov, group.state.sigma[0]
    values = (cov - sigma)[np.tril_indices(len(cov))]
    if group.layout.has_means:
        values = np.r_[values, group.sample.mean - group.state.mu[0]]
    beside = ("mean",) * (len(values) - len(cov) * (len(cov) + 1) // 2)
    return Residuals(values, (acov + acov.T) / 2.0, sampling, cov, sigma, beside)


def _known(variance: Array, own: Array) -> Array:
    """Return variances of residuals, NaN where a residual is zero by construction."""
    return np.where(variance > _NOTHING * np.where(own > 0, own, np.inf), variance, np.nan)


def errors(residuals: Residuals) -> Array:
    """Return the standard errors of residuals; NaN where they are zero by construction."""
    own = np.diag(residuals.sampling)
    return np.sqrt(_known(np.diag(residuals.acov), own))


def z_values(residuals: Residuals, *, model: bool) -> Array:
    """Return residuals divided by a standard error; NaN where they are zero by construction.

    Parameters
    ----------
    residuals : Residuals
    model : bool
        Divide by the standard error of the residual (standardised); else by that of the sample
        moment alone (normalised), which is larger.
    """
    own = np.diag(residuals.sampling)
    variance = np.diag(residuals.acov) if model else own
    return residuals.values / np.sqrt(_known(variance, own))


def rescale(residuals: Residuals, scale: str) -> tuple[Array, Array, Array]:
    """Return residuals on another scale, their covariance and that of the sample moments.

    Parameters
    ----------
    scale : {"raw", "cor_bentler", "cor"}
        Bentler (1995) divides by the observed standard deviations. "cor" is the difference of two
        correlations (Bollen 1989); there are no variances left, so k is p (p - 1) / 2 (+ p), and
        the covariance follows by the delta method. Mean residuals are divided by the observed
        standard deviations in both, slopes are standardised, thresholds stay.
    """
    if scale == "raw":
        return residuals.values, residuals.acov, residuals.sampling
    p = residuals.p
    row, col = np.tril_indices(p)
    sd = np.sqrt(np.diag(residuals.cov))
    unit = 1.0 / (sd[row] * sd[col])
    if residuals.beside:
        unit = np.r_[unit, 1.0 / sd if residuals.unit is None else residuals.unit]
    values = residuals.values * unit
    turn = np.diag(unit)
    if scale == "cor":
        implied_sd = np.sqrt(np.diag(residuals.sigma))
        cor = residuals.cov / np.outer(sd, sd)
        values[: len(row)] = (cor - residuals.sigma / np.outer(implied_sd, implied_sd))[row, col]
        place = np.zeros(p, dtype=np.intp)
        place[row[row == col]] = np.flatnonzero(row == col)
        each = np.arange(len(row))
        half = -0.5 * cor[row, col]
        np.add.at(turn, (each, place[row]), half / sd[row] ** 2)
        np.add.at(turn, (each, place[col]), half / sd[col] ** 2)
        keep = np.r_[np.flatnonzero(row != col), np.arange(len(row), len(values))]
        values, turn = values[keep], turn[keep]
    return values, turn @ residuals.acov @ turn.T, turn @ residuals.sampling @ turn.T


def summarise(
    values: Array, acov: Array, sampling: Array, *, close: float = 0.05, level: float = 0.90
) -> dict[str, float]:
    """Return the root mean square of residuals, biased and unbiased, with its tests.

    With t residuals e of covariance X: rmr = sqrt(e'e / t); under exact fit its mean is
    sqrt(tr X / t) (1 - tr X^2 / (4 tr(X)^2)) and its variance tr X^2 / (2 t tr X), so that z is
    negative where residuals are smaller than exact fit lets expect. The unbiased
    value is sqrt(max(e'e - tr X, 0) / t) / k with k = 1 - (tr X^2 + 2 e'X e) / (4 (e'e)^2), with
    variance (tr X^2 + 2 e'X e) / (2 t e'e k^2). Source: Maydeu-Olivares (2017),
    doi:10.1007/s11336-016-9552-7; Maydeu-Olivares, Shi & Rosseel (2018),
    doi:10.1080/10705511.2017.1389611.

    Parameters
    ----------
    values : (t,) array
    acov : (t, t) array
    sampling : (t, t) array
        Covariance matrix of the sample moments, to tell residuals that are zero by construction.
    close : float
        The largest value that still counts as close fit.
    level : float
        Confidence level of the interval, which may reach below zero.

    Returns
    -------
    dict
        Keys ``rmr``, ``se``, ``exactfit_z``, ``exactfit_pvalue``, ``urmr``, ``urmr_se``,
        ``urmr_ci_lower``, ``urmr_ci_upper``, ``closefit_h0_value``, ``closefit_z``,
        ``closefit_pvalue``; all but the first NaN where no residual can differ from zero.
    """
    count, square, trace = len(values), float(values @ values), float(np.trace(acov))
    out: dict[str, float] = dict.fromkeys(_SUMMARY, np.nan)
    out |= {"rmr": float(np.sqrt(square / count)) if count else np.nan, "closefit_h0_value": close}
    if not trace > _NOTHING * float(np.trace(sampling)) or square == 0.0:
        return out
    trace_2 = float((acov * acov).sum())
    expected = np.sqrt(trace / count) * (1.0 - trace_2 / (4.0 * trace**2))
    out["se"] = float(np.sqrt(trace_2 / (2.0 * count * trace)))
    out["exactfit_z"] = float((out["rmr"] - expected) / out["se"])
    out["exactfit_pvalue"] = float(ndtr(-out["exactfit_z"]))
    spread = trace_2 + 2.0 * float(values @ acov @ values)
    k = 1.0 - spread / (4.0 * square**2)
    # k is positive wherever e'e exceeds tr X
    unbiased = float(np.sqrt((square - trace) / count) / k) if square > trace else 0.0
    se = float(np.sqrt(spread / (2.0 * count * square)) / abs(k))
    half = float(ndtri(0.5 + level / 2.0)) * se
    z = (unbiased - close) / se
    return out | {
        "urmr": unbiased, "urmr_se": se, "urmr_ci_lower": unbiased - half,
        "urmr_ci_upper": unbiased + half, "closefit_z": z, "closefit_pvalue": float(ndtr(-z)),
    }  # fmt: skip
