"""What is taken from surveys and frames before units are compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.workflow.unit_scales import check_min_n, unit_scales


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    data = pd.DataFrame(rng.integers(1, 6, (60, 3)).astype(float), columns=["q1", "q2", "q3"])
    return data.assign(unit=np.repeat([301.0, 9.0, 12.0], 20))


KEYS = {"trust": ["q1", "q2"], "other": "q3"}


def test_a_frame_names_its_units_and_scales(frame: pd.DataFrame) -> None:
    holes = frame.assign(unit=frame["unit"].where(frame.index > 4))
    found = unit_scales(holes, "unit", KEYS, range(1, 6))
    assert found.labels == ("301", "9", "12")
    assert len(found.units) == 55
    assert found.items == {"trust": ("q1", "q2"), "other": ("q3",)}
    assert found.codes["q1"] == (1, 2, 3, 4, 5)
    assert found.scores("trust") == pytest.approx(frame.loc[5:, ["q1", "q2"]].mean(axis=1))
    assert [(p.code, p.count, p.severity) for p in found.problems] == [
        ("rows_not_used", 5, "warning")
    ]


def test_a_survey_brings_units_constructs_and_reverse_keys() -> None:
    answers = ts.load_dataset()
    survey = ts.read_survey(answers, instrument="tbm-core", cluster="unit", weights="tenure")
    found = unit_scales(survey, keys="vertical_trust")
    assert found.by == "unit"
    assert found.values["vtr5"][0] == 6 - answers["vtr5"][0]
    assert found.names["vertical_trust"]["en"] == "Trust in closest manager"
    assert found.synthetic
    assert [p.code for p in found.problems] == ["weights_not_used"]
    every = unit_scales(survey)
    assert every.names["perceived_control_usefulness"]["en"] == "Usefulness of control"
    mixed = unit_scales(survey, keys={"mine": ["vtr1", "tenure"]})
    assert mixed.codes["tenure"] == ()


def test_items_of_another_length_are_moved(frame: pd.DataFrame) -> None:
    answers = frame.rename(columns={"q1": "vtr1", "q2": "vtr2"}).drop(columns="q3")
    answers["vtr2"] = 2 * answers["vtr2"] - 1
    survey = ts.read_survey(
        answers,
        instrument="tbm-core",
        columns={"vtr2": {"column": "vtr2", "codes": [1, 9]}},
        cluster="unit",
    )
    found = unit_scales(survey, keys={"trust": ["vtr1", "vtr2"]})
    assert found.scores("trust") == pytest.approx(frame[["q1", "q2"]].mean(axis=1))


def test_what_is_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="No column of units"):
        unit_scales(frame, keys=KEYS)
    with pytest.raises(OptionError, match="which items belong together"):
        unit_scales(frame, "unit")
    with pytest.raises(OptionError, match="no items"):
        unit_scales(frame, "unit", {"trust": []})
    with pytest.raises(DataError, match="no column 'q9'"):
        unit_scales(frame, "unit", {"trust": ["q9"]})
    with pytest.raises(DataError, match="no cluster column 'team'"):
        unit_scales(frame, "team", KEYS)
    with pytest.raises(DataError, match="1 unit"):
        unit_scales(frame.assign(unit="a"), "unit", KEYS)
    with pytest.raises(DataError, match="none of the codes"):
        unit_scales(frame.assign(q1=9.0), "unit", KEYS, range(1, 6))
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    with pytest.raises(OptionError, match="Did you mean 'vertical_trust'"):
        unit_scales(survey, keys=["vertical_trusts"])
    for wrong in (1, 2.5, True):
        with pytest.raises(OptionError, match="min_n"):
            check_min_n(wrong)
