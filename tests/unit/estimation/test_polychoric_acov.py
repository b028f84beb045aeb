"""The covariance from tables: against rows, simulation and the jackknife of clusters."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation import moves
from truststats.estimation.clusters import ClusterDesign
from truststats.estimation.polychoric import ordinal_moments


def clustered(units: int, each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), each)
    common = rng.normal(size=(units, 1))[unit] * 0.5 + rng.normal(size=(len(unit), 1)) * 0.6
    y = common + rng.normal(size=(units, 3))[unit] * 0.3 + rng.normal(size=(len(unit), 3)) * 0.6
    return np.digitize(y, [-0.8, 0.1, 0.9]).astype(float), unit


NAMES = ["a", "b", "c"]


def test_diagonal_and_products_need_no_matrix() -> None:
    rows, _ = clustered(60, 10, 1)
    rows[:40, 1] = np.nan
    weights = np.linspace(0.4, 1.6, len(rows))
    for how in ({}, {"weights": weights}):
        found = ordinal_moments(rows, NAMES, missing="pairwise", **how)
        assert found.gamma_diagonal == pytest.approx(np.diag(found.gamma))
        matrix = np.random.default_rng(0).normal(size=(found.k, 2))
        assert found.gamma_times(matrix) == pytest.approx(found.gamma @ matrix)
        assert np.linalg.eigvalsh(found.gamma)[0] > 0


def test_clusters_of_one_row_change_only_the_factor() -> None:
    rows, _ = clustered(60, 10, 1)
    n = len(rows)
    alone = ordinal_moments(rows, NAMES)
    single = ordinal_moments(rows, NAMES, clusters=np.arange(n)[::-1].copy())
    assert single.gamma == pytest.approx(alone.gamma * n / (n - 1))
    assert single.gamma_diagonal == pytest.approx(alone.gamma_diagonal * n / (n - 1))


def test_clusters_against_the_jackknife() -> None:
    rows, unit = clustered(80, 25, 3)
    found = ordinal_moments(rows, NAMES, clusters=unit)
    left = np.array([ordinal_moments(rows[unit != u], NAMES).statistics for u in range(80)])
    spread = np.sqrt(79 / 80 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    assert np.abs(found.se / spread - 1.0).max() < 0.05
    assert (found.se[:9] > 1.5 * ordinal_moments(rows, NAMES).se[:9]).all()


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, unit = clustered(12, 25, 4)
    order = np.random.default_rng(0).permutation(len(rows))
    found = ordinal_moments(rows[order], NAMES, clusters=unit[order])
    design = ordinal_moments(rows, NAMES, clusters=unit, design=ClusterDesign(12))
    assert design.gamma == pytest.approx(found.gamma)
    for size in (7, 30, 60):
        monkeypatch.setattr(moves, "_BLOCK", size)
        assert found.influence.gamma() == pytest.approx(found.gamma)


def test_single_precision_is_close(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ordinal_moments(clustered(60, 10, 1)[0], NAMES)
    exact = found.influence.gamma()
    monkeypatch.setattr(moves, "_LARGE", 0.0)
    scale = np.sqrt(np.diag(exact))
    assert np.abs((found.influence.gamma() - exact) / np.outer(scale, scale)).max() < 1e-5


def test_coverage_of_the_truth() -> None:
    rng = np.random.default_rng(11)
    cov = np.array([[1.0, 0.5], [0.5, 1.0]])
    hits, draws = 0, 200
    for _ in range(draws):
        y = rng.multivariate_normal([0, 0], cov, size=400)
        found = ordinal_moments(np.digitize(y, [-1.0, 0.3, 1.4]).astype(float), ["a", "b"])
        hits += abs(found.pairs[0] - 0.5) < 1.96 * found.se[-1]
    assert 0.91 <= hits / draws <= 0.985
