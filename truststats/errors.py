"""What can go wrong: one exception tree, and the `Problem` that a result carries.

Every message says what is wrong, where, why it matters, and what to do about it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ConvergenceError",
    "DataError",
    "DefinitionError",
    "IdentificationError",
    "ModelSyntaxError",
    "NotSupportedError",
    "OptionError",
    "Problem",
    "SurveyError",
    "TrustStatsError",
    "worst_first",
]

Severity = Literal["error", "warning", "note"]
_RANK = {"error": 0, "warning": 1, "note": 2}


class TrustStatsError(Exception):
    """Base of every error raised on purpose by truststats.

    Parameters
    ----------
    what : str
        What is wrong, one sentence that names the offending thing.
    where : str
        Column, row, line, file or key; empty where `what` says it all.
    why : str
        Why it cannot be accepted.
    fix : str
        What the user should do, ideally as code that can be pasted.
    """

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.why = why
        self.fix = fix
        super().__init__(self.__str__())

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(self.where if "\n" in self.where else f"Where: {self.where}")
        if self.why:
            parts.append(f"Why: {self.why}")
        if self.fix:
            parts.append(f"What to do: {self.fix}")
        return "\n".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.why, self.fix))


def _rebuild(cls: type[TrustStatsError], what: str, where: str, why: str, fix: str) -> object:
    return cls(what, where=where, why=why, fix=fix)


class OptionError(TrustStatsError, ValueError):
    """An option has a value that is not one of its choices."""


class NotSupportedError(TrustStatsError, NotImplementedError):
    """A combination that is not checked against an independent source, so no number is given."""


class ModelSyntaxError(TrustStatsError, ValueError):
    """The model text cannot be read; `where` points at the place with a caret."""


class IdentificationError(TrustStatsError, ValueError):
    """The model cannot be estimated whatever the data are."""


class DefinitionError(TrustStatsError, ValueError):
    """A construct, instrument, claim or data file of the library is malformed."""


class SurveyError(TrustStatsError, ValueError):
    """A survey file cannot be read or does not fit its instrument."""


class DataError(TrustStatsError, ValueError):
    """The data cannot be used with this model."""


class ConvergenceError(TrustStatsError, RuntimeError):
    """The estimation did not arrive at an optimum."""


@dataclass(frozen=True)
class Problem:
    """One thing a reader must know before the numbers; shown first in every card.

    Attributes
    ----------
    code : str
        A stable short name, such as ``heywood`` or ``unknown_code``.
    severity : {"error", "warning", "note"}
        ``error`` means the numbers must not be interpreted.
    message : str
        What is the matter and why it matters.
    remedy : str
        What to do.
    where : str
        Columns, items or parameters concerned.
    count : int or None
        How many rows, cells or parameters.
    rows : tuple of int
        The first few rows concerned, counted from 1 in the data as read.
    group : str
        The group concerned, in an analysis of several.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    where: str = ""
    count: int | None = None
    rows: tuple[int, ...] = ()
    group: str = ""

    def __str__(self) -> str:
        inside = f"Group {self.group}: " if self.group else ""
        head = f"{self.severity.upper()} {inside}{self.message}"
        return f"{head} {self.remedy}".strip()


def worst_first(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems with errors first, then warnings, then notes; else in their order."""
    return tuple(sorted(problems, key=lambda problem: _RANK[problem.severity]))
