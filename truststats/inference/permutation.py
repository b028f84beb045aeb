"""Permutation tests of models of several groups: shuffled groups, all refits as one batch.

Where groups measure alike, which person is in which group does not matter: shuffling the groups
gives the distribution that fit and its changes have by chance alone, whatever the answers'
distribution (Jorgensen, Kite, Chen & Short 2018, doi:10.1037/met0000152). Rows enter by their
sums and products, so that every draw costs one matrix product and the refits step together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.clusters import cluster_sizes, cluster_sums
from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.observed import Moments
from truststats.estimation.sample import Sample, sample_from_moments
from truststats.estimation.solve import discrepancy
from truststats.inference.bootstrap import GroupDraws, refit_draws

__all__ = [
    "MEASURES",
    "Measured",
    "measured",
    "observed_moments",
    "permuted_moments",
    "pvalues",
    "under_permutation",
]

#: In what is compared with chance; larger is worse.
MEASURES = ("chisq", "cfi", "rmsea", "srmr")
#: Draws whose refits step together, and cells of the matrices that they need at once.
_CHUNK = 1000
_CELLS = 20_000_000


@dataclass(frozen=True)
class Measured:
    """Fit of one model in b draws.

    Attributes
    ----------
    values : (b, 4) array
        chisq, 1 - cfi, rmsea and srmr.
    good : (b,) bool array
        Which refits arrived.
    """

    values: Array
    good: BoolArray


def _units(samples: Sequence[Sample]) -> tuple[Array, Array, IntArray, Array]:
    """Return sums of features and sizes of the units that change places, their groups, a centre.

    Units are rows, or clusters that lie within one group.
    """
    rows = np.concatenate([cast(Array, sample.rows) for sample in samples])
    centre = rows.mean(axis=0)
    apart = rows - centre
    row, col = np.tril_indices(rows.shape[1])
    features = np.concatenate([apart, apart[:, row] * apart[:, col]], axis=1)
    group = np.repeat(np.arange(len(samples)), [sample.n_rows for sample in samples])
    if samples[0].clusters is None:
        return features, np.ones(len(rows)), group, centre
    clusters = np.concatenate([cast(IntArray, sample.clusters) for sample in samples])
    whole = group * (clusters.max() + 1) + clusters
    _, first = np.unique(whole, return_index=True)
    return cluster_sums(features, whole), cluster_sizes(whole).astype(float), group[first], centre


def _moments(features: Array, sizes: Array, codes: Array, groups: int, centre: Array) -> GroupDraws:
    """Return the moments of the groups that codes (b, units) deal the units to."""
    p = len(centre)
    row, col = np.tril_indices(p)
    total, everybody = features.sum(axis=0), sizes.sum()
    sums, n = np.empty((len(codes), groups, features.shape[1])), np.empty((len(codes), groups))
    for g in range(groups - 1):
        inside = (codes == g).astype(float)
        sums[:, g], n[:, g] = inside @ features, inside @ sizes
    sums[:, -1] = total - sums[:, :-1].sum(axis=1)
    n[:, -1] = everybody - n[:, :-1].sum(axis=1)
    means = sums / n[:, :, None]
    mean = means[:, :, :p]
    cov = np.empty((*mean.shape, p))
    cov[:, :, row, col] = means[:, :, p:]
    cov[:, :, col, row] = means[:, :, p:]
    cov -= mean[:, :, :, None] * mean[:, :, None, :]
    return GroupDraws(n, cov, mean + centre)


def permuted_moments(
    samples: Sequence[Sample], draws: int, rng: np.random.Generator, npar: int = 1
) -> Iterator[GroupDraws]:
    """Yield the moments of all groups after shuffling who is in which, in chunks.

    Parameters
    ----------
    samples : sequence of Sample
        The groups, with complete rows; clusters change places as wholes.
    draws : int
    rng : numpy.random.Generator
    npar : int
        Parameters of the largest model that is refitted, which bounds the size of a chunk.
    """
    features, sizes, group, centre = _units(samples)
    chunk = max(20, min(_CHUNK, _CELLS // len(sizes), _CELLS // npar**2))
    for first in range(0, draws, chunk):
        size = min(chunk, draws - first)
        codes = rng.permuted(np.repeat(group[None], size, axis=0), axis=1)
        yield _moments(features, sizes, codes, len(samples), centre)


def observed_moments(samples: Sequence[Sample]) -> GroupDraws:
    """Return the moments of the groups as they are, as one draw."""
    features, sizes, group, centre = _units(samples)
    return _moments(features, sizes, group[None], len(samples), centre)


def under_permutation(estimate: Estimate) -> Estimate:
    """Return a model estimated where all groups have the same moments, those of everybody.

    Refits to shuffled groups start there.
    """
    n = np.array([sample.n for sample in estimate.samples])
    share = n / n.sum()
    mean = np.tensordot(share, [sample.mean for sample in estimate.samples], axes=1)
    cov = sum(
        part * (sample.cov + np.outer(sample.mean - mean, sample.mean - mean))
        for part, sample in zip(share, estimate.samples, strict=True)
    )
    alike = [sample_from_moments(Moments(size, mean, cast(Array, cov))) for size in n]
    got = estimate_ml(estimate.layouts, alike, start=estimate.theta)
    return got if got.converged else replace(estimate, samples=tuple(alike))


def measured(estimate: Estimate, drawn: GroupDraws) -> Measured:
    """Return the fit of a model in draws, by maximum likelihood.

    Parameters
    ----------
    estimate : Estimate
        The model, from `under_permutation` where the draws are permuted.
    drawn : GroupDraws
    """
    theta, good = refit_draws(estimate, drawn)
    size, groups = drawn.n.shape
    stack = estimate.stack
    state = stack.evaluate(stack.reduce(theta))
    cov = drawn.cov.reshape(-1, *drawn.cov.shape[2:])
    mean = drawn.mean.reshape(-1, drawn.mean.shape[2]) if estimate.has_means else None
    f = discrepancy(state, cov, mean)[0].reshape(size, groups)
    chisq = (drawn.n * f).sum(axis=1)
    n, df = drawn.n.sum(axis=1), estimate.df
    variances = np.einsum("bii->bi", cov)
    apart = (np.log(variances).sum(axis=1) - np.linalg.slogdet(cov)[1]).reshape(size, groups)
    base = (drawn.n * apart).sum(axis=1)
    base_df = estimate.p * (estimate.p - 1) // 2 * groups
    excess, most = np.maximum(chisq - df, 0.0), np.maximum(base - base_df, 0.0)
    unfit = excess / np.maximum(np.maximum(excess, most), 1e-300)
    rmsea = np.sqrt(groups * excess / (df * n)) if df else np.zeros(size)
    gap = None if mean is None else mean - state.mu
    srmr = (drawn.n * _srmr(cov, state.sigma, gap).reshape(size, groups)).sum(axis=1) / n
    values = np.stack([chisq, unfit, rmsea, srmr], axis=1)
    return Measured(values, good & np.isfinite(values).all(axis=1))


def _srmr(cov: Array, sigma: Array, gap: Array | None) -> Array:
    """Return the standardised root mean square residuals (b,)."""
    sd = np.sqrt(np.einsum("bii->bi", cov))
    row, col = np.tril_indices(cov.shape[1])
    left = ((cov - sigma) / (sd[:, :, None] * sd[:, None, :]))[:, row, col]
    if gap is not None:
        left = np.concatenate([left, gap / sd], axis=1)
    return np.sqrt((left**2).mean(axis=1))


def pvalues(observed: Array, drawn: Array) -> Array:
    """Return the share of draws at least as bad as what was observed, that one counted in.

    (1 + #{T* >= T}) / (1 + B): a p-value of zero cannot come from B draws (Phipson & Smyth 2010,
    doi:10.2202/1544-6115.1585).

    Parameters
    ----------
    observed : (k,) array
    drawn : (B, k) array
    """
    slack = 1e-9 * np.maximum(1.0, np.abs(observed))
    return (1.0 + (drawn >= observed - slack).sum(axis=0)) / (1.0 + len(drawn))
