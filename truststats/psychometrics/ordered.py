"""Covariances of ordered answers, from the correlations and thresholds of their normal responses.

An answer is its lowest code plus the steps d_c of all thresholds below the response, so that the
covariance of two answers is the sum over their thresholds of
d_c d_e [Phi2(tau_c, tau_e, r) - Phi(tau_c) Phi(tau_e)]. With r the correlation of the responses it
is the covariance of the answers; with r what a factor explains of that correlation it is what the
factor explains of that covariance, which makes omega one of the answers themselves.
Source: Green & Yang (2009), doi:10.1007/s11336-008-9099-3, equations 20 and 21.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtr

from truststats.arrays import Array
from truststats.estimation.bivariate import FAR, normal_cdf, normal_density

__all__ = ["Steps", "answer_covariance", "answer_share_slope"]

_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class Steps:
    """How far apart the codes of k items are, one threshold after the other.

    Attributes
    ----------
    size : (k, C) array
        Distance between the codes above and below each threshold; 0 where an item has fewer.
    """

    size: Array

    def padded(self, thresholds: list[Array]) -> Array:
        """Return thresholds by item, each (..., c), as one (..., k, C) array."""
        out = np.full((*thresholds[0].shape[:-1], *self.size.shape), FAR, thresholds[0].dtype)
        for k, own in enumerate(thresholds):
            out[..., k, : own.shape[-1]] = own
        return out


def _corners(corr: Array, tau: Array) -> tuple[Array, Array, Array]:
    """Return thresholds of both items and correlations, broadcast to (..., k, k, C, C)."""
    return tau[..., :, None, :, None], tau[..., None, :, None, :], corr[..., :, :, None, None]


def _variances(tau: Array, steps: Array) -> Array:
    """Return the (..., k) variances of the answers."""
    below = ndtr(tau)
    both = np.minimum(below[..., :, None], below[..., None, :])
    both = both - below[..., :, None] * below[..., None, :]
    return np.einsum("...kce,kc,ke->...k", both, steps, steps)


def answer_covariance(corr: Array, tau: Array, steps: Steps, *, own: bool) -> Array:
    """Return the (..., k, k) covariances of answers whose normal responses correlate so.

    Parameters
    ----------
    corr : (..., k, k) array
        Correlations, or what a factor explains of them.
    tau : (..., k, C) array
        Thresholds, from `Steps.padded`.
    steps : Steps
    own : bool
        Whether the diagonal holds the items' variances; else the covariances of two answers to an
        item whose responses share no more than the diagonal of `corr`.
    """
    x, y, r = _corners(corr, tau)
    inside = np.where(own & np.eye(corr.shape[-1], dtype=bool)[:, :, None, None], 0.0, r)
    joint = normal_cdf(x, y, np.clip(inside, -1.0 + 1e-12, 1.0 - 1e-12)) - ndtr(x) * ndtr(y)
    out = np.einsum("...jkce,jc,ke->...jk", joint, steps.size, steps.size)
    if own:
        at = np.arange(corr.shape[-1])
        out[..., at, at] = _variances(tau, steps.size)
    return cast(Array, out)


def _by_corr(corr: Array, tau: Array, steps: Array) -> Array:
    """Return the (k, k) derivatives of covariances by their correlation."""
    x, y, r = _corners(corr, tau)
    near = (np.abs(x) < FAR) & (np.abs(y) < FAR)
    density = np.where(near, normal_density(x, y, np.clip(r, -1.0 + 1e-9, 1.0 - 1e-9)), 0.0)
    return np.einsum("jkce,jc,ke->jk", density, steps, steps)


def _by_threshold(corr: Array, tau: Array, steps: Array) -> Array:
    """Return the (k, k, C) derivatives of covariances by the thresholds of the first item."""
    x, y, r = _corners(corr, tau)
    root = np.sqrt(np.maximum((1.0 - r) * (1.0 + r), 1e-18))
    gap = np.einsum("jkce,ke->jkc", ndtr((y - r * x) / root) - ndtr(y), steps)
    density: Array = np.exp(-0.5 * tau * tau) / _SQRT_2PI
    return gap * (density * steps)[:, None, :]


def _variances_by_threshold(tau: Array, steps: Array) -> Array:
    """Return the (k, C) derivatives of variances by the items' own thresholds."""
    above = np.cumsum(steps[:, ::-1], axis=1)[:, ::-1] - steps
    mean = (steps * ndtr(tau)).sum(axis=1, keepdims=True)
    density: Array = np.exp(-0.5 * tau * tau) / _SQRT_2PI
    return steps * density * (steps + 2.0 * above - 2.0 * mean)


def answer_share_slope(
    true: Array, corr: Array, tau: Array, steps: Steps, signs: Array
) -> tuple[float, Array, Array, Array]:
    """Return a share of the variance of a sum of answers, and its derivatives.

    Parameters
    ----------
    true : (k, k) array
        What is explained of the correlations of the responses, of the variances on the diagonal.
    corr : (k, k) array
        Their correlations.
    tau : (k, C) array
    steps : Steps
    signs : (k,) array
        Signs of the items in the sum.

    Returns
    -------
    float
        The share: categorical omega.
    three arrays
        Its derivatives by the cells of `true` and of `corr`, (k, k), and by the thresholds, (k, C).
    """
    size, weight = steps.size, np.outer(signs, signs)
    part = float((weight * answer_covariance(true, tau, steps, own=False)).sum())
    whole = float((weight * answer_covariance(corr, tau, steps, own=True)).sum())
    ratio, at = part / whole, np.arange(len(signs))
    apart = weight * (1.0 - np.eye(len(signs)))
    by_true = weight * _by_corr(true, tau, size) / whole
    inside = corr - np.diag(np.diag(corr))
    by_corr = -ratio * apart * _by_corr(inside, tau, size) / whole
    top = 2.0 * np.einsum("jk,jkc->jc", weight, _by_threshold(true, tau, size))
    bottom = 2.0 * np.einsum("jk,jkc->jc", apart, _by_threshold(inside, tau, size))
    bottom += weight[at, at, None] * _variances_by_threshold(tau, size)
    return ratio, by_true, by_corr, (top - ratio * bottom) / whole
