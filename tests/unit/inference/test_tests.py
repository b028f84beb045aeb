from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

import truststats as ts
from truststats.estimation.derivatives import expected_information, scores
from truststats.estimation.implied import evaluate, jacobian_moments
from truststats.estimation.layout import saturated_layout
from truststats.estimation.sample import sample_from_rows
from truststats.inference.tests import (
    ModelTest,
    chisq_pvalue,
    likelihood_ratio,
    saturated_traces,
    yuan_bentler_mplus,
)
from truststats.inference.vcov import casewise_scores, information, meat

NONE = np.zeros(0, dtype=np.intp)


@pytest.fixture(scope="module")
def rows(answers_of):
    return answers_of()[["inf1", "inf2", "tru1", "x1"]].to_numpy()


def _trace_by_definition(sample, *, has_means):
    """tr(A1^-1 B1) through the casewise scores of the unrestricted model."""
    layout = saturated_layout(tuple("abcd"[: sample.p]), has_means=has_means)
    theta = sample.cov[np.tril_indices(sample.p)]
    if has_means:
        theta = np.r_[theta, sample.mean]
    state = evaluate(layout, theta[None])
    w = np.linalg.inv(sample.cov)
    uwv = 0.5 * np.einsum("ab,kab->k", w, jacobian_moments(layout, state)[0][0])
    by_row = scores(layout, state, (sample.rows - sample.mean) @ w, uwv)
    info = expected_information(layout, state, w[None])[0]
    return np.trace(np.linalg.solve(info, meat(by_row, sample)))


@pytest.mark.parametrize("has_means", [False, True])
@pytest.mark.parametrize("clustered", [False, True])
def test_closed_form_of_the_unrestricted_trace(rows, has_means, clustered):
    clusters = np.arange(len(rows)) % 20 if clustered else None
    sample = sample_from_rows(rows, clusters=clusters)
    every, of_x = saturated_traces(sample, NONE, has_means=has_means)
    assert every == pytest.approx(_trace_by_definition(sample, has_means=has_means), rel=1e-10)
    assert of_x == 0.0


@pytest.mark.parametrize("clustered", [False, True])
def test_the_trace_of_the_exogenous_variables_is_that_of_their_own_sample(rows, clustered):
    clusters = np.arange(len(rows)) % 20 if clustered else None
    x = np.array([0, 3])
    _, of_x = saturated_traces(sample_from_rows(rows, clusters=clusters), x, has_means=True)
    own = sample_from_rows(rows[:, x], clusters=clusters)
    assert of_x == pytest.approx(saturated_traces(own, NONE, has_means=True)[0])


def test_with_holes_the_trace_joins_the_complete_one(rows):
    holed = rows.copy()
    holed[0, 0] = np.nan
    complete, _ = saturated_traces(sample_from_rows(rows), NONE, has_means=True)
    almost, _ = saturated_traces(sample_from_rows(holed), NONE, has_means=True)
    assert almost == pytest.approx(complete, rel=0.02)


def test_the_trace_is_computed_once(rows):
    sample = sample_from_rows(rows)
    first = saturated_traces(sample, NONE, has_means=True)
    sample.memo["trace", True, True] = 77.0
    assert first[0] != 77.0
    assert saturated_traces(sample, NONE, has_means=True)[0] == 77.0


def test_holes_on_an_exogenous_variable_leave_its_own_rows(rows):
    holed = rows.copy()
    holed[:9, 3] = np.nan
    at = np.array([3])
    _, of_x = saturated_traces(sample_from_rows(holed), at, has_means=True)
    _, alone = saturated_traces(sample_from_rows(rows[9:]), at, has_means=True)
    assert of_x == pytest.approx(alone)


def test_the_unrestricted_model_has_the_kind_of_information_of_the_model(models, answers_of):
    data = answers_of()
    items = [name for name in data if data[name].dtype == float][:4]
    holed = data[items].mask(np.random.default_rng(4).random((len(data), 4)) < 0.2)
    full = "\n".join(f"{a} ~~ {b}" for k, a in enumerate(items) for b in items[k + 1 :])
    estimate = ts.fit(full, holed, missing="ml").estimate
    middle = meat(casewise_scores(estimate), estimate.sample)
    traces = []
    for kind in ("observed", "expected"):
        h0 = np.trace(np.linalg.solve(information(estimate, kind), middle))
        h1 = saturated_traces(estimate.sample, NONE, has_means=True, kind=kind)[0]
        assert h1 == pytest.approx(h0, rel=1e-6), "a saturated model has nothing to be scaled"
        traces.append(h1)
    assert traces[0] != pytest.approx(traces[1], rel=1e-3)


def test_pvalues():
    assert chisq_pvalue(85.306, 24) == pytest.approx(chi2.sf(85.306, 24))
    assert chisq_pvalue(-1e-12, 3) == 1.0
    assert math.isnan(chisq_pvalue(0.0, 0))


def test_a_test_reads_as_a_sentence():
    assert str(ModelTest("standard", 85.3061, 24, 8.5e-9)) == (
        "standard: chi-square(24) = 85.306, p = 0.0000"
    )


def test_likelihood_ratio(models, answers_of):
    fit = ts.fit(models["two_factors"], answers_of())
    got = likelihood_ratio(fit.estimate)
    assert (got.name, got.df, got.scaling_factor) == ("standard", fit.df, 1.0)
    assert got.chisq == fit.chisq
    assert got.pvalue == pytest.approx(chi2.sf(fit.chisq, fit.df))


@pytest.mark.parametrize("kind", ["observed", "expected"])
def test_yuan_bentler_by_its_definition(models, answers_of, kind):
    estimate = ts.fit(models["two_factors"], answers_of(), meanstructure=True).estimate
    h1 = saturated_traces(estimate.sample, NONE, has_means=True)[0]
    middle = meat(casewise_scores(estimate), estimate.sample)
    h0 = np.trace(np.linalg.solve(information(estimate, kind), middle))
    got = yuan_bentler_mplus(estimate, h1, kind=kind)
    assert got.scaling_factor == pytest.approx((h1 - h0) / estimate.df, rel=1e-9)
    assert got.chisq == pytest.approx(estimate.chisq / got.scaling_factor)
    assert got.pvalue == pytest.approx(chi2.sf(got.chisq, got.df))
    given = yuan_bentler_mplus(estimate, h1, kind=kind, middle=middle)
    assert given.chisq == got.chisq


def test_normal_answers_are_scaled_by_about_one(models, answers_of):
    fit = ts.fit(models["two_factors"], answers_of(4000, units=4000), estimator="MLR")
    assert fit.fit_measures["chisq_scaling_factor"] == pytest.approx(1.0, abs=0.08)


def test_a_saturated_model_is_not_scaled(answers_of):
    estimate = ts.fit("inf1 ~~ inf2", answers_of()).estimate
    got = yuan_bentler_mplus(estimate, 3.0)
    assert got.df == 0
    assert math.isnan(got.scaling_factor)
    assert math.isnan(got.pvalue)


@pytest.mark.parametrize("options", [{"estimator": "MLR"}, {"cluster": "unit"}], ids=str)
def test_fixing_the_covariates_does_not_change_the_scaled_test(models, answers_of, options):
    # The likelihood factors into covariates and the rest, so both traces lose the same part.
    data = answers_of().assign(x1=lambda d: np.exp(d["x1"]))
    fixed = ts.fit(models["mimic"], data, **options).fit_measures
    free = ts.fit(models["mimic"], data, fixed_x=False, **options).fit_measures
    for name in ("chisq_scaled", "chisq_scaling_factor", "baseline_chisq_scaled"):
        assert fixed[name] == pytest.approx(free[name], rel=1e-6), name


def test_a_negative_scaling_factor_gives_no_test(answers_of):
    fit = ts.fit("info =~ inf1 + inf2 + inf3 + tru1", answers_of(), estimator="MLR")
    got = yuan_bentler_mplus(fit.estimate, -100.0)
    assert got.scaling_factor < 0
    assert math.isnan(got.chisq)
    assert math.isnan(got.pvalue)
