"""Problems in the reader's language: by code where the language has words, else as they are."""

from __future__ import annotations

from truststats.errors import Problem
from truststats.present.words import Words

__all__ = ["problem_words"]


def problem_words(problem: Problem, say: Words) -> tuple[str, str]:
    """Return message and remedy of a problem in a language.

    The English ones are written where the problem is found. Another language may have
    ``problem.<code>.message`` and ``problem.<code>.remedy`` with ``{count}`` and ``{where}``.

    Parameters
    ----------
    problem : Problem
        The problem.
    say : Words
        Words of the language.
    """
    key = f"problem.{problem.code}"
    if f"{key}.message" not in say:
        return problem.message, problem.remedy
    values = {"count": "" if problem.count is None else problem.count, "where": problem.where}
    return (
        say(f"{key}.message", **values),
        say(f"{key}.remedy", **values) if f"{key}.remedy" in say else "",
    )
