"""How the ladder goes on, stops and tests."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.invariance import rule_of
from truststats.workflow.invariance_fit import refit_equal
from truststats.workflow.invariance_ladder import Ladder, difference_of
from truststats.workflow.invariance_plan import STEPS

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


@pytest.fixture(scope="module")
def base(groups_apart: pd.DataFrame) -> ts.Fit:
    return ts.fit(MODEL, groups_apart, group="g", std_lv=True, estimator="MLR")


def test_it_stops_where_a_step_fails(base: ts.Fit) -> None:
    ladder = Ladder(partial(refit_equal, base), rule_of("chen", base.nobs))
    found = ladder.climb(base, STEPS, {"means": "means", "lv_variances": "lv.variances"})
    assert [(s.name, s.decision) for s in found.steps][2:] == [
        ("scalar", "fails"), ("lv_variances", found.steps[-1].decision),
    ]  # fmt: skip
    assert found.steps[-1].against == "metric"


def test_a_freed_loading_frees_the_intercept_of_the_next_step(base: ts.Fit) -> None:
    ladder = Ladder(partial(refit_equal, base), rule_of("chen", base.nobs))
    assert ladder._carried("scalar", ("f=~x2",)) == ("f=~x2", "x2~1")
    assert ladder._carried("strict", ("f=~x2",)) == ("f=~x2",)


def test_equal_degrees_of_freedom_are_no_test(base: ts.Fit) -> None:
    ladder = Ladder(partial(refit_equal, base), rule_of("chen", base.nobs))
    found = ladder.climb(base, {"configural": (), "metric": ()}, {})
    assert found.steps[1].decision == "equivalent"
    assert found.steps[1].difference is None


def test_the_difference_has_a_value_where_that_of_2001_has_none(
    base: ts.Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from truststats.workflow import invariance_ladder

    step = refit_equal(base, ("loadings",))
    plain = difference_of(step, base)
    assert plain.method == "satorra_bentler_2001"
    original = invariance_ladder.difference

    def negative(smaller, larger, method=None):
        found = original(smaller, larger, method)
        return found if method else replace(found, scaling_factor=-0.1)

    monkeypatch.setattr(invariance_ladder, "difference", negative)
    assert difference_of(step, base).method == "satorra_bentler_2010"
