"""What is shown of an aggregation."""

from __future__ import annotations

import pytest

import truststats as ts
from truststats.present.repr import html_card, text_card
from truststats.results import Aggregation


@pytest.fixture(scope="module")
def found() -> Aggregation:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    return ts.aggregation(survey, keys=["vertical_trust", "turnover_intention"], draws=100)


def test_the_summary(found: Aggregation) -> None:
    frame = found.frame()
    assert frame["construct"].tolist() == ["vertical_trust", "turnover_intention"]
    assert frame.attrs["synthetic"]
    own = found.agreement.set_index(["scale", "index", "null"])
    assert frame.loc[0, "rwg_j"] == own.loc[("vertical_trust", "rwg_j", "uniform"), "median"]
    assert frame.loc[0, "ad"] == own.loc[("vertical_trust", "ad_mean", ""), "median"]
    assert frame.loc[0, "icc1"] == found.icc.loc[0, "icc1"]


def test_cards(found: Aggregation) -> None:
    text = repr(found)
    assert text.startswith("Agreement within units\n*** SYNTHETIC DATA ***")
    assert "NOTE [units_left_out] 1 of 95 units" in text
    assert "Trust in closest manager" in text
    assert max(map(len, text.splitlines())) <= 80
    norwegian = text_card(found, "nb")
    assert "1 av 95 enheter" in norwegian
    assert "Tillit til" in norwegian
    assert "0,72" in norwegian
    assert found._repr_html_() == html_card(found)


def test_tables(found: Aggregation) -> None:
    table = ts.table(found, "nb")
    assert table.header[:3] == ("Begrep", "Enheter", "ICC(1)")
    assert any("Wald" in note for note in table.notes)
    assert any("færre enn 5" in note for note in table.notes)
    assert "[" in table.cells()[0][3]
    assert ts.table(found.agreement).cells()
