"""Two-stage maximum likelihood: EM moments first, the model on them next, errors of both stages.

The model is fitted to the unrestricted (EM) moments as if they were complete-data moments, and
standard errors and test are corrected for what is missing: with D the derivatives of the moments,
W the complete-data information of the unrestricted moments and Gamma N times the covariance of the
EM moments, vcov = (D'WD)^-1 D'W Gamma W D (D'WD)^-1 / N, and the mean of the statistic is
tr[(W - W D (D'WD)^-1 D'W) Gamma]. Gamma is the inverse observed information of the EM moments
(Savalei & Bentler 2009, doi:10.1080/10705510903008238), or, when the answers are not normal, its
sandwich (Savalei & Falk 2014, doi:10.3758/s13428-013-0390-8; Yuan & Lu 2008).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.derivatives import expected_information, scores
from truststats.estimation.estimate import Estimate
from truststats.estimation.fiml import expect, incomplete_information, incomplete_uwv
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import COVARIANCE, Layout, saturated_layout
from truststats.estimation.observed import Incomplete, group_patterns
from truststats.estimation.sample import Sample, normal_logl
from truststats.estimation.weighted import moment_slopes
from truststats.inference.tests import ModelTest, chisq_pvalue
from truststats.inference.vcov import inverse, meat

__all__ = [
    "FirstStage",
    "first_stage",
    "pattern_data",
    "two_stage_baseline",
    "two_stage_sample",
    "two_stage_test",
    "two_stage_vcov",
]


@dataclass(frozen=True)
class FirstStage:
    """What the second stage needs to know of the unrestricted moments of one group.

    Attributes
    ----------
    weight : (P, P) array
        Complete-data information W of covariances (lower triangle) and means, at the EM moments.
    gamma : (P, P) array
        N times the covariance matrix of the EM moments.
    """

    weight: Array
    gamma: Array


def two_stage_sample(sample: Sample) -> Sample:
    """Return the sample whose EM moments are to be fitted as complete-data moments.

    The rows, with their NaN, stay for the standard errors.
    """
    logl = normal_logl(sample.cov, sample.n)
    return replace(sample, incomplete=None, saturated_logl=logl, memo={})


def pattern_data(sample: Sample) -> Incomplete | None:
    """Return the rows by pattern, also of a sample of the second stage; None if complete."""
    if sample.incomplete is not None or sample.rows is None or not np.isnan(sample.rows).any():
        return sample.incomplete
    if "patterns" not in sample.memo:
        sample.memo["patterns"] = group_patterns(sample.rows)
    return sample.memo["patterns"]


def first_stage(sample: Sample, *, robust: bool) -> FirstStage:
    """Return W and Gamma of one group's unrestricted moments, kept once computed.

    Parameters
    ----------
    sample : Sample
        From `two_stage_sample`, or any with rows.
    robust : bool
        Sandwich Gamma, by cluster where there are clusters.
    """
    key = ("first_stage", robust)
    found = sample.memo.get(key)
    if found is None:
        found = sample.memo[key] = _first_stage(sample, robust=robust)
    return found


def _first_stage(sample: Sample, *, robust: bool) -> FirstStage:
    assert sample.rows is not None
    layout = saturated_layout(tuple(str(i) for i in range(sample.p)), has_means=True)
    theta = np.r_[sample.cov[np.tril_indices(sample.p)], sample.mean]
    state = evaluate(layout, theta[None])
    w: Array = np.linalg.inv(sample.cov)
    weight = expected_information(layout, state, w[None])[0]
    data = pattern_data(sample)
    if data is not None:
        step = expect(data, sample.cov, sample.mean)
        info = incomplete_information(layout, state, data, step, observed=True)
        z, uwv = step.z, incomplete_uwv(layout, state, data, step.w)
    else:
        info, z = weight, (sample.rows - sample.mean) @ w
        cells = np.where(layout.kind == COVARIANCE, w[layout.row, layout.col], 0.0)
        uwv = cells * layout.halves
    gamma, _ = inverse(info)
    if robust:
        gamma = gamma @ meat(scores(layout, state, z, uwv), sample) @ gamma
    return FirstStage(weight, gamma)


def _pieces(estimate: Estimate, *, robust: bool) -> tuple[Array, Array, float]:
    """Return D'WD, D'W Gamma W D and tr(W Gamma) per case, summed over groups."""
    q = estimate.groups[0].layout.q
    bread, middle, total = np.zeros((q, q)), np.zeros((q, q)), 0.0
    for share, group in zip(estimate.shares, estimate.groups, strict=True):
        stage = first_stage(group.sample, robust=robust)
        d = moment_slopes(group.layout, group.state)
        wd = stage.weight @ d
        bread += share * (d.T @ wd)
        middle += share * (wd.T @ stage.gamma @ wd)
        total += float(np.sum(stage.weight * stage.gamma))
    return bread, middle, total


def two_stage_vcov(estimate: Estimate, *, robust: bool) -> tuple[Array, bool]:
    """Return the (q, q) covariance matrix of theta and whether the information was regular.

    Parameters
    ----------
    estimate : Estimate
        Fitted to samples of `two_stage_sample`, with means and without fixed exogenous variables.
    robust : bool
        For answers that are not normal.
    """
    bread, middle, _ = _pieces(estimate, robust=robust)
    inner, regular = inverse(bread, estimate.null)
    return inner @ middle @ inner / estimate.n, regular


def two_stage_test(estimate: Estimate, plain: ModelTest, *, robust: bool) -> ModelTest:
    """Return the statistic of the second stage divided by its mean over its degrees of freedom.

    Parameters
    ----------
    plain : ModelTest
        N times F_ML of the second stage.
    """
    bread, middle, total = _pieces(estimate, robust=robust)
    inner, _ = inverse(bread, estimate.null)
    return _scaled(plain, total - float(np.sum(inner * middle)))


def _scaled(plain: ModelTest, trace: float) -> ModelTest:
    name, df = "satorra.bentler", plain.df
    if df == 0:
        return ModelTest(name, plain.chisq, 0, float("nan"), float("nan"))
    scale = trace / df
    if not scale > 0:
        return ModelTest(name, float("nan"), df, float("nan"), scale)
    chisq = plain.chisq / scale
    return ModelTest(name, chisq, df, chisq_pvalue(chisq, df), scale)


def _baseline_cells(layout: Layout, x: IntArray) -> IntArray:
    """Return the free cells of the baseline: variances, means and covariances among `x`."""
    of_x = np.isin(layout.row, x) & np.isin(layout.col, x)
    free = (layout.kind != COVARIANCE) | (layout.row == layout.col) | of_x
    return np.flatnonzero(free)


def two_stage_baseline(
    estimate: Estimate, plain: ModelTest, x: IntArray, *, robust: bool
) -> ModelTest:
    """Return the scaled test of uncorrelated variables on the EM moments.

    The weight is that of the unrestricted moments, as for the model itself.

    Parameters
    ----------
    plain : ModelTest
        The statistic that is to be scaled.
    x : (px,) int array
        Exogenous observed variables, which keep their covariances.
    """
    trace = 0.0
    for group in estimate.groups:
        sample = group.sample
        stage = first_stage(sample, robust=robust)
        layout = saturated_layout(tuple(str(i) for i in range(sample.p)), has_means=True)
        wd = stage.weight[:, _baseline_cells(layout, x)]
        bread = wd[_baseline_cells(layout, x)]
        inner, _ = inverse(bread)
        trace += float(np.sum(stage.weight * stage.gamma))
        trace -= float(np.sum(inner * (wd.T @ stage.gamma @ wd)))
    return _scaled(plain, trace)
