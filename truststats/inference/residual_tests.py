"""Browne's residual-based tests, valid for any consistent estimate.

T = n r' [V - V D (D'V D)^-1 D'V] r for residual moments r, with V the inverse of their asymptotic
covariance matrix: under normality at the sample or at the model, or as estimated from the rows
(Browne 1984, eq. 2.20, doi:10.1111/j.2044-8317.1984.tb00789.x).

A saturated mean structure cannot change these statistics. Where exogenous variables are fixed and
means are modelled, lavaan 0.6-14 gives others, some of them negative; without means both agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from truststats.arrays import Array
from truststats.estimation.estimate import Estimate
from truststats.estimation.gamma import (
    distribution_free_weight,
    fourth_moments,
    moment_vector,
    normal_gamma,
    normal_theory_weight,
)
from truststats.estimation.weighted import moment_slopes, weight_matrix
from truststats.inference.moment_structure import Pieces, quadratic
from truststats.inference.tests import ModelTest, chisq_pvalue

__all__ = ["residual_test", "under_normality", "weighted_pieces"]


def weighted_pieces(estimate: Estimate, kind: str, *, gamma: bool) -> list[Pieces]:
    """Return derivatives, weights and, if wanted, fourth moments of a GLS, ULS or WLS estimate."""
    out: list[Pieces] = []
    for group, share in zip(estimate.groups, estimate.shares, strict=True):
        means = group.has_means
        fourth = fourth_moments(group.sample, group.x, has_means=means) if gamma else None
        weight = weight_matrix(kind, group.sample, group.x, has_means=means)
        out.append(Pieces(moment_slopes(group.layout, group.state), weight, fourth, float(share)))
    return out


def under_normality(estimate: Estimate, pieces: Sequence[Pieces]) -> list[Pieces]:
    """Return the pieces with the fourth moments that normal variables would have at the sample."""
    return [
        replace(part, gamma=normal_gamma(group.sample.cov, group.x, has_means=group.has_means))
        for part, group in zip(pieces, estimate.groups, strict=True)
    ]


def _weight(group: Estimate, name: str) -> Array:
    if name == "browne.residual.nt":
        return normal_theory_weight(group.sample.cov, group.x, has_means=group.has_means)
    if name == "browne.residual.nt.model":
        return normal_theory_weight(group.state.sigma[0], group.x, has_means=group.has_means)
    return distribution_free_weight(group.sample, group.x, has_means=group.has_means)


def residual_test(estimate: Estimate, name: str, *, less_one: bool) -> ModelTest:
    """Return Browne's test of an estimate from complete rows or moments.

    Parameters
    ----------
    estimate : Estimate
    name : {"browne.residual.nt", "browne.residual.nt.model", "browne.residual.adf"}
    less_one : bool
        Whether covariances have divisor n - 1; groups then have the weight n - 1 too.

    Raises
    ------
    DataError
        If the weight of the "adf" variant is singular.
    """
    pieces: list[Pieces] = []
    gaps: list[Array] = []
    for group in estimate.groups:
        means, n = group.has_means, group.sample.n
        share = (n - 1.0 if less_one else float(n)) / estimate.n
        slopes = moment_slopes(group.layout, group.state)
        pieces.append(Pieces(slopes, _weight(group, name), None, share))
        implied = moment_vector(group.state.sigma[0], group.state.mu[0] if means else None)
        sample = moment_vector(group.sample.cov, group.sample.mean if means else None)
        gaps.append(np.asarray(sample - implied))
    chisq = estimate.n * quadratic(pieces, gaps, estimate.null)
    return ModelTest(name, chisq, estimate.df, chisq_pvalue(chisq, estimate.df))
