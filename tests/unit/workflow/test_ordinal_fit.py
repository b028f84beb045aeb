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


def test_an_empty_category_in_one_group_says_what_to_do(data):
    empty = data.copy()
    empty.loc[(empty["g"] == "two") & (empty["a"] == 2.0), "a"] = 1.0
    with pytest.raises(DataError, match="Group 'two'") as caught:
        ts.fit(TEXT, empty, ordered=True, group="g")
    assert "merge" in caught.value.fix


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (TEXT + "\nf ~ x", {"ordered": True}),
        (TEXT, {"ordered": ["a", "b"]}),
        (TEXT + " + lower(0)*b", {"ordered": True}),
        (TEXT.replace("+ b", "+ u*b") + "\nu > 0.1", {"ordered": True}),
        (TEXT, {"ordered": True, "model_type": "growth"}),
        (TEXT, {"ordered": True, "cluster": "g"}),
        (TEXT, {"ordered": True, "sampling_weights": "x"}),
        (TEXT, {"ordered": True, "strata": "g"}),
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
