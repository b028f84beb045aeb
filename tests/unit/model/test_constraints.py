from __future__ import annotations

import numpy as np

from truststats.model.constraints import Constraint, constraint_rank, gap_jacobian
from truststats.model.expression import Expression


def test_the_gap_is_left_minus_right():
    c = Constraint("==", "a - 1", "b - 2")
    assert c.gap.evaluate({"a": 5.0, "b": 3.0}) == 3.0
    assert str(c) == "a - 1 == b - 2"


def test_the_jacobian_goes_through_definitions_and_fixed_labels():
    constraints = [Constraint("==", "d", "k*a^2"), Constraint("==", "k", "1")]
    defined = [("d", Expression("a*b"))]
    theta = np.array([2.0, 3.0, 7.0])
    jacobian = gap_jacobian(constraints, defined, {"a": 0, "b": 2}, {"k": 0.5}, theta)
    np.testing.assert_allclose(jacobian, [[7.0 - 2.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    assert constraint_rank(jacobian) == 1


def test_no_constraints_have_rank_zero():
    assert constraint_rank(gap_jacobian([], [], {}, {}, np.ones(3))) == 0
