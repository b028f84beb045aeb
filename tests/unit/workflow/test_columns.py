"""Columns of a model as plain numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError
from truststats.model import Model
from truststats.workflow.columns import as_frame, check_names, model_rows

MODEL = Model.from_text("f =~ a + b")


def test_columns_are_read_whatever_their_numeric_type():
    frame = pd.DataFrame({"b": pd.array([1, None, 3], dtype="Int64"), "a": [True, False, True]})
    rows, _ = model_rows(MODEL, ("a", "b"), frame)
    np.testing.assert_array_equal(rows, [[1, 1], [0, np.nan], [1, 3]])


def test_text_and_dates_are_refused_by_name():
    with pytest.raises(DataError, match="'a' holds text"):
        model_rows(MODEL, ("a", "b"), pd.DataFrame({"a": ["1", "2"], "b": [1, 2]}))
    when = pd.to_datetime(["2026-01-01", "2026-01-02"])
    with pytest.raises(DataError, match="'a' holds datetime64"):
        model_rows(MODEL, ("a", "b"), pd.DataFrame({"a": when, "b": [1, 2]}))


def test_a_column_that_is_not_there_is_guessed():
    with pytest.raises(DataError, match="Did you mean 'trust'"):
        check_names(("trst",), ["trust", "unit"])


def test_other_things_are_no_frames():
    with pytest.raises(DataError, match="is a int"):
        as_frame(3)


def test_a_categorical_in_another_order_than_its_numbers_is_refused():
    rows = np.random.default_rng(1).integers(1, 5, (80, 3))
    frame = pd.DataFrame(rows, columns=list("abc"))
    turned = frame.assign(a=pd.Categorical(frame["a"], [4, 3, 2, 1], ordered=True))
    with pytest.raises(DataError, match="order is not that of its numbers") as caught:
        ts.fit("f =~ a + b + c", turned)
    assert "4 < 3 < 2 < 1" in caught.value.where
    same = frame.assign(a=pd.Categorical(frame["a"], [1, 2, 3, 4], ordered=True))
    assert ts.fit("f =~ a + b + c", same).chisq == ts.fit("f =~ a + b + c", frame).chisq
