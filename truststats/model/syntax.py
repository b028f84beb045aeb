"""Read model text in lavaan's syntax for one group."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from truststats.errors import ModelSyntaxError
from truststats.model.caret import line_and_column, syntax_error
from truststats.model.expression import Expression, parse_in, resolve
from truststats.model.statement import Statement
from truststats.model.terms import bad_term, effects, split
from truststats.model.tokens import Token, statements_of

__all__ = ["parse"]


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[Statement, ...]:
    """Return the statements of a model text, one for each parameter it mentions.

    Parameters
    ----------
    text : str
        Operators ``=~ ~ ~~ :=`` and intercepts ``~ 1``; terms joined by ``+`` on both sides;
        modifiers ``0.5*x``, ``label*x``, ``NA*x``, ``start(0.8)*x``, several for one term as
        ``a*start(0.5)*x`` or ``a*x + start(0.5)*x``; comments after ``#`` or ``!``; ``;`` or a
        new line ends a statement, and a line without an operator continues the one before.

    Returns
    -------
    tuple of Statement
        In the order of the text.

    Raises
    ------
    ModelSyntaxError
        With line, column and a caret under the place.
    NotSupportedError
        For parts of lavaan's language that are not checked yet, such as ``c()`` and ``==``.
    """
    if not isinstance(text, str):
        raise ModelSyntaxError(
            f"a model is text, not {type(text).__name__}",
            fix='write the model in quotes, as in "trust =~ t1 + t2 + t3"',
        )
    found: dict[tuple[str, str, str], Statement] = {}
    for left, operator, right in statements_of(text):
        names = _left(text, left, operator)
        if not right:
            raise syntax_error(
                f"nothing stands to the right of {operator.text}",
                text,
                operator.position,
                len(operator.text),
                fix="add the variables, joined by +",
            )
        if operator.text == ":=":
            statements: Iterable[Statement] = [_definition(text, names, operator, right)]
        else:
            statements = effects(text, names, operator, right)
        for statement in statements:
            _add(text, found, statement)
    if not found:
        raise ModelSyntaxError(
            "the model text is empty", fix='write at least one statement, as in "y ~ x"'
        )
    _check_defined(text, found.values())
    return tuple(found.values())


def _add(text: str, found: dict[tuple[str, str, str], Statement], new: Statement) -> None:
    op, rhs = new.op, new.rhs
    key = (new.lhs, op, "" if op == ":=" else rhs)
    old = found.get(key)
    if old is None and op == "~~":
        old = found.get((rhs, op, new.lhs))
    if old is None:
        found[key] = new
        return
    shown = f"{new.lhs} {op}{rhs and ' '}{rhs}" if op != ":=" else f"{new.lhs} :="
    raise syntax_error(
        f"{shown} is given twice, first in line {old.line}",
        text,
        _position(text, new),
        max(len(rhs), 1),
        why="the two might disagree, and nobody could tell which one was used",
        fix=f"delete one of them (line {old.line} or line {new.line})",
    )


def _position(text: str, statement: Statement) -> int:
    lines = text.split("\n")[: statement.line - 1]
    return sum(len(line) + 1 for line in lines) + statement.column - 1


def _left(text: str, tokens: list[Token], operator: Token) -> list[str]:
    if not tokens:
        raise syntax_error(
            f"nothing stands to the left of {operator.text}",
            text,
            operator.position,
            len(operator.text),
            fix="start the line with the variable it is about",
        )
    names: list[str] = []
    for term in split(tokens, "+"):
        if len(term) == 1 and term[0].kind == "name":
            names.append(term[0].text)
            continue
        raise bad_term(text, term, operator, "left")
    return names


def _definition(text: str, names: list[str], operator: Token, right: list[Token]) -> Statement:
    if len(names) > 1:
        raise syntax_error(
            "only one parameter can be defined at a time",
            text,
            operator.position,
            2,
            fix=f"write {names[0]} := ... and {names[1]} := ... in two lines",
        )
    start = right[0].position
    stop = right[-1].position + len(right[-1].text)
    body = _without_comments(text, right, start, stop)
    parse_in(body, text, start)
    line, column = line_and_column(text, start)
    return Statement(names[0], ":=", " ".join(body.split()), line=line, column=column)


def _without_comments(text: str, right: list[Token], start: int, stop: int) -> str:
    body = [" "] * (stop - start)
    for token in right:
        body[token.position - start : token.position - start + len(token.text)] = token.text
    return "".join(body)


def _check_defined(text: str, statements: Iterable[Statement]) -> None:
    rows = list(statements)
    labels = {row.label for row in rows if row.label}
    defined = {row.lhs: row for row in rows if row.op == ":="}
    for name, row in defined.items():
        if name in labels:
            raise syntax_error(
                f"{name!r} is the label of a parameter and cannot be defined again",
                text,
                _position(text, row),
                fix="give the defined parameter another name",
            )
    if defined:
        offsets = {name: _position(text, row) for name, row in defined.items()}
        resolve(
            {name: Expression(row.rhs) for name, row in defined.items()},
            labels,
            source=text,
            offsets=offsets,
        )
