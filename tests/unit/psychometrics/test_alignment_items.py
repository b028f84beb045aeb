"""Which groups deviate, R2 by hand, and intervals of all pairs beside the studentized range."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.alignment_items import (
    explained,
    invariant_groups,
    pair_differences,
)


def test_the_largest_set_that_agrees() -> None:
    cov = 0.01**2 * np.eye(6)
    values = np.array([0.80, 0.81, 0.79, 0.80, 1.20, 0.20])
    assert invariant_groups(values, cov).tolist() == [True] * 4 + [False] * 2
    assert invariant_groups(values, 0.5**2 * np.eye(6)).all()
    apart = np.arange(6.0)
    assert not invariant_groups(apart, cov).any(), "not even two groups agree"
    known = cov.copy()
    known[0] = known[:, 0] = 0.0
    assert invariant_groups(values, known).tolist() == [True] * 4 + [False] * 2


def test_a_chain_is_cut_by_the_test_against_its_mean() -> None:
    cov = 0.01**2 * np.eye(9)
    values = 0.02 * np.arange(9)
    alike = invariant_groups(values, cov)
    assert 2 <= alike.sum() < 9
    assert alike[4]
    assert not alike[0]
    stricter = invariant_groups(values, cov, level=0.2)
    assert stricter.sum() < alike.sum()


def test_r2_by_hand() -> None:
    mean, sd = np.array([0.0, 0.5, -0.2]), np.array([1.0, 1.3, 0.9])
    aligned = np.array([[0.8, 0.8, 0.8], [0.7, 0.9, 0.8]]), np.full((2, 3), 3.0)
    loadings, intercepts = aligned[0] * sd, aligned[1] + aligned[0] * mean
    of_loadings, of_intercepts = explained(loadings, intercepts, mean, sd, aligned)
    assert of_loadings[0] == pytest.approx(1.0)
    assert of_intercepts[0] == pytest.approx(1.0)
    rest = loadings[1] - sd * 0.8
    assert of_loadings[1] == pytest.approx(1.0 - rest.var() / loadings[1].var())
    same, _ = explained(np.full((1, 3), 0.5), intercepts[:1], mean, sd, aligned)
    assert np.isnan(same).all()


def test_intervals_of_all_pairs() -> None:
    mean = np.append(np.zeros(9), 3.0)
    found = pair_differences(mean, np.eye(10), 0.95, 60_000, np.random.default_rng(1))
    assert len(found.first) == 45
    # The quantile .95 of the studentized range of 10 means is 4.474; by the root of two 3.164.
    assert found.factor == pytest.approx(3.164, abs=0.03)
    assert found.se == pytest.approx(np.full(45, np.sqrt(2.0)))
    last = found.second == 9
    assert found.difference[last] == pytest.approx(np.full(9, -3.0))
    assert (found.p_adjusted[~last] > 0.99).all()
    assert found.p_adjusted[last] == pytest.approx(np.full(9, 0.51), abs=0.02)
    far = pair_differences(np.array([0.0, 40.0]), np.eye(2), 0.95, 1000, np.random.default_rng(1))
    assert far.p_adjusted[0] < 1e-12
    fixed = pair_differences(np.zeros(3), np.diag([0.0, 1, 1]), 0.9, 500, np.random.default_rng(1))
    assert np.isfinite(fixed.p_adjusted).all()
