"""The tables a `Fit` is asked for, as pandas objects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from truststats.estimation.implied import evaluate
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH
from truststats.inference.effects import EffectList, effect_values, list_effects
from truststats.inference.standardize import Cells, delta_covariance, standardized_values
from truststats.model import ParTable

if TYPE_CHECKING:
    from truststats.results.fit import Fit

Array = NDArray[np.float64]

__all__ = [
    "FIXED_SEED",
    "STYLES",
    "draw_theta",
    "effect_names",
    "free_names",
    "limits",
    "pvalue",
    "row_function",
    "standard_errors",
    "structural_paths",
    "tidy",
]

STYLES = ("truststats", "lavaan", "broom")
FIXED_SEED = 20261121
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
    half = float(ndtri(0.5 + level / 2.0)) * se
    return est - half, est + half


def free_names(partable: ParTable) -> list[str]:
    """Return lavaan's `coef()` names of the free rows: the label, or lhs, op and rhs."""
    rows = zip(
        partable.lhs, partable.op, partable.rhs, partable.label, partable.unique, strict=True
    )
    return [label or f"{lhs}{op}{rhs}" for lhs, op, rhs, label, unique in rows if unique >= 0]


def row_cells(fit: Fit) -> tuple[Cells, NDArray[np.intp]]:
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


def _with_defined(fit: Fit, values: Array, keep: NDArray[np.intp], row_labels: list[str]) -> Array:
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


def standardized(fit: Fit, level: float) -> pd.DataFrame:
    """Return std_all with delta-method standard errors; see `Fit.standardized`."""
    table, theta = fit.partable, fit.estimate.theta
    function = row_function(fit, "std_all")
    est = function(theta[None])[0]
    se = standard_errors(delta_covariance(function, theta, fit.vcov))
    se = np.where(se < 1e-10, 0.0, se)
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


def structural_paths(fit: Fit) -> tuple[list[tuple[int, int]], Array]:
    """Return (target, source) of the regressions and their mask over B."""
    layout = fit.estimate.layout
    at = {name: k for k, name in enumerate(layout.nodes)}
    table = fit.partable
    paths = [
        (at[lhs], at[rhs])
        for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True)
        if op == "~"
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
    layout, theta = fit.estimate.layout, fit.estimate.theta
    paths, keep = structural_paths(fit)
    listed = list_effects(paths, specific=specific)
    columns: dict[str, Any] = dict(effect_names(layout.nodes, listed).items())

    def function(standard: bool) -> Callable[[Array], Array]:
        return lambda t: effect_values(layout, listed, t, standardized=standard, keep=keep)

    sample = draw_theta(fit, draws, seed) if ci == "monte_carlo" else None
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
    tail = (1.0 - level) / 2.0
    low, high = np.nanquantile(np.concatenate(parts), [tail, 1.0 - tail], axis=0)
    return low, high


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


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def provenance(fit: Fit) -> dict[str, Any]:
    """Return everything that is needed to repeat the fit."""
    sample = fit.estimate.sample
    source = sample.rows if sample.rows is not None else np.c_[sample.cov, sample.mean]
    out: dict[str, Any] = {
        "model": str(fit.model),
        "model_hash": hashlib.sha256(str(fit.model).encode()).hexdigest(),
        "data_hash": hashlib.sha256(np.ascontiguousarray(source).tobytes()).hexdigest(),
        "rows_given": fit.n_rows,
        "rows_used": fit.nobs,
        "exclusions": dict(fit.exclusions),
        "options": dict(fit.options),
        "versions": {name: _version(name) for name in ("truststats", "numpy", "scipy", "pandas")},
    }
    survey, framework = fit.survey, fit.framework
    if survey is not None:
        out["source"] = str(survey.source)
        out["file_hash"] = survey.file_hash
        if survey.instrument is not None:
            out["instrument"] = {
                "name": survey.instrument.name,
                "version": survey.instrument.version,
                "content_hash": survey.instrument.content_hash,
            }
    if framework is not None:
        out["framework"] = {
            "name": framework.name,
            "version": framework.version,
            "content_hash": framework.content_hash,
        }
    return out
