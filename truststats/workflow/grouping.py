"""Which group each row belongs to: labels are text, in the codebook's or the data's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import IntArray
from truststats.errors import DataError, OptionError, Problem
from truststats.options import did_you_mean
from truststats.survey import Survey

__all__ = ["Grouping", "group_codes", "grouping", "written_levels"]


@dataclass(frozen=True)
class Grouping:
    """The groups of an analysis.

    Attributes
    ----------
    name : str
        The column.
    labels : tuple of str
        The groups in their order, two or more.
    codes : (n,) int array
        The group of each row, from 0; -1 where the row has none or one that is left out.
    left_out : int
        Rows of groups that `group_label` does not name.
    """

    name: str
    labels: tuple[str, ...]
    codes: IntArray
    left_out: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a reader should know about the groups."""
        plain: dict[str, list[str]] = {}
        for label in self.labels:
            plain.setdefault(" ".join(label.split()).casefold(), []).append(label)
        alike = [repr(label) for labels in plain.values() if len(labels) > 1 for label in labels]
        if not alike:
            return ()
        names = ", ".join(alike)
        return (
            Problem(
                "group_labels_alike",
                "warning",
                f"The groups {names} differ only by capitals or spaces, and are taken as "
                "different groups.",
                "Write the group alike everywhere in the column if it is the same one.",
                names,
                len(alike),
            ),
        )


def _text(value: Any) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _column(data: Any, frame: pd.DataFrame, name: str) -> pd.Series:
    if not isinstance(name, str | int):
        raise OptionError(
            f"group= is a {type(name).__name__}, not the name of a column.",
            fix='give one name, as in group="city"; put codes that belong together in one column',
        )
    if isinstance(data, Survey) and name == data.design.group:
        found = data.groups()
        assert found is not None
        return found
    if name not in frame.columns:
        raise DataError(
            f"The data have no group column {name!r}."
            f"{did_you_mean(str(name), map(str, frame.columns))}",
            where=f"columns: {', '.join(map(str, frame.columns[:12]))}"
            f"{' ...' if len(frame.columns) > 12 else ''}",
            fix="name the column that holds the group of each respondent",
        )
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise DataError(f"There are {column.shape[1]} columns named {name!r}.", fix="rename one")
    return column


def grouping(
    data: Any, frame: pd.DataFrame, name: str, group_label: Sequence[Any] | None = None
) -> Grouping:
    """Return the groups of a column.

    Parameters
    ----------
    data : Survey or frame
        As the user gave it.
    frame : DataFrame
        The same rows as pandas.
    name : str
        The column.
    group_label : sequence, optional
        Which groups, in which order; others are left out. Default: the order of the categories
        of a categorical column, else of first appearance.

    Raises
    ------
    DataError
        If the column is not there or has fewer than two groups.
    OptionError
        If `group_label` names a group that nobody belongs to, or one twice.
    """
    column = _column(data, frame, name)
    raw, written = written_levels(column)
    there = list(dict.fromkeys(written))
    if isinstance(column.dtype, pd.CategoricalDtype):
        order = [_text(level) for level in column.cat.categories]
        there = [level for level in order if level in set(there)]
    labels = there
    if isinstance(group_label, str):
        raise OptionError(
            f"group_label={group_label!r} is one text.",
            fix=f"give a list of two or more labels, as in group_label=[{group_label!r}, ...]",
        )
    if group_label is not None:
        labels = [_text(label) for label in group_label]
        unknown = [label for label in labels if label not in there]
        if unknown:
            raise OptionError(
                f"group_label names {', '.join(map(repr, unknown))}, which nobody belongs to.",
                where=f"column {name!r} has {', '.join(map(repr, there[:10]))}",
                fix="use labels that occur in the column",
            )
        if len(set(labels)) < len(labels):
            raise OptionError("group_label names a group twice.", fix="name each once")
    if group_label is not None and len(labels) < 2:
        raise OptionError(
            f"group_label names {len(labels)} group{'s' if not labels else ''}.",
            why="a comparison needs two or more",
            fix="name more, or leave group= out and pass the rows of that group",
        )
    if len(labels) < 2:
        raise DataError(
            f"The group column {name!r} has {len(labels)} group"
            f"{' (' + repr(labels[0]) + ')' if labels else 's'}.",
            why="a comparison needs two or more",
            fix="leave group= out, or name another column",
        )
    if len(labels) > len(raw) / 2:
        raise DataError(
            f"The group column {name!r} has {len(labels)} different values in {len(raw)} rows.",
            why="every group needs enough rows for a model of its own",
            fix="name a column with few categories; use cluster= for units",
        )
    codes = _codes(raw, written, labels)
    return Grouping(name, tuple(labels), codes, int(((codes < 0) & (raw >= 0)).sum()))


def group_codes(data: Any, frame: pd.DataFrame, name: str, labels: Sequence[str]) -> IntArray:
    """Return the place of each row's group among known labels; -1 for none of them.

    Raises
    ------
    DataError
        If the column is not there.
    """
    return _codes(*written_levels(_column(data, frame, name)), labels)


def written_levels(column: pd.Series) -> tuple[IntArray, list[str]]:
    """Return the number of each row's value, -1 for none or blank, and the values as text."""
    raw, levels = pd.factorize(np.asarray(column, dtype=object), use_na_sentinel=True)
    written = [_text(level) for level in levels]
    shown = np.array([bool(text.strip()) for text in written], dtype=bool)
    place = np.append(np.where(shown, np.cumsum(shown) - 1, -1), -1)
    return place[raw].astype(np.intp), [text for text in written if text.strip()]


def _codes(raw: IntArray, written: Sequence[str], labels: Sequence[str]) -> IntArray:
    place = {label: k for k, label in enumerate(labels)}
    return np.array([*(place.get(level, -1) for level in written), -1], dtype=np.intp)[raw]
