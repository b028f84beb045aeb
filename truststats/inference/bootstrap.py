"""Bootstrap kernels: resampled moments as one matrix product, refits as one batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.clusters import cluster_sizes, cluster_sums, spanning_clusters
from truststats.estimation.constraints import Constraints
from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.layout import Layout
from truststats.estimation.observed import Moments
from truststats.estimation.sample import Sample, sample_from_moments
from truststats.estimation.solve import solve_ml
from truststats.inference.refits import BatchMoments, refit_moments
from truststats.inference.vcov import inverse

__all__ = [
    "GroupDraws",
    "Resampled",
    "bootstrap_theta",
    "group_resamples",
    "refit_draws",
    "resampled_moments",
]

_CHUNK = 250
_CELLS = 20_000_000
_TOLERANCE = 1e-8
_QUICK = 30


@dataclass(frozen=True)
class GroupDraws:
    """The moments of all groups in b resamples.

    Attributes
    ----------
    n : (b, G) array
        Rows in each; they vary where clusters are resampled.
    cov : (b, G, p, p) array
        With divisor n.
    mean : (b, G, p) array
    """

    n: Array
    cov: Array
    mean: Array


@dataclass(frozen=True, eq=False)
class Resampled:
    """The refits that a fit keeps.

    Attributes
    ----------
    theta : (draws, q) array
        Parameters of the refits that converged.
    failed : int
        Refits that did not.
    seed : int or str
        What the draws can be repeated with.
    lost : int
        Refits among the failed ones whose resample lacked a category of an ordinal item.
    """

    theta: Array
    failed: int
    seed: int | str
    lost: int = 0

    @property
    def vcov(self) -> Array:
        """The (q, q) covariance matrix of the refits, divisor draws - 1."""
        return np.cov(self.theta.T).reshape(self.theta.shape[1], -1)


@dataclass(frozen=True)
class _Sums:
    """What resampled moments of one group are sums of: per unit its rows and their products."""

    features: Array
    sizes: Array
    centre: Array

    def moments(self, counts: Array) -> tuple[Array, Array, Array]:
        """Return n (b,), covariances (b, p, p) and means (b, p) of units taken `counts` times."""
        p = len(self.centre)
        n = counts @ self.sizes
        with np.errstate(invalid="ignore", divide="ignore"):
            sums = (counts @ self.features) / n[:, None]
        mean = sums[:, :p]
        cov = np.empty((len(n), p, p))
        row, col = np.tril_indices(p)
        cov[:, row, col] = sums[:, p:]
        cov[:, col, row] = sums[:, p:]
        cov -= mean[:, :, None] * mean[:, None, :]
        return n, cov, mean + self.centre


def _sums(rows: Array, clusters: IntArray | None, labels: IntArray | None = None) -> _Sums:
    """Return the sums of rows, or of clusters; of all `labels`, present or not, if they are given.

    The features of a row are [x, x_i x_j (i >= j)] about the mean of all rows.
    """
    centre = rows.mean(axis=0)
    apart = rows - centre
    row, col = np.tril_indices(rows.shape[1])
    features = np.concatenate([apart, apart[:, row] * apart[:, col]], axis=1)
    if clusters is None:
        return _Sums(features, np.ones(len(rows)), centre)
    sums, sizes = cluster_sums(features, clusters), cluster_sizes(clusters).astype(float)
    if labels is None:
        return _Sums(sums, sizes, centre)
    at = np.searchsorted(labels, np.unique(clusters))
    whole, counts = np.zeros((len(labels), features.shape[1])), np.zeros(len(labels))
    whole[at], counts[at] = sums, sizes
    return _Sums(whole, counts, centre)


def _counts(units: int, draws: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield how often each unit is drawn, (b, units), in chunks."""
    chunk = max(1, min(_CHUNK, _CELLS // units))
    for first in range(0, draws, chunk):
        size = min(chunk, draws - first)
        picked = rng.integers(0, units, size=(size, units))
        flat = (picked + np.arange(size)[:, None] * units).ravel()
        yield np.bincount(flat, minlength=size * units).reshape(size, units).astype(float)


def resampled_moments(
    rows: Array,
    clusters: IntArray | None,
    draws: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Array, Array]]:
    """Yield covariances (b, p, p) and means (b, p) of resamples, in chunks.

    Rows, or whole clusters, are drawn with replacement: multinomial counts times sums.

    Parameters
    ----------
    rows : (n, p) array
        Complete rows.
    clusters : (n,) int array or None
        Cluster of each row; then clusters are resampled with all their rows.
    draws : int
    rng : numpy.random.Generator
    """
    sums = _sums(rows, clusters)
    for counts in _counts(len(sums.sizes), draws, rng):
        _, cov, mean = sums.moments(counts)
        yield cov, mean


def group_resamples(
    samples: Sequence[Sample], draws: int, rng: np.random.Generator
) -> Iterator[GroupDraws]:
    """Yield the moments of all groups in resamples, in chunks.

    Groups are strata: rows, or clusters, are drawn within each (Davison & Hinkley 1997, section
    3.2). Clusters that have rows in several groups are drawn with all of these.

    Parameters
    ----------
    samples : sequence of Sample
        The groups, with complete rows.
    draws : int
    rng : numpy.random.Generator
    """
    labels = spanning_clusters([s.clusters for s in samples])
    sums = [_sums(cast(Array, s.rows), s.clusters, labels) for s in samples]
    sources = sums if labels is None else sums[:1]
    for counts in zip(*(_counts(len(s.sizes), draws, rng) for s in sources), strict=True):
        whole = counts if labels is None else counts * len(sums)
        parts = [own.moments(c) for own, c in zip(sums, whole, strict=True)]
        n, cov, mean = (np.stack(x, axis=1) for x in zip(*parts, strict=True))
        yield GroupDraws(n, cov, mean)


def _exogenous(layouts: Sequence[Layout], drawn: GroupDraws) -> tuple[Array | None, Array | None]:
    """Return psi0 (b, G, m, m) and alpha0 (b, G, m) with the resamples' exogenous moments."""
    if not len(layouts[0].x_cells):
        return None, None
    shape = (len(drawn.cov), 1, 1, 1)
    psi0 = np.tile(np.stack([x.psi0 for x in layouts]), shape)
    alpha0 = np.tile(np.stack([x.alpha0 for x in layouts]), shape[:3])
    for g, layout in enumerate(layouts):
        i, j = layout.x_cells.T
        psi0[:, g, i, j] = psi0[:, g, j, i] = drawn.cov[:, g, i, j]
        alpha0[:, g, layout.x_means] = drawn.mean[:, g, layout.x_means]
    return psi0, alpha0


def refit_draws(
    estimate: Estimate, drawn: GroupDraws, constraints: Constraints | None = None
) -> tuple[Array, BoolArray]:
    """Return the estimates (b, q) of resampled moments and which of them were reached.

    Every refit starts at the estimate and first takes steps in its metric; those that do not
    arrive go on with Fisher scoring of their own. Under inequalities, bounds or equalities that
    are not linear, which may bind in one resample and not in another, each is estimated by itself.
    """
    if constraints is not None and not estimate.linear:
        return _one_by_one(estimate, drawn, constraints)
    if len(estimate.layouts) > 1 and np.ptp(drawn.n, axis=0).any():
        return _of_unequal_size(estimate, drawn)
    stack, n = estimate.stack, estimate.n
    state = stack.evaluate(stack.reduce(estimate.theta[None]))
    metric, _ = inverse(stack.expected(state, np.linalg.inv(state.sigma))[0])
    psi0, alpha0 = _exogenous(estimate.layouts, drawn)
    mean = drawn.mean if estimate.has_means else None
    start = np.repeat(estimate.theta[None], len(drawn.cov), axis=0)
    got = solve_ml(
        stack, drawn.cov, mean, n, start, psi0=psi0, alpha0=alpha0, metric=metric,
        tolerance=_TOLERANCE, max_iterations=_QUICK,
    )  # fmt: skip
    theta, converged = got.theta, got.converged.copy()
    late = np.flatnonzero(~converged)
    if len(late):
        again = solve_ml(
            stack, drawn.cov[late], None if mean is None else mean[late], n, start[late],
            psi0=None if psi0 is None else psi0[late],
            alpha0=None if alpha0 is None else alpha0[late], tolerance=_TOLERANCE,
        )  # fmt: skip
        theta[late], converged[late] = again.theta, again.converged
    return theta, converged


def _of_unequal_size(estimate: Estimate, drawn: GroupDraws) -> tuple[Array, BoolArray]:
    """Return the estimates of resamples in which the groups' shares of the rows vary.

    A resample that leaves a group without enough rows has no estimate.
    """
    enough = cast(BoolArray, (drawn.n > estimate.p).all(axis=1))
    parts = [
        BatchMoments(drawn.n[enough, g], drawn.mean[enough, g], drawn.cov[enough, g])
        for g in range(len(estimate.layouts))
    ]
    theta = np.repeat(estimate.theta[None], len(enough), axis=0)
    good = np.zeros(len(enough), dtype=bool)
    theta[enough], good[enough] = refit_moments(estimate, parts, theta[enough], estimate.null)
    return theta, good


def _one_by_one(
    estimate: Estimate, drawn: GroupDraws, constraints: Constraints
) -> tuple[Array, BoolArray]:
    """Return the estimates of resampled moments, each with an active set of its own."""
    theta = np.repeat(estimate.theta[None], len(drawn.cov), axis=0)
    good = np.zeros(len(theta), dtype=bool)
    for k in range(len(theta)):
        samples = [
            sample_from_moments(Moments(own.n, drawn.mean[k, g], drawn.cov[k, g]))
            for g, own in enumerate(estimate.samples)
        ]
        try:
            got = estimate_ml(
                estimate.layouts, samples, start=estimate.theta, constraints=constraints
            )
        except np.linalg.LinAlgError:
            continue
        theta[k], good[k] = got.theta, got.converged
    return theta, good


def bootstrap_theta(
    estimate: Estimate,
    draws: int,
    rng: np.random.Generator,
    constraints: Constraints | None = None,
) -> tuple[Array, BoolArray]:
    """Return (draws, q) refitted parameters and which refits converged.

    Parameters
    ----------
    estimate : Estimate
        Of complete rows.
    draws : int
    rng : numpy.random.Generator
    constraints : Constraints, optional
        Those the model was estimated under.
    """
    out: list[Array] = []
    good: list[BoolArray] = []
    for drawn in group_resamples(estimate.samples, draws, rng):
        theta, converged = refit_draws(estimate, drawn, constraints)
        out.append(theta)
        good.append(converged)
    return np.concatenate(out), np.concatenate(good)
