"""Shares of answers and their probabilities at values of the factors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError

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
