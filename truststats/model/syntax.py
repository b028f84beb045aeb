"""Read model text in lavaan's syntax, for one group or several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from truststats.errors import ModelSyntaxError
from truststats.model.caret import line_and_column, position_of, syntax_error
from truststats.model.check import check_blocks, check_expressions
from truststats.model.expression import parse_in
from truststats.model.ordinal import check_thresholds
from truststats.model.statement import CONSTRAINTS, Statement
from truststats.model.terms import bad_term, effects, split
from truststats.model.tokens import BLOCK, Token, statements_of

__all__ = ["parse"]


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[Statement, ...]:
    """Return the statements of a model text, one for each parameter it mentions.

    Parameters
    ----------
    text : str
        Operators ``=~ ~ ~~ | ~*~ :=`` and intercepts ``~ 1``; terms joined by ``+`` on both sides;
        modifiers ``0.5*x``, ``label*x``, ``NA*x``, ``start(0.8)*x``, ``lower(0)*x``,
        ``upper(1)*x`` and ``equal("f=~x2")*x``, several for one term as ``a*start(0.5)*x`` or
        ``a*x + start(0.5)*x``; constraints ``==``, ``<`` and ``>`` between expressions over
        labels; ``item | t1 + t2`` for thresholds and ``item ~*~ 1*item`` for the scaling
        factor of an ordinal item; comments after ``#`` or ``!``; ``;`` or a new line ends a
        statement, and a line without an operator continues the one before.

        Several groups: one value or label holds in every group (so one label makes the groups
        equal), ``c(a, b)*x``, ``c("a", "")*x``, ``c(1, NA)*x`` and ``start(c(0.5, 0.6))*x`` give
        each group its own, and the statements below ``group: 1`` or ``group: name`` are about
        that group alone.

    Returns
    -------
    tuple of Statement
        In the order of the text.

    Raises
    ------
    ModelSyntaxError
        With line, column and a caret under the place.
    NotSupportedError
        For parts of lavaan's language that are not checked yet, such as ``<~``.
    """
    if not isinstance(text, str):
        raise ModelSyntaxError(
            f"a model is text, not {type(text).__name__}",
            fix='write the model in quotes, as in "trust =~ t1 + t2 + t3"',
        )
    found: dict[tuple[str, ...], Statement] = {}
    block = ""
    for left, operator, right in statements_of(text):
        if operator.text == BLOCK:
            block = _block(text, left[0], right)
            continue
        names, blocks = ([], {}) if operator.text in CONSTRAINTS else _left(text, left, operator)
        for side, words in (("left", left), ("right", right)):
            if not words:
                raise _nothing(text, operator, side)
        if operator.text == ":=":
            statements: Iterable[Statement] = [_definition(text, names, operator, right)]
        elif operator.text in CONSTRAINTS:
            statements = [_constraint(text, left, operator, right)]
        else:
            statements = (
                replace(s, block=block, efa=blocks.get(s.lhs, ""))
                for s in effects(text, names, operator, right)
            )
        for statement in statements:
            _check_block(text, statement)
            _add(text, found, statement)
    if not found:
        raise ModelSyntaxError(
            "the model text is empty", fix='write at least one statement, as in "y ~ x"'
        )
    rows = tuple(found.values())
    check_blocks(text, rows)
    check_expressions(text, rows)
    check_thresholds(text, rows)
    return rows


def _nothing(text: str, operator: Token, side: str) -> ModelSyntaxError:
    return syntax_error(
        f"nothing stands to the {side} of {operator.text}",
        text,
        operator.position,
        len(operator.text),
        fix="start the line with the variable it is about"
        if side == "left"
        else "add the variables, joined by +",
    )


def _block(text: str, word: Token, name: list[Token]) -> str:
    """Return what a ``group:`` line names."""
    if not name:
        raise syntax_error(
            "this line names no group", text, word.position, len(word.text),
            fix="write group: 1, or the name of the group",
        )  # fmt: skip
    start, stop = name[0].position, name[-1].position + len(name[-1].text)
    return without_comments(name, start, stop).strip().strip("\"'").strip()


def _check_block(text: str, statement: Statement) -> None:
    if statement.block and statement.each:
        raise syntax_error(
            "c() stands below a group: line",
            text,
            position_of(text, statement),
            max(len(statement.rhs), 1),
            why="there, every statement is about one group",
            fix="give one value or label",
        )


def _add(text: str, found: dict[tuple[str, ...], Statement], new: Statement) -> None:
    op, rhs = new.op, new.rhs
    key = (new.block, new.lhs, op, "" if op == ":=" else rhs)
    old = found.get(key)
    if old is None and op == "~~":
        old = found.get((new.block, rhs, op, new.lhs))
    if old is None:
        found[key] = new
        return
    shown = f"{new.lhs} {op}{rhs and ' '}{rhs}" if op != ":=" else f"{new.lhs} :="
    raise syntax_error(
        f"{shown} is given twice, first in line {old.line}",
        text,
        position_of(text, new),
        max(len(rhs), 1),
        why="the two might disagree, and nobody could tell which one was used",
        fix=f"delete one of them (line {old.line} or line {new.line})",
    )


def _left(text: str, tokens: list[Token], operator: Token) -> tuple[list[str], dict[str, str]]:
    """Return the variables on the left, and the exploratory blocks of some of them."""
    if not tokens:
        raise _nothing(text, operator, "left")
    names: list[str] = []
    blocks: dict[str, str] = {}
    for term in split(tokens, "+"):
        if len(term) == 1 and term[0].kind == "name":
            names.append(term[0].text)
            continue
        name, block = _explored(text, term, operator)
        names.append(name)
        blocks[name] = block
    return names, blocks


def _explored(text: str, term: list[Token], operator: Token) -> tuple[str, str]:
    """Return factor and block of ``efa("b1")*f``."""
    words = [word.text for word in term]
    right = words[:2] == ["efa", "("] and words[3:5] == [")", "*"] and len(words) == 6
    if not right or operator.text != "=~" or term[5].kind != "name":
        raise bad_term(text, term, operator, "left")
    block = words[2].strip("\"'")
    if term[2].kind != "quoted" or not block:
        raise syntax_error(
            "efa() needs the name of a block",
            text,
            term[0].position,
            3,
            fix='write efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3',
        )
    return words[5], block


def _definition(text: str, names: list[str], operator: Token, right: list[Token]) -> Statement:
    if len(names) > 1:
        raise syntax_error(
            "only one parameter can be defined at a time",
            text,
            operator.position,
            2,
            fix=f"write {names[0]} := ... and {names[1]} := ... in two lines",
        )
    body, line, column = _expression(text, right)
    return Statement(names[0], ":=", body, line=line, column=column)


def _constraint(text: str, left: list[Token], operator: Token, right: list[Token]) -> Statement:
    lhs, line, column = _expression(text, left)
    rhs, _, _ = _expression(text, right)
    return Statement(lhs, operator.text, rhs, line=line, column=column)


def _expression(text: str, tokens: list[Token]) -> tuple[str, int, int]:
    """Return an expression without comments, and its line and column."""
    start = tokens[0].position
    body = without_comments(tokens, start, tokens[-1].position + len(tokens[-1].text))
    parse_in(body, text, start)
    return " ".join(body.split()), *line_and_column(text, start)


def without_comments(tokens: list[Token], start: int, stop: int) -> str:
    """Return the text of some words, with spaces where comments and line ends stood."""
    body = [" "] * (stop - start)
    for token in tokens:
        body[token.position - start : token.position - start + len(token.text)] = token.text
    return "".join(body)
