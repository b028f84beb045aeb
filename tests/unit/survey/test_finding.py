from __future__ import annotations

import numpy as np

from truststats.survey.finding import counted, first_rows, listed, with_counts


def test_rows_count_from_one():
    assert first_rows(np.array([False, True, True])) == (2, 3)
    assert first_rows(np.array([[False, True], [False, False], [True, True]]), 1) == (1,)


def test_long_lists_are_cut_and_counted():
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
    assert with_counts({"a": 1, "b": 3}) == "b (3), a (1)"


def test_one_and_several():
    assert counted(1, "unit has", "units have") == "1 unit has"
    assert counted(0, "unit has", "units have") == "0 units have"
