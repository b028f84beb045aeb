"""The ladder and the items as pictures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from truststats.errors import OptionError
from truststats.present.figures.invariance import invariance_alt, invariance_figure
from truststats.workflow.invariance import invariance

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


@pytest.fixture(scope="module")
def found(groups_apart: pd.DataFrame) -> Any:
    return invariance(MODEL, groups_apart, group="g", structural="means")


def texts(figure: Any) -> str:
    axes = figure.axes
    own = [t.get_text() for a in axes for t in [*a.texts, *a.get_yticklabels()]]
    return "\n".join([*own, *(t.get_text() for legend in figure.legends for t in legend.texts)])


def test_every_step_is_a_rung_with_its_decision(found: Any) -> None:
    figure = invariance_figure(found)
    shown = texts(figure)
    assert len(figure.axes[0].get_yticks()) == len(found.steps)
    assert "fails" in shown
    assert "without x2" in shown
    assert "RMSEA_D" in shown


def test_items_stand_beside_each_other_by_group(found: Any) -> None:
    figure = invariance_figure(found, "items", "nb")
    shown = texts(figure)
    assert "● x2" in shown
    assert "south" in shown
    assert len(figure.axes) == 2


def test_the_ladder_in_words(found: Any) -> None:
    said = invariance_alt(found)
    assert "Equal loadings" in said
    assert "Like ladninger" in invariance_alt(found, "nb")


def test_an_unknown_picture_is_refused(found: Any) -> None:
    with pytest.raises(OptionError, match="kind"):
        found.plot("item")
