"""Problems in the reader's language: by code where the language has words, else as they are."""

from __future__ import annotations

import re

from truststats.errors import Problem
from truststats.present.wording.group_words import in_group
from truststats.present.wording.problem_values import problem_values
from truststats.present.wording.words import Words

__all__ = ["problem_words"]

_DECIMAL = re.compile(r"(-?)(\d+)\.(\d+)")
_SOME = re.compile(r"(\d+) (\w+)\((\w+)\)")
_REST = re.compile(r" and (\d+) more$")


def problem_words(problem: Problem, say: Words) -> tuple[str, str]:
    """Return message and remedy of a problem in a language.

    The English ones are written where the problem is found. Another language may have
    ``problem.<code>.message`` and ``problem.<code>.remedy`` with ``{count}``, ``{where}`` and the
    names that `problem_values` reads for that code. A further key ``problem.<code>.<name>`` is a
    piece of sentence that stands for ``{name}`` where the message says something of that name, and
    else leaves it empty. ``{count} rad(er)`` becomes one row or several. A message that cannot be
    read stays English, so that no number is lost.

    Parameters
    ----------
    problem : Problem
        The problem.
    say : Words
        Words of the language.
    """
    key = f"problem.{problem.code}"
    found = problem_values(problem)
    if f"{key}.message" not in say or found is None:
        return in_group(problem.group, problem.message, say), problem.remedy
    values = {name: _in_language(text or "", say) for name, text in found.items()}
    values["count"] = "" if problem.count is None else str(problem.count)
    values["where"] = _in_language(problem.where, say)
    pieces = {
        name: say(f"{key}.{name}", **values) if text else ""
        for name, text in found.items()
        if f"{key}.{name}" in say
    }
    values |= pieces
    remedy = say(f"{key}.remedy", **values) if problem.remedy and f"{key}.remedy" in say else ""
    message = _SOME.sub(_number_of, say(f"{key}.message", **values))
    return in_group(problem.group, message, say), remedy


def _number_of(found: re.Match[str]) -> str:
    """Return ``1 rad`` or ``2 rader`` of a number before ``rad(er)``."""
    count, noun, ending = found.groups()
    return f"{count} {noun}{'' if count == '1' else ending}"


def _in_language(text: str, say: Words) -> str:
    """Return a number or a list of names as the language writes it."""
    number = _DECIMAL.fullmatch(text)
    if number is not None:
        minus, whole, fraction = number.groups()
        return f"{minus and say.numbers.minus}{whole}{say.numbers.decimal}{fraction}"
    return _REST.sub(lambda rest: " " + say("common.and_more", n=rest[1]), text)
