"""The items an exploration is about: which they are, which way round, and which rows are usable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, Problem
from truststats.estimation.polychoric import usable
from truststats.model import Model
from truststats.options import FROM_SURVEY
from truststats.survey import Survey
from truststats.survey.score import scale_items
from truststats.workflow.columns import as_frame, model_rows
from truststats.workflow.data import check_rows, rows_lost
from truststats.workflow.sampling import cluster_labels, sampling

__all__ = ["ItemRows", "item_rows"]

_UNSTRATIFIED = {"sampling_weights_normalization": "total", "strata": None, "lonely_psu": "fail"}


@dataclass(frozen=True, eq=False)
class ItemRows:
    """Answers to a set of items, as an exploration takes them.

    Attributes
    ----------
    names : tuple of str
    rows : (n, p) array
        The rows used, reversed items turned round; NaN where missing.
    keys : mapping of str to tuple of str, or None
        The items of each scale, where scales were named.
    turned : tuple of str
        The items turned round.
    clusters, weights : (n,) arrays or None
    cluster, sampling_weights : str or None
        Their columns.
    problems : tuple of Problem
        What was left out.
    """

    names: tuple[str, ...]
    rows: Array
    keys: Mapping[str, tuple[str, ...]] | None
    turned: tuple[str, ...]
    clusters: IntArray | None
    weights: Array | None
    cluster: str | None
    sampling_weights: str | None
    problems: tuple[Problem, ...]


def item_rows(
    data: Any,
    items: Sequence[str] | Mapping[str, Sequence[str]] | None,
    *,
    missing: str,
    instead: str,
    cluster: Any = None,
    sampling_weights: Any = None,
) -> ItemRows:
    """Return the rows of the items that were asked for.

    Parameters
    ----------
    data : Survey or frame
    items : sequence or mapping, optional
        Names, constructs of a survey's instrument, ``"-item"`` for one asked the other way round;
        or the items of each scale. What an instrument calls reversed is turned without a minus.
    missing : {"listwise", "pairwise", "two.stage"}
        Which rows are used: complete ones, or all with an answer.
    instead : str
        What keeps incomplete rows, for the message; empty where nothing does.
    cluster, sampling_weights : str or None
        Columns; `FROM_SURVEY` for those of a survey's design.

    Raises
    ------
    DataError
        If there are fewer than three items, one twice, or a column is not there.
    """
    survey = data if isinstance(data, Survey) else None
    if cluster is FROM_SURVEY:
        cluster = None if survey is None else survey.design.cluster
    if sampling_weights is FROM_SURVEY:
        sampling_weights = None if survey is None else survey.design.weights
    asked, keys = _asked(data, survey, items, (cluster, sampling_weights))
    names = tuple(name for name, _ in asked)
    rows, frame = model_rows(Model("", ()), names, data)
    _check(names)
    turned = tuple(name for name, minus in asked if minus or _is_reversed(survey, name))
    rows = _turn(rows, names, turned, survey)
    drawn = {**_UNSTRATIFIED, "sampling_weights": sampling_weights}
    how = sampling(data, frame, drawn)
    units = None
    if cluster is not None:
        labels = np.asarray(cluster_labels(data, frame, cluster), dtype=object)
        units, _ = pd.factorize(labels, use_na_sentinel=True)
    keep: BoolArray = usable(rows, missing)
    if units is not None:
        keep = keep & (units >= 0)
    _check_count(int(keep.sum()), len(names))
    check_rows(rows[keep], names)
    used = how.normalized(keep, None)
    lost = _lost(rows, missing, cluster, units, instead)
    return ItemRows(
        names, rows[keep], keys, turned,
        None if units is None else units[keep].astype(np.intp),
        None if used is None else used[keep],
        cluster, sampling_weights, (*lost, *how.problems(keep, None, None)),
    )  # fmt: skip


def _asked(
    data: Any, survey: Survey | None, items: Any, design: tuple[Any, Any]
) -> tuple[list[tuple[str, bool]], dict[str, tuple[str, ...]] | None]:
    """Return each item and whether a minus stood before it, and the scales if there are any."""
    there = [*survey.items] if survey is not None else list(map(str, as_frame(data).columns))
    if items is None:
        return [(name, False) for name in there if name not in design], None
    columns = [*there, *map(str, survey.frame.columns)] if survey is not None else there

    def one(name: str) -> tuple[str, bool]:
        return (name, False) if name in columns else (name.removeprefix("-"), name[:1] == "-")

    if isinstance(items, Mapping):
        keyed = {str(k): [one(name) for name in own] for k, own in items.items()}
    else:
        scales = _scales(survey)
        wanted = [items] if isinstance(items, str) else list(items)
        if not any(name in scales and name not in columns for name in wanted):
            return [one(name) for name in wanted], None
        keyed = {name: [one(i) for i in scales.get(name, (name,))] for name in wanted}
    every = [pair for own in keyed.values() for pair in own]
    keys = {key: tuple(name for name, _ in own) for key, own in keyed.items()}
    return list(dict.fromkeys(every)), keys


def _scales(survey: Survey | None) -> dict[str, tuple[str, ...]]:
    """Return the items of each construct of a survey, and of each of its separate dimensions."""
    if survey is None or survey.instrument is None:
        return {}
    whole = {
        key: tuple(i.name for i in construct.items if i.name in survey.columns)
        for key, construct in survey.instrument.constructs.items()
    }
    return scale_items(survey) | whole


def _check(names: tuple[str, ...]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{', '.join(twice)} is named twice.", fix="name each item once")
    if len(names) < 3:
        raise DataError(
            f"Factors cannot be explored with {len(names)} items.",
            why="two items have one correlation, which any factor explains",
            fix='name at least three: items=["q1", "q2", "q3"]',
        )


def _check_count(n: int, p: int) -> None:
    if n <= p:
        raise DataError(
            f"{n} rows are left for {p} items.",
            why="correlations of more items than rows cannot be told apart",
            fix="name fewer items, or look at what is missing with survey.missingness()",
        )


def _is_reversed(survey: Survey | None, name: str) -> bool:
    """Return whether an instrument calls an item reversed."""
    if survey is None or survey.instrument is None or name not in survey.items:
        return False
    return bool(survey.instrument.item(name).reverse)


def _turn(
    rows: Array, names: tuple[str, ...], turned: tuple[str, ...], survey: Survey | None
) -> Array:
    """Return rows whose reversed items are the sum of the extreme codes minus the answer."""
    out = rows.astype(float)
    for name in turned:
        k = names.index(name)
        codes = survey.coding(name).codes if survey is not None and name in survey.items else ()
        ends = (min(codes), max(codes)) if codes else (np.nanmin(rows[:, k]), np.nanmax(rows[:, k]))
        out[:, k] = ends[0] + ends[1] - rows[:, k]
    return out


def _lost(
    rows: Array, missing: str, cluster: str | None, units: Any, instead: str
) -> tuple[Problem, ...]:
    """Return what was left out, and why."""
    homeless = np.zeros(len(rows), dtype=bool) if units is None else units < 0
    rest = ~homeless & ~usable(rows, missing)
    why = "incomplete on the model's variables (listwise)"
    if missing != "listwise":
        why = "no answer to any of the model's variables"
    counts = {
        f"no value for the cluster {cluster}": int(homeless.sum()),
        why: int(rest.sum()),
    }
    lost = rows_lost({reason: n for reason, n in counts.items() if n}, len(rows), instead)
    return lost if instead else tuple(replace(problem, remedy="") for problem in lost)
