"""Shares of the answers to ordinal items, as they are and as the model implies them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from truststats.arrays import Array
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.estimation.implied_items import modelled
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.item_response import (
    category_probabilities,
    conditional_moments,
    padded_cuts,
)
from truststats.options import choose, did_you_mean
from truststats.results.part import group_number
from truststats.survey.disclosure import suppress

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["factor_ranges", "probabilities_at", "shares"]


def _groups(fit: Fit, group: str | None) -> list[tuple[str, OrdinalEstimate]]:
    """Return the groups asked for with their labels."""
    if not fit.partable.levels:
        raise NotSupportedError(
            "Only ordinal items have probabilities of categories.",
            why="this fit takes its items as continuous",
            fix="fit with ordered=True",
        )
    labels = fit.groups or (fit.part or "",)
    made = list(zip(labels, fit.estimate.groups, strict=True))
    return made if group is None else [made[group_number(fit.groups, group)]]  # type: ignore[return-value]


def _rows(group: OrdinalEstimate) -> Array:
    """Return the answers of one group, items before exogenous variables."""
    (sample,) = group.samples
    if sample.rows is None:
        raise DataError(
            "Observed shares and averages over covariates need the rows, which a saved fit does "
            "not hold.",
            fix="fit the model to the data again, or pass at= for probabilities of the model, with "
            "a value of every covariate in x=",
        )
    return sample.rows[:, np.concatenate(modelled(group.layout))]


def _counts(group: OrdinalEstimate) -> list[Array]:
    """Return how many rows chose each category, variable by variable."""
    (got,) = group.moments
    return [
        np.array([(column == code).sum() for code in own])
        for column, own in zip(_rows(group).T, got.levels, strict=False)
    ]


def _between(cuts: Array) -> Array:
    """Return the probabilities (..., L) between limits (..., L - 1)."""
    below = np.insert(ndtr(cuts), 0, 0.0, axis=-1)
    return np.diff(below, append=1.0, axis=-1)


@dataclass(frozen=True, eq=False)
class _Given:
    """Values of the exogenous variables to average over, and how often each occurs.

    Attributes
    ----------
    said : dict
        The values that were asked for, by name.
    x : (R, q) array
    weights : (R,) array
        Their sum is 1.
    """

    said: dict[str, float]
    x: Array
    weights: Array

    def average(self, cuts: Array, slopes: Array) -> Array:
        """Return the mean probabilities of an item with these thresholds and slopes."""
        return self.weights @ _between(cuts - (self.x @ slopes)[:, None])


def _given(group: OrdinalEstimate, said: dict[str, float], item: int | None = None) -> _Given:
    """Return the exogenous variables of a group's rows, or of those that answered an item."""
    (got,), (sample,) = group.moments, group.samples
    if not got.x_names:
        return _Given(said, np.zeros((1, 0)), np.ones(1))
    if set(said) == set(got.x_names):
        return _Given(said, np.array([[said[name] for name in got.x_names]]), np.ones(1))
    rows = _rows(group)
    use = slice(None) if item is None else ~np.isnan(rows[:, item])
    x = rows[use][:, len(got.names) :].copy()
    for name, value in said.items():
        x[:, got.x_names.index(name)] = value
    w = np.ones(len(rows)) if sample.weights is None else sample.weights
    found, place = np.unique(x, axis=0, return_inverse=True)
    return _Given(said, found, np.bincount(place.ravel(), w[use]) / w[use].sum())


def _values_of_x(fit: Fit, x: Any) -> list[dict[str, float]]:
    """Return every combination of the values asked for, one without any if there are none."""
    if x is None:
        return [{}]
    names = fit.estimate.groups[0].moments[0].x_names  # type: ignore[attr-defined]
    if not names:
        raise OptionError("This fit has no exogenous covariates.", fix="leave x= out")
    if not isinstance(x, Mapping) or not x:
        raise OptionError("x= needs values by name.", fix=f'use for example x={{"{names[0]}": 0}}')
    for name in x:
        if name not in names:
            raise OptionError(
                f"{name!r} is no exogenous covariate of this fit.{did_you_mean(str(name), names)}",
                fix=f"use {', '.join(map(repr, names))}",
            )
    values = [np.atleast_1d(np.asarray(own, dtype=float)).ravel().tolist() for own in x.values()]
    if not all(own and np.isfinite(own).all() for own in values):
        raise OptionError("x= needs finite values.", fix=f'use for example x={{"{names[0]}": 0}}')
    return [dict(zip(x, one, strict=True)) for one in product(*values)]


def shares(fit: Fit, *, group: str | None, min_n: int, x: Any = None) -> pd.DataFrame:
    """Return observed and implied shares; see `Fit.category_probabilities`."""
    wanted, every = _groups(fit, group), _groups(fit, None)
    asked = _values_of_x(fit, x)
    counted = [_counts(one) for _, one in every]
    (first,) = every[0][1].moments
    parts: list[pd.DataFrame] = []
    for k in map(int, np.flatnonzero(first.ordered)):
        name, levels = first.names[k], first.levels[k]
        table = pd.DataFrame(
            [own[k] for own in counted], index=[label for label, _ in every], columns=levels
        )
        safe: Any = suppress(table if len(table) > 1 else table.iloc[0], min_n).hidden
        for label, one in wanted:
            hidden = (safe.loc[label] if len(table) > 1 else safe).iloc[:-1].to_numpy(dtype=bool)
            for said in asked:
                frame = pd.DataFrame({
                    "group": label, **said, "item": name, "category": levels,
                    "n": table.loc[label].to_numpy(dtype=float), **_sides(one, k, said),
                })  # fmt: skip
                frame.loc[hidden, ["n", "observed", "implied"]] = np.nan
                parts.append(frame.drop(columns="n") if said else frame)
    return _tidied(fit, parts)


def _sides(group: OrdinalEstimate, item: int, said: dict[str, float]) -> dict[str, Array]:
    """Return an item's shares in the sample and under the model.

    Those of the sample at given values are of the item's own probit regression.
    """
    (got,), made = group.moments, group.fitted
    at, given = got.threshold_of == item, _given(group, said, item)
    implied = given.average(made.cuts[at], made.slopes[item])
    if got.x_names and not said:
        return {"observed": _shares(group, item), "implied": implied}
    return {"observed": given.average(got.thresholds[at], got.slopes[item]), "implied": implied}


def _shares(group: OrdinalEstimate, item: int) -> Array:
    """Return the weighted shares of the answers to an item."""
    (got,), (sample,) = group.moments, group.samples
    column = _rows(group)[:, item]
    w = np.ones(len(column)) if sample.weights is None else sample.weights
    found = np.array([w[column == code].sum() for code in got.levels[item]])
    return found / found.sum()


def _tidied(fit: Fit, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the parts as one frame, group by group; without the group where there is one."""
    made = pd.concat(parts, ignore_index=True)
    if not fit.groups:
        return made.drop(columns="group")
    order = pd.Categorical(made["group"], categories=fit.groups)
    return made.iloc[np.argsort(order.codes, kind="stable")].reset_index(drop=True)


def probabilities_at(
    fit: Fit, at: Any, *, factor: str | None, group: str | None, x: Any = None
) -> pd.DataFrame:
    """Return probabilities at values of the factors; see `Fit.category_probabilities`."""
    values = np.atleast_1d(np.asarray(at, dtype=float))
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise OptionError(
            "at= needs finite values of the factors, one after the other.",
            fix="use for example at=[-2, -1, 0, 1, 2]",
        )
    wanted = _groups(fit, group)
    one = wanted[0][1]
    names = list(one.layout.nodes[one.p :])
    if not names:
        raise NotSupportedError("The model has no factor.", fix="leave at= out")
    chosen = names if factor is None else [choose("factor", factor, tuple(names))]
    asked = _values_of_x(fit, x)
    parts = [
        frame
        for label, own in wanted
        for name in chosen
        for said in asked
        for frame in _at(label, own, names.index(name), name, values, _given(own, said))
    ]
    if not parts:
        raise NotSupportedError(
            f"No ordinal item measures {' or '.join(chosen)}.", fix="name another factor"
        )
    return _tidied(fit, parts)


def _at(
    label: str, group: OrdinalEstimate, place: int, factor: str, values: Array, given: _Given
) -> Iterator[pd.DataFrame]:
    """Yield the probabilities of each item that one factor moves."""
    centre, sd, moved = conditional_moments(group, place, values, given.x)
    if not (sd[moved] > 0.0).all():
        raise NotSupportedError(
            f"Items of {factor} with a residual variance of zero or below have no probabilities.",
            fix="look at fit.problems first",
        )
    cuts, (got,), (y, _) = padded_cuts(group), group.moments, modelled(group.layout)
    for node in np.flatnonzero(moved):
        levels = got.levels[int(np.searchsorted(y, node))]
        own = np.full(centre.shape[:2], sd[node])
        chance = np.tensordot(
            given.weights, category_probabilities(cuts[node], centre[:, :, node], own), 1
        )
        size = len(levels)
        yield pd.DataFrame({
            "group": label, "factor": factor, "value": np.repeat(values, size), **given.said,
            "item": group.layout.nodes[node], "category": np.tile(levels, len(values)),
            "probability": chance[:, :size].ravel(),
        })  # fmt: skip


def factor_ranges(fit: Fit) -> dict[str, tuple[float, float]]:
    """Return for each factor three standard deviations about its mean, over all groups."""
    found: dict[str, tuple[float, float]] = {}
    for _, group in _groups(fit, None):
        p = group.p
        mean, sd = group.state.nu[0][p:], np.sqrt(group.state.variances[0][p:])
        for name, centre, spread in zip(group.layout.nodes[p:], mean, sd, strict=True):
            low, high = found.get(name, (np.inf, -np.inf))
            found[name] = min(low, centre - 3.0 * spread), max(high, centre + 3.0 * spread)
    return found
