"""Read the right-hand side of a statement: variables with their modifiers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from truststats.errors import TrustStatsError
from truststats.model.caret import line_and_column, syntax_error
from truststats.model.modifiers import join, merge, modifier
from truststats.model.statement import Statement
from truststats.model.tokens import Token

__all__ = ["bad_term", "effects", "split"]


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
        terms[term.rhs] = merge(text, old, term, part) if old else term
    for name in names:
        for term in terms.values():
            yield replace(term, lhs=name)


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
        changed = modifier(text, tokens, statement)
        statement = join(text, statement, changed, tokens)
    return statement


def _intercept(
    text: str, statement: Statement, target: Token, operator: Token, modified: bool
) -> Statement:
    if operator.text != "~" or target.text not in ("1", "0") or (modified and target.text == "0"):
        raise bad_term(text, [target], operator, "right")
    fixed = 0.0 if target.text == "0" else None
    return replace(statement, op="~1", rhs="", fixed=fixed)


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
