"""Merging categories, and the sample that stands for ordinal moments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError
from truststats.model import Model
from truststats.workflow.data import use_rows
from truststats.workflow.grouping import grouping
from truststats.workflow.items import levels_of, merge_categories, prepare_items

MODEL = Model.from_text("f =~ a + b\nf ~ x")
NAMES = ("a", "b", "x")


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    y = rng.integers(1, 6, (300, 2)).astype(float)
    out = pd.DataFrame(y, columns=["a", "b"]).assign(
        x=rng.standard_normal(300), g=np.repeat(["one", "two"], 150)
    )
    out.loc[out["g"] == "two", "a"] = out["a"].clip(lower=2.0)
    return out


def used(frame, **options):
    groups = grouping(frame, frame, "g", None)
    return use_rows(
        MODEL, NAMES, frame, missing="listwise", cluster=None, x=("x",), groups=groups, **options
    )


def test_the_neighbour_is_the_one_nearer_to_the_middle(frame):
    got = merge_categories(used(frame), NAMES, {"a", "b"}, set())
    assert levels_of(got, NAMES)["a"].tolist() == [2.0, 3.0, 4.0, 5.0]
    assert (got.rows[:, 0] == frame["a"].clip(lower=2.0)).all()
    frame.loc[frame["g"] == "one", "a"] = frame["a"].clip(upper=3.0)
    got = merge_categories(used(frame), NAMES, {"a", "b"}, set())
    assert levels_of(got, NAMES)["a"].tolist() == [2.0, 3.0]


def test_rows_stay_as_they_are_where_nothing_is_merged(frame):
    given = used(frame.assign(a=frame["b"]))
    assert merge_categories(given, NAMES, {"a", "b"}, set()) is given


def test_the_sample_has_the_moments_of_all_variables_together(frame):
    got = prepare_items(
        merge_categories(used(frame), NAMES, {"a", "b"}, set()),
        NAMES,
        {"a", "b"},
        {"x"},
        "listwise",
    )
    for sample, moments, label in zip(got.samples, got.moments, ("one", "two"), strict=True):
        x = frame.loc[frame["g"] == label, "x"]
        slopes = moments.slopes[:, 0]
        assert sample.mean == pytest.approx([*(slopes * x.mean()), x.mean()])
        assert sample.cov[2, 2] == pytest.approx(x.var())
        assert sample.cov[0, 2] == pytest.approx(slopes[0] * x.var())
        want = moments.cov[0, 1] + slopes[0] * slopes[1] * x.var()
        assert sample.cov[0, 1] == pytest.approx(want)


def test_empty_cells_of_several_groups_are_one_note(frame):
    frame.loc[(frame["a"] == 5) & (frame["b"] == 5), "b"] = 1.0
    got = prepare_items(
        merge_categories(used(frame), NAMES, {"a", "b"}, set()),
        NAMES,
        {"a", "b"},
        {"x"},
        "listwise",
    )
    (note,) = [p for p in got.problems if p.code == "empty_cells"]
    assert note.message == "2 of 2 two-way tables have empty cells: in one, two."
    assert (note.group, note.count) == ("", 2)


def test_a_single_cluster_is_refused_in_any_group(frame):
    frame["unit"] = np.where(frame["g"] == "one", 0, np.arange(len(frame)))
    for group, text in ((None, "All rows used"), ("g", "Group 'one': All rows used")):
        rows = frame if group else frame[frame["g"] == "one"]
        with pytest.raises(DataError, match=text):
            ts.fit("a ~ b + x", rows, ordered=["a"], cluster="unit", group=group)
