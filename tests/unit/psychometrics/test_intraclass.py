"""The one-way layout: what is known of it in closed form, at its edges, and in repeated samples."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.arrays import Array, IntArray
from truststats.psychometrics.intraclass import (
    anova,
    bootstrap_limits,
    design_effect,
    exact_limits,
    log_likelihood,
    mean_reliability,
    one_way,
    reml,
    unit_draws,
)


def layout(
    sizes: list[int], theta: float, scales: int, seed: int = 1, mean: float = 3.0
) -> tuple[Array, IntArray]:
    """Return answers to scales whose units have theta times the variance within them."""
    rng = np.random.default_rng(seed)
    units = np.repeat(np.arange(len(sizes)), sizes)
    shared = np.sqrt(theta) * rng.normal(size=(len(sizes), scales))
    return mean + shared[units] + rng.normal(size=(len(units), scales)), units


def test_sums_of_units_know_gaps_and_small_units() -> None:
    values = np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 4.0], [7.0, 8.0], [9.0, 6.0]])
    data = one_way(values, np.array([0, 0, 1, 1, 1]))
    assert data.counts.tolist() == [[2, 3], [1, 3]]
    assert data.means.tolist() == [[2, 7], [2, 6]]
    assert data.within.tolist() == [[2, 8], [0, 8]]
    assert data.variances[0].tolist() == [2, 4]
    assert np.isnan(data.variances[1, 0])
    kept = one_way(values, np.array([0, 0, 1, 1, 1]), min_n=2)
    assert kept.units.tolist() == [2, 1]
    assert kept.n.tolist() == [5, 3]


def test_by_hand() -> None:
    """Units (1, 3) and (5, 7): MSB = 16, MSW = 2, so ICC(1) = 14 / 18 and ICC(2) = 14 / 16."""
    data = one_way(np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([0, 0, 1, 1]))
    found = anova(data)
    assert (found.between[0], found.within[0], found.f[0], found.n0[0]) == (16, 2, 8, 2)
    assert found.icc1[0] == pytest.approx(14 / 18)
    assert found.icc2[0] == pytest.approx(14 / 16)
    likely = reml(data)
    assert likely.between[0] == pytest.approx(7)
    assert likely.within[0] == pytest.approx(2)
    assert likely.mean[0] == pytest.approx(4)
    assert likely.mean_variance[0] == pytest.approx(16 / 4)
    assert design_effect(data, found.icc1)[0] == pytest.approx(1 + 14 / 18)


def test_units_of_one_size_make_reml_and_anova_one() -> None:
    values, units = layout([9] * 40, 0.2, 3)
    data = one_way(values, units)
    assert reml(data).icc1 == pytest.approx(anova(data).icc1, abs=1e-10)
    assert reml(data).icc2 == pytest.approx(anova(data).icc2, abs=1e-10)


def test_location_and_scale_change_nothing() -> None:
    values, units = layout([4, 9, 30, 12, 7, 18], 0.3, 2)
    plain, moved = one_way(values, units), one_way(1e3 + 40.0 * values, units)
    assert anova(moved).icc1 == pytest.approx(anova(plain).icc1, rel=1e-9)
    assert reml(moved).icc1 == pytest.approx(reml(plain).icc1, abs=1e-9)
    limits = [exact_limits(d, anova(d).n0).icc1_upper for d in (plain, moved)]
    assert limits[1] == pytest.approx(limits[0], abs=1e-9)


def test_reml_is_the_top_of_its_likelihood() -> None:
    values, units = layout([3, 9, 30, 12, 7, 18, 25, 4], 0.3, 5)
    data = one_way(values, units)
    found = reml(data)
    top = log_likelihood(data, found.theta)
    for step in (0.9, 1.1):
        assert (log_likelihood(data, step * found.theta) <= top + 1e-12).all()


def test_no_variance_between_units_is_the_edge() -> None:
    values = np.tile([[1.0], [2.0], [3.0], [4.0]], (6, 1))
    data = one_way(values, np.repeat(np.arange(6), 4))
    found, likely = anova(data), reml(data)
    assert found.icc1[0] == pytest.approx(-1 / 3)
    assert likely.theta[0] == 0
    assert mean_reliability(data, likely.theta)[0] == 0
    assert design_effect(data, found.icc1)[0] == 1
    assert exact_limits(data, found.n0).icc1_lower[0] < 0


def test_no_variance_within_units_has_no_limits() -> None:
    data = one_way(np.repeat([[1.0], [2.0], [4.0]], 3, axis=0), np.repeat(np.arange(3), 3))
    assert np.isnan(exact_limits(data, anova(data).n0).icc1_lower[0])


@pytest.mark.parametrize("theta", [0.0, 0.1, 0.5])
def test_exact_limits_cover_the_truth_with_unequal_units(theta: float) -> None:
    """2000 samples: the share that misses has a standard error of .005."""
    values, units = layout([3, 5, 8, 12, 20, 45, 60], theta, 2000, seed=3)
    data = one_way(values, units)
    limits = exact_limits(data, anova(data).n0)
    truth = theta / (1 + theta)
    below = (limits.icc1_upper < truth).mean()
    above = (limits.icc1_lower > truth).mean()
    assert below == pytest.approx(0.025, abs=0.012)
    assert above == pytest.approx(0.025, abs=0.012)


def test_reml_recovers_the_truth() -> None:
    values, units = layout([8, 12, 16, 20, 24] * 20, 0.15, 200, seed=5)
    assert reml(one_way(values, units)).icc1.mean() == pytest.approx(0.15 / 1.15, abs=0.004)


def test_resampled_units() -> None:
    values, units = layout([8, 12, 16, 20, 24] * 12, 0.2, 2, seed=6)
    data, rng = one_way(values, units), np.random.default_rng(1)
    drawn = unit_draws(60, 500, rng)
    assert (drawn.sum(axis=1) == 60).all()
    limits, found = bootstrap_limits(data, drawn), anova(data)
    assert (limits.icc1_lower < found.icc1).all()
    assert (found.icc1 < limits.icc1_upper).all()
    once = bootstrap_limits(data, np.ones((100, 60)))
    assert once.icc1_lower == pytest.approx(found.icc1)
    assert once.icc2_upper == pytest.approx(found.icc2)
