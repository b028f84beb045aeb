"""Two-way tables by counting, empty cells, and correlations against a direct search."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from truststats.estimation.bivariate import cell_probabilities
from truststats.estimation.thresholds import counts, encode, thresholds
from truststats.estimation.two_way import correlations, pair_index, pair_tables, without_zeros

ROWS = np.random.default_rng(5).integers(0, 4, size=(200, 3)).astype(float)
ROWS[:, 1] = np.minimum(ROWS[:, 0] // 2 + ROWS[:, 1] // 2, 2)


def test_tables_are_counts() -> None:
    rows = ROWS.copy()
    rows[:20, 0] = np.nan
    weights = np.linspace(0.5, 2.0, len(rows))
    codes = encode(rows, list("abc"))
    plain, heavy = pair_tables(codes), pair_tables(codes, weights)
    for k, (i, j) in enumerate(zip(*pair_index(3), strict=True)):
        for a in range(5):
            for b in range(5):
                here = (codes.values[:, i] == a) & (codes.values[:, j] == b)
                assert plain.numbers[k, a, b] == here.sum()
                assert heavy.numbers[k, a, b] == pytest.approx(weights[here].sum())
                assert heavy.squares[k, a, b] == pytest.approx((weights[here] ** 2).sum())


def test_correlations_maximise_the_likelihood() -> None:
    codes = encode(ROWS, list("abc"))
    taus, tables = thresholds(codes, counts(codes)), pair_tables(codes)
    rho, found = correlations(tables.seen, taus, tables.first, tables.second)
    assert found.all()
    for k in range(3):
        rows, columns = taus[[tables.first[k]]], taus[[tables.second[k]]]

        def loss(r: float, k: int = k, rows: np.ndarray = rows, columns: np.ndarray = columns):
            share, _ = cell_probabilities(rows, columns, np.array([r]))
            return -np.sum(tables.seen[k] * np.log(np.maximum(share[0], 1e-16)))

        best = minimize_scalar(
            loss, bounds=(-0.99, 0.99), method="bounded", options={"xatol": 1e-9}
        )
        assert rho[k] == pytest.approx(best.x, abs=1e-6)


def test_empty_cells() -> None:
    two, three = np.array([[2, 2]]), np.array([[3, 3]])
    table = np.array([[[20.0, 30.0], [0.0, 50.0]]])
    filled, had = without_zeros(table, two, (0.5, 0.0), True)
    assert had.all()
    assert filled[0].tolist() == [[19.5, 30.5], [0.5, 49.5]]
    assert without_zeros(table, two, (0.5, 0.0), False)[0][0].tolist() == [[20, 30], [0.5, 50]]
    both = np.array([[[20.0, 0.0], [0.0, 50.0]]])
    assert (without_zeros(both, two, (0.5, 0.0), True)[0] == both).all()
    large = np.array([[[4.0, 0.0, 1.0], [1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]])
    assert (without_zeros(large, three, (0.5, 0.0), True)[0] == large).all()
    assert without_zeros(large, three, (0.5, 0.1), True)[0][0, 0, 1] == 0.1


def test_an_empty_corner_may_tell_nothing() -> None:
    # every correlation below some -.8 has the same likelihood
    table = np.array([[130.0, 15.0], [3.0, 0.0], [2.0, 0.0]])
    rows = np.repeat([(a, b) for a in range(3) for b in range(2)], table.ravel().astype(int), 0)
    codes = encode(rows.astype(float), ["a", "b"])
    taus, tables = thresholds(codes, counts(codes)), pair_tables(codes)
    rho, found = correlations(tables.seen, taus, tables.first, tables.second)
    assert not found.any()
    assert -1.0 < rho[0] < -0.7
