"""Which steps a ladder has, by the name of the last one."""

from __future__ import annotations

import pandas as pd
import pytest

import truststats as ts
from truststats.errors import OptionError
from truststats.workflow.invariance_plan import Plan, plan_of_groups

MODEL = "f =~ x1 + x2 + x3 + x4"


def plan(data: pd.DataFrame, **options: object) -> Plan:
    given = {
        "group": "g", "group_label": None, "estimator": None, "ordered": None, "missing": None,
        "cluster": None, "least": 100,
    }  # fmt: skip
    return plan_of_groups(MODEL, data, **{**given, **options})  # pyright: ignore[reportArgumentType]


def test_continuous_items(two_groups: pd.DataFrame) -> None:
    made = plan(two_groups)
    assert made.first.estimator == "MLR"
    assert list(made.upto("metric")) == ["configural", "metric"]
    assert list(made.upto("residuals")) == ["configural", "metric", "scalar", "strict"]
    assert list(made.upto("configural")) == ["configural"]


def test_units_of_the_text_are_kept_and_said(two_groups: pd.DataFrame) -> None:
    made = plan_of_groups(
        "f =~ 1*x1 + x2 + x3", two_groups, group="g", group_label=None, estimator=None,
        ordered=None, missing=None, cluster=None, least=100,
    )  # fmt: skip
    assert [p.code for p in made.problems] == ["fixed_units"]
    assert not made.first.options["std_lv"]


def test_weights_leave_the_partial_route_out(two_groups: pd.DataFrame) -> None:
    from truststats.workflow import invariance_plan

    def weighted(model: object, data: pd.DataFrame, **options: object) -> object:
        frame = data.assign(w=1.0 + (data["x1"] > 3))
        return ts.fit(model, frame, sampling_weights="w", **options)  # pyright: ignore[reportArgumentType]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(invariance_plan, "fit", weighted)
        made = plan(two_groups)
    assert made.partial == ()
    assert "partial_not_weighted" in {p.code for p in made.problems}


def test_ordinal_items(two_groups: pd.DataFrame) -> None:
    items = [f"x{k}" for k in range(1, 5)]
    coded = two_groups.assign(**{k: (two_groups[k] > 3) + 0 for k in items})
    made = plan(coded, ordered=True)
    assert made.first.estimator == "WLSMV"
    assert list(made.upto("metric")) == ["configural", "intercepts"]
    assert made.operators == {"intercepts": ("|", "=~")}
    with pytest.raises(OptionError, match="estimator"):
        plan(coded, estimator="WLS")
