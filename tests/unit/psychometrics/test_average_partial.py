"""Velicer's average partial correlation by hand."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.average_partial import average_partials, kaiser_count

L = np.kron(np.eye(2), np.full((4, 1), 0.7))
R = L @ L.T
np.fill_diagonal(R, 1.0)


def test_two_clear_factors() -> None:
    for power in (2, 4):
        assert int(np.nanargmin(average_partials(R, power))) == 2


def test_by_hand() -> None:
    i, j = np.triu_indices(8, 1)
    assert average_partials(R)[0] == pytest.approx((R[i, j] ** 2).mean())
    values, vectors = np.linalg.eigh(R)
    left = R - values[-1] * np.outer(vectors[:, -1], vectors[:, -1])
    partial = left / np.sqrt(np.outer(np.diag(left), np.diag(left)))
    assert average_partials(R, 4)[1] == pytest.approx((partial[i, j] ** 4).mean())


def test_kaiser() -> None:
    assert kaiser_count(np.array([3.0, 1.01, 1.0, 0.2])) == 2
