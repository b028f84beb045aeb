"""Standardised solutions and the delta method, by complex-step derivatives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.implied import State, evaluate
from truststats.estimation.layout import Layout

__all__ = ["Cells", "delta_covariance", "jacobian", "standardized_values"]

_STEP = 1e-20


def jacobian(function: Callable[[Array], Array], theta: Array) -> Array:
    """Return the (r, q) derivatives of a batched, complex-safe function at theta.

    Complex step (Squire & Trapp 1998, doi:10.1137/S003614459631241X): exact to rounding.

    Parameters
    ----------
    function : callable
        Maps (B, q) parameter vectors to (B, r) values.
    theta : (q,) array
    """
    batch: Array = theta[None] + 1j * _STEP * np.eye(len(theta))
    return np.imag(function(batch)).T / _STEP


def delta_covariance(function: Callable[[Array], Array], theta: Array, vcov: Array) -> Array:
    """Return the (r, r) delta-method covariance matrix of a function of theta."""
    if not len(theta):
        return np.zeros((function(theta[None]).shape[1],) * 2)
    slope = jacobian(function, theta)
    return slope @ vcov @ slope.T


class Cells:
    """The model's rows as node numbers, free or fixed: what standardising works on.

    Attributes
    ----------
    kind, row, col : (R,) int arrays
        As in `Layout`, one per estimated or fixed row of the parameter table.
    """

    def __init__(self, kind: IntArray, row: IntArray, col: IntArray) -> None:
        self.kind, self.row, self.col = kind, row, col

    def values(self, state: State) -> Array:
        """Return the (B, R) unstandardised values."""
        b = state.b
        alpha = state.nu - (b @ state.nu[:, :, None])[:, :, 0]
        out = np.where(self.kind == 0, b[:, self.row, self.col], state.psi[:, self.row, self.col])
        return np.where(self.kind == 2, alpha[:, self.row], out)


def standardized_values(
    layout: Layout, cells: Cells, theta: Array, *, observed: bool = True
) -> Array:
    """Return (B, R) standardised values of the rows.

    Paths and loadings by the implied standard deviations of both ends; residual covariances by
    the residual standard deviations; intercepts by the standard deviation.

    Parameters
    ----------
    theta : (B, q) array, real or complex
    observed : bool
        Standardise observed variables too (std_all); otherwise latent ones only (std_lv).
    """
    state = evaluate(layout, theta)
    raw = cells.values(state)
    total = state.variances
    residual = np.einsum("bii->bi", state.psi)
    with np.errstate(invalid="ignore"):
        sd, sd_res = np.sqrt(total), np.sqrt(residual)
    if not observed:
        sd = np.where(np.arange(layout.m) < layout.p, 1.0, sd)
        sd_res = np.where(np.arange(layout.m) < layout.p, 1.0, sd_res)
    i, j, kind = cells.row, cells.col, cells.kind
    with np.errstate(invalid="ignore", divide="ignore"):
        path = raw * sd[:, j] / sd[:, i]
        between = np.where(i == j, sd[:, i] * sd[:, j], sd_res[:, i] * sd_res[:, j])
        return np.where(kind == 0, path, np.where(kind == 1, raw / between, raw / sd[:, i]))
