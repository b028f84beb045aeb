"""Traces and quadratic forms, against the stacked matrices that they never form."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.inference.moment_structure import Pieces, bread, filling, quadratic, traces


def spd(rng, size):
    root = rng.normal(size=(size, size))
    return root @ root.T + size * np.eye(size)


@pytest.fixture
def pieces():
    rng = np.random.default_rng(11)
    return [
        Pieces(rng.normal(size=(6, 3)), spd(rng, 6), spd(rng, 6), share) for share in (0.3, 0.7)
    ]


def stacked(pieces):
    slopes = np.concatenate([p.slopes for p in pieces])
    weight, gamma = np.zeros((12, 12)), np.zeros((12, 12))
    for k, p in enumerate(pieces):
        at = slice(6 * k, 6 * k + 6)
        weight[at, at], gamma[at, at] = p.share * p.weight, p.gamma / p.share
    return slopes, weight, gamma


@pytest.mark.parametrize("null", [None, np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])], ids=str)
def test_traces(pieces, null):
    slopes, weight, gamma = stacked(pieces)
    e, regular = bread(pieces, null)
    assert regular
    u_gamma = (weight - weight @ slopes @ e @ slopes.T @ weight) @ gamma
    one, two = traces(pieces, e)
    assert one == pytest.approx(np.trace(u_gamma))
    assert two == pytest.approx(np.trace(u_gamma @ u_gamma))
    assert filling(pieces) == pytest.approx(slopes.T @ weight @ gamma @ weight @ slopes)


def test_quadratic_form(pieces):
    slopes, weight, _ = stacked(pieces)
    gaps = [np.arange(6.0), np.ones(6)]
    gap = np.concatenate(gaps)
    left = weight - weight @ slopes @ np.linalg.inv(slopes.T @ weight @ slopes) @ slopes.T @ weight
    assert quadratic(pieces, gaps, None) == pytest.approx(gap @ left @ gap)
