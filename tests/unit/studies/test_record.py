from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from truststats.errors import Problem
from truststats.studies.record import _group_parameters, _parameters, plain


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


class Groups:
    """What is read of a survey and a fit of ordinal items in two groups."""

    groups = ("a", "b")
    model = type("Model", (), {"recode": {"y": 5}})
    group_nobs = pd.Series({"a": 60, "b": 50})

    def tidy(self) -> pd.DataFrame:
        rows = [(i, op, r) for i in ("x", "y") for op, r in _CUTS]
        return pd.DataFrame(rows, columns=["lhs", "op", "rhs"]).assign(est=0.5)


_CUTS = (("|", "t1"), ("|", "t2"), ("|", "t3"), ("~1", ""))


def answered() -> SimpleNamespace:
    counts = {"a": [3, 17, 20, 20], "b": [10, 10, 10, 20]}
    codes = np.concatenate([np.repeat([1, 2, 3, 4], own) for own in counts.values()])
    frame = pd.DataFrame({"x": codes, "y": codes}, dtype=float)
    groups = pd.Series(np.repeat(["a", "b"], [60, 50]))
    return SimpleNamespace(values=lambda items: frame[items], groups=lambda: groups)


def test_thresholds_that_tell_of_few_in_any_group_are_left_out() -> None:
    found = _parameters(Groups(), answered(), 5)
    gone = found.loc[found["est"].isna(), ["lhs", "rhs"]].to_numpy().tolist()
    assert gone == [["x", "t1"], ["y", "t3"]], "the second item is turned round"
    assert _parameters(Groups(), answered(), 2)["est"].notna().all()


@pytest.mark.parametrize(("left", "means"), [(3, False), (30, True), (0, True)])
def test_means_by_group_are_left_out_where_they_tell_those_of_a_few_others(left, means) -> None:
    found = SimpleNamespace(fit=Groups(), rest=lambda: left)
    kept = _group_parameters(found, answered(), 5)["op"]
    assert (kept == "~1").any() == means
    assert _group_parameters(SimpleNamespace(fit=None), None, 5) is None
