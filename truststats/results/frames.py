"""The tables a `Fit` is asked for, as pandas objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from truststats.arrays import Array, IntArray
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH
from truststats.inference.standardize import Cells, delta_covariance, standardized_values
from truststats.model import ParTable
from truststats.options import check_level

if TYPE_CHECKING:
    from truststats.results.fit import Fit


__all__ = [
    "STYLES",
    "free_names",
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


def pvalue(z: Any) -> Any:
    """Return two-sided normal p-values."""
    return 2.0 * ndtr(-np.abs(z))


def limits(est: Any, se: Any, level: float) -> tuple[Any, Any]:
    """Return symmetric normal confidence limits."""
    half = float(ndtri(0.5 + check_level(level) / 2.0)) * se
    return est - half, est + half


def free_names(partable: ParTable) -> list[str]:
    """Return lavaan's `coef()` names of the free rows: the label, or lhs, op and rhs."""
    rows = zip(
        partable.lhs, partable.op, partable.rhs, partable.label, partable.unique, strict=True
    )
    return [label or f"{lhs}{op}{rhs}" for lhs, op, rhs, label, unique in rows if unique >= 0]


def row_cells(fit: Fit) -> tuple[Cells, IntArray]:
    """Return the cells of the parameter-table rows other than ``:=``, and the rows' numbers."""
    at = {name: k for k, name in enumerate(fit.estimate.layout.nodes)}
    kinds, rows, cols, keep = [], [], [], []
    table = fit.partable
    for k, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True)):
        if op == ":=":
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
    layout = fit.estimate.layout
    cells, keep = row_cells(fit)
    labels = list(fit.partable.label)

    def values(theta: Array) -> Array:
        if scale == "raw":
            base = cells.values(evaluate(layout, theta))
        else:
            base = standardized_values(layout, cells, theta, observed=scale == "std_all")
        return _with_defined(fit, base, keep, labels)

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
    fixed = ~free & ~defined
    given = np.array(table.ustart)
    exact = fixed & ~np.isnan(given)
    est[exact] = given[exact]
    return est, se


def tidy(fit: Fit, level: float, *, style: str, standardized_se: bool) -> pd.DataFrame:
    """Return the parameter frame; see `Fit.tidy`."""
    table, theta = fit.partable, fit.estimate.theta
    est, se = _raw(fit)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(se > 0, est / se, np.nan)
    low, high = limits(est, se, level)
    frame = pd.DataFrame(
        {
            "lhs": table.lhs,
            "op": table.op,
            "rhs": table.rhs,
            "label": table.label,
            "est": est,
            "se": se,
            "z": z,
            "pvalue": pvalue(z),
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
    se = standard_errors(delta_covariance(function, theta, fit.vcov))
    return function(theta[None])[0], np.where(se < 1e-10, 0.0, se)


def standardized(fit: Fit, level: float) -> pd.DataFrame:
    """Return std_all with delta-method standard errors; see `Fit.standardized`."""
    table = fit.partable
    est, se = fit.standard_parts
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(se > 0, est / se, np.nan)
    low, high = limits(est, se, level)
    return pd.DataFrame(
        {
            "lhs": table.lhs,
            "op": table.op,
            "rhs": table.rhs,
            "label": table.label,
            "est_std": est,
            "se": se,
            "z": z,
            "pvalue": pvalue(z),
            "ci_lower": low,
            "ci_upper": high,
        }
    )


def r_square(fit: Fit) -> pd.Series:
    """Return R-square of every variable with an arrow into it."""
    layout, state = fit.estimate.layout, fit.estimate.state
    table = fit.partable
    targets = [r for op, r in zip(table.op, table.rhs, strict=True) if op == "=~"]
    targets += [lhs for op, lhs in zip(table.op, table.lhs, strict=True) if op == "~"]
    at = {name: k for k, name in enumerate(layout.nodes)}
    names = list(dict.fromkeys(targets))
    index = [at[name] for name in names]
    total, left = np.diag(state.e[0])[index], np.diag(state.psi[0])[index]
    value = np.where(left < 0, np.nan, 1.0 - left / total)
    return pd.Series(value, index=names)


def implied(fit: Fit) -> dict[str, Any]:
    """Return the implied moments with names."""
    names = list(fit.partable.ov)
    state = fit.estimate.state
    mu = pd.Series(state.mu[0], index=names) if fit.estimate.layout.has_means else None
    return {"sigma": pd.DataFrame(state.sigma[0], index=names, columns=names), "mu": mu}


def sample_moments(fit: Fit) -> dict[str, Any]:
    """Return the sample moments with names."""
    names = list(fit.partable.ov)
    sample = fit.estimate.sample
    return {
        "cov": pd.DataFrame(sample.cov, index=names, columns=names),
        "mean": pd.Series(sample.mean, index=names),
    }


def _correlation(cov: Array) -> Array:
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd)


def residuals(fit: Fit, kind: str) -> pd.DataFrame:
    """Return residual covariances or correlations."""
    names = list(fit.partable.ov)
    cov, sigma = fit.estimate.sample.cov, fit.estimate.state.sigma[0]
    left = cov - sigma if kind == "raw" else _correlation(cov) - _correlation(sigma)
    return pd.DataFrame(left, index=names, columns=names)


def latent_cor(fit: Fit) -> pd.DataFrame:
    """Return implied latent correlations."""
    layout = fit.estimate.layout
    names = list(layout.nodes[layout.p :])
    with np.errstate(invalid="ignore"):
        block = _correlation(fit.estimate.state.e[0][layout.p :, layout.p :])
    return pd.DataFrame(block, index=names, columns=names)


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
        "chisq": fit.chisq,
        "df": fit.df,
        "pvalue": fit.pvalue,
    }
    for name in ("cfi", "tli", "rmsea", "rmsea_ci_lower", "rmsea_ci_upper"):
        for suffix in ("_robust", "_scaled", "") if robust else ("",):
            if name + suffix in measures:
                row[name] = measures[name + suffix]
                break
    row |= {name: measures[name] for name in ("srmr", "aic", "bic")}
    row |= {"converged": fit.converged, "problems": len(fit.problems)}
    return pd.DataFrame([row])
