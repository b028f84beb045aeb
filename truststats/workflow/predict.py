"""Factor scores of a fit for its own rows or for new ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, IntArray
from truststats.errors import ConvergenceError, DataError, NotSupportedError, OptionError
from truststats.estimation.estimate import Estimate
from truststats.inference.scores import (
    METHODS,
    Scores,
    determinacy,
    factor_scores,
    unmeasured,
)
from truststats.options import choose, did_you_mean
from truststats.results.fit import Fit
from truststats.workflow.columns import model_rows
from truststats.workflow.grouping import group_codes
from truststats.workflow.predict_items import ItemScoring, item_scoring

__all__ = ["beside", "predict", "score_quality"]


def _structural(fit: Fit) -> IntArray:
    """Return the observed variables of the structural part, which measure nothing."""
    table = fit.partable
    sides = zip(table.lhs, table.op, table.rhs, strict=True)
    named = {name for lhs, op, rhs in sides if op == "~" for name in (lhs, rhs)}
    named |= set(table.ov_x)
    found = [k for k, name in enumerate(table.ov) if name in named]
    return np.array(found, dtype=np.intp)


def _factors(fit: Fit) -> list[str]:
    """Return the factors' names, or refuse."""
    group = fit.estimate.groups[0]
    names = list(group.layout.nodes[group.layout.p :])
    if not names:
        raise NotSupportedError(
            "The model has no factor to score.", fix="use the observed variables themselves"
        )
    if not fit.converged:
        raise ConvergenceError(
            "Factor scores need an optimum, and this fit did not converge.",
            fix="look at fit.problems first",
        )
    return names


def _prepare(fit: Fit, method: str) -> tuple[str, list[str], IntArray]:
    """Return the method, the factors' names and the structural variables, or refuse."""
    method = choose("method", method, METHODS, aliases={"ebm": "regression", "ml": "bartlett"})
    names, group = _factors(fit), fit.estimate.groups[0]
    structural = _structural(fit)
    if method == "bartlett":
        without = [names[k] for k in unmeasured(group, structural)]
        if without:
            raise NotSupportedError(
                f"Bartlett scores do not exist for {', '.join(without)}.",
                why="no item measures a second-order factor directly",
                fix="use method='regression'",
            )
    return method, names, structural


def _own_rows(fit: Fit) -> tuple[pd.Index, Iterator[tuple[Estimate, IntArray, Array]]]:
    """Return the index of the data and, per group, the places and values of its rows."""
    whole = fit.estimate if fit.whole is None else fit.whole[0]
    if fit.index is None or any(s.rows is None or s.places is None for s in whole.samples):
        raise DataError(
            "This fit holds no rows to score.",
            why="it was read from a file, or made from a covariance matrix",
            fix="pass the answers: fit.predict(data)",
        )
    # auxiliary variables stand beside those of the model and take no part
    nodes = whole.layouts[0].nodes
    columns = [nodes.index(name) for name in fit.partable.ov]

    def parts() -> Iterator[tuple[Estimate, IntArray, Array]]:
        for group, sample in zip(fit.estimate.groups, whole.samples, strict=True):
            assert sample.rows is not None
            assert sample.places is not None
            yield group, sample.places, sample.rows[:, columns]

    return fit.index, parts()


def _new_rows(fit: Fit, data: Any) -> tuple[pd.Index, Iterator[tuple[Estimate, IntArray, Array]]]:
    rows, frame = model_rows(fit.model, fit.partable.ov, data)
    if np.isinf(rows).any():
        raise DataError("The data hold infinite values.", fix="replace or drop them")
    table, gone = fit.partable, np.isnan(rows)
    if fit.missing == "listwise":
        use = ~gone.any(axis=1)
    else:
        fixed = [table.ov.index(name) for name in table.ov_x] if fit.options["fixed_x"] else []
        use = ~(gone.all(axis=1) | gone[:, fixed].any(axis=1))
    codes = np.zeros(len(rows), dtype=np.intp)
    if fit.groups:
        codes = group_codes(data, frame, fit.options["group"], fit.groups)
        if len(codes) and (codes < 0).all():
            raise DataError(
                f"No row belongs to a group of this fit in {fit.options['group']!r}.",
                why="a score needs the parameters of its group",
                fix=f"use the labels {', '.join(map(repr, fit.groups))}",
            )

    def parts() -> Iterator[tuple[Estimate, IntArray, Array]]:
        for k, group in enumerate(fit.estimate.groups):
            places = np.flatnonzero(use & (codes == k))
            yield group, places, rows[places]

    return frame.index, parts()


def _scoring(fit: Fit, method: str) -> tuple[Callable[[Any, Array], Scores], list[str]]:
    """Return what scores rows of a group, and the factors' names."""
    if fit.partable.levels:
        scoring: ItemScoring = item_scoring(fit, _factors(fit), method)
        return scoring.score, scoring.factors
    method, names, structural = _prepare(fit, method)
    return partial(factor_scores, method=method, structural=structural), names


def predict(
    fit: Fit, data: Any = None, *, method: str = "regression", se: bool = False
) -> pd.DataFrame:
    """Return one row of factor scores per row of the data; see `Fit.predict`."""
    score, names = _scoring(fit, method)
    index, parts = _own_rows(fit) if data is None else _new_rows(fit, data)
    values = np.full((len(index), len(names)), np.nan)
    errors = np.full_like(values, np.nan)
    for group, places, rows in parts:
        found = score(group, rows)
        values[places] = found.values
        if se:
            errors[places] = found.se
    frame = pd.DataFrame(values, index=index, columns=names)
    for k, name in enumerate(names if se else ()):
        frame[f"{name}_se"] = errors[:, k]
    return frame


def beside(fit: Fit, data: Any, scores: pd.DataFrame, keep: Sequence[str]) -> pd.DataFrame:
    """Return scores with columns of their data in front; see `Fit.predict`."""
    source = data if data is not None else fit.survey
    frame = getattr(source, "frame", source)
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            "The columns to keep are not with this fit.",
            why="it was made from a frame or a file, and keeps only the model's variables",
            fix="pass the answers: fit.predict(data, keep=...)",
        )
    for name in keep:
        if name not in frame.columns:
            raise OptionError(
                f"There is no column {name!r}.{did_you_mean(name, list(map(str, frame.columns)))}",
                fix="name columns of the answers",
            )
    return pd.concat([frame.loc[scores.index, list(keep)], scores], axis=1)


def score_quality(fit: Fit, *, method: str = "regression") -> pd.DataFrame:
    """Return determinacy and reliability of the scores; see `Fit.score_quality`."""
    if fit.partable.levels:
        raise NotSupportedError(
            "One reliability does not describe scores of ordinal items.",
            why="their errors differ between patterns of answers",
            fix="look at the errors: fit.predict(method='eap', se=True)",
        )
    method, names, structural = _prepare(fit, method)
    made: dict[str, pd.DataFrame] = {}
    for label, group in zip(fit.groups or ("all",), fit.estimate.groups, strict=True):
        found = determinacy(group, method, structural)
        made[label] = pd.DataFrame({"determinacy": found, "reliability": found**2}, index=names)
    if len(made) == 1:
        return made["all"].rename_axis("factor")
    return pd.concat(made, names=["group", "factor"])
