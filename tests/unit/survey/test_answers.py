from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.survey.answers import (
    CellState,
    Coding,
    classify,
    coding_of,
    encode,
    is_user_missing,
    response_set_of,
    vocabulary,
)
from truststats.survey.mapping import ItemRule


def test_vocabulary_holds_every_language(instrument):
    words = vocabulary(response_set_of(instrument, "vtr1"))
    assert words["helt enig"] == words["strongly agree"] == 5
    assert words["vet ikke ikke aktuelt"] == 9


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("Helt enig", 5),
        ("5", 5),
        ("5,0", 5),
        ("5 = helt enig", 5),
        ("Helt enig (5)", 5),
        ("-", None),
    ],
)
def test_encode(instrument, cell, code):
    words = vocabulary(response_set_of(instrument, "vtr1"))
    column, _ = encode(pd.Series([cell, 1], dtype=object), words, ",")
    assert column.dtype == "float64"
    assert column[0] == code or (code is None and np.isnan(column[0]))


def test_encode_leaves_what_it_cannot_read(instrument):
    words = vocabulary(response_set_of(instrument, "vtr1"))
    told = pd.Series(["litt enig", "4 - Helt enig", pd.Timestamp("2024-01-01")], dtype=object)
    column, used = encode(told, words)
    assert column.tolist()[:2] == ["litt enig", "4 - Helt enig"]
    assert used == {}


def test_categories_and_nullable_numbers(instrument):
    words = vocabulary(response_set_of(instrument, "vtr1"))
    column, used = encode(pd.Series(["Enig", None], dtype="category"), words)
    assert column[0] == 4
    assert used == {"Enig": 4}
    assert np.isnan(encode(pd.Series([1, None], dtype="Int64"), words)[0][1])


def test_states():
    frame = pd.DataFrame({"q": [1, 3.5, 9, 97, 7, 0, "tja", None, 5]}, dtype=object)
    coding = Coding((1, 2, 3, 4, 5), frozenset([9.0]), reverse=True)
    answers = classify(frame, {"a": "q"}, {"a": coding}, {"q": ((96.0, 99.0),)})
    names = [CellState(s).name for s in answers.states[:, 0]]
    assert names == [
        "VALID",
        "VALID",
        "DONT_KNOW",
        "USER_MISSING",
        "OUT_OF_RANGE",
        "OUT_OF_RANGE",
        "UNREADABLE",
        "BLANK",
        "VALID",
    ]
    np.testing.assert_array_equal(answers.values["a"].dropna(), [5, 2.5, 1])


def test_user_missing_letters_codes_and_ranges():
    cells = pd.Series(["a", 8, 97, 1], dtype=object)
    raw = np.array([np.nan, 8, 97, 1])
    assert is_user_missing(cells, raw, ("a", 8, (96, 99))).tolist() == [True, True, True, False]


def test_coding(instrument):
    assert coding_of(None, "x", None) == Coding()
    assert coding_of(instrument, "vtr1", None).codes == (1, 2, 3, 4, 5)
    rule = ItemRule("A", True, (1, 7), (8.0,))
    assert coding_of(instrument, "vtr1", rule) == Coding(tuple(range(1, 8)), frozenset([8.0]), True)
    assert coding_of(instrument, "vtr1", ItemRule("A", codes=(1, 2, 4))).codes == (1, 2, 4)
