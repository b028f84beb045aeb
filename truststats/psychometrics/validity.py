"""Whether scales measure different things: ratios of correlations, cut-offs, and inflation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import cast

import numpy as np

from truststats.arrays import Array, IntArray

__all__ = ["correlations", "heterotrait_ratio", "heterotrait_slopes", "inflation", "severity"]

#: Upper limits of a correlation's interval from which two scales are hard to tell apart.
CUTS = ((1.0, "severe"), (0.9, "moderate"), (0.8, "marginal"))


def correlations(cov: Array) -> Array:
    """Return the correlations of (..., p, p) covariance matrices."""
    scale = np.einsum("...ii->...i", cov) ** -0.5
    return cov * scale[..., :, None] * scale[..., None, :]


def _averages(values: Array, geometric: bool) -> Array:
    """Return the arithmetic or geometric mean over the last axis."""
    if geometric:
        return np.exp(np.log(values).mean(axis=-1))
    return cast(Array, values.mean(axis=-1))


def heterotrait_ratio(corr: Array, blocks: Sequence[IntArray], *, geometric: bool = False) -> Array:
    """Return the heterotrait-monotrait ratio of every pair of blocks, (..., pairs).

    The mean absolute correlation between the items of two scales, over the geometric mean of the
    mean ones within them (HTMT: Henseler, Ringle & Sarstedt 2015, doi:10.1007/s11747-014-0403-8).
    With geometric means throughout it estimates the correlation of the factors also where loadings
    differ (HTMT2: Roemer, Schuberth & Henseler 2021, doi:10.1108/IMDS-02-2021-0082).

    Parameters
    ----------
    corr : (..., p, p) array
    blocks : sequence of int arrays
        The items of each scale, two or more.
    geometric : bool
        HTMT2 in place of HTMT.
    """
    return _ratio(np.abs(corr), blocks, geometric)


def _ratio(size: Array, blocks: Sequence[IntArray], geometric: bool) -> Array:
    within: list[Array] = []
    for block in blocks:
        row, col = np.tril_indices(len(block), -1)
        within.append(_averages(size[..., block[row], block[col]], geometric))
    out: list[Array] = []
    for a, b in combinations(range(len(blocks)), 2):
        between = size[..., blocks[a][:, None], blocks[b]]
        flat = between.reshape(*between.shape[:-2], -1)
        out.append(_averages(flat, geometric) / np.sqrt(within[a] * within[b]))
    return np.stack(out, axis=-1)


def heterotrait_slopes(
    corr: Array, blocks: Sequence[IntArray], *, geometric: bool = False
) -> Array:
    """Return the (pairs, p, p) derivatives of the ratios by the cells of a correlation matrix.

    Each cell below the diagonal stands for its mirror image too; the others are zero. The signs of
    the correlations are taken as known.
    """
    p = len(corr)
    row, col = np.tril_indices(p, -1)
    step = 1e-20j
    moved = np.repeat(np.abs(corr)[None].astype(complex), len(row), axis=0)
    at = np.arange(len(row))
    moved[at, row, col] += step
    moved[at, col, row] += step
    slope = np.imag(_ratio(moved, blocks, geometric)) / np.imag(step)
    out = np.zeros((slope.shape[1], p, p))
    out[:, row, col] = (slope * np.sign(corr[row, col])[:, None]).T
    return out


def inflation(corr: Array) -> Array:
    """Return the variance inflation (k,) of k predictors: the diagonal of the inverse of R."""
    return np.diag(np.linalg.inv(corr))


def severity(upper: float) -> str:
    """Return how hard two scales are to tell apart, by the upper limit of their |correlation|.

    "severe" from 1, "moderate" from .9, "marginal" from .8, else "none".
    Source: Ronkko & Cho (2022), doi:10.1177/1094428120968614, CI(cut).
    """
    return next((word for limit, word in CUTS if upper >= limit), "none")
