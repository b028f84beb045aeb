"""The tables a `Fit` is asked for, as pandas objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from truststats.arrays import Array, IntArray
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.standardize import Cells, delta_covariance, standardized_values
from truststats.model import ParTable
from truststats.options import check_level
from truststats.results.item_frames import (
    computed_rows,
    implied_items,
    item_rows,
    sample_items,
)

if TYPE_CHECKING:
    from truststats.results.fit import Fit


__all__ = [
    "STYLES",
    "by_group",
    "free_names",
    "group_column",
    "limits",
    "pvalue",
    "row_function",
    "standard_errors",
    "tidy",
]

STYLES = ("truststats", "lavaan", "broom")
_LAVAAN = {
    "ci_lower": "ci.lower",
    "ci_upper": "ci.upper",
    "std_lv": "std.lv",
    "std_all": "std.all",
    "se_std_all": "se.std.all",
}
_BROOM = {
    "est": "estimate",
    "se": "std.error",
    "z": "statistic",
    "pvalue": "p.value",
    "ci_lower": "conf.low",
    "ci_upper": "conf.high",
    "std_lv": "std.lv",
    "std_all": "std.all",
    "se_std_all": "std.error.std.all",
}


def standard_errors(vcov: Array) -> Array:
    """Return square roots of the diagonal; NaN where it is negative."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(np.diag(vcov))


def pvalue(z: Any, degrees: float | None = None) -> Any:
    """Return two-sided p-values, normal or from the t distribution with some degrees."""
    if degrees is None:
        return 2.0 * ndtr(-np.abs(z))
    return 2.0 * stdtr(degrees, -np.abs(z))


def limits(est: Any, se: Any, level: float, degrees: float | None = None) -> tuple[Any, Any]:
    """Return symmetric confidence limits, normal or from the t distribution."""
    point = 0.5 + check_level(level) / 2.0
    half = float(ndtri(point) if degrees is None else stdtrit(degrees, point)) * se
    return est - half, est + half


def free_names(partable: ParTable) -> list[str]:
    """Return lavaan's `coef()` names of the free rows: the label, or lhs, op and rhs.

    From the second group on ``.g2`` and so on is added.
    """
    rows = zip(
        partable.lhs, partable.op, partable.rhs, partable.label, partable.unique, partable.group,
        strict=True,
    )  # fmt: skip
    return [
        label or f"{lhs}{op}{rhs}" + (f".g{group}" if group > 1 else "")
        for lhs, op, rhs, label, unique, group in rows
        if unique >= 0
    ]


def group_column(table: ParTable, *, number: bool = False) -> list[Any]:
    """Return the group of each row by its label, or by its number; empty for ``:=`` rows."""
    if number:
        return list(table.group)
    return [table.group_labels[g - 1] if g else "" for g in table.group]


def row_cells(fit: Fit, group: int = 1) -> tuple[Cells, IntArray]:
    """Return the cells of one group's rows of the parameter table, and the rows' numbers."""
    at = {name: k for k, name in enumerate(fit.estimate.layouts[0].nodes)}
    kinds, rows, cols, keep = [], [], [], []
    table = fit.partable
    names = zip(table.lhs, table.op, table.rhs, table.group, strict=True)
    for k, (lhs, op, rhs, of) in enumerate(names):
        if op in (":=", "|", "~*~") or of != group:
            continue
        keep.append(k)
        if op == "=~":
            cell = (PATH, at[rhs], at[lhs])
        elif op == "~":
            cell = (PATH, at[lhs], at[rhs])
        elif op == "~~":
            cell = (COVARIANCE, at[lhs], at[rhs])
        else:
            cell = (INTERCEPT, at[lhs], 0)
        kinds.append(cell[0])
        rows.append(cell[1])
        cols.append(cell[2])
    cells = Cells(*(np.array(x, dtype=np.intp) for x in (kinds, rows, cols)))
    return cells, np.array(keep, dtype=np.intp)


def _with_defined(fit: Fit, values: Array, keep: IntArray, row_labels: list[str]) -> Array:
    """Append defined parameters, computed from labelled values, to (B, R) values."""
    if not fit.partable.defined:
        return values
    known: dict[str, Any] = {}
    for spot, k in enumerate(keep):
        if row_labels[k]:
            known.setdefault(row_labels[k], values[:, spot])
    extra = []
    for name, expression in fit.partable.defined:
        known[name] = expression.evaluate(known) + np.zeros(len(values), dtype=values.dtype)
    order = [lhs for lhs, op in zip(fit.partable.lhs, fit.partable.op, strict=True) if op == ":="]
    extra = [known[name] for name in order]
    return np.concatenate([values, np.stack(extra, axis=1)], axis=1)


def row_function(fit: Fit, scale: str) -> Callable[[Array], Array]:
    """Return the map from (B, q) theta to the (B, R) values of all rows, ``:=`` rows last.

    `scale` is "raw", "std_lv" or "std_all".
    """
    layouts, table = fit.estimate.layouts, fit.partable
    groups = [(layout, *row_cells(fit, g + 1)) for g, layout in enumerate(layouts)]
    items = item_rows(table) if table.levels else ()
    every = np.concatenate([*(keep for *_, keep in groups), *(one.keep for one in items)])
    order = np.argsort(every)
    labels = list(table.label)

    def values(theta: Array) -> Array:
        parts: list[Array] = []
        for layout, cells, _ in groups:
            if scale == "raw":
                parts.append(cells.values(evaluate(layout, theta)))
            else:
                whole = scale == "std_all"
                parts.append(standardized_values(layout, cells, theta, observed=whole))
        for layout, own in zip(layouts, items, strict=False):
            parts.append(own.values(layout, theta, scale))
        base = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)[:, order]
        return _with_defined(fit, base, every[order], labels)

    return values


def _raw(fit: Fit) -> tuple[Array, Array]:
    """Return estimates and standard errors of all rows; zero SE for fixed ones."""
    table, theta = fit.partable, fit.estimate.theta
    unique = np.array(table.unique)
    function = row_function(fit, "raw")
    est = function(theta[None])[0]
    free = unique >= 0
    est[free] = theta[unique[free]]
    se = np.zeros(len(est))
    se[free] = standard_errors(fit.vcov)[unique[free]]
    defined = np.array([op == ":=" for op in table.op])
    if defined.any():
        cov = delta_covariance(lambda t: function(t)[:, defined], theta, fit.vcov)
        se[defined] = standard_errors(cov)
    fixed = ~free & ~defined & ~computed_rows(table)
    given = np.array(table.ustart)
    exact = fixed & ~np.isnan(given)
    est[exact] = given[exact]
    return est, se


def _group(fit: Fit, style: str) -> dict[str, Any]:
    """Return the column `group` of a fit of several groups; nothing for one group."""
    if fit.partable.n_groups == 1:
        return {}
    return {"group": group_column(fit.partable, number=style == "lavaan")}


def tidy(fit: Fit, level: float, *, style: str, standardized_se: bool) -> pd.DataFrame:
    """Return the parameter frame; see `Fit.tidy`."""
    table, theta = fit.partable, fit.estimate.theta
    est, se = _raw(fit)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(se > 0, est / se, np.nan)
    low, high = limits(est, se, level, fit.reference_df)
    frame = pd.DataFrame(
        {
            "lhs": table.lhs,
            "op": table.op,
            "rhs": table.rhs,
            **_group(fit, style),
            "label": table.label,
            "est": est,
            "se": se,
            "z": z,
            "pvalue": pvalue(z, fit.reference_df),
            "ci_lower": low,
            "ci_upper": high,
            "std_lv": row_function(fit, "std_lv")(theta[None])[0],
            "std_all": row_function(fit, "std_all")(theta[None])[0],
        }
    )
    if standardized_se:
        frame["se_std_all"] = standardized(fit, level)["se"].to_numpy()
    if style == "truststats":
        return frame
    if style == "broom":
        frame.insert(0, "term", frame["lhs"] + " " + frame["op"] + " " + frame["rhs"])
    return frame.rename(columns=_LAVAAN if style == "lavaan" else _BROOM)


def standard_parts(fit: Fit) -> tuple[Array, Array]:
    """Return std_all of every row and its delta-method standard error."""
    function, theta = row_function(fit, "std_all"), fit.estimate.theta
    value = function(theta[None])[0]
    se = standard_errors(delta_covariance(function, theta, fit.vcov))
    # A correlation with a variable of negative variance does not exist; nor does its error.
    return value, np.where(np.isnan(value), np.nan, np.where(se < 1e-10, 0.0, se))


def standardized(fit: Fit, level: float) -> pd.DataFrame:
    """Return std_all with delta-method standard errors; see `Fit.standardized`."""
    table = fit.partable
    est, se = fit.standard_parts
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(se > 0, est / se, np.nan)
    low, high = limits(est, se, level, fit.reference_df)
    return pd.DataFrame(
        {
            "lhs": table.lhs,
            "op": table.op,
            "rhs": table.rhs,
            **_group(fit, "truststats"),
            "label": table.label,
            "est_std": est,
            "se": se,
            "z": z,
            "pvalue": pvalue(z, fit.reference_df),
            "ci_lower": low,
            "ci_upper": high,
        }
    )


def r_square(fit: Fit) -> pd.Series:
    """Return R-square of every variable with an arrow into it, by group where there are several."""
    table = fit.partable
    targets = [r for op, r in zip(table.op, table.rhs, strict=True) if op == "=~"]
    targets += [lhs for op, lhs in zip(table.op, table.lhs, strict=True) if op == "~"]
    names = list(dict.fromkeys(targets))

    def of(group: Estimate) -> pd.Series:
        at = {name: k for k, name in enumerate(group.layout.nodes)}
        index = [at[name] for name in names]
        total, left = np.diag(group.state.e[0])[index], np.diag(group.state.psi[0])[index]
        return pd.Series(np.where(left < 0, np.nan, 1.0 - left / total), index=names)

    found = by_group(fit, of)
    return found if isinstance(found, pd.Series) else pd.concat(found, names=["group", "variable"])


def by_group(fit: Fit, make: Callable[[Estimate], Any]) -> Any:
    """Return what a function makes of the only group, or a dict of it by group label."""
    groups = fit.estimate.groups
    if len(groups) == 1:
        return make(groups[0])
    return {name: make(g) for name, g in zip(fit.partable.group_labels, groups, strict=True)}


def implied(fit: Fit) -> dict[str, Any]:
    """Return the implied moments with names."""
    names = list(fit.partable.ov)

    def of(group: Estimate) -> dict[str, Any]:
        if isinstance(group, OrdinalEstimate):
            return implied_items(fit.partable, group)
        state = group.state
        mu = pd.Series(state.mu[0], index=names) if group.has_means else None
        return {"sigma": pd.DataFrame(state.sigma[0], index=names, columns=names), "mu": mu}

    return by_group(fit, of)


def sample_moments(fit: Fit) -> dict[str, Any]:
    """Return the sample moments with names."""
    names = list(fit.partable.ov)

    def of(group: Estimate) -> dict[str, Any]:
        if isinstance(group, OrdinalEstimate):
            return sample_items(fit.partable, group)
        return {
            "cov": pd.DataFrame(group.sample.cov, index=names, columns=names),
            "mean": pd.Series(group.sample.mean, index=names),
        }

    return by_group(fit, of)


def _correlation(cov: Array) -> Array:
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd)


def latent_cor(fit: Fit) -> Any:
    """Return implied latent correlations."""

    def of(group: Estimate) -> pd.DataFrame:
        layout = group.layout
        names = list(layout.nodes[layout.p :])
        with np.errstate(invalid="ignore"):
            block = _correlation(group.state.e[0][layout.p :, layout.p :])
        return pd.DataFrame(block, index=names, columns=names)

    return by_group(fit, of)


def _whole(value: float) -> float:
    """Return a whole number as one: the test adjusted for mean and variance has none."""
    return int(value) if float(value).is_integer() else value


def glance(fit: Fit) -> pd.DataFrame:
    """Return a one-row summary of a fit."""
    measures = fit.fit_measures
    robust = fit.scaled is not None
    row: dict[str, Any] = {
        "nobs": fit.nobs,
        "npar": fit.npar,
        "estimator": fit.estimator,
        "missing": fit.missing,
        "n_clusters": fit.n_clusters,
        **({"n_groups": len(fit.groups)} if fit.groups else {}),
        "chisq": fit.chisq,
        "df": _whole(fit.reported_test.df),
        "pvalue": fit.pvalue,
    }
    for name in ("cfi", "tli", "rmsea", "rmsea_ci_lower", "rmsea_ci_upper"):
        for suffix in ("_robust", "_scaled", "") if robust else ("",):
            if name + suffix in measures:
                row[name] = measures[name + suffix]
                break
    row |= {name: measures[name] for name in ("srmr", "aic", "bic") if name in measures}
    row |= {"converged": fit.converged, "problems": len(fit.problems)}
    return pd.DataFrame([row])
