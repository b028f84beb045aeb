"""The branch of `fit` that ordinal items take: rows, groups, refusals."""

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
    return out.assign(x=rng.standard_normal(400), g=np.repeat(["one", "two"], 200))


def test_rows_lost_are_counted_and_pairwise_keeps_them(data):
    listwise = ts.fit(TEXT, data, ordered=True)
    pairwise = ts.fit(TEXT, data, ordered=True, missing="pairwise")
    lost = next(p for p in listwise.problems if p.code == "rows_excluded")
    assert "pairwise" in lost.remedy
    assert listwise.nobs + sum(listwise.exclusions.values()) == 400
    assert pairwise.nobs > listwise.nobs
    assert listwise.estimator == "WLSMV"


def test_labels_of_groups_and_rows_of_other_groups(data):
    fit = ts.fit(TEXT, data, ordered=True, group="g", group_label=["two", "one"])
    assert fit.groups == ("two", "one")
    with pytest.raises(OptionError, match="need group="):
        ts.fit(TEXT, data, ordered=True, group_equal="thresholds")


def test_a_category_that_one_group_lacks_is_merged_in_all_and_said(data):
    empty = data.copy()
    empty.loc[(empty["g"] == "two") & (empty["a"] == 2.0), "a"] = 1.0
    fit = ts.fit(TEXT, empty, ordered=True, group="g")
    (told,) = [p for p in fit.problems if p.code == "categories_merged"]
    assert told.severity == "warning"
    assert "a (2 in two)" in told.message
    by_hand = empty.assign(a=empty["a"].clip(upper=1.0))
    assert fit.chisq == pytest.approx(ts.fit(TEXT, by_hand, ordered=True, group="g").chisq)
    assert empty["a"].max() == 2.0


def test_a_category_whose_thresholds_are_named_is_not_merged(data):
    empty = data.copy()
    empty.loc[(empty["g"] == "two") & (empty["a"] == 2.0), "a"] = 1.0
    with pytest.raises(DataError, match="Nobody in group 'two' answered 2 to a") as caught:
        ts.fit(TEXT + "\na | k*t1", empty, ordered=True, group="g")
    assert "recode" in caught.value.fix


def test_an_exogenous_variable_is_not_ordered(data):
    with pytest.raises(OptionError, match="exogenous") as caught:
        ts.fit(TEXT + "\nf ~ x", data, ordered=["a", "b", "c", "d", "x"])
    assert "0/1" in caught.value.fix


def test_a_continuous_variable_of_two_values_says_what_to_do(data):
    with pytest.raises(DataError, match="only two values") as caught:
        ts.fit(TEXT + "\nf ~ y", data.assign(y=data["x"] > 0), ordered=True, fixed_x=False)
    assert "fixed_x=True" in caught.value.fix


def test_exogenous_variables_that_say_the_same_are_refused(data):
    with pytest.raises(DataError, match="exogenous variable k") as caught:
        ts.fit(TEXT + "\nf ~ x + k", data.assign(k=2 * data["x"] + 1), ordered=True)
    assert caught.value.fix == "leave k out"


def test_clusters_of_one_row_are_no_clusters(data):
    alone = ts.fit(TEXT, data, ordered=True)
    rows = ts.fit(TEXT, data.assign(row=range(400)), ordered=True, cluster="row")
    n = alone.nobs
    np.testing.assert_allclose(rows.bse, alone.bse * np.sqrt(n / (n - 1)), rtol=1e-9)


def test_rows_given_twice_within_clusters_are_counted_once(data):
    once = ts.fit(TEXT, data.assign(row=range(400)), ordered=True, cluster="row", estimator="DWLS")
    twice = pd.concat([data.assign(row=range(400))] * 2, ignore_index=True)
    fit = ts.fit(TEXT, twice, ordered=True, cluster="row", estimator="DWLS")
    np.testing.assert_allclose(fit.params, once.params, rtol=1e-6)
    n = once.nobs
    np.testing.assert_allclose(
        fit.bse, once.bse * np.sqrt((n - 1) / n * 2 * n / (2 * n - 1)), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (TEXT + " + lower(0)*b", {"ordered": True}),
        (TEXT, {"ordered": True, "model_type": "growth"}),
        (TEXT, {"ordered": True, "bounds": "standard"}),
        (TEXT, {"ordered": True, "auxiliary": "x", "missing": "pairwise"}),
        (TEXT, {"ordered": True, "likelihood": "wishart"}),
    ],
)
def test_what_is_not_verified_is_refused(data, text, options):
    with pytest.raises(NotSupportedError) as caught:
        ts.fit(text, data, **options)
    assert caught.value.fix


def test_imputations_and_a_parameterisation_without_items_are_refused(data):
    with pytest.raises(NotSupportedError, match="Imputed"):
        ts.fit(TEXT, [data, data], ordered=True)
    with pytest.raises(OptionError, match="parameterization"):
        ts.fit(TEXT, data, parameterization="theta")


def test_correlations_that_are_not_definite_have_no_robust_index():
    rng = np.random.default_rng(3)
    y = 0.9 * rng.standard_normal((40, 1)) + 0.4 * rng.standard_normal((40, 8))
    small = pd.DataFrame(np.digitize(y, [0.0]), columns=list("abcdvxyz"))
    fit = ts.fit("f =~ a + b + c + d + v + x + y + z", small, ordered=True)
    codes = {problem.code for problem in fit.problems}
    assert "polychoric_not_definite" in codes
    assert "cfi_robust" not in fit.fit_measures
    assert fit.glance()["cfi"].item() == fit.fit_measures["cfi_scaled"]
