from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.categorical import answer_values, ordinal_coefficients, steps_of
from truststats.psychometrics.composites import composites_of


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(31)
    eta = rng.normal(size=600)
    cuts = ([-0.5, 0.6], [-1.2, -0.4, 0.3, 1.1], [0.2], [-0.9, 0.1, 0.8])
    made = {}
    for k, cut in enumerate(cuts):
        y = 0.75 * eta + np.sqrt(1 - 0.75**2) * rng.normal(size=600)
        made[f"i{k + 1}"] = 1 + np.searchsorted(cut, y)
    return pd.DataFrame(made)


@pytest.fixture(scope="module")
def fit(answers):
    return ts.fit("f =~ i1 + i2 + i3 + i4", answers, ordered=True)


def parts_of(fit):
    group = fit.estimate.groups[0]
    return group, composites_of(fit.partable, group.layout, group.state)[0]


def test_the_delta_method_is_that_of_numerical_derivatives(fit):
    group, composite = parts_of(fit)
    theta, step, signs = fit.estimate.theta, 1e-5, np.ones(4)

    def at(given):
        return answer_values(group, composite, signs, given[None])[0]

    moves = step * np.eye(len(theta))
    slope = np.array([(at(theta + e) - at(theta - e)) / (2 * step) for e in moves]).T
    want = np.sqrt(np.diag(slope @ fit.vcov @ slope.T))
    made = {c.name: c for c in ordinal_coefficients(group, composite, signs, fit.vcov)}
    assert made["omega_categorical"].se == pytest.approx(want[0], rel=1e-5)
    assert made["omega_categorical"].value == pytest.approx(at(theta)[0])


def test_the_parameterisation_does_not_matter(answers, fit):
    theta = ts.fit("f =~ i1 + i2 + i3 + i4", answers, ordered=True, parameterization="theta")
    names = ["value", "se"]
    pd.testing.assert_frame_equal(
        theta.reliability()[names], fit.reliability()[names], rtol=1e-4, atol=1e-6
    )


def test_turning_an_item_round_changes_nothing(answers, fit):
    turned = answers.assign(i2=6 - answers["i2"])
    other = ts.fit("f =~ i1 + i2 + i3 + i4", turned, ordered=True)
    names = ["value", "se"]
    pd.testing.assert_frame_equal(
        other.reliability(reverse=["i2"])[names], fit.reliability()[names], rtol=1e-4, atol=1e-6
    )
    left = other.reliability().query("coefficient == 'omega_categorical'").iloc[0]
    assert left["problems"] == "against_the_others"


def test_steps_follow_the_codes(answers):
    wide = answers.assign(i1=answers["i1"].map({1: 1, 2: 2, 3: 5}))
    group, composite = parts_of(ts.fit("f =~ i1 + i2 + i3 + i4", wide, ordered=True))
    assert steps_of(group, composite.items).size[0].tolist() == [1.0, 3.0, 0.0, 0.0]


def test_omega_is_below_that_of_the_responses(fit):
    found = fit.reliability().set_index("coefficient")["value"]
    assert found["alpha"] < found["alpha_ordinal"]
    assert found["omega_categorical"] < found["maximal"]


def test_shared_items_have_none(answers):
    text = "f =~ i1 + i2 + i3\ng =~ i3 + i4 + i5\ni5 ~~ 0*i1"
    rng = np.random.default_rng(1)
    more = answers.assign(i5=np.clip(answers["i4"] + rng.integers(-1, 2, 600), 1, 4))
    frame = ts.fit(text, more, ordered=True).reliability()
    rows = frame[frame["coefficient"] == "omega_categorical"]
    assert rows["value"].isna().all()
    assert (rows["problems"].str.contains("shared_items")).all()


def test_beside_continuous_scales_and_given_covariates(answers):
    rng = np.random.default_rng(9)
    f = answers["i2"] + rng.normal(size=600)
    more = answers.assign(
        **{f"c{k}": f + rng.normal(size=600) for k in (1, 2, 3)}, z=rng.normal(size=600)
    )
    items = ["i1", "i2", "i3", "i4"]
    text = "f =~ i1 + i2 + i3 + i4"
    both = ts.fit(text + "\ng =~ c1 + c2 + c3", more, ordered=items).reliability()
    alone = ts.fit(text, more, ordered=True).reliability()
    mine = both[both["construct"] == "f"].set_index("coefficient")
    same = alone.set_index("coefficient")
    for name in ("alpha", "alpha_ordinal"):
        assert mine.loc[name, "value"] == pytest.approx(same.loc[name, "value"], abs=1e-6)
        assert mine.loc[name, "se"] == pytest.approx(same.loc[name, "se"], rel=1e-3)
    assert set(both.query("construct == 'g'")["coefficient"]) >= {"alpha", "omega", "ave"}
    mixed = ts.fit("f =~ i1 + i2 + i3 + c1", more, ordered=items[:3])
    assert set(mixed.reliability()["problems"]) == {"mixed_kinds"}
    given = ts.fit(text + "\nf ~ z", more, ordered=items)
    rows = given.reliability().set_index("coefficient")
    assert rows.loc["alpha", "value"] == pytest.approx(same.loc["alpha", "value"])
    # z explains next to nothing, so all is as without it
    for name in ("alpha_ordinal", "omega_categorical", "omega_categorical_observed", "ave"):
        assert rows.loc[name, "value"] == pytest.approx(same.loc[name, "value"], abs=2e-3)
        assert "given_covariates" in rows.loc[name, "problems"]
    assert rows.loc["alpha_ordinal", "se"] == pytest.approx(
        same.loc["alpha_ordinal", "se"], rel=0.05
    )
    assert np.isfinite(given.item_statistics()["omega_dropped"]).all()
