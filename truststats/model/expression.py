"""Arithmetic over parameter labels, as in ``indirect := a * b``: parsed, never executed as code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from truststats.errors import ModelSyntaxError
from truststats.model.caret import point, syntax_error
from truststats.options import did_you_mean

__all__ = ["FUNCTIONS", "Expression", "resolve"]

Node = tuple[Any, ...]

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>\.?[^\W\d][\w.]*)|(?P<operator>\*\*|[-+*/^()])|(?P<other>.)",
    re.DOTALL,
)
_DEEPEST = 60


def _absolute(x: Any) -> Any:
    # |x| continued analytically from the real line, so that complex-step derivatives are right.
    return np.where(np.real(x) < 0, -x, x) if np.iscomplexobj(x) else np.abs(x)


FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": _absolute,
}
_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
}


@dataclass(frozen=True)
class Expression:
    """One arithmetic expression over named numbers.

    Numbers, names, ``+ - * / ^`` (also ``**``), parentheses and the functions ``exp``, ``log``,
    ``sqrt`` and ``abs``. Precedence is R's: ``-2^2`` is -4 and ``2^3^2`` is 512.

    Attributes
    ----------
    text : str
        The expression as written.

    Raises
    ------
    ModelSyntaxError
        If the text is not such an expression; the message points at the place.
    """

    text: str

    def __post_init__(self) -> None:
        _parse(self.text)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names that occur, in the order of first appearance."""
        return tuple(dict.fromkeys(_names(_parse(self.text))))

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Return the value, elementwise where the named values are arrays.

        Parameters
        ----------
        values : mapping of str to float or array
            One entry for each of `names`; real or complex, any mutually broadcastable shapes.

        Returns
        -------
        float or ndarray
            NaN or infinity where the expression is undefined, never an exception.
        """
        with np.errstate(all="ignore"):
            return _evaluate(_parse(self.text), values)

    def __str__(self) -> str:
        return self.text


def _evaluate(node: Node, values: Mapping[str, Any]) -> Any:
    kind = node[0]
    if kind == "number":
        return np.float64(node[1])
    if kind == "name":
        return np.asarray(values[node[1]])[()]
    if kind == "negative":
        return -_evaluate(node[1], values)
    if kind == "call":
        return FUNCTIONS[node[1]](_evaluate(node[2], values))
    return _BINARY[kind](_evaluate(node[1], values), _evaluate(node[2], values))


def _names(node: Node) -> Iterable[str]:
    if node[0] == "name":
        yield node[1]
    for part in node[1:]:
        if isinstance(part, tuple):
            yield from _names(part)


@lru_cache(maxsize=1024)
def _parse(text: str) -> Node:
    return parse_in(text, text, 0)


def parse_in(text: str, source: str, offset: int) -> Node:
    """Parse an expression that stands at `offset` of a longer text; errors point into that text."""
    tokens = [
        (match.lastgroup or "", match.group(), match.start() + offset)
        for match in _TOKEN.finditer(text)
        if match.lastgroup != "space"
    ]
    tokens.append(("end", "", offset + len(text.rstrip())))
    reader = _Reader(tokens, source)
    node = reader.sum(0)
    kind, value, position = reader.peek()
    if kind != "end":
        raise syntax_error(
            f"unexpected {value!r} in an expression",
            source,
            position,
            len(value),
            fix="join two terms with one of + - * / ^",
        )
    return node


class _Reader:
    """Recursive descent over the tokens; `position` is the only state."""

    def __init__(self, tokens: list[tuple[str, str, int]], source: str) -> None:
        self.tokens = tokens
        self.source = source
        self.position = 0

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.position]

    def take(self, *operators: str) -> str:
        kind, value, _ = self.tokens[self.position]
        if kind != "operator" or value not in operators:
            return ""
        self.position += 1
        return value

    def sum(self, depth: int) -> Node:
        node = self.product(depth)
        while operator := self.take("+", "-"):
            node = (operator, node, self.product(depth))
        return node

    def product(self, depth: int) -> Node:
        node = self.signed(depth)
        while operator := self.take("*", "/"):
            node = (operator, node, self.signed(depth))
        return node

    def signed(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise syntax_error(
                f"the expression is nested more than {_DEEPEST} deep",
                self.source,
                self.peek()[2],
                fix="split it into several defined parameters",
            )
        if sign := self.take("+", "-"):
            node = self.signed(depth + 1)
            return ("negative", node) if sign == "-" else node
        return self.power(depth)

    def power(self, depth: int) -> Node:
        base = self.atom(depth)
        if self.take("^", "**"):
            return ("^", base, self.signed(depth + 1))
        return base

    def atom(self, depth: int) -> Node:
        kind, value, position = self.peek()
        if kind == "number":
            self.position += 1
            return ("number", float(value))
        if kind == "name":
            self.position += 1
            if self.take("("):
                return self.call(value, position, depth)
            return ("name", value)
        if self.take("("):
            return self.close(self.sum(depth + 1), position)
        raise self.misplaced(kind, value, position)

    def call(self, name: str, position: int, depth: int) -> Node:
        if name not in FUNCTIONS:
            raise syntax_error(
                f"{name}() is not a function of expressions.{did_you_mean(name, FUNCTIONS)}",
                self.source,
                position,
                len(name),
                fix=f"use one of {', '.join(sorted(FUNCTIONS))}",
            )
        return self.close(("call", name, self.sum(depth + 1)), position)

    def close(self, node: Node, position: int) -> Node:
        if self.take(")"):
            return node
        raise syntax_error(
            "a parenthesis is not closed", self.source, position, fix="add the missing )"
        )

    def misplaced(self, kind: str, value: str, position: int) -> ModelSyntaxError:
        what = "the expression ends too early" if kind == "end" else f"unexpected {value!r}"
        return syntax_error(
            what,
            self.source,
            min(position, max(len(self.source) - 1, 0)),
            len(value) or 1,
            why="a number, a label or ( is expected here",
            fix="write an expression such as a * b or (a + b) / 2",
        )


def resolve(
    defined: Mapping[str, Expression],
    labels: Iterable[str],
    *,
    source: str = "",
    offsets: Mapping[str, int] | None = None,
) -> tuple[tuple[str, Expression], ...]:
    """Return the defined parameters in an order in which each can be computed.

    Parameters
    ----------
    defined : mapping of str to Expression
        The defined parameters, in the order of the text, which is kept where possible.
    labels : iterable of str
        The labels of the model's parameters.
    source : str
        The model text, for the messages; without it they show the expression alone.
    offsets : mapping of str to int, optional
        Where each expression starts in `source`.

    Raises
    ------
    ModelSyntaxError
        If an expression uses a name that is neither a label nor a defined parameter, or if
        defined parameters go round in a circle.
    """
    known = set(labels)
    done: dict[str, Expression] = {}

    def blame(name: str, used: str) -> str:
        text = defined[name].text
        found = re.search(rf"(?<![\w.]){re.escape(used)}(?![\w.])", text)
        start = found.start() if found else 0
        if source and offsets is not None:
            return point(source, offsets[name] + start, len(used))
        return point(text, start, len(used))

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in done:
            return
        for used in defined[name].names:
            if used in path or used == name:
                raise _circle((*path, name), used, blame(name, used))
            if used in defined:
                visit(used, (*path, name))
            elif used not in known:
                raise _unknown(name, used, known | set(defined), blame(name, used))
        done[name] = defined[name]

    for name in defined:
        visit(name, ())
    return tuple(done.items())


def _circle(path: tuple[str, ...], used: str, where: str) -> ModelSyntaxError:
    circle = " -> ".join((*path[path.index(used) :], used))
    return ModelSyntaxError(
        f"the defined parameter {used!r} is defined by itself: {circle}",
        where=where,
        fix="write it with labels of parameters only",
    )


def _unknown(name: str, used: str, known: set[str], where: str) -> ModelSyntaxError:
    return ModelSyntaxError(
        f"{name!r} uses {used!r}, which labels no parameter.{did_you_mean(used, sorted(known))}",
        where=where,
        why="a defined parameter can use labels and other defined parameters only",
        fix=f"label a parameter, as in y ~ {used}*x",
    )
