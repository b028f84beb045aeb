"""`Statement`: one parameter as the text has it, and the text that statements make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

__all__ = ["Statement", "canonical"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One parameter as the text has it.

    Attributes
    ----------
    lhs, rhs : str
        Variables; `rhs` is empty for an intercept and the expression for a defined parameter.
    op : {"=~", "~", "~~", "~1", ":="}
        Measured by, regressed on, covaries with, intercept, defined as.
    fixed : float or None
        The value the parameter is fixed to.
    free : bool
        True where ``NA*`` frees a parameter that an automatic rule would fix.
    label : str or None
        Parameters with one label are equal.
    start : float or None
        The value to start from.
    line, column : int
        Where the term stands in the text, from 1; not part of the comparison.
    """

    lhs: str
    op: str
    rhs: str
    fixed: float | None = None
    free: bool = False
    label: str | None = None
    start: float | None = None
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)


def canonical(statements: Iterable[Statement]) -> str:
    """Return lavaan text that reads back as the same statements.

    Several modifiers of one term are written as repeated terms (``a*x + start(0.5)*x``), the
    spelling that lavaan reads in full.
    """
    lines: list[str] = []
    for (lhs, op), rows in groupby(statements, key=lambda row: (row.lhs, row.op)):
        if op == ":=":
            lines.extend(f"{lhs} := {row.rhs}" for row in rows)
        else:
            terms = " + ".join(term for row in rows for term in _written(row))
            lines.append(f"{lhs} {op[:2] if op != '~1' else '~'} {terms}")
    return "\n".join(lines)


def _written(row: Statement) -> list[str]:
    variable = "1" if row.op == "~1" else row.rhs
    modifiers = ["NA"] if row.free else []
    if row.fixed is not None:
        modifiers.append(_plain(row.fixed))
    if row.label is not None:
        modifiers.append(row.label)
    if row.start is not None:
        modifiers.append(f"start({_plain(row.start)})")
    return [f"{modifier}*{variable}" for modifier in modifiers] or [variable]


def _plain(value: float) -> str:
    return repr(value).removesuffix(".0")
