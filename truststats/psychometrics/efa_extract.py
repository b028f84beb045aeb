"""Extraction of common factors from a correlation matrix: likelihood, least squares, weighted.

Given the unique variances, the best loadings follow from eigenvalues, so the first two methods
search p numbers only. Weights of single correlations have no such shortcut; there the loadings are
sought themselves. Loadings come as principal axes: their columns are orthogonal in the metric of
the method, in descending order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.optimize import minimize

from truststats.arrays import Array

__all__ = ["LEAST_UNIQUENESS", "Extraction", "extract", "ml_discrepancy", "most_factors", "smc"]

LEAST_UNIQUENESS = 0.005
"""No unique variance is let below this share; one that stays there is improper."""

_MOST_STEPS = 500
_STILL = 1e-11


@dataclass(frozen=True, eq=False)
class Extraction:
    """Unrotated factors.

    Attributes
    ----------
    loadings : (p, m) array
        Of standardised variables on uncorrelated factors.
    uniqueness : (p,) array
        One minus the communalities; negative where weighted least squares has no bound.
    value : float
        The discrepancy at its minimum: twice the likelihood's per case, or the sum of (weighted)
        squared residual correlations.
    converged : bool
    """

    loadings: Array
    uniqueness: Array
    value: float
    converged: bool

    @property
    def implied(self) -> Array:
        """The implied matrix, (p, p); its diagonal is one but for items at the bound."""
        return self.loadings @ self.loadings.T + np.diag(self.uniqueness)


def most_factors(p: int) -> int:
    """Return the largest number of factors that p variables leave degrees of freedom for.

    Those are ((p - m)^2 - p - m) / 2.
    """
    m = np.arange(p)
    return int(m[((p - m) ** 2 - p - m) >= 0].max(initial=0))


def smc(corr: Array) -> Array:
    """Return squared multiple correlations of each variable with the others, (..., p).

    1 - 1 / r^ii with r^ii the diagonal of the inverse (Guttman 1956, doi:10.1007/BF02289099).
    """
    inverse = np.linalg.inv(corr)
    return 1.0 - 1.0 / np.diagonal(inverse, axis1=-2, axis2=-1)


def extract(corr: Array, m: int, method: str, weight: Array | None = None) -> Extraction:
    """Return m unrotated factors of a (p, p) correlation matrix.

    Parameters
    ----------
    corr : (p, p) array
    m : int
        At least 1.
    method : {"ml", "minres", "wls"}
        Normal likelihood (Joreskog 1967, doi:10.1007/BF02289658); unweighted squares of residual
        correlations (Harman & Jones 1966, doi:10.1007/BF02289468); squares weighted one by one.
    weight : (p, p) array, optional
        For ``"wls"``: the weight of each residual correlation, symmetric; the diagonal is not used.
    """
    if method == "wls":
        assert weight is not None
        start = _by_uniqueness(corr, m, _minres_value, _minres_loadings)
        return _weighted(corr, m, weight, start.loadings)
    if method == "ml":
        return _by_uniqueness(corr, m, _ml_value, _ml_loadings)
    return _by_uniqueness(corr, m, _minres_value, _minres_loadings)


Value = Callable[[Array, Array, int], tuple[float, Array]]


def _by_uniqueness(
    corr: Array, m: int, value: Value, loadings: Callable[[Array, Array, int], Array]
) -> Extraction:
    """Minimise over unique variances, from (1 - m / 2p) / r^ii (Joreskog 1963)."""
    p = len(corr)
    sound = np.linalg.eigvalsh(corr)[0] > 1e-8
    alone = 1.0 - smc(corr) if sound else np.full(p, 0.5)
    start = np.clip((1.0 - 0.5 * m / p) * alone, 2 * LEAST_UNIQUENESS, 1.0)
    found = minimize(
        lambda psi: value(corr, psi, m),
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_UNIQUENESS, 1.0)] * p,
        options={"maxiter": 2000, "maxfun": 10_000, "ftol": 0.0, "gtol": 1e-10, "maxcor": 30},
    )
    psi = cast(Array, found.x)
    slope = value(corr, psi, m)[1]
    free = (psi > LEAST_UNIQUENESS) & (psi < 1.0)
    still = bool(np.abs(slope[free]).max(initial=0.0) < 1e-5)
    made = loadings(corr, psi, m)
    return Extraction(_signed(made), psi, float(found.fun), still)


def _ml_value(corr: Array, psi: Array, m: int) -> tuple[float, Array]:
    """Return -sum_{k > m} (log t_k - t_k + 1), t the eigenvalues of psi^-1/2 R psi^-1/2."""
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(corr / np.outer(root, root))
    rest = values[: len(psi) - m]
    kept = np.maximum(values[len(psi) - m :] - 1.0, 0.0)
    loadings = root[:, None] * vectors[:, len(psi) - m :] * np.sqrt(kept)
    slope = ((loadings**2).sum(axis=1) + psi - np.diag(corr)) / psi**2
    return float((rest - np.log(np.maximum(rest, 1e-300)) - 1.0).sum()), slope


def _ml_loadings(corr: Array, psi: Array, m: int) -> Array:
    root = np.sqrt(psi)
    values, vectors = np.linalg.eigh(corr / np.outer(root, root))
    kept = np.maximum(values[::-1][:m] - 1.0, 0.0)
    return root[:, None] * vectors[:, ::-1][:, :m] * np.sqrt(kept)


def _minres_value(corr: Array, psi: Array, m: int) -> tuple[float, Array]:
    """Return the sum of squares of the eigenvalues of R - psi after the first m, halved."""
    values, vectors = np.linalg.eigh(corr - np.diag(psi))
    rest = values[: len(psi) - m]
    part = vectors[:, : len(psi) - m]
    return float(0.5 * (rest**2).sum()), -((part**2) @ rest)


def _minres_loadings(corr: Array, psi: Array, m: int) -> Array:
    values, vectors = np.linalg.eigh(corr - np.diag(psi))
    return vectors[:, ::-1][:, :m] * np.sqrt(np.maximum(values[::-1][:m], 0.0))


def _signed(loadings: Array) -> Array:
    """Return loadings whose columns have a positive sum."""
    return loadings * np.where(loadings.sum(axis=0) < 0.0, -1.0, 1.0)


def _pair_jacobian(loadings: Array, root: Array, i: Array, j: Array) -> Array:
    """Return the derivatives of the weighted correlations l_i' l_j by the loadings, (P, p m)."""
    at = np.arange(len(i))
    out = np.zeros((len(i), *loadings.shape))
    out[at, i] = root[:, None] * loadings[j]
    out[at, j] = root[:, None] * loadings[i]
    return out.reshape(len(i), -1)


def _weighted(corr: Array, m: int, weight: Array, start: Array) -> Extraction:
    """Minimise sum_{i > j} w_ij (r_ij - l_i' l_j)^2 by damped Gauss-Newton steps.

    The loadings are free up to a rotation, which the damping leaves where it is; principal axes
    are taken at the end.
    """
    p = len(corr)
    i, j = np.tril_indices(p, -1)
    scale = float(weight[i, j].mean())
    root = np.sqrt(weight[i, j] / scale)

    def gaps(loadings: Array) -> Array:
        return root * (corr[i, j] - (loadings[i] * loadings[j]).sum(axis=1))

    now, damping, still = start, 1e-3, False
    gap = gaps(now)
    for _ in range(_MOST_STEPS):
        flat = _pair_jacobian(now, root, i, j)
        slope = flat.T @ gap
        still = float(np.abs(slope).max()) < _STILL
        if still or damping > 1e8:
            break
        step = np.linalg.solve(flat.T @ flat + damping * np.eye(p * m), slope)
        new = now + step.reshape(p, m)
        fresh = gaps(new)
        better = fresh @ fresh <= gap @ gap
        damping = max(damping / 5.0, 1e-10) if better else 4.0 * damping
        if better:
            now, gap = new, fresh
    left, size, _ = np.linalg.svd(now, full_matrices=False)
    loadings = _signed(left * size)
    uniqueness = 1.0 - (loadings**2).sum(axis=1)
    still = still or float(np.abs(_pair_jacobian(now, root, i, j).T @ gap).max()) < 1e-7
    return Extraction(loadings, uniqueness, scale * float(gap @ gap), still)


def ml_discrepancy(corr: Array, implied: Array) -> float:
    """Return log|Sigma| - log|R| + tr(R Sigma^-1) - p."""
    _, own = np.linalg.slogdet(corr)
    _, other = np.linalg.slogdet(implied)
    return float(other - own + np.trace(np.linalg.solve(implied, corr)) - len(corr))
