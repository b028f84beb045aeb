from __future__ import annotations

import numpy as np
import pandas as pd

from truststats.survey import read_survey


def test_missing_answers_by_reason():
    frame = pd.DataFrame({"vtr1": [1, 9, None, 7], "vtr2": ["x", 1, 2, 3]}, dtype=object)
    table = read_survey(frame, instrument="tbm-core").missingness()
    assert table.loc["vtr1", ["valid", "blank", "dont_know", "out_of_range"]].tolist() == [
        1,
        1,
        1,
        1,
    ]
    assert table.loc["vtr2", ["valid", "unreadable"]].tolist() == [3, 1]
    assert table["share_missing"].tolist() == [0.75, 0.25]


def test_response_by_unit(answers):
    told = answers.assign(city=np.where(answers["unit"] < "0306", "a", "b"))
    sizes = {f"{u:04d}": 25 for u in range(301, 312)} | {"0399": 9}
    survey = read_survey(
        told, instrument="tbm-core", cluster="unit", group="city", unit_sizes=sizes
    )
    table = survey.response()
    assert table.index.name == "unit"
    assert table.loc["0301"].tolist() == ["a", 25, 20, 20, 0.8]
    assert table.loc["0399", ["invited", "rows", "answered", "rate"]].tolist() == [9, 0, 0, 0]
    assert table.loc["0312", "invited"] is pd.NA
    assert table.loc["0312", "rate"] is pd.NA


def test_response_without_units(answers):
    table = read_survey(answers, instrument="tbm-core", unit_sizes={"all": 300}).response()
    assert table.loc["all", ["invited", "answered"]].tolist() == [300, 240]
    assert table.loc["all", "rate"] == 0.8
