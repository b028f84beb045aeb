"""The bootstrap of models of ordinal items: resampled rows or clusters, their moments refitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import ConvergenceError, DataError
from truststats.estimation.constraints import Constraints
from truststats.estimation.implied_items import modelled, without_x
from truststats.estimation.mixed_moments import MixedMoments, mixed_moments
from truststats.estimation.ordinal import (
    ItemMoments,
    OrdinalEstimate,
    ordinal_weight,
)
from truststats.estimation.own_thresholds import solve_items
from truststats.estimation.polychoric import ordinal_moments
from truststats.estimation.weighted import solve_under, weigh
from truststats.inference.bootstrap_missing import resampled_rows
from truststats.inference.moment_structure import bread
from truststats.inference.ordinal import ordinal_pieces

__all__ = ["item_bootstrap_theta", "item_influence"]


def item_bootstrap_theta(
    estimate: OrdinalEstimate,
    draws: int,
    rng: np.random.Generator,
    constraints: Constraints | None = None,
) -> tuple[Array, BoolArray, int]:
    """Return (draws, q) refitted parameters, which refits converged, and how many lost a category.

    Every resample of rows (whole clusters where there are clusters) has thresholds, correlations
    and weights of its own. In one that lacks a category of an item the thresholds are not those
    of the model: it counts as failed.

    Parameters
    ----------
    estimate : OrdinalEstimate
        With its rows.
    draws : int
    rng : numpy.random.Generator
    constraints : Constraints, optional
        Those of the estimate.
    """
    theta = np.repeat(estimate.theta[None], draws, axis=0)
    good = np.zeros(draws, dtype=np.bool_)
    lost = 0
    for draw in range(draws):
        rows, places = resampled_rows(estimate.samples, rng)
        if _lacks_category(estimate, rows):
            lost += 1
            continue
        try:
            made = [
                _moments(estimate, number, own, at)
                for number, (own, at) in enumerate(zip(rows, places, strict=True))
            ]
        except (DataError, ConvergenceError, np.linalg.LinAlgError):
            continue
        theta[draw], good[draw] = _refit(estimate, made, constraints)
    return theta, good, lost


def _columns(estimate: OrdinalEstimate, number: int) -> tuple[IntArray, IntArray]:
    """Return the columns of the modelled and of the exogenous variables."""
    return modelled(estimate.layouts[number])


def _lacks_category(estimate: OrdinalEstimate, rows: tuple[Array, ...]) -> bool:
    """Tell whether a category of the sample has no answer in the resample of some group."""
    for number, (got, own) in enumerate(zip(estimate.moments, rows, strict=True)):
        y, _ = _columns(estimate, number)
        for k in np.flatnonzero(got.ordered):
            if not np.isin(got.levels[k], own[:, y[k]]).all():
                return True
    return False


def _moments(estimate: OrdinalEstimate, number: int, rows: Array, places: IntArray) -> ItemMoments:
    """Return the moments of a resample of one group, clusters drawn twice being two."""
    got, sample = estimate.moments[number], estimate.samples[number]
    y, x = _columns(estimate, number)
    clusters = None if sample.clusters is None else _again(sample.clusters[places], places)
    if isinstance(got, MixedMoments):
        return mixed_moments(
            rows[:, y], got.names, got.ordered, x=rows[:, x], x_names=got.x_names,
            missing="pairwise", clusters=clusters, levels=got.levels,
        )  # fmt: skip
    return ordinal_moments(
        rows[:, y], got.names, missing="pairwise", clusters=clusters, levels=got.levels
    )


def _again(codes: IntArray, places: IntArray) -> IntArray:
    """Return cluster numbers in which the second time a cluster was drawn is another cluster.

    The rows of a draw stand together, so a new one begins where the row numbers do not rise or
    the cluster changes.
    """
    new = np.ones(len(codes), dtype=np.bool_)
    new[1:] = (codes[1:] != codes[:-1]) | (places[1:] <= places[:-1])
    return np.cumsum(new) - 1


def _refit(
    estimate: OrdinalEstimate, made: list[ItemMoments], constraints: Constraints | None
) -> tuple[Array, bool]:
    """Return the estimate of one resample and whether it was reached."""
    total = sum(got.n for got in made)
    targets = tuple(
        replace(
            old, layout=without_x(old.layout), moments=got.statistics,
            weight=ordinal_weight(estimate.weight, got), share=(got.n - 1.0) / total,
        )
        for old, got in zip(estimate.targets, made, strict=True)
    )  # fmt: skip
    try:
        if constraints is None:
            found = solve_items(targets, estimate.theta)
        else:
            found, _ = solve_under(constraints, targets, estimate.theta, 1.0, total)
    except np.linalg.LinAlgError:
        return estimate.theta, False
    return found.theta[0], bool(found.converged[0])


def item_influence(estimate: OrdinalEstimate) -> Array:
    """Return the (units, q) influence of each row, or cluster, on theta: E D'V ds."""
    e, _ = bread(ordinal_pieces(estimate, gamma=False), estimate.null)
    parts: list[Array] = []
    for (_, slopes), target, got, share in zip(
        estimate.looks, estimate.targets, estimate.moments, estimate.shares, strict=True
    ):
        turn = share * (weigh(target.weight, slopes) @ e)
        parts.append(np.concatenate([block.T @ turn for block in got.row_moves.blocks()]))
    spans = len(parts) > 1 and estimate.samples[0].design is not None
    return np.sum(parts, axis=0) if spans else np.concatenate(parts)
