"""The covariance of residual thresholds and correlations, by refits to moved moments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.weighted import solve_weighted
from truststats.inference.ordinal_residuals import ordinal_residuals, threshold_residuals
from truststats.inference.residuals import errors, z_values

TEXT = "f =~ a + b + c + d"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    y = 0.8 * rng.standard_normal((600, 1)) + 0.6 * rng.standard_normal((600, 4))
    out = pd.DataFrame(np.digitize(y, [-0.7, 0.4]), columns=list("abcd")).astype(float)
    return out.assign(g=np.repeat(["one", "two"], [350, 250]))


def by_refits(estimate: OrdinalEstimate, step: float = 1e-5) -> np.ndarray:
    """Variances of residuals: those of refits to moved moments, times the spread of the moments.

    About the implied moments, where the derivatives of the estimates are the first-order ones.
    """
    targets = [
        replace(one, moments=one.moments - gap)
        for one, (gap, _) in zip(estimate.targets, estimate.looks, strict=True)
    ]

    def residuals(group: int, move: np.ndarray) -> np.ndarray:
        moved = list(targets)
        moved[group] = replace(moved[group], moments=moved[group].moments + move)
        theta = solve_weighted(moved, estimate.theta).theta[0]
        return np.concatenate([target.look(theta)[0] for target in moved])

    total = 0.0
    for k, got in enumerate(estimate.moments):
        moves = step * np.eye(got.k)
        slopes = np.array([residuals(k, m) - residuals(k, -m) for m in moves]).T / (2.0 * step)
        total = total + slopes @ got.gamma @ slopes.T / got.n
    return np.diag(total)


def test_groups_that_share_parameters_move_together(data):
    fit = ts.fit(TEXT, data, ordered=True, group="g", group_equal=["loadings", "thresholds"])
    want = by_refits(fit.estimate)
    for found in ordinal_residuals(fit.estimate):
        k = 8 + 6
        diagonal = np.diag(found.acov)
        place = np.zeros((4, 4), dtype=int)
        place[np.tril_indices(4)] = np.arange(10)
        ours = np.r_[diagonal[10:], diagonal[place.T[np.triu_indices(4, 1)]]]
        # the shares of the groups are n - 1 in one place and n in the other
        np.testing.assert_allclose(ours, want[:k], rtol=2e-3)
        want = want[k:]


def test_residuals_stand_in_their_places_and_unit_variances_have_none(data):
    estimate = ts.fit(TEXT, data, ordered=True).estimate
    (found,) = ordinal_residuals(estimate)
    left = estimate.moments[0].corr - estimate.fitted.cov
    assert found.thresholds
    assert len(found.values) == 10 + 8
    np.testing.assert_allclose(found.values[:10], left[np.tril_indices(4)])
    np.testing.assert_allclose(found.values[10:], threshold_residuals(estimate))
    on_diagonal = np.equal(*np.tril_indices(4))
    for values in (errors(found), z_values(found, model=True)):
        assert np.isnan(values[:10][on_diagonal]).all()
        assert np.isfinite(values[:10][~on_diagonal]).all()
        assert np.isnan(values[10:]).all()
