"""How answers were taken, as numbers or as ordered categories: in sentences, and as a card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from truststats.present.cards.card import Card, Section
from truststats.present.wording.numbers import fixed, integer, percent
from truststats.present.wording.words import Words, words
from truststats.psychometrics.answer_shapes import (
    END_SHARE,
    FEW_CATEGORIES,
    LEAST_PAIR,
    LEAST_ROWS,
    MOST_MISSING,
    PILED_SHARE,
    SKEWNESS,
)

__all__ = ["choice_card", "choice_sentences", "choice_short"]


def choice_sentences(choice: Any, say: Words, *, plain: bool = False) -> Iterator[str]:
    """Yield what was chosen, by which numbers and which rule, and how to choose otherwise.

    Parameters
    ----------
    choice : EstimatorChoice
        The choice.
    say : Words
        Words of the language.
    plain : bool
        Whether numbers use only characters of ASCII.
    """
    yield choice_short(choice, say)
    if choice.names:
        yield _numbers(choice, say, plain)
        yield _rule(say, plain)
    yield from _held_back(choice, say)
    if not choice.automatic and choice.names and choice.advice != choice.estimator:
        yield say("choice.rule_differs", taken=_taken(choice.advice, say), advice=choice.advice)
    other = "MLR" if choice.ordered else "WLSMV"
    yield say("choice.override", other=other)


def choice_short(choice: Any, say: Words) -> str:
    """Return what was chosen, and the reason, in one sentence."""
    taken = _taken(choice.estimator if not choice.ordered else "WLSMV", say)
    chosen = say("choice.taken", taken=taken, estimator=choice.estimator)
    return f"{chosen} {say(f'choice.reason_{choice.reason}')}"


def _taken(estimator: str, say: Words) -> str:
    return say("choice.ordered" if estimator == "WLSMV" else "choice.numbers")


def _numbers(choice: Any, say: Words, plain: bool) -> str:
    """Return the numbers that decided."""
    found, code = choice.numbers, say.language
    return say(
        "choice.found",
        **{name: integer(int(found[name]), code, plain=plain) for name in ("items", "few", "n")},
        piled=integer(int(found["piled"]), code, plain=plain),
        pair=integer(int(found["least_pair"]), code, plain=plain),
        missing=percent(float(found["missing"]), 0, code, plain=plain),
        **_limits(say, plain),
    )


def _limits(say: Words, plain: bool) -> dict[str, str]:
    """Return the limits of the rule as words."""
    code = say.language
    return {
        "categories": str(FEW_CATEGORIES),
        "end": percent(END_SHARE, 0, code, plain=plain),
        "skewness": fixed(SKEWNESS, 0, code, plain=plain),
        "share": percent(PILED_SHARE, 0, code, plain=plain),
        "rows": str(LEAST_ROWS),
        "least": str(LEAST_PAIR),
        "most": percent(MOST_MISSING, 0, code, plain=plain),
    }


def _rule(say: Words, plain: bool) -> str:
    return say("choice.rule", **_limits(say, plain))


def _held_back(choice: Any, say: Words) -> Iterator[str]:
    """Yield what speaks against ordered categories where something speaks for them."""
    if choice.reason == "held_back":
        against = "; ".join(say(f"choice.barrier_{name}") for name in choice.barriers)
        yield say("choice.held_back", barriers=against)


def choice_card(choice: Any, language: str, plain: bool) -> Card:
    """Return the card of a choice: what and why, and the answers to each item."""
    say = words(language)
    code = say.language
    rows = tuple(
        (
            str(row.item),
            integer(int(row.answered), code, plain=plain),
            str(row.categories),
            percent(float(row.end_share), 0, code, plain=plain),
            fixed(float(row.skewness), 2, code, plain=plain),
            say("common.yes" if row.few or row.piled else "common.no"),
        )
        for row in choice.frame.itertuples()
    )
    names = ("item", "answered", "categories", "end_share", "skewness", "few_or_piled")
    header = tuple(say(f"column.{name}") for name in names)
    return Card(
        say("card.choice"),
        f"{choice.estimator}, missing = {choice.missing}",
        sections=(Section(header, rows, "lrrrrl"),) if rows else (),
        notes=tuple(choice_sentences(choice, say, plain=plain)),
        language=code,
    )
