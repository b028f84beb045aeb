"""Criteria: their gradients by complex steps, and their values against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.rotation_criteria import (
    crawford_ferguson,
    geomin,
    oblimin,
    orthomax,
    target,
)

L = np.random.default_rng(1).normal(size=(2, 7, 3))
WANTED = np.where(L[0] > 0.5, np.nan, 0.1)
CRITERIA = {
    "oblimin": oblimin(),
    "oblimin_half": oblimin(-0.5),
    "crawford_ferguson": crawford_ferguson(0.3),
    "varimax": orthomax(1.0),
    "geomin": geomin(0.01),
    "target": target(WANTED),
}


@pytest.mark.parametrize("name", CRITERIA)
def test_gradients(name: str) -> None:
    criterion = CRITERIA[name]
    value, slope = criterion(L)
    assert value.shape == (2,)
    for i, k in [(0, 0), (3, 1), (6, 2)]:
        moved = L.astype(complex)
        moved[:, i, k] += 1e-30j
        assert np.allclose(criterion(moved)[0].imag / 1e-30, slope[:, i, k], rtol=1e-10)


def test_values_of_statsmodels() -> None:
    rotation = pytest.importorskip("statsmodels.multivariate.factor_rotation._gpa_rotation")
    for gamma in (0.0, -0.5):
        ours, slope = oblimin(gamma)(L[:1])
        value, their_slope = rotation.oblimin_objective(
            L[0], gamma=gamma, rotation_method="oblique"
        )
        assert ours[0] == pytest.approx(value)
        assert np.allclose(slope[0], their_slope)
    value, their_slope = rotation.CF_objective(L[0], kappa=0.3, rotation_method="oblique")
    ours, slope = crawford_ferguson(0.3)(L[:1])
    assert ours[0] == pytest.approx(value)
    assert np.allclose(slope[0], their_slope)


def test_equal_criteria() -> None:
    assert np.allclose(crawford_ferguson(0.0)(L)[1], oblimin()(L)[1])
    full = L[0] + 0.1
    assert target(full)(L[:1])[0][0] == pytest.approx(0.21)
