"""What the estimation needs of the data: centred moments, or rows grouped by missing pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray

__all__ = ["Incomplete", "Moments", "PatternGroup", "group_patterns", "moments"]


@dataclass(frozen=True)
class Moments:
    """Sample size, means and covariance matrix of complete rows; `a + b` merges two parts.

    Attributes
    ----------
    n : float
        Number of rows, or the sum of their weights.
    mean : (p,) array
        Means.
    cov : (p, p) array
        Covariances with divisor n (maximum likelihood).
    """

    n: float
    mean: Array
    cov: Array

    def __add__(self, other: Moments) -> Moments:
        """Merge two parts of one sample by the pairwise update (Chan et al. 1983)."""
        n = self.n + other.n
        gap = other.mean - self.mean
        cross = np.outer(gap, gap) * (self.n * other.n / n)
        cov = (self.n * self.cov + other.n * other.cov + cross) / n
        return Moments(n=n, mean=self.mean + gap * (other.n / n), cov=cov)


def moments(rows: Array, weights: Array | None = None) -> Moments:
    """Return the moments of complete rows.

    Parameters
    ----------
    rows : (n, p) array
        No missing values.
    weights : (n,) array, optional
        Sampling weights; their sum stands for the number of rows.
    """
    if weights is not None:
        total = float(weights.sum())
        mean = weights @ rows / total
        centred = (rows - mean) * np.sqrt(weights / total)[:, None]
        return Moments(n=total, mean=mean, cov=centred.T @ centred)
    mean = rows.mean(axis=0)
    centred = rows - mean
    return Moments(n=len(rows), mean=mean, cov=centred.T @ centred / len(rows))


@dataclass(frozen=True)
class PatternGroup:
    """The missing patterns that miss the same number k of variables.

    Attributes
    ----------
    missing : (J, k) int array
        The missing variables of each pattern.
    counts : (J,) int array
        Rows per pattern.
    mass : (J,) array
        Sum of their weights.
    pattern_ids : (J,) int array
        Numbers of these patterns among all.
    rows : (n,) int array
        The rows concerned, sorted by pattern.
    row_pattern : (n,) int array
        The pattern (0..J-1 of this group) of each of those rows.
    """

    missing: IntArray
    counts: IntArray
    mass: Array
    pattern_ids: IntArray
    rows: IntArray
    row_pattern: IntArray


@dataclass(frozen=True)
class Incomplete:
    """Rows with missing values, grouped by pattern.

    Attributes
    ----------
    n : float
        Number of rows (none wholly empty), or the sum of their weights.
    filled : (n, p) array
        The values, zero where missing.
    observed : (n, p) bool array
        Where a value is there.
    pattern : (n,) int array
        Pattern number of each row.
    counts : (J,) int array
        Rows per pattern.
    groups : tuple of PatternGroup
        Patterns with at least one missing variable, by how many they miss.
    mass : (J,) array
        Sum of the rows' weights per pattern; the counts without weights.
    weights : (n,) array or None
        Sampling weight of each row.
    """

    n: float
    filled: Array
    observed: BoolArray
    pattern: IntArray
    counts: IntArray
    groups: Sequence[PatternGroup]
    mass: Array
    weights: Array | None = None

    @property
    def p(self) -> int:
        """Number of variables."""
        return self.filled.shape[1]

    @property
    def n_patterns(self) -> int:
        """Number of distinct missing patterns, the complete one included."""
        return len(self.counts)

    def reweighted(self, weights: Array) -> Incomplete:
        """Return the same rows with other weights, zero for those to leave out."""
        mass = np.bincount(self.pattern, weights=weights, minlength=self.n_patterns)
        groups = tuple(replace(group, mass=mass[group.pattern_ids]) for group in self.groups)
        return replace(self, n=float(weights.sum()), mass=mass, groups=groups, weights=weights)

    def available(self) -> tuple[Array, Array, Array]:
        """Return counts (sums of weights), means and ML variances of each variable's values."""
        if self.weights is None:
            counts = self.observed.sum(axis=0).astype(float)
            means = self.filled.sum(axis=0) / counts
            gap = np.where(self.observed, self.filled - means, 0.0)
            return counts, means, (gap**2).sum(axis=0) / counts
        counts = self.weights @ self.observed
        means = self.weights @ self.filled / counts
        gap = np.where(self.observed, self.filled - means, 0.0)
        return counts, means, self.weights @ gap**2 / counts


def group_patterns(rows: Array, weights: Array | None = None) -> Incomplete:
    """Group rows by which values they miss.

    Parameters
    ----------
    rows : (n, p) array
        NaN marks a missing value; no row may be wholly missing.
    weights : (n,) array, optional
        Sampling weights.
    """
    observed = ~np.isnan(rows)
    packed = np.packbits(observed, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, pattern, counts = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    pattern = pattern.ravel()
    shown = observed[first]
    mass = counts.astype(float)
    if weights is not None:
        mass = np.bincount(pattern, weights=weights, minlength=len(counts))
    n_missing = (~shown).sum(axis=1)
    groups: list[PatternGroup] = []
    for k in np.unique(n_missing[n_missing > 0]):
        ids = np.flatnonzero(n_missing == k)
        missing = np.nonzero(~shown[ids])[1].reshape(len(ids), k)
        local = np.full(len(counts), -1)
        local[ids] = np.arange(len(ids))
        members = np.flatnonzero(local[pattern] >= 0)
        members = members[np.argsort(local[pattern[members]], kind="stable")]
        groups.append(
            PatternGroup(
                missing=missing,
                counts=counts[ids],
                mass=mass[ids],
                pattern_ids=ids,
                rows=members,
                row_pattern=local[pattern[members]],
            )
        )
    filled = np.where(observed, rows, 0.0)
    return Incomplete(
        n=len(rows) if weights is None else float(weights.sum()),
        filled=filled,
        observed=observed,
        pattern=pattern,
        counts=counts,
        groups=groups,
        mass=mass,
        weights=weights,
    )
