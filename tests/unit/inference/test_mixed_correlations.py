"""Correlations of mixed pairs; agreement with lavaan is in test_golden_polyserial.py."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.mixed_moments import mixed_moments
from truststats.inference.mixed_correlations import mixed_correlations

RNG = np.random.default_rng(4)


def test_ordinary_correlations_have_their_usual_error():
    y = RNG.multivariate_normal([0, 0], [[4.0, 1.2], [1.2, 1.0]], 4000)
    found = mixed_correlations(mixed_moments(y, ["a", "b"], [False, False]))
    r = np.corrcoef(y.T)[0, 1]
    assert found.est[0] == pytest.approx(r)
    assert found.se[0] == pytest.approx((1 - r**2) / np.sqrt(4000), rel=0.1)
    assert found.kinds == ("pearson",)


def test_what_a_pair_is_called():
    y = RNG.standard_normal((500, 1)) + RNG.standard_normal((500, 4))
    rows = np.c_[y[:, 0] > 0, y[:, 1] > 0, np.digitize(y[:, 2], [-1, 1]), y[:, 3]].astype(float)
    found = mixed_correlations(mixed_moments(rows, list("abcd"), [True, True, True, False]))
    assert found.kinds == (
        "tetrachoric", "polychoric", "polyserial", "polychoric", "polyserial", "polyserial"
    )  # fmt: skip
    # the unit of a continuous variable does not matter
    rows[:, 3] *= 100.0
    other = mixed_correlations(mixed_moments(rows, list("abcd"), [True, True, True, False]))
    np.testing.assert_allclose(other.est, found.est, atol=1e-8)
    np.testing.assert_allclose(other.se, found.se, atol=1e-8)
