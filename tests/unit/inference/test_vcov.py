from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.estimation.derivatives import observed_information
from truststats.inference.vcov import casewise_scores, information, inverse, meat, vcov


@pytest.fixture(scope="module", params=["plain", "means", "clusters", "holes"])
def estimate(request, models, answers_of):
    data = answers_of(holes=0.1 if request.param == "holes" else 0.0)
    options = {
        "plain": {},
        "means": {"meanstructure": True},
        "clusters": {"cluster": "unit"},
        "holes": {"missing": "ml"},
    }[request.param]
    return ts.fit(models["equal_labels"], data, **options).estimate


def test_scores_vanish_at_the_optimum(estimate):
    total = casewise_scores(estimate).mean(axis=0)
    spread = casewise_scores(estimate).std(axis=0)
    assert np.abs(total / spread).max() < 1e-6


def test_informations_are_positive_definite(estimate):
    for kind in ("expected", "observed"):
        assert np.linalg.eigvalsh(information(estimate, kind))[0] > 0


def test_standard_covariances_are_the_inverse_information(estimate):
    for kind in ("expected", "observed"):
        got, regular, middle = vcov(estimate, "standard", kind)
        want = np.linalg.inv(information(estimate, kind)) / estimate.sample.n
        np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-12)
        assert regular
        assert middle is None


def test_the_sandwich_by_its_definition(estimate):
    got, _, middle = vcov(estimate, "robust.huber.white", "observed")
    by_row = casewise_scores(estimate)
    sample = estimate.sample
    if sample.clusters is None:
        want = by_row.T @ by_row / sample.n
    else:
        groups = np.unique(sample.clusters)
        sums = np.stack([by_row[sample.clusters == g].sum(axis=0) for g in groups])
        want = sums.T @ sums / sample.n * len(groups) / (len(groups) - 1)
    np.testing.assert_allclose(middle, want, rtol=1e-10, atol=1e-14)
    bread = np.linalg.inv(information(estimate, "observed"))
    np.testing.assert_allclose(got, bread @ want @ bread / sample.n, rtol=1e-6, atol=1e-12)


def test_the_factor_counts_the_clusters_given(models, answers_of):
    from dataclasses import replace

    estimate = ts.fit(models["chain"], answers_of(), cluster="unit").estimate
    by_row = casewise_scores(estimate)
    wider = replace(estimate.sample, n_clusters=48)
    ratio = meat(by_row, estimate.sample)[0, 0] / meat(by_row, wider)[0, 0]
    assert ratio == pytest.approx((24 / 23) / (48 / 47))


def test_inverse_of_a_regular_matrix():
    rng = np.random.default_rng(0)
    half = rng.normal(size=(5, 5)) * 10.0 ** np.arange(5)
    got, regular = inverse(half.T @ half)
    assert regular
    np.testing.assert_allclose(got @ (half.T @ half), np.eye(5), atol=1e-6)


def test_inverse_of_a_singular_matrix_says_so():
    info = np.array([[2.0, 2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
    got, regular = inverse(info)
    assert not regular
    np.testing.assert_allclose(got, np.linalg.pinv(info), atol=1e-10)


def test_inverse_of_an_indefinite_matrix_says_so():
    got, regular = inverse(np.diag([1.0, -1.0]))
    assert not regular
    np.testing.assert_allclose(got, np.diag([1.0, -1.0]))


def test_inverse_of_a_parameter_without_information():
    got, regular = inverse(np.diag([0.0, 4.0]))
    assert not regular
    np.testing.assert_allclose(got, np.diag([0.0, 0.25]))
    assert not inverse(np.array([[0.0, 1.0], [1.0, 1.0]]))[1]


def test_inverse_of_nothing():
    got, regular = inverse(np.zeros((0, 0)))
    assert got.shape == (0, 0)
    assert regular


def test_information_of_complete_rows_is_the_observed_one(models, answers_of):
    estimate = ts.fit(models["chain"], answers_of()).estimate
    want = observed_information(estimate.layout, estimate.state, *estimate.second_moment())
    np.testing.assert_allclose(information(estimate, "observed"), want)


def test_a_regressions_standard_errors_are_those_of_least_squares(answers_of):
    data = answers_of()
    fit = ts.fit("inf1 ~ x1 + x2", data)
    design = np.c_[np.ones(len(data)), data[["x1", "x2"]]]
    beta, *_ = np.linalg.lstsq(design, data["inf1"], rcond=None)
    left = data["inf1"] - design @ beta
    scale = (left**2).mean()
    se = np.sqrt(scale * np.diag(np.linalg.inv(design.T @ design)))
    np.testing.assert_allclose(fit.params[:2], beta[1:], rtol=1e-7)
    np.testing.assert_allclose(fit.bse[:2], se[1:], rtol=1e-7)


def test_inverse_of_a_nearly_singular_matrix_is_still_its_inverse():
    half = np.array([[1.0, 1.0 - 1e-6], [0.0, 1e-4]])
    info = half.T @ half * 1e4
    got, regular = inverse(info)
    assert regular
    np.testing.assert_allclose(got @ info, np.eye(2), atol=1e-5)
