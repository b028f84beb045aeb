"""From settings to numbers: what each choice changes and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import NotSupportedError
from truststats.workflow.fit import refit

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


@pytest.fixture
def data(answers_of):
    return answers_of(260).assign(side=lambda d: np.where(np.arange(len(d)) % 2, "odd", "even"))


def test_robust_standard_errors_leave_the_rest_alone(data):
    plain = ts.fit(MODEL, data)
    for se in ("robust.sem", "robust.huber.white", "first.order"):
        fit = ts.fit(MODEL, data, se=se)
        assert fit.chisq == plain.chisq
        assert fit.params.to_numpy() == pytest.approx(plain.params.to_numpy())
        assert not np.allclose(fit.bse, plain.bse, rtol=1e-3)


def test_no_standard_errors_are_no_problem(data):
    fit = ts.fit(MODEL, data, se="none")
    assert fit.bse.isna().all()
    assert fit.admissible
    assert fit.chisq == ts.fit(MODEL, data).chisq


def test_bootstrap_standard_errors_have_a_seed(data):
    fits = [ts.fit(MODEL, data, se="bootstrap", bootstrap=150, seed=s) for s in (3, 3, 4)]
    assert fits[0].bse.equals(fits[1].bse)
    assert not fits[0].bse.equals(fits[2].bse)
    assert fits[0].bse.to_numpy() == pytest.approx(ts.fit(MODEL, data).bse.to_numpy(), rel=0.5)


def test_the_bollen_stine_test_needs_linear_constraints(data):
    with pytest.raises(NotSupportedError, match="inequalities"):
        ts.fit(f"{MODEL}\ntrust ~~ v*trust\nv > 0.1", data, test="bollen.stine", bootstrap=100)


@pytest.mark.parametrize("name", ["satorra.bentler", "mean.var.adjusted", "scaled.shifted"])
@pytest.mark.parametrize("estimator", ["ML", "ULS"])
def test_scaled_tests_come_with_a_scaled_baseline(name, estimator, data):
    fit = ts.fit(MODEL, data, estimator=estimator, test=name)
    model, baseline = fit.scaled
    assert model.name == baseline.name == name
    assert fit.chisq == model.chisq
    assert fit.fit_measures["chisq_scaled"] == model.chisq
    assert 0 < fit.fit_measures["cfi_scaled"] <= 1
    assert ("cfi_robust" in fit.fit_measures) == (name != "mean.var.adjusted")


def test_the_variance_adjusted_test_has_fractional_degrees_of_freedom(data):
    fit = ts.fit(MODEL, data, estimator="MLMVS")
    assert fit.reported_test.df != int(fit.reported_test.df)
    assert fit.df == 8


def test_weighted_estimates_have_no_likelihood(data):
    fit = ts.fit(MODEL, data, estimator="GLS")
    assert "logl" not in fit.fit_measures
    assert "aic" not in fit.fit_measures
    assert fit.fit_measures["ntotal"] == 260
    assert np.isnan(fit.estimate.logl)


def test_wishart_is_normal_with_one_less(data):
    normal, wishart = ts.fit(MODEL, data), ts.fit(MODEL, data, likelihood="wishart")
    assert wishart.chisq == pytest.approx(normal.chisq * 259 / 260)
    assert wishart.params["inf1~~inf1"] == pytest.approx(normal.params["inf1~~inf1"] * 260 / 259)
    assert wishart.fit_measures["fmin"] == pytest.approx(normal.fit_measures["fmin"])
    assert wishart.baseline.chisq == pytest.approx(normal.baseline.chisq * 259 / 260)


@pytest.mark.parametrize("options", [{"estimator": "ULSMV"}, {"likelihood": "wishart"}], ids=str)
def test_refits_start_from_the_same_moments(options, data):
    fit = ts.fit(MODEL, data, **options)
    again = refit(fit, fit.model)
    assert again.chisq == pytest.approx(fit.chisq)
    assert again.bse.to_numpy() == pytest.approx(fit.bse.to_numpy())


@pytest.mark.parametrize("estimator", ["GLS", "ULS"])
def test_moments_are_enough(estimator, data):
    items = ["inf1", "inf2", "inf3", "tru1", "tru2", "tru3"]
    fit = ts.fit(MODEL, data, estimator=estimator)
    other = ts.fit(MODEL, sample_cov=data[items].cov(), sample_nobs=260, estimator=estimator)
    assert other.chisq == pytest.approx(fit.chisq)


def test_residual_tests_are_reported_in_place_of_the_standard_one(data):
    fit = ts.fit(MODEL, data, test="browne.residual.adf", group="side")
    assert fit.reported_test is fit.other
    assert fit.chisq == fit.other.chisq != fit.test.chisq
    assert fit.fit_measures["chisq"] == fit.test.chisq


def test_a_just_identified_model_has_no_p_value(data):
    for estimator in ("MLM", "MLMV", "GLS", "ULSMV", "WLS"):
        fit = ts.fit("info =~ inf1 + inf2 + inf3", data, estimator=estimator)
        assert fit.df == 0
        assert np.isnan(fit.pvalue)
        assert fit.fit_measures["cfi"] == 1.0
