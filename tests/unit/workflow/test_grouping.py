from __future__ import annotations

import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.workflow.grouping import grouping


def _frame(values):
    return pd.DataFrame({"g": values, "x": range(len(values))})


def test_groups_stand_in_the_order_of_first_appearance():
    frame = _frame(["b", "a", "b", None, "a", "b"])
    got = grouping(frame, frame, "g")
    assert got.labels == ("b", "a")
    assert got.codes.tolist() == [0, 1, 0, -1, 1, 0]


def test_categories_bring_their_order_and_numbers_become_text():
    frame = _frame(pd.Categorical(["b", "a", "b", "a"], categories=["a", "b", "unused"]))
    assert grouping(frame, frame, "g").labels == ("a", "b")
    frame = _frame([2.0, 1.0, 2.0, 1.0])
    assert grouping(frame, frame, "g").labels == ("2", "1")


def test_group_label_chooses_and_orders():
    frame = _frame(["b", "a", "c", "b", "a", "c"])
    got = grouping(frame, frame, "g", ["c", "a"])
    assert got.labels == ("c", "a")
    assert got.left_out == 2
    with pytest.raises(OptionError, match="'d'"):
        grouping(frame, frame, "g", ["c", "d"])
    with pytest.raises(OptionError, match="twice"):
        grouping(frame, frame, "g", ["c", "c"])


def test_columns_that_are_no_groups():
    frame = _frame(["a"] * 6)
    with pytest.raises(DataError, match="has 1 group"):
        grouping(frame, frame, "g")
    with pytest.raises(DataError, match="no group column 'city'"):
        grouping(frame, frame, "city")
    with pytest.raises(DataError, match="6 different values in 6 rows"):
        grouping(frame, frame, "x")


def test_the_groups_of_a_survey():
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", group="city")
    got = grouping(survey, survey.frame, "city")
    assert len(got.labels) >= 2
    assert len(got.codes) == len(survey.frame)


def test_a_blank_text_is_no_group():
    frame = _frame(["b", "", "a", "  ", "a", "b", None])
    got = grouping(frame, frame, "g")
    assert got.labels == ("b", "a")
    assert got.codes.tolist() == [0, -1, 1, -1, 1, 0, -1]
    assert got.left_out == 0


def test_labels_that_look_alike_are_told():
    frame = _frame(["Oslo", "oslo ", "Bergen", "Oslo", "oslo ", "Bergen"])
    (problem,) = grouping(frame, frame, "g").problems
    assert problem.code == "group_labels_alike"
    assert problem.where == "'Oslo', 'oslo '"
    assert grouping(frame, frame, "g", ["Oslo", "Bergen"]).problems == ()


def test_options_that_are_no_names():
    frame = _frame(["a", "b"] * 3)
    for name in (["g"], frame["g"], 2.5):
        with pytest.raises(OptionError, match="not the name of a column"):
            grouping(frame, frame, name)
    with pytest.raises(OptionError, match="is one text"):
        grouping(frame, frame, "g", "ab")
    with pytest.raises(OptionError, match="names 1 group"):
        grouping(frame, frame, "g", ["a"])
