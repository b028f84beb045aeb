"""Rotation finds simple structure, keeps what it must keep, and counts where its starts end."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.rotation import kaiser_weights, promax, rotate
from truststats.psychometrics.rotation_criteria import geomin, oblimin, orthomax, target

SIMPLE = np.kron(np.eye(3), np.array([[0.8], [0.7], [0.6]]))
PHI = np.array([[1, 0.5, 0.2], [0.5, 1, 0.3], [0.2, 0.3, 1]])
A = SIMPLE @ np.linalg.cholesky(PHI)


def test_perfect_simple_structure_is_found() -> None:
    for criterion in (oblimin(), geomin(1e-3)):
        found = rotate(A, criterion, oblique=True)
        order = np.abs(found.loadings).argmax(axis=0) // 3
        assert sorted(order) == [0, 1, 2]
        assert np.allclose(np.sort(np.abs(found.loadings), axis=1)[:, :2], 0.0, atol=2e-3)
        i, j = np.triu_indices(3, 1)
        assert np.allclose(np.sort(np.abs(found.phi[i, j])), [0.2, 0.3, 0.5], atol=5e-3)


@pytest.mark.parametrize("oblique", [True, False])
def test_what_rotation_keeps(oblique: bool) -> None:
    noisy = A + 0.1 * np.random.default_rng(1).normal(size=A.shape)
    criterion = oblimin() if oblique else orthomax(1.0)
    found = rotate(noisy, criterion, oblique=oblique, kaiser=True)
    assert np.allclose(found.loadings @ found.phi @ found.loadings.T, noisy @ noisy.T)
    assert np.allclose(np.diag(found.phi), 1.0)
    assert np.array_equal(found.phi, np.eye(3)) != oblique
    weights = kaiser_weights(noisy, np.eye(3))
    assert found.value == pytest.approx(criterion((found.loadings * weights[:, None])[None])[0][0])


def test_starts_are_followed_and_counted() -> None:
    rough = np.random.default_rng(5).normal(size=(12, 4))
    found = rotate(rough, geomin(0.001), oblique=True, starts=60)
    assert found.starts == 60
    assert 1 <= found.best <= found.converged <= 60
    assert len(found.minima) > 1
    assert (np.diff(found.minima) > 0).all()
    assert found.value == found.minima[0]
    again = rotate(rough, geomin(0.001), oblique=True, starts=60)
    assert np.array_equal(again.loadings, found.loadings)
    one = rotate(rough, geomin(0.001), oblique=True, starts=1)
    assert one.value >= found.value - 1e-10


def test_a_target_is_reached() -> None:
    wanted = np.where(SIMPLE > 0, np.nan, 0.0)
    found = rotate(A, target(wanted), oblique=True)
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert np.allclose(np.abs(found.loadings), SIMPLE, atol=1e-5)


def test_promax_lets_varimax_factors_correlate() -> None:
    found = promax(A)
    assert np.allclose(found.loadings @ found.phi @ found.loadings.T, A @ A.T)
    assert np.abs(found.phi[np.triu_indices(3, 1)]).min() > 0.1
    assert np.isnan(found.value)


def test_one_factor_stays() -> None:
    one = A[:, :1]
    assert np.array_equal(rotate(one, oblimin(), oblique=True).loadings, one)
    assert np.array_equal(promax(one).loadings, one)
