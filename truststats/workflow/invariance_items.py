"""How far each item stands apart in each group: parameters on one scale, and dMACS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, IntArray
from truststats.model import ParTable
from truststats.psychometrics.dmacs import dmacs, pooled_sd
from truststats.results.fit import Fit
from truststats.results.invariance import Invariance
from truststats.workflow.invariance_fit import refit_equal
from truststats.workflow.invariance_partial import anchors_left, loadings_of

__all__ = ["item_effects"]

_COLUMNS = (
    "item", "factor", "group", "loading", "loading_se", "intercept", "intercept_se", "dmacs",
    "dmacs_signed",
)  # fmt: skip


def item_effects(found: Invariance) -> pd.DataFrame:
    """Return every item's loading and intercept by group, and dMACS against the first group.

    Each item is set free in a model of its own in which all others are equal, but for those that
    the ladder freed; so its parameters stand on the common scale of the factor. An item without
    any other that is equal has none.

    Parameters
    ----------
    found : Invariance
    """
    base = found.steps[0].fit
    freed = {one.item for one in found.freed}
    table = base.partable
    factors = loadings_of(table)
    near: Fit | None = None
    rows: list[dict[str, Any]] = []
    for item in factors:
        free = [text for name in sorted({*freed, item}) for text in _parameters(name, factors)]
        left = anchors_left(table, free)
        if min(left[name] for name in factors[item]) < 1:
            rows += [{"item": item, "factor": factors[item][0], "group": g} for g in found.groups]
            continue
        near = refit_equal(base, ("loadings", "intercepts"), free, near)
        rows += _of_item(near, item, factors[item])
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _parameters(item: str, factors: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [*(f"{factor}=~{item}" for factor in factors[item]), f"{item}~1"]


def _of_item(fit: Fit, item: str, factors: tuple[str, ...]) -> list[dict[str, Any]]:
    estimate, table = fit.estimate, fit.partable
    nodes = estimate.layouts[0].nodes
    at = np.array([nodes.index(name) for name in factors], dtype=np.intp)
    row = nodes.index(item)
    loadings, intercepts, sd, n = [], [], [], []
    for group in estimate.groups:
        b, nu = group.state.b[0], group.state.nu[0]
        loadings.append(b[row, at])
        intercepts.append(nu[row] - b[row] @ nu)
        sd.append(np.sqrt(group.sample.cov[row, row] * group.n / (group.n - 1.0)))
        n.append(float(group.n))
    out: list[dict[str, Any]] = []
    for g, label in enumerate(fit.groups):
        mine: dict[str, Any] = {"item": item, "factor": factors[0], "group": label}
        mine["loading"], mine["intercept"] = float(loadings[g][0]), float(intercepts[g])
        mine["loading_se"] = _se(fit, table, (factors[0], "=~", item, g + 1))
        mine["intercept_se"] = _se(fit, table, (item, "~1", "", g + 1))
        if g:
            pair: IntArray = np.array([0, g])
            size = _effect(
                np.array(loadings)[pair], np.array(intercepts)[pair], np.array(sd)[pair],
                np.array(n)[pair], estimate.groups[g].state, at,
            )  # fmt: skip
            mine |= {"dmacs": size[0], "dmacs_signed": size[1]}
        out.append(mine)
    return out


def _effect(
    loadings: Array, intercepts: Array, sd: Array, n: Array, state: Any, at: IntArray
) -> tuple[float, float]:
    whole, signed = dmacs(
        loadings[:, None], intercepts[:, None], state.nu[0][at], state.e[0][np.ix_(at, at)],
        pooled_sd(sd, n)[None],
    )  # fmt: skip
    return float(whole[0]), float(signed[0])


def _se(fit: Fit, table: ParTable, key: tuple[str, str, str, int]) -> float:
    """Return the standard error of a row; zero where it is fixed."""
    rows = zip(table.lhs, table.op, table.rhs, table.group, strict=True)
    unique = table.unique[list(rows).index(key)]
    return float(np.sqrt(max(fit.vcov[unique, unique], 0.0))) if unique >= 0 else 0.0
