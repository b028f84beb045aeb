"""Bollen-Stine bootstrap: how large the statistic gets where the model holds.

The rows are turned so that their moments are the model's: y* = (y - m) S^-1/2 sigma^1/2 + mu
(Bollen & Stine 1992, doi:10.1177/0049124192021002004; Beran & Srivastava 1985). Resamples of them
are refitted as one batch; the p-value is the share of their statistics that exceed the observed
one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from truststats.arrays import Array, BoolArray
from truststats.errors import ConvergenceError
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import Layout
from truststats.estimation.sample import Sample
from truststats.estimation.solve import discrepancy
from truststats.inference.bootstrap import group_resamples, refit_draws
from truststats.inference.tests import ModelTest

__all__ = ["BollenStine", "bollen_stine", "turned"]


@dataclass(frozen=True)
class BollenStine:
    """The test, the (k,) statistics of the refits that converged, and how many did not."""

    test: ModelTest
    chisq: Array
    failed: int


def _root(matrix: Array, power: float) -> Array:
    """Return a power of a positive definite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**power) @ vectors.T


def turned(estimate: Estimate) -> Estimate:
    """Return the estimate with rows that have the model's moments, group by group."""
    samples: list[Sample] = []
    for group in estimate.groups:
        sample, state = group.sample, group.state
        assert sample.rows is not None
        sigma = state.sigma[0]
        mean = state.mu[0] if group.has_means else sample.mean
        turn = _root(sample.cov, -0.5) @ _root(sigma, 0.5)
        rows = (sample.rows - sample.mean) @ turn + mean
        samples.append(replace(sample, rows=rows, cov=sigma, mean=mean, memo={}))
    return replace(estimate, samples=tuple(samples))


def _refits(estimate: Estimate, draws: int, rng: np.random.Generator) -> tuple[Array, BoolArray]:
    """Return the discrepancies of refits to resamples and which of them converged."""
    values: list[Array] = []
    good: list[BoolArray] = []
    for drawn in group_resamples(estimate.samples, draws, rng):
        theta, converged = refit_draws(estimate, drawn)
        value = np.zeros(len(theta))
        for g, (layout, share) in enumerate(zip(estimate.layouts, estimate.shares, strict=True)):
            psi0, alpha0 = _with_draws(layout, drawn.cov[:, g], drawn.mean[:, g])
            state = evaluate(layout, theta, psi0=psi0, alpha0=alpha0)
            mean = drawn.mean[:, g] if estimate.has_means else None
            value += share * discrepancy(state, drawn.cov[:, g], mean)[0]
        values.append(value)
        good.append(converged & np.isfinite(value))
    return np.concatenate(values), np.concatenate(good)


def _with_draws(layout: Layout, cov: Array, mean: Array) -> tuple[Array | None, Array | None]:
    """Return fixed (co)variances and intercepts with each resample's exogenous moments."""
    if not len(layout.x_cells):
        return None, None
    psi0 = np.repeat(layout.psi0[None], len(cov), axis=0)
    alpha0 = np.repeat(layout.alpha0[None], len(cov), axis=0)
    i, j = layout.x_cells.T
    psi0[:, i, j] = psi0[:, j, i] = cov[:, i, j]
    alpha0[:, layout.x_means] = mean[:, layout.x_means]
    return psi0, alpha0


def bollen_stine(
    estimate: Estimate, chisq: float, draws: int, rng: np.random.Generator
) -> BollenStine:
    """Return the Bollen-Stine test of a maximum likelihood estimate from complete rows.

    Parameters
    ----------
    estimate : Estimate
    chisq : float
        The observed statistic.
    draws : int
        Resamples.
    rng : numpy.random.Generator

    Raises
    ------
    ConvergenceError
        If fewer than half of the refits converge.
    """
    value, good = _refits(turned(estimate), draws, rng)
    if good.mean() < 0.5:
        raise ConvergenceError(
            f"Only {int(good.sum())} of {draws} refits converged.",
            fix="simplify the model or check its indicators",
        )
    found = estimate.n * value[good]
    pvalue = float((found > chisq).mean()) if estimate.df > 0 else float("nan")
    test = ModelTest("bollen.stine", chisq, estimate.df, pvalue)
    return BollenStine(test, found, int((~good).sum()))
