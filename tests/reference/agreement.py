"""How closely a fit must agree with lavaan, and the comparison itself.

The expected values are a lavaan result written as JSON (a golden of ours or an optional external
case): ``estimates``, ``standardizedSolution``, ``fitmeasures`` and, where present, ``rsquare``,
``implied``, ``sampstat``, ``cor_lv`` and ``vcov``. Every number that both programs have is one
`Comparison`; those that do not agree are the deviations, and one run shows all of them at once.

In a golden of several groups rows carry lavaan's group number, ``group.label`` says which group
that is, and moments, R-square and latent correlations are stored by label. Ours are matched by
label, as ``(lhs, op, rhs, group)``; defined parameters belong to no group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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


# The kinds of number a comparison can be about, in the order of the generated page.
KINDS = (
    *("estimates", "standard errors", "intervals and tests", "standardised"),
    *("fit measures", "moments and R-square", "covariances of estimates"),
)
EST, SE, TESTS, STD, FIT, MOMENTS, VCOV = KINDS
WITHOUT_GROUP = (":=", "==", "<", ">")


@dataclass(frozen=True)
class Comparison:
    """One number of ours beside lavaan's, and how far apart they may be."""

    kind: str
    what: str
    ours: float | None
    lavaan: float
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether we have the number and it is close enough."""
        return self.ours is not None and abs(self.ours - self.lavaan) <= self.tolerance

    @property
    def units(self) -> float:
        """The difference in units of the tolerance; 1 and below agrees."""
        if self.ours is None or not np.isfinite(self.ours):
            return np.inf
        off = abs(self.ours - self.lavaan)
        return 0.0 if off == 0.0 else off / self.tolerance if self.tolerance > 0.0 else np.inf

    def __str__(self) -> str:
        if self.ours is None:
            return f"{self.what}: missing, lavaan {self.lavaan:.8g}"
        return (
            f"{self.what}: ours {self.ours:.8g}, lavaan {self.lavaan:.8g}, "
            f"difference {self.ours - self.lavaan:.3g}, allowed {self.tolerance:.2g}"
        )


def compare(
    kind: str, what: str, ours: float | None, lavaan: float | None, tolerance: float
) -> Iterator[Comparison]:
    """Compare two numbers; a value that lavaan could not give is not compared."""
    if lavaan is not None and np.isfinite(lavaan):
        mine = None if ours is None or pd.isna(ours) else float(ours)
        yield Comparison(kind, what, mine, float(lavaan), float(tolerance))


def check(
    what: str, ours: float | None, lavaan: float | None, tolerance: float
) -> list[Comparison]:
    """Compare two numbers; an empty list means agreement."""
    return [c for c in compare(EST, what, ours, lavaan, tolerance) if not c.agrees]


def key(lhs: str, op: str, rhs: str | None) -> tuple[str, str, str]:
    """Identify a parameter; a covariance has no direction."""
    right = rhs or ""
    if op == "~~" and right < lhs:
        lhs, right = right, lhs
    return lhs, op, right


def labels_of(expected: Mapping[str, Any]) -> list[str]:
    """Return the labels of lavaan's groups in its order; none for one group."""
    labels = [str(label) for label in expected.get("group.label") or []]
    return labels if len(labels) > 1 else []


def by_parameter(rows: Any, labels: Iterable[str] = ()) -> dict[tuple[str, ...], dict[str, Any]]:
    """Index rows (a frame, a list of rows or a table of columns) by parameter.

    The key is (lhs, op, rhs), with the group's label as a fourth part where rows have a column
    ``group``; ``labels`` turn lavaan's group numbers into labels. Rows of one group have none.
    """
    frame = pd.DataFrame(rows)
    names = dict(enumerate(labels, start=1))
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    found = {}
    for row in records:
        name: tuple[str, ...] = key(str(row["lhs"]), str(row["op"]), str(row["rhs"] or ""))
        if "group" in row:
            group = "" if row["op"] in WITHOUT_GROUP else row["group"]
            name = (*name, str(names.get(group, group)))
        found[name] = row
    return found


def lavaan_rows(rows: Any, expected: Mapping[str, Any]) -> dict[tuple[str, ...], dict[str, Any]]:
    """Index a table of lavaan by parameter; a group number is dropped where there is one group."""
    labels = labels_of(expected)
    frame = pd.DataFrame(rows)
    if not labels:
        frame = frame.drop(columns="group", errors="ignore")
    return by_parameter(frame, labels)


def words(name: tuple[str, ...]) -> str:
    """Write a parameter's name for a message."""
    group = f" [{name[3]}]" if len(name) > 3 and name[3] else ""
    return " ".join(part for part in name[:3] if part) + group


def compare_estimates(
    fit: Any, expected: Mapping[str, Any], estimate: float = ESTIMATE
) -> Iterator[Comparison]:
    """Compare est, se, z, pvalue, interval, std_lv and std_all of every parameter."""
    ours = by_parameter(fit.tidy())
    lavaan = lavaan_rows(expected["estimates"], expected)
    for name, theirs in lavaan.items():
        mine = ours.get(name)
        if mine is None:
            yield Comparison(EST, f"{words(name)} est", None, theirs["est"], 0.0)
        else:
            yield from one_parameter(words(name), mine, theirs, estimate)
    for name in sorted(set(ours) - set(lavaan)):
        # lavaan lists the user's constraints only on demand.
        if name[1] not in ("==", "<", ">"):
            yield Comparison(EST, f"{words(name)} (not in lavaan's table)", 0.0, np.nan, 0.0)


def one_parameter(
    label: str, mine: Mapping[str, Any], theirs: Mapping[str, Any], estimate: float
) -> Iterator[Comparison]:
    """Compare one row of the table of estimates."""
    se = theirs["se"] or 0.0
    slack = estimate * max(abs(theirs["est"]), se)
    yield from compare(EST, f"{label} est", mine["est"], theirs["est"], slack)
    if se == 0.0:
        yield from compare(SE, f"{label} se", mine["se"] or 0.0, 0.0, 1e-12)
    else:
        yield from compare(SE, f"{label} se", mine["se"], se, STD_ERROR * se)
        wide = slack + 2 * STD_ERROR * se
        yield from compare(TESTS, f"{label} ci_lower", mine["ci_lower"], theirs["ci.lower"], wide)
        yield from compare(TESTS, f"{label} ci_upper", mine["ci_upper"], theirs["ci.upper"], wide)
        z = theirs["z"]
        near = STD_ERROR * 2 * max(1.0, abs(z or 0.0))
        yield from compare(TESTS, f"{label} z", mine["z"], z, near)
        yield from compare(
            TESTS, f"{label} pvalue", mine["pvalue"], theirs["pvalue"], 10 * PROBABILITY
        )
    for column, other in (("std_lv", "std.lv"), ("std_all", "std.all")):
        value = theirs[other]
        allowed = STANDARDIZED * max(1.0, abs(value or 0.0))
        yield from compare(STD, f"{label} {column}", mine[column], value, allowed)


def compare_standardized(fit: Any, expected: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare the standardised solution with its delta-method standard errors."""
    ours = by_parameter(fit.standardized())
    for name, theirs in lavaan_rows(expected["standardizedSolution"], expected).items():
        label = f"std {words(name)}"
        mine = ours.get(name)
        if mine is None:
            yield Comparison(STD, label, None, theirs["est.std"], 0.0)
            continue
        slack = STANDARDIZED * max(1.0, abs(theirs["est.std"] or 0.0))
        yield from compare(STD, f"{label} est_std", mine["est_std"], theirs["est.std"], slack)
        # A cell that standardising makes constant has an SE of rounding error in lavaan.
        se = theirs["se"] or 0.0
        if se < 1e-6:
            yield from compare(STD, f"{label} se", mine["se"] or 0.0, 0.0, 1e-5)
            continue
        yield from compare(STD, f"{label} se", mine["se"], se, STD_ERROR * se)
        wide = slack + 2 * STD_ERROR * se
        yield from compare(STD, f"{label} ci_lower", mine["ci_lower"], theirs["ci.lower"], wide)
        yield from compare(STD, f"{label} ci_upper", mine["ci_upper"], theirs["ci.upper"], wide)


def compare_fit_measures(fit: Any, expected: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare every fit measure that both report; the usual ones must be there."""
    ours = {str(k): v for k, v in fit.fit_measures.items()}
    theirs = expected["fitmeasures"]
    required = set(REQUIRED)
    if "chisq.scaled" in theirs:
        required |= set(REQUIRED_ROBUST)
    for name, value in theirs.items():
        spelled = name.replace(".", "_")
        if spelled in ("rfi", "rfi_scaled") and value == 1.0 and ours.get(spelled, 1.0) < 0.0:
            continue  # lavaan gives 1 where the model fits worse per df than the baseline does
        if spelled in ours or name in required:
            allowed = FIT_MEASURE * max(1.0, abs(value or 0.0))
            yield from compare(FIT, spelled, ours.get(spelled), value, allowed)


def matrix(value: Mapping[str, Any]) -> pd.DataFrame:
    """Turn the JSON of an R matrix into a frame."""
    rows = value["rows"] if len(value["rows"]) else value["cols"]
    return pd.DataFrame(value["values"], index=list(rows), columns=list(value["cols"]), dtype=float)


def compare_matrix(
    kind: str,
    label: str,
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    scale: np.ndarray,
    allowed: float,
) -> Iterator[Comparison]:
    """Compare two matrices by name, element i, j within ``allowed * scale_i * scale_j``."""
    names = list(theirs.index)
    lost = sorted(set(names) - set(ours.index))
    if lost:
        yield from (Comparison(kind, f"{label} {name}", None, np.nan, 0.0) for name in lost)
        return
    mine = ours.loc[names, theirs.columns].to_numpy(dtype=float)
    values, slack = theirs.to_numpy(), allowed * np.outer(scale, scale)
    for i, j in zip(*np.tril_indices(len(names)), strict=True):
        what = f"{label}[{names[i]}, {names[j]}]"
        yield from compare(kind, what, mine[i, j], values[i, j], slack[i, j])


def vector(value: Any) -> pd.Series:
    """Turn the JSON of a named R vector (either spelling) into a series."""
    if "values" in value and "names" in value:
        return pd.Series(value["values"], index=value["names"], dtype=float)
    if "values" in value:
        return matrix(value).iloc[:, 0]
    return pd.Series(value, dtype=float)


def compare_moments(
    label: str, cov: pd.DataFrame, mean: Any, expected: Mapping[str, Any], allowed: float
) -> Iterator[Comparison]:
    """Compare a covariance matrix and, where lavaan has one, a mean vector."""
    theirs = matrix(expected["cov"])
    sd = np.sqrt(np.diag(theirs))
    yield from compare_matrix(MOMENTS, f"{label} cov", cov, theirs, sd, allowed)
    if expected.get("mean"):
        means = vector(expected["mean"])
        for name, unit in zip(means.index, sd, strict=True):
            value = None if mean is None else float(np.ravel(mean[name])[0])
            yield from compare(MOMENTS, f"{label} mean {name}", value, means[name], allowed * unit)


def compare_rest(fit: Any, expected: Mapping[str, Any]) -> Iterator[Comparison]:
    """Compare R-square, moments, latent correlations and the covariance of the estimates."""
    extracts = ("rsquare", "implied", "sampstat", "cor_lv")
    present = [name for name in extracts if expected.get(name)]
    implied, sample = fit.implied(), fit.sample_moments()
    latent = fit.latent_cor() if "cor_lv" in present else None
    for label in labels_of(expected):
        parts = {name: expected[name][label] for name in present if label in expected[name]}
        of_group = (implied[label], sample[label], latent and latent[label])
        explained = fit.r_square.get(label, pd.Series(dtype=float))
        yield from compare_group(f"[{label}] ", parts, explained, *of_group, fit.missing)
    if not labels_of(expected):
        parts = {name: expected[name] for name in present}
        yield from compare_group("", parts, fit.r_square, implied, sample, latent, fit.missing)
    if "vcov" in expected:
        yield from compare_vcov(fit.cov_params(), matrix(expected["vcov"]))


def compare_group(
    label: str,
    expected: Mapping[str, Any],
    explained: pd.Series,
    implied: Mapping[str, Any],
    sample: Mapping[str, Any],
    latent: pd.DataFrame | None,
    missing: str,
) -> Iterator[Comparison]:
    """Compare what each group has of its own: R-square, moments and latent correlations."""
    for name, value in (expected.get("rsquare") or {}).items():
        yield from compare(
            MOMENTS, f"{label}R-square {name}", explained.get(name), value, STANDARDIZED
        )
    if "implied" in expected:
        yield from compare_moments(
            f"{label}implied", implied["sigma"], implied.get("mu"), expected["implied"], MOMENT
        )
    if "sampstat" in expected:
        allowed = EM_MOMENT if missing == "ml" else MOMENT
        yield from compare_moments(
            f"{label}sample", sample["cov"], sample.get("mean"), expected["sampstat"], allowed
        )
    # For a single latent variable lavaan 0.6-14 gives its variance instead.
    if latent is not None and "cor_lv" in expected and len(matrix(expected["cor_lv"])) > 1:
        theirs = matrix(expected["cor_lv"])
        what = f"{label}latent cor"
        yield from compare_matrix(MOMENTS, what, latent, theirs, np.ones(len(theirs)), STANDARDIZED)


def compare_vcov(ours: pd.DataFrame, theirs: pd.DataFrame) -> Iterator[Comparison]:
    """Compare covariance matrices of the estimates; a shared label is compared once."""
    keep = ~theirs.index.duplicated()
    theirs = theirs.loc[keep, keep]
    once = ~ours.index.duplicated()
    ours = ours.loc[once, once]
    # The variance of a parameter at its bound is rounding error in lavaan.
    scale = np.sqrt(np.maximum(np.diag(theirs), 1e-12))
    yield from compare_matrix(VCOV, "vcov", ours, theirs, scale, COVARIANCE)


def comparisons(
    fit: Any, expected: Mapping[str, Any], estimate: float = ESTIMATE
) -> list[Comparison]:
    """Compare everything that both programs report."""
    found: list[Comparison] = []
    if "nobs" in expected:
        found += compare(FIT, "nobs", fit.nobs, float(np.sum(expected["nobs"])), 0.0)
    found += compare_estimates(fit, expected, estimate)
    if isinstance(expected.get("standardizedSolution"), Mapping | list):
        found += compare_standardized(fit, expected)
    found += compare_fit_measures(fit, expected)
    found += compare_rest(fit, expected)
    return found


def deviations(
    fit: Any, expected: Mapping[str, Any], estimate: float = ESTIMATE
) -> list[Comparison]:
    """Return what does not agree; an empty list means agreement."""
    return [one for one in comparisons(fit, expected, estimate) if not one.agrees]


def explain(found: Iterable[Comparison], limit: int = 40) -> str:
    """List deviations, one a line."""
    lines = [str(d) for d in found]
    more = [f"... and {len(lines) - limit} more"] if len(lines) > limit else []
    return "\n".join(["does not agree with lavaan:", *lines[:limit], *more])
