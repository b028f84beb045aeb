"""The card of an alignment: one line an item, the doubts first, nothing that is no number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import truststats as ts
from tests.unit.workflow.test_alignment import MODEL, answers
from truststats.errors import Problem
from truststats.present.cards.alignment import alignment_card
from truststats.present.repr import html_card, text_card


@pytest.fixture(scope="module")
def found() -> Any:
    return ts.alignment(MODEL, answers(), group="g", draws=200)


def test_one_line_an_item(found: Any) -> None:
    card = alignment_card(found, "en", plain=False)
    rows = card.sections[0].rows
    assert [row[0] for row in rows] == ["y1", "y2", "y3", "y4", "y5"]
    assert rows[1][3] == "1"
    low = replace(found.factor(), loadings_r2=np.full(5, -46.0))
    shown = alignment_card(replace(found, factors=(low,)), "nb", plain=True)
    assert {row[2] for row in shown.sections[0].rows} == {"< 0"}


def test_doubts_come_first_in_both_languages(found: Any) -> None:
    problem = Problem(
        "alignment_not_trustworthy", "warning",
        "40 % of the loadings and intercepts of f deviate in some group; means are trusted up to "
        "25 %.", "Do not compare the means.", "f",
    )  # fmt: skip
    doubtful = replace(found, problems=(problem,))
    assert text_card(doubtful).splitlines()[1].startswith("WARNING")
    assert "40 % av ladningene og konstantleddene til f avviker" in " ".join(
        text_card(doubtful, "nb").split()
    )
    assert "Mange grupper" in html_card(doubtful, "nb")
