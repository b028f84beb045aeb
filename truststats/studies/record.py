"""The record of a study: every number in it and where it came from, as plain JSON values."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats.survey.item_counts import shown_thresholds

if TYPE_CHECKING:
    from truststats.results import StudyResult

__all__ = ["SCHEMA", "plain", "record", "write_record"]

SCHEMA = "truststats-study/1"


def record(result: StudyResult) -> dict[str, Any]:
    """Return all numbers of a study with their provenance; no respondent's row is in it.

    Parameters
    ----------
    result : StudyResult
        The study.

    Returns
    -------
    dict
        Plain JSON values, in a fixed order; what is not a number is ``None``.
    """
    fit, least = result.fit, int(result.options.get("min_n", 5))
    content = {
        "schema": SCHEMA,
        "title": result.title,
        "language": result.language,
        "synthetic": result.synthetic,
        "provenance": result.provenance,
        "options": {key: value for key, value in result.options.items() if key != "out"},
        "estimator": _choice(result.choice),
        "problems": [replace(p, rows=()) for p in (*result.checks, *fit.problems)],
        "fit": {
            "model": str(fit.model),
            "converged": fit.converged,
            "nobs": fit.nobs,
            "n_rows": fit.n_rows,
            "n_clusters": fit.n_clusters,
            "npar": fit.npar,
            "df": fit.df,
            "measures": fit.fit_measures,
            "parameters": _parameters(fit, result.survey, least),
            "effects": fit.effects(),
            "r_square": fit.r_square,
        },
        "verdicts": result.verdicts.frame(result.language),
        "rivals": result.rivals.frame(result.language) if result.rivals is not None else None,
        "reliability": result.reliability,
        "validity": _frame_of(result.validity),
        "crosscheck": _frame_of(result.crosscheck),
        "bootstrap": _frame_of(result.bootstrap),
        "groups": _groups(result, least),
    }
    return {key: plain(value) for key, value in content.items()}


def _choice(choice: Any) -> dict[str, Any] | None:
    """Return how the estimator was chosen: no number of it is about a few people."""
    if choice is None:
        return None
    names = ("estimator", "missing", "advice", "automatic", "reason", "signs", "barriers")
    return {name: getattr(choice, name) for name in names} | {"numbers": choice.numbers}


def _groups(result: StudyResult, least: int) -> dict[str, Any] | None:
    """Return the comparison of groups; counts of a few people are left out."""
    found = result.groups
    if found is None:
        return None
    people: Any = found.shown_people(least)["answered"]
    shown = {str(name): None if math.isnan(n) else int(n) for name, n in people.items()}
    made = found.fit is not None
    return {
        "group": found.group,
        "people": shown,
        "left_out": [
            {"group": one.group, "reason": one.reason, "needed": one.needed, "items": one.items}
            for one in found.left_out
        ],
        "reason": found.reason,
        "compared": list(found.groups),
        "tests": found.tests,
        "effects": found.frame(result.language) if made else None,
        "differences": found.differences,
        "parameters": _group_parameters(found, result.survey, least),
    }


def _parameters(fit: Any, survey: Any, min_n: int) -> Any:
    """Return the parameters of a fit, without thresholds that would tell of a few people."""
    tidy = fit.tidy()
    cuts = tidy.index[tidy["op"] == "|"]
    groups = survey.groups() if fit.groups else None
    for item in dict.fromkeys(tidy.loc[cuts, "lhs"]):
        answers = survey.values([item])[item]
        whole = pd.Series("", answers.index) if groups is None else groups
        counts = pd.crosstab(whole.to_numpy(), answers.to_numpy()).to_numpy()
        counts = counts[:, ::-1] if item in fit.model.recode else counts
        shown = shown_thresholds(np.vstack([counts, counts.sum(axis=0)]), min_n)
        few = {f"t{k + 1}" for k in np.flatnonzero(~shown)}
        own = cuts[tidy.loc[cuts, "lhs"].eq(item) & tidy.loc[cuts, "rhs"].isin(few)]
        numbers = [c for c in tidy.columns if tidy[c].dtype.kind == "f"]
        tidy.loc[own, numbers] = np.nan
    return tidy


def _group_parameters(found: Any, survey: Any, min_n: int) -> Any:
    """Return the parameters by group, without means where the groups' and the total tell of few.

    The mean of all people less those of the groups leaves the mean of whoever is in none of them.
    """
    if found.fit is None:
        return None
    tidy = _parameters(found.fit, survey, min_n)
    if 0 < found.rest() < min_n:
        tidy = tidy[~tidy["op"].isin(["~1", "|"])].reset_index(drop=True)
    return tidy


def write_record(result: StudyResult, path: Path) -> None:
    """Write the record as JSON."""
    text = json.dumps(record(result), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf8")


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: frames as lists of rows, what is no number as null."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return _plain_of_library(value)


def _plain_of_library(value: Any) -> Any:
    """Return numpy and pandas objects, paths and sequences as plain values."""
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        return [plain(row) for row in value.to_dict(orient="records")]
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return None if type(value).__name__ in ("NAType", "NaTType") else str(value)


def _frame_of(value: Any) -> Any:
    """Return the table of a result that has one."""
    if value is None:
        return None
    return value.frame() if callable(value.frame) else value.frame
