"""All problems of a survey at once: one registry of small checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, overload

import pandas as pd

from truststats import _bridge
from truststats.errors import Problem
from truststats.survey import check_answers, check_design, check_items, check_rows
from truststats.survey.limits import Limits

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = ["CHECKS", "Checks", "check"]

_RANK = {"error": 0, "warning": 1, "note": 2}
_OF_THE_FILE = ("ids_as_numbers",)

CHECKS: dict[str, Callable[[Survey, Limits], Sequence[Problem]]] = {
    "missing_columns": check_items.missing_columns,
    "text_of_another_item": check_items.text_of_another_item,
    "value_labels": check_answers.value_labels,
    "unreadable": check_answers.unreadable,
    "dont_know_codes": check_answers.dont_know_codes,
    "dont_know_averaged": check_answers.dont_know_averaged,
    "out_of_range": check_answers.out_of_range,
    "not_integer": check_answers.not_integer,
    "constant": check_items.constant,
    "item_missingness": check_items.item_missingness,
    "reversals": check_items.reversals,
    "ceiling": check_items.ceiling,
    "empty_rows": check_rows.empty_rows,
    "duplicate_rows": check_rows.duplicate_rows,
    "duplicate_respondents": check_rows.duplicate_respondents,
    "straight_lining": check_rows.straight_lining,
    "missing_ids": check_design.missing_ids,
    "single_unit": check_design.single_unit,
    "silent_units": check_design.silent_units,
    "tiny_units": check_design.tiny_units,
    "unknown_units": check_design.unknown_units,
    "more_answers_than_invited": check_design.more_answers_than_invited,
    "unit_in_two_groups": check_design.unit_in_two_groups,
    "empty_groups": check_design.empty_groups,
    "bad_weights": check_design.bad_weights,
}


@dataclass(frozen=True, repr=False)
class Checks(Sequence[Problem]):
    """What a check of a survey found, worst first.

    Attributes
    ----------
    problems : tuple of Problem
        Everything found; `rows` count from 1, the first row of answers.
    source : str
        The file that was checked.
    n_rows, n_items : int
        How much was checked.
    n_checks : int
        How many checks were made.
    first_line : int or None
        Line of the file in which row 1 stands, where known.
    """

    problems: tuple[Problem, ...]
    source: str = ""
    n_rows: int = 0
    n_items: int = 0
    n_checks: int = 0
    first_line: int | None = None

    def without_rows(self) -> Checks:
        """Return the same without row numbers, for what leaves the analyst's desk."""
        bare = tuple(replace(problem, rows=()) for problem in self.problems)
        return replace(self, problems=bare, first_line=None)

    @property
    def ok(self) -> bool:
        """Whether there is neither an error nor a warning."""
        return all(p.severity == "note" for p in self.problems)

    def of(self, code: str) -> tuple[Problem, ...]:
        """Return the problems with one code."""
        return tuple(p for p in self.problems if p.code == code)

    def frame(self) -> pd.DataFrame:
        """Return one row a problem: severity, code, where, count, rows, message, remedy."""
        fields = ("severity", "code", "where", "count", "rows", "message", "remedy")
        rows = [[getattr(p, name) for name in fields] for p in self.problems]
        frame = pd.DataFrame(rows, columns=pd.Index(fields))
        return frame.astype({"count": "Int64"})

    def __len__(self) -> int:
        return len(self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    @overload
    def __getitem__(self, index: int) -> Problem: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Problem, ...]: ...
    def __getitem__(self, index: int | slice) -> Problem | tuple[Problem, ...]:
        return self.problems[index]

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def check(survey: Survey, limits: Limits | None = None) -> Checks:
    """Return all problems of a survey at once, with counts, first rows and the fix.

    Parameters
    ----------
    survey : Survey
        What `read_survey` returned.
    limits : Limits, optional
        Where a check begins to speak.
    """
    limits = limits or Limits()
    found = [n for n in survey.notes if n.severity != "note" or n.code in _OF_THE_FILE]
    for one in CHECKS.values():
        found.extend(one(survey, limits))
    ordered = sorted(found, key=lambda problem: _RANK[problem.severity])
    size = (survey.n, len(survey.items), len(CHECKS))
    return Checks(tuple(ordered), survey.source, *size, survey.first_line)
