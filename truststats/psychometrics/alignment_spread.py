"""How sure an alignment is: covariances of means, variances and aligned items by the delta method.

The solution is where the gradient of the loss is zero. How it moves with the loadings and
intercepts that were aligned follows from the second derivatives of the loss (implicit functions),
and the covariance of these is that of the configural model, clusters included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.psychometrics.alignment import Aligned
from truststats.psychometrics.alignment_loss import Part, bends

__all__ = ["AlignedSpread", "aligned_spread"]


@dataclass(frozen=True, eq=False)
class AlignedSpread:
    """Covariances over G groups.

    Attributes
    ----------
    mean, log_sd : (G, G) arrays
        Of the means, and of the logarithms of the standard deviations.
    loadings, intercepts : (p, G, G) arrays
        Of each item's aligned parameters.
    """

    mean: Array
    log_sd: Array
    loadings: Array
    intercepts: Array


def aligned_spread(
    found: Aligned, spread: Part, place: Part, reference: int, cov: Array
) -> AlignedSpread:
    """Return the covariances of what an alignment found.

    Parameters
    ----------
    found : Aligned
    spread, place : Part
        The parts of the loss it minimised.
    reference : int
    cov : (K, s, s) array
        Covariance matrix of the configural parameters as K blocks of size s: one block a group, or
        a single one for all. Their order is group after group, in each all loadings and then all
        intercepts.
    """
    p, size = spread.loadings.shape
    root = _root(cov)
    scale = _through(_moves_with(spread, found.t, p), root)
    shift = _through(_moves_with(place, found.b, p), root)
    log_sd = scale[reference] - scale
    mean = found.sd[:, None] * (shift + found.b[:, None] * log_sd)
    at = np.arange(size)
    own_loadings, own_intercepts = np.empty((p, size, size)), np.empty((p, size, size))
    for k in range(p):
        direct = np.zeros((2, size, size, 2 * p))
        direct[0, at, at, k] = 1.0
        direct[1, at, at, p + k] = 1.0
        loading, intercept = _through(direct[0], root), _through(direct[1], root)
        lam = spread.loadings[k][:, None]
        own = (loading - lam * log_sd) / found.sd[:, None]
        own_loadings[k] = own @ own.T
        own = intercept - found.b[:, None] * loading - lam * shift
        own_intercepts[k] = own @ own.T
    return AlignedSpread(mean @ mean.T, log_sd @ log_sd.T, own_loadings, own_intercepts)


def _root(cov: Array) -> Array:
    """Return roots R of symmetric blocks, R R' = block; what is negative by rounding is zero."""
    value, vector = np.linalg.eigh(0.5 * (cov + np.swapaxes(cov, 1, 2)))
    return cast(Array, vector * np.sqrt(np.maximum(value, 0.0))[:, None, :])


def _through(moves: Array, root: Array) -> Array:
    """Return derivatives (m, G, 2p) times the root of the covariance, (m, K s)."""
    blocks, size, _ = root.shape
    split = moves.reshape(len(moves), blocks, size)
    return np.einsum("mks,kst->mkt", split, root, optimize=True).reshape(len(moves), -1)


def _moves_with(part: Part, x: Array, p: int) -> Array:
    """Return how the solution moves with loadings and intercepts, (G, G, 2p).

    -H^-1 times the second derivatives of the loss by x and by loading or intercept of item q in
    group h: the item's own curvature, and its pull on x where the loading tells how y moves.
    """
    size = len(x)
    at = np.arange(size)
    mixed = np.zeros((size, size, 2 * p))
    views, moves = part.views(x[None])[:, 0], part.moves(x[None])[:, 0]
    turn = np.exp(x) if part.scaled else -x
    inner = np.exp(x) if part.scaled else -np.ones(size)
    for q in range(p):
        seen = bends(views[q][None], part.w, part.eps, part.power, true=True)
        across = moves[q][:, None] * seen.bend[0]
        mixed[:, :, q] = across * turn
        mixed[at, at, q] += inner * seen.pull[0]
        if not part.scaled:
            mixed[:, :, p + q] = across
    _, _, bend = part.look(x[None], true=True)
    return -part.solve(bend, mixed.reshape(1, size, -1))[0].reshape(size, size, 2 * p)
