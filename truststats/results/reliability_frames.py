"""Reliability of the scales of a `Fit`, as a frame: every number with its formula and interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import NotSupportedError, OptionError
from truststats.estimation.constraints import constraints_of
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.intervals import INTERVALS, Intervals, resample_intervals
from truststats.options import check_draws, check_level, choose, did_you_mean, generator
from truststats.psychometrics.categorical import answer_values, ordinal_coefficients
from truststats.psychometrics.coefficients import (
    Coefficient,
    alpha_of,
    model_coefficients,
    model_values,
    sample_covariance,
)
from truststats.psychometrics.composites import Composite, composites_of
from truststats.psychometrics.items import item_statistics as statistics_of
from truststats.psychometrics.resampled import reliability_draws
from truststats.results.effect_frames import FIXED_SEED
from truststats.results.frames import limits
from truststats.results.part import refuse_part
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["COLUMNS", "FORMULAS", "item_statistics", "reliability"]

COLUMNS = [
    "construct", "label", "coefficient", "formula", "value", "se", "ci_lower", "ci_upper",
    "n_items", "n", "estimator", "missing", "problems",
]  # fmt: skip
_ITEM_COLUMNS = [
    "construct", "label", "item", "reversed", "item_rest", "alpha_dropped", "omega_dropped", "n",
    "missing",
]  # fmt: skip
_KINDS = ("delta", *(kind for kind in INTERVALS if kind != "bca"))
_DRAWS = 1000

_IMPLIED = "model-implied variance of the sum"
FORMULAS: Mapping[str, str] = {
    "alpha": "alpha (Cronbach), from the sample covariances",
    "alpha_ordinal": "alpha of the polychoric correlations: of normal responses nobody observes",
    "omega": f"omega (congeneric), {_IMPLIED}",
    "omega_observed": "omega (congeneric), observed variance of the sum",
    "omega_total": f"omega (all factors' share), {_IMPLIED}",
    "omega_hierarchical_second_order": f"omega (second-order factor's share), {_IMPLIED}",
    "omega_hierarchical_bifactor": f"omega (this factor's share), {_IMPLIED}",
    "omega_level2": "omega (second-order factor's share of the sum of first-order factors)",
    "omega_partial": "omega (second-order factor and error only), model-implied",
    "omega_categorical": "omega (categorical, Green & Yang), of the sum of the answers",
    "omega_categorical_observed": "omega (categorical, Green & Yang), polychoric total variance",
    "omega_hierarchical_categorical": "omega (categorical, this factor's share of the answers)",
    "maximal": "reliability of the sum with the best weights (H)",
    "maximal_ordinal": "reliability of the best weighted sum of normal responses (H)",
    "ave": "average variance extracted, model-implied",
    "ave_ordinal": "average variance extracted, of normal responses",
    "ecv": "share of the common variance that is this factor's",
}


def _formula(name: str, composite: Composite, ordinal: bool) -> str:
    """Return the formula's text: several coefficients have one for each kind of composite."""
    if name == "omega" and composite.kind in ("second_order", "bifactor"):
        return FORMULAS["omega_total"]
    if name == "omega_hierarchical":
        return FORMULAS[f"{name}_{'categorical' if ordinal else composite.kind}"]
    return FORMULAS[f"{name}_ordinal" if ordinal and name in ("maximal", "ave") else name]


def _signs(fit: Fit, reverse: Iterable[str]) -> dict[str, float]:
    """Return -1 for items to be turned round, 1 for the others."""
    turned = set([reverse] if isinstance(reverse, str) else reverse)
    unknown = sorted(turned - set(fit.partable.ov))
    if unknown:
        raise OptionError(
            f"{unknown[0]!r} is no item of this model.{did_you_mean(unknown[0], fit.partable.ov)}",
            where="reverse=",
        )
    return {name: -1.0 if name in turned else 1.0 for name in fit.partable.ov}


def _scales(fit: Fit, group: Estimate, reverse: Iterable[str]) -> list[tuple[Composite, Array]]:
    """Return the scales of one group with the signs of their items."""
    signs = _signs(fit, reverse)
    found = composites_of(fit.partable, group.layout, group.state)
    return [(c, np.array([signs[group.layout.nodes[i]] for i in c.items])) for c in found]


def _kind(fit: Fit, composite: Composite) -> str:
    """Return whether all, none or some items of a scale are ordinal."""
    ordinal = {name for name, _ in fit.partable.levels}
    inside = [fit.partable.ov[i] in ordinal for i in composite.items]
    return "ordinal" if all(inside) else "mixed" if any(inside) else "continuous"


def _coefficients(
    fit: Fit, group: Estimate, composite: Composite, signs: Array
) -> list[Coefficient]:
    kind, items = _kind(fit, composite), composite.items
    if kind == "mixed":
        return [Coefficient("alpha", float("nan"), problems=("mixed_kinds",))]
    within = isinstance(group, OrdinalEstimate)
    first = alpha_of(group, items, signs, ordinal=within, kept=fit.loaded is not None)
    if kind == "ordinal":
        assert isinstance(group, OrdinalEstimate)
        return [first, *ordinal_coefficients(group, composite, signs, fit.vcov)]
    observed = sample_covariance(group, items, ordinal=within)
    return [first, *model_coefficients(group, composite, signs, fit.vcov, observed)]


def _label(fit: Fit, construct: str) -> str:
    return fit.model.labels.get(construct, {}).get("en", construct)


def _group_rows(
    fit: Fit, group: Estimate, scales: Sequence[tuple[Composite, Array]], level: float
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for composite, signs in scales:
        ordinal = _kind(fit, composite) == "ordinal"
        for one in _coefficients(fit, group, composite, signs):
            low, high = limits(one.value, one.se, level, fit.reference_df)
            rows.append(
                {
                    "construct": composite.construct,
                    "label": _label(fit, composite.construct),
                    "coefficient": one.name,
                    "formula": _formula(one.name, composite, ordinal),
                    "value": one.value,
                    "se": one.se,
                    "ci_lower": low,
                    "ci_upper": high,
                    "n_items": len(composite.items),
                    "n": group.n,
                    "estimator": fit.estimator,
                    "missing": fit.missing,
                    "problems": "; ".join(one.problems),
                }
            )
    return rows


def _labels_of(fit: Fit) -> list[str]:
    names = fit.groups or ((fit.part,) if fit.part else ())
    return [str(name) for name in names]


def _stacked(
    fit: Fit, by_group: Sequence[list[dict[str, Any]]], columns: list[str]
) -> pd.DataFrame:
    """Return the rows of all groups, with a first column ``group`` where there are several."""
    made = [pd.DataFrame(rows, columns=columns) for rows in by_group]
    if not fit.groups:
        return labelled(made[0], fit.synthetic)
    for name, frame in zip(fit.groups, made, strict=True):
        frame.insert(0, "group", name)
    return labelled(pd.concat(made, ignore_index=True), fit.synthetic)


def reliability(
    fit: Fit,
    ci: str = "delta",
    level: float = 0.95,
    *,
    draws: int | None = None,
    seed: Any = None,
    reverse: Iterable[str] = (),
) -> pd.DataFrame:
    """Return the reliability of every scale; see `Fit.reliability`."""
    kind = choose("ci", ci, _KINDS)
    check_level(level)
    by_group = [_scales(fit, group, reverse) for group in fit.estimate.groups]
    rows = [
        _group_rows(fit, group, scales, level)
        for group, scales in zip(fit.estimate.groups, by_group, strict=True)
    ]
    if kind != "delta":
        _resampled(fit, by_group, rows, kind, level, draws, seed)
    return _stacked(fit, rows, COLUMNS)


def _resampled(
    fit: Fit, scales: Sequence[Sequence[tuple[Composite, Array]]],
    rows: Sequence[list[dict[str, Any]]], kind: str, level: float, draws: int | None, seed: Any,
) -> None:  # fmt: skip
    """Put intervals of resamples in the place of those by the delta method."""
    refuse_part(fit, "A bootstrap of reliability")
    estimate = fit.estimate
    complete = all(s.rows is not None and not np.isnan(s.rows).any() for s in estimate.samples)
    plain = fit.options.get("discrepancy", "ML") == "ML" and not fit.partable.levels
    weighted = any(s.weights is not None for s in estimate.samples)
    if not complete or not plain or weighted or fit.options.get("strata") is not None:
        raise NotSupportedError(
            f"reliability(ci={kind!r}) resamples complete rows of maximum likelihood fits.",
            why="covariances and parameters of other fits are not resampled together yet",
            fix="use ci='delta'",
        )
    count = _DRAWS if draws is None else check_draws(draws)
    found, _ = reliability_draws(
        estimate, scales, count, generator(seed, FIXED_SEED), constraints_of(fit.partable)
    )
    for g, own in enumerate(rows):
        for row in own:
            values = found.get((g, row["construct"], row["coefficient"]))
            if values is None or np.isnan(row["value"]):
                continue
            made = resample_intervals(kind, np.array([row["value"]]), values[:, None], level)
            _put(row, made)


def _put(row: dict[str, Any], made: Intervals) -> None:
    row["se"], row["ci_lower"] = float(made.se[0]), float(made.lower[0])
    row["ci_upper"] = float(made.upper[0])
    row["problems"] = "; ".join(p for p in row["problems"].split("; ") if p != "no_interval")


def item_statistics(fit: Fit, *, reverse: Iterable[str] = ()) -> pd.DataFrame:
    """Return what every item adds to its scale; see `Fit.item_statistics`."""
    rows = [
        [row for scale in _scales(fit, group, reverse) for row in _item_rows(fit, group, *scale)]
        for group in fit.estimate.groups
    ]
    return _stacked(fit, rows, _ITEM_COLUMNS)


def _item_rows(
    fit: Fit, group: Estimate, composite: Composite, signs: Array
) -> list[dict[str, Any]]:
    names = [group.layout.nodes[i] for i in composite.items]
    nan, within = float("nan"), isinstance(group, OrdinalEstimate)
    empty = np.full(len(names), nan)
    rest, dropped = empty, empty
    if not within or group.sample.rows is not None:
        cov = sample_covariance(group, composite.items, ordinal=within)
        made = statistics_of(cov, signs)
        rest, dropped = made.item_rest, made.alpha_dropped
    without = _omega_without(fit, group, composite, signs)
    return [
        {
            "construct": composite.construct,
            "label": _label(fit, composite.construct),
            "item": name,
            "reversed": bool(signs[k] < 0) or name in fit.model.recode,
            "item_rest": rest[k],
            "alpha_dropped": dropped[k],
            "omega_dropped": without[k],
            "n": group.n,
            "missing": fit.missing,
        }
        for k, name in enumerate(names)
    ]


def _omega_without(fit: Fit, group: Estimate, composite: Composite, signs: Array) -> Array:
    """Return omega of the other items, by the same parameters; NaN where it has none."""
    out = np.full(len(signs), np.nan)
    kind = _kind(fit, composite)
    proper = bool((np.diag(group.state.psi[0]) >= 0).all())
    if composite.kind == "unclear" or kind == "mixed" or not proper or len(signs) < 3:
        return out
    for k in range(len(signs)):
        left = np.delete(np.arange(len(signs)), k)
        part = Composite(
            composite.construct, composite.factor, composite.items[left], composite.parts,
            composite.kind,
        )  # fmt: skip
        theta = group.theta[None]
        if isinstance(group, OrdinalEstimate) and kind == "ordinal":
            out[k] = answer_values(group, part, signs[left], theta)[0, 0]
        else:
            out[k] = model_values(group.layout, part, ("omega",), signs[left], theta)[0, 0]
    return out
