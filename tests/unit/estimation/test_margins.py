"""Regressions of one variable, against least squares and a likelihood that cannot rise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from truststats.errors import ConvergenceError
from truststats.estimation.margins import continuous_alone, ordered_alone

RNG = np.random.default_rng(3)
X = RNG.normal(size=(800, 2)) + 2.0
LATENT = X @ [0.5, -0.3] + RNG.normal(size=800)
SEEN = np.arange(800) >= 50
WEIGHTS = np.linspace(0.5, 1.5, 800)


def test_linear_regression() -> None:
    found = continuous_alone(np.where(SEEN, LATENT, np.nan), X, WEIGHTS, SEEN)
    design = np.column_stack([np.ones(800), X])[SEEN]
    heavy = design * WEIGHTS[SEEN, None]
    want = np.linalg.solve(heavy.T @ design, heavy.T @ LATENT[SEEN])
    assert np.r_[found.cuts, found.slopes] == pytest.approx(want)
    rest = LATENT[SEEN] - design @ want
    assert found.variance == pytest.approx(WEIGHTS[SEEN] @ rest**2 / WEIGHTS[SEEN].sum())
    edges = found.margin.own_edges()
    assert (WEIGHTS * SEEN) @ found.margin.spread(edges) == pytest.approx(0.0, abs=1e-8)


def test_ordered_probit_makes_the_scores_vanish() -> None:
    codes = np.digitize(LATENT, [-0.5, 0.4, 1.5])
    found = ordered_alone(codes, 4, X, WEIGHTS, SEEN, "a")
    scores = found.margin.spread(found.margin.own_edges())
    assert (WEIGHTS * SEEN) @ scores == pytest.approx(0.0, abs=1e-7)
    assert found.slopes == pytest.approx([0.5, -0.3], abs=0.12)
    edges = np.r_[-np.inf, found.cuts, np.inf]
    share = ndtr(edges[codes + 1] - X @ found.slopes) - ndtr(edges[codes] - X @ found.slopes)
    own = ndtr(found.margin.upper) - ndtr(found.margin.lower)
    assert own[SEEN] == pytest.approx(share[SEEN])


def test_without_exogenous_variables_thresholds_are_quantiles() -> None:
    codes = np.repeat([0, 1], [30, 70])
    found = ordered_alone(codes, 2, np.zeros((100, 0)), np.ones(100), np.ones(100, bool), "a")
    assert ndtr(found.cuts) == pytest.approx([0.3])


def test_perfect_separation_is_said() -> None:
    x = np.linspace(-1, 1, 60)[:, None]
    with pytest.raises(ConvergenceError, match="probit regression of a"):
        ordered_alone((x[:, 0] > 0).astype(int), 2, x, np.ones(60), np.ones(60, bool), "a")


def test_separation_of_a_few_answers_is_said() -> None:
    # one of the covariates foretells the rare answer, others leave some doubt
    codes = (X[:, 0] > np.sort(X[:, 0])[-3]).astype(int)
    for x in (X, np.column_stack([X[:, 1], codes])):
        with pytest.raises(ConvergenceError, match="probit regression of a"):
            ordered_alone(codes, 2, x, np.ones(800), np.ones(800, bool), "a")


def test_a_first_step_that_goes_too_far_is_halved() -> None:
    rng = np.random.default_rng(11)
    x = rng.exponential(size=(300, 1)) ** 2
    codes = (2.0 * x[:, 0] + rng.normal(size=300) > 6.0).astype(int)
    found = ordered_alone(codes, 2, x, np.ones(300), np.ones(300, bool), "a")
    scores = found.margin.spread(found.margin.own_edges())
    assert scores.sum(axis=0) == pytest.approx(0.0, abs=1e-6)
