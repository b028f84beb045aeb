"""Read model text in lavaan's syntax for one group, and write it back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby

from truststats.errors import ModelSyntaxError, TrustStatsError
from truststats.model.caret import line_and_column, not_supported, syntax_error
from truststats.model.expression import Expression, parse_in, resolve
from truststats.model.tokens import Token, statements_of
from truststats.options import did_you_mean

__all__ = ["Statement", "canonical", "parse"]


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
            statements = _effects(text, names, operator, right)
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
    for term in _split(tokens, "+"):
        if len(term) == 1 and term[0].kind == "name":
            names.append(term[0].text)
            continue
        raise _bad_term(text, term, operator, "left")
    return names


def _split(tokens: list[Token], sign: str) -> list[list[Token]]:
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


def _effects(
    text: str, names: list[str], operator: Token, right: list[Token]
) -> Iterable[Statement]:
    terms: dict[str, Statement] = {}
    for part in _split(right, "+"):
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
    *modifiers, variable = _split(part, "*")
    if len(variable) != 1 or variable[0].kind not in ("name", "number"):
        raise _bad_term(text, variable if modifiers else part, operator, "right")
    target = variable[0]
    line, column = line_and_column(text, target.position)
    statement = Statement("", operator.text, target.text, line=line, column=column)
    if target.kind == "number":
        statement = _intercept(text, statement, target, operator, bool(modifiers))
    elif target.text == "NA":
        raise _bad_term(text, part, operator, "right")
    for tokens in modifiers:
        changed = _modifier(text, tokens, statement)
        statement = _merge(text, statement, changed, tokens)
    return statement


def _intercept(
    text: str, statement: Statement, target: Token, operator: Token, modified: bool
) -> Statement:
    if operator.text != "~" or target.text not in ("1", "0") or (modified and target.text == "0"):
        raise _bad_term(text, [target], operator, "right")
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


def _bad_term(text: str, term: list[Token], operator: Token, side: str) -> TrustStatsError:
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
