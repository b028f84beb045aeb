"""The same form in every group: one by one or jointly, what it measures and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from tests.unit.workflow.test_alignment import MODEL, answers
from truststats.errors import DataError
from truststats.model import Model
from truststats.options import FROM_SURVEY
from truststats.workflow.alignment_fit import configural, from_fit
from truststats.workflow.invariance_groups import Kept

KEPT = Kept("g", ("b", "a", "d"), (), "listwise")


def test_groups_one_by_one_are_the_joint_model() -> None:
    data, model = answers(n=150), Model.from_text(MODEL)
    found = configural(model, data, KEPT, estimator="MLR", cluster=FROM_SURVEY)
    joint = from_fit(
        ts.fit(MODEL, data, group="g", group_label=["b", "a", "d"], std_lv=True, estimator="MLR")
    )
    assert found.people == joint.people == {"b": 150, "a": 150, "d": 150}
    assert found.measures == pytest.approx(joint.measures, rel=1e-5, abs=1e-6)
    mine, other = found.factors[0], joint.factors[0]
    assert mine.items == ("y1", "y2", "y3", "y4", "y5")
    assert mine.loadings == pytest.approx(other.loadings, abs=1e-5)
    assert mine.intercepts == pytest.approx(other.intercepts, abs=1e-5)
    assert (mine.cov.shape, other.cov.shape) == ((3, 10, 10), (1, 30, 30))
    for g in range(3):
        block = other.cov[0, 10 * g : 10 * g + 10, 10 * g : 10 * g + 10]
        assert mine.cov[g] == pytest.approx(block, abs=1e-6)


def test_clusters_across_groups_make_them_depend() -> None:
    data, model = answers(n=150), Model.from_text(MODEL)
    found = configural(model, data, KEPT, estimator="MLR", cluster="wave").factors[0]
    assert found.cov.shape == (1, 30, 30)
    assert np.abs(found.cov[0, :10, 10:20]).max() > 1e-5
    with pytest.raises(DataError, match="no cluster column 'waves'"):
        configural(model, data, KEPT, estimator="MLR", cluster="waves")


def test_groups_without_a_solution_are_left_out() -> None:
    data, model = answers(n=150), Model.from_text(MODEL)
    inside = data["g"] == "a"
    data.loc[inside, "y1"] = data.loc[inside, "y2"]
    found = configural(model, data, KEPT, estimator="MLR", cluster=None)
    assert [(one.group, one.reason) for one in found.left_out] == [("a", "not_converged")]
    assert list(found.people) == ["b", "d"]
    data["y1"] = data["y2"]
    with pytest.raises(DataError, match="y1 and y2 are the same variable"):
        configural(model, data, KEPT, estimator="MLR", cluster=None)


def test_just_identified_models_have_no_test() -> None:
    data, model = answers(n=150), Model.from_text("f =~ y1 + y2 + y3")
    found = configural(model, data, KEPT, estimator="MLR", cluster=None)
    assert found.measures["df"] == 0
    assert np.isnan([found.measures[name] for name in ("cfi", "rmsea", "pvalue")]).all()
    means = ts.alignment("f =~ y1 + y2 + y3", data, group="g", draws=200).frame()
    assert means["se"].notna().sum() == 5
