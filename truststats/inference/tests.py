"""Tests of model fit: the likelihood ratio and its Yuan-Bentler (Mplus variant) scaling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from truststats.arrays import Array, IntArray
from truststats.estimation.derivatives import scores
from truststats.estimation.estimate import Estimate
from truststats.estimation.fiml import expect, incomplete_information, incomplete_uwv
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import saturated_layout
from truststats.estimation.sample import Sample, sample_from_rows
from truststats.inference.vcov import information, inverse, meat, score_variance

__all__ = [
    "ModelTest",
    "chisq_pvalue",
    "likelihood_ratio",
    "saturated_traces",
    "yuan_bentler_mplus",
]


@dataclass(frozen=True)
class ModelTest:
    """A chi-square test of the model against the unrestricted one.

    Attributes
    ----------
    name : str
        Lavaan's name of the test.
    chisq : float
    df : int or float
        Not a whole number in a mean-and-variance adjusted test.
    pvalue : float
        NaN with no degrees of freedom.
    scaling_factor : float
        What the standard statistic is divided by (1 for the standard test).
    shift : float
        What is added then.
    trace : float
        tr(U Gamma), the mean of the standard statistic under the model, where it is known.
    """

    name: str
    chisq: float
    df: float
    pvalue: float
    scaling_factor: float = 1.0
    shift: float = 0.0
    trace: float = float("nan")

    def __str__(self) -> str:
        return f"{self.name}: chi-square({self.df:.6g}) = {self.chisq:.3f}, p = {self.pvalue:.4f}"


def chisq_pvalue(chisq: float, df: float) -> float:
    """Return the upper tail of the chi-square distribution; NaN when df is 0."""
    return float(chdtrc(df, max(chisq, 0.0))) if df > 0 else float("nan")


def likelihood_ratio(estimate: Estimate) -> ModelTest:
    """Return N times F_ML (or twice the difference in log-likelihood) and its p-value."""
    df = estimate.df
    return ModelTest("standard", estimate.chisq, df, chisq_pvalue(estimate.chisq, df))


def _complete_trace(sample: Sample, at: IntArray, *, has_means: bool) -> float:
    """Return tr(A1^-1 B1) of the unrestricted model on complete columns, by closed form.

    With W = S^-1 and the normal-theory inverse information, a row (or cluster sum) contributes
    tr(D S D S)/2 with D = sum(z z' - W), plus z' S z of its summed mean scores.
    """
    assert sample.rows is not None
    rows = sample.rows[:, at]
    cov = sample.cov[np.ix_(at, at)]
    gap = rows - sample.mean[at]
    p = len(at)
    if sample.clusters is None:
        r = np.einsum("ij,ij->i", gap @ np.linalg.inv(cov), gap)
        parts = 0.5 * (r**2 - 2.0 * r + p) + (r if has_means else 0.0)
        squared = 1.0 if sample.weights is None else sample.weights**2
        return float((parts * squared).sum()) / sample.n
    half = np.linalg.cholesky(cov)
    y = np.linalg.solve(half, gap.T).T
    d = sample.spread(y[:, :, None] * y[:, None, :] - np.eye(p))
    total = 0.5 * (d**2).sum()
    if has_means:
        total += (sample.spread(y) ** 2).sum()
    return float(total) / sample.n


def _incomplete_trace(sample: Sample, *, observed: bool) -> float:
    """Return tr(A1^-1 B1) of the unrestricted model under missing data."""
    data = sample.incomplete
    assert data is not None
    layout = saturated_layout(tuple(str(i) for i in range(sample.p)), has_means=True)
    theta = np.r_[sample.cov[np.tril_indices(sample.p)], sample.mean]
    state = evaluate(layout, theta[None])
    step = expect(data, state.sigma[0], state.mu[0])
    info = incomplete_information(layout, state, data, step, observed=observed)
    by_row = scores(layout, state, step.z, incomplete_uwv(layout, state, data, step.w))
    middle = meat(by_row, sample)
    return float(np.trace(np.linalg.solve(info, middle)))


def _part(sample: Sample, at: IntArray) -> Sample:
    """Return the sample of some variables, without the rows that miss all of them."""
    assert sample.rows is not None
    rows = sample.rows[:, at]
    there = ~np.isnan(rows).all(axis=1)
    return sample_from_rows(
        rows[there],
        clusters=None if sample.clusters is None else sample.clusters[there],
        n_clusters=sample.n_clusters,
        weights=None if sample.weights is None else sample.weights[there],
        design=sample.design,
    )


def saturated_traces(
    sample: Sample, x: IntArray, *, has_means: bool, kind: str = "observed"
) -> tuple[float, float]:
    """Return tr(A1^-1 B1) of one group's unrestricted model: of all variables, and of `x` alone.

    The traces of several groups add up.
    The likelihood factors into x and the rest given x, so their difference is the trace of the
    unrestricted model given the exogenous variables. A1 is the information of the model's `kind`;
    with nothing missing the observed and the expected one are the same.
    """
    observed = kind != "expected"
    key = ("trace", has_means, observed)
    every = sample.memo.get(key)
    if every is None:
        if sample.incomplete is None:
            every = _complete_trace(sample, np.arange(sample.p), has_means=has_means)
        else:
            every = _incomplete_trace(sample, observed=observed)
        sample.memo[key] = every
    if not len(x):
        return every, 0.0
    assert sample.rows is not None
    if not np.isnan(sample.rows[:, x]).any():
        return every, _complete_trace(sample, x, has_means=has_means)
    own = sample.memo.get((*key, *x))
    if own is None:
        part = _part(sample, x)
        own = (
            _complete_trace(part, np.arange(part.p), has_means=has_means)
            if part.incomplete is None
            else _incomplete_trace(part, observed=observed)
        )
        sample.memo[(*key, *x)] = own
    return every, own


def yuan_bentler_mplus(
    estimate: Estimate,
    trace_h1: float,
    *,
    kind: str = "observed",
    middle: Array | None = None,
) -> ModelTest:
    """Return the Yuan-Bentler test in the variant that Mplus and lavaan report for MLR.

    T / c with c = [tr(A1^-1 B1) - tr(A0^-1 B0)] / df, the unrestricted model at its own estimates.
    Source: Yuan & Bentler (2000), doi:10.1111/0081-1750.00078; Asparouhov & Muthen (2005).

    Parameters
    ----------
    estimate : Estimate
    trace_h1 : float
        From `saturated_traces`.
    kind : {"observed", "expected"}
        Information of the model.
    middle : (q, q) array, optional
        The meat, when it is already there.
    """
    df = estimate.df
    if df == 0:
        return ModelTest("yuan.bentler.mplus", estimate.chisq, 0, float("nan"), float("nan"))
    if middle is None:
        middle = score_variance(estimate)
    bread, _ = inverse(information(estimate, kind), estimate.null)
    scale = (trace_h1 - float(np.sum(bread * middle))) / df
    if not scale > 0:
        return ModelTest("yuan.bentler.mplus", float("nan"), df, float("nan"), scale)
    chisq = estimate.chisq / scale
    return ModelTest("yuan.bentler.mplus", chisq, df, chisq_pvalue(chisq, df), scale)
