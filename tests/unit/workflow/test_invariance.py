"""The verb: what the ladder finds, what it licenses, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError
from truststats.workflow.invariance import invariance, licence, structural_steps
from truststats.workflow.invariance_plan import STEPS

MODEL = "f =~ x1 + x2 + x3 + x4\nh =~ x5 + x6 + x7 + x8"


def test_groups_that_measure_alike_may_be_compared(two_groups: pd.DataFrame) -> None:
    found = invariance(MODEL, two_groups, group="g", structural=True)
    assert found.licensed == "scalar"
    assert [step.name for step in found.steps[:4]] == list(STEPS)
    assert found.steps[-1].name == "means"
    assert found.freed == ()
    frame = found.frame()
    assert frame["decision"].iloc[1:4].isin(["holds", "approximately"]).all()
    assert frame.loc[1, "df_diff"] == 6
    assert found.steps[-1].decision == "fails"
    # the means differ by about 0.3, and the step that makes them equal says so
    assert frame.iloc[-1]["pvalue_diff"] < 0.01
    means = found.means().set_index(["factor", "group"])
    assert means.loc[("f", "south"), "difference"] == pytest.approx(0.3, abs=0.25)
    assert means.loc[("f", "south"), "ci_lower"] > 0


def test_the_table_is_that_of_plain_fits(two_groups: pd.DataFrame) -> None:
    found = invariance(MODEL, two_groups, group="g")
    fits = [
        ts.fit(MODEL, two_groups, group="g", group_equal=equal, estimator="MLR")
        for equal in STEPS.values()
    ]
    table = ts.compare(*fits, names=list(STEPS))
    mine = found.frame().set_index("step")
    for name in ("chisq", "df", "cfi", "rmsea", "srmr", "bic"):
        np.testing.assert_allclose(mine[name], table[name].astype(float), rtol=1e-5, atol=1e-6)
    for name in ("chisq_diff", "df_diff", "pvalue_diff", "delta_cfi", "delta_rmsea", "delta_srmr"):
        np.testing.assert_allclose(
            mine[name].iloc[1:], table[name].astype(float).iloc[1:], rtol=1e-4, atol=1e-6
        )
    assert set(mine["method"]) == {"", "satorra_bentler_2001"}


def test_the_item_that_stands_apart_is_named_and_freed(groups_apart: pd.DataFrame) -> None:
    found = invariance(MODEL, groups_apart, group="g")
    assert [one.item for one in found.freed] == ["x2"]
    assert found.freed[0].parameter == "x2~1"
    assert found.freed[0].df == 2
    assert found.licensed == "partial"
    assert found.frame()["decision"].tolist() == [
        "holds", "holds", "fails", "partial", "partial",
    ]  # fmt: skip
    assert found.tests.set_index("item").loc["x2", "p_adjusted"] < 1e-6
    # the rule gives trifles away, so that not every item has to be freed
    assert found.step("scalar").free == ("x2~1",)
    sizes = found.items.set_index(["item", "group"])["dmacs_signed"]
    assert sizes[("x2", "south")] == pytest.approx(0.8 / 1.0, abs=0.15)
    assert abs(sizes[("x3", "south")]) < 0.15


def test_without_enough_anchors_the_ladder_stops(groups_far_apart: pd.DataFrame) -> None:
    found = invariance(MODEL, groups_far_apart, group="g", rule="chisq")
    assert found.licensed is None
    assert found.latent_means is None
    assert found.steps[-1].decision == "fails"
    assert {"partial_anchors", "partial_no_item"} & {p.code for p in found.problems}
    with pytest.raises(NotSupportedError, match="not compared"):
        found.means()


def test_going_on_after_a_failure(groups_far_apart: pd.DataFrame) -> None:
    found = invariance(MODEL, groups_far_apart, group="g", partial=False, stop=False)
    assert [step.name for step in found.steps] == list(STEPS)
    assert found.licensed is None


def test_upto_and_the_survey_words(two_groups: pd.DataFrame) -> None:
    found = invariance(MODEL, two_groups, group="g", upto="metric")
    assert [step.name for step in found.steps] == ["configural", "metric"]
    assert found.licensed is None
    assert found.reached == "metric"


def test_second_order_factors_have_means_of_the_first_order(two_groups: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    above = rng.normal(size=(500, 1)) * 0.8 + rng.normal(size=(500, 3)) * 0.6
    common = np.repeat(above, 3, axis=1)
    data = pd.DataFrame(
        common + rng.normal(0.0, 0.6, common.shape), columns=[f"y{k + 1}" for k in range(9)]
    ).assign(g=two_groups["g"])
    text = "a =~ y1 + y2 + y3\nb =~ y4 + y5 + y6\nc =~ y7 + y8 + y9\ntop =~ a + b + c"
    found = invariance(text, data, group="g")
    assert found.licensed == "scalar"
    assert found.means()["factor"].unique().tolist() == ["a", "b", "c"]
    assert found.step("scalar").fit.df == found.step("metric").fit.df + 9 - 3


def test_bad_input_is_refused(two_groups: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="upto"):
        invariance(MODEL, two_groups, group="g", upto="loading")
    with pytest.raises(OptionError, match="no group column"):
        invariance(MODEL, two_groups)
    with pytest.raises(OptionError, match="structural"):
        invariance(MODEL, two_groups, group="g", structural="variance")
    with pytest.raises(OptionError, match="estimator"):
        invariance(MODEL, two_groups, group="g", estimator="GLS")


def test_structural_steps_need_what_comes_before() -> None:
    assert list(structural_steps("lv_covariances")) == ["lv_variances", "lv_covariances"]
    assert structural_steps(False) == {}
    assert list(structural_steps(True)) == ["lv_variances", "lv_covariances", "means"]


def test_no_licence_without_scalar_invariance() -> None:
    assert licence(()) is None


def test_a_survey_brings_its_clusters_and_group() -> None:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit", group="city")
    construct = ts.load_construct("vertical_trust")
    found = invariance(construct, survey, upto="scalar")
    assert found.synthetic
    assert found.steps[0].fit.n_clusters is not None
    assert found.group == "city"
    assert found.frame().attrs == found.steps[0].fit.glance().attrs


def test_many_groups_that_fail_are_pointed_to_alignment():
    rng = np.random.default_rng(2)
    places = np.repeat([f"p{k}" for k in range(8)], 150)
    f = rng.standard_normal(len(places))
    many = pd.DataFrame(
        {f"t{k}": 0.8 * f + 0.6 * rng.standard_normal(len(places)) for k in range(1, 6)}
    ).assign(place=places)
    for place, item in (("p1", "t1"), ("p3", "t2"), ("p4", "t3"), ("p5", "t4"), ("p6", "t5")):
        many.loc[many["place"] == place, item] += 1.0
    ladder = ts.invariance("f =~ t1 + t2 + t3 + t4 + t5", many, group="place")
    assert ladder.licensed is None
    (told,) = [p for p in ladder.problems if p.code == "many_groups_apart"]
    assert told.count == 8
    assert "ts.alignment" in told.remedy
