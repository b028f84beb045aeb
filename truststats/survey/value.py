"""The Survey value: raw codes, what was asked, and how the people were reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats import _bridge
from truststats.errors import Problem, SurveyError
from truststats.options import did_you_mean
from truststats.survey import missingness as _missingness
from truststats.survey.answers import Answers, CellState, Coding, classify, coding_of
from truststats.survey.disclosure import TOTAL, suppress
from truststats.survey.mapping import ItemRule
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    from truststats.constructs import Instrument
    from truststats.survey.check import Checks

__all__ = ["Design", "Exclusion", "Survey"]


@dataclass(frozen=True)
class Design:
    """How the respondents were reached.

    Attributes
    ----------
    cluster : str or None
        Column of the unit (team, school, institution) in which answers are correlated.
    group : str or None
        Column of the group (city, wave) that is compared.
    weights : str or None
        Column of sampling weights.
    unit_sizes : mapping or None
        Number of people invited, by unit.
    respondent : str or None
        Column that names the respondent.
    """

    cluster: str | None = None
    group: str | None = None
    weights: str | None = None
    unit_sizes: Mapping[str, int] | None = None
    respondent: str | None = None


@dataclass(frozen=True)
class Exclusion:
    """Answers or rows that carry no value, counted.

    Attributes
    ----------
    code : str
        ``empty_row``, ``blank``, ``dont_know``, ``user_missing``, ``out_of_range`` or
        ``unreadable``.
    unit : {"rows", "cells"}
        What is counted.
    count : int
        How many.
    message : str
        What they are.
    by_item : mapping
        Item to count, for cells.
    """

    code: str
    unit: str
    count: int
    message: str
    by_item: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self, min_n: int = 1) -> dict[str, Any]:
        """Return the exclusion as plain values for a provenance file.

        Parameters
        ----------
        min_n : int
            Smallest count that is shown. Smaller ones, and what they could be worked out from,
            are left out of `by_item` and counted in `items_hidden`; a small total is None.
        """
        count: int | None = self.count if self.count >= min_n else None
        by_item = dict(self.by_item)
        if by_item and min_n > 1:
            safe: Any = suppress(pd.Series(by_item), min_n).counts.dropna()
            by_item = {str(item): int(n) for item, n in safe.items()}
            count = by_item.pop(TOTAL, None)
        return {
            "code": self.code,
            "unit": self.unit,
            "count": count,
            "message": self.message,
            "by_item": by_item,
            "items_hidden": len(self.by_item) - len(by_item),
        }


_EXCLUDED = {
    CellState.BLANK: ("blank", "no answer given"),
    CellState.DONT_KNOW: ("dont_know", "don't know or not relevant"),
    CellState.USER_MISSING: ("user_missing", "declared as missing in the file"),
    CellState.OUT_OF_RANGE: ("out_of_range", "a code that is no answer of the response set"),
    CellState.UNREADABLE: ("unreadable", "a text that is neither a code nor a known label"),
}


@dataclass(frozen=True, eq=False, repr=False)
class Survey:
    """Answers as collected, bound to the instrument that was asked; never changed.

    Attributes
    ----------
    frame : DataFrame
        Raw codes under the file's own column names; read it, do not write to it.
    instrument : Instrument or None
        What was asked.
    columns : mapping
        Item name to column.
    design : Design
        Units, groups, weights and invited people.
    source : str
        The file's name, or what kind of frame it was.
    file_hash : str
        sha256 of the file, or of the frame's contents.
    value_labels : mapping
        Column to code to label, as the file says.
    user_missing : mapping
        Column to the codes or (low, high) ranges the file declares as missing.
    synthetic : bool
        Whether the answers were generated and nobody gave them.
    notes : tuple of Problem
        What the reading had to decide.
    labels : mapping
        Column to variable label.
    rules : mapping
        Item to `ItemRule`, where a mapping says how the file codes it.
    missing_items : mapping
        Item of the instrument without a column to the column it may be, or "".
    first_line : int or None
        Line of the file (row of the sheet) in which the first row of answers stands, where known.
    """

    frame: pd.DataFrame
    instrument: Instrument | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    design: Design = field(default_factory=Design)
    source: str = ""
    file_hash: str = ""
    value_labels: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    user_missing: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    synthetic: bool = False
    notes: tuple[Problem, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, ItemRule] = field(default_factory=dict)
    missing_items: Mapping[str, str] = field(default_factory=dict)
    first_line: int | None = None

    @property
    def items(self) -> tuple[str, ...]:
        """Names of the items that have a column, in questionnaire order."""
        return tuple(self.columns)

    @property
    def n(self) -> int:
        """Number of rows, wholly empty ones included."""
        return len(self.frame)

    def __len__(self) -> int:
        return self.n

    def coding(self, item: str) -> Coding:
        """Return which codes of an item are answers."""
        return coding_of(self.instrument, item, self.rules.get(item))

    @cached_property
    def answers(self) -> Answers:
        """The state and value of every answer (cached)."""
        codings = {item: self.coding(item) for item in self.columns}
        return classify(self.frame, self.columns, codings, self.user_missing)

    def values(self, items: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the answers as numbers, raw orientation, NaN where there is no valid answer.

        Parameters
        ----------
        items : sequence of str, optional
            Item names, or names of other numeric columns; all items by default.

        Returns
        -------
        DataFrame
            float64, one row a respondent (none dropped), one column an item.

        Raises
        ------
        SurveyError
            If a name is neither an item with a column nor a numeric column.
        """
        if items is None:
            return labelled(self.answers.values.copy(), self.synthetic)
        found = {name: self._one(name) for name in items}
        frame = pd.DataFrame(found, index=self.frame.index, columns=pd.Index(list(found)))
        return labelled(frame, self.synthetic)

    def _one(self, name: str) -> pd.Series:
        if name in self.columns:
            return self.answers.values[name]
        column = self.frame.get(name)
        if isinstance(column, pd.Series) and pd.api.types.is_numeric_dtype(column):
            other = classify(self.frame, {name: name}, {name: Coding()}, self.user_missing)
            return other.values[name]
        if column is not None:
            raise SurveyError(
                f"Column {name!r} holds texts, not numbers.",
                fix="code it as numbers before reading, for example one 0/1 column a category",
            )
        hint = did_you_mean(name, [*self.columns, *map(str, self.frame.columns)])
        asked = self.instrument is not None and name in self.missing_items
        raise SurveyError(
            f"The survey has no answers to item {name!r}."
            if asked
            else f"{name!r} is neither an item nor a column of the survey.{hint}",
            where=self.source,
            fix=f'name its column: read_survey(..., columns={{"{name}": "<column>"}})',
        )

    def _design_column(self, name: str | None) -> pd.Series | None:
        return None if name is None else self.frame[name].copy()

    def clusters(self) -> pd.Series | None:
        """Return the unit of each row as text, or None when no cluster was named."""
        return self._design_column(self.design.cluster)

    def groups(self) -> pd.Series | None:
        """Return the group of each row as text, or None when no group was named."""
        return self._design_column(self.design.group)

    def weights(self) -> pd.Series | None:
        """Return the sampling weight of each row, or None when no weights were named."""
        return self._design_column(self.design.weights)

    def answered(self) -> pd.Series:
        """Return whether each row has at least one valid answer."""
        valid = (self.answers.states == CellState.VALID).any(axis=1)
        return pd.Series(valid, index=self.frame.index, name="answered")

    def missingness(self) -> pd.DataFrame:
        """Return, for each item, how many answers are valid and why the others are not."""
        return labelled(_missingness.by_item(self), self.synthetic)

    def response(self) -> pd.DataFrame:
        """Return, for each unit, how many were invited and how many answered."""
        return labelled(_missingness.response(self), self.synthetic)

    def exclusions(self) -> tuple[Exclusion, ...]:
        """Return every row and cell that carries no value, counted by reason."""
        states = self.answers.states
        found = []
        empty = int((~self.answered()).sum())
        if empty:
            found.append(Exclusion("empty_row", "rows", empty, "no valid answer to any item"))
        for state, (code, message) in _EXCLUDED.items():
            counts = (states == state).sum(axis=0)
            total = int(counts.sum())
            if total:
                by_item = {i: int(c) for i, c in zip(self.items, counts, strict=True) if c}
                found.append(Exclusion(code, "cells", total, message, by_item))
        return tuple(found)

    def check(self) -> Checks:
        """Return all problems of the answers at once, with counts, rows and the fix."""
        from truststats.survey.check import check

        return check(self)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def orient(survey: Survey, values: pd.DataFrame) -> pd.DataFrame:
    """Return values with the instrument's reverse-keyed items turned round."""
    if survey.instrument is None:
        return values
    turned = values.copy()
    for item in values.columns:
        codes = survey.coding(item).codes
        if codes and survey.instrument.item(item).reverse:
            turned[item] = min(codes) + max(codes) - values[item]
    return turned


def valid_share(survey: Survey) -> np.ndarray:
    """Return the share of valid answers of each item, shape (items,)."""
    return (survey.answers.states == CellState.VALID).sum(axis=0) / max(survey.n, 1)
