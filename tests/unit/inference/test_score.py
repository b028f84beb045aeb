from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.score import equalities, score_pieces, score_test


@pytest.fixture(scope="module")
def fit(models, answers_of):
    return ts.fit(models["equal_labels"], answers_of())


def test_a_label_on_three_parameters_makes_two_constraints(fit):
    names, jacobian = equalities(fit.partable, fit.estimate.theta)
    assert [n.label for n in names] == ["a", "a", "e"]
    assert names[0].lhs == names[1].lhs == "info=~inf2"
    assert jacobian.shape == (3, sum(u >= 0 for u in fit.partable.unique))
    np.testing.assert_array_equal(jacobian.sum(axis=1), 0)


def test_the_statistic_is_near_what_a_refit_gains(models, answers_of, fit):
    pieces = score_pieces(fit.partable, fit.estimate)
    free = models["equal_labels"].replace("a*", "").replace("e*", "")
    gain = fit.chisq - ts.fit(free, answers_of()).chisq
    got = score_test(pieces, [0, 1, 2])
    assert got.df == 3
    assert abs(got.chisq - gain) < 0.2 * gain + 0.2


def test_releasing_everything_that_ties_a_parameter_moves_it(fit):
    pieces = score_pieces(fit.partable, fit.estimate)
    assert np.abs(score_test(pieces, [0, 1]).epc).max() > 0
    one = score_test(pieces, [0])
    assert one.df == 1
    assert one.chisq <= score_test(pieces, [0, 1]).chisq + 1e-9


def test_releasing_nothing_is_no_test(fit):
    got = score_test(score_pieces(fit.partable, fit.estimate), [])
    assert got.df == 0
    assert np.isnan(got.pvalue)
    assert abs(got.chisq) < 1e-6
