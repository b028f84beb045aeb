"""What rotation makes small: criteria of simple structure, each with its gradient, for a batch.

Every criterion takes loadings of shape (B, p, m) and returns values (B,) and gradients
(B, p, m). They are analytic functions, so that complex steps differentiate them again.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from truststats.arrays import Array

__all__ = ["Criterion", "crawford_ferguson", "geomin", "oblimin", "orthomax", "target"]

Criterion = Callable[[Array], tuple[Array, Array]]


def _total(values: Array) -> Array:
    return values.sum(axis=(-2, -1))


def oblimin(gamma: float = 0.0) -> Criterion:
    """Return direct oblimin: 1/4 <L2, (I - gamma/p 11') L2 N> with L2 the squared loadings.

    N is 1 off the diagonal and 0 on it; gamma = 0 is quartimin.
    Source: Jennrich & Sampson (1966), doi:10.1007/BF02289465.
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        square = loadings * loadings
        other = square.sum(axis=-1, keepdims=True) - square
        if gamma:
            other = other - gamma * other.mean(axis=-2, keepdims=True)
        return 0.25 * _total(square * other), loadings * other

    return criterion


def crawford_ferguson(kappa: float) -> Criterion:
    """Return (1 - kappa)/4 <L2, L2 N> + kappa/4 <L2, M L2>, N and M as in `oblimin`.

    kappa = 0 is quartimin, 1/p (orthogonal) varimax, m/(2p) equamax.
    Source: Crawford & Ferguson (1970), doi:10.1007/BF02310792.
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        square = loadings * loadings
        rows = square.sum(axis=-1, keepdims=True) - square
        columns = square.sum(axis=-2, keepdims=True) - square
        mixed = (1.0 - kappa) * rows + kappa * columns
        return 0.25 * _total(square * mixed), loadings * mixed

    return criterion


def orthomax(gamma: float) -> Criterion:
    """Return minus 1/4 of sum L2^2 - gamma/p sum_j (sum_i L2)^2, for orthogonal rotation.

    gamma = 0 is quartimax, 1 varimax (Kaiser 1958, doi:10.1007/BF02289233), m/2 equamax.
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        square = loadings * loadings
        centred = square - gamma * square.mean(axis=-2, keepdims=True)
        return -0.25 * _total(square * centred), -loadings * centred

    return criterion


def geomin(epsilon: float) -> Criterion:
    """Return the sum over variables of the geometric mean of L2 + epsilon.

    Source: Yates (1987), "Multivariate exploratory data analysis"; Browne (2001),
    doi:10.1207/S15327906MBR3601_05.
    """

    def criterion(loadings: Array) -> tuple[Array, Array]:
        raised = loadings * loadings + epsilon
        mean = np.exp(np.log(raised).mean(axis=-1))
        slope = (2.0 / loadings.shape[-1]) * (loadings / raised) * mean[..., None]
        return mean.sum(axis=-1), slope

    return criterion


def target(wanted: Array) -> Criterion:
    """Return the sum of squared deviations from a (p, m) target; NaN stands for anything.

    Source: Browne (1972), doi:10.1111/j.2044-8317.1972.tb00482.x.
    """
    there = ~np.isnan(wanted)
    filled = np.where(there, wanted, 0.0)

    def criterion(loadings: Array) -> tuple[Array, Array]:
        gap = np.where(there, loadings - filled, 0.0)
        return _total(gap * gap), 2.0 * gap

    return criterion
