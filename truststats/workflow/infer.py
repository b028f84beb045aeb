"""From settings to numbers: the estimate, its standard errors and its tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.errors import NotSupportedError
from truststats.estimation.constraints import Constraints
from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.layout import Layout
from truststats.estimation.sample import Sample
from truststats.estimation.solve import discrepancy
from truststats.estimation.weighted import estimate_weighted, less_one
from truststats.inference.baseline import baseline_test, scaled_baseline_test
from truststats.inference.bollen_stine import bollen_stine
from truststats.inference.independence import independence
from truststats.inference.jackknife import jackknife
from truststats.inference.moment_structure import bread, filling, traces
from truststats.inference.residual_tests import residual_test, under_normality, weighted_pieces
from truststats.inference.robust_tests import adjusted_test, normal_trace, normal_traces
from truststats.inference.tests import (
    ModelTest,
    chisq_pvalue,
    saturated_traces,
    yuan_bentler_mplus,
)
from truststats.inference.two_stage import two_stage_sample
from truststats.inference.vcov import information, inverse, score_variance
from truststats.model import ParTable
from truststats.options import check_draws, generator
from truststats.results.effect_frames import FIXED_SEED
from truststats.workflow.bootstrap import resample
from truststats.workflow.missing import Numbers, two_stage_numbers
from truststats.workflow.settings import TWO_STAGE, Settings

__all__ = ["by_resampling", "estimate_by", "infer"]


def estimate_by(
    made: Settings,
    layouts: Sequence[Layout],
    samples: Sequence[Sample],
    loadings: Sequence[tuple[int, int]] = (),
    *,
    user_start: Array | None = None,
    constraints: Constraints | None = None,
) -> Estimate:
    """Return the estimate by the discrepancy and likelihood of the settings.

    Weighted least squares starts from the maximum likelihood estimate.
    """
    if made.missing in TWO_STAGE:
        samples = tuple(two_stage_sample(sample) for sample in samples)
    if made.less_one:
        samples = tuple(less_one(sample) for sample in samples)
    estimate = estimate_ml(
        layouts, samples, loadings, user_start=user_start, constraints=constraints
    )
    if made.less_one:
        estimate = replace(estimate, less_one=True)
    if made.discrepancy == "ML":
        return estimate
    return estimate_weighted(estimate, made.discrepancy, constraints)


def infer(estimate: Estimate, made: Settings, x: IntArray) -> Numbers:
    """Return standard errors and tests of an estimate, but for what comes from resamples.

    Parameters
    ----------
    estimate : Estimate
        From `estimate_by` with the same settings.
    made : Settings
    x : (px,) int array
        Exogenous observed variables, fixed or not.
    """
    if made.missing in TWO_STAGE:
        return two_stage_numbers(estimate, x, robust=made.missing != "two.stage")
    if made.discrepancy != "ML":
        out = _weighted(estimate, made, x)
    else:
        out = _likelihood(estimate, made, x)
    if made.se == "none":
        out = replace(out, vcov=np.full_like(out.vcov, np.nan))
    if made.test.startswith("browne") and made.discrepancy != "ULS":
        out = replace(out, other=residual_test(estimate, made.test, less_one=made.less_one))
    return out


def by_resampling(
    numbers: Numbers, estimate: Estimate, partable: ParTable, options: Mapping[str, Any]
) -> Numbers:
    """Return the numbers with what se="bootstrap" and test="bollen.stine" ask for."""
    draws, seed = options["bootstrap"], options["seed"]
    if options["se"] == "bootstrap":
        kept = resample(estimate, partable, options, draws, seed)
        numbers = replace(numbers, vcov=kept.vcov, resampled=kept)
    if options["test"] == "bollen.stine":
        if not estimate.linear:
            raise NotSupportedError(
                "The Bollen-Stine test does not know inequalities, nonlinear constraints or "
                "bounds yet.",
                why="which of them hold with equality may differ from resample to resample",
                fix="use test='satorra.bentler', or fit without them",
            )
        rng = generator(seed, FIXED_SEED)
        found = bollen_stine(estimate, numbers.test.chisq, check_draws(draws), rng)
        numbers = replace(numbers, other=found.test)
    return numbers


def _statistic(estimate: Estimate, made: Settings) -> float:
    """Return N times F_ML, or the sum over groups of (n_g - 1) F_g for the Wishart likelihood."""
    if made.likelihood == "normal":
        return estimate.chisq
    total = 0.0
    for group in estimate.groups:
        mean = group.sample.mean[None] if group.has_means else None
        value = discrepancy(group.state, group.sample.cov[None], mean)[0]
        total += (group.sample.n - 1.0) * float(value[0])
    return total


def _plain(chisq: float, df: int) -> ModelTest:
    return ModelTest("standard", chisq, df, chisq_pvalue(chisq, df))


def _likelihood(estimate: Estimate, made: Settings, x: IntArray) -> Numbers:
    """Return the inference of a maximum likelihood estimate."""
    first_order = made.information == "first.order"
    middle = score_variance(estimate) if first_order else None
    info = middle if middle is not None else information(estimate, made.information)
    e, regular = inverse(info, estimate.null)
    if made.se == "robust.huber.white":
        middle = score_variance(estimate)
        cov = e @ middle @ e
    elif made.se == "cr3":
        cov = _jackknife(estimate)
    elif made.se == "robust.sem":
        middle = None
        cov = e @ normal_trace(estimate.groups, estimate.shares, e)[1] @ e
    else:
        cov = e
    less = len(estimate.groups) if made.less_one else 0
    test = _plain(_statistic(estimate, made), estimate.df)
    baseline = baseline_test(estimate.samples, x)
    if made.likelihood == "wishart":
        alone = independence(estimate, x, baseline.chisq)
        baseline = _plain(_statistic(alone, made), alone.df)
    out = Numbers(cov / (estimate.n - less), regular, test, baseline)
    if made.test == "yuan.bentler.mplus":
        return replace(out, scaled=_mplus(estimate, made, x, middle))
    if not made.scaled:
        return out
    alone = independence(estimate, x, baseline.chisq)
    e_alone, _ = inverse(information(alone, "expected"))
    scaled = tuple(
        adjusted_test(
            made.test, part.chisq, part.df,
            *normal_traces(part.groups, part.shares, inner, made.test),
        )
        for part, inner in ((estimate, e), (alone, e_alone))
    )  # fmt: skip
    return replace(out, scaled=(scaled[0], scaled[1]))


def _jackknife(estimate: Estimate) -> Array:
    """Return n times the CR3 covariance matrix."""
    if not estimate.linear:
        raise NotSupportedError(
            "se='cr3' does not know inequalities, nonlinear constraints or bounds.",
            why="which of them hold with equality may differ without a cluster",
            fix="use se='robust.huber.white', or fit without them",
        )
    return jackknife(estimate).vcov * estimate.n


def _mplus(
    estimate: Estimate, made: Settings, x: IntArray, middle: Array | None
) -> tuple[ModelTest, ModelTest]:
    """Return the Yuan-Bentler (Mplus variant) tests of the model and of the baseline."""
    has_means = estimate.has_means
    pairs = [
        saturated_traces(sample, x, has_means=has_means, kind=made.information)
        for sample in estimate.samples
    ]
    every, of_x = (sum(part) for part in zip(*pairs, strict=True))
    own = every - of_x if made.fixed_x else every
    return (
        yuan_bentler_mplus(estimate, own, kind=made.information, middle=middle),
        scaled_baseline_test(estimate.samples, x, every - of_x, has_means=has_means),
    )


def _weighted(estimate: Estimate, made: Settings, x: IntArray) -> Numbers:
    """Return the inference of a weighted least squares estimate."""
    robust = made.se == "robust.sem" or made.scaled
    kind = made.discrepancy
    pieces = weighted_pieces(estimate, kind, gamma=robust)
    e, regular = bread(pieces, estimate.null)
    cov = e
    if made.se == "robust.sem":
        cov = e @ filling(pieces) @ e
    elif made.se == "robust.sem.nt":
        cov = e @ filling(under_normality(estimate, pieces)) @ e
    cov = cov / (estimate.n - len(estimate.groups))
    alone = estimate_weighted(independence(estimate, x, float("nan")), kind)
    nan = float("nan")
    if kind == "ULS" and not made.scaled:
        test = residual_test(estimate, made.test, less_one=True)
        return Numbers(cov, regular, test, residual_test(alone, made.test, less_one=True))
    test, baseline = _plain(estimate.chisq, estimate.df), _plain(alone.chisq, alone.df)
    if kind == "ULS":
        test, baseline = replace(test, pvalue=nan), replace(baseline, pvalue=nan)
    out = Numbers(cov, regular, test, baseline)
    if not made.scaled:
        return out
    of_alone = weighted_pieces(alone, kind, gamma=True)
    scaled = (
        adjusted_test(made.test, estimate.chisq, estimate.df, *traces(pieces, e)),
        adjusted_test(
            made.test, alone.chisq, alone.df, *traces(of_alone, bread(of_alone, None)[0])
        ),
    )
    return replace(out, scaled=scaled)
