"""Names of rotations, and the order of factors."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.errors import OptionError
from truststats.psychometrics.rotation import Rotation
from truststats.workflow.efa_rotation import ROTATIONS, arranged, criterion_of, rotation_plan


@pytest.mark.parametrize("name", ROTATIONS)
def test_every_name_has_a_plan(name: str) -> None:
    plan = rotation_plan(name, None)
    assert plan.name == name
    if name not in ("promax", "none") and not name.startswith("target"):
        value, _ = criterion_of(plan, 3)(np.ones((1, 5, 3)))
        assert np.isfinite(value).all()
    else:
        assert criterion_of(plan, 3) is None


def test_options() -> None:
    assert rotation_plan("geomin", {"epsilon": 0.01}).options == {"epsilon": 0.01}
    assert rotation_plan("oblimin", {"kaiser": True}).kaiser
    assert rotation_plan("geominT", None).name == "geomin_orthogonal"
    with pytest.raises(OptionError, match="Did you mean 'epsilon'"):
        rotation_plan("geomin", {"epsilom": 0.01})


def test_factors_point_upwards_in_the_order_of_their_variance() -> None:
    loadings = np.array([[0.1, -0.8], [0.5, 0.0], [0.0, -0.7]])
    phi = np.array([[1.0, 0.3], [0.3, 1.0]])
    found = arranged(Rotation(loadings, phi), rotation_plan("oblimin", None))
    assert np.array_equal(found.loadings, [[0.8, 0.1], [0.0, 0.5], [0.7, 0.0]])
    assert found.phi[0, 1] == -0.3
