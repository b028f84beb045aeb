from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.ordered import Steps, answer_covariance, answer_share_slope

CORR = np.array([[1.0, 0.5, -0.3], [0.5, 1.0, 0.4], [-0.3, 0.4, 1.0]])
STEPS = Steps(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 2.0, 0.0]]))
TAU = STEPS.padded([np.array([-1.0, 0.1, 0.9]), np.array([0.3]), np.array([-0.5, 0.6])])


def test_answers_of_a_large_sample_covary_so():
    rng = np.random.default_rng(5)
    y = rng.multivariate_normal(np.zeros(3), CORR, size=400_000)
    codes = [np.array([1.0, 2, 3, 4]), np.array([1.0, 2]), np.array([1.0, 2, 4])]
    taus = [np.array([-1.0, 0.1, 0.9]), np.array([0.3]), np.array([-0.5, 0.6])]
    cut = [c[np.searchsorted(t, y[:, k])] for k, (c, t) in enumerate(zip(codes, taus, strict=True))]
    got = answer_covariance(CORR, TAU, STEPS, own=True)
    assert got == pytest.approx(np.cov(np.array(cut)), abs=0.006)


def test_two_answers_to_an_item_share_what_their_responses_share():
    true = np.outer([0.7, 0.6, -0.5], [0.7, 0.6, -0.5])
    got = answer_covariance(true, TAU, STEPS, own=False)
    rng = np.random.default_rng(6)
    y = rng.multivariate_normal(np.zeros(2), [[1, 0.49], [0.49, 1]], size=400_000)
    cut = np.searchsorted(np.array([-1.0, 0.1, 0.9]), y)
    assert got[0, 0] == pytest.approx(np.cov(cut.T)[0, 1], abs=0.006)


def test_slopes_are_derivatives():
    loadings, signs = np.array([0.7, 0.6, -0.5]), np.array([1.0, 1.0, -1.0])
    true = np.outer(loadings, loadings)
    share, by_true, by_corr, by_tau = answer_share_slope(true, CORR, TAU, STEPS, signs)
    assert 0 < share < 1
    step = 1e-6

    def moved(what, at):
        values = []
        for way in (step, -step):
            given = {"true": true.copy(), "corr": CORR.copy(), "tau": TAU.copy()}
            given[what][at] += way
            values.append(answer_share_slope(*given.values(), STEPS, signs)[0])
        return (values[0] - values[1]) / (2 * step)

    assert by_true[0, 1] == pytest.approx(moved("true", (0, 1)), rel=1e-6)
    assert by_true[2, 2] == pytest.approx(moved("true", (2, 2)), rel=1e-6)
    assert by_corr[1, 2] == pytest.approx(moved("corr", (1, 2)), rel=1e-6)
    for at in ((0, 0), (0, 2), (1, 0), (2, 1)):
        assert by_tau[at] == pytest.approx(moved("tau", at), rel=1e-5)


def test_a_batch_is_its_parts():
    both = answer_covariance(np.stack([CORR, CORR * 0.5]), np.stack([TAU, TAU]), STEPS, own=True)
    assert both[0] == pytest.approx(answer_covariance(CORR, TAU, STEPS, own=True))
