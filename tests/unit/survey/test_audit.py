from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.errors import DataError
from truststats.survey.audit import Statement, audit, recoverable


def test_recoverable_finds_what_primary_suppression_leaves_open():
    naive = pd.DataFrame(
        [[np.nan, 10, 13], [20, 30, 50], [23, 40, 63]],
        index=["a", "b", "Total"],
        columns=["x", "y", "Total"],
    )
    assert recoverable(naive) == [("a", "x")]
    assert recoverable(pd.Series([np.nan, 10, 13], index=["a", "b", "Total"])) == ["a"]
    bounded = pd.Series([np.nan, np.nan, 10, 12], index=["a", "b", "c", "Total"])
    assert recoverable(bounded) == []
    assert recoverable(bounded, at_least=1) == ["a", "b"]
    assert recoverable(pd.Series([1.0, 2.0, 3.0])) == []


def test_means_times_answers_are_sums_that_can_be_solved():
    """Two groups of three: the total and one mean give the other group's mean away."""
    said = [
        Statement.exactly("all", ["a", "b"], 6 * 3.5),
        Statement("mean of a", {"a": 1.0}, 3 * 3.995, 3 * 4.005),
    ]
    found = audit(said, {"b": {"b": 1.0}}, width=1.0, most={"a": 15.0, "b": 15.0}, whole=False)
    assert not found.ok
    assert found.failures.loc[0, ["low", "high"]].tolist() == pytest.approx([8.985, 9.015])


def test_rounding_protects_as_far_as_it_goes():
    said = [Statement("share", {"yes": 1.0}, 0.5, 3.5)]
    assert audit(said, {"yes": {"yes": 1.0}}, width=2.0).ok
    assert not audit(said, {"yes": {"yes": 1.0}}, width=3.0).ok, "one, two or three"


def test_statements_that_contradict_each_other():
    said = [Statement.exactly("x", ["a"], 3), Statement.exactly("y", ["a"], 4)]
    with pytest.raises(DataError, match="contradict each other"):
        audit(said, {"a": {"a": 1.0}})
    assert audit(said[:1], {}).ok
