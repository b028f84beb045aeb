"""Scores of ordered answers: modes, means, maxima, against sums over fine grids."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.special import ndtr

from truststats.inference.item_response import ItemResponse
from truststats.inference.item_scores import item_scores

TAU = np.array([-1.2, -0.4, 0.3, 1.1])


def response(r: int, each: int, loading: float = 0.75) -> ItemResponse:
    corr = np.full((r, r), 0.5) + 0.5 * np.eye(r)
    turn = np.linalg.cholesky(corr)
    sd = np.sqrt(1.0 - loading**2)
    slopes = np.repeat(turn, each, axis=0) * loading / sd
    cuts = np.tile(np.r_[-38.0, TAU / sd, 38.0], (r * each, 1))
    return ItemResponse(slopes, cuts, np.zeros(r), turn)


def answers(made: ItemResponse, n: int, seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, made.slopes.shape[1]))
    y = z @ made.slopes.T + rng.standard_normal((n, len(made.slopes)))
    codes = (y[:, :, None] > made.cuts[None, :, 1:-1]).sum(axis=2)
    codes[rng.random(codes.shape) < 0.1] = -1
    return codes


def by_grid(made: ItemResponse, codes: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and standard deviations of rows, by sums over a regular grid."""
    line = np.linspace(-6.5, 6.5, steps)
    z = np.array(list(product(line, repeat=made.slopes.shape[1])))
    eta, t = z @ made.turn.T, z @ made.slopes.T
    prior = np.exp(-0.5 * (z**2).sum(axis=1))
    means, spreads = [], []
    for low, high in zip(*made.limits(codes), strict=True):
        w = prior * np.prod(ndtr(high - t) - ndtr(low - t), axis=1)
        mean = w @ eta / w.sum()
        means.append(mean)
        spreads.append(np.sqrt(w @ (eta - mean) ** 2 / w.sum()))
    return np.array(means), np.array(spreads)


@pytest.mark.parametrize(
    ("r", "each", "steps", "allowed"), [(1, 6, 2001, 1e-4), (2, 4, 201, 3e-4), (3, 3, 61, 5e-4),
                                        (4, 3, 27, 4e-3)],
)  # fmt: skip
def test_posterior_means(r, each, steps, allowed):
    made = response(r, each)
    codes = answers(made, 12)
    codes[0], codes[1] = 4, 0
    means, spreads = by_grid(made, codes, steps)
    found = item_scores(made, codes, "eap")
    assert np.abs((found.values - means) / spreads).max() < allowed
    assert np.abs(found.se / spreads - 1.0).max() < 2.0 * allowed


def test_six_factors_against_many_more_points():
    """Independent factors are each a problem of one dimension."""
    one, six = response(1, 4), response(6, 4)
    sd = np.sqrt(1.0 - 0.75**2)
    slopes = np.repeat(np.eye(6), 4, axis=0) * 0.75 / sd
    apart = ItemResponse(slopes, six.cuts, np.zeros(6), np.eye(6))
    codes = answers(apart, 20)
    codes[codes < 0] = 2
    found = item_scores(apart, codes, "eap")
    alone = item_scores(one, codes.reshape(-1, 4), "eap")
    gap = (found.values.ravel() - alone.values[:, 0]) / alone.se[:, 0]
    assert np.sqrt((gap**2).mean()) < 2e-3
    assert np.abs(gap).max() < 0.01


def test_modes_have_no_slope_and_the_curvature_of_their_errors():
    made = response(2, 3)
    codes = answers(made, 30)
    found = item_scores(made, codes, "ebm")
    low, high = made.limits(codes)

    def value(eta: np.ndarray) -> np.ndarray:
        z = np.linalg.solve(made.turn, eta.T).T
        t = z @ made.slopes.T
        return np.log(ndtr(high - t) - ndtr(low - t)).sum(axis=1) - 0.5 * (z**2).sum(axis=1)

    h = 1e-4
    bends = np.empty((30, 2, 2))
    for i, j in product(range(2), repeat=2):
        a, b = np.eye(2)[i] * h, np.eye(2)[j] * h
        eta = found.values
        bends[:, i, j] = (
            value(eta + a + b) - value(eta + a - b) - value(eta - a + b) + value(eta - a - b)
        ) / (4 * h * h)
        assert np.abs(value(eta + a) - value(eta - a)).max() < 1e-8
    se = np.sqrt(np.einsum("jff->jf", np.linalg.inv(-bends)))
    np.testing.assert_allclose(found.se, se, rtol=1e-4)


def test_a_likelihood_without_a_maximum_has_no_score():
    made = response(2, 3)
    codes = np.array(
        [[4, 4, 4, 1, 2, 3], [0, 0, 0, 4, 4, 4], [-1, -1, -1, 1, 2, 2], [1, 2, 3, 2, 1, 0]]
    )
    found = item_scores(made, codes, "ml")
    assert np.isnan(found.values).tolist() == [
        [True, False], [True, True], [True, False], [False, False],
    ]  # fmt: skip
    assert (np.isnan(found.se) == np.isnan(found.values)).all()
    for method in ("ebm", "eap"):
        assert np.isfinite(item_scores(made, codes, method).values).all()


def test_rows_without_answers_have_no_score_and_equal_rows_equal_ones():
    made = response(1, 4)
    codes = np.array([[1, 2, 3, 4], [-1, -1, -1, -1], [1, 2, 3, 4], [1, -1, 3, -1]])
    for method in ("ebm", "eap", "ml"):
        found = item_scores(made, codes, method)
        assert np.isnan(found.values[:, 0]).tolist() == [False, True, False, False]
        assert found.values[0, 0] == found.values[2, 0]
        assert found.se[3, 0] > found.se[0, 0]


def test_a_hundred_items_do_not_underflow():
    made = response(1, 100)
    codes = answers(made, 5)
    found = item_scores(made, codes, "eap")
    mode = item_scores(made, codes, "ebm")
    assert np.abs((found.values - mode.values) / found.se).max() < 0.2
