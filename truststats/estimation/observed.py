"""What the estimation needs of the data: centred moments, or rows grouped by missing pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray

__all__ = ["Incomplete", "Moments", "PatternGroup", "group_patterns", "moments"]


@dataclass(frozen=True)
class Moments:
    """Sample size, means and covariance matrix of complete rows; `a + b` merges two parts.

    Attributes
    ----------
    n : int
        Number of rows.
    mean : (p,) array
        Means.
    cov : (p, p) array
        Covariances with divisor n (maximum likelihood).
    """

    n: int
    mean: Array
    cov: Array

    def __add__(self, other: Moments) -> Moments:
        """Merge two parts of one sample by the pairwise update (Chan et al. 1983)."""
        n = self.n + other.n
        gap = other.mean - self.mean
        cross = np.outer(gap, gap) * (self.n * other.n / n)
        cov = (self.n * self.cov + other.n * other.cov + cross) / n
        return Moments(n=n, mean=self.mean + gap * (other.n / n), cov=cov)


def moments(rows: Array) -> Moments:
    """Return the moments of complete rows.

    Parameters
    ----------
    rows : (n, p) array
        No missing values.
    """
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
    pattern_ids : (J,) int array
        Numbers of these patterns among all.
    rows : (n,) int array
        The rows concerned, sorted by pattern.
    row_pattern : (n,) int array
        The pattern (0..J-1 of this group) of each of those rows.
    """

    missing: IntArray
    counts: IntArray
    pattern_ids: IntArray
    rows: IntArray
    row_pattern: IntArray


@dataclass(frozen=True)
class Incomplete:
    """Rows with missing values, grouped by pattern.

    Attributes
    ----------
    n : int
        Number of rows (none wholly empty).
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
    """

    n: int
    filled: Array
    observed: BoolArray
    pattern: IntArray
    counts: IntArray
    groups: Sequence[PatternGroup]

    @property
    def p(self) -> int:
        """Number of variables."""
        return self.filled.shape[1]

    @property
    def n_patterns(self) -> int:
        """Number of distinct missing patterns, the complete one included."""
        return len(self.counts)


def group_patterns(rows: Array) -> Incomplete:
    """Group rows by which values they miss.

    Parameters
    ----------
    rows : (n, p) array
        NaN marks a missing value; no row may be wholly missing.
    """
    observed = ~np.isnan(rows)
    packed = np.packbits(observed, axis=1)
    keys = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, pattern, counts = np.unique(
        keys, return_index=True, return_inverse=True, return_counts=True
    )
    pattern = pattern.ravel()
    shown = observed[first]
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
                pattern_ids=ids,
                rows=members,
                row_pattern=local[pattern[members]],
            )
        )
    filled = np.where(observed, rows, 0.0)
    return Incomplete(
        n=len(rows), filled=filled, observed=observed, pattern=pattern, counts=counts, groups=groups
    )
