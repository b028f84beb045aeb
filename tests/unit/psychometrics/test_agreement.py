"""Agreement within units: null distributions, edges, and what is counted."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.agreement import (
    NULLS,
    ad_cutoff,
    agreement,
    null_variance,
    rwg_j,
)

FIVE = range(1, 6)


@pytest.mark.parametrize(
    ("null", "variance"),
    [("uniform", 2.0), ("slight_skew", 1.34), ("moderate_skew", 0.90), ("heavy_skew", 0.44)],
)
def test_null_variances_are_the_published_ones(null: str, variance: float) -> None:
    assert null_variance(null, FIVE) == pytest.approx(variance)
    shares = NULLS[null]
    assert shares is None or sum(shares) == pytest.approx(1.0)


def test_null_variances_of_other_scales() -> None:
    assert null_variance("uniform", range(1, 8)) == pytest.approx((49 - 1) / 12)
    assert null_variance("uniform", (0, 25, 50, 75, 100)) == pytest.approx(2 * 25**2)
    assert np.isnan(null_variance("slight_skew", range(1, 8)))
    assert np.isnan(null_variance("uniform", ()))


def test_cutoffs_of_the_average_deviation() -> None:
    assert ad_cutoff(FIVE) == pytest.approx(5 / 6)
    assert ad_cutoff(range(1, 8)) == pytest.approx(7 / 6)
    assert ad_cutoff((0, 25, 50, 75, 100)) == pytest.approx(25 * 5 / 6)
    assert np.isnan(ad_cutoff(()))


def test_rwg_of_one_and_of_many_items() -> None:
    ratio = np.array([0.0, 0.25, 1.0, 1.5, np.nan])
    assert rwg_j(ratio, 1)[:4].tolist() == [1.0, 0.75, 0.0, 0.0]
    assert np.isnan(rwg_j(ratio, 1)[4])
    assert rwg_j(ratio, 4)[1] == pytest.approx(3.0 / 3.25)


def test_by_hand() -> None:
    values = np.array([[1.0, 2.0], [3.0, 2.0], [5.0, 5.0], [5.0, 4.0], [2.0, 3.0]])
    found = agreement(values, np.array([0, 0, 1, 1, 1]), [FIVE, FIVE], min_n=2)
    assert found.n.tolist() == [2, 3]
    assert found.rwg_star == pytest.approx([1 - (2 + 0) / 2 / 2, 1 - (3 + 1) / 2 / 2])
    assert found.rwg["uniform"] == pytest.approx([2 * 0.5 / (2 * 0.5 + 0.5), 0.0])
    assert found.ad_mean == pytest.approx([0.5, (4 / 3 + 2 / 3) / 2])
    assert found.ad_median == pytest.approx([0.5, (1 + 2 / 3) / 2])


def test_small_units_and_gaps() -> None:
    values = np.array([[1.0, np.nan], [3.0, 2.0], [5.0, 5.0], [5.0, 4.0], [2.0, 3.0]])
    found = agreement(values, np.array([0, 0, 1, 1, 1]), [FIVE, FIVE], min_n=2)
    assert np.isnan(found.n[0])
    assert np.isnan(found.rwg["uniform"][0])
    assert np.isnan(found.ad_median[0])
    assert found.n[1] == 3


def test_medians_match_a_plain_computation() -> None:
    rng = np.random.default_rng(2)
    values = rng.integers(-2, 4, size=(200, 3)).astype(float)
    values[rng.random(values.shape) < 0.1] = np.nan
    units = np.sort(rng.integers(0, 9, 200))
    found = agreement(values, units, [()] * 3, min_n=2)
    for unit in range(9):
        own = values[units == unit]
        want = np.nanmean(np.abs(own - np.nanmedian(own, axis=0)), axis=0).mean()
        assert found.ad_median[unit] == pytest.approx(want)
    assert np.isnan(found.rwg["uniform"]).all()
