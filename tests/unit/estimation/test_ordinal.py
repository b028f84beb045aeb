"""Agreement with lavaan is in tests/reference/test_golden_ordinal.py."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from truststats.errors import DataError
from truststats.estimation.implied import evaluate
from truststats.estimation.implied_items import cuts_from_partable, implied_moments
from truststats.estimation.layout import layouts_from_partable
from truststats.estimation.ordinal import estimate_ordinal, ordinal_sample, ordinal_weight
from truststats.model import Model, build_partable

TEXT = "f =~ x1 + x2 + x3\nx4 ~ f\nx5 ~ x4 + f"
ITEMS = ("x1", "x2", "x3", "x4", "x5")


def truth(kind: str):
    table = build_partable(
        Model.from_text(TEXT), ordered=dict.fromkeys(ITEMS, 3), parameterization=kind
    )
    layouts, cuts = layouts_from_partable(table), cuts_from_partable(table)
    theta = np.full(table.npar, 0.5)
    for k, (op, unique) in enumerate(zip(table.op, table.unique, strict=True)):
        if op == "|":
            theta[unique] = -0.4 if table.rhs[k] == "t1" else 0.7
    made = implied_moments(layouts[0], evaluate(layouts[0], theta[None]), cuts[0], theta)
    every = np.ones(5, dtype=bool)
    size = np.arange(1.0, len(made.cuts) + 11)
    moments = SimpleNamespace(
        names=ITEMS, ordered=every, thresholds=made.cuts, threshold_of=np.repeat(np.arange(5), 2),
        statistics=made.statistics(every), cov=made.cov, n=500.0,
        gamma=np.diag(size), gamma_diagonal=size,
    )  # fmt: skip
    return layouts, cuts, moments, theta


@pytest.mark.parametrize("kind", ["delta", "theta"])
@pytest.mark.parametrize("weight", ["DWLS", "ULS", "WLS"])
def test_exact_moments_give_the_parameters_back(kind, weight):
    layouts, cuts, moments, theta = truth(kind)
    sample = ordinal_sample(moments, None)
    loadings = [(5, 0), (5, 1), (5, 2)]
    found = estimate_ordinal(layouts, cuts, [sample], [moments], loadings, kind=weight)
    assert found.converged
    np.testing.assert_allclose(found.theta, theta, atol=1e-6)
    assert found.chisq == pytest.approx(0.0, abs=1e-8)
    np.testing.assert_allclose(found.fitted.cov, moments.cov, atol=1e-7)
    assert found.df == 20 - len(theta)


def test_the_full_weight_needs_an_invertible_matrix():
    with pytest.raises(DataError, match="no invertible"):
        ordinal_weight("WLS", SimpleNamespace(gamma=np.ones((3, 3))))
