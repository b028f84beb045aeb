"""The bootstrap under missing data: resampled rows or clusters, refitted casewise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import NotSupportedError
from truststats.estimation.estimate import Estimate
from truststats.estimation.fiml import saturated_moments
from truststats.estimation.implied import with_exogenous
from truststats.estimation.layout import Layout
from truststats.estimation.observed import Incomplete, Moments, group_patterns, moments
from truststats.estimation.sample import Sample
from truststats.estimation.solve_missing import solve_incomplete
from truststats.estimation.stack import Stack

__all__ = ["incomplete_bootstrap_theta", "resampled_rows"]


def resampled_rows(
    samples: Sequence[Sample], rng: np.random.Generator
) -> tuple[tuple[Array, ...], tuple[IntArray, ...]]:
    """Return each group's rows of one resample, and the numbers of the rows drawn.

    Rows are drawn within groups; with clusters, whole clusters with all their rows.

    Parameters
    ----------
    samples : sequence of Sample
        With rows, NaN where missing.
    rng : numpy.random.Generator
    """
    if any(sample.clusters is None for sample in samples):
        drawn: tuple[IntArray, ...] = tuple(
            cast(IntArray, rng.integers(0, len(rows), len(rows)))
            for rows in (cast(Array, sample.rows) for sample in samples)
        )
    else:
        drawn = _clusters_drawn([cast(IntArray, s.clusters) for s in samples], rng)
    rows = tuple(cast(Array, s.rows)[at] for s, at in zip(samples, drawn, strict=True))
    return rows, drawn


def _clusters_drawn(codes: Sequence[IntArray], rng: np.random.Generator) -> tuple[IntArray, ...]:
    """Return row numbers by group of clusters drawn with replacement.

    Clusters that lie in one group each are drawn within their group, so that every group keeps its
    number of clusters; others from all clusters together.
    """
    own = [np.unique(code) for code in codes]
    every, counts = np.unique(np.concatenate(own), return_counts=True)
    if (counts == 1).all():
        picked = [some[rng.integers(0, len(some), len(some))] for some in own]
    else:
        picked = [every[rng.integers(0, len(every), len(every))]] * len(codes)
    return tuple(_rows_of(code, pick) for code, pick in zip(codes, picked, strict=True))


def _rows_of(codes: IntArray, picked: IntArray) -> IntArray:
    """Return the rows of the picked clusters, again for each time a cluster is picked."""
    order = np.argsort(codes, kind="stable")
    left = np.searchsorted(codes[order], picked, side="left")
    right = np.searchsorted(codes[order], picked, side="right")
    sizes = right - left
    ends = np.cumsum(sizes)
    within = np.arange(int(ends[-1])) - np.repeat(ends - sizes, sizes)
    return order[np.repeat(left, sizes) + within]


def _part(rows: Array) -> Incomplete | Moments:
    return group_patterns(rows) if np.isnan(rows).any() else moments(rows)


def _with_own_exogenous(layout: Layout, rows: Array) -> Layout:
    """Return the layout with the resample's moments of the fixed exogenous variables."""
    if not len(layout.x_cells):
        return layout
    x = np.unique(layout.x_cells)
    cov, mean = np.zeros((layout.p, layout.p)), np.zeros(layout.p)
    if np.isnan(rows[:, x]).any():
        every = saturated_moments(group_patterns(rows))
        return with_exogenous(layout, every.cov, every.mean)
    own = moments(rows[:, x])
    cov[np.ix_(x, x)], mean[x] = own.cov, own.mean
    return with_exogenous(layout, cov, mean)


def incomplete_bootstrap_theta(
    estimate: Estimate, draws: int, rng: np.random.Generator
) -> tuple[Array, BoolArray]:
    """Return (draws, q) refitted parameters and which refits converged.

    Every refit maximises the casewise likelihood of a resample of rows (clusters where there are
    clusters), from the estimate on. Linear equality constraints are kept.

    Parameters
    ----------
    estimate : Estimate
        By full information, with its rows.
    draws : int
    rng : numpy.random.Generator

    Raises
    ------
    NotSupportedError
        If a bound or an inequality holds with equality: which ones hold may change by resample.
    """
    if estimate.bound:
        raise NotSupportedError(
            "The bootstrap under missing data cannot keep to inequalities.",
            why="an inequality that holds with equality here need not in a resample",
            fix="fit without bounds and inequalities, or use fit.effects(ci='monte_carlo')",
        )
    theta = np.repeat(estimate.theta[None], draws, axis=0)
    good = np.zeros(draws, dtype=bool)
    for draw in range(draws):
        rows, _ = resampled_rows(estimate.samples, rng)
        theta[draw], good[draw] = _refit(estimate, rows)
    return theta, good


def _refit(estimate: Estimate, rows: Sequence[Array]) -> tuple[Array, bool]:
    """Return the estimate of one resample and whether it was reached."""
    if any(not len(own) or np.isnan(own).all(axis=0).any() for own in rows):
        return estimate.theta, False
    parts = tuple(_part(own) for own in rows)
    pairs = zip(estimate.layouts, rows, strict=True)
    layouts = tuple(_with_own_exogenous(layout, own) for layout, own in pairs)
    sizes = np.array([float(len(own)) for own in rows])
    stack = Stack(layouts, sizes / sizes.sum())
    if estimate.null is not None:
        stack = stack.constrained(estimate.theta, estimate.null)
    try:
        found = solve_incomplete(stack, parts, estimate.theta)
    except np.linalg.LinAlgError:
        return estimate.theta, False
    return found.theta[0], bool(found.converged[0])
