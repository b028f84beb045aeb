"""Rotation by gradient projection from many random starts, all of them one batch.

Libraries rotate from one start at a time and do not say whether another start would have ended
lower; here every start is followed, and the minima they end in are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray
from truststats.psychometrics.rotation_criteria import Criterion, orthomax

__all__ = ["Rotation", "gradient_projection", "kaiser_weights", "promax", "rotate"]

_TOLERANCE = 1e-7
_NEARLY = 1e-5
_MOST_STEPS = 3000
_HALVINGS = 12
_SAME = 1e-5


@dataclass(frozen=True, eq=False)
class Rotation:
    """Rotated loadings and how they were found.

    Attributes
    ----------
    loadings : (p, m) array
    phi : (m, m) array
        Correlations of the factors.
    value : float
        The criterion at the best minimum; NaN for promax.
    starts : int
        Starts that were followed.
    converged : int
        How many of them arrived at a minimum.
    best : int
        How many of those arrived at the best one.
    minima : (k,) array
        Values of the criterion at the different minima, best first.
    """

    loadings: Array
    phi: Array
    value: float = float("nan")
    starts: int = 1
    converged: int = 1
    best: int = 1
    minima: Array = ()  # type: ignore[assignment]


def kaiser_weights(loadings: Array, phi: Array) -> Array:
    """Return one over the roots of the communalities, (..., p); zero where there is none."""
    common = np.einsum("...ij,...jk,...ik->...i", loadings, phi, loadings)
    return np.where(common.real > 1e-12, 1.0 / np.sqrt(np.where(common == 0, 1.0, common)), 0.0)


def _norm(matrices: Array) -> Array:
    return np.sqrt((matrices * matrices).sum(axis=(-2, -1)))


def _loadings(a: Array, t: Array, *, oblique: bool) -> Array:
    """Return A T'^-1, or A T."""
    return a @ np.swapaxes(np.linalg.inv(t), -1, -2) if oblique else a @ t


def _uphill(t: Array, a: Array, loadings: Array, slope: Array, *, oblique: bool) -> Array:
    """Return the gradient in T, projected on the directions that keep T a rotation."""
    if oblique:
        full = -np.swapaxes(np.swapaxes(loadings, -1, -2) @ slope @ np.linalg.inv(t), -1, -2)
        return full - t * (t * full).sum(axis=-2, keepdims=True)
    full = a.T @ slope
    half = np.swapaxes(t, -1, -2) @ full
    return full - t @ (0.5 * (half + np.swapaxes(half, -1, -2)))


def _onto(t: Array, *, oblique: bool) -> Array:
    """Return the nearest rotation: columns of length one, or orthogonal ones."""
    if oblique:
        return t / np.sqrt((t * t).sum(axis=-2, keepdims=True))
    left, _, right = np.linalg.svd(t)
    return left @ right


def gradient_projection(
    a: Array, starts: Array, criterion: Criterion, *, oblique: bool
) -> tuple[Array, Array, BoolArray]:
    """Return transformations, criterion values and which starts converged.

    Parameters
    ----------
    a : (p, m) array
        Unrotated loadings, rows weighted as the criterion is to see them.
    starts : (B, m, m) array
        Orthogonal matrices to start from.
    criterion : Criterion
    oblique : bool
        Rotated loadings are A T'^-1 with correlations T'T, or A T with T orthogonal.

    Notes
    -----
    Each start has its own step length, doubled after a success and halved until the criterion
    falls by half of what the gradient promises.
    Source: Jennrich (2001), doi:10.1007/BF02294840; Jennrich (2002), doi:10.1007/BF02294706.
    """
    t = starts.copy()
    length = np.ones(len(t))
    value, slope = criterion(_loadings(a, t, oblique=oblique))
    done: BoolArray = np.zeros(len(t), dtype=np.bool_)
    left = np.arange(len(t))
    for _ in range(_MOST_STEPS):
        uphill = _uphill(
            t[left], a, _loadings(a, t[left], oblique=oblique), slope[left], oblique=oblique
        )
        steep = _norm(uphill)
        done[left[steep < _TOLERANCE]] = True
        go = steep >= _TOLERANCE
        left, uphill, steep = left[go], uphill[go], steep[go]
        if not len(left):
            break
        length[left] *= 2.0
        waiting = np.arange(len(left))
        for _ in range(_HALVINGS):
            at = left[waiting]
            new = _onto(t[at] - length[at, None, None] * uphill[waiting], oblique=oblique)
            fresh, its_slope = criterion(_loadings(a, new, oblique=oblique))
            fell = fresh < value[at] - 0.5 * steep[waiting] ** 2 * length[at]
            moved = at[fell]
            t[moved], value[moved], slope[moved] = new[fell], fresh[fell], its_slope[fell]
            waiting = waiting[~fell]
            length[left[waiting]] *= 0.5
            if not len(waiting):
                break
        # what no step improves is as low as double precision can see
        stuck = waiting[steep[waiting] < _NEARLY]
        done[left[stuck]] = True
        left = np.delete(left, stuck)
    return t, value, done


def _random_rotations(m: int, count: int, rng: np.random.Generator) -> Array:
    """Return the identity and uniformly distributed orthogonal matrices, (count, m, m)."""
    left, right = np.linalg.qr(rng.normal(size=(count, m, m)))
    out = left * np.sign(np.diagonal(right, axis1=1, axis2=2))[:, None, :]
    out[0] = np.eye(m)
    return out


def rotate(
    a: Array,
    criterion: Criterion,
    *,
    oblique: bool,
    kaiser: bool = False,
    starts: int = 30,
    rng: np.random.Generator | None = None,
) -> Rotation:
    """Return the best rotation that was found from many starts.

    Parameters
    ----------
    a : (p, m) array
        Unrotated loadings on uncorrelated factors.
    criterion : Criterion
        What to make small.
    oblique : bool
        Whether factors may correlate.
    kaiser : bool
        Whether the criterion sees rows divided by the roots of their communalities.
    starts : int
        The unrotated solution and starts - 1 random rotations of it.
    rng : numpy Generator, optional
        Where the starts come from; a fixed seed by default.
    """
    m = a.shape[1]
    if m == 1:
        return Rotation(a, np.ones((1, 1)), minima=np.zeros(0))
    weights = kaiser_weights(a, np.eye(m)) if kaiser else np.ones(len(a))
    begin = _random_rotations(m, starts, np.random.default_rng(1) if rng is None else rng)
    t, value, done = gradient_projection(a * weights[:, None], begin, criterion, oblique=oblique)
    counted = done if done.any() else ~done
    best = t[int(np.where(counted, value, np.inf).argmin())]
    ends = np.sort(value[counted])
    apart = np.diff(ends, prepend=-np.inf) > _SAME * (1.0 + np.abs(ends))
    near = ends - ends[0] <= _SAME * (1.0 + np.abs(ends[0]))
    return Rotation(
        _loadings(a, best, oblique=oblique),
        best.T @ best if oblique else np.eye(m),
        float(ends[0]),
        starts,
        int(done.sum()),
        int(near.sum()),
        ends[apart],
    )


def promax(a: Array, power: float = 4.0, *, kaiser: bool = True) -> Rotation:
    """Return promax: the least-squares oblique rotation towards powered varimax loadings.

    The target is Q = L |L|^(power - 1) of the varimax loadings L, U = (L'L)^-1 L'Q, scaled so
    that the factors have variance one.
    Source: Hendrickson & White (1964), doi:10.1111/j.2044-8317.1964.tb00244.x.
    """
    m = a.shape[1]
    if m == 1:
        return Rotation(a, np.ones((1, 1)), minima=np.zeros(0))
    first = rotate(a, orthomax(1.0), oblique=False, kaiser=kaiser)
    wanted = first.loadings * np.abs(first.loadings) ** (power - 1.0)
    u = cast(Array, np.linalg.lstsq(first.loadings, wanted, rcond=None)[0])
    u = u * np.sqrt(np.diag(np.linalg.inv(u.T @ u)))
    phi = np.linalg.inv(u.T @ u)
    return Rotation(
        first.loadings @ u, phi, float("nan"), first.starts, first.converged, first.best,
        first.minima,
    )  # fmt: skip
