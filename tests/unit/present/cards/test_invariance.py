"""The card of a ladder."""

from __future__ import annotations

import pandas as pd

from truststats.present.repr import html_card, text_card
from truststats.workflow.invariance import invariance


def test_the_card_says_what_may_be_compared_and_fits(groups_apart: pd.DataFrame) -> None:
    found = invariance("f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8", groups_apart, group="g")
    text = repr(found)
    assert "May we compare? (g)" in text
    assert "fails" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "Kan vi sammenligne? (g)" in text_card(found, "nb")
    assert "<table" in html_card(found)
