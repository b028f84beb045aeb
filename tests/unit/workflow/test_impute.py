from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.workflow.impute import impute


@pytest.fixture(scope="module")
def frame():
    draw = np.random.default_rng(3)
    x = draw.normal(size=120)
    out = pd.DataFrame({"who": [f"p{k}" for k in range(120)], "x": x.round(2)})
    y = pd.Series((x + draw.normal(size=120)).round()).astype("Int64")
    out["y"] = y.mask(draw.random(120) < 0.2)
    out["same"] = 1.0
    return out


@pytest.fixture(scope="module")
def filled(frame):
    return impute(frame, 3, seed=1)


def test_nothing_is_missing_and_what_was_answered_stays(frame, filled):
    assert len(filled) == 3
    known = frame["y"].notna()
    for one in filled:
        assert not one.isna().to_numpy().any()
        pd.testing.assert_series_equal(one["y"][known], frame["y"][known])
        assert list(one.columns) == list(frame.columns)
        assert one["y"].dtype == frame["y"].dtype


def test_only_answers_that_somebody_gave_are_drawn_and_they_differ(frame, filled):
    given = set(frame["y"].dropna())
    gaps = frame["y"].isna()
    assert all(set(one["y"][gaps]) <= given for one in filled)
    assert not filled[0]["y"].equals(filled[1]["y"])


def test_a_seed_repeats_the_draws_and_leaves_others_alone(frame, filled):
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    again = impute(frame, 3, seed=1)
    assert np.random.random() == expected  # noqa: NPY002
    assert all(a.equals(b) for a, b in zip(again, filled, strict=True))


def test_synthetic_answers_stay_labelled(frame):
    named = frame.copy()
    named.attrs["synthetic"] = True
    assert all(one.attrs["synthetic"] for one in impute(named, 2, columns=["x", "y"]))


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"m": 1}, OptionError),
        ({"columns": ["nobody"]}, DataError),
        ({"columns": ["who"]}, DataError),
        ({"columns": ["x", "same"]}, DataError),
        ({"columns": ["x"]}, DataError),
    ],
)
def test_what_cannot_be_imputed_is_refused(frame, options, error):
    with pytest.raises(error):
        impute(frame, **{"m": 2, **options})


def test_a_survey_is_not_filled_in():
    survey = ts.read_survey(ts.load_dataset("municipal_employees"), instrument="tbm-core")
    with pytest.raises(ts.NotSupportedError, match="survey"):
        impute(survey)


def test_a_column_that_nobody_answered_is_not_left_empty(frame):
    with pytest.raises(DataError, match="No value at all in z"):
        impute(frame.assign(z=np.nan), 2, seed=1)


def test_rows_without_any_answer_are_named(frame):
    frame = frame.copy()
    frame.loc[[3, 7], ["x", "y"]] = pd.NA
    with pytest.raises(DataError, match="2 of 120 rows have no value") as caught:
        impute(frame, 2, seed=1)
    assert caught.value.where == "rows 4, 8 (counted from 1)"
