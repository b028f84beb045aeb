"""What an alignment minimises: the differences of loadings and intercepts over pairs of groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array

__all__ = ["Bends", "Part", "bends", "component_loss", "pair_weights", "parts", "same_way"]

_RIDGE = 1e-10


@dataclass(frozen=True, eq=False)
class Bends:
    """First and second derivatives of the loss by aligned parameters of one item, G groups.

    Attributes
    ----------
    value : (B,) array
    pull : (B, G) array
        First derivatives.
    bend : (B, G, G) array
        Second derivatives of a quadratic that lies above the loss, or of the loss itself.
    """

    value: Array
    pull: Array
    bend: Array


def pair_weights(n: Array) -> Array:
    """Return the (G, G) weights sqrt(n_g n_h) of pairs of groups, zero on the diagonal.

    They are divided by their mean, so that the loss does not depend on the number of people.
    """
    w = np.sqrt(np.outer(n, n))
    np.fill_diagonal(w, 0.0)
    return cast(Array, w * (len(n) * (len(n) - 1.0)) / w.sum())


def component_loss(x: Array, eps: float, power: float) -> Array:
    """Return (x^2 + eps)^(power / 2), close to a power of x and smooth at zero."""
    return (x * x + eps) ** (0.5 * power)


def bends(y: Array, w: Array, eps: float, power: float, *, true: bool = False) -> Bends:
    """Return the loss of one item over all pairs of groups, with derivatives by its parameters.

    Parameters
    ----------
    y : (B, G) array
        Aligned loadings or intercepts, in a batch.
    w : (G, G) array
    eps, power : float
    true : bool
        Whether second derivatives are those of the loss itself.
    """
    d = y[:, :, None] - y[:, None, :]
    square = d * d + eps
    root = np.sqrt(np.sqrt(square)) if power == 0.5 else square ** (0.5 * power)
    value = 0.5 * np.einsum("bgh,gh->b", root, w)
    slope = power * w * root / square
    pull = np.einsum("bgh,bgh->bg", slope, d)
    curved = slope * (1.0 + (power - 2.0) * (1.0 - eps / square)) if true else slope
    return Bends(value, pull, _laplacian(curved))


def _laplacian(u: Array) -> Array:
    """Return diag(row sums) - u for a batch of symmetric matrices."""
    out = -u
    at = np.arange(u.shape[-1])
    out[:, at, at] += u.sum(axis=-1)
    return out


def same_way(loadings: Array, reference: int) -> Array:
    """Return for each group 1, or -1 where its factor points away from that of the reference.

    Parameters
    ----------
    loadings : (p, G) array
    reference : int
    """
    toward = loadings.T @ loadings[:, reference]
    return np.where(toward < 0.0, -1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Part:
    """One part of the loss as a function of G numbers x, in a batch.

    Attributes
    ----------
    loadings, intercepts : (p, G) arrays
    w : (G, G) array
    eps, power : float
    scaled : bool
        The part of the loadings, whose aligned values are y = exp(x) l, and not that of the
        intercepts, y = n - x l.
    hold : (G,) array or None
        A direction in which x does not move.
    """

    loadings: Array
    intercepts: Array
    w: Array
    eps: float
    power: float
    scaled: bool
    hold: Array | None

    def views(self, x: Array) -> Array:
        """Return the aligned values of every item, (p, B, G)."""
        if self.scaled:
            return np.exp(x)[None] * self.loadings[:, None]
        return self.intercepts[:, None] - x[None] * self.loadings[:, None]

    def moves(self, x: Array) -> Array:
        """Return how the aligned values move with x, (p, B, G)."""
        if self.scaled:
            return np.exp(x)[None] * self.loadings[:, None]
        return -np.broadcast_to(self.loadings[:, None], (len(self.loadings), *x.shape))

    def look(self, x: Array, *, true: bool = False) -> tuple[Array, Array, Array]:
        """Return the loss (B,), its gradient (B, G) and a second derivative (B, G, G) by x.

        The second derivative is that of a quadratic above the loss, or the loss's own if `true`.
        """
        size = x.shape[-1]
        value, slope = np.zeros(len(x)), np.zeros(x.shape)
        bend = np.zeros((len(x), size, size))
        for y, move in zip(self.views(x), self.moves(x), strict=True):
            seen = bends(y, self.w, self.eps, self.power, true=true)
            value += seen.value
            slope += move * seen.pull
            bend += move[:, :, None] * seen.bend * move[:, None, :]
        if self.scaled:
            at = np.arange(size)
            bend[:, at, at] += slope if true else slope.mean(axis=1)[:, None]
        return value, slope, bend

    def solve(self, bend: Array, right: Array) -> Array:
        """Return what solves bend s = right, (B, G, m), and leaves the held direction."""
        size = bend.shape[-1]
        at = np.arange(size)
        bend = bend.copy()
        bend[:, at, at] += _RIDGE * np.trace(bend, axis1=1, axis2=2)[:, None] / size
        if self.hold is None:
            return np.linalg.solve(bend, right)
        bordered = np.zeros((len(bend), size + 1, size + 1))
        bordered[:, :size, :size] = bend
        bordered[:, :size, size] = bordered[:, size, :size] = self.hold
        more = np.concatenate([right, np.zeros((len(right), 1, right.shape[-1]))], axis=1)
        return np.linalg.solve(bordered, more)[:, :size]

    def step(self, bend: Array, slope: Array) -> Array:
        """Return the step to the minimum of a quadratic, (B, G)."""
        return -self.solve(bend, slope[..., None])[..., 0]

    def still(self, slope: Array, value: Array, small: float) -> bool:
        """Tell whether the gradient is zero but along the held direction."""
        if self.hold is not None:
            unit = self.hold / np.linalg.norm(self.hold)
            slope = slope - (slope @ unit)[:, None] * unit
        return bool(np.abs(slope).max() <= small * value.max())


def parts(
    loadings: Array, intercepts: Array, n: Array, reference: int, *,
    free: bool, eps: float, power: float,
) -> tuple[Part, Part]:  # fmt: skip
    """Return the part of the loss that the loadings make, and that of the intercepts."""
    size = loadings.shape[1]
    w = pair_weights(np.asarray(n, dtype=float))
    only = None if free else (np.arange(size) == reference).astype(float)
    return (
        Part(loadings, intercepts, w, eps, power, scaled=True, hold=np.ones(size)),
        Part(loadings, intercepts, w, eps, power, scaled=False, hold=only),
    )
