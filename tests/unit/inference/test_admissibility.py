"""One crafted case for every doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.inference.admissibility import admissibility


def _from_cov(text, names, lower, n=200, **options):
    """Fit a correlation matrix given by its lower triangle."""
    matrix = np.eye(len(names))
    matrix[np.tril_indices(len(names), -1)] = lower
    matrix = np.tril(matrix) + np.tril(matrix, -1).T
    frame = pd.DataFrame(matrix, index=names, columns=names)
    return ts.fit(text, sample_cov=frame, sample_nobs=n, **options)


def _codes(problems):
    return {problem.code: problem for problem in problems}


def _again(fit, estimate=None, *, regular=True, vcov=None):
    labels = list(fit.params.index)
    return _codes(
        admissibility(
            estimate or fit.estimate,
            regular=regular,
            labels=labels,
            vcov=fit.vcov if vcov is None else vcov,
        )
    )


@pytest.fixture(scope="module")
def good(models, answers_of):
    return ts.fit(models["two_factors"], answers_of())


def test_a_good_solution_has_no_problems(good):
    assert good.noted == ()
    assert good.admissible
    assert _again(good) == {}


def test_a_negative_variance():
    fit = _from_cov("f =~ a + b + c", list("abc"), [0.8, 0.8, 0.4])
    problem = _codes(fit.problems)["heywood"]
    assert problem.severity == "error"
    assert problem.where == "a"
    assert problem.count == 1
    assert "Heywood" in problem.message
    assert not fit.admissible


def test_factors_that_correlate_above_one():
    lower = [0.3, 0.6, 0.6, 0.6, 0.6, 0.3]
    fit = _from_cov("f =~ a + b\ng =~ c + d", list("abcd"), lower)
    problem = _codes(fit.problems)["latent_not_positive_definite"]
    assert problem.severity == "error"
    assert problem.where == "f and g"
    r = fit.latent_cor().loc["f", "g"]
    assert r > 1
    assert f"{r:.2f}" in problem.message


def test_residuals_that_cannot_covary_so():
    lower = [0.5, 0.81, 0.81, 0.81, 0.81, 0.81]
    fit = _from_cov("f =~ a + b + c + d\na ~~ b", list("abcd"), lower)
    problem = _codes(fit.problems)["residuals_not_positive_definite"]
    assert problem.severity == "error"
    assert problem.where == "a, b"


def test_no_optimum(good):
    solution = replace(good.estimate.solution, converged=np.array([False]))
    got = _again(good, replace(good.estimate, solution=solution))
    assert got["not_converged"].severity == "error"
    assert f"{good.iterations} iterations" in got["not_converged"].message


def test_fewer_rows_than_parameters():
    fit = _from_cov("f =~ a + b + c + d", list("abcd"), [0.5] * 6, n=7)
    problem = _codes(fit.problems)["fewer_rows_than_parameters"]
    assert problem.severity == "error"
    assert "(7) than parameters (8)" in problem.message


def test_few_rows():
    fit = _from_cov("f =~ a + b + c + d", list("abcd"), [0.5] * 6, n=20)
    problem = _codes(fit.problems)["few_rows"]
    assert problem.severity == "note"
    assert "2.5 rows per parameter (20 for 8)" in problem.message
    assert fit.admissible


@pytest.mark.parametrize(("n", "few"), [(39, True), (40, False)])
def test_five_rows_a_parameter_are_enough(n, few):
    fit = _from_cov("f =~ a + b + c + d", list("abcd"), [0.5] * 6, n=n)
    assert ("few_rows" in _codes(fit.problems)) == few


def test_fewer_clusters_than_parameters(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(units=9), cluster="unit")
    problem = _codes(fit.problems)["fewer_clusters_than_parameters"]
    assert problem.severity == "warning"
    assert problem.count == 9
    assert fit.admissible


def test_an_em_that_did_not_arrive(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(holes=0.1), missing="ml")
    saturated = replace(fit.estimate.sample.saturated, converged=False, iterations=5000)
    estimate = replace(fit.estimate, samples=(replace(fit.estimate.sample, saturated=saturated),))
    problem = _again(fit, estimate)["em_not_converged"]
    assert problem.severity == "error"
    assert "5000 EM" in problem.message
    assert "em_not_converged" not in _codes(fit.problems)


def test_a_singular_information(good):
    assert _again(good, regular=False)["empirically_underidentified"].severity == "error"


def test_a_model_that_the_data_do_not_identify():
    # Two factors with two indicators each that do not correlate: no unique loadings.
    lower = [0.5, 0.0, 0.0, 0.0, 0.0, 0.5]
    fit = _from_cov("f =~ a + b\ng =~ c + d", list("abcd"), lower)
    assert not fit.admissible
    assert set(_codes(fit.problems)) & {
        "empirically_underidentified", "not_converged", "no_standard_error",
    }  # fmt: skip


def test_no_standard_error(good):
    vcov = good.vcov.copy()
    vcov[0, 0] = -1.0
    problem = _again(good, vcov=vcov)["no_standard_error"]
    assert problem.severity == "error"
    assert problem.where == good.params.index[0]
    vcov[0, 0] = np.nan
    assert "no_standard_error" in _again(good, vcov=vcov)


def test_the_worst_comes_first(answers_of):
    fit = _from_cov("f =~ a + b + c", list("abc"), [0.8, 0.8, 0.4], n=10)
    severities = [problem.severity for problem in fit.problems]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert {"heywood", "few_rows"} <= set(_codes(fit.problems))
    assert all(problem.remedy for problem in fit.problems)


def test_a_fixed_covariance_may_make_them_impossible_too():
    lower = [0.5, 0.81, 0.81, 0.81, 0.81, 0.81]
    fit = _from_cov("f =~ a + b + c + d\na ~~ -0.31*b", list("abcd"), lower)
    assert not fit.admissible
    assert _codes(fit.problems)["residuals_not_positive_definite"].where == "a, b"


def test_covariates_and_possible_residuals_are_no_problem(models, answers_of):
    for name in ("mimic", "observed", "two_factors", "mixed"):
        assert ts.fit(models[name], answers_of()).admissible, name


def test_correlations_of_a_negative_variance_are_left_to_the_heywood_case(good):
    state = good.estimate.state
    psi = state.psi.copy()
    latent = good.estimate.layout.p
    psi[0, latent, latent] = -1.0
    estimate = replace(good.estimate)
    estimate.__dict__["state"] = replace(state, psi=psi)
    got = _again(good, estimate)
    assert "heywood" in got
    assert "latent_not_positive_definite" not in got


def test_a_group_with_fewer_rows_than_its_own_parameters(answers_of):
    answers = answers_of().assign(city=lambda d: np.where(np.arange(len(d)) < 8, "Small", "Large"))
    text = "f =~ inf1 + inf2 + inf3 + tru1"
    fit = ts.fit(text, answers, group="city", group_equal="loadings")
    (problem,) = [p for p in fit.problems if p.code == "small_group"]
    assert (problem.group, problem.severity) == ("Small", "warning")
    assert "8" not in problem.message
    even = ts.fit(text, answers.assign(city=np.arange(len(answers)) % 2), group="city")
    assert "small_group" not in _codes(even.problems)


def test_an_implied_matrix_that_cannot_be(good):
    state = good.estimate.state
    sigma = state.sigma.copy()
    sigma[0, 0, 0] = -1.0
    estimate = replace(good.estimate)
    estimate.__dict__["state"] = replace(state, sigma=sigma)
    assert "implied_not_positive_definite" in _again(good, estimate)


@pytest.mark.parametrize("group", [None, "g"])
def test_thresholds_have_to_ascend(group):
    rng = np.random.default_rng(4)
    factor = rng.normal(size=(300, 1))
    rows = np.digitize(factor + rng.normal(size=(300, 4)), [-0.7, 0.6])
    data = pd.DataFrame(rows, columns=list("abcd")).assign(g=np.arange(300) % 2)
    text = "f =~ a + b + c + d"
    held = ts.fit(text + "\na | 0.4*t1 + 0.2*t2", data, ordered=True, group=group)
    found = [p for p in held.problems if p.code == "thresholds_out_of_order"]
    assert [(p.where, p.group) for p in found] == [("a", label) for label in held.groups or [""]]
    assert not held.admissible
    assert ts.fit(text, data, ordered=True, group=group).admissible
