"""The steps of ordinal items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.workflow.invariance import invariance
from truststats.workflow.invariance_ordinal import (
    also_freed,
    freed_items,
    held,
    ordinal_steps,
    whole_item,
)
from truststats.workflow.invariance_partial import item_tests

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"
ITEMS = [f"x{k + 1}" for k in range(8)]


@pytest.fixture(scope="module")
def answers(groups_apart: pd.DataFrame) -> pd.DataFrame:
    """Four categories; in "south" x2 is answered higher."""
    out = groups_apart.copy()
    out[ITEMS] = np.digitize(groups_apart[ITEMS], [2.2, 3.0, 3.9]) + 1
    return out


def test_steps_by_the_number_of_categories() -> None:
    steps, said = ordinal_steps([("a", 4), ("b", 5)])
    assert list(steps) == ["configural", "thresholds", "loadings", "intercepts", "residuals"]
    assert said == []
    _, said = ordinal_steps([("a", 4), ("b", 3)])
    assert [(p.code, p.where) for p in said] == [("thresholds_untested", "b")]
    steps, said = ordinal_steps([("a", 2), ("b", 3)])
    assert list(steps) == ["configural", "intercepts", "residuals"]
    assert [p.code for p in said] == ["steps_collapse"]


def test_the_item_that_stands_apart_is_freed(answers: pd.DataFrame) -> None:
    found = invariance(MODEL, answers, group="g", ordered=True, rule="chisq")
    assert found.ordinal
    assert [one.item for one in found.freed] == ["x2"]
    assert found.freed[0].step == "intercepts"
    assert found.licensed == "partial"
    sizes = found.items.set_index(["item", "group"])
    assert sizes["dmacs"].idxmax() == ("x2", "south")
    assert sizes.loc[("x2", "south"), "dmacs_signed"] > 0.4
    assert sizes["loading_se"].notna().all()


def test_three_categories_leave_thresholds_untested(answers: pd.DataFrame) -> None:
    three = answers.copy()
    three[ITEMS] = three[ITEMS].clip(upper=3)
    found = invariance(MODEL, three, group="g", ordered=True, upto="thresholds")
    assert [step.decision for step in found.steps] == ["holds", "equivalent"]
    assert "thresholds_untested" in {p.code for p in found.problems}


def test_two_categories_collapse_the_steps(answers: pd.DataFrame) -> None:
    two = answers.copy()
    two[ITEMS] = (two[ITEMS] > 2).astype(int)
    text = "h =~ x5 + x6 + x7 + x8"
    found = invariance(text, two, group="g", ordered=True, rule="chisq", upto="scalar")
    assert [step.name for step in found.steps][:2] == ["configural", "intercepts"]
    assert "steps_collapse" in {p.code for p in found.problems}
    assert found.frame().loc[1, "df_diff"] == 4
    tests = item_tests(found.step("intercepts").fit, "intercepts", "holm", ("|", "=~"))
    assert tests["item"].tolist() == ITEMS[4:]
    assert (tests["df"] == 2).all()


def test_a_freed_item_has_nothing_in_common(answers: pd.DataFrame) -> None:
    fit = ts.fit(
        MODEL, answers, group="g", ordered=True, parameterization="theta", std_lv=True,
        group_equal=["thresholds", "loadings"], group_partial=["x2|t1", "x2|t2", "x2|t3", "f=~x2"],
    )  # fmt: skip
    table = held(fit.partable, {"x2"})
    rows = [
        k for k, (lhs, op) in enumerate(zip(table.lhs, table.op, strict=True))
        if lhs == "x2" and op in ("~1", "~~")
    ]  # fmt: skip
    assert all(table.unique[k] == -1 for k in rows)
    assert {table.ustart[k] for k in rows} == {0.0, 1.0}
    assert table.npar == fit.partable.npar - 4
    assert sorted({u for u in table.unique if u >= 0}) == list(range(table.npar))
    assert held(fit.partable, set()) is fit.partable


def test_what_is_freed_together(answers: pd.DataFrame) -> None:
    fit = ts.fit(MODEL, answers, group="g", ordered=True)
    assert whole_item(fit.partable, "x5") == ("x5|t1", "x5|t2", "x5|t3", "h=~x5")
    assert also_freed(fit.partable)["x1|t1"] == ("x1|t2", "x1|t3", "f=~x1")
    assert freed_items(["x5|t1", "x5|t2", "x1~1"]) == {"x5"}
