"""dMACS against integrals done by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from truststats.psychometrics.dmacs import dmacs, dmacs_ordinal, pooled_sd


def test_the_closed_form_is_the_integral() -> None:
    loadings, intercepts = np.array([[0.8], [1.1]]), np.array([3.0, 2.7])
    mean, variance, sd = 0.4, 1.7, 1.2

    def gap(xi: float) -> float:
        return (2.7 - 3.0) + 0.3 * xi

    square = quad(lambda x: gap(x) ** 2 * norm.pdf(x, mean, np.sqrt(variance)), -15, 15)[0]
    plain = quad(lambda x: gap(x) * norm.pdf(x, mean, np.sqrt(variance)), -15, 15)[0]
    whole, signed = dmacs(
        loadings[:, None], intercepts[:, None], np.array([mean]), np.array([[variance]]),
        np.array([sd]),
    )  # fmt: skip
    assert whole[0] == pytest.approx(np.sqrt(square) / sd)
    assert signed[0] == pytest.approx(plain / sd)


def test_two_factors_and_no_difference() -> None:
    loadings = np.array([[[0.5, 0.2]], [[0.7, 0.2]]])
    same = np.zeros((2, 1))
    cov = np.array([[1.5, 0.4], [0.4, 2.0]])
    whole, signed = dmacs(loadings, same, np.array([1.0, 5.0]), cov, np.ones(1))
    assert whole[0] == pytest.approx(0.2 * np.sqrt(1.0 + 1.5))
    assert signed[0] == pytest.approx(0.2)
    none, _ = dmacs(loadings[[0, 0]], same, np.array([1.0, 5.0]), cov, np.ones(1))
    assert none[0] == 0.0


def test_expected_scores_of_ordinal_items() -> None:
    cuts = np.array([[[-1.0, 0.2, 1.1]], [[-1.0, 0.5, np.inf]]])
    loadings, intercepts = np.array([[0.8], [0.6]]), np.array([[0.0], [0.1]])
    units, mean, variance, sd = np.array([[1.0], [0.9]]), 0.3, 1.4, 1.1

    def score(xi: float, g: int) -> float:
        z = (intercepts[g, 0] + loadings[g, 0] * xi - cuts[g, 0]) / units[g, 0]
        return float(norm.cdf(z).sum())

    def weight(xi: float) -> float:
        return float(norm.pdf(xi, mean, np.sqrt(variance)))

    square = quad(lambda x: (score(x, 1) - score(x, 0)) ** 2 * weight(x), -12, 12)[0]
    plain = quad(lambda x: (score(x, 1) - score(x, 0)) * weight(x), -12, 12)[0]
    whole, signed = dmacs_ordinal(
        cuts, loadings, intercepts, units, np.array([mean]), np.array([variance]), np.array([sd])
    )
    assert whole[0] == pytest.approx(np.sqrt(square) / sd, rel=1e-6)
    assert signed[0] == pytest.approx(plain / sd, rel=1e-6)


def test_pooled_standard_deviations_are_weighted_means() -> None:
    assert pooled_sd(np.array([1.0, 2.0]), np.array([11.0, 31.0])) == pytest.approx(1.75)
