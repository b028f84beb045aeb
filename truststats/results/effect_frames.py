"""Effects of a `Fit` as a frame: direct, indirect, total, and each route by itself."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats import _bridge
from truststats.arrays import Array
from truststats.errors import OptionError
from truststats.inference.effects import EffectList, effect_values, list_effects
from truststats.inference.intervals import INTERVALS, Intervals, simulated_intervals
from truststats.inference.standardize import delta_covariance
from truststats.options import check_draws, choose, generator
from truststats.results.frames import limits, pvalue, standard_errors

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = [
    "FIXED_SEED",
    "choose_bootstrap",
    "draw_theta",
    "effect_functions",
    "effect_names",
    "effects",
    "structural_paths",
]

#: The recorded seed of everything that draws without a seed of the user's.
FIXED_SEED = 20261121
_MONTE_CARLO = 20_000
_LAVAAN = {"perc": "percentile", "bca.simple": "bias_corrected", "norm": "normal"}
_BLOCK = 1000


def choose_bootstrap(ci: str) -> str:
    """Return the canonical name of a bootstrap interval; lavaan's names are understood."""
    return choose("ci", ci, INTERVALS, aliases=_LAVAAN)


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


def effect_functions(
    fit: Fit, *, specific: bool, contrast: bool = False
) -> tuple[pd.DataFrame, Callable[[bool], Callable[[Array], Array]]]:
    """Return the names of all effects, and what makes the map from (B, q) theta to their values.

    The map is asked for by whether the values are to be standardised. The effects of several
    groups stand one group after the other; with `contrast` their differences follow, each later
    group less each earlier one.
    """
    layouts = fit.estimate.layouts
    paths, keep = structural_paths(fit)
    listed = list_effects(paths, specific=specific)
    named = effect_names(layouts[0].nodes, listed)
    labels = list(fit.partable.group_labels)
    pairs = list(combinations(range(len(layouts)), 2)) if contrast else []
    if len(layouts) > 1:
        labels += [f"{labels[later]} - {labels[first]}" for first, later in pairs]
        named = pd.concat([named] * len(labels), ignore_index=True)
        named["group"] = [label for label in labels for _ in range(len(listed))]

    def function(standard: bool) -> Callable[[Array], Array]:
        def values(theta: Array) -> Array:
            parts = [
                effect_values(x, listed, theta, standardized=standard, keep=keep) for x in layouts
            ]
            parts += [parts[later] - parts[first] for first, later in pairs]
            return np.concatenate(parts, axis=1)

        return values

    return named, function


def effects(
    fit: Fit,
    ci: str,
    level: float,
    *,
    draws: int | None,
    seed: Any,
    specific: bool,
    contrast: bool = False,
) -> pd.DataFrame:
    """Return all effects; see `Fit.effects`."""
    if contrast and len(fit.estimate.layouts) == 1:
        raise OptionError(
            "contrast=True compares groups, and this fit has one.", fix="leave contrast= out"
        )
    kind = choose("ci", ci, ("delta", "monte_carlo", *INTERVALS), aliases=_LAVAAN)
    frame, function = effect_functions(fit, specific=specific, contrast=contrast)
    refits = sample = None
    if kind in INTERVALS:
        refits = _bridge.call("workflow.bootstrap", "bootstrap", fit, draws, seed=seed, ci=kind)
    elif kind == "monte_carlo":
        sample = draw_theta(fit, _MONTE_CARLO if draws is None else check_draws(draws), seed)
    for standard, prefix in ((False, ""), (True, "std_")):
        value = function(standard)
        est = value(fit.estimate.theta[None])[0]
        if refits is not None:
            found = refits.intervals(value, level)
        else:
            found = _intervals(fit, value, est, level, sample)
        frame["std_all" if standard else "est"] = est
        frame[f"{prefix}se"] = found.se
        if not standard:
            with np.errstate(invalid="ignore", divide="ignore"):
                frame["z"] = est / found.se
        frame[f"{prefix}pvalue"] = found.pvalue
        frame[f"{prefix}ci_lower"], frame[f"{prefix}ci_upper"] = found.lower, found.upper
    return frame


def _intervals(
    fit: Fit, value: Callable[[Array], Array], est: Array, level: float, sample: Array | None
) -> Intervals:
    """Return intervals by the delta method, or from draws of theta."""
    se = est
    if len(est):
        se = standard_errors(delta_covariance(value, fit.estimate.theta, fit.vcov))
    if sample is None:
        with np.errstate(invalid="ignore", divide="ignore"):
            p = pvalue(est / se, fit.reference_df)
        return Intervals(se, *limits(est, se, level, fit.reference_df), p)
    parts = [value(sample[k : k + _BLOCK]) for k in range(0, len(sample), _BLOCK)]
    drawn = simulated_intervals(np.concatenate(parts), level)
    return Intervals(se, drawn.lower, drawn.upper, drawn.pvalue)


def draw_theta(fit: Fit, draws: int, seed: Any) -> Array:
    """Return draws of theta from its estimated normal distribution, or t with few clusters."""
    rng = generator(seed, FIXED_SEED)
    if np.isnan(fit.vcov).any():
        raise OptionError(
            "There is nothing to draw from: the fit has no standard errors.",
            where=f"se={fit.se_type!r}",
            fix="fit with standard errors, or use ci='percentile'",
        )
    values, vectors = np.linalg.eigh(fit.vcov)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    moves = rng.standard_normal((draws, len(values))) @ root.T
    degrees = fit.reference_df
    if degrees is not None:
        moves /= np.sqrt(rng.chisquare(degrees, draws) / degrees)[:, None]
    return fit.estimate.theta + moves
