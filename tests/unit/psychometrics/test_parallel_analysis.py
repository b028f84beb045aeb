"""Random data without common factors, and what is compared with them."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.parallel_analysis import (
    ParallelAnalysis,
    component_eigenvalues,
    factor_eigenvalues,
    independent_correlations,
    independent_polychorics,
    parallel_analysis,
    permuted_correlations,
    smooth,
)


def test_only_leading_eigenvalues_count() -> None:
    random = np.tile([1.5, 1.2, 1.0, 0.8], (20, 1))
    assert ParallelAnalysis(np.array([2.0, 1.1, 1.05, 0.5]), random).suggested(0.95) == 1
    assert ParallelAnalysis(np.array([1.4, 1.3, 1.0, 0.5]), random).suggested(None) == 0
    assert ParallelAnalysis(random[0] + 0.1, random).suggested(None) == 4


def test_both_kinds_of_random_data_agree() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(300, 8))
    normal = np.concatenate(list(independent_correlations(300, 8, 600, rng)))
    shuffled = np.concatenate(list(permuted_correlations(rows, 600, rng)))
    for made in (normal, shuffled):
        assert made.shape == (600, 8, 8)
        assert np.allclose(np.diagonal(made, axis1=1, axis2=2), 1.0)
        assert made[:, 0, 1].std() == pytest.approx(1 / np.sqrt(299), rel=0.1)
    gap = component_eigenvalues(normal).mean(axis=0) - component_eigenvalues(shuffled).mean(axis=0)
    assert np.abs(gap).max() < 0.02


def test_polychoric_correlations_spread_more() -> None:
    rng = np.random.default_rng(1)
    rows = np.digitize(rng.normal(size=(200, 5)), [-1.0, 0.0, 1.2]) * 1.0
    made = np.concatenate(list(independent_polychorics(rows, 60, np.random.default_rng(2))))
    plain = np.concatenate(list(permuted_correlations(rows, 60, rng)))
    i, j = np.triu_indices(5, 1)
    assert made.shape == (60, 5, 5)
    assert np.abs(made[:, i, j].mean()) < 0.02
    assert made[:, i, j].std() > plain[:, i, j].std()
    again = np.concatenate(list(independent_polychorics(rows, 60, np.random.default_rng(2))))
    assert np.array_equal(made, again)


def test_factors_have_smaller_eigenvalues_than_components() -> None:
    rng = np.random.default_rng(3)
    y = rng.normal(size=(400, 6)) + rng.normal(size=(400, 1))
    corr = np.corrcoef(y, rowvar=False)
    components, factors = parallel_analysis(corr, permuted_correlations(y, 50, rng))
    assert components.suggested(0.95) == factors.suggested(0.95) == 1
    assert (factor_eigenvalues(corr) < component_eigenvalues(corr)).all()
    assert np.array_equal(factors.observed, factor_eigenvalues(corr))


def test_smoothing_leaves_what_is_definite() -> None:
    good = np.eye(3) * 0.5 + 0.5
    assert smooth(good) is good
    bad = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    assert np.linalg.eigvalsh(smooth(bad))[0] > 0
    assert np.allclose(np.diag(smooth(bad)), 1.0)
