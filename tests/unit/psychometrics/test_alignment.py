"""Alignment of populations with known truth, and of groups whose order or signs are changed."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.arrays import Array
from truststats.psychometrics.alignment import align


def population(
    groups: int, items: int = 5, seed: int = 3, apart: int = 1
) -> tuple[Array, Array, Array, Array]:
    """Return configural loadings and intercepts, and the true means and standard deviations.

    In every group `apart` of the items have another loading, and as many another intercept.
    """
    rng = np.random.default_rng(seed)
    mean, sd = rng.normal(0.0, 0.4, groups), np.exp(rng.normal(0.0, 0.2, groups))
    mean[0], sd[0] = 0.0, 1.0
    loadings, intercepts = np.full((items, groups), 0.8), np.full((items, groups), 3.0)
    for g in range(groups):
        loadings[rng.permutation(items)[:apart], g] += rng.choice([-0.3, 0.3], apart)
        intercepts[rng.permutation(items)[:apart], g] += rng.choice([-0.5, 0.5], apart)
    return loadings * sd, intercepts + mean * loadings, mean, sd


def test_equal_items_are_aligned_exactly() -> None:
    loadings, intercepts, mean, sd = population(12, apart=0)
    found = align(loadings, intercepts, np.full(12, 200.0))
    assert found.converged
    assert found.best == found.starts
    assert found.mean == pytest.approx(mean, abs=1e-8)
    assert found.sd == pytest.approx(sd, abs=1e-8)
    assert found.loadings == pytest.approx(np.full((5, 12), 0.8))


@pytest.mark.parametrize("groups", [10, 30, 100])
def test_means_are_recovered_with_a_fifth_of_the_items_apart(groups: int) -> None:
    loadings, intercepts, mean, sd = population(groups)
    n = np.full(groups, 300.0)
    found = align(loadings, intercepts, n, eps=1e-4)
    assert found.converged
    assert np.abs(found.mean - mean).max() < 0.03
    assert np.abs(found.sd - sd).max() < 0.02
    usual = align(loadings, intercepts, n)
    assert np.sqrt(np.mean((usual.mean - mean) ** 2)) < 0.06
    assert np.corrcoef(usual.mean, mean)[0, 1] > 0.99


def test_three_kinds_of_groups_twenty_times() -> None:
    """In each kind one loading and one intercept deviate; eps leaves a small bias."""
    kinds, groups = np.arange(60) % 3, 60
    mean, sd = np.array([0.0, 0.3, 1.0])[kinds], np.sqrt(np.array([1.0, 1.5, 1.2]))[kinds]
    loadings, intercepts = np.ones((5, groups)), np.zeros((5, groups))
    for kind, item, value in ((0, 2, 1.4), (1, 4, 0.5), (2, 3, 0.3)):
        loadings[item, kinds == kind] = value
    for kind, item, value in ((0, 4, 0.5), (1, 0, -0.5), (2, 1, 0.5)):
        intercepts[item, kinds == kind] = value
    for eps, bias in ((1e-2, 0.04), (1e-4, 0.004), (1e-6, 0.0005)):
        found = align(loadings * sd, intercepts + mean * loadings, np.full(groups, 500.0), eps=eps)
        assert np.abs(found.mean - mean).max() < bias
        assert np.abs(found.sd - sd).max() < bias


def test_free_finds_the_mean_of_the_reference() -> None:
    loadings, intercepts, mean, _ = population(20, seed=8)
    found = align(loadings, intercepts, np.full(20, 300.0), free=True, eps=1e-3)
    assert found.mean[0] == pytest.approx(0.0, abs=0.05)
    assert found.mean - found.mean[0] == pytest.approx(mean, abs=0.05)
    assert found.sd[0] == 1.0


def test_the_reference_only_sets_the_scale() -> None:
    loadings, intercepts, _, _ = population(9, seed=4)
    n = np.linspace(100.0, 400.0, 9)
    one = align(loadings, intercepts, n, eps=1e-3)
    other = align(loadings, intercepts, n, reference=4, eps=1e-3)
    assert other.mean[4] == 0.0
    assert other.sd == pytest.approx(one.sd / one.sd[4])
    turned = align(loadings[:, ::-1], intercepts[:, ::-1], n[::-1], reference=8, eps=1e-3)
    assert turned.mean[::-1] == pytest.approx(one.mean, abs=1e-7)


def test_many_starts_find_nothing_better() -> None:
    loadings, intercepts, _, _ = population(40, seed=6, apart=2)
    noise = 0.05 * np.random.default_rng(2).normal(size=(2, 5, 40))
    loadings, intercepts = loadings + noise[0], intercepts + noise[1]
    n = np.full(40, 200.0)
    few = align(loadings, intercepts, n, starts=5)
    many = align(loadings, intercepts, n, starts=60, rng=np.random.default_rng(9))
    assert few.loss <= many.loss * (1.0 + 5e-4)
    again = align(loadings, intercepts, n, starts=5)
    assert (again.mean == few.mean).all()
