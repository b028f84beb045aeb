"""Residuals of a fit and their summary, as pandas objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.ordinal_residuals import beside_covariances, ordinal_residuals
from truststats.inference.residuals import (
    SCALES,
    Residuals,
    errors,
    moment_residuals,
    rescale,
    summarise,
    z_values,
)
from truststats.options import check_level, choose, did_you_mean
from truststats.results.item_frames import threshold_names
from truststats.results.part import refuse_part

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["pick_group", "residual_summary", "residuals"]

_KINDS = ("raw", "cor", "cor_bentler", "se", "normalized", "standardized")
_WITH_ERRORS = {
    "se": "Standard errors of residuals",
    "normalized": "Normalized residuals",
    "standardized": "Standardized residuals",
}
_ALIASES = {"cor.bollen": "cor", "cor.bentler": "cor_bentler", "z": "standardized"}
#: What stands beside covariances, and the name of its summary.
_BESIDE = {"threshold": "thresholds", "mean": "mean", "slope": "slopes"}
_SUMMARIES = {root: scale for scale, root in SCALES.items()}
#: Estimators and standard errors for which the covariance of residuals agrees with lavaan's.
_ESTIMATORS = ("ML", "MLR", "MLM", "MLMV", "MLMVS")
_ERRORS = ("standard", "robust.huber.white", "robust.sem")


_Parts = tuple[Array, dict[str, Array]]


def pick_group(fit: Fit, made: dict[str, Any], group: str | None) -> Any:
    """Return one group's value, all of them by label, or the only one.

    Raises
    ------
    OptionError
        If the fit has no such group.
    """
    if group is not None and (str(group) not in made or len(made) == 1):
        there = list(made) if len(made) > 1 else []
        raise OptionError(
            f"group={group!r} is not a group of this fit.{did_you_mean(str(group), there)}",
            fix=f"use one of: {', '.join(map(repr, there))}" if there else "leave group= out",
        )
    if group is not None:
        return made[str(group)]
    return made if len(made) > 1 else next(iter(made.values()))


def _refuse(fit: Fit, what: str) -> bool:
    """Return whether the covariance of residuals is a sandwich; raise where it is not checked."""
    refuse_part(fit, what)
    if fit.partable.levels:
        return True
    _refuse_design(fit, what)
    if fit.estimator not in _ESTIMATORS or fit.se_type not in _ERRORS:
        raise NotSupportedError(
            f"{what} are not available for estimator={fit.estimator!r} with se={fit.se_type!r}.",
            why="their standard errors are not checked against an independent source there",
            fix="fit with estimator='ML' or 'MLR', or use fit.residuals('cor')",
        )
    if fit.missing not in ("listwise", "ml") or fit.options.get("auxiliary"):
        raise NotSupportedError(
            f"{what} are not available with missing={fit.missing!r} or auxiliary variables.",
            why="their standard errors are not checked against an independent source there",
            fix="fit with missing='ml' and without auxiliary=, or use fit.residuals('cor')",
        )
    if fit.options.get("likelihood", "normal") != "normal":
        raise NotSupportedError(
            f"{what} are available for the normal likelihood only.",
            fix="fit with likelihood='normal'",
        )
    robust = fit.se_type != "standard"
    if fit.loaded is not None and (robust or fit.missing == "ml"):
        raise DataError(
            f"{what} need the answers, which a saved fit does not hold.",
            fix="fit the model to the data again",
        )
    return robust


def _refuse_design(fit: Fit, what: str) -> None:
    if fit.cluster is not None or fit.options.get("sampling_weights") is not None:
        raise NotSupportedError(
            f"{what} are not available with clusters or weights.",
            why="no independent program gives their standard errors there",
            fix="use fit.residuals('cor'), or fit without cluster= to look for misfit",
        )


def _with_acov(fit: Fit, what: str) -> dict[str, Residuals]:
    robust = _refuse(fit, what)
    if isinstance(fit.estimate, OrdinalEstimate):
        made = ordinal_residuals(fit.estimate)
    else:
        made = moment_residuals(fit.estimate, fit.information, robust=robust)
    labels = fit.partable.group_labels if len(made) > 1 else ("all",)
    return dict(zip(labels, made, strict=True))


def _simple(fit: Fit, kind: str) -> dict[str, _Parts]:
    """Return residuals of covariances, and of what stands beside them, without errors."""
    groups = fit.estimate.groups
    labels = fit.partable.group_labels if len(groups) > 1 else ("all",)
    out: dict[str, _Parts] = {}
    for label, group in zip(labels, groups, strict=True):
        if isinstance(group, OrdinalEstimate):
            cov, sigma = group.moments[0].cov, group.fitted.cov
        else:
            cov, sigma = group.sample.cov, group.state.sigma[0]
        sd, implied_sd = np.sqrt(np.diag(cov)), np.sqrt(np.diag(sigma))
        if kind == "cor":
            left = cov / np.outer(sd, sd) - sigma / np.outer(implied_sd, implied_sd)
        else:
            left = cov - sigma
        if kind == "cor_bentler":
            left = left / np.outer(sd, sd)
        out[label] = (left, _beside(group, sd, scaled=kind != "raw"))
    return out


def _beside(group: Estimate, sd: Array, *, scaled: bool) -> dict[str, Array]:
    """Return residual thresholds, means and slopes, standardised or not."""
    if isinstance(group, OrdinalEstimate):
        kinds, values, unit = beside_covariances(group)
        return _by_kind(kinds, values * unit if scaled else values)
    if not group.layout.has_means:
        return {}
    return {"mean": (group.sample.mean - group.state.mu[0]) / (sd if scaled else 1.0)}


def _by_kind(kinds: tuple[str, ...], values: Array) -> dict[str, Array]:
    return {kind: values[np.array(kinds) == kind] for kind in dict.fromkeys(kinds)}


def _square(values: Array, found: Residuals) -> _Parts:
    """Return moments in vector form as a symmetric matrix, and the others by kind."""
    p = found.p
    row, col = np.tril_indices(p)
    full = np.empty((p, p))
    full[row, col] = full[col, row] = values[: len(row)]
    return full, _by_kind(found.beside, values[len(row) :])


def _with_errors(fit: Fit, kind: str) -> dict[str, _Parts]:
    """Return standard errors or z-values of the residuals by group."""
    found = _with_acov(fit, _WITH_ERRORS[kind])
    made = {k: errors(r) if kind == "se" else z_values(r, model=kind == "standardized")
            for k, r in found.items()}  # fmt: skip
    return {k: _square(values, found[k]) for k, values in made.items()}


def _refuse_kind(fit: Fit, wanted: str) -> None:
    """Raise for thresholds, means or slopes that a fit does not have."""
    first = fit.estimate.groups[0]
    if isinstance(first, OrdinalEstimate):
        (got,) = first.moments
        if wanted == "mean" and got.ordered.all():
            raise NotSupportedError(
                "Ordinal items have thresholds, not means.", fix="use thresholds=True"
            )
        if wanted == "slope" and not got.x_names:
            raise OptionError("This fit has no exogenous covariates.", fix="leave slopes= out")
        return
    if wanted == "threshold":
        raise OptionError(
            "This fit has no ordinal items, so it has no thresholds.", fix="use means=True"
        )
    if wanted == "slope":
        raise OptionError(
            "Slopes are moments of fits with ordinal items only.",
            why="covariances with the covariates stand in their place",
            fix="leave slopes= out",
        )
    if wanted == "mean" and not first.layout.has_means:
        raise OptionError("This fit does not model the means.", fix="fit with meanstructure=True")


def _named(fit: Fit, wanted: str, values: Array) -> pd.Series | pd.DataFrame:
    """Return one kind of residuals by name."""
    first = fit.estimate.groups[0]
    if not isinstance(first, OrdinalEstimate):
        names = list(fit.partable.ov)
        return pd.DataFrame(values, names, names) if wanted == "cov" else pd.Series(values, names)
    (got,) = first.moments
    names = list(got.names)
    if wanted == "cov":
        return pd.DataFrame(values, names, names)
    if wanted == "slope":
        return pd.DataFrame(values.reshape(-1, len(names)).T, names, list(got.x_names))
    smooth = [name for name, ordered in zip(names, got.ordered, strict=True) if not ordered]
    return pd.Series(values, threshold_names(got) if wanted == "threshold" else smooth)


def residuals(
    fit: Fit, kind: str, *, means: bool, thresholds: bool, slopes: bool, group: str | None
) -> Any:
    """Return residuals by name; see `Fit.residuals`."""
    kind = choose("kind", kind, _KINDS, aliases=_ALIASES)
    chosen = [k for k, use in _wanted(means, thresholds, slopes).items() if use]
    if len(chosen) > 1:
        raise OptionError(
            "means=, thresholds= and slopes= each return something else.",
            fix="ask for one at a time",
        )
    wanted = chosen[0] if chosen else "cov"
    _refuse_kind(fit, wanted)
    parts = _with_errors(fit, kind) if kind in _WITH_ERRORS else _simple(fit, kind)
    made = {
        label: _named(fit, wanted, cov if wanted == "cov" else rest[wanted])
        for label, (cov, rest) in parts.items()
    }
    return pick_group(fit, made, group)


def _wanted(means: bool, thresholds: bool, slopes: bool) -> dict[str, bool]:
    return {"mean": means, "threshold": thresholds, "slope": slopes}


def _columns(residual: Residuals, scale: str, close: float, level: float) -> dict[str, Any]:
    """Return the summaries of covariances, of the other moments, and of both.

    Means of continuous variables beside ordinal items, and slopes, are not in the total, as they
    are in no fit measure.
    """
    values, acov, sampling = rescale(residual, scale)
    kinds = np.array(("cov",) * (len(values) - len(residual.beside)) + residual.beside)
    there = set(residual.beside)
    parts = {"cor" if there == {"threshold"} else "cov": kinds == "cov"}
    parts |= {name: kinds == kind for kind, name in _BESIDE.items() if kind in there}
    if there:
        counted = "threshold" if "threshold" in there else "mean"
        parts["total"] = (kinds == "cov") | (kinds == counted)
    out: dict[str, Any] = {}
    for name, use in parts.items():
        at = np.ix_(use, use)
        out[name] = summarise(values[use], acov[at], sampling[at], close=close, level=level)
    return out


def residual_summary(
    fit: Fit, kind: str, *, close: float, level: float, group: str | None
) -> pd.DataFrame:
    """Return the root mean squares with their tests; see `Fit.residual_summary`."""
    root = choose("kind", kind, tuple(_SUMMARIES))
    check_level(level)
    found = _with_acov(fit, "Summaries of residuals")
    made: dict[str, pd.DataFrame] = {}
    for label, residual in found.items():
        table = pd.DataFrame(_columns(residual, _SUMMARIES[root], close, level))
        names = {"rmr": root} | {
            row: f"u{root}{row.removeprefix('urmr')}" if row.startswith("urmr") else f"{root}_{row}"
            for row in table.index
            if row != "rmr"
        }
        closes = {k: f"u{v}" for k, v in names.items() if k.startswith("closefit")}
        made[label] = table.rename(index=names | closes)
    chosen = pick_group(fit, made, group)
    return pd.concat(chosen, axis=1) if isinstance(chosen, dict) else chosen
