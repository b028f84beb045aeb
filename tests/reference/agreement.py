"""How closely a fit must agree with lavaan, and the comparison itself.

The expected values are a lavaan result written as JSON (a golden of ours or an optional external
case): ``estimates``, ``standardizedSolution``, ``fitmeasures`` and, where present, ``rsquare``,
``implied``, ``sampstat``, ``cor_lv`` and ``vcov``. Every function returns the deviations it found,
so that one run shows all of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

# Tolerances, and why.
ESTIMATE = 1e-4  # x max(|est|, SE): both programs stop within about 1e-5 SE of the optimum
STD_ERROR = 1e-3  # relative: an SE moves with the optimum and with numerical Hessians in lavaan
STANDARDIZED = 1e-4  # x max(1, |value|): a smooth function of the estimates
FIT_MEASURE = 1e-4  # x max(1, |value|): second order in the estimates, so far above what it needs
PROBABILITY = 1e-4  # absolute; compared as well through z, so this only catches wrong references
MOMENT = 1e-4  # x the standard deviations involved
EM_MOMENT = 1e-3  # x the standard deviations: lavaan stops its EM at 1e-5 of the log-likelihood
COVARIANCE = 2e-3  # x SE_i SE_j: twice the SE tolerance

# What every fit must report (lavaan's name); anything else both sides report is compared too.
REQUIRED = (
    *("npar", "chisq", "df", "pvalue", "baseline.chisq", "baseline.df", "cfi", "tli", "nfi"),
    *("rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue", "srmr", "aic", "bic", "logl"),
)
REQUIRED_ROBUST = (
    *("chisq.scaled", "pvalue.scaled", "chisq.scaling.factor"),
    *("cfi.scaled", "tli.scaled", "rmsea.scaled"),
    *("rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled"),
    *("cfi.robust", "tli.robust", "rmsea.robust"),
    *("rmsea.ci.lower.robust", "rmsea.ci.upper.robust"),
)


@dataclass(frozen=True)
class Deviation:
    """One number that is not lavaan's."""

    what: str
    ours: float | None
    lavaan: float
    tolerance: float

    def __str__(self) -> str:
        if self.ours is None:
            return f"{self.what}: missing, lavaan {self.lavaan:.8g}"
        return (
            f"{self.what}: ours {self.ours:.8g}, lavaan {self.lavaan:.8g}, "
            f"difference {self.ours - self.lavaan:.3g}, allowed {self.tolerance:.2g}"
        )


def check(what: str, ours: float | None, lavaan: float | None, tolerance: float) -> list[Deviation]:
    """Compare two numbers; a value that lavaan could not give is not compared."""
    if lavaan is None or not np.isfinite(lavaan):
        return []
    if ours is None:
        return [Deviation(what, None, lavaan, tolerance)]
    if abs(ours - lavaan) <= tolerance:
        return []
    return [Deviation(what, float(ours), float(lavaan), tolerance)]


def key(lhs: str, op: str, rhs: str | None) -> tuple[str, str, str]:
    """Identify a parameter; a covariance has no direction."""
    right = rhs or ""
    if op == "~~" and right < lhs:
        lhs, right = right, lhs
    return lhs, op, right


def by_parameter(rows: Any) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Index rows (a frame, a list of rows or a table of columns) by parameter."""
    frame = pd.DataFrame(rows)
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return {key(str(r["lhs"]), str(r["op"]), str(r["rhs"] or "")): r for r in records}


def compare_estimates(
    fit: Any, expected: Mapping[str, Any], estimate: float = ESTIMATE
) -> list[Deviation]:
    """Compare est, se, z, pvalue, interval, std_lv and std_all of every parameter."""
    ours = by_parameter(fit.tidy())
    lavaan = by_parameter(expected["estimates"])
    found: list[Deviation] = []
    for name, theirs in lavaan.items():
        mine = ours.get(name)
        label = " ".join(part for part in name if part)
        if mine is None:
            found += [Deviation(f"{label} est", None, theirs["est"], 0.0)]
            continue
        found += one_parameter(label, mine, theirs, estimate)
    extra = sorted(set(ours) - set(lavaan))
    found += [Deviation(f"{' '.join(n)} (not in lavaan's table)", 0.0, np.nan, 0.0) for n in extra]
    return found


def one_parameter(
    label: str, mine: Mapping[str, Any], theirs: Mapping[str, Any], estimate: float
) -> Iterable[Deviation]:
    """Compare one row of the table of estimates."""
    se = theirs["se"] or 0.0
    slack = estimate * max(abs(theirs["est"]), se)
    yield from check(f"{label} est", mine["est"], theirs["est"], slack)
    if se == 0.0:
        yield from check(f"{label} se", mine["se"] or 0.0, 0.0, 1e-12)
    else:
        yield from check(f"{label} se", mine["se"], se, STD_ERROR * se)
        wide = slack + 2 * STD_ERROR * se
        yield from check(f"{label} ci_lower", mine["ci_lower"], theirs["ci.lower"], wide)
        yield from check(f"{label} ci_upper", mine["ci_upper"], theirs["ci.upper"], wide)
        near = STD_ERROR * 2 * max(1.0, abs(theirs["z"]))
        yield from check(f"{label} z", mine["z"], theirs["z"], near)
        yield from check(f"{label} pvalue", mine["pvalue"], theirs["pvalue"], 10 * PROBABILITY)
    for column, other in (("std_lv", "std.lv"), ("std_all", "std.all")):
        value = theirs[other]
        allowed = STANDARDIZED * max(1.0, abs(value or 0.0))
        yield from check(f"{label} {column}", mine[column], value, allowed)


def compare_standardized(fit: Any, expected: Mapping[str, Any]) -> list[Deviation]:
    """Compare the standardised solution with its delta-method standard errors."""
    ours = by_parameter(fit.standardized())
    found: list[Deviation] = []
    for name, theirs in by_parameter(expected["standardizedSolution"]).items():
        label = "std " + " ".join(part for part in name if part)
        mine = ours.get(name)
        if mine is None:
            found += [Deviation(label, None, theirs["est.std"], 0.0)]
            continue
        slack = STANDARDIZED * max(1.0, abs(theirs["est.std"]))
        found += check(f"{label} est_std", mine["est_std"], theirs["est.std"], slack)
        # A cell that standardising makes constant has an SE of rounding error in lavaan.
        se = theirs["se"] or 0.0
        if se < 1e-6:
            found += check(f"{label} se", mine["se"] or 0.0, 0.0, 1e-5)
            continue
        found += check(f"{label} se", mine["se"], se, STD_ERROR * se)
        wide = slack + 2 * STD_ERROR * se
        found += check(f"{label} ci_lower", mine["ci_lower"], theirs["ci.lower"], wide)
        found += check(f"{label} ci_upper", mine["ci_upper"], theirs["ci.upper"], wide)
    return found


def compare_fit_measures(fit: Any, expected: Mapping[str, Any]) -> list[Deviation]:
    """Compare every fit measure that both report; the usual ones must be there."""
    ours = {str(k): v for k, v in fit.fit_measures.items()}
    theirs = expected["fitmeasures"]
    required = set(REQUIRED)
    if "chisq.scaled" in theirs:
        required |= set(REQUIRED_ROBUST)
    found: list[Deviation] = []
    for name, value in theirs.items():
        spelled = name.replace(".", "_")
        if spelled not in ours and name not in required:
            continue
        allowed = FIT_MEASURE * max(1.0, abs(value or 0.0))
        mine = ours.get(spelled)
        mine = None if mine is None or pd.isna(mine) else mine
        found += check(spelled, mine, value, allowed)
    return found


def matrix(value: Mapping[str, Any]) -> pd.DataFrame:
    """Turn the JSON of an R matrix into a frame."""
    rows = value["rows"] if len(value["rows"]) else value["cols"]
    return pd.DataFrame(value["values"], index=list(rows), columns=list(value["cols"]), dtype=float)


def compare_matrix(
    label: str, ours: pd.DataFrame, theirs: pd.DataFrame, scale: np.ndarray, allowed: float
) -> list[Deviation]:
    """Compare two matrices by name, element i, j within ``allowed * scale_i * scale_j``."""
    if set(theirs.index) - set(ours.index):
        lost = sorted(set(theirs.index) - set(ours.index))
        return [Deviation(f"{label} {name}", None, np.nan, 0.0) for name in lost]
    mine = ours.loc[theirs.index, theirs.columns].to_numpy(dtype=float)
    off = np.abs(mine - theirs.to_numpy())
    bad = np.argwhere(off > allowed * np.outer(scale, scale))
    return [
        Deviation(
            f"{label}[{theirs.index[i]}, {theirs.columns[j]}]",
            mine[i, j],
            theirs.iat[i, j],
            float(allowed * scale[i] * scale[j]),
        )
        for i, j in bad
        if i >= j
    ]


def vector(value: Any) -> pd.Series:
    """Turn the JSON of a named R vector (either spelling) into a series."""
    if "values" in value and "names" in value:
        return pd.Series(value["values"], index=value["names"], dtype=float)
    if "values" in value:
        return matrix(value).iloc[:, 0]
    return pd.Series(value, dtype=float)


def compare_moments(
    label: str, cov: pd.DataFrame, mean: Any, expected: Mapping[str, Any], allowed: float
) -> list[Deviation]:
    """Compare a covariance matrix and, where lavaan has one, a mean vector."""
    theirs = matrix(expected["cov"])
    sd = np.sqrt(np.diag(theirs))
    found = compare_matrix(f"{label} cov", cov, theirs, sd, allowed)
    if expected.get("mean"):
        means = vector(expected["mean"])
        for name, unit in zip(means.index, sd, strict=True):
            value = None if mean is None else float(np.ravel(mean[name])[0])
            found += check(f"{label} mean {name}", value, means[name], allowed * unit)
    return found


def compare_rest(fit: Any, expected: Mapping[str, Any]) -> list[Deviation]:
    """Compare R-square, moments, latent correlations and the covariance of the estimates."""
    found: list[Deviation] = []
    for name, value in (expected.get("rsquare") or {}).items():
        found += check(f"R-square {name}", fit.r_square.get(name), value, STANDARDIZED)
    if "implied" in expected:
        implied = fit.implied()
        found += compare_moments(
            "implied", implied["sigma"], implied.get("mu"), expected["implied"], MOMENT
        )
    if "sampstat" in expected:
        sample = fit.sample_moments()
        allowed = EM_MOMENT if fit.missing == "ml" else MOMENT
        found += compare_moments(
            "sample", sample["cov"], sample.get("mean"), expected["sampstat"], allowed
        )
    # For a single latent variable lavaan 0.6-14 gives its variance instead.
    if "cor_lv" in expected and len(matrix(expected["cor_lv"])) > 1:
        theirs = matrix(expected["cor_lv"])
        ones = np.ones(len(theirs))
        found += compare_matrix("latent cor", fit.latent_cor(), theirs, ones, STANDARDIZED)
    if "vcov" in expected:
        found += compare_vcov(fit.cov_params(), matrix(expected["vcov"]))
    return found


def compare_vcov(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[Deviation]:
    """Compare covariance matrices of the estimates; a shared label is compared once."""
    keep = ~theirs.index.duplicated()
    theirs = theirs.loc[keep, keep]
    once = ~ours.index.duplicated()
    ours = ours.loc[once, once]
    return compare_matrix("vcov", ours, theirs, np.sqrt(np.diag(theirs)), COVARIANCE)


def deviations(
    fit: Any, expected: Mapping[str, Any], estimate: float = ESTIMATE
) -> list[Deviation]:
    """Compare everything; an empty list means agreement."""
    found = [] if "nobs" not in expected else check("nobs", fit.nobs, np.sum(expected["nobs"]), 0)
    found += compare_estimates(fit, expected, estimate)
    found += compare_standardized(fit, expected)
    found += compare_fit_measures(fit, expected)
    return found + compare_rest(fit, expected)


def explain(found: Iterable[Deviation], limit: int = 40) -> str:
    """List deviations, one a line."""
    lines = [str(d) for d in found]
    more = [f"... and {len(lines) - limit} more"] if len(lines) > limit else []
    return "\n".join(["does not agree with lavaan:", *lines[:limit], *more])
