"""What a comparison of units keeps, and how it is shown."""

from __future__ import annotations

import dataclasses

import pytest

import truststats as ts
from truststats.present.repr import text_card
from truststats.results import UnitComparison


@pytest.fixture(scope="module")
def survey() -> ts.Survey:
    return ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")


@pytest.fixture(scope="module")
def licensed(survey: ts.Survey) -> UnitComparison:
    return ts.compare_units("horizontal_trust", survey, invariance="assumed", draws=500)


@pytest.fixture(scope="module")
def refused(survey: ts.Survey) -> UnitComparison:
    return ts.compare_units("vertical_trust", survey)


def test_it_is_frozen_and_hands_out_copies(licensed: UnitComparison) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        licensed.mean = 5.0  # pyright: ignore[reportAttributeAccessIssue]
    mine = licensed.units
    mine.loc[0, "estimate"] = 99.0
    assert licensed.units.loc[0, "estimate"] < 5


def test_conditions_as_a_frame(refused: UnitComparison) -> None:
    frame = refused.conditions_frame()
    assert list(frame) == ["condition", "met", "reason", "value", "threshold", "where"]
    assert frame["met"].tolist() == [False, True, True, True, False]
    assert frame.loc[4, "reason"] == "one_manager"


def test_cards(licensed: UnitComparison, refused: UnitComparison) -> None:
    text = repr(licensed)
    assert text.startswith("Comparison of units: Trust among colleagues: units may be compared")
    assert "Pairs told apart" in text
    assert max(map(len, text.splitlines())) <= 80
    other = repr(refused)
    assert "units may not be compared" in other
    assert "82 units with one manager each" in " ".join(other.split())
    assert "No unit is shown and none is ranked." in other
    assert max(map(len, other.splitlines())) <= 80
    norwegian = text_card(refused, "nb")
    assert "2 av 5 vilkår er ikke oppfylt" in " ".join(norwegian.split())
    assert "Ingen enhet vises" in norwegian
    assert "antatt og ikke testet" in " ".join(text_card(licensed, "nb").split())


def test_tables(licensed: UnitComparison, refused: UnitComparison) -> None:
    table = ts.table(licensed)
    assert table.header == (
        "Unit", "n", "Estimate", "Comparison interval", "Rank", "95% interval of ranks",
    )  # fmt: skip
    estimates = table.frame["estimate"].tolist()
    assert estimates == sorted(estimates, reverse=True)
    assert "assumed" in " ".join(table.notes)
    conditions = ts.table(refused, "nb")
    assert conditions.header == ("Vilkår", "Funnet", "Krav", "Oppfylt")
    assert len(conditions.cells()) == 5
    assert any("ni av ti enheter" in note for note in conditions.notes)
