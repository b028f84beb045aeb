"""The loss of an alignment: derivatives beside differences, a quadratic that lies above."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.alignment_loss import (
    Part,
    bends,
    component_loss,
    pair_weights,
    parts,
    same_way,
)

RNG = np.random.default_rng(5)
LOADINGS = RNG.uniform(0.4, 1.1, (4, 6))
INTERCEPTS = RNG.normal(3.0, 0.4, (4, 6))
N = RNG.uniform(100.0, 400.0, 6)


def part(name: str, power: float = 0.5) -> Part:
    spread, place = parts(LOADINGS, INTERCEPTS, N, 1, free=False, eps=0.01, power=power)
    return spread if name == "loadings" else place


def test_the_published_loss() -> None:
    assert component_loss(np.array([0.0, 0.3]), 0.01, 0.5) == pytest.approx([0.01**0.25, 0.1**0.25])
    w = pair_weights(np.array([100.0, 400.0, 900.0]))
    assert w[0, 1] / w[0, 2] == pytest.approx(2.0 / 3.0)
    assert w[~np.eye(3, dtype=bool)].mean() == pytest.approx(1.0)
    assert (np.diag(w) == 0.0).all()
    x = RNG.normal(0.0, 0.2, (1, 6))
    y = INTERCEPTS - x * LOADINGS
    wanted = sum(
        pair_weights(N)[g, h] * (((y[:, g] - y[:, h]) ** 2 + 0.01) ** 0.25).sum()
        for g in range(6)
        for h in range(g)
    )
    assert part("intercepts").look(x)[0] == pytest.approx([wanted])


@pytest.mark.parametrize("power", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("name", ["loadings", "intercepts"])
def test_derivatives(name: str, power: float) -> None:
    own, x = part(name, power), RNG.normal(0.0, 0.3, (3, 6))
    _, slope, true = own.look(x, true=True)
    step = 1e-6
    for k in range(6):
        ahead, behind = x.copy(), x.copy()
        ahead[:, k] += step
        behind[:, k] -= step
        up, down = own.look(ahead), own.look(behind)
        assert (up[0] - down[0]) / (2 * step) == pytest.approx(slope[:, k], abs=1e-6)
        assert (up[1] - down[1]) / (2 * step) == pytest.approx(true[:, k], abs=1e-5)


def test_the_quadratic_lies_above() -> None:
    own = part("intercepts")
    x = RNG.normal(0.0, 0.3, (1, 6))
    value, slope, above = own.look(x)
    there = x + RNG.normal(0.0, 0.4, (200, 6))
    d = there - x
    quadratic = value + d @ slope[0] + 0.5 * np.einsum("bi,ij,bj->b", d, above[0], d)
    assert (own.look(there)[0] <= quadratic + 1e-9).all()
    seen = bends(x, pair_weights(N), 0.01, 0.5)
    assert seen.bend.sum(axis=-1) == pytest.approx(np.zeros((1, 6)))


def test_what_is_held_does_not_move() -> None:
    x = RNG.normal(0.0, 0.2, (2, 6))
    for name, hold in (("loadings", np.ones(6)), ("intercepts", np.eye(6)[1])):
        own = part(name)
        _, slope, above = own.look(x)
        assert own.step(above, slope) @ hold == pytest.approx(np.zeros(2), abs=1e-10)
        assert own.still(np.outer([1.0, 2.0], hold), np.ones(2), 1e-12)
    free = parts(LOADINGS, INTERCEPTS, N, 1, free=True, eps=0.01, power=0.5)[1]
    assert free.hold is None
    assert not free.still(np.ones((1, 6)), np.ones(1), 1e-12)


def test_factors_that_point_away_are_turned() -> None:
    turned = LOADINGS * np.array([1, -1, 1, 1, -1, 1])
    assert (same_way(turned, 0) == np.array([1, -1, 1, 1, -1, 1])).all()
    assert (same_way(turned, 1) == np.array([-1, 1, -1, -1, 1, -1])).all()
