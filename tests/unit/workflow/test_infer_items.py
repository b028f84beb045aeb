"""Agreement with lavaan is in tests/reference/test_golden_ordinal.py and its neighbour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import OptionError

TEXT = "f =~ a + b + c + d"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    y = 0.8 * rng.standard_normal((400, 1)) + 0.6 * rng.standard_normal((400, 4))
    return pd.DataFrame(np.digitize(y, [-0.7, 0.4]), columns=list("abcd"))


def test_unweighted_least_squares_has_no_chi_square_of_its_own(data):
    fit = ts.fit(TEXT, data, ordered=True, estimator="ULSMV")
    assert np.isnan(fit.test.pvalue)
    assert 0.0 < fit.scaled[0].pvalue < 1.0


def test_weights_of_one_change_nothing(data):
    alone = ts.fit(TEXT, data, ordered=True)
    weighted = ts.fit(TEXT, data.assign(w=1.0), ordered=True, sampling_weights="w")
    np.testing.assert_allclose(weighted.bse, alone.bse)
    assert weighted.fit_measures["chisq_scaled"] == pytest.approx(
        alone.fit_measures["chisq_scaled"]
    )


def test_clusters_that_span_groups_are_summed_over_them(data):
    # The same people in two groups whose parameters are all equal: nothing is gained by the second.
    twice = pd.concat([data.assign(g="one"), data.assign(g="two")], ignore_index=True)
    twice["person"] = np.tile(np.arange(len(data)), 2)
    text = "f =~ a + b + c + d"
    same = ["thresholds", "loadings", "intercepts", "residuals", "lv_variances", "means"]
    how = {"ordered": True, "estimator": "DWLS", "parameterization": "theta"}
    both = ts.fit(text, twice, group="g", group_equal=same, cluster="person", **how)
    once = ts.fit(text, data.assign(person=range(400)), cluster="person", **how)
    assert "clusters_span_groups" in {p.code for p in both.problems}
    np.testing.assert_allclose(both.estimate.theta, once.estimate.theta, atol=1e-6)
    np.testing.assert_allclose(both.vcov, once.vcov, atol=1e-7)
    scaled = ts.fit(text, twice, group="g", cluster="person", ordered=True)
    assert scaled.scaled[0].df == 4
    assert "cfi_robust" not in scaled.fit_measures


def test_standard_errors_of_independent_rows_are_refused_with_clusters(data):
    with pytest.raises(OptionError, match="se='standard' with cluster"):
        ts.fit(TEXT, data.assign(u=np.arange(400) // 8), ordered=True, cluster="u", se="standard")
