from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.robust_missing import robust_missing_measures

NAMES = ("cfi_robust", "tli_robust", "rmsea_robust", "rmsea_ci_lower_robust",
         "rmsea_ci_upper_robust", "rmsea_pvalue_robust")  # fmt: skip
# The chain's answers by a model that leaves a path out: some misfit to measure.
WRONG = """
info =~ inf1 + inf2 + inf3
trust =~ tru1 + tru2 + tru3
results =~ res1 + res2 + res3
trust ~ info
results ~ trust
res1 ~~ tru1
inf1 ~~ res2
"""
WRONG = WRONG.replace("res1 ~~ tru1\ninf1 ~~ res2\n", "")


def _measures(fit, *, robust):
    return robust_missing_measures(fit.estimate, fit.baseline.df, fit.estimate.x, robust=robust)


def test_on_complete_rows_the_plain_measures_come_out(answers_of):
    fit = ts.fit(WRONG, answers_of(), meanstructure=True)
    got, m = _measures(fit, robust=False), fit.fit_measures
    for name in NAMES:
        assert got[name] == pytest.approx(m[name.removesuffix("_robust")], abs=1e-6), name


def test_on_complete_rows_the_robust_measures_come_out(answers_of):
    # The scaling uses the expected, not the observed information of the model, hence the slack.
    fit = ts.fit(WRONG, answers_of(), estimator="MLR", meanstructure=True)
    got, m = _measures(fit, robust=True), fit.fit_measures
    for name in NAMES:
        assert got[name] == pytest.approx(m[name], abs=0.02), name


def test_a_fit_with_hardly_any_holes_is_near_the_complete_one(answers_of):
    data = answers_of()
    plain = ts.fit(WRONG, data).fit_measures
    data.loc[3, "inf2"] = np.nan
    got = ts.fit(WRONG, data, missing="ml").fit_measures
    assert got["cfi_robust"] == pytest.approx(plain["cfi"], abs=2e-3)
    assert got["rmsea_robust"] == pytest.approx(plain["rmsea"], abs=2e-3)


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"cluster": "unit"}], ids=str)
def test_measures_are_in_range_and_ordered(answers_of, options):
    m = ts.fit(WRONG, answers_of(holes=0.15), missing="ml", **options).fit_measures
    assert 0 <= m["cfi_robust"] <= 1
    assert m["rmsea_ci_lower_robust"] <= m["rmsea_robust"] <= m["rmsea_ci_upper_robust"]
    assert 0 <= m["rmsea_pvalue_robust"] <= 1


def test_a_saturated_model(answers_of):
    m = ts.fit("inf1 ~~ inf2 + tru1\ninf2 ~~ tru1", answers_of(holes=0.1), missing="ml")
    measures = m.fit_measures
    assert measures["cfi_robust"] == 1.0
    assert measures["tli_robust"] == 1.0
    assert measures["rmsea_robust"] == 0.0
    assert np.isnan(measures["rmsea_pvalue_robust"])


def test_covariates_are_conditioned_on(models, answers_of):
    fit = ts.fit(models["mimic"], answers_of(), meanstructure=True)
    got, m = _measures(fit, robust=False), fit.fit_measures
    for name in NAMES:
        assert got[name] == pytest.approx(m[name.removesuffix("_robust")], abs=1e-6), name


def test_weights_are_computed_once_for_a_sample(answers_of):
    fit = ts.fit(WRONG, answers_of(holes=0.1), missing="ml")
    before = _measures(fit, robust=False)
    key = [k for k in fit.estimate.sample.memo if k[0] == "robust_missing"]
    assert key == [("robust_missing", False, ())]
    assert _measures(fit, robust=False) == before
