"""How far each item stands apart in each group: parameters on one scale, and dMACS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, IntArray
from truststats.errors import NotSupportedError
from truststats.estimation.implied import evaluate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.sample import Sample
from truststats.model import ParTable
from truststats.psychometrics.dmacs import dmacs, dmacs_ordinal, pooled_sd
from truststats.results.fit import Fit
from truststats.results.invariance import Invariance
from truststats.workflow.invariance_fit import refit_equal
from truststats.workflow.invariance_ordinal import refit_items, whole_item
from truststats.workflow.invariance_partial import anchors_left, loadings_of

__all__ = ["item_effects"]

_COLUMNS = (
    "item", "factor", "group", "loading", "loading_se", "intercept", "intercept_se", "dmacs",
    "dmacs_signed",
)  # fmt: skip


def item_effects(found: Invariance, only: Collection[str] | None = None) -> pd.DataFrame:
    """Return every item's loading and intercept by group, and dMACS against the first group.

    Each item is set free in a model of its own in which all others are equal, but for those that
    the ladder freed; so its parameters stand on the common scale of the factor. An item without
    any other that is equal has none. Of an ordinal item the intercept is minus the mean of its
    thresholds, and dMACS compares expected categories.

    Parameters
    ----------
    found : Invariance
    only : collection of str, optional
        These items; all by default.
    """
    if found.unit == "waves":
        raise NotSupportedError(
            "Effect sizes of items over waves are not available yet.",
            why="they are not checked against an independent source",
            fix="read the parameters of each wave: .step('configural').fit.tidy()",
        )
    base = found.steps[0].fit
    freed = {one.item for one in found.freed}
    table, factors = base.partable, loadings_of(base.partable)
    refit, equal = refit_equal, ("loadings", "intercepts")
    if found.ordinal:
        refit, equal = refit_items, ("thresholds", *equal)
    near: Fit | None = None
    rows: list[dict[str, Any]] = []
    for item in factors if only is None else [item for item in factors if item in only]:
        free = [
            text
            for name in sorted({*freed, item})
            for text in (whole_item(table, name) if found.ordinal else _parameters(name, factors))
        ]
        left = anchors_left(table, free)
        if min(left[name] for name in factors[item]) < 1:
            rows += [{"item": item, "factor": factors[item][0], "group": g} for g in found.groups]
            continue
        near = refit(base, equal, free, near)
        rows += _of_item(near, item, factors[item], found.groups)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _parameters(item: str, factors: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [*(f"{factor}=~{item}" for factor in factors[item]), f"{item}~1"]


@dataclass(frozen=True)
class _Item:
    """One item in G groups: what its expected answers are made of.

    Attributes
    ----------
    loadings : (G, m) array
    intercepts, sd, n, units : (G,) arrays
    cuts : (G, t) array or None
        Thresholds of an ordinal item.
    at : (m,) int array
        Its factors among the nodes.
    """

    loadings: Array
    intercepts: Array
    sd: Array
    n: Array
    units: Array
    cuts: Array | None
    at: IntArray


def _item(fit: Fit, item: str, factors: tuple[str, ...]) -> _Item:
    estimate = fit.estimate
    nodes = estimate.layouts[0].nodes
    at = np.array([nodes.index(name) for name in factors], dtype=np.intp)
    row = nodes.index(item)
    states = [evaluate(layout, estimate.theta[None]) for layout in estimate.layouts]
    cuts = None
    if isinstance(estimate, OrdinalEstimate):
        theta = estimate.theta[None]
        cuts = np.array([own.values(theta)[0][own.item == row] for own in estimate.cuts])
    return _Item(
        np.array([state.b[0][row, at] for state in states]),
        np.array([state.nu[0][row] - state.b[0][row] @ state.nu[0] for state in states]),
        np.array([_deviation(s, row, ordinal=cuts is not None) for s in estimate.samples]),
        np.array([float(sample.n) for sample in estimate.samples]),
        np.sqrt([max(state.psi[0][row, row], 0.0) for state in states]),
        cuts,
        at,
    )


def _deviation(sample: Sample, row: int, *, ordinal: bool) -> float:
    """Return the standard deviation of an item's answers; of categories 0, 1, 2, ... if ordinal."""
    if not ordinal:
        return float(np.sqrt(sample.cov[row, row] * sample.n / (sample.n - 1.0)))
    assert sample.rows is not None
    answers = sample.rows[:, row]
    answers = answers[~np.isnan(answers)]
    return float(np.std(np.unique(answers, return_inverse=True)[1], ddof=1))


def _of_item(
    fit: Fit, item: str, factors: tuple[str, ...], groups: Sequence[str]
) -> list[dict[str, Any]]:
    made, table = _item(fit, item, factors), fit.partable
    out: list[dict[str, Any]] = []
    for g, label in enumerate(groups):
        mine: dict[str, Any] = {"item": item, "factor": factors[0], "group": label}
        mine["loading"] = float(made.loadings[g, 0])
        mine["loading_se"] = _se(fit, table, (factors[0], "=~", item, g + 1))
        if made.cuts is None:
            mine["intercept"] = float(made.intercepts[g])
            mine["intercept_se"] = _se(fit, table, (item, "~1", "", g + 1))
        else:
            mine["intercept"], mine["intercept_se"] = _location(fit, item, g)
        if g:
            mine["dmacs"], mine["dmacs_signed"] = _effect(made, fit, g)
        out.append(mine)
    return out


def _location(fit: Fit, item: str, g: int) -> tuple[float, float]:
    """Return minus the mean threshold of an item in a group, and its standard error."""
    assert isinstance(fit.estimate, OrdinalEstimate)
    own = fit.estimate.cuts[g]
    par = own.par[own.item == fit.partable.ov.index(item)]
    values = fit.estimate.theta[par]
    spread = fit.vcov[np.ix_(par, par)].sum() / len(par) ** 2
    return -float(values.mean()), float(np.sqrt(max(spread, 0.0)))


def _effect(item: _Item, fit: Fit, g: int) -> tuple[float, float]:
    """Return dMACS and signed dMACS of a group against the first."""
    pair: IntArray = np.array([0, g], dtype=np.intp)
    state = evaluate(fit.estimate.layouts[g], fit.estimate.theta[None])
    mean, cov = state.nu[0][item.at], state.e[0][np.ix_(item.at, item.at)]
    sd = pooled_sd(item.sd[pair], item.n[pair])[None]
    if item.cuts is None:
        found = dmacs(item.loadings[pair][:, None], item.intercepts[pair][:, None], mean, cov, sd)
    elif len(item.at) == 1:
        found = dmacs_ordinal(
            item.cuts[pair][:, None], item.loadings[pair], item.intercepts[pair][:, None],
            item.units[pair][:, None], mean, cov[0], sd,
        )  # fmt: skip
    else:
        return float("nan"), float("nan")
    return float(found[0][0]), float(found[1][0])


def _se(fit: Fit, table: ParTable, key: tuple[str, str, str, int]) -> float:
    """Return the standard error of a row; zero where it is fixed."""
    rows = zip(table.lhs, table.op, table.rhs, table.group, strict=True)
    unique = table.unique[list(rows).index(key)]
    return float(np.sqrt(max(fit.vcov[unique, unique], 0.0))) if unique >= 0 else 0.0
