"""Two versions of a questionnaire in words, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

import truststats as ts
from truststats.constructs.change import _DETAILS, KINDS
from truststats.present.repr import html_card, text_card
from truststats.present.wording.change_words import details_words, reason_words
from truststats.present.wording.words import words

CORE = ts.load_instrument("tbm-core")
REASONS = (
    "unchanged", "anchors", "two_anchors", "one_anchor", "no_anchor", "thin_part", "untestable",
    "single_item", "not_in_new", "not_in_old",
)  # fmt: skip


@pytest.fixture
def change(revised: Any) -> Any:
    text = {"en": "My manager keeps promises.", "nb": "Lederen min holder løfter."}
    new = revised(CORE, {"vtr1": {"text": text}, "vtr5": None, "res1": {"name": "res11"}})
    return ts.compare_instruments(CORE, new)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_kind_and_reason_has_words(language: str) -> None:
    say = words(language)
    keys = [f"kind_{kind}" for kind in KINDS] + [f"detail_{name}" for name in _DETAILS]
    keys += [f"reason_{name}" for name in REASONS]
    keys += [f"licence_{name}" for name in ("all", "means", "form", "none")]
    assert [key for key in keys if f"change.{key}" not in say] == []


def test_details_in_words(change: Any) -> None:
    say = words("en")
    rows = {row.name: row for row in change.items}
    assert details_words(rows["vtr1"], say) == "reworded"
    assert details_words(rows["vtr5"], say) == "dropped"
    assert details_words(rows["res1"], say) == "unchanged, now called res11"
    assert reason_words(change["VTR"], say) == "3 items are unchanged: vtr2, vtr3, vtr4."


def test_the_card_says_what_may_be_compared(change: Any) -> None:
    text = text_card(change)
    assert "means, if the unchanged" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "tbm-core 0.2" in text
    assert "gjennomsnitt" in html_card(change, "nb")
    assert repr(change) == text


@pytest.mark.parametrize("language", ["en", "nb"])
def test_tables_of_constructs_and_items(change: Any, language: str, tmp_path: Any) -> None:
    made = ts.table(change, language)
    assert len(made.frame) == len(CORE.constructs)
    items = ts.table(change.frame(), language)
    assert len(items.frame) == len(CORE)
    same = words(language)("change.same")
    assert (items.frame["new_wording"] == same).sum() == len(CORE) - 2
    assert items.save(tmp_path / "items.docx").exists()
