"""Agreement with lavaan is in tests/reference/test_golden_ordinal.py."""

from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.moment_structure import bread, traces
from truststats.inference.ordinal import baseline_traces, ordinal_baseline, ordinal_pieces

from .test_ordinal_robust import answers

TEXT = "f =~ x0 + x1 + x2 + x3 + x4"


def test_the_baseline_of_a_full_weight_leaves_the_thresholds_free():
    full = ts.fit(TEXT, answers(), ordered=True, estimator="WLS")
    estimate = full.estimate
    (target,) = estimate.targets
    count = len(estimate.cuts[0].item)
    gap, weight = (
        target.moments[count:],
        np.linalg.inv(np.linalg.inv(target.weight)[count:, count:]),
    )
    want = (full.nobs - 1) * gap @ weight @ gap
    assert ordinal_baseline(estimate).chisq == pytest.approx(want)
    assert full.baseline.df == 10


def test_traces_agree_with_the_matrix_itself():
    estimate = ts.fit(TEXT, answers(), ordered=True).estimate
    pieces = ordinal_pieces(estimate, gamma=True)
    e, _ = bread(pieces, None)
    want = _traces_of(pieces, pieces[0].slopes)
    assert traces(pieces, e) == pytest.approx(want)


@pytest.mark.parametrize("estimator", ["WLSMV", "WLS"])
def test_the_traces_of_the_baseline_are_those_of_a_model_of_free_moments(estimator):
    estimate = ts.fit(TEXT, answers(), ordered=True, estimator=estimator).estimate
    pieces = ordinal_pieces(estimate, gamma=True)
    free = np.eye(len(pieces[0].slopes))[:, : len(estimate.cuts[0].item)]
    assert baseline_traces(estimate) == pytest.approx(_traces_of(pieces, free))


def test_the_baseline_of_clusters_that_span_groups_is_one_piece():
    data = answers().assign(g=np.repeat(["a", "b"], 200), town=np.arange(400) % 40)
    estimate = ts.fit(TEXT, data, ordered=True, group="g", cluster="town").estimate
    pieces = ordinal_pieces(estimate, gamma=True)
    assert len(pieces) == 1
    (one, _), (two, _) = estimate.looks
    free = np.zeros((len(one) + len(two), 30))
    free[:15, :15] = free[len(one) : len(one) + 15, 15:] = np.eye(15)
    assert baseline_traces(estimate) == pytest.approx(_traces_of(pieces, free))


def _traces_of(pieces, slopes):
    (part,) = pieces
    v = np.diag(part.weight) if part.weight.ndim == 1 else part.weight
    u = v - v @ slopes @ np.linalg.inv(slopes.T @ v @ slopes) @ slopes.T @ v
    product = u @ part.gamma
    return np.trace(product), np.trace(product @ product)
