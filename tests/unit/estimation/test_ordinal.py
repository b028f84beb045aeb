"""Agreement with lavaan is in tests/reference/test_golden_ordinal.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from truststats.errors import DataError
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import layouts_from_partable
from truststats.estimation.ordinal import (
    OrdinalTarget,
    cuts_from_partable,
    estimate_ordinal,
    implied_moments,
    ordinal_sample,
    ordinal_weight,
)
from truststats.inference.standardize import jacobian
from truststats.model import Model, build_partable

TEXT = "f =~ x1 + x2 + x3\nx4 ~ f\nx5 ~ x4 + f"


def pieces(kind: str = "delta", **options: Any):
    table = build_partable(
        Model.from_text(TEXT), ordered=dict.fromkeys(("x1", "x2", "x3", "x4", "x5"), 3),
        parameterization=kind, **options,
    )  # fmt: skip
    return table, layouts_from_partable(table), cuts_from_partable(table)


def some_theta(table) -> np.ndarray:
    return np.random.default_rng(4).uniform(0.3, 0.6, table.npar)


@pytest.mark.parametrize("kind", ["delta", "theta"])
def test_derivatives_agree_with_the_complex_step(kind):
    table, layouts, cuts = pieces(kind, n_groups=2, group_equal=["thresholds", "loadings"])
    theta = some_theta(table)
    for layout, part in zip(layouts, cuts, strict=True):
        col, row = np.triu_indices(layout.p, 1)

        def function(batch, layout=layout, part=part, row=row, col=col):
            tau, corr, _ = implied_moments(evaluate(layout, batch), part, batch)
            return np.concatenate([tau, corr[:, row, col]], axis=1)

        count = len(part.item) + len(row)
        target = OrdinalTarget(layout, np.zeros(count), np.ones(count), 1.0, part)
        gap, slopes = target.look(theta)
        np.testing.assert_allclose(slopes, jacobian(function, theta), atol=1e-12)
        np.testing.assert_allclose(-gap, function(theta[None])[0])


def test_scaling_factors_give_the_variance_also_of_a_mediator():
    table, layouts, _ = pieces(n_groups=2, group_equal=["thresholds"])
    theta = some_theta(table)
    layout = layouts[1]
    state = evaluate(layout, theta[None])
    want = layout.units.factors(theta[None])[0] ** -2.0
    np.testing.assert_allclose(np.diag(state.sigma[0])[layout.units.at], want)


def truth(kind: str):
    table, layouts, cuts = pieces(kind)
    theta = np.full(table.npar, 0.5)
    for k, (op, unique) in enumerate(zip(table.op, table.unique, strict=True)):
        if op == "|":
            theta[unique] = -0.4 if table.rhs[k] == "t1" else 0.7
    tau, corr, _ = implied_moments(evaluate(layouts[0], theta[None]), cuts[0], theta[None])
    size = np.arange(1.0, len(tau[0]) + 11)
    moments = SimpleNamespace(
        thresholds=tau[0], corr=corr[0], gamma=np.diag(size), gamma_diagonal=size
    )
    return layouts, cuts, moments, theta


@pytest.mark.parametrize("kind", ["delta", "theta"])
@pytest.mark.parametrize("weight", ["DWLS", "ULS", "WLS"])
def test_exact_moments_give_the_parameters_back(kind, weight):
    layouts, cuts, moments, theta = truth(kind)
    sample = ordinal_sample(moments, 500.0, None)
    loadings = [(5, 0), (5, 1), (5, 2)]
    found = estimate_ordinal(layouts, cuts, [sample], [moments], loadings, kind=weight)
    assert found.converged
    np.testing.assert_allclose(found.theta, theta, atol=1e-6)
    assert found.chisq == pytest.approx(0.0, abs=1e-8)
    np.testing.assert_allclose(found.fitted[1], moments.corr, atol=1e-7)
    assert found.df == 20 - len(theta)


def test_the_full_weight_needs_an_invertible_matrix():
    with pytest.raises(DataError, match="no invertible"):
        ordinal_weight("WLS", SimpleNamespace(gamma=np.ones((3, 3))))
