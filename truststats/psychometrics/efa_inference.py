"""Standard errors of rotated loadings, and what the tests of an exploratory model rest on.

The parameters are those of the correlation structure L Phi L' off its diagonal. Rotation fixes them
by equations rather than by zeros, so the information is bordered by the derivatives of those
equations (Jennrich 1974, doi:10.1007/BF02291468).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.clusters import cluster_factor, cluster_sums
from truststats.estimation.two_way import pair_index
from truststats.inference.moment_structure import Pieces, filling, traces
from truststats.psychometrics.rotation import kaiser_weights
from truststats.psychometrics.rotation_criteria import Criterion

__all__ = [
    "Rotated",
    "Spread",
    "StandardRows",
    "correlation_slopes",
    "least_squares_spread",
    "likelihood_spread",
    "normal_gamma",
    "rotation_equations",
    "rows_gamma",
    "standard_errors",
    "two_stage_spread",
]

_STEP = 1e-30


@dataclass(frozen=True, eq=False)
class Rotated:
    """A rotated solution and the equations that fix it.

    Attributes
    ----------
    loadings : (p, m) array
    phi : (m, m) array
    criterion : Criterion
    oblique : bool
    kaiser : bool
        Whether the criterion sees rows divided by the roots of their communalities.
    """

    loadings: Array
    phi: Array
    criterion: Criterion
    oblique: bool
    kaiser: bool = False

    @property
    def implied(self) -> Array:
        """The implied correlations, (p, p)."""
        out = self.loadings @ self.phi @ self.loadings.T
        np.fill_diagonal(out, 1.0)
        return out


@dataclass(frozen=True, eq=False)
class Spread:
    """How the estimating equations vary.

    Attributes
    ----------
    information : (q, q) array
        Per case, not regular: a rotation costs nothing.
    middle : (q, q) array or None
        Variance of the scores; the information itself where None.
    one, two : float
        tr(U Gamma) and tr(U Gamma U Gamma) of the test; NaN where they are not needed.
    """

    information: Array
    middle: Array | None
    one: float = float("nan")
    two: float = float("nan")


def correlation_slopes(loadings: Array, phi: Array, *, oblique: bool) -> Array:
    """Return derivatives of the correlations, (P, q), in the order of `pair_index`.

    The q parameters are the loadings row by row, then (oblique) the factor correlations in the
    order of `pair_index`.
    """
    p, m = loadings.shape
    i, j = pair_index(p)
    at: IntArray = np.arange(len(i), dtype=np.intp)
    cross = loadings @ phi
    out = np.zeros((len(i), p, m))
    out[at, i] = cross[j]
    out[at, j] = cross[i]
    flat = out.reshape(len(i), -1)
    if not oblique:
        return flat
    a, b = pair_index(m)
    mixed = loadings[i][:, a] * loadings[j][:, b] + loadings[i][:, b] * loadings[j][:, a]
    return np.concatenate([flat, mixed], axis=1)


def normal_gamma(rho: Array) -> Array:
    """Return N times the covariance of sample correlations of normal variables, (P, P).

    Source: Pearson & Filon (1898), doi:10.1098/rsta.1898.0007.
    """
    i, j = pair_index(len(rho))
    own = rho[i, j]
    ik, jk = rho[np.ix_(i, i)], rho[np.ix_(j, i)]
    il, jl = rho[np.ix_(i, j)], rho[np.ix_(j, j)]
    out = ik * jl + il * jk
    out -= own[:, None] * (ik * il + jk * jl)
    out -= own * (ik * jk + il * jl)
    out += 0.5 * np.outer(own, own) * (ik**2 + il**2 + jk**2 + jl**2)
    return out


def least_squares_spread(found: Rotated, gamma: Array, weight: Array) -> Spread:
    """Return the spread of a fit to correlations by weighted squares.

    Parameters
    ----------
    found : Rotated
    gamma : (P, P) array
        N times the covariance of the correlations.
    weight : (P,) array
    """
    slopes = correlation_slopes(found.loadings, found.phi, oblique=found.oblique)
    pieces = [Pieces(slopes, weight, gamma, 1.0)]
    information = slopes.T @ (weight[:, None] * slopes)
    e = np.linalg.pinv(information, rcond=1e-11, hermitian=True)
    one, two = traces(pieces, e)
    return Spread(information, filling(pieces), one, two)


def _structure_slopes(found: Rotated) -> Array:
    """Return derivatives of D R D by loadings, factor correlations and scales, (q + p, p, p)."""
    p = len(found.loadings)
    i, j = pair_index(p)
    pairs = correlation_slopes(found.loadings, found.phi, oblique=found.oblique)
    out = np.zeros((pairs.shape[1] + p, p, p))
    out[:-p, i, j] = pairs.T
    out[:-p, j, i] = pairs.T
    implied = found.implied
    place = np.arange(p)
    out[pairs.shape[1] + place, place] += implied
    out[pairs.shape[1] + place, :, place] += implied
    return out


@dataclass(frozen=True, eq=False)
class StandardRows:
    """Complete rows of standardised variables, and how they were drawn.

    Attributes
    ----------
    z : (n, p) array
        (Weighted) means of zero and variances of one.
    clusters : (n,) int array or None
        Cluster of each row.
    weights : (n,) array or None
        Sampling weights that sum to n.
    """

    z: Array
    clusters: IntArray | None = None
    weights: Array | None = None

    def total(self, by_row: Array) -> Array:
        """Return the (k, k) covariance matrix, per row, of sums of row values (n, k)."""
        sums = self._sums(by_row)
        return sums.T @ sums / len(self.z)

    def size(self, by_row: Array) -> float:
        """Return the trace of `total`."""
        sums = self._sums(by_row)
        return float((sums * sums).sum()) / len(self.z)

    def _sums(self, by_row: Array) -> Array:
        w = np.ones(len(self.z)) if self.weights is None else self.weights
        centred = w[:, None] * (by_row - w @ by_row / w.sum())
        count = None if self.clusters is None else len(np.unique(self.clusters))
        return cluster_sums(centred, self.clusters) * np.sqrt(cluster_factor(count))


def rows_gamma(rows: StandardRows, rho: Array) -> Array:
    """Return N times the covariance of sample correlations from rows, (P, P).

    A row moves a correlation by z_i z_j - rho_ij (z_i^2 + z_j^2) / 2 (Isserlis 1916; Steiger &
    Hakstian 1982, doi:10.1111/j.2044-8317.1982.tb00653.x).
    """
    i, j = pair_index(rows.z.shape[1])
    square = rows.z**2
    return rows.total(rows.z[:, i] * rows.z[:, j] - 0.5 * rho[i, j] * (square[:, i] + square[:, j]))


def likelihood_spread(found: Rotated, rows: StandardRows | None = None) -> Spread:
    """Return the spread of a maximum likelihood fit, its scales profiled out.

    Parameters
    ----------
    found : Rotated
    rows : StandardRows, optional
        With them the variance of the scores is theirs, and the test that of Satorra & Bentler
        (1994); else both are those of normal variables.
    """
    p = len(found.loadings)
    slopes = _structure_slopes(found)
    inverse = np.linalg.inv(found.implied)
    weighted = inverse @ slopes @ inverse
    info = 0.5 * weighted.reshape(len(slopes), -1) @ slopes.reshape(len(slopes), -1).T
    q = len(slopes) - p
    across = cast(Array, np.linalg.solve(info[q:, q:], info[q:, :q])).T
    information = info[:q, :q] - across @ info[q:, :q]
    if rows is None:
        return Spread(information, None)
    z = rows.z
    scores = 0.5 * np.einsum("ni,aij,nj->na", z, weighted, z, optimize=True)
    whole = rows.total(scores)
    turn = np.concatenate([np.eye(q), -across], axis=1)
    e = np.linalg.pinv(info, rcond=1e-11, hermitian=True)
    y = z @ np.linalg.cholesky(inverse)
    a, b = np.tril_indices(p)
    products = y[:, a] * y[:, b] * np.where(a == b, np.sqrt(0.5), 1.0)
    one = rows.size(products) - float((e * whole).sum())
    return Spread(information, turn @ whole @ turn.T, one)


def two_stage_spread(found: Rotated, weight: Array, gamma: Array) -> Spread:
    """Return the spread of a fit to moments that the EM algorithm found.

    Parameters
    ----------
    found : Rotated
    weight, gamma : (P, P) arrays
        Complete-data information of standardised covariances (lower triangle, row by row) and
        means, and N times their covariance matrix.

    Notes
    -----
    Source: Savalei & Bentler (2009), doi:10.1080/10705510903008238.
    """
    p = len(found.loadings)
    i, j = np.tril_indices(p)
    slopes = _structure_slopes(found)[:, i, j].T
    cov = len(i)
    weight, gamma = weight[:cov, :cov], gamma[:cov, :cov]
    pieces = [Pieces(slopes, weight, gamma, 1.0)]
    info = slopes.T @ weight @ slopes
    q = len(info) - p
    across = cast(Array, np.linalg.solve(info[q:, q:], info[q:, :q])).T
    turn = np.concatenate([np.eye(q), -across], axis=1)
    e = np.linalg.pinv(info, rcond=1e-11, hermitian=True)
    middle = turn @ filling(pieces) @ turn.T
    return Spread(info[:q, :q] - across @ info[q:, :q], middle, traces(pieces, e)[0])


def rotation_equations(found: Rotated, loadings: Array, phi: Array) -> Array:
    """Return the equations that a rotated solution solves, (B, c), analytic in its arguments.

    Oblique: L' dQ/dL Phi^-1 has no element off its diagonal; orthogonal: L' dQ/dL is symmetric.
    """
    weights = kaiser_weights(loadings, phi)[..., None] if found.kaiser else 1.0
    slope = weights * found.criterion(weights * loadings)[1]
    product = np.swapaxes(loadings, -1, -2) @ slope
    m = loadings.shape[-1]
    if found.oblique:
        off = ~np.eye(m, dtype=bool)
        return (product @ np.linalg.inv(phi))[..., off]
    a, b = pair_index(m)
    return product[..., a, b] - product[..., b, a]


def _border(found: Rotated) -> Array:
    """Return the derivatives of the equations by the parameters, (c, q), by complex steps."""
    p, m = found.loadings.shape
    a, b = pair_index(m)
    q = p * m + (len(a) if found.oblique else 0)
    step = 1j * _STEP * np.eye(q)
    loadings = found.loadings + step[:, : p * m].reshape(q, p, m)
    phi = np.broadcast_to(found.phi.astype(complex), (q, m, m)).copy()
    if found.oblique:
        phi[:, a, b] += step[:, p * m :]
        phi[:, b, a] += step[:, p * m :]
    return np.imag(rotation_equations(found, loadings, phi)).T / _STEP


def standard_errors(found: Rotated, spread: Spread, n: float) -> tuple[Array, Array]:
    """Return standard errors of loadings (p, m) and of factor correlations (m, m).

    With J the derivatives of the equations of rotation, the covariance matrix is E M E / n with E
    the first block of the inverse of [[I, J'], [J, 0]]; NaN where that has none.
    """
    p, m = found.loadings.shape
    border = _border(found) if m > 1 else np.zeros((0, p))
    q, c = spread.information.shape[0], len(border)
    whole = np.zeros((q + c, q + c))
    size = float(np.trace(spread.information)) / q
    whole[:q, :q] = spread.information / size
    reach = np.sqrt((border**2).sum(axis=1, keepdims=True))
    whole[q:, :q] = border / np.where(reach == 0.0, 1.0, reach)
    whole[:q, q:] = whole[q:, :q].T
    nothing = np.full((p, m), np.nan), np.full((m, m), np.nan)
    if np.linalg.cond(whole) > 1e12:
        return nothing
    e = np.linalg.inv(whole)[:q, :q] / size
    vcov = e if spread.middle is None else e @ spread.middle @ e
    se = np.sqrt(np.maximum(np.diag(vcov), 0.0) / n)
    phi = np.zeros((m, m))
    if found.oblique:
        a, b = pair_index(m)
        phi[a, b] = phi[b, a] = se[p * m :]
    return se[: p * m].reshape(p, m), phi
