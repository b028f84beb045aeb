"""The covariance of residual thresholds and correlations, by refits to moved moments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.weighted import solve_weighted
from truststats.inference.ordinal_residuals import beside_covariances, ordinal_residuals
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
    assert set(found.beside) == {"threshold"}
    assert len(found.values) == 10 + 8
    np.testing.assert_allclose(found.values[:10], left[np.tril_indices(4)])
    np.testing.assert_allclose(found.values[10:], beside_covariances(estimate)[1])
    on_diagonal = np.equal(*np.tril_indices(4))
    for values in (errors(found), z_values(found, model=True)):
        assert np.isnan(values[:10][on_diagonal]).all()
        assert np.isfinite(values[:10][~on_diagonal]).all()
        assert np.isnan(values[10:]).all()


def test_errors_agree_with_a_bootstrap_of_clusters():
    rng = np.random.default_rng(12)
    unit = np.repeat(np.arange(60), 12)
    age = rng.standard_normal(720) + 0.5 * rng.standard_normal(60)[unit]
    f = 0.4 * age + 0.6 * rng.standard_normal(60)[unit] + rng.standard_normal(720)
    raw = (
        0.8 * f[:, None] + rng.standard_normal((720, 4)) + 0.4 * rng.standard_normal((60, 4))[unit]
    )
    data = pd.DataFrame(np.digitize(raw[:, :3], [-0.7, 0.5]), columns=list("abc"))
    data = data.assign(y=raw[:, 3], age=age, unit=unit)
    text = "f =~ a + b + c + y\nf ~ age"
    fit = ts.fit(text, data, ordered=list("abc"), cluster="unit")
    drawn: list[np.ndarray] = []
    for _ in range(80):
        chosen = rng.integers(0, 60, 60)
        rows = (chosen[:, None] * 12 + np.arange(12)).ravel()
        again = ts.fit(text, data.iloc[rows].reset_index(drop=True), ordered=list("abc"))
        parts = again.residuals(), again.residuals(slopes=True)
        drawn.append(np.r_[parts[0].to_numpy()[np.tril_indices(4, -1)], parts[1].to_numpy()[:, 0]])
    ours = fit.residuals("se").to_numpy()[np.tril_indices(4, -1)]
    ours = np.r_[ours, fit.residuals("se", slopes=True)["age"]]
    plain = ts.fit(text, data, ordered=list("abc")).residuals("se", slopes=True)["age"]
    ratio = np.std(drawn, axis=0) / ours
    assert np.exp(np.log(ratio).mean()) == pytest.approx(1.0, abs=0.08)
    assert np.abs(np.log(ratio)).max() < 0.35
    assert (np.abs(plain / ours[6:] - 1.0) > 0.05).any()


def test_clusters_that_span_groups_move_both(data):
    town = np.arange(600) % 40
    fit = ts.fit(TEXT, data.assign(town=town), ordered=True, group="g", cluster="town",
                 group_equal=["loadings", "thresholds"])  # fmt: skip
    for kind in ("se", "z"):
        made = fit.residuals(kind)
        assert np.isfinite(made["one"].to_numpy()[np.tril_indices(4, -1)]).all()
