"""Correlations of all pairs of ordered and continuous variables, and what each row moves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.errors import DataError
from truststats.estimation.casewise import Margin, pair_scores, rectangles, rho_score, take
from truststats.estimation.margins import Alone
from truststats.estimation.polychoric import OrdinalMoments, untold
from truststats.estimation.two_way import BOUND, FLAT, pair_index

__all__ = ["alone_moves", "as_covariances", "pair_moves"]

_TOLERANCE = 1e-9
_MOST_STEPS = 100
#: Smallest eigenvalue, scaled, from which two parameters of a variable are one.
_SINGULAR = 1e-10


def alone_moves(alone: Alone, weights: Array, name: str) -> Array:
    """Return what each row moves the parameters of one variable, (n, m).

    Raises
    ------
    DataError
        If the variable takes two values only, so that its mean and variance move as one.
    """
    scores = alone.margin.spread(alone.margin.own_edges())
    scores[~alone.margin.seen] = 0.0
    bread = (scores * weights[:, None]).T @ scores
    scale = np.sqrt(np.diag(bread))
    if np.linalg.eigvalsh(bread / np.outer(scale, scale))[0] < _SINGULAR:
        raise DataError(
            f"{name} is taken for continuous and takes only two values.",
            where=f"column {name}",
            why="its variance follows from its mean",
            fix="name it among the ordered items; an exogenous variable stays fixed, as it is by "
            "default (fixed_x=True)",
        )
    return cast(Array, np.linalg.solve(bread, scores.T)).T


def _correlation(one: Margin, two: Margin, weights: Array, start: float, labels: str) -> float:
    """Return the correlation at which the score is zero: scoring, kept between bounds.

    Raises
    ------
    DataError
        If the answers tell no correlation.
    """
    cells = rectangles(one, two)
    low, high, rho = -BOUND, BOUND, start
    last: tuple[float, float] | None = None
    for _ in range(_MOST_STEPS):
        score = rho_score(one, two, rho, cells)
        total = float(weights @ score)
        low, high = (rho, high) if total > 0.0 else (low, rho)
        steep = float(weights @ (score * score))
        if last is not None and last[1] != total and rho != last[0]:
            steep = -(total - last[1]) / (rho - last[0])
        new = rho + total / steep if steep > 0.0 else np.inf
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - rho) < _TOLERANCE:
            if float(weights @ (score * score)) < FLAT:
                break
            return float(new)
        last, rho = (rho, total), new
    raise untold([labels])


def _pair(
    alone: tuple[Alone, Alone],
    moves: tuple[Array, Array],
    weights: Array,
    start: float,
    labels: str,
) -> tuple[float, Array]:
    """Return the correlation of a pair and what each row moves it, (n,)."""
    both = alone[0].margin.seen & alone[1].margin.seen
    one, two = take(alone[0].margin, both), take(alone[1].margin, both)
    w = weights[both]
    rho = _correlation(one, two, w, start, labels)
    got = pair_scores(one, two, rho)
    heavy = w * got.rho
    moved = np.zeros(len(weights))
    moved[both] = got.rho
    moved -= moves[0] @ one.products(got.first, heavy)
    moved -= moves[1] @ two.products(got.second, heavy)
    return rho, moved / float(heavy @ got.rho)


def _places(p: int) -> list[tuple[int, int]]:
    first, second = pair_index(p)
    return [(int(i), int(j)) for i, j in zip(first, second, strict=True)]


def _from_tables(tables: OrdinalMoments, n: int) -> Array:
    """Return what each of n rows of weight one moves each correlation of ordered variables."""
    cuts = len(tables.thresholds)
    out = np.zeros((len(tables.tables.first), n))
    out[:, tables.places] = replace(tables.influence, weights=None).rows(slice(None))[cuts:]
    return out


def pair_moves(
    found: Sequence[Alone],
    single: Sequence[Array],
    weights: Array,
    names: Sequence[str],
    tables: OrdinalMoments | None,
    given: IntArray,
) -> tuple[Array, Array]:
    """Return the correlations of all pairs, (p, p), and what each row moves them, (P, n).

    Parameters
    ----------
    found : sequence of Alone
        The variables.
    single : sequence of (n, m) arrays
        What each row moves their parameters.
    weights : (n,) array
        Weight of each row.
    names : sequence of str
        For the error.
    tables : OrdinalMoments or None
        Of the ordered variables, without exogenous ones: their correlations, which hold as they
        are without exogenous variables and are where the search starts with them.
    given : (o,) int array
        The variables that `tables` is about.
    """
    p = len(found)
    corr = np.eye(p)
    if tables is not None:
        corr[np.ix_(given, given)] = tables.corr
    ready: dict[tuple[int, int], Array] = {}
    if tables is not None and not len(found[0].slopes):
        moved = _from_tables(tables, len(weights))
        first, second = given[tables.tables.first], given[tables.tables.second]
        ready = {(int(i), int(j)): own for i, j, own in zip(first, second, moved, strict=True)}
    out = np.zeros((p * (p - 1) // 2, len(weights)))
    for at, (i, j) in enumerate(_places(p)):
        if (i, j) in ready:
            out[at] = ready[i, j]
            continue
        start = float(np.clip(corr[i, j], -0.95, 0.95))
        corr[i, j], out[at] = _pair(
            (found[i], found[j]), (single[i], single[j]), weights, start,
            f"{names[i]}-{names[j]}",
        )  # fmt: skip
        corr[j, i] = corr[i, j]
    return corr, out


def as_covariances(
    corr: Array, moved: Array, found: Sequence[Alone], single: Sequence[Array]
) -> tuple[Array, Array]:
    """Return covariances for correlations: those of continuous variables with their own spread."""
    sigma = np.array([alone.margin.sigma for alone in found])
    out = moved.copy()
    for at, (i, j) in enumerate(_places(len(found))):
        size = sigma[i] * sigma[j]
        out[at] *= size
        for k in (i, j):
            if not found[k].margin.ordered:
                out[at] += corr[i, j] * size / (2.0 * found[k].variance) * single[k][:, -1]
    return corr * np.outer(sigma, sigma), out
