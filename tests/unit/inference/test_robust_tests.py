"""Scaled tests: rows against matrices, and the three adjustments by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.inference.moment_structure import filling, traces
from truststats.inference.robust_tests import (
    adjusted_test,
    normal_pieces,
    normal_trace,
    normal_traces,
    product_scores,
)
from truststats.inference.vcov import information, inverse

MODEL = "f =~ a + b + c\nf ~ z\nd ~ f + z"


@pytest.fixture
def data():
    rng = np.random.default_rng(8)
    z, f = rng.gamma(1.0, size=(150, 1)), rng.standard_t(5, size=(150, 1))
    items = f @ np.array([[1.0, 0.7, 0.9, 0.5]]) + 0.4 * z + rng.normal(size=(150, 4))
    return pd.DataFrame(np.hstack([items, z]), columns=list("abcdz")).assign(
        side=np.where(np.arange(150) < 60, "left", "right")
    )


@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("means", [True, False])
@pytest.mark.parametrize("group", [None, "side"])
def test_traces_from_rows_are_those_of_the_matrices(data, fixed, means, group):
    fit = ts.fit(MODEL, data, fixed_x=fixed, meanstructure=means, group=group)
    estimate = fit.estimate
    e, _ = inverse(information(estimate, "expected"), estimate.null)
    pieces = normal_pieces(estimate.groups, estimate.shares)
    one, middle = normal_trace(estimate.groups, estimate.shares, e)
    assert one == pytest.approx(traces(pieces, e)[0])
    assert middle == pytest.approx(filling(pieces))
    both = normal_traces(estimate.groups, estimate.shares, e, "scaled.shifted")
    assert both == pytest.approx(traces(pieces, e))
    by_row, _ = product_scores(estimate.groups[0])
    assert by_row.mean(axis=0) == pytest.approx(np.zeros(estimate.q), abs=1e-12)


def test_adjustments():
    mean = adjusted_test("satorra.bentler", 30.0, 10, 15.0, float("nan"))
    assert (mean.chisq, mean.df, mean.scaling_factor) == (pytest.approx(20.0), 10, 1.5)
    both = adjusted_test("mean.var.adjusted", 30.0, 10, 15.0, 45.0)
    assert (both.chisq, both.df) == (pytest.approx(10.0), pytest.approx(5.0))
    shifted = adjusted_test("scaled.shifted", 30.0, 10, 15.0, 40.0)
    assert shifted.scaling_factor == pytest.approx(2.0)
    assert shifted.shift == pytest.approx(2.5)
    assert shifted.chisq == pytest.approx(17.5)
    assert shifted.trace == 15.0


def test_without_degrees_of_freedom_or_with_a_negative_trace_there_is_no_p_value():
    assert np.isnan(adjusted_test("satorra.bentler", 0.0, 0, 0.0, 0.0).pvalue)
    broken = adjusted_test("satorra.bentler", 30.0, 10, -1.0, 1.0)
    assert np.isnan(broken.chisq)
    assert np.isnan(broken.pvalue)
