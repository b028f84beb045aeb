from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from truststats.errors import SurveyError
from truststats.survey import Design, Exclusion, Survey, read_survey


def test_values_of_chosen_items_and_other_columns(answers):
    survey = read_survey(answers.assign(tenure=2.5), instrument="tbm-core")
    chosen = survey.values(["vtr2", "tenure", "vtr1"])
    assert list(chosen.columns) == ["vtr2", "tenure", "vtr1"]
    assert chosen["tenure"].tolist() == [2.5] * len(answers)


def test_raw_orientation(answers):
    survey = read_survey(answers, instrument="tbm-core")
    assert survey.values()["vtr5"].tolist() == answers["vtr5"].tolist()


def test_unknown_names(answers):
    survey = read_survey(answers.drop(columns="vtr2"), instrument="tbm-core")
    with pytest.raises(SurveyError, match=r"neither an item nor a column.*Did you mean 'vtr1'"):
        survey.values(["vtr11"])
    with pytest.raises(SurveyError, match="no answers to item 'vtr2'"):
        survey.values(["vtr2"])
    with pytest.raises(SurveyError, match="Column 'unit' holds texts"):
        survey.values(["unit"])


def test_a_survey_is_frozen(answers):
    survey = read_survey(answers, instrument="tbm-core")
    with pytest.raises(dataclasses.FrozenInstanceError):
        survey.source = "other"


def test_a_survey_may_be_built_by_hand(instrument, answers):
    survey = Survey(answers, instrument, {"vtr1": "vtr1"}, Design(cluster="unit"), synthetic=True)
    assert survey.items == ("vtr1",)
    assert len(survey) == survey.n == 240
    assert survey.clusters().tolist() == answers["unit"].tolist()
    assert survey.groups() is None
    assert survey.weights() is None


def test_exclusions_count_every_missing_cell_once(answers):
    told = answers.astype(object)
    told.loc[0, "vtr1"], told.loc[1, "vtr1"], told.loc[2, "vtr2"] = 9, 44, "x"
    told.loc[3, "vtr3"] = np.nan
    told.loc[4, told.columns[1:]] = None
    survey = read_survey(told, instrument="tbm-core")
    counts = {e.code: e.count for e in survey.exclusions()}
    assert counts == {
        "empty_row": 1,
        "blank": 60,
        "dont_know": 1,
        "out_of_range": 1,
        "unreadable": 1,
    }
    cells = sum(e.count for e in survey.exclusions() if e.unit == "cells")
    assert cells == int(survey.values().isna().to_numpy().sum())
    assert json.dumps([e.as_dict() for e in survey.exclusions()])


def test_an_exclusion_shows_no_small_count_and_none_can_be_worked_out():
    counts = {"a": 40, "b": 4, "c": 12}
    found = Exclusion("blank", "cells", 56, "no answer given", counts).as_dict(min_n=5)
    assert found["count"] == 56
    assert found["by_item"] == {"a": 40}, "c is hidden too: 56 - 40 - 12 would give b away"
    assert found["items_hidden"] == 2
    few = Exclusion("blank", "cells", 3, "no answer given", {"a": 3}).as_dict(min_n=5)
    assert (few["count"], few["by_item"], few["items_hidden"]) == (None, {}, 1)
    assert Exclusion("empty_row", "rows", 3, "none").as_dict(min_n=5)["count"] is None
    assert Exclusion("blank", "cells", 3, "", {"a": 3}).as_dict()["by_item"] == {"a": 3}


def test_weights_are_numbers(answers):
    survey = read_survey(answers.assign(w=1.5), instrument="tbm-core", weights="w")
    assert survey.weights().tolist() == [1.5] * survey.n
    assert "w" not in survey.items


def test_repr_is_the_card(answers, monkeypatch):
    monkeypatch.setattr("truststats._bridge.text", lambda value: f"card of {type(value).__name__}")
    monkeypatch.setattr("truststats._bridge.html", lambda value: f"<p>{type(value).__name__}</p>")
    survey = read_survey(answers, instrument="tbm-core")
    assert repr(survey) == "card of Survey"
    assert survey._repr_html_() == "<p>Survey</p>"
    assert repr(survey.check()) == "card of Checks"
    assert survey.check()._repr_html_() == "<p>Checks</p>"


def test_values_is_a_copy(answers):
    survey = read_survey(answers, instrument="tbm-core")
    values = survey.values()
    values["vtr1"] = 0
    pd.testing.assert_series_equal(
        survey.values()["vtr1"], answers["vtr1"].astype(float), check_names=False
    )
