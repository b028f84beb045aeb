"""The search without free thresholds ends where the search with them ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.estimation.own_thresholds import solve_items
from truststats.estimation.weighted import solve_weighted

TEXT = "f =~ x0 + x1 + x2 + x3"
MODELS = {
    "items": (TEXT, {}),
    "theta": (TEXT, {"parameterization": "theta"}),
    "unweighted": (TEXT, {"estimator": "ULSMV"}),
    "full weight": (TEXT, {"estimator": "WLS"}),
    "one shared": (TEXT + "\nx0 | a*t1\nx1 | a*t1", {}),
    "one fixed": (TEXT + "\nx0 | 0*t1", {}),
    "groups": (TEXT, {"group": "g"}),
    "equal thresholds": (TEXT, {"group": "g", "group_equal": ["thresholds", "loadings"]}),
    "covariate": (TEXT + "\nf ~ age\nx3 ~ age", {}),
    "continuous": (TEXT + " + y\nf ~ age", {}),
}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    age = rng.standard_normal(500)
    f = 0.4 * age + rng.standard_normal(500)
    raw = 0.8 * f[:, None] + rng.standard_normal((500, 4))
    frame = pd.DataFrame(np.digitize(raw, [-1.0, 0.2, 1.1]), columns=[f"x{k}" for k in range(4)])
    y = f + rng.standard_normal(500)
    return frame.assign(age=age, y=y, g=np.repeat(["a", "b"], 250))


@pytest.mark.parametrize("name", MODELS)
def test_the_optimum_is_the_same(name, data):
    text, options = MODELS[name]
    fit = ts.fit(text, data, ordered=["x0", "x1", "x2", "x3"], **options)
    targets, start = fit.estimate.targets, fit.estimate.theta * 0.9
    want, got = solve_weighted(targets, start), solve_items(targets, start)
    assert got.converged[0]
    np.testing.assert_allclose(got.theta, want.theta, atol=1e-7)
    np.testing.assert_allclose(got.value, want.value, rtol=1e-9)
    np.testing.assert_allclose(got.gradient, want.gradient, atol=1e-7)
    np.testing.assert_allclose(fit.estimate.theta, got.theta[0], atol=1e-7)


def test_thresholds_meet_the_sample_exactly(data):
    estimate = ts.fit(TEXT, data, ordered=["x0", "x1", "x2", "x3"]).estimate
    count = len(estimate.cuts[0].item)
    ((gap, _),) = estimate.looks
    assert np.abs(gap[:count]).max() < 1e-12


def test_without_anything_else_to_search_thresholds_are_searched(data):
    text = "\n".join(f"x{k} ~~ 0*x{j}" for k in range(4) for j in range(k))
    estimate = ts.fit(text, data, ordered=["x0", "x1", "x2", "x3"]).estimate
    assert estimate.converged
    assert np.abs(estimate.looks[0][0][:12]).max() < 1e-9
