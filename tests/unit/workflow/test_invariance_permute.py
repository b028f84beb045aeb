"""Permutation tests of the steps."""

from __future__ import annotations

import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError
from truststats.workflow.invariance import invariance
from truststats.workflow.invariance_permute import permute_steps

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


def test_steps_are_judged_by_chance(groups_apart: pd.DataFrame) -> None:
    found = invariance(MODEL, groups_apart, group="g", permutations=200, seed=3)
    frame = found.frame()
    assert frame["decision"].tolist()[:3] == ["holds", "holds", "fails"]
    assert frame.loc[2, "p_permuted"] == pytest.approx(1 / 201)
    assert frame.loc[0, "p_permuted"] > 0.05
    again = invariance(MODEL, groups_apart, group="g", permutations=200, seed=3)
    pd.testing.assert_frame_equal(frame, again.frame())
    assert found.permuted is not None
    assert found.permuted.seed == 3


def test_what_cannot_be_shuffled_is_refused(groups_apart: pd.DataFrame) -> None:
    holes = groups_apart.assign(x1=groups_apart["x1"].where(groups_apart["x1"] > 2))
    with pytest.raises(NotSupportedError, match="missing answers"):
        invariance(MODEL, holes, group="g", permutations=100)
    with pytest.raises(OptionError, match="draws"):
        invariance(MODEL, groups_apart, group="g", permutations=10)
    weighted = ts.fit(
        MODEL, groups_apart.assign(w=1.0 + (groups_apart["x1"] > 3)), group="g",
        sampling_weights="w", estimator="MLR",
    )  # fmt: skip
    with pytest.raises(NotSupportedError, match="weights"):
        permute_steps({"configural": weighted}, 100, None)
