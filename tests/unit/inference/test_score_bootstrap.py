from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.score_bootstrap import (
    ScoreTest,
    contributions,
    draw_weights,
    held_directions,
    hold,
    interval,
    score_statistic,
    score_test,
)

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


@pytest.fixture(scope="module")
def estimate(answers_of):
    return ts.fit(MODEL, answers_of(160, units=5), cluster="unit").estimate


@pytest.mark.parametrize("kind", ["rademacher", "webb"])
def test_weights_have_mean_zero_and_variance_one(kind):
    values = draw_weights(kind, 2, 100, np.random.default_rng(0)).values
    np.testing.assert_allclose(values.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose((values**2).mean(axis=0), 1.0)


def test_all_weightings_where_they_are_few():
    rng = np.random.default_rng(0)
    every = draw_weights("rademacher", 6, 64, rng)
    assert every.whole
    assert len(np.unique(every.values, axis=0)) == 64
    assert not draw_weights("rademacher", 7, 64, rng).whole


def test_the_statistic_is_a_t_statistic():
    u, w = np.array([1.0, 2.0, -0.5, 1.5]), np.ones((1, 4))
    want = u.sum() / np.sqrt(((u - u.mean()) ** 2).sum())
    assert score_statistic(u, w)[0] == pytest.approx(want)


def test_a_held_parameter_stays_and_the_others_are_at_their_optimum(estimate):
    theta, good = hold(estimate, 4, 0.2, estimate.theta)
    assert good
    assert theta[4] == pytest.approx(0.2)
    parts = contributions(estimate, theta, 0, "expected")
    assert np.abs(parts).max() > 1e-3


def test_scores_of_the_estimate_cancel(estimate):
    for k in range(estimate.q):
        parts = contributions(estimate, estimate.theta, k, "observed")
        assert abs(parts.sum()) < 1e-3 * np.abs(parts).max()
    assert score_test(
        estimate, 4, estimate.theta[4], draw_weights("webb", 5, 199, np.random.default_rng(1))
    ).pvalue == pytest.approx(1.0)


def test_directions_that_hold_a_parameter():
    null = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 3)))[0]
    got = held_directions(null, 5, 2)
    assert got.shape == (5, 2)
    np.testing.assert_allclose(got[2], 0.0, atol=1e-12)
    np.testing.assert_allclose(got.T @ got, np.eye(2), atol=1e-12)
    with pytest.raises(ValueError, match="not free"):
        held_directions(np.eye(5)[:, :2], 5, 4)


def test_an_interval_is_what_is_not_rejected():
    def test(value, start):
        return ScoreTest(0.0, 0.01 if not -1.0 < value < 3.0 else 0.5, np.zeros(1))

    low, high = interval(test, 1.0, 0.5, 0.05)
    assert (low, high) == pytest.approx((-1.0, 3.0), abs=1e-3)


def test_a_side_on_which_nothing_is_rejected():
    def test(value, start):
        return ScoreTest(0.0, 0.01 if value < 0.0 else 0.5, np.zeros(1))

    low, high = interval(test, 1.0, 0.5, 0.05)
    assert low == pytest.approx(0.0, abs=1e-3)
    assert high == np.inf
