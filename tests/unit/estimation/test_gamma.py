"""Fourth moments and their weights, against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.errors import DataError
from truststats.estimation.gamma import (
    centred_rows,
    distribution_free_weight,
    fourth_moments,
    moment_rows,
    moment_vector,
    normal_gamma,
    normal_theory_weight,
    normal_weight,
)
from truststats.estimation.sample import sample_from_rows

NONE = np.zeros(0, dtype=np.intp)


@pytest.fixture
def sample():
    rng = np.random.default_rng(3)
    mix = np.array([[1.0, 0.5, 0.2], [0.0, 1.0, 0.4], [0.0, 0.0, 1.0]])
    return sample_from_rows(rng.gamma(2.0, size=(80, 3)) @ mix)


def test_gamma_is_the_covariance_of_the_products(sample):
    gap = sample.rows - sample.rows.mean(axis=0)
    row, col = np.tril_indices(3)
    products = np.column_stack([gap[:, row] * gap[:, col], gap])
    expected = np.cov(products.T, bias=True)
    assert fourth_moments(sample, NONE, has_means=True) == pytest.approx(expected)
    assert fourth_moments(sample, NONE, has_means=False) == pytest.approx(expected[:6, :6])


def test_the_moments_of_fixed_x_do_not_vary(sample):
    x = np.array([0])
    gamma = fourth_moments(sample, x, has_means=True)
    assert np.abs(gamma[[0, 6]]).max() < 1e-12
    rows, fitted = centred_rows(sample, x)
    slope = np.polyfit(rows[:, 0], rows[:, 2], 1)[0]
    assert fitted[:, 2] == pytest.approx(slope * rows[:, 0])
    assert moment_rows(sample, x, has_means=True)[:, 8] == pytest.approx(rows[:, 2] - fitted[:, 2])


def test_the_normal_weight_inverts_the_normal_gamma(sample):
    sigma, (row, col) = sample.cov, np.tril_indices(3)
    gamma = sigma[np.ix_(row, row)] * sigma[np.ix_(col, col)]
    gamma += sigma[np.ix_(row, col)] * sigma[np.ix_(col, row)]
    weight = normal_weight(np.linalg.inv(sigma), has_means=True)
    assert weight[:6, :6] @ gamma == pytest.approx(np.eye(6), abs=1e-10)
    assert weight[6:, 6:] == pytest.approx(np.linalg.inv(sigma))
    assert np.abs(weight[:6, 6:]).max() == 0


def test_the_normal_gamma_given_x_is_that_of_the_residuals(sample):
    x = np.array([1])
    weight = normal_theory_weight(sample.cov, x, has_means=True)
    gamma = normal_gamma(sample.cov, x, has_means=True)
    kept = [0, 1, 3, 4, 5, 6, 8]
    assert weight[np.ix_(kept, kept)] @ gamma[np.ix_(kept, kept)] == pytest.approx(
        np.eye(7), abs=1e-8
    )
    assert np.abs(gamma[[2, 7]]).max() < 1e-12


def test_weights_given_x(sample):
    x = np.array([1])
    weight = normal_theory_weight(sample.cov, x, has_means=True)
    assert np.abs(weight[[2, 7]]).max() == 0
    y = [0, 2]
    left = (
        sample.cov[np.ix_(y, y)] - np.outer(sample.cov[y, 1], sample.cov[y, 1]) / sample.cov[1, 1]
    )
    assert weight[np.ix_([6, 8], [6, 8])] == pytest.approx(np.linalg.inv(left))
    free = distribution_free_weight(sample, x, has_means=False)
    kept = [0, 1, 3, 4, 5]
    gamma = fourth_moments(sample, x, has_means=False)[np.ix_(kept, kept)]
    assert free[np.ix_(kept, kept)] @ gamma == pytest.approx(np.eye(5), abs=1e-8)


def test_a_singular_gamma_is_refused(sample):
    few = sample_from_rows(sample.rows[:6])
    with pytest.raises(DataError, match="singular covariance matrix") as caught:
        distribution_free_weight(few, NONE, has_means=False)
    assert "MLM" in caught.value.fix


def test_moments_as_a_vector(sample):
    assert moment_vector(np.array([[1.0, 2.0], [2.0, 3.0]]), np.array([4.0, 5.0])).tolist() == [
        1.0, 2.0, 3.0, 4.0, 5.0
    ]  # fmt: skip
