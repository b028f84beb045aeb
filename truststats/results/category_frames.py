"""Shares of the answers to ordinal items, as they are and as the model implies them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from truststats.arrays import Array
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.item_response import (
    category_probabilities,
    conditional_moments,
    padded_cuts,
)
from truststats.options import choose
from truststats.results.item_frames import refuse_beside
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
    refuse_beside(fit.partable, "Probabilities of categories are", "fit a model of the items alone")
    labels = fit.groups or (fit.part or "",)
    made = list(zip(labels, fit.estimate.groups, strict=True))
    return made if group is None else [made[group_number(fit.groups, group)]]  # type: ignore[return-value]


def _counts(group: OrdinalEstimate) -> list[Array]:
    """Return how many rows chose each category, item by item."""
    (sample,), (got,) = group.samples, group.moments
    if sample.rows is None:
        raise DataError(
            "Observed shares need the answers, which a saved fit does not hold.",
            fix="fit the model to the data again, or pass at= for probabilities of the model",
        )
    return [
        np.array([(column == code).sum() for code in own])
        for column, own in zip(sample.rows.T, got.levels, strict=True)
    ]


def _between(cuts: Array) -> Array:
    return np.diff(ndtr(np.r_[-np.inf, cuts, np.inf]))


def shares(fit: Fit, *, group: str | None, min_n: int) -> pd.DataFrame:
    """Return observed and implied shares; see `Fit.category_probabilities`."""
    wanted, every = _groups(fit, group), _groups(fit, None)
    counted = [_counts(one) for _, one in every]
    parts: list[pd.DataFrame] = []
    for k, name in enumerate(fit.partable.ov):
        levels = every[0][1].moments[0].levels[k]
        table = pd.DataFrame(
            [own[k] for own in counted], index=[label for label, _ in every], columns=levels
        )
        safe: Any = suppress(table if len(table) > 1 else table.iloc[0], min_n).hidden
        for label, one in wanted:
            at = one.moments[0].threshold_of == k
            frame = pd.DataFrame({
                "group": label, "item": name, "category": levels,
                "n": table.loc[label].to_numpy(dtype=float),
                "observed": _between(one.moments[0].thresholds[at]),
                "implied": _between(one.fitted.cuts[at]),
            })  # fmt: skip
            hidden = (safe.loc[label] if len(table) > 1 else safe).iloc[:-1].to_numpy(dtype=bool)
            frame.loc[hidden, ["n", "observed", "implied"]] = np.nan
            parts.append(frame)
    return _tidied(fit, parts)


def _tidied(fit: Fit, parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the parts as one frame, group by group; without the group where there is one."""
    made = pd.concat(parts, ignore_index=True)
    if not fit.groups:
        return made.drop(columns="group")
    order = pd.Categorical(made["group"], categories=fit.groups)
    return made.iloc[np.argsort(order.codes, kind="stable")].reset_index(drop=True)


def probabilities_at(fit: Fit, at: Any, *, factor: str | None, group: str | None) -> pd.DataFrame:
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
    parts = [
        frame
        for label, own in wanted
        for name in chosen
        for frame in _at(fit, label, own, names.index(name), name, values)
    ]
    return _tidied(fit, parts)


def _at(
    fit: Fit, label: str, group: OrdinalEstimate, place: int, factor: str, values: Array
) -> Iterator[pd.DataFrame]:
    """Yield the probabilities of each item that one factor moves."""
    centre, sd, moved = conditional_moments(group, place, values)
    if not (sd[moved] > 0.0).all():
        raise NotSupportedError(
            f"Items of {factor} with a residual variance of zero or below have no probabilities.",
            fix="look at fit.problems first",
        )
    cuts = padded_cuts(group)
    for k in np.flatnonzero(moved):
        levels = group.moments[0].levels[k]
        chance = category_probabilities(cuts[k], centre[:, k], np.full(len(values), sd[k]))
        size = len(levels)
        yield pd.DataFrame({
            "group": label, "factor": factor, "value": np.repeat(values, size),
            "item": fit.partable.ov[k], "category": np.tile(levels, len(values)),
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
