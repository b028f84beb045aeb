"""Read the right-hand side of a statement: variables with their modifiers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from truststats.errors import ModelSyntaxError, TrustStatsError
from truststats.model.caret import line_and_column, not_supported, syntax_error
from truststats.model.expression import Expression, parse_in
from truststats.model.statement import Statement
from truststats.model.tokens import Token
from truststats.options import did_you_mean

__all__ = ["bad_term", "effects", "split"]

_UNSUPPORTED_MODIFIERS: dict[str, str] = {
    "c": "write the model of one group; give one value or label instead of c()",
    "equal": "give both parameters the same label",
    "efa": "write the loadings out, with NA* and fixed values",
    "rv": "leave the random slope out",
    "lower": "leave the bound out",
    "upper": "leave the bound out",
    "prior": "leave the prior out",
}
_MODIFIERS = ("start", "label")


def split(tokens: list[Token], sign: str) -> list[list[Token]]:
    """Split at a sign outside parentheses; an empty part holds the sign, to point at."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.text == "(":
            depth += 1
        elif token.text == ")":
            depth -= 1
        if token.text == sign and depth == 0:
            parts.append([token])
        else:
            parts[-1].append(token)
    return [parts[0] or parts[1][:1], *(part[1:] or part[:1] for part in parts[1:])]


def effects(
    text: str, names: list[str], operator: Token, right: list[Token]
) -> Iterable[Statement]:
    """Yield the statements of ``names operator right``, each left-hand name in turn.

    Modifiers of a term that is written several times are united.
    """
    terms: dict[str, Statement] = {}
    for part in split(right, "+"):
        term = _term(text, part, operator)
        old = terms.get(term.rhs)
        terms[term.rhs] = _merge(text, old, term, part) if old else term
    for name in names:
        for term in terms.values():
            yield replace(term, lhs=name)


def _merge(text: str, old: Statement, new: Statement, part: list[Token]) -> Statement:
    """Unite the modifiers of one term written several times, as in ``a*x + start(1)*x``."""
    where, length = part[0].position, part[-1].position - part[0].position + len(part[-1].text)
    if (new.fixed, new.free, new.label, new.start) == (None, False, None, None):
        raise syntax_error(
            f"{new.rhs or '1'} stands twice on the right",
            text,
            where,
            length,
            fix="delete one of them",
        )
    for name in ("fixed", "label", "start"):
        if getattr(old, name) is not None and getattr(new, name) is not None:
            raise _conflict(text, where, length, name)
    if (old.free or new.free) and (old.fixed is not None or new.fixed is not None):
        raise _conflict(text, where, length, "free")
    return replace(
        old,
        fixed=new.fixed if old.fixed is None else old.fixed,
        free=old.free or new.free,
        label=old.label or new.label,
        start=new.start if old.start is None else old.start,
    )


def _conflict(text: str, position: int, length: int, name: str) -> ModelSyntaxError:
    what = {
        "fixed": "two fixed values for one parameter",
        "label": "two labels for one parameter",
        "start": "two start values for one parameter",
        "free": "a parameter that is both free (NA*) and fixed to a value",
    }[name]
    return syntax_error(what, text, position, length, fix="keep one of them")


def _term(text: str, part: list[Token], operator: Token) -> Statement:
    *modifiers, variable = split(part, "*")
    if len(variable) != 1 or variable[0].kind not in ("name", "number"):
        raise bad_term(text, variable if modifiers else part, operator, "right")
    target = variable[0]
    line, column = line_and_column(text, target.position)
    statement = Statement("", operator.text, target.text, line=line, column=column)
    if target.kind == "number":
        statement = _intercept(text, statement, target, operator, bool(modifiers))
    elif target.text == "NA":
        raise bad_term(text, part, operator, "right")
    for tokens in modifiers:
        changed = _modifier(text, tokens, statement)
        statement = _merge(text, statement, changed, tokens)
    return statement


def _intercept(
    text: str, statement: Statement, target: Token, operator: Token, modified: bool
) -> Statement:
    if operator.text != "~" or target.text not in ("1", "0") or (modified and target.text == "0"):
        raise bad_term(text, [target], operator, "right")
    fixed = 0.0 if target.text == "0" else None
    return replace(statement, op="~1", rhs="", fixed=fixed)


def _modifier(text: str, tokens: list[Token], statement: Statement) -> Statement:
    """Return a statement that holds this one modifier and nothing else."""
    bare = Statement(statement.lhs, statement.op, statement.rhs)
    first = tokens[0]
    if len(tokens) == 1 and first.kind == "name":
        return replace(bare, free=True) if first.text == "NA" else replace(bare, label=first.text)
    if len(tokens) == 1 and first.kind == "quoted":
        return replace(bare, label=_quoted_label(text, first))
    if first.kind == "name" and len(tokens) > 2 and tokens[1].text == "(":
        return _function(text, tokens, bare)
    if any(token.kind in ("name", "quoted") for token in tokens):
        name = next(token for token in tokens if token.kind in ("name", "quoted"))
        raise syntax_error(
            "a modifier is a number, a label, NA or start(number)",
            text,
            name.position,
            len(name.text),
            fix="write 0.5*x, a*x, NA*x or start(0.5)*x",
        )
    return replace(bare, fixed=_number(text, tokens))


def _function(text: str, tokens: list[Token], bare: Statement) -> Statement:
    name = tokens[0].text
    if name in _UNSUPPORTED_MODIFIERS:
        raise not_supported(
            f"the modifier {name}() is not supported yet",
            text,
            tokens[0].position,
            len(name),
            why="what is not checked against an independent source gives no number",
            fix=_UNSUPPORTED_MODIFIERS[name],
        )
    if name not in _MODIFIERS:
        raise syntax_error(
            f"{name}() is not a modifier.{did_you_mean(name, _MODIFIERS)}",
            text,
            tokens[0].position,
            len(name),
            fix="write 0.5*x, a*x, NA*x or start(0.5)*x",
        )
    inside = tokens[2:-1]
    if tokens[-1].text != ")" or not inside:
        raise syntax_error(
            f"{name}( needs one value and a closing )",
            text,
            tokens[0].position,
            tokens[-1].position + len(tokens[-1].text) - tokens[0].position,
            fix="write start(0.5)*x or label(a)*x",
        )
    if name == "start":
        return replace(bare, start=_number(text, inside))
    if len(inside) == 1 and inside[0].kind in ("name", "quoted"):
        token = inside[0]
        label = token.text if token.kind == "name" else _quoted_label(text, token)
        return replace(bare, label=label)
    raise syntax_error(
        "label() needs one name", text, inside[0].position, fix="write label(a)*x or a*x"
    )


def _quoted_label(text: str, token: Token) -> str:
    label = token.text[1:-1]
    if label.replace(".", "_").isidentifier():
        return label
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


def bad_term(text: str, term: list[Token], operator: Token, side: str) -> TrustStatsError:
    """Return the error for a term that is no variable, guessing what was meant."""
    first, last = term[0], term[-1]
    length = last.position + len(last.text) - first.position
    extra = {"why": "", "fix": "join variables with +"}
    if len(term) == 1 and first.text in ("+", "*"):
        what = f"a variable is missing beside {first.text}"
        extra["fix"] = "add the variable, or delete the sign"
    elif any(token.text == "-" for token in term):
        what = "variables cannot be subtracted"
        extra["fix"] = "join variables with +; if - is part of a name, rename the column with _"
    elif len(term) == 1 and first.kind == "number":
        what = f"the number {first.text} cannot stand on the {side} of {operator.text}"
        extra["fix"] = f"fix a value with {first.text}*x; write an intercept as y ~ 1"
    elif len(term) > 1 and all(token.kind in ("name", "number") for token in term):
        what, extra["why"] = "two names without a + between them", "names have no spaces"
        extra["fix"] = "put + between variables, or rename the column with _ for the space"
    elif side == "left":
        what = f"only variables joined by + can stand on the left of {operator.text}"
        extra["fix"] = "put modifiers on the right, as in f =~ a*x"
    elif first.text == "NA":
        what, extra["fix"] = "NA is not a variable", "write NA*x to free a parameter"
    else:
        what = "this is not a variable"
        extra["fix"] = "write a variable, or a modifier and a variable as in a*x"
    return syntax_error(what, text, first.position, length, **extra)
