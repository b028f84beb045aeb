"""The tables of a ladder."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import truststats as ts
from truststats.present.tables.invariance import freed_table, invariance_table, means_table
from truststats.present.wording.words import words
from truststats.workflow.invariance import invariance


@pytest.fixture(scope="module")
def found(groups_apart: pd.DataFrame) -> Any:
    return invariance("f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8", groups_apart, group="g")


def test_one_row_a_step_and_the_rule_below(found: Any) -> None:
    made = ts.table(found)
    assert len(made.frame) == len(found.steps)
    assert any("Chen 2007" in note for note in made.notes)
    assert any("Satorra and Bentler (2001)" in note for note in made.notes)
    assert "Like ladninger" in invariance_table(found, words("nb")).text()


def test_the_freed_item_with_its_furthest_group(found: Any) -> None:
    frame = freed_table(found, words("en")).frame
    assert frame["item"].tolist() == ["x2"]
    assert frame["group"].tolist() == ["south"]
    assert frame["dmacs_signed"].iloc[0] > 0.5


def test_means_by_group(found: Any) -> None:
    frame = means_table(found, words("en")).frame
    assert frame["group"].tolist() == ["north", "south", "west"] * 2
    assert "[" in means_table(found, words("en")).text()
