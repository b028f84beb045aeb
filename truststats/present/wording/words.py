"""Every word shown to a reader, by language, from the TOML files in `present/language`.

A new language is a new file there: ``sv.toml`` with the keys of ``en.toml``. A key it lacks is
shown in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from truststats.options import choose

__all__ = ["NumberStyle", "Words", "language_code", "languages", "words"]

_ALIASES = {"no": "nb", "nb-no": "nb", "nb_no": "nb", "en-gb": "en", "en-us": "en", "en_us": "en"}


@dataclass(frozen=True)
class NumberStyle:
    """How a language writes numbers.

    Attributes
    ----------
    decimal, group, minus : str
        Decimal mark, thousands separator and minus sign.
    leading_zero : bool
        Whether a quantity that cannot exceed one keeps the zero before the decimal mark.
    between : str
        What stands between the two limits of an interval.
    percent : str
        Pattern with ``{value}``.
    missing : str
        What stands where there is no number.
    csv_delimiter : str
        The delimiter spreadsheets of that language expect.
    """

    decimal: str
    group: str
    minus: str
    leading_zero: bool
    between: str
    percent: str
    missing: str
    csv_delimiter: str


@dataclass(frozen=True)
class Words:
    """The words of one language: call it with a key and the values the sentence needs.

    Attributes
    ----------
    language : str
        Language code.
    table : mapping of str to str
        Sentences by dotted key, English where the language has none.
    numbers : NumberStyle
        How numbers are written.
    """

    language: str
    table: Mapping[str, str]
    numbers: NumberStyle

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the words of a key with its braces filled in."""
        return self.table[key].format(**values) if values else self.table[key]

    def __contains__(self, key: str) -> bool:
        return key in self.table

    def get(self, key: str, default: str) -> str:
        """Return the words of a key, or the default where there are none."""
        return self.table.get(key, default)


def languages() -> tuple[str, ...]:
    """Return the codes of the languages there is a file for."""
    folder = files("truststats.present") / "language"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def language_code(language: str | None) -> str:
    """Return the code of a language, or raise with the ones there are.

    Parameters
    ----------
    language : str or None
        A code such as ``"en"``, ``"nb"``, ``"nb-NO"``; None means English.

    Raises
    ------
    OptionError
        If there is no file for that language.
    """
    if language is None:
        return "en"
    return choose("language", language, languages(), aliases=_ALIASES)


def words(language: str | None = "en") -> Words:
    """Return the words of a language.

    Parameters
    ----------
    language : str or None
        Language code; None means English.

    Raises
    ------
    OptionError
        If there is no file for that language.
    """
    return _load(language_code(language))


@cache
def _load(code: str) -> Words:
    english = _read("en")
    own = english if code == "en" else _read(code)
    table = _flatten(english) | _flatten(own)
    return Words(code, table, NumberStyle(**(english["number"] | own.get("number", {}))))


def _read(code: str) -> dict[str, Any]:
    path = files("truststats.present") / "language" / f"{code}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= _flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
