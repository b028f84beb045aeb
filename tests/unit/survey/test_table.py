from __future__ import annotations

import pandas as pd

from truststats.survey.table import drop_unnamed, header_notes, merge_labels, name_columns


def test_repeated_and_empty_headers_get_names_of_their_own():
    names, headers = name_columns(["a", None, "a", " b\u00a0c "])
    assert names == ["a", "column 2", "a (column 3)", "b c"]
    assert headers["a (column 3)"] == "a"
    assert headers["column 2"] == ""


def test_columns_without_header_and_cells_go():
    frame = pd.DataFrame({"a": ["", ""], "column 2": ["", None], "column 3": ["", "x"]})
    headers = {"a": "a", "column 2": "", "column 3": ""}
    assert list(drop_unnamed(frame, headers).columns) == ["a", "column 3"]


def test_labels_are_the_first_text_below_a_header():
    assert merge_labels(["a", "b"], [["One", ""], ["Uno", "Two"]]) == {"a": "One", "b": "Two"}


def test_header_notes():
    assert header_notes(0, 0) == []
    assert [n.code for n in header_notes(3, 1)] == ["header_row", "text_rows"]
