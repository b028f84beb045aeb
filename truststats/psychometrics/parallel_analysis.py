"""Parallel analysis: eigenvalues of the answers beside those of answers that share nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.thresholds import Codes, counts, encode, thresholds
from truststats.estimation.two_way import correlations, pair_tables, without_zeros

__all__ = [
    "ParallelAnalysis",
    "component_eigenvalues",
    "factor_eigenvalues",
    "independent_correlations",
    "independent_polychorics",
    "parallel_analysis",
    "permuted_correlations",
    "smooth",
]

_CELLS = 4_000_000
_TABLES = 4000
_SMALLEST = 1e-6


@dataclass(frozen=True, eq=False)
class ParallelAnalysis:
    """Eigenvalues that were observed, and those of data sets without common factors.

    Attributes
    ----------
    observed : (p,) array
        Descending.
    random : (draws, p) array
        The same of each random data set.
    """

    observed: Array
    random: Array

    def reference(self, quantile: float | None) -> Array:
        """Return what each observed eigenvalue must exceed: a quantile, or the mean for None."""
        if quantile is None:
            return self.random.mean(axis=0)
        return np.quantile(self.random, quantile, axis=0)

    def suggested(self, quantile: float | None) -> int:
        """Return how many leading eigenvalues exceed their references, one after the other."""
        below = self.observed <= self.reference(quantile)
        return int(below.argmax()) if below.any() else len(below)


def smooth(corr: Array) -> Array:
    """Return correlation matrices, (..., p, p), made positive definite where they are not.

    Eigenvalues below 1e-6 are raised to it and the diagonal is made one again.
    """
    values, vectors = np.linalg.eigh(corr)
    if values.min() >= _SMALLEST:
        return corr
    raised = (vectors * np.maximum(values, _SMALLEST)[..., None, :]) @ np.swapaxes(vectors, -1, -2)
    scale = np.sqrt(np.diagonal(raised, axis1=-2, axis2=-1))
    return raised / (scale[..., :, None] * scale[..., None, :])


def component_eigenvalues(corr: Array) -> Array:
    """Return the eigenvalues of correlation matrices, (..., p), descending."""
    return np.linalg.eigvalsh(corr)[..., ::-1]


def factor_eigenvalues(corr: Array) -> Array:
    """Return eigenvalues with squared multiple correlations in the diagonal, descending.

    With R^-1 of diagonal r they are those of R - diag(1 / r); matrices that are not positive
    definite are smoothed first.
    Source: Humphreys & Ilgen (1969), doi:10.1177/001316446902900303.
    """
    sound = smooth(corr)
    inverse = np.linalg.inv(sound)
    unique = 1.0 / np.diagonal(inverse, axis1=-2, axis2=-1)
    reduced = sound - unique[..., None] * np.eye(corr.shape[-1])
    return np.linalg.eigvalsh(reduced)[..., ::-1]


def independent_correlations(
    n: int, p: int, draws: int, rng: np.random.Generator
) -> Iterator[Array]:
    """Yield correlation matrices, (b, p, p), of n rows of independent normal variables.

    The triangle of the cross-products is drawn itself (Bartlett 1933): chi variates with
    n - 1 - i degrees of freedom in the diagonal, normal ones below it.
    """
    size = max(1, _CELLS // (p * p))
    low = np.tril_indices(p, -1)
    for start in range(0, draws, size):
        count = min(size, draws - start)
        root = np.zeros((count, p, p))
        root[:, np.arange(p), np.arange(p)] = np.sqrt(
            rng.chisquare(n - 1.0 - np.arange(p), size=(count, p))
        )
        root[:, low[0], low[1]] = rng.normal(size=(count, len(low[0])))
        root /= np.sqrt((root * root).sum(axis=2, keepdims=True))
        yield root @ np.swapaxes(root, 1, 2)


def permuted_correlations(rows: Array, draws: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield correlation matrices, (b, p, p), of rows whose columns were shuffled one by one.

    Shuffling keeps how each item is answered and breaks what items have in common.
    Source: Buja & Eyuboglu (1992), doi:10.1207/s15327906mbr2704_2.
    """
    z = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    size = max(1, _CELLS // z.size)
    for start in range(0, draws, size):
        count = min(size, draws - start)
        shuffled = rng.permuted(np.broadcast_to(z, (count, *z.shape)), axis=1)
        yield np.swapaxes(shuffled, 1, 2) @ shuffled / len(z)


def independent_polychorics(rows: Array, draws: int, rng: np.random.Generator) -> Iterator[Array]:
    """Yield polychoric correlations, (b, p, p), of rows whose columns were shuffled one by one.

    Shuffling leaves the thresholds as they are, so the tables of many draws are one batch.
    """
    codes = encode(rows, [str(k) for k in range(rows.shape[1])])
    taus = thresholds(codes, counts(codes))
    sizes: IntArray = np.array([len(own) for own in codes.levels], dtype=np.intp)
    p = rows.shape[1]
    first, second = np.triu_indices(p, 1)
    size = max(1, _TABLES // len(first))
    for start in range(0, draws, size):
        count = min(size, draws - start)
        tables = np.concatenate(
            [
                pair_tables(
                    Codes(rng.permuted(codes.values, axis=0), codes.levels, codes.width)
                ).seen
                for _ in range(count)
            ]
        )
        one, two = np.tile(first, count), np.tile(second, count)
        pairs = np.stack([sizes[one], sizes[two]], axis=1)
        seen, _ = without_zeros(tables, pairs, (0.5, 0.0), keep_margins=True)
        rho, _ = correlations(seen, taus, one, two)
        out = np.tile(np.eye(p), (count, 1, 1))
        out[:, first, second] = out[:, second, first] = rho.reshape(count, -1)
        yield out


def parallel_analysis(
    corr: Array, random: Iterator[Array]
) -> tuple[ParallelAnalysis, ParallelAnalysis]:
    """Return the analyses of principal components and of common factors.

    Parameters
    ----------
    corr : (p, p) array
        The correlations that were observed.
    random : iterator of (b, p, p) arrays
        Those of random data sets, in batches.

    Notes
    -----
    Source: Horn (1965), doi:10.1007/BF02289447; quantiles: Glorfeld (1995),
    doi:10.1177/0013164495055003002.
    """
    components: list[Array] = []
    factors: list[Array] = []
    for batch in random:
        components.append(component_eigenvalues(batch))
        factors.append(factor_eigenvalues(batch))
    return (
        ParallelAnalysis(component_eigenvalues(corr), np.concatenate(components)),
        ParallelAnalysis(factor_eigenvalues(corr), np.concatenate(factors)),
    )
