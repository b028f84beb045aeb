"""Ordered and continuous variables together."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.errors import DataError
from truststats.estimation.mixed_moments import mixed_moments
from truststats.estimation.polychoric import ordinal_moments

RNG = np.random.default_rng(8)
COMMON = RNG.normal(size=(1200, 1))
Y = 0.7 * COMMON + 0.7 * RNG.normal(size=(1200, 4))
ROWS = np.column_stack([np.digitize(Y[:, :2], [-0.7, 0.4]), 3.0 * Y[:, 2:] + 1.0]).astype(float)
NAMES = ["a", "b", "y", "z"]
KINDS = [True, True, False, False]


def test_ordered_variables_alone_are_the_tables() -> None:
    found = mixed_moments(ROWS[:, :2], NAMES[:2], [True, True])
    tables = ordinal_moments(ROWS[:, :2], NAMES[:2])
    assert found.statistic_names == tables.statistic_names
    assert found.statistics == pytest.approx(tables.statistics)
    assert found.gamma == pytest.approx(tables.gamma)


def test_continuous_variables_alone_are_ordinary_moments() -> None:
    found = mixed_moments(ROWS[:, 2:], NAMES[2:], [False, False])
    cov = np.cov(ROWS[:, 2:].T, bias=True)
    assert found.cov == pytest.approx(cov)
    assert found.thresholds == pytest.approx(-ROWS[:, 2:].mean(axis=0))
    assert found.statistic_names == ("y~1", "z~1", "y~~y", "z~~z", "y~~z")
    assert found.gamma[:2, :2] == pytest.approx(cov, rel=0.1)


def test_units_only_scale() -> None:
    scaled = ROWS.copy()
    scaled[:, 2] *= 10.0
    one, two = mixed_moments(ROWS, NAMES, KINDS), mixed_moments(scaled, NAMES, KINDS)
    unit = np.array([10.0 ** name.count("y") for name in one.statistic_names])
    assert two.statistics == pytest.approx(one.statistics * unit, abs=1e-7)
    assert two.gamma == pytest.approx(one.gamma * np.outer(unit, unit), rel=1e-5, abs=1e-6)


def test_clusters_and_exogenous_variables() -> None:
    x = COMMON + RNG.normal(size=(1200, 1))
    x[:5] = np.nan
    given = {"x": x, "x_names": ["x"]}
    found = mixed_moments(ROWS, NAMES, KINDS, **given)
    assert found.n == 1195
    assert found.slopes.shape == (4, 1)
    assert (found.slopes > 0).all()
    plain = mixed_moments(ROWS, NAMES, KINDS)
    assert (found.cov[np.triu_indices(4, 1)] < plain.cov[np.triu_indices(4, 1)]).all()
    unit = np.repeat(np.arange(120), 10)
    by_unit = mixed_moments(ROWS, NAMES, KINDS, clusters=unit, **given)
    assert by_unit.gamma_diagonal == pytest.approx(np.diag(by_unit.gamma))
    left = [mixed_moments(ROWS[unit != u], NAMES, KINDS, x=x[unit != u]) for u in range(0, 120, 3)]
    spread = np.std([m.statistics for m in left], axis=0) * np.sqrt(120)
    assert np.sqrt(by_unit.gamma_diagonal / by_unit.n) == pytest.approx(spread, rel=0.4)


def test_the_scale_and_the_origin_of_exogenous_variables_do_not_matter() -> None:
    x = COMMON + RNG.normal(size=(1200, 1))
    plain = mixed_moments(ROWS, NAMES, KINDS, x=x, x_names=["x"])
    moved = mixed_moments(ROWS, NAMES, KINDS, x=1e-8 * x + 1e-2, x_names=["x"])
    # thresholds, and means with a minus, move by the slope times the origin
    shift = plain.slopes[plain.threshold_of, 0] * 1e6
    assert moved.thresholds == pytest.approx(plain.thresholds + shift, rel=1e-9)
    assert moved.slopes == pytest.approx(1e8 * plain.slopes)
    assert moved.cov == pytest.approx(plain.cov)
    at = [k for k, name in enumerate(plain.statistic_names) if name.endswith("~x")]
    assert moved.gamma_diagonal[at] == pytest.approx(1e16 * plain.gamma_diagonal[at])


def test_the_scores_of_thresholds_are_those_of_unscaled_covariates() -> None:
    x = 2.0 + 3.0 * COMMON + RNG.normal(size=(1200, 1))
    found = mixed_moments(ROWS[:, [0, 2]], ["a", "y"], [True, False], x=x, x_names=["x"])
    design = np.column_stack([np.ones(1200), x])
    rest = ROWS[:, 2] - design @ np.linalg.lstsq(design, ROWS[:, 2], rcond=None)[0]
    weight = np.linalg.inv(design.T @ design)
    robust = 1200 * weight @ (design.T * rest**2) @ design @ weight
    names = found.statistic_names
    assert found.gamma_diagonal[names.index("y~1")] == pytest.approx(robust[0, 0], rel=0.1)
    assert found.gamma_diagonal[names.index("y~x")] == pytest.approx(robust[1, 1], rel=0.1)


def test_correlations_at_the_bound_are_a_problem_given_covariates_too() -> None:
    x = COMMON + RNG.normal(size=(1200, 1))
    twice = np.column_stack([ROWS[:, 2], 2.0 * ROWS[:, 2]])
    found = mixed_moments(twice, ["y", "z"], [False, False], x=x, x_names=["x"])
    assert [(p.code, p.where) for p in found.problems] == [("polychoric_at_bound", "y-z")]


def test_a_correlation_that_the_answers_do_not_tell_is_refused() -> None:
    rows = np.repeat([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [2.0, 0.0]], [130, 15, 3, 2], axis=0)
    x = RNG.normal(size=(150, 1))
    with pytest.raises(DataError, match="do not tell the correlation of a-b"):
        mixed_moments(rows, ["a", "b"], [True, True], x=x, x_names=["x"])
