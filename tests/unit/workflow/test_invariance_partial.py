"""Which items are tested, freed and kept."""

from __future__ import annotations

import pandas as pd
import pytest

import truststats as ts
from truststats.workflow.invariance_partial import anchors_left, item_tests, loadings_of

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


@pytest.fixture(scope="module")
def scalar(groups_apart: pd.DataFrame) -> ts.Fit:
    return ts.fit(
        MODEL, groups_apart, group="g", std_lv=True, group_equal=["loadings", "intercepts"]
    )


def test_every_item_of_a_step_is_tested_once(scalar: ts.Fit) -> None:
    tests = item_tests(scalar, "scalar", "holm")
    assert tests["item"].tolist() == [f"x{k}" for k in range(1, 9)]
    assert tests["parameter"].tolist()[:2] == ["x1~1", "x2~1"]
    assert (tests["p_adjusted"] >= tests["pvalue"]).all()
    assert tests.loc[tests["chisq"].idxmax(), "item"] == "x2"
    loadings = item_tests(scalar, "metric", "bh")
    assert loadings["parameter"].tolist()[:2] == ["f=~x1", "f=~x2"]
    assert (loadings["df"] == 2).all()


def test_the_test_is_that_of_the_fit(scalar: ts.Fit) -> None:
    tests = item_tests(scalar, "scalar", "none").set_index("item")
    own = scalar.score_test()
    rows = [k for k, lhs in enumerate(own.univariate["lhs"]) if lhs.startswith("x2~1")]
    both = scalar.score_test(rows)
    assert tests.loc["x2", "chisq"] == pytest.approx(both.chisq, rel=1e-6)
    assert tests.loc["x2", "pvalue"] == pytest.approx(both.pvalue, rel=1e-5)


def test_anchors_have_nothing_free(scalar: ts.Fit) -> None:
    assert loadings_of(scalar.partable)["x5"] == ("h",)
    assert anchors_left(scalar.partable, ["f=~x2", "x2~1", "x3~1"]) == {"f": 2, "h": 4}
