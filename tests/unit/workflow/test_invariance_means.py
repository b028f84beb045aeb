"""The table of the factors' means."""

from __future__ import annotations

import pandas as pd
import pytest

import truststats as ts
from truststats.workflow.invariance_means import means_frame, measured_by_items


def test_one_row_a_factor_and_group(groups_apart: pd.DataFrame) -> None:
    fit = ts.fit(
        "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8", groups_apart, group="g", std_lv=True,
        group_equal=["loadings", "intercepts"],
    )  # fmt: skip
    frame = means_frame(fit)
    assert frame[["factor", "group"]].to_numpy().tolist()[:3] == [
        ["f", "north"], ["f", "south"], ["f", "west"],
    ]  # fmt: skip
    assert frame.loc[0, "mean"] == 0.0
    assert frame["difference"].isna().sum() == 2
    south = frame.iloc[1]
    assert south["ci_lower"] < south["difference"] < south["ci_upper"]
    assert south["d_lower"] < south["d"] < south["d_upper"]
    assert (south["pvalue"] < 0.05) == (south["ci_lower"] > 0 or south["ci_upper"] < 0)
    assert frame.iloc[1]["difference"] == pytest.approx(frame.iloc[1]["mean"])


def test_factors_of_factors_are_left_out(two_groups: pd.DataFrame) -> None:
    text = "a =~ x1 + x2 + x3\nb =~ x4 + x5 + x6\nc =~ x7 + x8 + x2\ng2 =~ a + b + c"
    assert measured_by_items(ts.fit(text, two_groups)) == ["a", "b", "c"]
