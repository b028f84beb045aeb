"""Scales and units of a survey or frame: what every comparison of units starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, IntArray
from truststats.errors import DataError, OptionError, Problem
from truststats.model import Model
from truststats.options import FROM_SURVEY, did_you_mean
from truststats.survey import Survey
from truststats.survey.score import mean_score, scale_items
from truststats.survey.synthetic import is_synthetic
from truststats.survey.value import orient
from truststats.workflow.columns import as_frame, model_rows
from truststats.workflow.grouping import written_levels
from truststats.workflow.sampling import cluster_labels

__all__ = ["UnitScales", "check_min_n", "own_items", "unit_scales"]

_SEVERE = 0.05


@dataclass(frozen=True, eq=False)
class UnitScales:
    """Answers in units, item by item and scale by scale.

    Attributes
    ----------
    by : str
        The column of the units.
    labels : tuple of str
        The units in the order of the data.
    units : (n,) int array
        The unit of each row; rows without one are not there.
    rows : (n,) int array
        The place of each row in the data.
    items : mapping of str to tuple of str
        Scale to items.
    values : mapping of str to (n,) array
        Item to answers, all keyed the way of the construct.
    codes : mapping of str to tuple of float
        Item to the answers it offers; empty where that is not known.
    names : mapping
        Labels of the scales, by language.
    problems : tuple of Problem
    synthetic : bool
    """

    by: str
    labels: tuple[str, ...]
    units: IntArray
    rows: IntArray
    items: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Array] = field(repr=False)
    codes: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    def matrix(self, names: Sequence[str]) -> Array:
        """Return the answers to items, (n, J)."""
        return np.column_stack([self.values[name] for name in names])

    def scores(self, scale: str) -> Array:
        """Return the mean of each row's answers on a scale, NaN below half of the items, (n,).

        Items answered on other codes than the first are moved to its range.
        """
        names = self.items[scale]
        answers = self.matrix(names)
        first = self.codes[names[0]]
        for k, name in enumerate(names):
            own = self.codes[name]
            if own and own != first:
                share = (answers[:, k] - min(own)) / (max(own) - min(own))
                answers[:, k] = min(first) + (max(first) - min(first)) * share
        return mean_score(answers)


def unit_scales(
    data: Any, by: Any = FROM_SURVEY, keys: Any = None, codes: Sequence[float] | None = None
) -> UnitScales:
    """Return the scales and units that are asked for.

    Parameters
    ----------
    data : Survey or frame
    by : str
        The column of the units; a survey's own cluster by default.
    keys : sequence of str or mapping of str to items
        Constructs of a survey, all by default; of a frame, each scale with its columns.
    codes : sequence of float, optional
        The answers that every item of a frame offers, such as range(1, 6).

    Raises
    ------
    OptionError
        If no unit is named, or no scale.
    DataError
        If a column is not there, or holds answers that the codes do not have.
    """
    survey = data if isinstance(data, Survey) else None
    frame = survey.frame if survey is not None else as_frame(data)
    column = _by(survey, by)
    raw, texts = written_levels(pd.Series(np.asarray(cluster_labels(data, frame, column), object)))
    rows = np.flatnonzero(raw >= 0)
    used, units = np.unique(raw[rows], return_inverse=True)
    if len(used) < 2:
        raise DataError(
            f"The column {column!r} has {len(used)} unit{'s' if len(used) != 1 else ''}.",
            why="agreement within units means something only beside other units",
            fix="name the column that holds the unit of each respondent",
        )
    items = own_items(survey, keys)
    wanted = tuple(dict.fromkeys(name for own in items.values() for name in own))
    values, offered = _answers(data, survey, wanted, codes)
    return UnitScales(
        column,
        tuple(texts[k] for k in used),
        units.astype(np.intp),
        rows.astype(np.intp),
        items,
        {name: values[rows, k] for k, name in enumerate(wanted)},
        dict(zip(wanted, offered, strict=True)),
        _names(survey, items),
        _problems(survey, len(raw), len(rows), column),
        is_synthetic(data),
    )


def _by(survey: Survey | None, by: Any) -> str:
    if by is FROM_SURVEY or by is None:
        by = None if survey is None else survey.design.cluster
    if by is None:
        raise OptionError(
            "No column of units is named.",
            fix='name it, as in by="unit", or read the survey with cluster="unit"',
        )
    return by


def own_items(survey: Survey | None, keys: Any) -> dict[str, tuple[str, ...]]:
    """Return the items of each scale that is asked for."""
    if isinstance(keys, Mapping):
        found = {str(k): (v,) if isinstance(v, str) else tuple(v) for k, v in keys.items()}
        if not found or not all(found.values()):
            raise OptionError("A scale has no items.", fix='keys={"trust": ["t1", "t2", "t3"]}')
        return found
    if survey is None:
        raise OptionError(
            "A plain frame does not say which items belong together.",
            fix='name them: keys={"trust": ["t1", "t2", "t3"]}',
        )
    known = scale_items(survey)
    wanted = list(known) if keys is None else [keys] if isinstance(keys, str) else list(keys)
    for key in wanted:
        if key not in known:
            raise OptionError(
                f"The survey has no construct {key!r}.{did_you_mean(str(key), known)}",
                fix=f"use one of: {', '.join(known)}",
            )
    return {key: known[key] for key in wanted}


def _answers(
    data: Any, survey: Survey | None, wanted: tuple[str, ...], codes: Sequence[float] | None
) -> tuple[Array, list[tuple[float, ...]]]:
    """Return the answers, (n, J), all keyed one way, and the codes of each item."""
    if survey is not None:
        turned = survey.values(wanted)
        asked = [name for name in wanted if name in survey.items]
        turned[asked] = orient(survey, turned[asked])
        own = [survey.coding(name).codes if name in survey.items else () for name in wanted]
        return turned.to_numpy(dtype=float), [tuple(map(float, one)) for one in own]
    values, _ = model_rows(Model("", ()), wanted, data)
    given = () if codes is None else tuple(sorted({float(c) for c in codes}))
    strange = ~np.isnan(values) & ~np.isin(values, given) if given else np.zeros(0, bool)
    if strange.any():
        where = ", ".join(wanted[k] for k in np.flatnonzero(strange.any(axis=0))[:12])
        raise DataError(
            f"{int(strange.sum())} answers are none of the codes.",
            where=where,
            fix="check codes=, or set codes such as 9 for don't know to missing",
        )
    return values, [given] * len(wanted)


def _names(
    survey: Survey | None, items: Mapping[str, tuple[str, ...]]
) -> dict[str, Mapping[str, str]]:
    if survey is None or survey.instrument is None:
        return {}
    constructs = survey.instrument.constructs
    names: dict[str, Mapping[str, str]] = {}
    for key in items:
        if key in constructs:
            names[key] = constructs[key].label
            continue
        for own, construct in constructs.items():
            for part in construct.dimensions:
                if key == f"{own}_{part.key}":
                    names[key] = part.label
    return names


def _problems(survey: Survey | None, rows: int, kept: int, by: str) -> tuple[Problem, ...]:
    out: list[Problem] = []
    lost = rows - kept
    if lost:
        share = lost / rows
        message = (
            f"{lost} of {rows} rows ({100 * share:.1f} %) left out: no value for the cluster {by}."
        )
        severity = "warning" if share > _SEVERE else "note"
        out.append(Problem("rows_not_used", severity, message, count=lost))
    weights = None if survey is None else survey.design.weights
    if weights is not None:
        out.append(
            Problem(
                "weights_not_used",
                "note",
                f"The sampling weights {weights!r} are not used: the numbers describe the units' "
                "people who answered, each counted once.",
                where=weights,
            )
        )
    return tuple(out)


def check_min_n(min_n: int) -> int:
    """Return the smallest number of people that is shown, or raise `OptionError` below two."""
    if isinstance(min_n, bool) or min_n != int(min_n) or min_n < 2:
        raise OptionError(
            f"min_n={min_n!r} must be a whole number from 2.",
            why="one person has nobody to agree with, and must not be shown",
            fix="use min_n=5",
        )
    return int(min_n)
