"""The correlations an exploration rests on, and what can be said about its solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array
from truststats.errors import Problem
from truststats.estimation.observed import moments as moments_of
from truststats.estimation.polychoric import ordinal_moments
from truststats.estimation.sample import normal_logl, sample_from_rows
from truststats.estimation.two_way import pair_index
from truststats.inference.two_stage import FirstStage, first_stage
from truststats.psychometrics.efa_extract import Extraction
from truststats.psychometrics.efa_fit import (
    independence_trace,
    likelihood_measures,
    residual_measures,
    squares_measures,
    two_stage_independence,
)
from truststats.psychometrics.efa_inference import (
    Rotated,
    Spread,
    StandardRows,
    least_squares_spread,
    likelihood_spread,
    normal_gamma,
    rows_gamma,
    standard_errors,
    two_stage_spread,
)
from truststats.psychometrics.rotation import Rotation
from truststats.workflow.efa_rotation import Plan, criterion_of
from truststats.workflow.item_rows import ItemRows

__all__ = ["Correlations", "Judged", "correlations", "judge"]


@dataclass(frozen=True, eq=False)
class Correlations:
    """What factors are extracted from.

    Attributes
    ----------
    corr : (p, p) array
    n : float
    gamma : (P, P) array or None
        N times the covariance of polychoric correlations, in the order of `pair_index`.
    rows : StandardRows or None
        Of continuous items.
    saturated_logl : float
        Log-likelihood of the unrestricted model; NaN for ordered items.
    stage : FirstStage or None
        Of moments found by the EM algorithm.
    problems : tuple of Problem
    """

    corr: Array
    n: float
    gamma: Array | None = None
    rows: StandardRows | None = None
    saturated_logl: float = float("nan")
    stage: FirstStage | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def weight_matrix(self) -> Array | None:
        """One over the variances of polychoric correlations, (p, p)."""
        if self.gamma is None:
            return None
        i, j = pair_index(len(self.corr))
        out = np.zeros_like(self.corr)
        out[i, j] = out[j, i] = 1.0 / np.diag(self.gamma)
        return out


@dataclass(frozen=True, eq=False)
class Judged:
    """Standard errors, fit measures and what stands in their way."""

    se: Array
    phi_se: Array
    se_type: str
    measures: Mapping[str, float]
    test: str
    problems: tuple[Problem, ...] = ()


def correlations(got: ItemRows, *, ordered: bool, missing: str) -> Correlations:
    """Return the correlations of the items, of the kind that was asked for."""
    if ordered:
        found = ordinal_moments(
            got.rows, got.names, missing=missing, clusters=got.clusters, weights=got.weights
        )
        cut = len(found.thresholds)
        return Correlations(
            found.corr, found.n, gamma=found.gamma[cut:, cut:], problems=found.problems
        )
    if missing == "two.stage" and np.isnan(got.rows).any():
        return _two_stage(got)
    whole = moments_of(got.rows, got.weights)
    sd = np.sqrt(np.diag(whole.cov))
    corr = whole.cov / np.outer(sd, sd)
    rows = StandardRows((got.rows - whole.mean) / sd, got.clusters, got.weights)
    return Correlations(corr, whole.n, rows=rows, saturated_logl=normal_logl(whole.cov, whole.n))


def _two_stage(got: ItemRows) -> Correlations:
    """Return EM moments of rows that were standardised by their own EM moments."""
    first = sample_from_rows(got.rows)
    sd = np.sqrt(np.diag(first.cov))
    sample = sample_from_rows((got.rows - first.mean) / sd, clusters=got.clusters)
    scale = np.sqrt(np.diag(sample.cov))
    stage = first_stage(sample, robust=got.clusters is not None)
    return Correlations(sample.cov / np.outer(scale, scale), sample.n, stage=stage)


def judge(
    moments: Correlations,
    drawn: Extraction,
    found: Rotation,
    plan: Plan,
    estimator: str,
    se: str,
) -> Judged:
    """Return standard errors and fit measures of a rotated solution."""
    p, m = found.loadings.shape
    criterion = criterion_of(plan, m)
    unrotated = criterion is None and m > 1
    oblique = plan.oblique and m > 1
    # the tests do not depend on the rotation, so that any solution gives their derivatives
    fixed = Rotated(
        found.loadings, found.phi, criterion or _no_criterion, oblique or unrotated, plan.kaiser
    )
    spread, measures, test, said = _tested(moments, drawn, fixed, estimator, se)
    nothing = np.full((p, m), np.nan), np.full((m, m), np.nan)
    if se == "none" or unrotated or spread is None:
        return Judged(*nothing, "none", measures, test, said)
    errors = standard_errors(fixed, spread, moments.n)
    kind = "robust" if moments.gamma is not None or moments.stage is not None else se
    return Judged(*errors, kind, measures, test, said)


def _no_criterion(loadings: Array) -> tuple[Array, Array]:
    return loadings.sum(axis=(-2, -1)), np.zeros_like(loadings)


def _tested(
    moments: Correlations, drawn: Extraction, fixed: Rotated, estimator: str, se: str
) -> tuple[Spread | None, Mapping[str, float], str, tuple[Problem, ...]]:
    """Return the spread of the fit, its measures and test, and why there is no test."""
    m = fixed.loadings.shape[1]
    corr, n, implied = moments.corr, moments.n, drawn.implied
    if moments.gamma is not None:
        if estimator == "ml":
            return None, residual_measures(corr, implied), "none", (_untested(),)
        weight = 1.0 / np.diag(moments.gamma)
        weight = weight if estimator == "wls" else np.ones_like(weight)
        spread = least_squares_spread(fixed, moments.gamma, weight)
        measures = squares_measures(corr, implied, m, n, moments.gamma, weight, spread)
        return spread, measures, "scaled.shifted", ()
    if moments.stage is not None:
        spread = two_stage_spread(fixed, moments.stage.weight, moments.stage.gamma)
        base = two_stage_independence(moments.stage)
        measures = likelihood_measures(corr, implied, m, n, None, (spread, base))
        return spread, measures, "satorra.bentler", ()
    assert moments.rows is not None
    robust = se == "robust"
    if estimator == "ml":
        spread = likelihood_spread(fixed, moments.rows if robust else None)
        scaled = (spread, independence_trace(moments.rows)) if robust else None
        measures = likelihood_measures(corr, implied, m, n, moments.saturated_logl, scaled)
        return spread, measures, "satorra.bentler" if robust else "standard", ()
    gamma = rows_gamma(moments.rows, corr) if robust else normal_gamma(corr)
    spread = least_squares_spread(fixed, gamma, np.ones(len(gamma)))
    if robust:
        return spread, residual_measures(corr, implied), "none", (_untested(),)
    return spread, likelihood_measures(corr, implied, m, n), "standard", ()


def _untested() -> Problem:
    return Problem(
        "efa_untested",
        "note",
        "This estimator has no valid test of fit with these data, so only residuals are reported.",
        "Ordered items have one with estimator='wls' or 'minres', continuous ones with 'ml'.",
    )
