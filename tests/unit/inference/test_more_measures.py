"""Less usual fit measures: by hand, by their definition, and through a fit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, ncx2

import truststats as ts
from truststats.inference.fitmeasures import rmsea_pvalue
from truststats.inference.more_measures import (
    gfi_measures,
    incremental_measures,
    more_measures,
    notclose_pvalue,
    residual_measures,
)
from truststats.inference.tests import ModelTest


def as_test(chisq: float, df: int) -> ModelTest:
    return ModelTest("standard", chisq, df, 0.0)


def test_incremental_measures_by_hand():
    got = incremental_measures(as_test(30.0, 20), as_test(210.0, 30))
    assert got["nnfi"] == pytest.approx((7.0 - 1.5) / (7.0 - 1.0))
    assert got["rfi"] == pytest.approx((7.0 - 1.5) / 7.0)
    assert got["nfi"] == pytest.approx(180 / 210)
    assert got["pnfi"] == pytest.approx(20 / 30 * 180 / 210)
    assert got["ifi"] == pytest.approx(180 / 190)
    assert got["rni"] == pytest.approx((180 - 10) / 180)


def test_a_saturated_model():
    got = incremental_measures(as_test(0.0, 0), as_test(100.0, 10))
    assert got["nnfi"] == got["rfi"] == got["rni"] == got["nfi"] == got["ifi"] == 1.0
    assert got["pnfi"] == 0.0
    assert math.isnan(notclose_pvalue(0.0, 0, 100))


def test_no_baseline_to_compare_with():
    got = incremental_measures(as_test(3.0, 3), as_test(0.0, 0))
    assert math.isnan(got["nfi"])
    assert math.isnan(got["rfi"])


def test_the_hypothesis_of_no_close_fit():
    assert notclose_pvalue(85.306, 24, 301) == pytest.approx(
        ncx2.cdf(85.306, 24, 0.08**2 * 24 * 301)
    )
    assert notclose_pvalue(85.306, 24, 301) == pytest.approx(
        1 - rmsea_pvalue(85.306, 24, 301, close=0.08)
    )


@pytest.fixture(scope="module", params=[False, True], ids=["covariances", "means"])
def fit(request, models, answers_of):
    return ts.fit(models["chain"], answers_of(), meanstructure=request.param)


def test_residual_measures_by_their_definition(fit):
    got = residual_measures(fit.estimate)
    row, col = np.tril_indices(9)
    raw = fit.residuals().to_numpy()[row, col]
    cor = fit.residuals("cor").to_numpy()[row, col][row != col]
    sd = np.sqrt(np.diag(fit.sample_moments()["cov"]))
    bentler = raw / (sd[row] * sd[col])
    extra = 9 if fit.options["meanstructure"] else 0
    assert got["rmr"] == pytest.approx(math.sqrt((raw**2).sum() / (45 + extra)))
    assert got["rmr_nomean"] == pytest.approx(math.sqrt((raw**2).mean()))
    assert got["srmr"] == got["srmr_bentler"] == pytest.approx(fit.fit_measures["srmr"])
    assert got["srmr_bentler_nomean"] == pytest.approx(math.sqrt((bentler**2).mean()))
    assert got["crmr"] == pytest.approx(math.sqrt((cor**2).sum() / (36 + extra)))
    assert got["crmr_nomean"] == pytest.approx(math.sqrt((cor**2).mean()))
    # the diagonal is reproduced, so the two scales agree
    assert got["srmr_mplus_nomean"] == pytest.approx(math.sqrt((cor**2).sum() / 45), abs=1e-6)


def test_gfi_by_its_definition(fit):
    moments, implied = fit.sample_moments(), fit.implied()
    w = np.linalg.inv(implied["sigma"])
    cov, gap = moments["cov"].to_numpy(), fit.residuals().to_numpy()
    above = 0.5 * np.trace(w @ gap @ w @ gap)
    below = 0.5 * np.trace(w @ cov @ w @ cov)
    count = 45
    if implied["mu"] is not None:
        below += moments["mean"] @ w @ moments["mean"]
        count += 9
    got = gfi_measures(fit.estimate, fit.df)
    assert got["gfi"] == pytest.approx(1 - above / below)
    assert got["agfi"] == pytest.approx(1 - count / fit.df * above / below)
    assert got["pgfi"] == pytest.approx(fit.df / count * got["gfi"])


def test_there_is_no_gfi_with_missing_values(models, answers_of):
    estimate = ts.fit(models["chain"], answers_of(holes=0.1), missing="ml").estimate
    assert gfi_measures(estimate, 24) == {}


def test_all_of_them_through_a_fit(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(), estimator="MLR")
    got = more_measures(fit.estimate, (fit.test, fit.baseline), fit.scaled, fit.fit_measures)
    measures = fit.fit_measures
    assert got["nnfi"] == pytest.approx(measures["tli"])
    assert got["nnfi_scaled"] == pytest.approx(measures["tli_scaled"])
    n, t = fit.nobs, measures["chisq"]
    assert got["cn_05"] == pytest.approx(chi2.ppf(0.95, fit.df) / (t / n) + 1)
    assert got["mfi"] == pytest.approx(math.exp(-0.5 * (t - fit.df) / n))
    assert got["ecvi"] == pytest.approx(t / n + 2 * fit.npar / n)
