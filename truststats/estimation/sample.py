"""The data of one group in the form the estimation wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.clusters import ClusterDesign, cluster_factor, cluster_sums
from truststats.estimation.fiml import Saturated, saturated_moments
from truststats.estimation.observed import Incomplete, Moments, group_patterns, moments

__all__ = [
    "Sample",
    "n_clusters_of",
    "normal_logl",
    "reorder",
    "sample_from_moments",
    "sample_from_rows",
    "shares_of",
]

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True)
class Sample:
    """The data of one group in the form the estimation wants.

    Attributes
    ----------
    n : float
        Rows used; with sampling weights their sum, which stands for the sample size everywhere.
    cov, mean : (p, p) and (p,) arrays
        Sample moments with divisor n; under missing data the unrestricted ML (EM) moments.
    rows : (n, p) array or None
        The rows, NaN where missing; None when only moments were given.
    incomplete : Incomplete or None
        Rows by pattern, when some values are missing.
    saturated_logl : float
        Log-likelihood of the unrestricted model.
    saturated : Saturated or None
        How the EM algorithm ended.
    clusters : (n,) int array or None
        Cluster number of each row.
    n_clusters : int or None
        Number of clusters among the rows given; one whose every row is empty counts.
    places : (n,) int array or None
        Where each row stood in the data given, from 0.
    weights : (n,) array or None
        Sampling weight of each row.
    design : ClusterDesign or None
        Where clusters come from strata or span the groups of a model.
    memo : dict
        Numbers that depend on the sample alone, kept once computed.
    """

    n: float
    cov: Array
    mean: Array
    rows: Array | None
    incomplete: Incomplete | None
    saturated_logl: float
    saturated: Saturated | None = None
    clusters: IntArray | None = None
    n_clusters: int | None = None
    places: IntArray | None = field(default=None, compare=False)
    weights: Array | None = None
    design: ClusterDesign | None = None
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def p(self) -> int:
        """Number of observed variables."""
        return len(self.mean)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return round(self.n) if self.rows is None else len(self.rows)

    def weighted(self, by_row: Array) -> Array:
        """Return values of rows, (n, ...), times the rows' sampling weights."""
        if self.weights is None:
            return by_row
        return by_row * self.weights.reshape(-1, *(1,) * (by_row.ndim - 1))

    def spread(self, by_row: Array) -> Array:
        """Return weighted sums whose cross-product is the variance of the total of row values.

        They are summed within clusters and multiplied by sqrt(G / (G - 1)), and centred within
        strata; independent rows stay as they are.
        """
        values = self.weighted(by_row)
        if self.clusters is None:
            return values
        if self.design is not None:
            return self.design.spread(self.design.sums(values, self.clusters))
        return cluster_sums(values, self.clusters) * np.sqrt(cluster_factor(self.n_clusters))


def normal_logl(cov: Array, n: float) -> float:
    """Return the log-likelihood of n complete rows at their own moments."""
    p = len(cov)
    if p == 0:
        return 0.0
    _, logdet = np.linalg.slogdet(cov)
    return float(-0.5 * n * (p * _LOG_2PI + logdet + p))


def sample_from_rows(
    rows: Array,
    *,
    clusters: IntArray | None = None,
    n_clusters: int | None = None,
    weights: Array | None = None,
    design: ClusterDesign | None = None,
) -> Sample:
    """Return the sample of rows, complete or (NaN) with missing values, weighted or not."""
    if clusters is not None and n_clusters is None and design is None:
        n_clusters = len(np.unique(clusters))
    how: dict[str, Any] = {
        "clusters": clusters, "n_clusters": n_clusters, "weights": weights, "design": design,
    }  # fmt: skip
    if np.isnan(rows).any():
        data = group_patterns(rows, weights)
        sat = saturated_moments(data)
        return Sample(data.n, sat.cov, sat.mean, rows, data, sat.logl, sat, **how)
    got = moments(rows, weights)
    return Sample(got.n, got.cov, got.mean, rows, None, normal_logl(got.cov, got.n), **how)


def reorder(sample: Sample, order: Sequence[int]) -> Sample:
    """Return the sample with its variables in another order."""
    at = np.asarray(order, dtype=np.intp)
    if (at == np.arange(sample.p)).all():
        return sample
    rows = None if sample.rows is None else np.ascontiguousarray(sample.rows[:, at])
    data = None
    if sample.incomplete is not None and rows is not None:
        data = group_patterns(rows, sample.weights)
    return replace(
        sample,
        cov=sample.cov[np.ix_(at, at)],
        mean=sample.mean[at],
        rows=rows,
        incomplete=data,
        memo={},
    )


def sample_from_moments(got: Moments) -> Sample:
    """Return the sample of given moments."""
    return Sample(got.n, got.cov, got.mean, None, None, normal_logl(got.cov, got.n))


def n_clusters_of(samples: Sequence[Sample]) -> int | None:
    """Return the number of clusters of all groups; None where rows are independent.

    A cluster that has rows in several groups counts once.
    """
    counts = [sample.n_clusters for sample in samples]
    if None in counts:
        return None
    design = samples[0].design
    return design.count if design is not None else sum(c for c in counts if c is not None)


def shares_of(samples: Sequence[Sample]) -> Array:
    """Return the shares n_g / N of the groups' rows."""
    sizes = np.array([float(sample.n) for sample in samples])
    return sizes / sizes.sum()
