"""Each variable alone: ordered probit or linear regression on exogenous variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtri

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import ConvergenceError
from truststats.estimation.bivariate import FAR, interval
from truststats.estimation.casewise import Margin

__all__ = ["Alone", "continuous_alone", "ordered_alone"]

_TOLERANCE = 1e-10
_MOST_STEPS = 100
_MOST_HALVINGS = 40
_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class Alone:
    """Estimates of one variable.

    Attributes
    ----------
    cuts : (T,) array
        Thresholds; the mean of a continuous variable.
    slopes : (q,) array
        Regression on the exogenous variables.
    variance : float
        Residual variance (divisor N); 1 for an ordered variable.
    margin : Margin
        The variable case by case.
    """

    cuts: Array
    slopes: Array
    variance: float
    margin: Margin


def continuous_alone(y: Array, x: Array, weights: Array, seen: BoolArray) -> Alone:
    """Return the linear regression of a continuous variable on x, by maximum likelihood."""
    design = np.column_stack([np.ones(len(x)), x])
    root = np.sqrt(weights[seen])[:, None]
    found = np.linalg.lstsq(design[seen] * root, y[seen] * root[:, 0], rcond=None)[0]
    rest = np.where(seen, y - design @ found, 0.0)
    variance = float(weights[seen] @ rest[seen] ** 2 / weights[seen].sum())
    z = rest / np.sqrt(variance)
    margin = Margin(z, z, None, 1, float(np.sqrt(variance)), x, seen)
    return Alone(found[:1], found[1:], variance, margin)


def _edges(cuts: Array, eta: Array) -> Array:
    """Return all edges of all cases, (n, T + 2)."""
    low, high = np.full((len(eta), 1), -FAR), np.full((len(eta), 1), FAR)
    return np.concatenate([low, cuts - eta[:, None], high], axis=1)


def _information(cuts: Array, x: Array, slopes: Array, weights: Array) -> tuple[Array, Array]:
    """Return expected information (m, m) and every category's score of every case (n, T + 1, m)."""
    edges = _edges(cuts, x @ slopes)
    share = np.maximum(interval(edges[:, :-1], edges[:, 1:]), 1e-300)
    density = np.exp(-0.5 * edges * edges) / _SQRT_2PI
    t, n = len(cuts), len(x)
    slope = np.zeros((n, t + 1, t + x.shape[1]))
    at = np.arange(t)
    slope[:, at, at] = density[:, 1:-1]
    slope[:, at + 1, at] = -density[:, 1:-1]
    slope[:, :, t:] = -np.diff(density, axis=1)[:, :, None] * x[:, None, :]
    score = slope / share[:, :, None]
    information = np.einsum("ncj,n,nck->jk", slope, weights, score, optimize=True)
    return information, score


def ordered_alone(
    codes: IntArray, count: int, x: Array, weights: Array, seen: BoolArray, name: str
) -> Alone:
    """Return the ordered probit regression of a variable on x, by Fisher scoring.

    Parameters
    ----------
    codes : (n,) int array
        Category from 0; arbitrary where not seen.
    count : int
        Number of categories.
    x : (n, q) array
        Exogenous variables; without any the thresholds are quantiles of the shares.
    weights : (n,) array
        Weight of each case.
    seen : (n,) bool array
        Cases with an answer.
    name : str
        For the error.

    Raises
    ------
    ConvergenceError
        If the probit regression does not arrive at an optimum.
    """
    numbers = np.bincount(codes[seen], weights[seen], minlength=count)
    cuts = cast(Array, ndtri(np.cumsum(numbers)[:-1] / numbers.sum()))
    slopes = np.zeros(x.shape[1])
    if x.shape[1]:
        cuts, slopes = _probit(codes[seen], x[seen], weights[seen], cuts, name)
    edges = _edges(cuts, x @ slopes)
    safe = np.where(seen, codes, 0)
    place = np.arange(len(safe))
    margin = Margin(edges[place, safe + 1], edges[place, safe], safe, len(cuts), 1.0, x, seen)
    return Alone(cuts, slopes, 1.0, margin)


def _likelihood(cuts: Array, codes: IntArray, eta: Array, weights: Array) -> float:
    """Return the log-likelihood; minus infinity where thresholds are out of order."""
    if not np.isfinite(cuts).all() or (np.diff(cuts) <= 0.0).any():
        return -np.inf
    edges, place = _edges(cuts, eta), np.arange(len(codes))
    share = interval(edges[place, codes], edges[place, codes + 1])
    return float(weights @ np.log(np.maximum(share, 1e-300)))


def _separated(cuts: Array, codes: IntArray, eta: Array) -> bool:
    """Return whether every answer is foretold with certainty."""
    edges, place = _edges(cuts, eta), np.arange(len(codes))
    share = interval(edges[place, codes], edges[place, codes + 1])
    return bool(share.min() > 1.0 - 1e-6)


def _probit(
    codes: IntArray, x: Array, weights: Array, cuts: Array, name: str
) -> tuple[Array, Array]:
    """Return thresholds and slopes."""
    center = x.mean(axis=0)
    x = x - center
    slopes = np.zeros(x.shape[1])
    place = np.arange(len(codes))
    reached = _likelihood(cuts, codes, x @ slopes, weights)
    for _ in range(_MOST_STEPS):
        information, score = _information(cuts, x, slopes, weights)
        try:
            step = np.linalg.solve(information, weights @ score[place, codes])
        except np.linalg.LinAlgError:
            break
        got = -np.inf
        for _ in range(_MOST_HALVINGS):
            tried = cuts + step[: len(cuts)]
            got = _likelihood(tried, codes, x @ (slopes + step[len(cuts) :]), weights)
            if got >= reached - 1e-9 * abs(reached):
                break
            step *= 0.5
        cuts, slopes, reached = cuts + step[: len(cuts)], slopes + step[len(cuts) :], got
        if _separated(cuts, codes, x @ slopes):
            break
        if np.abs(step).max() < _TOLERANCE:
            return cuts + center @ slopes, slopes
    raise ConvergenceError(
        f"The probit regression of {name} on the exogenous variables does not converge.",
        why="an exogenous variable may separate its categories perfectly",
        fix="look at the table of the two, or leave that exogenous variable out",
    )
