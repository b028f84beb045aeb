"""The picture of units: all of them, or none."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import truststats as ts
from truststats.present.figures import caterpillar, caterpillar_alt, save_figure
from truststats.results import UnitComparison


@pytest.fixture(scope="module")
def survey() -> ts.Survey:
    return ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")


@pytest.fixture(scope="module")
def licensed(survey: ts.Survey) -> UnitComparison:
    return ts.compare_units("horizontal_trust", survey, invariance="assumed", draws=200)


@pytest.fixture(scope="module")
def refused(survey: ts.Survey) -> UnitComparison:
    return ts.compare_units("vertical_trust", survey)


def test_every_unit_is_drawn_lowest_first(licensed: UnitComparison) -> None:
    axes = caterpillar(licensed).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    wanted = licensed.units.sort_values("estimate", kind="stable")["unit"].tolist()
    assert names == wanted
    assert "assumed" in axes.get_xlabel()
    assert "23% of all pairs" in " ".join(axes.get_xlabel().split())


def test_many_units_have_no_names(licensed: UnitComparison) -> None:
    frame = licensed.units
    twice = replace(licensed, estimates=frame.loc[frame.index.repeat(2)])
    figure = caterpillar(twice)
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == []
    assert figure.get_size_inches()[1] < 11.7


def test_no_unit_is_drawn_without_a_licence(
    refused: UnitComparison, survey: ts.Survey, tmp_path: Path
) -> None:
    figure = refused.plot("nb")
    svg, _ = save_figure(figure, tmp_path / "spread", alt=caterpillar_alt(refused, "nb"))
    text = svg.read_text("utf8")
    assert "Ingen enhet vises" in text
    assert "SYNTETISKE DATA" in text
    names = set(map(str, survey.clusters()))
    assert not [name for name in names if re.search(rf">{name}<", text)]
    assert caterpillar(replace(refused, between_sd=0.0, spread=(3.8, 3.8))).axes
    nothing = replace(refused, between_sd=float("nan"))
    assert caterpillar(nothing).axes


def test_in_words(licensed: UnitComparison, refused: UnitComparison) -> None:
    said = caterpillar_alt(licensed)
    assert said.startswith("83 units by their shrunken estimates of Trust among colleagues")
    assert "23% of all pairs" in said
    other = caterpillar_alt(refused)
    assert other.startswith("No units are shown: Trust in closest manager")
    assert "The items are understood alike: no (not checked)." in other
    assert "nine units in ten lie between 3.47 and 4.25" in other
    few = caterpillar_alt(replace(refused, between_sd=float("nan")), "nb")
    assert "ni av ti" not in few
