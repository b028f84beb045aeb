"""An alignment in words: order of the groups, sentences, and the deviating items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import truststats as ts
from tests.unit.workflow.test_alignment import MODEL, answers
from truststats.present.repr import html_card, text_card
from truststats.present.wording.alignment_words import (
    alignment_sentences,
    deviating,
    fit_words,
    named_groups,
    ordered_groups,
)
from truststats.present.wording.labels import labels_of
from truststats.present.wording.words import words
from truststats.results.comparison import LeftOut

EN, NB = words("en"), words("nb")


@pytest.fixture(scope="module")
def found() -> Any:
    return ts.alignment(MODEL, answers(), group="g", draws=200)


@pytest.fixture
def doubtful(found: Any) -> Any:
    factor = found.factor()
    none = np.zeros_like(factor.loadings_alike)
    return replace(found, factors=(replace(factor, loadings_alike=none),))


def test_groups_by_name_or_as_given() -> None:
    groups = ("g10", "G2", "g1", "a")
    assert [groups[k] for k in ordered_groups(groups, "name")] == ["a", "g1", "G2", "g10"]
    assert ordered_groups(groups, "data") == [0, 1, 2, 3]
    assert ordered_groups(("2", "10", "x"), "name") == [0, 1, 2]
    assert named_groups([f"g{k}" for k in range(9)], EN).endswith("g5 and 3 more")
    assert named_groups(["a", "b"], EN) == "a, b"


def test_sentences(found: Any) -> None:
    names = labels_of(found, "en")
    said = " ".join(alignment_sentences(found, names, EN))
    assert "6 groups (g)" in said
    assert "b has mean 0 and standard deviation 1." in said
    assert "nothing here is a ranking" in said
    assert "of 15 pairs of groups" in said
    assert "y2 is answered differently by people at the same standing in: a." in " ".join(
        deviating(found, names, EN)
    )
    assert fit_words(found, NB).startswith("CFI ")
    assert "ingenting her er en rangering" in " ".join(alignment_sentences(found, names, NB))


def test_means_that_cannot_be_trusted_are_not_compared(doubtful: Any) -> None:
    said = " ".join(alignment_sentences(doubtful, labels_of(doubtful), EN))
    assert "they are not to be compared" in said
    assert "pairs" not in said


def test_groups_left_out_are_named_without_their_number(found: Any) -> None:
    more = replace(found, left_out=(LeftOut("tiny", "few_rows", 3, 100),))
    card = text_card(more)
    assert "tiny is left out: fewer than 100 people" in " ".join(card.split())
    assert "tiny" not in more.frame()["group"].tolist()
    lost = replace(found, left_out=(LeftOut("odd", "not_converged", 120),))
    assert "odd is left out" in " ".join(text_card(lost).split())


def test_cards_and_tables(found: Any) -> None:
    card = text_card(found)
    assert card.startswith("Many groups on one scale: f")
    assert max(map(len, card.splitlines())) <= 80
    assert "<table" in html_card(found, "nb")
    table = ts.table(found)
    assert [row[0] for row in table.cells()] == list(found.groups)
    assert "factor" not in table.frame
    assert any("y4 hangs together" in note for note in table.notes)
    two = replace(found, factors=(*found.factors, replace(found.factor(), name="h")))
    assert len(ts.table(two).frame) == 12
