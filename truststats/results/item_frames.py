"""Rows and moments of ordinal items: thresholds, scaling factors, polychoric correlations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import NotSupportedError
from truststats.estimation.implied import evaluate
from truststats.estimation.implied_items import without_x
from truststats.estimation.layout import Layout
from truststats.estimation.ordinal import ItemMoments, OrdinalEstimate
from truststats.model import ParTable

__all__ = [
    "ItemRows",
    "computed_rows",
    "implied_items",
    "item_rows",
    "refuse_items",
    "sample_items",
    "threshold_names",
]


def refuse_items(table: ParTable, what: str, fix: str) -> None:
    """Raise `NotSupportedError` if the model has ordinal items.

    Parameters
    ----------
    table : ParTable
    what : str
        What is not available for them, as the beginning of a sentence.
    fix : str
        What to do instead.
    """
    if table.levels:
        raise NotSupportedError(
            f"{what} not available for ordinal items yet.",
            why="what is not checked against an independent source gives no number",
            fix=fix,
        )


@dataclass(frozen=True, eq=False)
class ItemRows:
    """The rows of one group that belong to ordinal items alone.

    Attributes
    ----------
    keep : (R,) int array
        Numbers of the rows in the table.
    item : (R,) int array
        The observed variables.
    par : (R,) int array
        Elements of theta; -1 for a fixed row.
    fixed : (R,) array
        Fixed values.
    is_factor : (R,) bool array
        Whether the row is a scaling factor, not a threshold.
    """

    keep: IntArray
    item: IntArray
    par: IntArray
    fixed: Array
    is_factor: BoolArray

    def values(self, layout: Layout, theta: Array, scale: str) -> Array:
        """Return the (B, R) values: raw, "std_lv" or "std_all" (y* with unit variance).

        The scaling factor is the reciprocal of the standard deviation of y* given the exogenous
        variables; to standardise is to divide by the whole standard deviation.
        """
        with np.errstate(invalid="ignore"):
            own = np.sqrt(np.einsum("bii->bi", evaluate(without_x(layout), theta).sigma))[
                :, self.item
            ]
            sd = np.sqrt(np.einsum("bii->bi", evaluate(layout, theta).sigma))[:, self.item]
        tau = np.where(self.par >= 0, theta[:, self.par], self.fixed)
        if scale == "std_all":
            return np.where(self.is_factor, 1.0 + 0.0 * sd, tau / sd)
        return np.where(self.is_factor, 1.0 / own, tau)


def item_rows(table: ParTable) -> tuple[ItemRows, ...]:
    """Return the threshold and scaling rows of each group."""
    place = {name: k for k, name in enumerate(table.ov)}
    out: list[ItemRows] = []
    for group in range(1, table.n_groups + 1):
        keep = [
            k for k in range(len(table)) if table.op[k] in ("|", "~*~") and table.group[k] == group
        ]
        out.append(
            ItemRows(
                keep=np.array(keep, dtype=np.intp),
                item=np.array([place[table.lhs[k]] for k in keep], dtype=np.intp),
                par=np.array([table.unique[k] for k in keep], dtype=np.intp),
                fixed=np.array([table.ustart[k] for k in keep], dtype=float),
                is_factor=np.array([table.op[k] == "~*~" for k in keep], dtype=bool),
            )
        )
    return tuple(out)


def computed_rows(table: ParTable) -> BoolArray:
    """Return which rows follow from the others: what the parameterisation does not estimate.

    Residual variances of ordinal items (delta) or their scaling factors (theta).
    """
    ordinal = dict(table.levels)
    rows = zip(table.lhs, table.op, table.rhs, strict=True)
    op_of = "~*~" if table.theta else "~~"
    return np.array([op == op_of and lhs == rhs and lhs in ordinal for lhs, op, rhs in rows])


def threshold_names(got: ItemMoments) -> list[str]:
    """Return the names of the thresholds, item by item: ``item|t1``."""
    own = zip(got.names, got.levels, strict=True)
    return [f"{name}|t{k}" for name, codes in own for k in range(1, len(codes))]


def implied_items(table: ParTable, group: OrdinalEstimate) -> dict[str, Any]:
    """Return implied moments of y* with unit variance, and of continuous variables, given x.

    The proportions depend on the thresholds less the means, which the sample's thresholds estimate.
    """
    made, (got,) = group.fitted, group.moments
    names = list(got.names)
    at = [table.ov.index(name) for name in names]
    given = evaluate(without_x(group.layout), group.theta[None]).mu[0]
    out = {
        "sigma": pd.DataFrame(made.cov, index=names, columns=names),
        "mu": pd.Series(made.scale * given[at], index=names),
        "thresholds": _thresholds(got, made.cuts),
    }
    return out | _slopes(got, made.slopes)


def sample_items(table: ParTable, group: OrdinalEstimate) -> dict[str, Any]:
    """Return correlations of y* (cov), means and thresholds of one group, given x."""
    (got,) = group.moments
    names = list(got.names)
    mean = np.zeros(len(names))
    smooth = ~got.ordered[got.threshold_of]
    mean[got.threshold_of[smooth]] = -got.thresholds[smooth]
    out = {
        "cov": pd.DataFrame(got.cov, index=names, columns=names),
        "mean": pd.Series(mean, index=names),
        "thresholds": _thresholds(got, got.thresholds),
    }
    return out | _slopes(got, got.slopes)


def _thresholds(got: ItemMoments, values: Array) -> pd.Series:
    keep = got.ordered[got.threshold_of]
    return pd.Series(values[keep], index=threshold_names(got))


def _slopes(got: ItemMoments, values: Array) -> dict[str, Any]:
    if not values.shape[1]:
        return {}
    return {"slopes": pd.DataFrame(values, index=list(got.names), columns=list(got.x_names))}
