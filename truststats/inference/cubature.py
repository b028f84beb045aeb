"""Points and weights for means over a normal distribution of one to ten dimensions.

Up to two dimensions the product of Gauss-Hermite rules; beyond, Smolyak's sparse combination of
such rules of 1, 3, 5, ... points (Gerstner & Griebel 1998, doi:10.1023/A:1019129717644). It has
few enough points for ten dimensions; some of its weights are negative.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import comb

import numpy as np
from scipy.special import roots_hermitenorm

from truststats.arrays import Array

__all__ = ["MOST", "normal_rule"]

#: The largest number of dimensions.
MOST = 10
#: Levels of the sparse rule; 3 beyond.
_LEVEL = {3: 5, 4: 4}


def _line(count: int) -> tuple[Array, Array]:
    points, weights = roots_hermitenorm(count)
    return points, weights / weights.sum()


def _product(points: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    grids = np.meshgrid(*(x for x, _ in points), indexing="ij")
    weights = points[0][1]
    for _, w in points[1:]:
        weights = np.multiply.outer(weights, w)
    return np.stack([grid.ravel() for grid in grids], axis=1), weights.ravel()


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield all ways to write a number as an ordered sum of non-negative numbers."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)


def _sparse(r: int, level: int) -> tuple[Array, Array]:
    """Return Smolyak's rule, points that several of its products share counted once."""
    rules = [_line(2 * k + 1) for k in range(level + 1)]
    points: list[Array] = []
    weights: list[Array] = []
    for total in range(max(0, level - r + 1), level + 1):
        sign = (-1) ** (level - total) * comb(r - 1, level - total)
        for chosen in _compositions(total, r):
            x, w = _product([rules[k] for k in chosen])
            points.append(x)
            weights.append(sign * w)
    every = np.round(np.concatenate(points), 12) + 0.0
    found, place = np.unique(every, axis=0, return_inverse=True)
    summed = np.bincount(place.ravel(), np.concatenate(weights))
    keep = np.abs(summed) > 1e-14
    return found[keep], summed[keep]


@lru_cache(maxsize=32)
def normal_rule(r: int, *, fine: bool) -> tuple[Array, Array]:
    """Return points (Q, r) and weights (Q,) for means over r independent standard normals.

    Parameters
    ----------
    r : int
        From 1 to `MOST`.
    fine : bool
        The rule that gives results, or a cheap one to find where they lie.
    """
    assert 1 <= r <= MOST, r
    if r <= 2:
        return _product([_line((41, 21)[r - 1] if fine else 9)] * r)
    return _sparse(r, _LEVEL.get(r, 3) if fine else 2)
