"""Shares of answers and their probabilities at values of the factors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError

TEXT = "f =~ a + b + c + d"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    y = 0.8 * rng.standard_normal((400, 1)) + 0.6 * rng.standard_normal((400, 4))
    out = pd.DataFrame(np.digitize(y, [-0.7, 0.4]) + 1.0, columns=list("abcd"))
    out[rng.random(out.shape) < 0.05] = np.nan
    out.loc[out["a"] == 1.0, "a"] = 2.0
    out.loc[out.index[:3], "a"] = 1.0
    return out.assign(g=np.repeat(["one", "two"], 200))


@pytest.fixture(scope="module")
def fit(data):
    return ts.fit(TEXT, data, ordered=True, missing="pairwise")


def test_shares_are_those_of_the_answers(data, fit):
    made = fit.category_probabilities(min_n=1)
    assert list(made.columns) == ["item", "category", "n", "observed", "implied"]
    for item, rows in made.groupby("item"):
        seen = data[item].value_counts(normalize=True).sort_index()
        np.testing.assert_allclose(rows["observed"], seen, atol=1e-12)
        np.testing.assert_allclose(rows["implied"], seen, atol=1e-6)
        np.testing.assert_array_equal(rows["n"], data[item].value_counts().sort_index())


def test_small_shares_are_hidden_with_what_gives_them_away(fit):
    made = fit.category_probabilities().set_index(["item", "category"])
    hidden = made["observed"].isna()
    assert hidden[("a", 1.0)]
    assert hidden["a"].sum() >= 2
    assert not hidden[["b", "c", "d"]].any()
    for column in ("n", "implied"):
        assert (made[column].isna() == hidden).all()


def test_groups_have_their_own_shares(data):
    answers = data.assign(a=data["b"])
    fit = ts.fit(TEXT, answers, ordered=True, group="g", group_equal=["loadings", "thresholds"])
    made = fit.category_probabilities()
    assert list(made["group"].unique()) == list(fit.groups)
    one = fit.category_probabilities(group="one")
    assert set(one["group"]) == {"one"}
    used = answers[answers["g"] == "one"].dropna()
    want = used["c"].value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(one[one["item"] == "c"]["observed"], want, atol=1e-12)
    # equal thresholds: the model is not the sample any more
    assert (made["observed"] - made["implied"]).abs().max() > 1e-4
    with pytest.raises(OptionError, match="three"):
        fit.category_probabilities(group="three")
    # the other group's table tells nothing that this one's would hide
    many = fit.category_probabilities(min_n=40)
    gone = many["observed"].isna().to_numpy().reshape(2, -1)
    assert (gone[0] == gone[1]).all() == (gone.any(axis=0) == gone.all(axis=0)).all()


def test_probabilities_at_values_sum_to_one_and_climb(fit):
    made = fit.category_probabilities([-2.0, 0.0, 2.0], factor="f")
    assert list(made.columns) == ["factor", "value", "item", "category", "probability"]
    total = made.groupby(["value", "item"])["probability"].sum()
    np.testing.assert_allclose(total, 1.0)
    top = made[made["category"] == 3.0].pivot(index="item", columns="value", values="probability")
    assert (top.diff(axis=1).iloc[:, 1:] > 0).all().all()
    assert len(fit.category_probabilities(0.5)) == 12


def test_what_is_refused(data, fit):
    with pytest.raises(OptionError, match="finite values"):
        fit.category_probabilities([np.nan])
    with pytest.raises(OptionError, match="factor"):
        fit.category_probabilities(0.0, factor="h")
    with pytest.raises(NotSupportedError, match="ordinal items"):
        ts.fit(TEXT, data.dropna()).category_probabilities()
    with pytest.raises(NotSupportedError, match="no factor"):
        ts.fit("a ~~ b\nc ~~ d", data, ordered=True).category_probabilities(0.0)


def test_residuals_of_thresholds(data, fit):
    assert list(fit.residuals(thresholds=True).index[:3]) == ["a|t1", "a|t2", "b|t1"]
    with pytest.raises(OptionError, match="no ordinal items"):
        ts.fit(TEXT, data.dropna()).residuals(thresholds=True)
    with pytest.raises(NotSupportedError, match="thresholds=True"):
        fit.residuals(means=True)
    assert list(fit.residual_summary().columns) == ["cor", "thresholds", "total"]
    assert np.isnan(fit.residuals("se").to_numpy().diagonal()).all()


@pytest.fixture(scope="module")
def given(data) -> ts.Fit:
    rng = np.random.default_rng(3)
    code = data["b"].fillna(2.0).to_numpy()
    mean = data[list("abcd")].mean(axis=1).fillna(2.0).to_numpy()
    more = data.assign(age=rng.normal(0.6 * mean, 1.0), sex=rng.integers(0, 2, 400), c2=code)
    more["y"] = more["c2"] + rng.standard_normal(400)
    text = "f =~ a + b + c + d + y\nf ~ age + sex\nd ~ sex"
    return ts.fit(text, more, ordered=list("abcd"), missing="pairwise")


def test_implied_shares_are_averages_over_the_covariates(data, given):
    made = given.category_probabilities(min_n=1)
    assert set(made["item"]) == set("abcd")
    for item, rows in made.groupby("item"):
        seen = data[item].value_counts(normalize=True).sort_index()
        np.testing.assert_allclose(rows["observed"], seen, atol=1e-12)
        # free thresholds given covariates: close, not equal
        np.testing.assert_allclose(rows["implied"], seen, atol=0.03)


def test_values_of_covariates(given):
    made = given.category_probabilities(x={"age": [0.0, 2.0], "sex": [0, 1]})
    assert list(made.columns) == ["age", "sex", "item", "category", "observed", "implied"]
    total = made.groupby(["age", "sex", "item"])["implied"].sum(min_count=3).dropna()
    assert len(total) == 12
    np.testing.assert_allclose(total, 1.0)
    top = made[(made["category"] == 3.0) & (made["sex"] == 0) & (made["item"] == "b")]
    assert top["implied"].is_monotonic_increasing
    # an average over both sexes lies between them
    mean = given.category_probabilities(x={"age": 0.0})
    sides = made[made["age"] == 0.0].pivot(
        index=["item", "category"], columns="sex", values="implied"
    )
    middle = mean.set_index(["item", "category"])["implied"].loc[sides.index]
    assert ((middle - sides.min(axis=1)).dropna() > -1e-12).all()
    assert ((sides.max(axis=1) - middle).dropna() > -1e-12).all()


def test_at_a_factor_only_a_direct_effect_tells_covariates_apart(given):
    made = given.category_probabilities(0.3, x={"sex": [0, 1]})
    sides = made.pivot(index=["item", "category"], columns="sex", values="probability")
    gap = (sides[0] - sides[1]).abs().groupby("item").max()
    assert gap[["a", "b", "c"]].max() < 1e-12
    assert gap["d"] > 1e-4
    assert set(made["item"]) == set("abcd")


def test_covariates_that_are_refused(given, fit, tmp_path):
    with pytest.raises(OptionError, match="no exogenous covariates"):
        fit.category_probabilities(x={"age": 1.0})
    with pytest.raises(OptionError, match="'sax'"):
        given.category_probabilities(x={"sax": 1.0})
    for wrong in (1.0, {}, {"sex": []}, {"sex": [np.nan]}):
        with pytest.raises(OptionError, match="x= needs"):
            given.category_probabilities(x=wrong)
    kept = ts.read_fit(given.save(tmp_path / "fit.json"))
    with pytest.raises(DataError, match="need the rows"):
        kept.category_probabilities(0.0)
    both = {"age": 1.0, "sex": 0.0}
    pd.testing.assert_frame_equal(
        kept.category_probabilities(0.0, x=both), given.category_probabilities(0.0, x=both)
    )


def test_residual_slopes_and_means(given, fit):
    slopes = given.residuals(slopes=True)
    assert slopes.shape == (5, 2)
    assert abs(slopes.loc["d", "sex"]) < 1e-9
    assert list(given.residuals(means=True).index) == ["y"]
    z = given.residuals("z", slopes=True)
    assert np.isnan(z.loc["d", "sex"])
    scaled = given.residuals("cor", slopes=True)
    assert scaled.loc["a", "age"] / slopes.loc["a", "age"] == pytest.approx(
        given.estimate.samples[0].cov[-2, -2] ** 0.5
    )
    table = given.residual_summary()
    assert list(table.columns) == ["cov", "thresholds", "mean", "slopes", "total"]
    assert table.loc["srmr", "slopes"] > 0.0
    with pytest.raises(OptionError, match="no exogenous covariates"):
        fit.residuals(slopes=True)
    with pytest.raises(OptionError, match="one at a time"):
        given.residuals(slopes=True, means=True)
