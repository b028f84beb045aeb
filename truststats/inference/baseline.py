"""The baseline (independence) model: closed form, also with missing values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.fiml import saturated_moments
from truststats.estimation.observed import group_patterns
from truststats.estimation.sample import Sample, normal_logl
from truststats.inference.tests import ModelTest, chisq_pvalue

__all__ = ["baseline_test", "scaled_baseline_test"]

_LOG_2PI = float(np.log(2.0 * np.pi))


def _variances(sample: Sample) -> tuple[Array, Array, Array]:
    """Return counts, means and ML variances of the available values of each variable."""
    if sample.incomplete is None:
        counts = np.full(sample.p, float(sample.n))
        return counts, sample.mean, np.diag(sample.cov)
    return sample.incomplete.available()


def _degrees(p: int, px: int) -> int:
    return p * (p - 1) // 2 - px * (px - 1) // 2


def _exogenous_logl(sample: Sample, x: IntArray) -> float:
    """Return the unrestricted log-likelihood of the exogenous variables."""
    if sample.incomplete is None or sample.rows is None or not len(x):
        return normal_logl(sample.cov[np.ix_(x, x)], sample.n)
    rows = sample.rows[:, x]
    if not np.isnan(rows).any():
        return normal_logl(sample.cov[np.ix_(x, x)], sample.n)
    seen = ~np.isnan(rows).all(axis=1)
    weights = None if sample.weights is None else sample.weights[seen]
    return saturated_moments(group_patterns(rows[seen], weights)).logl


def _plain(sample: Sample, x: IntArray) -> float:
    """Return the chi-square of uncorrelated variables in one group."""
    counts, _, variances = _variances(sample)
    y = np.setdiff1d(np.arange(sample.p), x)
    logl = -0.5 * float((counts[y] * (_LOG_2PI + np.log(variances[y]) + 1.0)).sum())
    logl += _exogenous_logl(sample, x)
    return 2.0 * (sample.saturated_logl - logl)


def baseline_test(samples: Sequence[Sample], x: IntArray) -> ModelTest:
    """Return the likelihood-ratio test of uncorrelated variables, summed over groups.

    Exogenous variables `x`, fixed or not, keep their covariances. With s_v the variance of the
    n_v available values, the log-likelihood of the others is the sum of
    -n_v (log 2 pi + log s_v + 1) / 2.
    """
    chisq = sum(_plain(sample, x) for sample in samples)
    df = _degrees(samples[0].p, len(x)) * len(samples)
    return ModelTest("standard", chisq, df, chisq_pvalue(chisq, df))


def _trace(sample: Sample, x: IntArray, *, has_means: bool) -> float:
    """Return tr(A0^-1 B0) of one group's independence model.

    The information is block-diagonal by variable, so it is the sum over variables of the means
    of (r - 1)^2 / 2 (+ r with means), r the squared standardised value; with clusters sums within
    a cluster are squared instead.
    """
    assert sample.rows is not None
    counts, means, variances = _variances(sample)
    y = np.setdiff1d(np.arange(sample.p), x)
    seen = ~np.isnan(sample.rows[:, y])
    z = np.where(seen, (sample.rows[:, y] - means[y]) / np.sqrt(variances[y]), 0.0)
    spread = np.where(seen, z**2 - 1.0, 0.0)
    z, spread = sample.spread(z), sample.spread(spread)
    trace = 0.5 * (spread**2).sum(axis=0)
    if has_means:
        trace = trace + (z**2).sum(axis=0)
    return float((trace / counts[y]).sum())


def scaled_baseline_test(
    samples: Sequence[Sample], x: IntArray, trace_y: float, *, has_means: bool
) -> ModelTest:
    """Return the Yuan-Bentler (Mplus variant) test of the baseline model.

    Parameters
    ----------
    trace_y : float
        The trace of the unrestricted model given the exogenous variables, summed over groups.
    """
    plain = baseline_test(samples, x)
    name = "yuan.bentler.mplus"
    if plain.df == 0:
        return ModelTest(name, plain.chisq, 0, float("nan"), float("nan"))
    total = sum(_trace(sample, x, has_means=has_means) for sample in samples)
    scale = (trace_y - total) / plain.df
    if not scale > 0:
        return ModelTest(name, float("nan"), plain.df, float("nan"), scale)
    chisq = plain.chisq / scale
    return ModelTest(name, chisq, plain.df, chisq_pvalue(chisq, plain.df), scale)
