from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

from truststats.errors import Problem
from truststats.studies.record import plain


def test_what_is_no_number_is_null() -> None:
    assert plain([1.5, math.nan, math.inf, np.nan]) == [1.5, None, None, None]


def test_library_objects_become_plain_values() -> None:
    frame = pd.DataFrame({"lhs": ["a", "b"], "est": [0.25, np.nan]})
    assert plain(frame) == [{"lhs": "a", "est": 0.25}, {"lhs": "b", "est": None}]
    assert plain(pd.Series({"cfi": 0.9})) == {"cfi": 0.9}
    assert plain(np.arange(3)) == [0, 1, 2]
    assert plain(np.float64(0.5)) == 0.5
    assert plain(np.int64(3)) == 3
    assert plain(np.bool_(True)) is True
    assert plain(pd.NA) is None


def test_problems_paths_and_keys_become_plain_values() -> None:
    problem = Problem("few", "note", "Two units.", rows=(1, 2))
    assert plain(problem)["rows"] == [1, 2]
    assert plain({3: Path("a.csv")}) == {"3": "a.csv"}


def test_everything_can_be_written_as_strict_json() -> None:
    value = {"a": pd.DataFrame({"x": [np.nan]}), "b": (np.int64(1), None, True)}
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "a": [{"x": None}],
        "b": [1, None, True],
    }
