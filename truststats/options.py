"""The choices an option has, and one validator that says what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import numpy as np

from truststats.errors import OptionError

__all__ = [
    "FROM_SURVEY",
    "FromSurvey",
    "Language",
    "check_draws",
    "check_flag",
    "check_level",
    "choose",
    "did_you_mean",
    "generator",
]

Language = Literal["en", "nb"]


class FromSurvey:
    """Type of the sentinel `FROM_SURVEY`: take this setting from the survey's design."""

    def __repr__(self) -> str:
        return "FROM_SURVEY"


FROM_SURVEY: Final = FromSurvey()


def did_you_mean(value: str, choices: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest choice, or an empty string.

    Where none is close, the only choice that begins with the value is meant.
    """
    pool = list(choices)
    by_fold = {c.casefold(): c for c in pool}
    close = difflib.get_close_matches(value.casefold(), by_fold, n=1, cutoff=0.6)
    longer = [name for name in by_fold if len(value) > 2 and name.startswith(value.casefold())]
    close = close or (longer if len(longer) == 1 else [])
    return f" Did you mean {by_fold[close[0]]!r}?" if close else ""


def choose(
    option: str, value: object, choices: Iterable[str], *, aliases: Mapping[str, str] | None = None
) -> str:
    """Return the canonical spelling of an option's value, or raise with a suggestion.

    Parameters
    ----------
    option : str
        The option's name, for the message.
    value : object
        What the user gave; matched without regard to case.
    choices : iterable of str
        The accepted values.
    aliases : mapping, optional
        Other spellings and the choice each stands for.

    Raises
    ------
    OptionError
        If the value is neither a choice nor an alias.
    """
    pool = list(choices)
    names = {c.casefold(): c for c in pool}
    names.update({k.casefold(): v for k, v in (aliases or {}).items()})
    if isinstance(value, str) and value.casefold() in names:
        return names[value.casefold()]
    hint = did_you_mean(value, pool) if isinstance(value, str) else ""
    raise OptionError(
        f"{option}={value!r} is not one of its choices.{hint}",
        fix=f"use {option}= one of: {', '.join(repr(c) for c in pool)}",
    )


def check_level(level: float) -> float:
    """Return a confidence level, or raise `OptionError` unless it lies between 0 and 1."""
    if not 0.0 < level < 1.0:
        raise OptionError(
            f"A confidence level of {level!r} does not lie between 0 and 1.",
            fix="write 95 % as 0.95",
        )
    return level


def check_flag(name: str, value: Any) -> bool:
    """Return an option that is on or off, or raise `OptionError` for anything but a bool."""
    if not isinstance(value, bool | np.bool_):
        raise OptionError(f"{name}={value!r} is neither True nor False.", fix=f"use {name}=True")
    return bool(value)


def check_draws(draws: int) -> int:
    """Return a number of draws, or raise `OptionError` unless it is a whole number from 100."""
    if isinstance(draws, bool) or draws != int(draws):
        raise OptionError(f"draws={draws!r} is not a whole number.")
    if draws < 100:
        raise OptionError(f"draws={draws} is too few for an interval.", fix="use 1000 or more")
    return int(draws)


def generator(seed: Any, fixed: int) -> np.random.Generator:
    """Return the random generator of a seed, a Generator itself, or of one fixed seed for None.

    Raises
    ------
    OptionError
        If the seed is none.
    """
    try:
        return np.random.default_rng(fixed if seed is None else seed)
    except (TypeError, ValueError) as error:
        raise OptionError(
            f"seed={seed!r} is no seed.", fix="use a whole number from 0, such as seed=1, or None"
        ) from error
