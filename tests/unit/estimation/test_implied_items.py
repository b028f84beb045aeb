"""What a model implies for ordinal items, and its derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from truststats.estimation.implied import evaluate, with_exogenous
from truststats.estimation.implied_items import (
    OrdinalTarget,
    cuts_from_partable,
    implied_moments,
    modelled,
    without_x,
)
from truststats.estimation.layout import layouts_from_partable
from truststats.model import Model, build_partable

TEXT = "f =~ x1 + x2 + x3\nx4 ~ f\nx5 ~ x4 + f"


ITEMS = ("x1", "x2", "x3", "x4", "x5")
GIVEN = "f =~ x1 + x2 + x3\nf ~ w + z\nx4 ~ f + w\nx5 ~ x4 + f"


def pieces(kind: str = "delta", text: str = TEXT, items: Any = ITEMS, **options: Any):
    table = build_partable(
        Model.from_text(text), ordered=dict.fromkeys(items, 3),
        parameterization=kind, **options,
    )  # fmt: skip
    return table, layouts_from_partable(table), cuts_from_partable(table)


def some_theta(table) -> np.ndarray:
    return np.random.default_rng(4).uniform(0.3, 0.6, table.npar)


def difference(function, theta: np.ndarray) -> np.ndarray:
    """Return central differences, (k, q)."""
    step = 1e-6
    each = np.eye(len(theta)) * step
    return np.stack([(function(theta + e) - function(theta - e)) / (2 * step) for e in each], 1)


@pytest.mark.parametrize("kind", ["delta", "theta"])
@pytest.mark.parametrize(
    ("text", "ordered"),
    [(TEXT, ITEMS), (TEXT, ITEMS[:3]), (TEXT + " + z\nf ~ w\nx1 ~ z", ITEMS), (GIVEN, ITEMS[1:])],
    ids=["ordinal", "mixed", "given x", "mixed given x"],
)
def test_derivatives_agree_with_differences(kind, text, ordered):
    equal = ["thresholds", "loadings"]
    table, layouts, cuts = pieces(kind, text, ordered, n_groups=2, group_equal=equal)
    theta = some_theta(table)
    for layout, part in zip(layouts, cuts, strict=True):

        def function(at, layout=layout, part=part):
            state = evaluate(layout, at[None])
            made = implied_moments(layout, state, part, at)
            return made.statistics(part.ordered[modelled(layout)[0]])

        count = len(function(theta))
        target = OrdinalTarget(layout, np.zeros(count), np.ones(count), 1.0, part)
        gap, slopes = target.look(theta)
        np.testing.assert_allclose(slopes, difference(function, theta), atol=1e-7)
        np.testing.assert_allclose(-gap, function(theta))


def test_given_x_the_unit_is_that_of_the_residual():
    table, layouts, _ = pieces("delta", TEXT + " + z\nf ~ z")
    cov = np.eye(6) + 0.2
    layout = with_exogenous(layouts[0], cov, np.full(6, 0.3))
    theta = some_theta(table)
    given, whole = (evaluate(one, theta[None]) for one in (without_x(layout), layout))
    np.testing.assert_allclose(np.diag(given.sigma[0])[:5], 1.0)
    effect = given.a[0][:5, table.ov.index("z")]
    want = given.sigma[0][:5, :5] + 1.2 * np.outer(effect, effect)
    np.testing.assert_allclose(whole.sigma[0][:5, :5], want)


def test_scaling_factors_give_the_variance_also_of_a_mediator():
    table, layouts, _ = pieces(n_groups=2, group_equal=["thresholds"])
    theta = some_theta(table)
    layout = layouts[1]
    state = evaluate(layout, theta[None])
    want = layout.units.factors(theta[None])[0] ** -2.0
    np.testing.assert_allclose(np.diag(state.sigma[0])[layout.units.at], want)
