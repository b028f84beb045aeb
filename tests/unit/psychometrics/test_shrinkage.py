"""Shrunken means, comparison intervals and ranks: closed forms, and samples of known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri

from truststats.arrays import Array
from truststats.psychometrics.intraclass import OneWay, one_way, reml
from truststats.psychometrics.shrinkage import (
    apart,
    comparison_factor,
    posterior,
    ranks,
    shrink,
)


def layout(sizes: list[int], theta: float, seed: int) -> tuple[OneWay, Array]:
    """Return one scale in units, and the units' true means."""
    rng = np.random.default_rng(seed)
    units = np.repeat(np.arange(len(sizes)), sizes)
    truth = 3.0 + np.sqrt(theta) * rng.normal(size=len(sizes))
    return one_way((truth[units] + rng.normal(size=len(units)))[:, None], units), truth


def test_estimates_lie_between_own_and_overall_mean() -> None:
    data, _ = layout([5, 9, 14, 30, 60, 22, 8, 17], 0.2, 2)
    found, likely = shrink(data), reml(data)
    assert found.mean == likely.mean[0]
    grown = data.counts[0] * likely.theta[0]
    assert found.reliability == pytest.approx(grown / (1 + grown))
    gap = (found.estimates - found.mean) / (data.means[0] - found.mean)
    assert gap == pytest.approx(found.reliability)
    assert (np.diff(found.reliability[np.argsort(data.counts[0])]) >= 0).all()
    direct = found.between * (1 - found.reliability)
    assert found.se**2 == pytest.approx(direct + (1 - found.reliability) ** 2 * found.mean_se**2)


def test_units_without_any_difference_are_all_the_overall_mean() -> None:
    values = np.tile([[1.0], [2.0], [3.0], [4.0]], (6, 1))
    found = shrink(one_way(values, np.repeat(np.arange(6), 4)))
    assert found.between == 0
    assert found.estimates == pytest.approx(2.5)
    assert np.isnan(comparison_factor(found.cov))


def test_one_scale_at_a_time_and_no_empty_unit() -> None:
    data, _ = layout([5, 9, 14], 0.2, 2)
    with pytest.raises(ValueError, match="one scale"):
        shrink(OneWay(*(np.vstack([part, part]) for part in vars(data).values())))
    with pytest.raises(ValueError, match="every unit"):
        posterior(one_way(np.arange(4.0)[:, None], np.array([0, 1, 1, 1]), 2), 10,
                  np.random.default_rng(1))  # fmt: skip


def test_the_factor_is_goldstein_and_healys() -> None:
    """Equal independent errors: z / sqrt(2), the 1.39 of Goldstein & Healy (1995)."""
    assert comparison_factor(np.eye(12)) == pytest.approx(ndtri(0.975) / np.sqrt(2), abs=1e-9)
    assert round(comparison_factor(np.eye(12)), 2) == 1.39
    assert comparison_factor(np.eye(5), 0.9) == pytest.approx(ndtri(0.95) / np.sqrt(2), abs=1e-9)
    uneven = np.diag(np.array([0.2, 0.5, 1.0, 3.0]) ** 2)
    factor, se = comparison_factor(uneven), np.sqrt(np.diag(uneven))
    drawn = np.random.default_rng(1).normal(size=(40000, 4)) * se
    false = np.mean([apart(d - factor * se, d + factor * se) for d in drawn[:4000]])
    assert false == pytest.approx(0.05, abs=0.008)


def test_pairs_told_apart() -> None:
    lower, upper = np.array([0.0, 1.0, 5.0]), np.array([2.0, 3.0, 6.0])
    assert apart(lower, upper) == pytest.approx(2 / 3)


def test_equal_units_are_seldom_told_apart_and_order_is_seldom_wrong() -> None:
    """Of 60 samples: pairs of equal units 5 % at most, and few told apart the wrong way round."""
    rng = np.random.default_rng(8)
    sizes = np.array([8, 12, 20, 35, 50] * 8)
    units = np.repeat(np.arange(40), sizes)
    false, wrong, told = [], 0, 0
    for _ in range(60):
        truth = np.repeat(0.4 * rng.normal(size=20), 2)
        values = truth[units] + rng.normal(size=len(units))
        found = shrink(one_way(values[:, None], units))
        reach = comparison_factor(found.cov) * found.se
        low, high = found.estimates - reach, found.estimates + reach
        pairs = np.arange(0, 40, 2)
        false.append(((low[pairs] > high[pairs + 1]) | (low[pairs + 1] > high[pairs])).mean())
        above = low[:, None] > high[None, :]
        told += int(above.sum())
        wrong += int((above & (truth[:, None] < truth[None, :])).sum())
    assert np.mean(false) < 0.05
    assert wrong / told < 0.025


def test_posterior_agrees_with_the_estimates_and_covers_the_truth() -> None:
    rng = np.random.default_rng(3)
    inside = []
    for seed in range(40):
        data, truth = layout([8, 12, 20, 35, 50] * 6, 0.15, seed)
        drawn = posterior(data, 400, rng)
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        inside.append(((low < truth) & (truth < high)).mean())
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)
    found = shrink(data)
    many = posterior(data, 20000, rng)
    assert np.abs(many.mean(axis=0) - found.estimates).max() < 0.06
    assert many.std(axis=0) == pytest.approx(found.se, rel=0.25)


def test_ranks_count_from_the_highest() -> None:
    drawn = np.array([[3.0, 1.0, 2.0], [3.0, 2.0, 1.0], [3.0, 1.0, 2.0], [3.0, 1.0, 2.0]])
    found = ranks(drawn)
    assert found.rank.tolist() == [1, 3, 2]
    assert found.lower.tolist() == [1, 2, 2]
    assert found.upper.tolist() == [1, 3, 3]
