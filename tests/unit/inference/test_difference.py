from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.difference import (
    centred_meat,
    moment_slopes,
    plain_difference,
    restrictions,
    satorra_2000,
    satorra_bentler,
)
from truststats.inference.vcov import score_variance


def test_plain():
    got = plain_difference(30.0, 12, 20.0, 10)
    assert (got.chisq, got.df) == (10.0, 2)
    assert np.isclose(got.pvalue, np.exp(-5.0))


def test_satorra_and_bentler():
    got = satorra_bentler(30.0, 12, 1.2, 20.0, 10, 1.1, method="satorra_bentler_2001")
    assert np.isclose(got.scaling_factor, 1.7)
    assert np.isclose(got.chisq, 10 / 1.7)


def test_a_saturated_model_has_no_factor():
    got = satorra_bentler(9.0, 3, 1.5, 0.0, 0, float("nan"), method="satorra_bentler_2001")
    assert np.isclose(got.chisq, 6.0)


def test_a_negative_factor_gives_no_test():
    got = satorra_bentler(30.0, 12, 1.0, 20.0, 10, 1.3, method="satorra_bentler_2001")
    assert got.scaling_factor < 0
    assert np.isnan(got.chisq)
    assert np.isnan(got.pvalue)


@pytest.mark.parametrize("adjust", ["scaled", "scaled_shifted", "mean_var_adjusted"])
def test_normal_answers_need_no_correction(adjust):
    info = np.array([[2.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 3.0]])
    got = satorra_2000(7.0, info, info, np.eye(3)[:2], adjust=adjust)
    np.testing.assert_allclose([got.chisq, got.df, got.scaling_factor], [7.0, 2.0, 1.0])
    assert abs(got.shift) < 1e-12


def test_scores_twice_as_wide_halve_the_difference():
    info = np.diag([1.0, 2.0])
    got = satorra_2000(8.0, info, 2.0 * info, np.array([[1.0, 0.0]]), adjust="scaled")
    assert np.isclose(got.chisq, 4.0)


def test_mean_and_variance():
    meat = np.diag([1.0, 3.0])
    got = satorra_2000(8.0, np.eye(2), meat, np.eye(2), adjust="mean_var_adjusted")
    np.testing.assert_allclose([got.df, got.chisq], [16 / 10, 8.0 * 4 / 10])
    shifted = satorra_2000(8.0, np.eye(2), meat, np.eye(2), adjust="scaled_shifted")
    b = np.sqrt(2 / 10)
    np.testing.assert_allclose(shifted.chisq, 8.0 * b + 2 - 4 * b)


def test_the_restriction_of_a_path_left_out(models, answers_of):
    full = ts.fit(models["chain"], answers_of())
    less = ts.fit(models["chain"].replace("trust + info", "trust"), answers_of())
    a = restrictions(moment_slopes(full.estimate), moment_slopes(less.estimate))
    assert a.shape == (1, full.npar)
    name = full.cov_params().columns[int(np.abs(a[0]).argmax())]
    assert name == "results~info"


def test_without_a_gap_of_means_the_meat_is_that_of_the_scores(models, answers_of):
    fit = ts.fit(models["chain"], answers_of(), estimator="MLR", meanstructure=True)
    np.testing.assert_allclose(
        centred_meat(fit.estimate), score_variance(fit.estimate), rtol=1e-6, atol=1e-6
    )


def test_groups_that_share_parameters_keep_their_own_centre(models, answers_of):
    data = answers_of()
    data["half"] = np.where(np.arange(len(data)) % 2, "one", "two")
    equal = ["loadings", "intercepts"]
    fit = ts.fit(models["chain"], data, group="half", group_equal=equal, estimator="MLR")
    gap = score_variance(fit.estimate) - centred_meat(fit.estimate)
    assert np.abs(gap).max() > 1e-4
