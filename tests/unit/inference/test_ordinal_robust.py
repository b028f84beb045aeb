"""Agreement with lavaan is in tests/reference/test_golden_ordinal.py."""

from __future__ import annotations

import numpy as np
import pandas as pd

import truststats as ts
from truststats.inference.ordinal_robust import (
    correlation_weight,
    normal_discrepancy,
    weigh_correlations,
)

RNG = np.random.default_rng(11)


def answers(n: int = 400) -> pd.DataFrame:
    f = RNG.standard_normal(n)
    y = 0.7 * f[:, None] + RNG.standard_normal((n, 5)) * np.sqrt(0.51)
    y[:, 1] += 0.3 * y[:, 0]
    return pd.DataFrame(np.digitize(y, [-0.8, 0.1, 1.0]), columns=[f"x{k}" for k in range(5)])


def test_the_weight_is_half_the_second_derivative():
    r = np.array([[1.0, 0.3, 0.2], [0.3, 1.0, 0.4], [0.2, 0.4, 1.0]])
    weight, step = correlation_weight(np.linalg.inv(r)), 1e-5
    pairs = [(1, 0), (2, 0), (2, 1)]

    def moved(*signs):
        out = r.copy()
        for sign, (i, j) in zip(signs, pairs, strict=True):
            out[i, j] += sign * step
            out[j, i] = out[i, j]
        return normal_discrepancy(out, r)

    units = np.eye(3)
    for k in range(3):
        second = (moved(*units[k]) + moved(*-units[k])) / step**2
        np.testing.assert_allclose(second / 2.0, weight[k, k], rtol=1e-4)


def test_the_weight_is_applied_without_being_formed():
    half = RNG.standard_normal((4, 4))
    w, x = half @ half.T + np.eye(4), RNG.standard_normal((6, 3))
    full = correlation_weight(w)
    np.testing.assert_allclose(weigh_correlations(w, x), full @ x, rtol=1e-12)
    np.testing.assert_allclose(correlation_weight(w, slice(2, 5)), full[2:5])


def test_what_is_not_positive_definite_has_no_discrepancy():
    bad = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    assert np.isnan(normal_discrepancy(bad, np.eye(3)))


def test_a_second_group_with_the_same_answers_changes_no_index():
    # In lavaan the baseline's scaling doubles with the number of groups.
    one = answers()
    text = "f =~ x0 + x1 + x2 + x3 + x4"
    alone = ts.fit(text, one, ordered=True).fit_measures
    twice = pd.concat([one.assign(g="a"), one.assign(g="b")], ignore_index=True)
    both = ts.fit(text, twice, ordered=True, group="g").fit_measures
    for name in ("cfi_robust", "tli_robust", "rmsea_robust"):
        np.testing.assert_allclose(both[name], alone[name], rtol=1e-8)


def test_restricted_thresholds_have_no_robust_index():
    two = answers().assign(g=np.repeat(["a", "b"], 200))
    fit = ts.fit(
        "f =~ x0 + x1 + x2 + x3 + x4", two, ordered=True, group="g",
        group_equal=["thresholds", "loadings"],
    )  # fmt: skip
    assert "cfi_robust" not in fit.fit_measures
    assert "cfi_scaled" in fit.fit_measures
