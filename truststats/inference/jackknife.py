"""The cluster jackknife: standard errors from refits that each leave out one cluster (CR3).

The sandwich is too small with few clusters, because every cluster pulls the estimates towards
itself. Leaving a cluster out shows how much: V = (G - 1) / G sum (theta_-g - theta)(...)'.
Sources: Bell & McCaffrey (2002); MacKinnon, Nielsen & Webb (2023), "Fast and reliable jackknife
and bootstrap methods for cluster-robust inference", doi:10.1002/jae.2969.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.estimate import Estimate
from truststats.estimation.sample import Sample
from truststats.inference.refits import BatchMoments, refit_moments, refit_weighted

__all__ = ["Jackknife", "cluster_labels", "jackknife", "without_each_cluster"]


@dataclass(frozen=True)
class Jackknife:
    """Refits that each leave out one cluster.

    Attributes
    ----------
    theta : (G, q) array
        Estimates without cluster g.
    converged : (G,) bool array
    clusters : (G,) int array
        The clusters' numbers.
    vcov : (q, q) array
        CR3 covariance matrix of the estimates; NaN if a refit failed.
    """

    theta: Array
    converged: BoolArray
    clusters: IntArray
    vcov: Array


def cluster_labels(estimate: Estimate) -> IntArray:
    """Return the sorted numbers of all clusters of all groups."""
    found = [one.sample.clusters for one in estimate.groups]
    return np.unique(np.concatenate([c for c in found if c is not None])).astype(np.intp)


def without_each_cluster(sample: Sample, labels: IntArray) -> BatchMoments:
    """Return the moments of complete rows without each of the clusters `labels`, (G, ...).

    Sums by cluster are taken from the total, about the mean of all rows.
    """
    assert sample.rows is not None
    assert sample.clusters is not None
    at = np.searchsorted(labels, sample.clusters)
    order = np.argsort(at, kind="stable")
    there, starts = np.unique(at[order], return_index=True)
    weights = np.ones(len(at)) if sample.weights is None else sample.weights
    gap, p = sample.rows - sample.mean, sample.p
    by_weight = gap * weights[:, None]
    mass = np.bincount(at, weights=weights, minlength=len(labels))
    first, second = np.zeros((len(labels), p)), np.zeros((len(labels), p, p))
    first[there] = np.add.reduceat(by_weight[order], starts, axis=0)
    ends = np.append(starts[1:], len(at))
    for k, low, high in zip(there, starts, ends, strict=True):
        members = order[low:high]
        second[k] = by_weight[members].T @ gap[members]
    left = np.maximum(mass.sum() - mass, np.finfo(float).tiny)
    mean = (first.sum(axis=0) - first) / left[:, None]
    raw = (second.sum(axis=0) - second) / left[:, None, None]
    cov = raw - mean[:, :, None] * mean[:, None, :]
    return BatchMoments(left, mean + sample.mean, cov)


def jackknife(estimate: Estimate) -> Jackknife:
    """Return the refits without each cluster and the CR3 covariance matrix of the estimates.

    The deviations are taken from the estimate of all clusters (CV3 of MacKinnon, Nielsen & Webb).

    Parameters
    ----------
    estimate : Estimate
        With clusters.
    """
    labels = cluster_labels(estimate)
    if estimate.incomplete:
        theta, converged = _one_by_one(estimate, labels)
        return Jackknife(theta, converged, labels, _spread(theta, converged, estimate.theta))
    parts = [without_each_cluster(one.sample, labels) for one in estimate.groups]
    theta = np.repeat(estimate.theta[None], len(labels), axis=0)
    converged = np.all([part.mass > 1e-9 for part in parts], axis=0)
    left = np.flatnonzero(converged)
    some = [part.take(left) for part in parts]
    theta[left], converged[left] = refit_moments(estimate, some, theta[left], estimate.null)
    return Jackknife(theta, converged, labels, _spread(theta, converged, estimate.theta))


def _one_by_one(estimate: Estimate, labels: IntArray) -> tuple[Array, BoolArray]:
    """Return the refits of rows with missing values, and which were reached."""
    theta = np.repeat(estimate.theta[None], len(labels), axis=0)
    converged = np.zeros(len(labels), dtype=bool)
    for k, label in enumerate(labels):
        weights = [_without(one.sample, int(label)) for one in estimate.groups]
        if min(own.sum() for own in weights) <= 0.0:
            continue
        theta[k], converged[k] = refit_weighted(estimate, weights, estimate.theta, estimate.null)
    return theta, converged


def _without(sample: Sample, label: int) -> Array:
    """Return the rows' weights with zero for one cluster."""
    weights = np.ones(sample.n_rows) if sample.weights is None else sample.weights
    return np.where(sample.clusters == label, 0.0, weights)


def _spread(theta: Array, converged: BoolArray, centre: Array) -> Array:
    gap = theta - centre
    if not converged.all():
        return np.full((len(centre), len(centre)), np.nan)
    return gap.T @ gap * ((len(gap) - 1) / len(gap))
