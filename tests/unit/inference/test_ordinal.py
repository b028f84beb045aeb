"""Agreement with lavaan is in tests/reference/test_golden_ordinal.py."""

from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.moment_structure import bread, traces
from truststats.inference.ordinal import baseline_pieces, ordinal_baseline, ordinal_pieces

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
    for pieces in (ordinal_pieces(estimate, gamma=True), baseline_pieces(estimate)):
        (part,) = pieces
        v, d = np.diag(part.weight), part.slopes
        e, _ = bread(pieces, None)
        u = v - v @ d @ e @ d.T @ v
        product = u @ part.gamma
        one, two = traces(pieces, e)
        assert one == pytest.approx(np.trace(product))
        assert two == pytest.approx(np.trace(product @ product))
