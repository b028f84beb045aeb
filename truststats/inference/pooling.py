"""Pooling the fits of multiply imputed data: Rubin's rules, and the tests D2 and D3.

m fits of one model give a mean estimate, the within variance W (mean of the sampling variances)
and the between variance B (variance of the estimates), and a total T = W + (1 + 1/m) B (Rubin
1987). D3 pools likelihood ratios evaluated at the pooled estimates (Meng & Rubin 1992,
doi:10.1093/biomet/79.1.103), D2 the chi-squares themselves (Li, Meng, Raghunathan & Rubin 1991,
Statistica Sinica 1, 65-92).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from truststats.arrays import Array, IntArray
from truststats.estimation.sample import Sample
from truststats.inference.tests import chisq_pvalue

__all__ = [
    "PooledTest",
    "RubinPool",
    "d2_test",
    "d3_test",
    "likelihood_at",
    "rubin_degrees",
    "rubin_pool",
    "t_limits",
    "t_pvalue",
]


@dataclass(frozen=True)
class RubinPool:
    """Estimates of m imputed data sets pooled by Rubin's rules.

    Attributes
    ----------
    m : int
        Number of fits pooled.
    theta : (q,) array
        Mean estimates.
    within, between, total : (q, q) arrays
        W, B (divisor m - 1) and W + (1 + 1/m) B.
    """

    m: int
    theta: Array
    within: Array
    between: Array
    total: Array


@dataclass(frozen=True)
class PooledTest:
    """A pooled test of the model.

    Attributes
    ----------
    name : {"D2", "D3"}
    f : float
        The statistic, referred to F(df1, df2).
    df1, df2 : float
    pvalue : float
        Of the F test; NaN without degrees of freedom.
    chisq : float
        df1 times F, which large samples refer to chi-square (not below 0).
    chisq_pvalue : float
    ariv : float
        Average relative increase in variance.
    """

    name: str
    f: float
    df1: float
    df2: float
    pvalue: float
    chisq: float
    chisq_pvalue: float
    ariv: float

    @property
    def fmi(self) -> float:
        """Fraction of missing information, ariv / (1 + ariv)."""
        return self.ariv / (1.0 + self.ariv)


def rubin_pool(theta: Array, vcov: Array) -> RubinPool:
    """Pool estimates by Rubin's rules.

    Parameters
    ----------
    theta : (m, q) array
        Estimates of each data set; m at least 2.
    vcov : (m, q, q) array
        Their covariance matrices.
    """
    m = len(theta)
    mean = theta.mean(axis=0)
    gap = theta - mean
    between = gap.T @ gap / (m - 1)
    within = vcov.mean(axis=0)
    return RubinPool(m, mean, within, between, within + (1.0 + 1.0 / m) * between)


def rubin_degrees(riv: Array, m: int, complete: float | None = None) -> Array:
    """Return the degrees of freedom of pooled estimates.

    (m - 1) (1 + 1 / riv)^2 (Rubin 1987); with the degrees of freedom that complete data would have
    had, the smaller ones of Barnard & Rubin (1999, doi:10.1093/biomet/86.4.948).

    Parameters
    ----------
    riv : (k,) array
        Relative increase in variance, (1 + 1/m) B / W.
    m : int
    complete : float, optional
    """
    with np.errstate(divide="ignore"):
        large = (m - 1) * (1.0 + 1.0 / riv) ** 2
    if complete is None:
        return large
    known = 1.0 / (1.0 + riv)
    observed = (complete + 1.0) / (complete + 3.0) * complete * known
    return cast(Array, 1.0 / (1.0 / large + 1.0 / observed))


def t_pvalue(t: Array, df: Array) -> Array:
    """Return two-sided p-values of t statistics; infinite df are the normal distribution."""
    return 2.0 * stdtr(np.minimum(df, 1e10), -np.abs(t))


def t_limits(est: Array, se: Array, df: Array, level: float) -> tuple[Array, Array]:
    """Return confidence limits from the t distribution."""
    half = stdtrit(np.minimum(df, 1e10), 0.5 + level / 2.0) * se
    return est - half, est + half


def _test(name: str, f: float, df: float, df2: float, ariv: float) -> PooledTest:
    chisq = max(f * df, 0.0)
    p = float(fdtrc(df, df2, max(f, 0.0))) if np.isfinite(df2) else chisq_pvalue(chisq, df)
    return PooledTest(name, f, float(df), df2, p, chisq, chisq_pvalue(chisq, df), ariv)


def d2_test(chisqs: Sequence[float], df: float) -> PooledTest:
    """Return the D2 test from the chi-squares of m data sets.

    D2 = [mean / df - (m + 1) / (m - 1) r] / (1 + r), r = (1 + 1/m) times the variance of the square
    roots.
    """
    nan = float("nan")
    if df == 0:
        return PooledTest("D2", nan, 0.0, nan, nan, 0.0, nan, nan)
    values = np.asarray(chisqs, dtype=float)
    m = len(values)
    ariv = float((1.0 + 1.0 / m) * np.sqrt(values).var(ddof=1))
    f = (float(values.mean()) / df - (m + 1.0) / (m - 1.0) * ariv) / (1.0 + ariv)
    df2 = df ** (-3.0 / m) * (m - 1.0) * (1.0 + 1.0 / ariv) ** 2 if ariv > 0 else float("inf")
    return _test("D2", f, df, df2, ariv)


def d3_test(own: Sequence[float], at_pooled: Sequence[float], df: float) -> PooledTest:
    """Return the D3 test from likelihood ratios at each data set's own and at pooled estimates.

    r = (m + 1) / [df (m - 1)] (mean own - mean pooled), D3 = mean pooled / [df (1 + r)].

    Parameters
    ----------
    own : sequence of m floats
        Likelihood-ratio statistics of the data sets.
    at_pooled : sequence of m floats
        The same with the model and the unrestricted model at their pooled estimates.
    df : int
    """
    nan = float("nan")
    if df == 0:
        return PooledTest("D3", nan, 0.0, nan, nan, 0.0, nan, nan)
    m = len(own)
    mean, pooled = float(np.mean(own)), float(np.mean(at_pooled))
    ariv = max((m + 1.0) / (df * (m - 1.0)) * (mean - pooled), 0.0)
    f = pooled / (df * (1.0 + ariv))
    return _test("D3", f, df, _d3_degrees(df, m, ariv), ariv)


def _d3_degrees(df: float, m: int, ariv: float) -> float:
    """Return the denominator degrees of freedom (Meng & Rubin 1992, eq. 2.7)."""
    if ariv == 0.0:
        return float("inf")
    v = df * (m - 1.0)
    if v > 4.0:
        return 4.0 + (v - 4.0) * (1.0 + (1.0 - 2.0 / v) / ariv) ** 2
    return v * (1.0 + 1.0 / df) * (1.0 + 1.0 / ariv) ** 2 / 2.0


def likelihood_at(sample: Sample, sigma: Array, mu: Array, at: IntArray | None = None) -> float:
    """Return the normal log-likelihood of complete rows at given moments.

    Parameters
    ----------
    sample : Sample
        With moments of divisor n.
    sigma, mu : (p, p) and (p,) arrays
    at : int array, optional
        The variables concerned; all by default.
    """
    keep = np.arange(sample.p) if at is None else at
    if not len(keep):
        return 0.0
    block = np.ix_(keep, keep)
    gap = sample.mean[keep] - mu[keep]
    second = sample.cov[block] + np.outer(gap, gap)
    _, logdet = np.linalg.slogdet(sigma[block])
    spread = float(np.trace(np.linalg.solve(sigma[block], second)))
    return -0.5 * sample.n * (len(keep) * float(np.log(2.0 * np.pi)) + float(logdet) + spread)
