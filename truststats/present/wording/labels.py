"""What the variables of a model are called, in a language, and how their items are worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from truststats.constructs import list_constructs, load_construct
from truststats.present.wording.words import language_code, words
from truststats.results.verdicts import in_language

__all__ = ["Labels", "labels_of", "library_label", "part_of"]

_PARTS = {
    "=~": "loading",
    "~": "regression",
    "~~": "covariance",
    "~1": "intercept",
    ":=": "defined",
    "|": "threshold",
    "~*~": "scaling",
}


@dataclass(frozen=True)
class Labels:
    """Names in words for the variables of one model.

    Attributes
    ----------
    language : str
        Language code.
    names : mapping
        Labels of the variables, by language.
    reversed_items : frozenset of str
        Items turned round before estimation.
    instrument : Instrument or None
        Where item wordings come from.
    """

    language: str
    names: Mapping[str, Mapping[str, str]]
    reversed_items: frozenset[str] = frozenset()
    instrument: Any = None

    def name(self, variable: str) -> str:
        """Return what a variable is called; its own name where it has no label."""
        if texts := self.names.get(variable):
            return in_language(texts, self.language) or variable
        return variable

    def named(self, variable: str) -> str:
        """Return the name with ``(R)`` behind a reverse-keyed item."""
        mark = f" {words(self.language)('common.reversed')}" if self.is_reversed(variable) else ""
        return self.name(variable) + mark

    def is_reversed(self, variable: str) -> bool:
        """Tell whether an item was turned round before estimation."""
        return variable in self.reversed_items

    def wording(self, item: str) -> str:
        """Return the question as people read it; empty where it is not known."""
        if self.instrument is None or item not in self.instrument.item_order:
            return ""
        return in_language(self.instrument.item(item).text, self.language)


def labels_of(fit: Any, language: str = "en") -> Labels:
    """Return the names of a fit's (or model's) variables in a language.

    Parameters
    ----------
    fit : Fit or Model
        Whose variables; a fit also knows its survey's instrument and its framework.
    language : str
        Language code.
    """
    model = getattr(fit, "model", fit)
    survey = getattr(fit, "survey", None)
    framework = getattr(fit, "framework", None) or getattr(model, "framework", None)
    names: dict[str, Mapping[str, str]] = {}
    for key, construct in (getattr(framework, "constructs", None) or {}).items():
        names[key] = construct.label
    names.update(getattr(model, "labels", None) or {})
    return Labels(
        language_code(language),
        names,
        frozenset(getattr(model, "recode", None) or {}),
        getattr(survey, "instrument", None),
    )


@cache
def library_label(name: str, language: str) -> str:
    """Return what the library calls a construct or one of its dimensions; empty if unknown."""
    for key in list_constructs():
        if name != key and not name.startswith(f"{key}_"):
            continue
        construct = load_construct(key)
        if name == key:
            return construct.label_for(language)
        for dimension in construct.dimensions:
            if name == f"{key}_{dimension.key}":
                return in_language(dimension.label, language)
    return ""


def part_of(op: str, lhs: str, rhs: str) -> str:
    """Return the key of the part of a model that a row of estimates belongs to."""
    if op == "~~" and lhs == rhs:
        return "variance"
    return _PARTS.get(op, "defined")
