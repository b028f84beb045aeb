"""Correlations within and between units."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.psychometrics.intraclass import unit_draws
from truststats.psychometrics.levels import levels


def scores() -> tuple[np.ndarray, np.ndarray]:
    """Return three scores that go together between units and apart within them."""
    rng = np.random.default_rng(4)
    units = np.repeat(np.arange(30), rng.integers(5, 20, 30))
    shared, own = rng.normal(size=(30, 1))[units], rng.normal(size=(len(units), 1))
    noise = rng.normal(size=(len(units), 3))
    return shared + own * np.array([1.0, -1.0, 0.5]) + noise, units


def test_levels_add_up_and_can_disagree() -> None:
    values, units = scores()
    drawn = unit_draws(30, 200, np.random.default_rng(1))
    found = levels(values, units, drawn)
    total, within, between, means = found.values[:, 0]
    assert within < 0 < between
    assert means > 0
    assert found.between_part + found.within_part == pytest.approx(found.values[0])
    assert total == pytest.approx(np.corrcoef(values[:, 0], values[:, 1])[0, 1], abs=0.05)
    assert (found.lower < found.values).all()
    assert (found.values < found.upper).all()
    assert list(zip(found.first, found.second, strict=True)) == [(0, 1), (0, 2), (1, 2)]


def test_each_pair_uses_the_rows_that_have_both() -> None:
    values, units = scores()
    holes = values.copy()
    holes[units == 0, 1] = np.nan
    drawn = unit_draws(30, 100, np.random.default_rng(1))
    found = levels(holes, units, drawn)
    assert found.units.tolist() == [29, 30, 29]
    without = levels(values[units > 0], units[units > 0] - 1, drawn[:, 1:])
    assert found.values[:, 0] == pytest.approx(without.values[:, 0])


def test_one_scale_has_no_pair() -> None:
    values, units = scores()
    found = levels(values[:, :1], units, unit_draws(30, 100, np.random.default_rng(1)))
    assert found.values.shape == (4, 0)
