"""Sums of moves by blocks, in the abstract."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.clusters import ClusterDesign
from truststats.estimation.mixed_moments import StoredMoves

VALUES = np.random.default_rng(0).normal(size=(300, 500))


def test_gamma_is_n_times_the_cross_product() -> None:
    moves = StoredMoves(VALUES, 500.0)
    want = 500.0 * VALUES @ VALUES.T
    assert moves.gamma() == pytest.approx(want)
    assert moves.diagonal() == pytest.approx(np.diag(want))
    assert moves.times(np.eye(300)[:, :3]) == pytest.approx(want[:, :3])


def test_strata_are_centred() -> None:
    unit = np.repeat(np.arange(20), 25)
    design = ClusterDesign(20, np.repeat([0, 1], 10))
    moves = StoredMoves(VALUES, 500.0, clusters=unit, design=design)
    sums = VALUES.reshape(300, 20, 25).sum(axis=2).T
    rest = sums - np.repeat([sums[:10].mean(axis=0), sums[10:].mean(axis=0)], 10, axis=0)
    assert moves.gamma() == pytest.approx(500.0 * 10 / 9 * rest.T @ rest)
