"""Scores of ordinal items: rows, groups, new answers, refusals."""

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
    out = pd.DataFrame(np.digitize(y, [-0.7, 0.4]), columns=list("abcd")).astype(float)
    out[rng.random(out.shape) < 0.05] = np.nan
    out.index = pd.Index([f"r{k}" for k in range(400)])
    return out.assign(g=np.repeat(["one", "two"], 200))


@pytest.fixture(scope="module")
def fit(data):
    return ts.fit(TEXT, data, ordered=True, missing="pairwise")


def test_every_row_with_an_answer_has_a_score(data, fit):
    scores = fit.predict(se=True)
    assert list(scores.index) == list(data.index)
    assert list(scores.columns) == ["f", "f_se"]
    assert (scores["f"].isna() == data[list("abcd")].isna().all(axis=1)).all()
    whole = ts.fit(TEXT, data, ordered=True).predict()
    assert (whole["f"].isna() == data[list("abcd")].isna().any(axis=1)).all()


def test_lavaans_names_of_methods(fit):
    pd.testing.assert_frame_equal(fit.predict(), fit.predict(method="ebm"))
    pd.testing.assert_frame_equal(fit.predict(method="bartlett"), fit.predict(method="ml"))
    with pytest.raises(OptionError, match="eap"):
        fit.predict(method="eep")


def test_higher_answers_have_higher_scores(data, fit):
    for method in ("ebm", "eap"):
        total = data[list("abcd")].sum(axis=1, min_count=4)
        assert fit.predict(method=method)["f"].corr(total) > 0.95


def test_new_answers_are_scored_as_those_of_the_fit(data, fit):
    new = fit.predict(data.iloc[30:60], method="eap")
    pd.testing.assert_frame_equal(new, fit.predict(method="eap").iloc[30:60])


def test_an_answer_that_the_fit_does_not_know(data, fit):
    new = data.head(5).copy()
    new.loc["r1", "b"] = 7.0
    with pytest.raises(DataError, match="item b has the answer 7") as caught:
        fit.predict(new)
    assert "categories 0, 1, 2" in caught.value.where


@pytest.mark.parametrize("equal", [(), ("loadings", "thresholds")])
@pytest.mark.parametrize("method", ["ebm", "eap", "ml"])
def test_groups_have_their_own_scores_in_both_parameterisations(data, equal, method):
    both = [
        ts.fit(TEXT, data, ordered=True, group="g", group_equal=equal, parameterization=kind)
        for kind in ("delta", "theta")
    ]
    delta, theta = (fit.predict(method=method)["f"] for fit in both)
    for rows in (data["g"] == "one", data["g"] == "two"):
        scale = theta[rows].std() / delta[rows].std()
        np.testing.assert_allclose(theta[rows], scale * delta[rows], atol=1e-5)
    again = both[0].predict(data.iloc[150:250], method=method)["f"]
    pd.testing.assert_series_equal(again, delta.iloc[150:250])


def test_one_side_of_a_joint_fit_scores_its_rows(data):
    joint = ts.fit(TEXT, data, ordered=True, group="g")
    own = joint.group("two").predict(data[data["g"] == "two"])
    pd.testing.assert_frame_equal(own, joint.predict().loc[data["g"] == "two"])


def test_what_has_no_score(data):
    dependent = ts.fit(TEXT + "\na ~~ b", data, ordered=True)
    with pytest.raises(NotSupportedError, match="a and b"):
        dependent.predict()
    with pytest.raises(NotSupportedError, match="no factor"):
        ts.fit("a ~~ b\nc ~~ d", data, ordered=True).predict()
    rng = np.random.default_rng(3)
    common = rng.standard_normal((600, 1))
    factors = 0.8 * common + 0.6 * rng.standard_normal((600, 3))
    y = 0.8 * np.repeat(factors, 3, axis=1) + 0.6 * rng.standard_normal((600, 9))
    many = pd.DataFrame(np.digitize(y, [-0.5, 0.5]), columns=[f"i{k}" for k in range(9)])
    text = "u =~ i0 + i1 + i2\nv =~ i3 + i4 + i5\nw =~ i6 + i7 + i8\ntop =~ u + v + w"
    second = ts.fit(text, many, ordered=True)
    with pytest.raises(NotSupportedError, match="top"):
        second.predict(method="ml")
    scores = second.predict(method="eap", se=True)
    assert scores[["u", "v", "w"]].mean(axis=1).corr(scores["top"]) > 0.95
    with pytest.raises(NotSupportedError, match="reliability"):
        second.score_quality()


MIXED = "f =~ a + b + c + y\ng =~ d + w\nf ~ age"


@pytest.fixture(scope="module")
def more(data) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    own = data[list("abcd")].fillna(1.0)
    age = 0.5 * own["a"] + rng.standard_normal(400)
    y = own.sum(axis=1) + 3.0 * rng.standard_normal(400)
    out = data.assign(age=age, y=y, w=own["d"] + own["b"] + rng.standard_normal(400))
    out.loc[rng.random(400) < 0.1, "y"] = np.nan
    out.loc[out.index[:2], ["a", "b", "c", "d", "y"]] = np.nan
    out.loc[out.index[1], "w"] = np.nan
    out.loc[out.index[2], "age"] = np.nan
    return out


@pytest.mark.parametrize("method", ["ebm", "eap", "ml"])
def test_rows_are_scored_by_what_they_have(more, method):
    fit = ts.fit(MIXED, more, ordered=list("abcd"), missing="pairwise")
    scores = fit.predict(method=method, se=True)
    # a continuous answer alone is one, a covariate alone is none, and none goes without it
    assert np.isfinite(scores["g"].iloc[0])
    assert scores.iloc[1].isna().all()
    assert scores.iloc[2].isna().all()
    pd.testing.assert_frame_equal(
        fit.predict(more.iloc[40:80], method=method, se=True), scores.iloc[40:80]
    )


def test_continuous_items_that_are_certain_leave_nothing_to_the_others(more):
    fit = ts.fit("f =~ y + a + b + c\nf ~ age\ny ~~ 0.0001*y", more.dropna(), ordered=list("abc"))
    scores = fit.predict(method="eap")["f"]
    used = more.loc[scores.dropna().index, "y"]
    mean = fit.params.get("y~1", 0.0)
    assert np.abs(scores.dropna() - (used - mean)).max() < 0.05


def test_given_a_continuous_answer_items_may_depend_on_it(more):
    text = "f =~ a + b + c + y\na ~~ y"
    fit = ts.fit(text, more.dropna(), ordered=list("abc"))
    assert fit.predict()["f"].notna().any()
    fit = ts.fit("f =~ a + b + c + y\na ~~ b", more.dropna(), ordered=list("abc"))
    with pytest.raises(NotSupportedError, match="a and b"):
        fit.predict()
