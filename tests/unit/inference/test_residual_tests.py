"""Browne's residual-based tests."""

from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.residual_tests import residual_test, weighted_pieces

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3"


@pytest.fixture
def complete(answers_of):
    return answers_of(300).assign(manager=lambda d: (np.arange(len(d)) % 2).astype(float))


def test_at_the_gls_estimate_the_normal_variant_is_the_statistic_itself(complete):
    fit = ts.fit(MODEL, complete, estimator="GLS")
    test = residual_test(fit.estimate, "browne.residual.nt", less_one=True)
    assert test.chisq == pytest.approx(fit.test.chisq)
    assert test.df == fit.df


def test_at_the_wls_estimate_the_adf_variant_is_the_statistic_itself(complete):
    fit = ts.fit(MODEL, complete, estimator="WLS")
    test = residual_test(fit.estimate, "browne.residual.adf", less_one=True)
    assert test.chisq == pytest.approx(fit.test.chisq)


@pytest.mark.parametrize("estimator", ["ML", "GLS"])
def test_a_saturated_mean_structure_changes_nothing(complete, estimator):
    text = f"{MODEL}\ntrust ~ info + manager"
    for name in ("browne.residual.nt", "browne.residual.nt.model", "browne.residual.adf"):
        values = [
            ts.fit(text, complete, estimator=estimator, test=name, fixed_x=True, meanstructure=m)
            for m in (True, False)
        ]
        assert values[0].chisq == pytest.approx(values[1].chisq, rel=1e-4)


def test_pieces(complete):
    fit = ts.fit(MODEL, complete, estimator="ULS")
    (piece,) = weighted_pieces(fit.estimate, "ULS", gamma=False)
    assert piece.gamma is None
    assert (piece.weight == np.eye(21)).all()
