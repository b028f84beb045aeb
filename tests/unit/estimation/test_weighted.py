"""Weighted least squares estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.estimation.constraints import constraints_of
from truststats.estimation.estimate import estimate_ml
from truststats.estimation.gamma import moment_vector
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import layouts_from_partable
from truststats.estimation.sample import sample_from_rows
from truststats.estimation.weighted import (
    Target,
    estimate_weighted,
    less_one,
    moment_slopes,
    plus_one,
    solve_weighted,
    weight_matrix,
)
from truststats.model import Model, build_partable

TEXT = "f =~ a + b + c + d"


@pytest.fixture
def rows():
    rng = np.random.default_rng(5)
    factor = rng.normal(size=(200, 1))
    return factor @ np.array([[1.0, 0.8, 1.2, 0.6]]) + rng.normal(size=(200, 4))


def near(text, rows, *, means=False):
    table = build_partable(Model.from_text(text), meanstructure=means)
    layouts = layouts_from_partable(table)
    sample = less_one(sample_from_rows(rows))
    at = {name: k for k, name in enumerate(layouts[0].nodes)}
    loadings = [(at["f"], at[item]) for item in "abcd"]
    constraints = constraints_of(table)
    return estimate_ml(layouts, [sample], loadings, constraints=constraints), constraints


def value(estimate, kind, theta):
    group = estimate.groups[0]
    weight = weight_matrix(kind, group.sample, group.x, has_means=False)
    state = evaluate(group.layout, theta[None])
    gap = moment_vector(group.sample.cov, None) - moment_vector(state.sigma[0], None)
    return gap @ weight @ gap


@pytest.mark.parametrize("kind", ["GLS", "ULS", "WLS"])
def test_the_estimate_is_a_minimum(kind, rows):
    start, _ = near(TEXT, rows)
    found = estimate_weighted(start, kind)
    assert found.converged
    best = value(found, kind, found.theta)
    assert found.chisq == pytest.approx((found.n - 1) * best)
    for k in range(len(found.theta)):
        for step in (-1e-3, 1e-3):
            moved = found.theta.copy()
            moved[k] += step
            assert value(found, kind, moved) > best


def test_derivatives_are_those_of_the_moments(rows):
    estimate, _ = near(TEXT, rows, means=True)
    group, step = estimate.groups[0], 1e-6
    slopes = moment_slopes(group.layout, group.state)
    for k in range(len(estimate.theta)):
        moved = np.repeat(estimate.theta[None], 2, axis=0)
        moved[0, k] -= step
        moved[1, k] += step
        state = evaluate(group.layout, moved)
        low, high = (moment_vector(state.sigma[i], state.mu[i]) for i in (0, 1))
        assert slopes[:, k] == pytest.approx((high - low) / (2 * step), abs=1e-6)


@pytest.mark.parametrize("limit", ["l == m", "l == m^2", "l < 0.5"])
def test_constraints_hold(limit, rows):
    start, constraints = near(f"f =~ a + l*b + m*c + d\n{limit}", rows)
    found = estimate_weighted(start, "GLS", constraints)
    assert found.converged
    free = estimate_weighted(near("f =~ a + l*b + m*c + d", rows)[0], "GLS")
    assert found.chisq > free.chisq
    assert constraints.values(found.theta) == pytest.approx([0.0], abs=1e-8)
    assert found.null.shape == (len(found.theta), len(found.theta) - 1)
    assert found.bound == (("l < 0.5",) if "<" in limit else ())


def test_divisors_there_and_back(rows):
    sample = sample_from_rows(rows)
    assert less_one(sample).cov == pytest.approx(np.cov(rows.T))
    back = plus_one(less_one(sample))
    assert back.cov == pytest.approx(sample.cov)
    assert back.saturated_logl == pytest.approx(sample.saturated_logl)


def test_the_steps_stop_without_an_optimum(rows):
    start, _ = near(TEXT, rows)
    group = start.groups[0]
    target = Target(group.layout, np.full(10, np.nan), np.eye(10), 1.0)
    assert not solve_weighted([target], start.theta).converged[0]


def test_the_unit_of_measurement_does_not_matter_for_gls(rows):
    once = ts.fit(TEXT, frame(rows), estimator="GLS")
    twice = ts.fit(TEXT, frame(100.0 * rows), estimator="GLS")
    assert twice.chisq == pytest.approx(once.chisq, rel=1e-6)


def frame(rows):
    return pd.DataFrame(rows, columns=list("abcd"))


@pytest.mark.parametrize(("kind", "seed"), [("GLS", 4), ("ULSM", 4), ("ML", 3)])
def test_of_the_optima_of_a_curved_constraint_the_lowest_is_found(kind, seed):
    rng = np.random.default_rng(seed)
    parts: list[pd.DataFrame] = []
    for name in ("one", "two"):
        level, slope = rng.normal(1.0, 1.0, 150), rng.normal(0.6, 0.6, 150)
        part = pd.DataFrame({f"t{k}": level + k * slope + rng.normal(size=150) for k in range(4)})
        parts.append(part.assign(side=name))
    data = pd.concat(parts, ignore_index=True)
    text = "i =~ 1*t0 + 1*t1 + 1*t2 + 1*t3\ns =~ 0*t0 + 1*t1 + {}t2 + 3*t3"
    options = {"group": "side", "model_type": "growth", "estimator": kind}
    free = ts.fit(text.format("c(q1, q2)*") + "\nq1*q2 == 0.6", data, **options)
    lowest = [
        ts.fit(text.format(f"c({q}, {0.6 / q})*"), data, **options).test.chisq
        for q in (0.2, 0.28, 0.32, 0.4, 0.8, 1.5, 1.9, 2.1, 3.0)
    ]
    assert free.converged
    assert free.test.chisq <= min(lowest) + 1e-6
    assert free.test.chisq > 0.8 * min(lowest)
