from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from truststats.present.cards.estimator import choice_sentences, choice_short
from truststats.present.repr import html_card, text_card
from truststats.present.wording.words import words
from truststats.psychometrics.answer_shapes import answer_shapes
from truststats.results.estimator_choice import EstimatorChoice

ROWS = np.random.default_rng(1).integers(1, 5, (300, 3)).astype(float)


def choice_of(**changes: Any) -> EstimatorChoice:
    """Return a choice of ordered categories by the rule, with changes."""
    given: dict[str, Any] = {
        "estimator": "WLSMV", "missing": "pairwise", "advice": "WLSMV", "automatic": True,
        "ordered": ("a", "b", "c"), "signs": ("few_categories",), "barriers": (),
        "names": ("a", "b", "c"), "shapes": answer_shapes(ROWS), "synthetic": True,
    }  # fmt: skip
    return EstimatorChoice(**(given | changes))


NUMBERS = {"estimator": "MLR", "missing": "ml", "advice": "MLR", "ordered": ()}
CASES = {
    "ordered": {},
    "numbers": NUMBERS | {"signs": ()},
    "held_back": NUMBERS | {"barriers": ("few_people", "many_missing", "full_information")},
    "asked": NUMBERS | {"automatic": False, "advice": "WLSMV"},
    "no_items": NUMBERS | {"names": (), "signs": (), "shapes": answer_shapes(ROWS[:, :0])},
}


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("reason", CASES)
def test_every_reason_has_its_words(reason: str, language: str) -> None:
    choice, say = choice_of(**CASES[reason]), words(language)
    assert choice.reason == reason
    said = list(choice_sentences(choice, say))
    assert said[0] == choice_short(choice, say)
    assert say(f"choice.reason_{reason}") in said[0]
    assert not any("{" in line or "choice." in line for line in said)
    assert f"--estimator {'MLR' if reason == 'ordered' else 'WLSMV'}" in said[-1]


def test_the_numbers_and_the_rule_are_said() -> None:
    text = " ".join(choice_sentences(choice_of(), words("en")))
    assert "Of 3 items 3 have 4 or fewer categories in use, and 0 are piled up" in text
    assert "300 people answered, at least 300 of them both items of any pair" in text
    assert "at least 200 people, 100 for every pair" in text
    held = " ".join(choice_sentences(choice_of(**CASES["held_back"]), words("en")))
    assert "What holds it back: too few people" in held
    asked = " ".join(choice_sentences(choice_of(**CASES["asked"]), words("en")))
    assert "The rule would have taken them as ordered categories (WLSMV)." in asked


def test_the_card_has_a_row_an_item() -> None:
    text = text_card(choice_of())
    assert "SYNTHETIC" in text
    assert "WLSMV, missing = pairwise" in text
    assert max(map(len, text.splitlines())) <= 80
    assert html_card(choice_of(), "nb").count("<tr") == 4
    assert repr(choice_of()) == text
    assert text_card(choice_of(**CASES["no_items"]), "nb")


def test_shown_numbers_are_about_no_few_people() -> None:
    rows = ROWS.copy()
    rows[:7, 0] = np.nan
    choice = choice_of(shapes=answer_shapes(rows))
    assert choice.shapes.least_pair == 293
    assert choice.numbers["least_pair"] == 290
    assert choice.numbers["missing"] == 0.01
