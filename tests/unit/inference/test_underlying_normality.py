"""The test of underlying normality: its level, its power, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.polychoric import ordinal_moments
from truststats.inference.underlying_normality import underlying_normality


def test_level_and_power() -> None:
    rng = np.random.default_rng(4)
    cov = [[1.0, 0.6], [0.6, 1.0]]
    pvalues = []
    for _ in range(150):
        y = rng.multivariate_normal([0, 0], cov, size=500)
        found = ordinal_moments(np.digitize(y, [-0.8, 0.0, 0.9]).astype(float), ["a", "b"])
        test = underlying_normality(found)
        assert test.df[0] == 8
        pvalues.append(test.pvalue[0])
    assert 0.01 <= np.mean(np.array(pvalues) < 0.05) <= 0.11
    # people who answer anything: a mixture is not normal
    y[:120] = rng.normal(size=(120, 2)) * 2.0
    y[120:180, 1] = -y[120:180, 0]
    odd = ordinal_moments(np.digitize(y, [-0.8, 0.0, 0.9]).astype(float), ["a", "b"])
    assert underlying_normality(odd).pvalue[0] < 0.01
    assert underlying_normality(odd).rmsea[0] > 0.03


def test_where_there_is_none() -> None:
    rng = np.random.default_rng(4)
    rows = rng.integers(0, 2, size=(100, 2)).astype(float)
    two = underlying_normality(ordinal_moments(rows, ["a", "b"]))
    assert two.df[0] == 0
    assert np.isnan(two.pvalue[0])
    assert two.chisq[0] == pytest.approx(0.0, abs=1e-8)
    rows[:, 1] += rng.integers(0, 2, size=100)
    heavy = underlying_normality(ordinal_moments(rows, ["a", "b"], weights=np.full(100, 1.0)))
    assert np.isnan(heavy.pvalue).all()
    assert np.isnan(heavy.chisq).all()
