"""Fit measures of a factor analysis by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from truststats.psychometrics.efa_extract import extract
from truststats.psychometrics.efa_fit import (
    degrees_of_freedom,
    independence_trace,
    likelihood_measures,
    residual_measures,
)
from truststats.psychometrics.efa_inference import Spread, StandardRows

Y = np.random.default_rng(1).normal(size=(200, 6))
Y[:, :3] += Y[:, :1]
R = np.corrcoef(Y, rowvar=False)


def test_degrees_of_freedom_count_correlations_less_loadings() -> None:
    for p, m in [(6, 1), (9, 3), (12, 4)]:
        assert degrees_of_freedom(p, m) == p * (p - 1) // 2 - (p * m - m * (m - 1) // 2)


def test_likelihood_measures_by_hand() -> None:
    found = extract(R, 1, "ml")
    got = likelihood_measures(R, found.implied, 1, 200, saturated_logl=-1000.0)
    chisq = 200 * found.value
    assert got["chisq"] == pytest.approx(chisq)
    assert got["pvalue"] == pytest.approx(chi2.sf(chisq, 9))
    assert got["baseline_chisq"] == pytest.approx(-200 * np.linalg.slogdet(R)[1])
    assert got["chisq_bartlett"] == pytest.approx((199 - 17 / 6 - 2 / 3) * found.value)
    assert got["bic"] == pytest.approx(2 * (1000 + chisq / 2) + 12 * np.log(200))


def test_scaled_by_one_stays() -> None:
    found = extract(R, 1, "ml")
    same = Spread(np.eye(1), None, one=9.0)
    got = likelihood_measures(R, found.implied, 1, 200, scaled=(same, 15.0))
    assert got["chisq_scaled"] == pytest.approx(got["chisq"])
    assert got["cfi_robust"] == pytest.approx(got["cfi"])
    assert got["rmsea_robust"] == pytest.approx(got["rmsea"])


def test_residuals() -> None:
    implied = R.copy()
    implied[0, 1] += 0.3
    implied[1, 0] += 0.3
    got = residual_measures(R, implied)
    assert got["rmsr"] == pytest.approx(0.3 / np.sqrt(15))
    assert got["srmr"] == pytest.approx(0.3 / np.sqrt(21))


def test_independent_normal_variables_have_a_trace_of_their_degrees_of_freedom() -> None:
    z = np.random.default_rng(2).normal(size=(20_000, 5))
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    assert independence_trace(StandardRows(z)) == pytest.approx(10, rel=0.05)
