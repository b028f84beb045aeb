"""Extraction recovers factors it is given exactly, by every method, and says what is improper."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.efa_extract import (
    LEAST_UNIQUENESS,
    extract,
    ml_discrepancy,
    most_factors,
    smc,
)

L = np.zeros((9, 3))
for k in range(3):
    L[3 * k : 3 * k + 3, k] = [0.8, 0.7, 0.6]
L[8, 0] = 0.3
R = L @ L.T
np.fill_diagonal(R, 1.0)


@pytest.mark.parametrize("method", ["ml", "minres", "wls"])
def test_exact_factors_come_back(method: str) -> None:
    weight = np.random.default_rng(1).uniform(1, 3, (9, 9))
    found = extract(R, 3, method, weight + weight.T)
    assert found.converged
    assert found.value == pytest.approx(0.0, abs=1e-10)
    assert np.abs(found.implied - R).max() < 1e-5
    assert np.allclose(found.uniqueness, 1.0 - (L**2).sum(axis=1), atol=1e-4)
    assert (found.loadings.sum(axis=0) > 0).all()


def test_equal_weights_are_least_squares() -> None:
    noisy = np.corrcoef(np.random.default_rng(2).normal(size=(200, 9)) @ np.linalg.cholesky(R).T,
                        rowvar=False)  # fmt: skip
    plain = extract(noisy, 2, "minres")
    weighted = extract(noisy, 2, "wls", np.full((9, 9), 7.0))
    assert np.allclose(plain.loadings @ plain.loadings.T, weighted.loadings @ weighted.loadings.T,
                       atol=1e-7)  # fmt: skip
    assert weighted.value == pytest.approx(7.0 * plain.value, rel=1e-8)


def test_likelihood_value_is_the_discrepancy() -> None:
    noisy = 0.9 * R + 0.1 * np.eye(9)
    found = extract(noisy, 1, "ml")
    assert found.value == pytest.approx(ml_discrepancy(noisy, found.implied), abs=1e-9)


def test_an_improper_item_stays_at_the_bound() -> None:
    heywood = np.array([[1, 0.85, 0.85], [0.85, 1, 0.6], [0.85, 0.6, 1]])
    for method in ("ml", "minres"):
        assert extract(heywood, 1, method).uniqueness[0] == pytest.approx(LEAST_UNIQUENESS)


def test_a_matrix_that_is_not_definite_has_least_squares() -> None:
    odd = np.array([[1, 0.9, 0.9, -0.4], [0.9, 1, 0.4, 0.3], [0.9, 0.4, 1, 0.2],
                    [-0.4, 0.3, 0.2, 1]])  # fmt: skip
    assert np.linalg.eigvalsh(odd)[0] < 0
    assert np.isfinite(extract(odd, 1, "minres").loadings).all()


def test_smc_is_a_squared_multiple_correlation() -> None:
    y = np.random.default_rng(3).normal(size=(50, 4)) @ np.triu(np.ones((4, 4)))
    z = y - y.mean(axis=0)
    beta = np.linalg.lstsq(z[:, 1:], z[:, 0], rcond=None)[0]
    share = 1 - ((z[:, 0] - z[:, 1:] @ beta) ** 2).sum() / (z[:, 0] ** 2).sum()
    assert smc(np.corrcoef(y, rowvar=False))[0] == pytest.approx(share)


@pytest.mark.parametrize(("p", "m"), [(3, 1), (4, 1), (5, 2), (6, 3), (9, 5), (10, 6)])
def test_most_factors(p: int, m: int) -> None:
    assert most_factors(p) == m
    assert ((p - m) ** 2 - p - m) / 2 >= 0 > ((p - m - 1) ** 2 - p - m - 1) / 2
