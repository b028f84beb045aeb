"""The observed change of items by its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from truststats.psychometrics.item_change import mean_change

RNG = np.random.default_rng(4)
VALUES = RNG.integers(1, 6, (40, 2)).astype(float)
NEW = np.arange(40) >= 18
ROWS = np.arange(40)
ONE = np.ones(40)


def test_without_clusters_it_is_welchs_difference_but_for_the_divisors() -> None:
    got = mean_change(VALUES, NEW, ROWS, ONE)
    for k in range(2):
        old, new = VALUES[~NEW, k], VALUES[NEW, k]
        assert got.change[k] == pytest.approx(new.mean() - old.mean())
        variance = old.var() / len(old) + new.var() / len(new)
        assert got.se[k] == pytest.approx(np.sqrt(variance * 40 / 39))
        half = student.ppf(0.975, 39) * got.se[k]
        assert got.upper[k] - got.change[k] == pytest.approx(half)


def test_people_who_answer_twice_alike_leave_no_error() -> None:
    values = np.r_[VALUES[:20], VALUES[:20] + 1.0]
    got = mean_change(values, ROWS >= 20, ROWS % 20, ONE)
    assert got.change == pytest.approx([1.0, 1.0])
    assert got.se == pytest.approx([0.0, 0.0], abs=1e-12)


def test_gaps_and_weights_count() -> None:
    values = VALUES.copy()
    values[3, 0] = np.nan
    twice = np.where(ROWS == 5, 2.0, 1.0)
    got = mean_change(values, NEW, ROWS, twice)
    assert got.n[:, 0].tolist() == [17, 22]
    assert got.mean[0, 0] == pytest.approx(np.nanmean(np.r_[values[~NEW, 0], values[5, 0]]))


def test_a_wave_without_answers_has_no_mean() -> None:
    values = np.where(NEW[:, None], np.nan, VALUES)
    assert np.isnan(mean_change(values, NEW, ROWS, ONE).change).all()
