"""Every item's parameters on one scale."""

from __future__ import annotations

import pandas as pd
import pytest

import truststats as ts
from truststats.workflow.invariance import invariance
from truststats.workflow.invariance_items import item_effects

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


def test_an_item_stands_against_all_others(groups_apart: pd.DataFrame) -> None:
    found = invariance(MODEL, groups_apart, group="g", partial=False)
    frame = item_effects(found).set_index(["item", "group"])
    own = ts.fit(
        MODEL, groups_apart, group="g", std_lv=True, estimator="MLR",
        group_equal=["loadings", "intercepts"], group_partial=["f=~x2", "x2~1"],
    ).tidy()  # fmt: skip
    row = own.query("lhs == 'x2' and op == '~1' and group == 'south'").iloc[0]
    assert frame.loc[("x2", "south"), "intercept"] == pytest.approx(row["est"], abs=1e-4)
    assert frame.loc[("x2", "south"), "intercept_se"] == pytest.approx(row["se"], rel=1e-3)
    assert pd.isna(frame.loc[("x2", "north"), "dmacs"])
    assert frame["dmacs"].idxmax() == ("x2", "south")


def test_an_item_alone_has_no_effect_size(groups_apart: pd.DataFrame) -> None:
    found = invariance("f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6", groups_apart, group="g")
    frame = found.items
    assert frame["item"].nunique() == 6
    assert frame.query("item == 'x5'")["loading"].notna().all()
