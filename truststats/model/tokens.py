"""Cut model text into words with their places, and the words into statements."""

from __future__ import annotations

import re
from typing import NamedTuple

from truststats.errors import ModelSyntaxError, TrustStatsError
from truststats.model.caret import not_supported, syntax_error
from truststats.options import did_you_mean

__all__ = ["BLOCK", "OPERATORS", "Token", "statements_of"]

OPERATORS = ("=~", "~~", "~", "|", "~*~", ":=", "==", "<", ">")
"""The operators that make a statement; ``~1`` is the operator ``~`` with the term ``1``."""

BLOCK = ":"
"""The operator of a line that says which group the next statements are about."""

_NEEDS_OTHER = "what is not checked against an independent source gives no number"
_UNSUPPORTED: dict[str, tuple[str, str]] = {
    "|~": ("instruments (|~)", "leave them out"),
    "<~": ("composites (<~)", "measure the construct with =~"),
}
_MEANT: dict[str, str] = {
    "=": "Did you mean =~ (is measured by), ~ (is regressed on) or := (is defined as)?",
    "=~~": "Did you mean =~ (is measured by) or ~~ (is correlated with)?",
    "~=": "Did you mean =~ (is measured by)?",
    "~~~": "Did you mean ~~ (is correlated with)?",
    "<-": "Did you mean ~ (is regressed on)? A bound below zero needs a space: a < -1",
    "<~~": "Did you mean ~ (is regressed on)?",
    "->": "Did you mean ~ (is regressed on)? The outcome stands on the left: y ~ x",
    "<->": "Did you mean ~~ (is correlated with)?",
    "~*": "Did you mean ~*~ (is scaled by)?",
    "=:": "Did you mean := (is defined as)?",
    ":~": "Did you mean =~ (is measured by)?",
    "=+": "Did you mean =~ (is measured by)?",
    "<=": "Did you mean <? A bound that is reached counts as kept",
    ">=": "Did you mean >? A bound that is reached counts as kept",
    "=<": "Did you mean <? A bound that is reached counts as kept",
    "=>": "Did you mean >? A bound that is reached counts as kept",
    "===": "Did you mean == (is equal to)?",
    "<>": "Did you mean == (is equal to)?",
}
_BLOCKS = {"level": "two-level models", "block": "blocks", "class": "mixture models"}

_TOKEN = re.compile(
    r"(?P<space>[^\S\n]+)|(?P<comment>[#!][^\n]*)|(?P<end>[\n;])"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![^\W\d]))"
    r"|(?P<name>\.?[^\W\d][\w.]*)"
    r"|(?P<op><->|<-|->|~\*~?|[=~<>:|]+)"
    r"|(?P<sign>\*\*|[-+*/^(),])"
    r"|(?P<quoted>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<other>.)"
)


class Token(NamedTuple):
    """One word of the text: its kind, its spelling and the index of its first character."""

    kind: str
    text: str
    position: int


def statements_of(text: str) -> list[tuple[list[Token], Token, list[Token]]]:
    """Return left-hand words, operator and right-hand words of each statement.

    A ``group: name`` line comes as ``group``, ``:`` and the words of the name. A line without
    an operator continues the statement before it; ``;`` ends a line too.

    Raises
    ------
    ModelSyntaxError
        For a character, an operator or a line that is not of the language.
    NotSupportedError
        For a part of the language whose numbers are not checked yet.
    """
    statements: list[tuple[list[Token], Token, list[Token]]] = []
    for line in _lines(text):
        at = [i for i, token in enumerate(line) if token.kind == "op"]
        if not at:
            if not statements or statements[-1][1].text == BLOCK:
                raise _no_operator(text, line)
            statements[-1][2].extend(line)
            continue
        operator = line[at[0]]
        if _is_block(line, at):
            statements.append((line[:1], operator, line[2:]))
            continue
        if operator.text not in OPERATORS or len(at) > 1:
            raise _wrong_operator(text, line, at)
        statements.append((line[: at[0]], operator, line[at[0] + 1 :]))
    return statements


def _is_block(line: list[Token], at: list[int]) -> bool:
    return at[0] == 1 and line[1].text == BLOCK and line[0].text.casefold() == "group"


def _lines(text: str) -> list[list[Token]]:
    lines: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind == "end":
            lines.append([])
        elif kind == "other":
            raise _strange(text, match.group(), match.start())
        elif kind not in ("space", "comment"):
            lines[-1].append(Token(kind, match.group(), match.start()))
    return [line for line in lines if line]


def _strange(text: str, character: str, position: int) -> TrustStatsError:
    if character == "`":
        fix = "rename the column to letters, digits, _ and . and write the name without back-ticks"
    elif character.isdigit():
        fix = "start names with a letter, as in x1"
    else:
        fix = "use letters, digits, _ and . in names"
    return syntax_error(f"{character!r} cannot stand here", text, position, fix=fix)


def _no_operator(text: str, line: list[Token]) -> ModelSyntaxError:
    first, last = line[0], line[-1]
    return syntax_error(
        "this line says nothing about the variables",
        text,
        first.position,
        last.position + len(last.text) - first.position,
        why="a statement needs one of the operators =~ ~ ~~ | ~*~ := == < >",
        fix="write for example: trust =~ t1 + t2 + t3",
    )


def _wrong_operator(text: str, line: list[Token], at: list[int]) -> TrustStatsError:
    first = line[at[0]]
    before = line[: at[0]]
    if first.text == ":" and len(before) == 1 and before[0].text.casefold() in _BLOCKS:
        name = before[0]
        return not_supported(
            f"{_BLOCKS[name.text.casefold()]} ({name.text}:) are not supported yet",
            text,
            name.position,
            len(name.text),
            why=_NEEDS_OTHER,
            fix="write the model of one level",
        )
    for index in at:
        token = line[index]
        if token.text in _UNSUPPORTED:
            what, fix = _UNSUPPORTED[token.text]
            return not_supported(
                f"{what} are not supported yet",
                text,
                token.position,
                len(token.text),
                why=_NEEDS_OTHER,
                fix=fix,
            )
    bad = next((line[i] for i in at if line[i].text not in OPERATORS), None)
    if bad is None:
        second = line[at[1]]
        return syntax_error(
            f"a second operator {second.text} in one statement",
            text,
            second.position,
            len(second.text),
            fix="write one statement a line, or put ; between them",
        )
    meant = _MEANT.get(bad.text) or did_you_mean(bad.text, OPERATORS).strip()
    return syntax_error(
        f"{bad.text} is not an operator. {meant}".strip(),
        text,
        bad.position,
        len(bad.text),
        fix="use =~ ~ ~~ | ~*~ := == < or >",
    )
