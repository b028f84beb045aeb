"""Scores of pairs against finite differences of their log-likelihood."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from truststats.estimation.bivariate import FAR, Rectangles
from truststats.estimation.casewise import Margin, pair_scores, rectangles, rho_score, take

N = 6
X = np.array([[0.5], [-1.0], [0.2], [0.0], [1.3], [-0.4]])
Y = {0: np.array([0.3, -1.2, 2.0, 0.4, 1.0, -0.1]), 1: np.array([1.0, 0.1, -0.5, 0.2, 2.2, 1.4])}
CODES = {0: np.array([0, 1, 2, 1, 0, 2]), 1: np.array([2, 0, 1, 1, 2, 0])}
RHO = 0.45
START = {True: np.array([-0.6, 0.7, 0.3]), False: np.array([0.2, 0.3, 1.7])}


def margin(which: int, ordered: bool, theta: np.ndarray) -> Margin:
    seen = np.ones(N, dtype=bool)
    if not ordered:
        sigma = float(np.sqrt(theta[2]))
        z = (Y[which] - theta[0] - X[:, 0] * theta[1]) / sigma
        return Margin(z, z, None, 1, sigma, X, seen)
    edges = np.column_stack(
        [np.full(N, -FAR), *(t - X[:, 0] * theta[2] for t in theta[:2]), np.full(N, FAR)]
    )
    code = CODES[which]
    place = np.arange(N)
    return Margin(edges[place, code + 1], edges[place, code], code, 2, 1.0, X, seen)


def logl(one: Margin, two: Margin, rho: float) -> np.ndarray:
    if one.ordered and two.ordered:
        cells = Rectangles(one.upper, one.lower, two.upper, two.lower)
        return np.log(cells.probability(rho))
    if one.ordered:
        return logl(two, one, rho)
    if two.ordered:
        root = np.sqrt(1 - rho**2)
        inside = ndtr((two.upper - rho * one.upper) / root) - ndtr(
            (two.lower - rho * one.upper) / root
        )
        return -0.5 * one.upper**2 - np.log(one.sigma) + np.log(inside)
    z = np.column_stack([one.upper, two.upper])
    density = multivariate_normal.logpdf(z, cov=[[1, rho], [rho, 1]])
    return density - np.log(one.sigma * two.sigma)


@pytest.mark.parametrize("kinds", list(itertools.product([True, False], repeat=2)))
def test_pair_scores(kinds: tuple[bool, bool]) -> None:
    theta = [START[kinds[0]].copy(), START[kinds[1]].copy()]

    def value(a: np.ndarray, b: np.ndarray, rho: float) -> np.ndarray:
        return logl(margin(0, kinds[0], a), margin(1, kinds[1], b), rho)

    one, two = margin(0, kinds[0], theta[0]), margin(1, kinds[1], theta[1])
    got = pair_scores(one, two, RHO)
    step = 1e-6
    by_rho = (value(*theta, RHO + step) - value(*theta, RHO - step)) / (2 * step)
    assert got.rho == pytest.approx(by_rho, abs=1e-7)
    assert rho_score(one, two, RHO, rectangles(one, two)) == pytest.approx(got.rho)
    for k, (own, edges) in enumerate(((one, got.first), (two, got.second))):
        scores = own.spread(edges)
        for m in range(3):
            high, low = [t.copy() for t in theta], [t.copy() for t in theta]
            high[k][m] += step
            low[k][m] -= step
            by_hand = (value(*high, RHO) - value(*low, RHO)) / (2 * step)
            assert scores[:, m] == pytest.approx(by_hand, abs=1e-6)
        by = np.arange(1.0, N + 1)
        assert own.products(edges, by) == pytest.approx(scores.T @ by)


def test_some_cases() -> None:
    whole = margin(0, True, START[True])
    part = take(whole, np.arange(N) < 2)
    assert part.upper.tolist() == whole.upper[:2].tolist()
    assert part.codes is not None
    assert part.codes.tolist() == [0, 1]
