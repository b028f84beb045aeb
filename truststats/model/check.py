"""Check a whole model text: its ``group:`` lines, definitions and constraints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from truststats.errors import TrustStatsError
from truststats.model.caret import not_supported, position_of, syntax_error
from truststats.model.expression import Expression, resolve
from truststats.model.statement import CONSTRAINTS, Statement
from truststats.options import did_you_mean

__all__ = ["check_blocks", "check_expressions"]

_AUTOMATIC = re.compile(r"\.p\d+\.$")


def check_blocks(text: str, rows: Sequence[Statement]) -> None:
    """Raise if some effects stand below a ``group:`` line and others above the first.

    Raises
    ------
    ModelSyntaxError
        With a caret under the first such effect.
    """
    effects = [row for row in rows if row.op != ":=" and row.op not in CONSTRAINTS]
    loose = next((row for row in effects if not row.block), None)
    if loose is not None and any(row.block for row in effects):
        raise syntax_error(
            "this stands before the first group: line",
            text,
            position_of(text, loose),
            max(len(loose.rhs), 1),
            why="nobody could tell which group it is about",
            fix="repeat it below every group: line",
        )


def check_expressions(text: str, rows: Sequence[Statement]) -> None:
    """Raise if a definition or a constraint uses a name that is neither label nor definition.

    Raises
    ------
    ModelSyntaxError
        With a caret under the name; also if a name is defined twice or by itself, or if a
        constraint names no parameter.
    NotSupportedError
        For automatic labels such as ``.p1.``.
    """
    labels = {label for row in rows for label in _labels(row)}
    defined = {row.lhs: row for row in rows if row.op == ":="}
    for name, row in defined.items():
        if name in labels:
            raise syntax_error(
                f"{name!r} is the label of a parameter and cannot be defined again",
                text,
                position_of(text, row),
                fix="give the defined parameter another name",
            )
    for row in defined.values():
        _refuse_automatic(text, row, Expression(row.rhs).names)
    if defined:
        offsets = {name: position_of(text, row) for name, row in defined.items()}
        resolve(
            {name: Expression(row.rhs) for name, row in defined.items()},
            labels,
            source=text,
            offsets=offsets,
        )
    for row in rows:
        if row.op in CONSTRAINTS:
            _check_constraint(text, row, labels | set(defined))


def _labels(row: Statement) -> Iterable[str]:
    return [m.label for m in row.each or (row.modifiers,) if m.label]


def _check_constraint(text: str, row: Statement, known: set[str]) -> None:
    names = (*Expression(row.lhs).names, *Expression(row.rhs).names)
    _refuse_automatic(text, row, names)
    if not names:
        raise syntax_error(
            "the constraint names no parameter",
            text,
            position_of(text, row),
            len(row.lhs),
            fix=f"label a parameter and use its label, as in a {row.op} {row.rhs}",
        )
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise _at(
            text, row, unknown, f"{unknown!r} labels no parameter."
            f"{did_you_mean(unknown, sorted(known))}",
        )  # fmt: skip


def _at(text: str, row: Statement, name: str, what: str) -> TrustStatsError:
    return syntax_error(
        what,
        text,
        _place(text, row, name),
        len(name),
        why="a constraint can use labels and defined parameters only",
        fix=f"label a parameter, as in y ~ {name}*x",
    )


def _place(text: str, row: Statement, name: str) -> int:
    start = position_of(text, row)
    found = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.])").search(text, start)
    return found.start() if found else start


def _refuse_automatic(text: str, row: Statement, names: Iterable[str]) -> None:
    name = next((name for name in names if _AUTOMATIC.match(name)), None)
    if name is not None:
        raise not_supported(
            f"the automatic label {name}",
            text,
            _place(text, row, name),
            len(name),
            why="it depends on the order of the rows of lavaan's table",
            fix="give the parameter a label of your own",
        )
