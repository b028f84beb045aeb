"""Read what stands before the ``*`` of a term: values, labels, starts and bounds, also by group."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from truststats.errors import ModelSyntaxError
from truststats.model.caret import not_supported, syntax_error
from truststats.model.expression import Expression, parse_in
from truststats.model.statement import Modifiers, Statement
from truststats.model.tokens import Token
from truststats.options import did_you_mean

__all__ = ["is_label", "join", "merge", "modifier"]

_UNSUPPORTED: dict[str, str] = {
    "efa": "write it before a factor, as in efa('b1')*f1 + efa('b1')*f2 =~ x1 + x2",
    "rv": "leave the random slope out",
    "prior": "leave the prior out",
}
_FUNCTIONS = ("start", "label", "equal", "lower", "upper", "c")
_NAMES = {
    "fixed": "two fixed values for one parameter",
    "label": "two labels for one parameter",
    "start": "two start values for one parameter",
    "lower": "two lower bounds for one parameter",
    "upper": "two upper bounds for one parameter",
    "free": "a parameter that is both free (NA*) and fixed to a value",
}
_AUTOMATIC = re.compile(r"\.p\d+\.$")
_EXAMPLE = "write 0.5*x, a*x, NA*x, start(0.5)*x, or c(a, b)*x for two groups"


def is_label(text: str) -> bool:
    """Tell whether a text can be the label of a parameter."""
    return text.replace(".", "_").isidentifier()


def merge(text: str, old: Statement, new: Statement, part: list[Token]) -> Statement:
    """Unite the modifiers of one term written several times, as in ``a*x + start(1)*x``."""
    where, length = _extent(part)
    if not new.each and new.modifiers == Modifiers():
        raise syntax_error(
            f"{new.rhs or '1'} stands twice on the right",
            text,
            where,
            length,
            fix="delete one of them",
        )
    return join(text, old, new, part)


def join(text: str, old: Statement, new: Statement, part: list[Token]) -> Statement:
    """Unite the modifiers of one term, as in ``a*start(1)*x``."""
    where, length = _extent(part)
    if old.each or new.each:
        return _merge_groups(text, old, new, where, length)
    return replace(old, **_united(text, old.modifiers, new.modifiers, where, length))


def _extent(part: list[Token]) -> tuple[int, int]:
    return part[0].position, part[-1].position - part[0].position + len(part[-1].text)


def _merge_groups(text: str, old: Statement, new: Statement, where: int, length: int) -> Statement:
    count = max(len(old.each), len(new.each))
    if old.each and new.each and len(old.each) != len(new.each):
        raise syntax_error(
            f"one modifier of {new.rhs or '1'} is for {len(old.each)} groups, another for "
            f"{len(new.each)}",
            text,
            where,
            length,
            fix="give every c() of a term one entry for each group",
        )
    each = tuple(
        Modifiers(**_united(text, a, b, where, length))
        for a, b in zip(
            old.each or (old.modifiers,) * count, new.each or (new.modifiers,) * count, strict=True
        )
    )
    bare = Statement(old.lhs, old.op, old.rhs, block=old.block, line=old.line, column=old.column)
    return replace(bare, each=each)


def _united(text: str, old: Modifiers, new: Modifiers, where: int, length: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("fixed", "label", "start", "lower", "upper"):
        a, b = getattr(old, name), getattr(new, name)
        if a is not None and b is not None:
            raise _conflict(text, where, length, name)
        found[name] = b if a is None else a
    found["free"] = old.free or new.free
    if found["free"] and found["fixed"] is not None:
        raise _conflict(text, where, length, "free")
    if None not in (found["lower"], found["upper"]) and found["lower"] > found["upper"]:
        raise syntax_error(
            f"the lower bound {found['lower']:g} is above the upper bound {found['upper']:g}",
            text,
            where,
            length,
            fix="exchange the two",
        )
    return found


def _conflict(text: str, position: int, length: int, name: str) -> ModelSyntaxError:
    return syntax_error(_NAMES[name], text, position, length, fix="keep one of them")


def modifier(text: str, tokens: list[Token], statement: Statement) -> Statement:
    """Return a statement that holds this one modifier and nothing else."""
    bare = Statement(statement.lhs, statement.op, statement.rhs)
    first = tokens[0]
    if first.kind == "name" and len(tokens) > 1 and tokens[1].text == "(":
        return _function(text, tokens, bare)
    return _given(bare, [_word(text, tokens)])


def _word(text: str, tokens: list[Token]) -> Modifiers:
    """Return a value, a label or NA."""
    first = tokens[0]
    if len(tokens) == 1 and first.kind == "name":
        return Modifiers(free=True) if first.text == "NA" else Modifiers(label=_name(text, first))
    if len(tokens) == 1 and first.kind == "quoted":
        return Modifiers(label=_quoted(text, first))
    if any(token.kind in ("name", "quoted") for token in tokens):
        name = next(token for token in tokens if token.kind in ("name", "quoted"))
        raise syntax_error(
            "a modifier is a number, a label, NA or start(number), also within c()",
            text,
            name.position,
            len(name.text),
            fix=_EXAMPLE,
        )
    return Modifiers(fixed=_number(text, tokens))


def _given(bare: Statement, each: Sequence[Modifiers]) -> Statement:
    if len(each) == 1:
        m = each[0]
        return replace(
            bare, fixed=m.fixed, free=m.free, label=m.label, start=m.start,
            lower=m.lower, upper=m.upper,
        )  # fmt: skip
    return replace(bare, each=tuple(each))


def _function(text: str, tokens: list[Token], bare: Statement) -> Statement:
    name = tokens[0].text
    length = tokens[-1].position + len(tokens[-1].text) - tokens[0].position
    if name in _UNSUPPORTED:
        raise not_supported(
            f"the modifier {name}() is not supported yet",
            text,
            tokens[0].position,
            len(name),
            why="what is not checked against an independent source gives no number",
            fix=_UNSUPPORTED[name],
        )
    if name not in _FUNCTIONS:
        raise syntax_error(
            f"{name}() is not a modifier.{did_you_mean(name, _FUNCTIONS)}",
            text,
            tokens[0].position,
            len(name),
            fix=_EXAMPLE,
        )
    inside = tokens[2:-1]
    if tokens[-1].text != ")" or not inside:
        raise syntax_error(
            f"{name}( needs one value and a closing )",
            text,
            tokens[0].position,
            length,
            fix="write start(0.5)*x or label(a)*x; c(a, b)*x for two groups",
        )
    if name == "c":
        return _given(bare, _vector(text, tokens))
    parts = _entries(text, inside)
    if name == "start":
        return _given(bare, [Modifiers(start=_or_none(text, part)) for part in parts])
    if name == "lower":
        return _given(bare, [Modifiers(lower=_bound(text, part)) for part in parts])
    if name == "upper":
        return _given(bare, [Modifiers(upper=_bound(text, part)) for part in parts])
    return _given(bare, [Modifiers(label=_labelled(text, name, part)) for part in parts])


def _vector(text: str, tokens: list[Token]) -> list[Modifiers]:
    """Return the entries of ``c(...)``: all labels, or numbers and NA."""
    parts = _entries(text, tokens)
    quoted = all(part[0].kind == "quoted" or part[0].text == "NA" for part in parts)
    quoted = quoted and any(part[0].kind == "quoted" for part in parts)
    empty = [
        len(part) == 1 and part[0].text in (('""', "''", "NA") if quoted else ('""', "''"))
        for part in parts
    ]
    each = [
        Modifiers() if none else _word(text, part) for part, none in zip(parts, empty, strict=True)
    ]
    labels = [none or m.label is not None for none, m in zip(empty, each, strict=True)]
    if any(labels) and not all(labels):
        odd = parts[labels.index(False)][0]
        raise syntax_error(
            "labels and values stand in one c()",
            text,
            odd.position,
            len(odd.text),
            why="one vector gives the labels of the groups, another their values",
            fix='write two modifiers, as in c("a", "")*x + c(NA, 1)*x',
        )
    return each


def _entries(text: str, tokens: list[Token]) -> list[list[Token]]:
    """Return the entries of ``c(...)``, or the one entry of anything else."""
    if tokens[0].text != "c" or len(tokens) < 2 or tokens[1].text != "(":
        comma = next((token for token in tokens if token.text == ","), None)
        if comma is not None:
            raise syntax_error(
                "two values without c()", text, comma.position, fix="write c(0.5, 0.6)"
            )
        return [tokens]
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens[2:-1]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(token)
    if tokens[-1].text == ")" and all(parts):
        return parts
    raise syntax_error(
        "an entry of c() is missing",
        text,
        tokens[0].position,
        tokens[-1].position + len(tokens[-1].text) - tokens[0].position,
        fix='give each group one entry: a number, NA, a label, or "" for no label',
    )


def _or_none(text: str, tokens: list[Token]) -> float | None:
    return None if [token.text for token in tokens] == ["NA"] else _number(text, tokens)


def _bound(text: str, tokens: list[Token]) -> float | None:
    words = [token.text for token in tokens if token.text not in ("-", "+")]
    return None if words == ["Inf"] else _or_none(text, tokens)


def _labelled(text: str, name: str, tokens: list[Token]) -> str | None:
    token = tokens[0]
    if len(tokens) == 1 and name == "equal" and token.kind == "quoted":
        return "".join(token.text[1:-1].split())
    if len(tokens) == 1 and token.text in ('""', "''"):
        return None
    if len(tokens) == 1 and token.kind in ("name", "quoted"):
        return _name(text, token) if token.kind == "name" else _quoted(text, token)
    what, example = {
        "label": ("label() needs one name", "write label(a)*x or a*x"),
        "equal": ("equal() needs one parameter", 'write equal("f=~x2")*x3, or give both one label'),
    }[name]
    raise syntax_error(what, text, token.position, fix=example)


def _name(text: str, token: Token) -> str:
    if not _AUTOMATIC.match(token.text):
        return token.text
    raise not_supported(
        f"the automatic label {token.text}",
        text,
        token.position,
        len(token.text),
        why="it depends on the order of the rows of lavaan's table",
        fix="give the parameter a label of your own",
    )


def _quoted(text: str, token: Token) -> str:
    label = token.text[1:-1]
    if is_label(label):
        return _name(text, token._replace(text=label))
    raise syntax_error(
        f"{token.text} cannot be a label",
        text,
        token.position,
        len(token.text),
        fix="start with a letter and use letters, digits, _ and . only",
    )


def _number(text: str, tokens: list[Token]) -> float:
    start = tokens[0].position
    stop = tokens[-1].position + len(tokens[-1].text)
    body = text[start:stop]
    name = next((token for token in tokens if token.kind in ("name", "quoted")), None)
    if name is not None:
        raise syntax_error(
            f"{name.text} is not a number",
            text,
            name.position,
            len(name.text),
            fix="write a number, as in start(0.5)*x",
        )
    node = parse_in(body, text, start)
    value = float(node[1]) if node[0] == "number" else float(Expression(body).evaluate({}))
    if math.isfinite(value):
        return value
    raise syntax_error(
        f"{body} is not a finite number", text, start, stop - start, fix="write a number"
    )
