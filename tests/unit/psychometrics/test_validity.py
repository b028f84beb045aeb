from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.validity import (
    correlations,
    heterotrait_ratio,
    heterotrait_slopes,
    inflation,
    severity,
)

BLOCKS = (np.array([0, 1, 2]), np.array([3, 4]), np.array([5, 6, 7]))


@pytest.fixture
def corr():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(500, 8)) + rng.normal(size=(500, 1))
    return np.corrcoef(x.T)


def test_parallel_items_give_the_correlation_of_the_factors():
    within, between = 0.6, 0.42
    corr = np.full((4, 4), between)
    corr[:2, :2] = corr[2:, 2:] = within
    np.fill_diagonal(corr, 1.0)
    blocks = (np.array([0, 1]), np.array([2, 3]))
    for geometric in (False, True):
        got = heterotrait_ratio(corr, blocks, geometric=geometric)
        assert got == pytest.approx([0.7])


def test_geometric_means_see_through_unequal_loadings():
    loadings = np.array([0.9, 0.8, 0.4, 0.9, 0.5, 0.7])
    phi = np.array([[1, 0.7], [0.7, 1]])
    corr = np.outer(loadings, loadings) * np.kron(phi, np.ones((3, 3)))
    np.fill_diagonal(corr, 1.0)
    blocks = (np.arange(3), np.arange(3, 6))
    assert heterotrait_ratio(corr, blocks, geometric=True) == pytest.approx([0.7])
    assert heterotrait_ratio(corr, blocks)[0] != pytest.approx(0.7, abs=1e-3)


def test_reversed_items_count_by_their_size(corr):
    signs = np.array([1, -1, 1, 1, 1, -1, 1, 1.0])
    turned = corr * np.outer(signs, signs)
    assert heterotrait_ratio(turned, BLOCKS) == pytest.approx(heterotrait_ratio(corr, BLOCKS))


@pytest.mark.parametrize("geometric", [False, True])
def test_slopes_are_derivatives(corr, geometric):
    corr[1, 4] = corr[4, 1] = -0.2
    slope = heterotrait_slopes(corr, BLOCKS, geometric=geometric)
    for i, j in ((1, 0), (4, 1), (7, 3)):
        sides = []
        for step in (1e-6, -1e-6):
            moved = corr.copy()
            moved[i, j] += step
            moved[j, i] += step
            sides.append(heterotrait_ratio(moved, BLOCKS, geometric=geometric))
        assert slope[:, i, j] == pytest.approx((sides[0] - sides[1]) / 2e-6, abs=1e-6)
    assert not slope[:, 0, 1].any()


def test_a_batch_is_its_parts(corr):
    both = heterotrait_ratio(np.stack([corr, corr.T]), BLOCKS)
    assert both[1] == pytest.approx(heterotrait_ratio(corr, BLOCKS))
    assert correlations(4 * corr) == pytest.approx(corr)


def test_inflation_of_two_is_known():
    assert inflation(np.array([[1, 0.7], [0.7, 1]])) == pytest.approx([1 / 0.51] * 2)


@pytest.mark.parametrize(
    ("upper", "word"),
    [(0.79, "none"), (0.8, "marginal"), (0.9, "moderate"), (1.0, "severe"), (1.2, "severe")],
)
def test_severity(upper, word):
    assert severity(upper) == word
