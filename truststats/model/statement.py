"""`Statement`: one parameter as the text has it, and the text that statements make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

__all__ = ["CONSTRAINTS", "Modifiers", "Statement", "canonical"]

_PLAIN = re.compile(r"\w+([.\w -]*\w)?")

CONSTRAINTS = ("==", "<", ">")
"""The operators that compare two expressions over labels."""


@dataclass(frozen=True, slots=True)
class Modifiers:
    """What the text says about one parameter in one group.

    Attributes
    ----------
    fixed : float or None
        The value the parameter is fixed to.
    free : bool
        True where ``NA*`` frees a parameter that an automatic rule would fix.
    label : str or None
        Parameters with one label are equal.
    start : float or None
        The value to start from.
    lower, upper : float or None
        The bounds of the estimate.
    """

    fixed: float | None = None
    free: bool = False
    label: str | None = None
    start: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One parameter, definition or constraint as the text has it.

    Attributes
    ----------
    lhs, rhs : str
        Variables; `rhs` is empty for an intercept and the expression for a defined parameter.
        Both are expressions in a constraint.
    op : {"=~", "~", "~~", "~1", "|", "~*~", ":=", "==", "<", ">"}
        Measured by, regressed on, covaries with, intercept, threshold, scaling factor, defined as,
        and the constraints.
    fixed : float or None
        The value the parameter is fixed to, in every group.
    free : bool
        True where ``NA*`` frees a parameter that an automatic rule would fix.
    label : str or None
        Parameters with one label are equal, over groups too.
    start : float or None
        The value to start from.
    lower, upper : float or None
        The bounds of the estimate.
    each : tuple of Modifiers
        The modifiers of each group where ``c()`` tells groups apart; the six attributes above
        are then empty.
    block : str
        The group that the statement is about, as a ``group:`` line names it; empty for all.
    efa : str
        The exploratory block that a loading belongs to; empty for others.
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
    lower: float | None = None
    upper: float | None = None
    each: tuple[Modifiers, ...] = ()
    block: str = ""
    efa: str = ""
    line: int = field(default=0, compare=False)
    column: int = field(default=0, compare=False)

    @property
    def modifiers(self) -> Modifiers:
        """The modifiers that hold in every group."""
        return Modifiers(self.fixed, self.free, self.label, self.start, self.lower, self.upper)

    def in_group(self, group: int) -> Modifiers:
        """Return the modifiers of a group, counted from 0."""
        return self.each[group] if self.each else self.modifiers


def canonical(statements: Iterable[Statement]) -> str:
    """Return lavaan text that reads back as the same statements.

    Several modifiers of one term are written as repeated terms (``a*x + start(0.5)*x``), the
    spelling that lavaan reads in full.
    """
    lines: list[str] = []
    block = ""
    for (lhs, op, now), own in groupby(statements, key=lambda row: (row.lhs, row.op, row.block)):
        rows = list(own)
        if op == ":=" or op in CONSTRAINTS:
            lines.extend(f"{lhs} {op} {row.rhs}" for row in rows)
            continue
        if now != block:
            lines.append(f"group: {now if _PLAIN.fullmatch(now) else chr(34) + now + chr(34)}")
            block = now
        terms = " + ".join(term for row in rows for term in _written(row))
        explored = next((f'efa("{row.efa}")*' for row in rows if row.efa), "")
        lines.append(f"{explored}{lhs} {op if op != '~1' else '~'} {terms}")
    return "\n".join(lines)


def _written(row: Statement) -> list[str]:
    variable = "1" if row.op == "~1" else row.rhs
    groups = row.each or (row.modifiers,)
    found: list[str] = []
    values = [_value(m) for m in groups]
    if any(values):
        found.append(_vector([value or "NA" for value in values]))
    labels = [m.label for m in groups]
    if any("~" in (label or "") for label in labels):
        found.append(f"equal({_quoted(labels)})")
    elif any(label is not None for label in labels):
        found.append(labels[0] or "" if len(labels) == 1 else _quoted(labels))
    for name in ("start", "lower", "upper"):
        numbers = [getattr(m, name) for m in groups]
        if any(number is not None for number in numbers):
            body = _vector(["NA" if number is None else plain(number) for number in numbers])
            found.append(f"{name}({body})")
    return [f"{modifier}*{variable}" for modifier in found] or [variable]


def _value(modifiers: Modifiers) -> str:
    if modifiers.fixed is not None:
        return plain(modifiers.fixed)
    return "NA" if modifiers.free else ""


def _vector(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"c({', '.join(words)})"


def _quoted(labels: Sequence[str | None]) -> str:
    return _vector([f'"{label or ""}"' for label in labels])


def plain(value: float) -> str:
    """Return a number in full, without a superfluous ``.0``."""
    return repr(value).removesuffix(".0")
