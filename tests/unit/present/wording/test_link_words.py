"""Two linked waves as card, table and picture, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

import truststats as ts
from truststats.present.figures.link import link_alt
from truststats.present.repr import html_card, text_card
from truststats.present.wording.link_words import link_sentences, people_words, shift_sentences
from truststats.present.wording.words import words

ASKED = ts.load_instrument("tbm-core").restricted_to(["vtr1", "vtr2", "vtr3", "vtr4", "ti1", "ti2"])
OTHER = {"en": "My manager keeps promises.", "nb": "Lederen min holder løfter."}
REASONS = (
    "equal", "partial", "form", "loadings", "intercepts", "disagree", "few_answers",
    "not_estimated", "absent",
)  # fmt: skip


@pytest.fixture(scope="module")
def link(revised: Any, two_waves: Any) -> Any:
    change = ts.compare_instruments(ASKED, revised(ASKED, {"vtr1": {"text": OTHER}}))
    return change.link(*two_waves(change, 0.3, {"vtr1": -0.5}), waves=("2025", "2027"))


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_reason_has_words(language: str) -> None:
    assert [r for r in REASONS if f"link.reason_{r}" not in words(language)] == []


def test_the_card_tells_changes_first_and_then_why_not(link: Any) -> None:
    text = text_card(link)
    assert max(map(len, text.splitlines())) <= 80
    assert text.index("Trust in closest manager") < text.index("Change not licensed")
    assert "SYNTHETIC DATA" in text
    assert "Turnover intention" in text
    assert "kan ikke leses" in html_card(link, "nb")
    assert repr(link) == text


def test_what_a_wording_did_has_a_direction(link: Any) -> None:
    said = shift_sentences(link, words("en"))
    assert len(said) == 1
    assert said[0].startswith("vtr1 (reworded): people at the same standing now answer")
    assert "lower than before" in said[0]
    assert "lavere" in shift_sentences(link, words("nb"))[0]


def test_small_waves_are_not_counted_aloud(link: Any) -> None:
    from dataclasses import replace

    small = replace(link, people={"2025": 4, "2027": 300}, both=3)
    assert people_words(small, words("en")) == "2025, 2027: 300"


@pytest.mark.parametrize("language", ["en", "nb"])
def test_the_table_and_the_picture_say_the_same(link: Any, language: str, tmp_path: Any) -> None:
    made = ts.table(link, language)
    assert len(made.frame) == 2
    assert made.notes[1:] == tuple(link_sentences(link, words(language)))
    assert made.save(tmp_path / "link.docx").exists()
    figure = link.plot(language)
    shown = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert words(language)("link.not_licensed", why="")[:6] in shown
    assert made.frame["construct"][0] in link_alt(link, language)
