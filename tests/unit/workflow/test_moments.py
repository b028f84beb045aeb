"""Given moments: rescaled, put in order, or refused with words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.workflow.moments import prepare_moments

NAMES = ("a", "b", "c")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    factor = rng.normal(size=100)
    return pd.DataFrame({name: factor + rng.normal(size=100) for name in NAMES})


def _moments(cov, *, mean=None, n=100, has_means=False):
    return prepare_moments(NAMES, cov, mean, n, has_means)


def _moments_refused(cov, **options):
    with pytest.raises(DataError) as caught:
        _moments(cov, **options)
    return str(caught.value)


def test_given_moments_are_rescaled_and_put_in_order(data):
    cov = data.cov().loc[["c", "a", "b"], ["b", "c", "a"]].assign(other=1.0)
    got = _moments(cov, mean={"b": 2.0, "a": 1.0, "c": 3.0}, has_means=True)
    np.testing.assert_allclose(got.sample.cov, np.cov(data.to_numpy().T, ddof=0))
    np.testing.assert_allclose(got.sample.mean, [1.0, 2.0, 3.0])
    assert (got.n_rows, got.sample.n) == (100, 100)


def test_moments_need_the_number_of_rows(data):
    assert "sample_cov needs sample_nobs=" in _moments_refused(data.cov(), n=None)
    text = _moments_refused(data.cov(), n=3)
    assert "sample_nobs=3 is not larger than the 3 variables" in text


def test_moments_need_names(data):
    text = _moments_refused(data.cov().to_numpy())
    assert "sample_cov must be a DataFrame" in text


def test_moments_of_all_variables(data):
    assert "no column 'c'" in _moments_refused(data[["a", "b"]].cov())
    assert "no column 'c'" in _moments_refused(data.cov().loc[["a", "b"]])


def test_moments_without_holes(data):
    cov = data.cov()
    cov.loc["a", "c"] = np.nan
    assert "no value for a and c" in _moments_refused(cov)


def test_moments_that_are_not_symmetric(data):
    cov = data.cov()
    cov.loc["a", "c"] += 0.1
    assert "not symmetric: a, c" in _moments_refused(cov)


def test_moments_that_cannot_be(data):
    cov = data.cov()
    cov.loc["a", "b"] = cov.loc["b", "a"] = 9.0
    assert "not positive definite" in _moments_refused(cov)


def test_intercepts_need_means(data):
    assert "no sample_mean= was given" in _moments_refused(data.cov(), has_means=True)


def test_the_number_of_rows_must_be_one(data):
    assert "sample_nobs='many' is not a number" in _moments_refused(data.cov(), n="many")
    assert "sample_nobs=99.5 is not a number" in _moments_refused(data.cov(), n=99.5)


def test_names_given_twice(data):
    cov = data.cov()
    assert "sample_cov names a twice" in _moments_refused(pd.concat([cov, cov[["a"]]], axis=1))
    assert "sample_cov names b twice" in _moments_refused(pd.concat([cov, cov.loc[["b"]]]))


def test_means_of_all_variables(data):
    for mean in ({"a": 1, "b": 2}, {"a": 1, "b": 2, "c": np.nan}):
        assert "sample_mean has no value for c" in _moments_refused(data.cov(), mean=mean)
    text = _moments_refused(data.cov(), mean={"a": 1, "b": "x", "c": 2})
    assert "not a number" in text


# several groups -----------------------------------------------------------------------------------

TEXT = "f =~ a + b + c"


@pytest.fixture
def halves(data):
    return {"one": data.iloc[:50], "two": data.iloc[50:]}


def _given(halves):
    return {
        "sample_cov": {name: part.cov() for name, part in halves.items()},
        "sample_mean": {name: part.mean() for name, part in halves.items()},
        "sample_nobs": {name: len(part) for name, part in halves.items()},
    }


@pytest.mark.parametrize("equal", [(), ("loadings", "intercepts")])
def test_groups_of_matrices_are_groups_of_rows(halves, equal):
    rows = pd.concat([part.assign(g=name) for name, part in halves.items()])
    want = ts.fit(TEXT, rows, group="g", group_equal=equal)
    got = ts.fit(TEXT, group_equal=equal, **_given(halves))
    pd.testing.assert_frame_equal(got.tidy(), want.tidy(), rtol=1e-6)
    assert (got.groups, got.nobs, got.df) == (("one", "two"), 100, want.df)
    assert got.chisq == pytest.approx(want.chisq, abs=1e-8)


def test_groups_of_matrices_without_means_have_no_means(halves):
    given = _given(halves)
    del given["sample_mean"]
    fit = ts.fit(TEXT, group_equal="loadings", **given)
    assert not fit.options["meanstructure"]
    assert fit.df == 2


def test_groups_of_matrices_need_their_sizes_and_no_column(halves):
    given = _given(halves)
    with pytest.raises(DataError, match="sample_nobs has nothing for group 'two'"):
        ts.fit(TEXT, **{**given, "sample_nobs": {"one": 50}})
    with pytest.raises(OptionError, match="sample_cov has none"):
        ts.fit(TEXT, group="g", **given)
    with pytest.raises(OptionError, match="has 1 group"):
        ts.fit(TEXT, **{**given, "sample_cov": {"one": given["sample_cov"]["one"]}})
    broken = {**given["sample_cov"], "two": given["sample_cov"]["two"].drop(columns="a")}
    with pytest.raises(DataError, match=r"Group 'two': .*'a'"):
        ts.fit(TEXT, **{**given, "sample_cov": broken})
