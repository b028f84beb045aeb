"""Effects of a `Fit` as a frame: direct, indirect, total, and each route by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.inference.effects import EffectList, effect_values, list_effects
from truststats.inference.standardize import delta_covariance
from truststats.options import check_draws, check_level
from truststats.results.frames import limits, pvalue, standard_errors

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["FIXED_SEED", "draw_theta", "effect_names", "effects", "structural_paths"]

#: The recorded seed of everything that draws without a seed of the user's.
FIXED_SEED = 20261121


def structural_paths(fit: Fit) -> tuple[list[tuple[int, int]], Array]:
    """Return (target, source) of the regressions and their mask over B."""
    layout = fit.estimate.layouts[0]
    at = {name: k for k, name in enumerate(layout.nodes)}
    table = fit.partable
    paths = [
        (at[lhs], at[rhs])
        for lhs, op, rhs, group in zip(table.lhs, table.op, table.rhs, table.group, strict=True)
        if op == "~" and group == 1
    ]
    keep = np.zeros((layout.m, layout.m), dtype=bool)
    for target, source in paths:
        keep[target, source] = True
    return paths, keep


def effect_names(nodes: tuple[str, ...], listed: EffectList) -> pd.DataFrame:
    """Return the naming columns of effects: effect, lhs (outcome), rhs (cause), via."""
    return pd.DataFrame(
        {
            "effect": list(listed.kind),
            "lhs": [nodes[i] for i in listed.target],
            "rhs": [nodes[i] for i in listed.source],
            "via": [" -> ".join(nodes[i] for i in via) for via in listed.via],
        }
    )


def effects(
    fit: Fit, ci: str, level: float, *, draws: int, seed: Any, specific: bool
) -> pd.DataFrame:
    """Return all effects; see `Fit.effects`."""
    layouts, theta = fit.estimate.layouts, fit.estimate.theta
    paths, keep = structural_paths(fit)
    listed = list_effects(paths, specific=specific)
    named = effect_names(layouts[0].nodes, listed)
    columns: dict[str, Any] = {str(name): list(named[name]) * len(layouts) for name in named}
    if len(layouts) > 1:
        labels = fit.partable.group_labels
        columns["group"] = [name for name in labels for _ in range(len(listed))]

    def function(standard: bool) -> Callable[[Array], Array]:
        return lambda t: np.concatenate(
            [effect_values(x, listed, t, standardized=standard, keep=keep) for x in layouts],
            axis=1,
        )

    sample = draw_theta(fit, check_draws(draws), seed) if ci == "monte_carlo" else None
    names = ("est", "se", "ci_lower", "ci_upper"), (
        "std_all", "std_se", "std_ci_lower", "std_ci_upper",
    )  # fmt: skip
    for standard, (n_est, n_se, n_low, n_high) in zip((False, True), names, strict=True):
        value = function(standard)
        est = value(theta[None])[0]
        se = standard_errors(delta_covariance(value, theta, fit.vcov)) if len(listed) else est
        if sample is None:
            low, high = limits(est, se, level)
        else:
            low, high = _percentiles(value, sample, level)
        columns |= {n_est: est, n_se: se}
        if not standard:
            with np.errstate(invalid="ignore", divide="ignore"):
                z = est / se
            columns |= {"z": z, "pvalue": pvalue(z)}
        columns |= {n_low: low, n_high: high}
    return pd.DataFrame(columns)


def draw_theta(fit: Fit, draws: int, seed: Any) -> Array:
    """Return draws of theta from its estimated normal distribution."""
    rng = np.random.default_rng(FIXED_SEED if seed is None else seed)
    values, vectors = np.linalg.eigh(fit.vcov)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return fit.estimate.theta + rng.standard_normal((draws, len(values))) @ root.T


def _percentiles(
    function: Callable[[Array], Array], sample: Array, level: float
) -> tuple[Array, Array]:
    parts = [function(sample[k : k + 1000]) for k in range(0, len(sample), 1000)]
    tail = (1.0 - check_level(level)) / 2.0
    values = np.concatenate(parts)
    low, high = np.full((2, values.shape[1]), np.nan)
    there = ~np.isnan(values).all(axis=0)
    low[there], high[there] = np.nanquantile(values[:, there], [tail, 1.0 - tail], axis=0)
    return low, high
