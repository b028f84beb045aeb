from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from truststats.results.comparison import GroupComparison, LeftOut


def comparison(people, used, left_out=()):
    fit: Any = SimpleNamespace(group_nobs=pd.Series(used), groups=tuple(used))
    return GroupComparison(
        "city",
        pd.Series(people),
        tuple(LeftOut(name, "few_rows", n, 100) for name, n in left_out),
        fit,
    )


def test_a_group_left_out_follows_from_no_number_that_is_shown():
    """The fit's numbers of A and B and everybody's number would tell that C has three."""
    found = comparison({"A": 200, "B": 300, "C": 3}, {"A": 199, "B": 300}, [("C", 3)])
    shown = found.shown_people()
    assert shown["answered"].isna().tolist() == [True, False, True]
    assert shown["used"].isna().tolist() == [True, False, True]
    assert found.rest() == 3


def test_large_groups_are_shown():
    found = comparison({"A": 200, "B": 300, "C": 60}, {"A": 199, "B": 300}, [("C", 58)])
    shown = found.shown_people()
    np.testing.assert_array_equal(shown["used"], [199, 300, 58])
    assert found.shown_people(61)["answered"].isna().tolist() == [True, False, True]
