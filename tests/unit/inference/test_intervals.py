from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

import truststats as ts
from truststats.errors import OptionError
from truststats.estimation.derivatives import expected_information
from truststats.estimation.solve import solve_ml
from truststats.inference.bootstrap import bootstrap_theta
from truststats.inference.intervals import (
    INTERVALS,
    acceleration,
    influence,
    resample_intervals,
    simulated_intervals,
)
from truststats.inference.vcov import inverse, vcov

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.975)


@pytest.fixture(scope="module")
def skewed():
    """Forty skewed sampling distributions, some far from zero, some on top of it."""
    rng = np.random.default_rng(4)
    est = np.linspace(-1.5, 2.5, 40)
    draws = est + 0.5 * (rng.chisquare(4, (400, 40)) - 4) / np.sqrt(8) + 0.1
    return est, draws, np.linspace(-0.16, 0.16, 40)


@pytest.mark.parametrize("kind", INTERVALS)
@pytest.mark.parametrize("level", LEVELS)
def test_p_is_below_alpha_exactly_where_zero_is_outside(skewed, kind, level):
    est, draws, a = skewed
    got = resample_intervals(kind, est, draws, level, a)
    outside = (got.lower > 0) | (got.upper < 0)
    assert 0 < outside.sum() < len(est)
    np.testing.assert_array_equal(got.pvalue < 1 - level, outside)


@pytest.mark.parametrize("kind", INTERVALS)
def test_the_interval_of_level_one_minus_p_touches_zero(skewed, kind):
    est, draws, a = skewed
    p = resample_intervals(kind, est, draws, 0.95, a).pvalue
    tried = 0
    for k in np.flatnonzero((p > 2.5 / 400) & (p < 0.999)):
        one = resample_intervals(kind, est[[k]], draws[:, [k]], 1 - p[k], a[[k]])
        nearest = min(abs(one.lower[0]), abs(one.upper[0]))
        assert nearest == pytest.approx(0.0, abs=1e-9)
        tried += 1
    assert tried > 5


def test_order_statistics_of_99_draws_are_the_percentiles():
    draws = np.random.default_rng(1).permutation(np.arange(1.0, 100.0))[:, None]
    got = resample_intervals("percentile", np.array([50.0]), draws, 0.9)
    assert (got.lower[0], got.upper[0]) == pytest.approx((5.0, 95.0))
    half = resample_intervals("basic", np.array([50.0]), draws, 0.9)
    assert (half.lower[0], half.upper[0]) == pytest.approx((5.0, 95.0))
    assert got.se[0] == pytest.approx(np.std(np.arange(1, 100), ddof=1))


def test_between_ranks_values_go_by_normal_quantiles():
    draws = np.arange(1.0, 101.0)[:, None] ** 2
    tail = 0.05
    rank = 101 * tail
    below = int(rank)
    part = (ndtri(tail) - ndtri(below / 101)) / (ndtri((below + 1) / 101) - ndtri(below / 101))
    got = resample_intervals("percentile", np.array([2500.0]), draws, 0.9)
    assert got.lower[0] == pytest.approx(below**2 + part * ((below + 1) ** 2 - below**2))


def test_bca_by_its_formula():
    rng = np.random.default_rng(0)
    draws = rng.gamma(3.0, size=(999, 1))
    est, a, z = np.array([3.0]), np.array([0.07]), ndtri(0.025)
    z0 = ndtri((draws < 3.0).mean())
    ordered = np.sort(draws[:, 0])
    for kind, speed in (("bias_corrected", 0.0), ("bca", 0.07)):
        got = resample_intervals(kind, est, draws, 0.95, a)
        for value, quantile in ((got.lower[0], z), (got.upper[0], -z)):
            rank = 1000 * ndtr(z0 + (z0 + quantile) / (1 - speed * (z0 + quantile)))
            low, high = ordered[int(rank) - 1], ordered[int(rank)]
            assert low <= value <= high


def test_normal_is_centred_without_the_bias(skewed):
    est, draws, _ = skewed
    got = resample_intervals("normal", est, draws, 0.95)
    np.testing.assert_allclose((got.lower + got.upper) / 2, 2 * est - draws.mean(axis=0))
    np.testing.assert_allclose(got.upper - got.lower, -2 * ndtri(0.025) * draws.std(0, ddof=1))


def test_fixed_numbers_are_points_without_p():
    draws = np.column_stack([np.ones(200), np.random.default_rng(0).normal(size=200)])
    for kind in INTERVALS:
        got = resample_intervals(kind, np.array([1.0, 0.0]), draws, 0.95, np.zeros(2))
        assert (got.se[0], got.lower[0], got.upper[0]) == (0.0, 1.0, 1.0)
        assert np.isnan(got.pvalue[0])
        assert np.isfinite(got.pvalue[1])
        assert got.se[1] > 0


def test_draws_without_a_value_are_left_out(skewed):
    est, draws, a = skewed
    holes = np.concatenate([draws, np.full((50, 40), np.nan), np.full((1, 40), np.inf)])
    for kind in INTERVALS:
        one = resample_intervals(kind, est, draws, 0.9, a)
        two = resample_intervals(kind, est, holes, 0.9, a)
        for name in ("se", "lower", "upper", "pvalue"):
            np.testing.assert_allclose(getattr(one, name), getattr(two, name))


def test_too_few_values_have_no_limits():
    draws = np.full((200, 1), np.nan)
    draws[:20, 0] = np.arange(20)
    got = resample_intervals("percentile", np.array([9.0]), draws, 0.95)
    assert np.isnan([got.lower[0], got.upper[0], got.pvalue[0]]).all()


def test_zero_beyond_all_draws_has_the_smallest_p_that_they_can_tell():
    draws = 5.0 + np.random.default_rng(0).random((199, 1))
    for kind in ("percentile", "bias_corrected", "bca"):
        got = resample_intervals(kind, np.array([5.5]), draws, 0.95, np.array([0.05]))
        assert got.pvalue[0] == pytest.approx(2 / 200)


def test_ties_at_a_bound():
    draws = np.concatenate([np.zeros(60), np.linspace(0.01, 1, 139)])[:, None]
    got = resample_intervals("percentile", np.array([0.3]), draws, 0.95)
    assert got.lower[0] == 0.0
    assert got.pvalue[0] > 0.05
    none = resample_intervals("bias_corrected", np.array([-1.0]), draws, 0.95)
    assert np.isnan(none.lower[0])
    assert np.isnan(none.pvalue[0])


def test_a_level_that_the_draws_cannot_tell():
    with pytest.raises(OptionError, match="100 draws are too few") as caught:
        resample_intervals("percentile", np.zeros(1), np.zeros((100, 1)), 0.99)
    assert "4000" in caught.value.fix


def test_simulated_numbers():
    draws = np.random.default_rng(0).normal(1.0, 0.6, (999, 1))
    got = simulated_intervals(draws)
    assert got.lower[0] == pytest.approx(np.sort(draws[:, 0])[24])
    assert (got.pvalue[0] < 0.05) == (got.lower[0] > 0)


def test_squared_influence_is_the_sandwich(models, answers_of):
    for options in ({}, {"cluster": "unit"}):
        fit = ts.fit(models["chain"], answers_of(), estimator="MLR", **options)
        units = influence(fit.estimate)
        factor = 1.0 if not options else len(units) / (len(units) - 1)
        np.testing.assert_allclose(units.sum(axis=0), 0.0, atol=1e-5)
        again = vcov(fit.estimate, "robust.huber.white", "observed")[0]
        np.testing.assert_allclose(units.T @ units * factor, again, rtol=1e-4, atol=1e-10)


def _leaving_one_out(estimate):
    """Return the (n, q) estimates without each row in turn."""
    rows, layout = estimate.sample.rows, estimate.layout
    n = len(rows)
    apart = rows - rows.mean(axis=0)
    outer = apart[:, :, None] * apart[:, None, :]
    cov = (n * estimate.sample.cov - outer * n / (n - 1)) / (n - 1)
    metric, _ = inverse(
        expected_information(layout, estimate.state, np.linalg.inv(estimate.state.sigma))[0]
    )
    start = np.repeat(estimate.theta[None], n, axis=0)
    got = solve_ml(layout, cov, None, n, start, metric=metric, tolerance=1e-12)
    assert got.converged.all()
    return got.theta


def test_acceleration_is_close_to_the_delete_one_jackknife(models, answers_of):
    estimate = ts.fit(models["chain"], answers_of()).estimate
    without = _leaving_one_out(estimate)
    away = without.mean(axis=0) - without
    jackknife = (away**3).sum(axis=0) / (6 * (away**2).sum(axis=0) ** 1.5)
    ours = acceleration(influence(estimate), np.eye(len(estimate.theta)))
    np.testing.assert_allclose(ours, jackknife, atol=0.005)
    assert np.abs(jackknife).max() > 0.01


def test_acceleration_is_summed_in_blocks(monkeypatch):
    units = np.random.default_rng(0).gamma(1.0, size=(100, 3)) - 1.0
    slope = np.array([[1.0, 0.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    whole = acceleration(units, slope)
    monkeypatch.setattr("truststats.inference.intervals._BLOCK", 7)
    np.testing.assert_allclose(acceleration(units, slope), whole)
    value = units @ slope[1]
    assert whole[1] == pytest.approx((value**3).sum() / (6 * (value**2).sum() ** 1.5))
    assert whole[2] == 0.0


def test_influence_in_groups(models, answers_of):
    data = answers_of()
    data["region"] = np.where(np.arange(len(data)) % 24 < 10, "north", "south")
    data["mixed"] = np.arange(len(data)) // 2 % 20
    equal = {"group": "region", "group_equal": ["loadings"]}
    fit = ts.fit(models["chain"], data, **equal)
    slope = np.eye(len(fit.estimate.theta))
    units = influence(fit.estimate)
    assert len(units) == len(data)
    for rows in (units[: fit.group_nobs.iloc[0]], units[fit.group_nobs.iloc[0] :]):
        np.testing.assert_allclose(rows.sum(axis=0), 0.0, atol=1e-10)
    assert np.isfinite(acceleration(units, slope)).all()
    spread = np.sqrt((units**2).sum(axis=0))
    theta, _ = bootstrap_theta(fit.estimate, 400, np.random.default_rng(0))
    assert np.median(spread / theta.std(axis=0)) == pytest.approx(1.0, abs=0.06)
    clustered = ts.fit(models["chain"], data, cluster="mixed", **equal).estimate
    units = influence(clustered)
    assert len(units) == 20
    theta, _ = bootstrap_theta(clustered, 400, np.random.default_rng(0))
    spread = np.sqrt((units**2).sum(axis=0))
    assert np.median(spread / theta.std(axis=0)) == pytest.approx(1.0, abs=0.1)
