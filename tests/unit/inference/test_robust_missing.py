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
results ~ info
trust ~~ 0*results
"""


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


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"cluster": "unit"}], ids=str)
def test_the_bias_by_its_definition(answers_of, complex_step, options):
    """k = tr(Q' W_c Q Gamma), everything written out (Zhang & Savalei 2023)."""
    from truststats.estimation.derivatives import expected_information, scores
    from truststats.estimation.fiml import expect, incomplete_information, incomplete_uwv
    from truststats.estimation.implied import evaluate
    from truststats.estimation.layout import saturated_layout
    from truststats.estimation.solve import discrepancy
    from truststats.inference.vcov import meat

    fit = ts.fit(WRONG, answers_of(holes=0.15), missing="ml", **options)
    sample, own = fit.estimate.sample, fit.estimate
    layout = saturated_layout(fit.partable.ov, has_means=True)
    low = np.tril_indices(sample.p)
    state = evaluate(layout, np.r_[sample.cov[low], sample.mean][None])
    step = expect(sample.incomplete, sample.cov, sample.mean)
    w_c = expected_information(layout, state, np.linalg.inv(sample.cov)[None])[0]
    w_m = incomplete_information(layout, state, sample.incomplete, step, observed=True)
    gamma = np.linalg.inv(w_m)
    if options:
        uwv = incomplete_uwv(layout, state, sample.incomplete, step.w)
        gamma = gamma @ meat(scores(layout, state, step.z, uwv), sample) @ gamma

    def moments(theta):
        there = evaluate(own.layout, theta)
        return np.concatenate([there.sigma[:, low[0], low[1]], there.mu], axis=1)

    slopes = complex_step(moments, own.theta).T
    q = np.eye(len(slopes)) - slopes @ np.linalg.solve(slopes.T @ w_m @ slopes, slopes.T @ w_m)
    k = np.trace(q.T @ w_c @ q @ gamma)
    value, *_ = discrepancy(own.state, sample.cov[None], sample.mean[None])
    t = sample.n * value[0]
    want = np.sqrt(max(t - k, 0) / (fit.df * sample.n))
    assert t > k
    assert fit.fit_measures["rmsea_robust"] == pytest.approx(want, rel=1e-8)
