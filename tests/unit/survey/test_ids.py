from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.survey.ids import find_respondent, normalise_ids, normalise_sizes, one_id


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        ("0301", 0, "0301"),
        (301, 0, "301"),
        (301, 4, "0301"),
        (301.0, 0, "301"),
        ("301.0", 0, "301"),
        (301.5, 0, "301.5"),
        (" Østvik\u00a0skole ", 0, "Østvik skole"),
        (np.nan, 0, None),
        (None, 0, None),
        (pd.NA, 0, None),
        ("", 0, None),
        ("NA", 0, "NA"),
    ],
)
def test_one_id(value, width, text):
    assert one_id(value, width) == text


def test_floats_are_reported_with_rows():
    texts, problems = normalise_ids(pd.Series([301.0, np.nan, 302.0], name="unit"))
    assert texts.tolist()[::2] == ["301", "302"]
    assert texts.isna().tolist() == [False, True, False]
    assert (problems[0].count, problems[0].rows) == (2, (1, 3))


def test_texts_are_left_alone():
    texts, problems = normalise_ids(pd.Series(["0301", "0302"], name="unit"))
    assert texts.tolist() == ["0301", "0302"]
    assert problems == ()


def test_find_respondent_and_sizes():
    assert find_respondent(["a", "Respondent_ID", "id"]) == "Respondent_ID"
    assert find_respondent(["a", "b"]) is None
    assert normalise_sizes({301: 12, "0302": 8}) == {"301": 12, "0302": 8}
    assert normalise_sizes(None) is None


def test_numbers_are_noted_unless_the_file_fills_them_up():
    column = pd.Series([30101, 30102, None], name="unit", dtype=object)
    (note,) = normalise_ids(column)[1]
    assert (note.code, note.severity, note.count) == ("ids_as_numbers", "note", 2)
    assert "zeros in front are lost" in note.message
    assert normalise_ids(column, width=6)[1] == ()
    assert normalise_ids(pd.Series([True, False], name="unit"))[1] == ()
