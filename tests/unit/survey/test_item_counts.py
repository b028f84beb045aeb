from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from truststats.survey import read_survey
from truststats.survey.audit import Statement, audit
from truststats.survey.item_counts import (
    common_pools,
    rounded_shares,
    share_step,
    shown_exclusions,
    shown_items,
    shown_thresholds,
)

PARTS = ("valid", "blank", "dont_know")


def missing(*rows):
    frame = pd.DataFrame(rows, columns=["valid", "blank", "dont_know"])
    frame["n"] = frame.sum(axis=1)
    frame["share_missing"] = 1 - frame["valid"] / frame["n"]
    frame.index = [f"i{k}" for k in range(len(frame))]
    return frame


def test_few_missing_hide_everything_of_the_item():
    shown = shown_items(missing((90, 8, 9), (97, 2, 1), (3, 60, 20), (100, 0, 0), (80, 3, 9)))
    assert shown.loc["i0", list(PARTS)].tolist() == [90, 8, 9]
    assert shown.loc["i1", ["valid", "missing", "blank", "dont_know"]].isna().all()
    assert shown.loc["i2", ["valid", "missing", "blank", "dont_know"]].isna().all()
    assert shown.loc["i3", "missing"] == 0
    assert shown.loc["i4", ["valid", "missing"]].tolist() == [80, 12]
    assert shown.loc["i4", ["blank", "dont_know"]].isna().all()


@settings(max_examples=60, deadline=None)
@given(
    valid=st.integers(0, 40), blank=st.integers(0, 12), unsure=st.integers(0, 12),
    min_n=st.integers(2, 8),
)  # fmt: skip
def test_no_hidden_count_of_an_item_can_be_worked_out(valid, blank, unsure, min_n):
    if valid + blank + unsure < min_n:
        return
    shown = shown_items(missing((valid, blank, unsure)), min_n).iloc[0]
    said = [Statement.exactly("everybody", PARTS, valid + blank + unsure)]
    said += [Statement.exactly(p, [p], shown[p]) for p in PARTS if not np.isnan(shown[p])]
    if not np.isnan(shown["missing"]):
        said.append(Statement.exactly("missing", PARTS[1:], shown["missing"]))
    hidden = {p: {p: 1.0} for p in PARTS if np.isnan(shown[p])}
    assert audit(said, hidden, width=1.0).ok


def test_shares_are_rounded_to_steps_that_tell_no_count():
    assert [share_step(n) for n in (5000, 500, 499, 60, 20, 10, 9)] == [1, 1, 2, 10, 25, 50, 100]
    assert rounded_shares(np.array([1, 1, 1]), 1).tolist() == [34, 33, 33]
    assert rounded_shares(np.array([8, 40, 9]), 10).tolist() == [10, 70, 20]
    assert rounded_shares(np.array([0, 0]), 10).tolist() == [0, 0]


@settings(max_examples=60, deadline=None)
@given(counts=arrays(np.int64, st.tuples(st.integers(1, 3), st.integers(2, 7)),
                     elements=st.integers(0, 20)))  # fmt: skip
def test_no_pool_is_small_in_any_group(counts):
    into = common_pools(counts)
    held = np.zeros_like(counts)
    for k, to in enumerate(into):
        held[:, to] += counts[:, k]
    assert held.sum() == counts.sum()
    alone = len(set(into)) == 1
    assert alone or not ((held > 0) & (held < 5)).any()


def test_thresholds_beside_small_categories_are_hidden():
    assert shown_thresholds(np.array([[2, 30, 40, 30, 9]])).tolist() == [False, True, True, True]
    assert shown_thresholds(np.array([[10, 30, 40, 30, 9], [20, 3, 40, 8, 9]])).tolist() == [
        True, False, True, True,
    ]  # fmt: skip
    assert not shown_thresholds(np.array([[1, 1, 1]])).any()


def test_exclusions_tell_no_small_count():
    answers = pd.DataFrame({"a": [1.0] * 20, "b": [1.0] * 20, "c": [1.0] * 20})
    answers.loc[:5, "a"] = np.nan
    answers.loc[:1, "b"] = np.nan
    answers.loc[:7, "c"] = np.nan
    survey = read_survey(answers, columns={"a": "a", "b": "b", "c": "c"})
    found = {e["code"]: e for e in shown_exclusions(survey)}
    assert found["blank"]["by_item"] == {"a": 6, "c": 8}
    assert found["blank"]["items_hidden"] == 1
    assert found["blank"]["count"] is None, "the total would tell the third"
    assert {e["code"]: e for e in shown_exclusions(survey, 2)}["blank"]["count"] == 16


@pytest.mark.parametrize("min_n", [1, 5])
def test_nothing_missing_nothing_hidden(min_n):
    assert shown_items(missing((50, 0, 0)), min_n).notna().all().all()
