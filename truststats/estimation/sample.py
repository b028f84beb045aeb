"""The data of one group in the form the estimation wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.fiml import Saturated, saturated_moments
from truststats.estimation.observed import Incomplete, Moments, group_patterns, moments

__all__ = [
    "Sample",
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
    n : int
        Rows used.
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
    memo : dict
        Numbers that depend on the sample alone, kept once computed.
    """

    n: int
    cov: Array
    mean: Array
    rows: Array | None
    incomplete: Incomplete | None
    saturated_logl: float
    saturated: Saturated | None = None
    clusters: IntArray | None = None
    n_clusters: int | None = None
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def p(self) -> int:
        """Number of observed variables."""
        return len(self.mean)


def normal_logl(cov: Array, n: int) -> float:
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
) -> Sample:
    """Return the sample of rows, complete or (NaN) with missing values."""
    if clusters is not None and n_clusters is None:
        n_clusters = len(np.unique(clusters))
    if np.isnan(rows).any():
        data = group_patterns(rows)
        sat = saturated_moments(data)
        return Sample(data.n, sat.cov, sat.mean, rows, data, sat.logl, sat, clusters, n_clusters)
    got = moments(rows)
    logl = normal_logl(got.cov, got.n)
    return Sample(got.n, got.cov, got.mean, rows, None, logl, None, clusters, n_clusters)


def reorder(sample: Sample, order: Sequence[int]) -> Sample:
    """Return the sample with its variables in another order."""
    at = np.asarray(order, dtype=np.intp)
    if (at == np.arange(sample.p)).all():
        return sample
    rows = None if sample.rows is None else np.ascontiguousarray(sample.rows[:, at])
    data = None if sample.incomplete is None or rows is None else group_patterns(rows)
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


def shares_of(samples: Sequence[Sample]) -> Array:
    """Return the shares n_g / N of the groups' rows."""
    sizes = np.array([float(sample.n) for sample in samples])
    return sizes / sizes.sum()
