from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.score import (
    equalities,
    robust_pieces,
    robust_score_test,
    score_pieces,
    score_test,
)


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


def test_a_constraint_of_one_group_stays_with_it_when_an_equality_is_released(models, answers_of):
    data = answers_of()
    data = data.assign(side=np.where(np.arange(len(data)) % 2 == 0, "left", "right"))
    fit = ts.fit(
        models["two_factors"], data, group="side", group_equal="loadings", effect_coding="loadings"
    )
    names, jacobian = equalities(fit.partable, fit.estimate.theta)
    coded = [k for k, name in enumerate(names) if not name.label]
    rows = [k for k, u in enumerate(fit.partable.unique) if u >= 0]
    for k in coded:
        groups = {fit.partable.group[rows[spot]] for spot in np.flatnonzero(jacobian[k])}
        assert len(groups) == 1
    # A factor's loadings sum up in both groups, so that the others hold what one is released from.
    found = score_test(score_pieces(fit.partable, fit.estimate), [coded[0]])
    other = score_test(score_pieces(fit.partable, fit.estimate), [coded[len(coded) // 2]])
    assert found.chisq == pytest.approx(other.chisq, rel=1e-6)


def test_ordinal_items_set_thresholds_and_loadings_apart(answers_of):
    data = answers_of().filter(regex="^inf")
    items = data.rank(pct=True).mul(4).apply(lambda column: column.clip(0.5, 3.5).round())
    items["half"] = np.where(np.arange(len(items)) % 2, "one", "two")
    equal = ["thresholds", "loadings"]
    fit = ts.fit("info =~ inf1 + inf2 + inf3", items, ordered=True, group="half", group_equal=equal)
    pieces = robust_pieces(fit.partable, fit.estimate, "expected")
    assert pieces.meat is not None
    of_cuts = [k for k, name in enumerate(pieces.names) if "|" in name.lhs]
    assert of_cuts
    one, robust = score_test(pieces, of_cuts), robust_score_test(pieces, of_cuts)
    assert one.df == robust.df
    assert 0.3 < robust.chisq / one.chisq < 3.0


def test_robust_tests_count_what_is_identified(models, answers_of):
    data = answers_of()
    data = data.assign(side=np.where(np.arange(len(data)) % 2 == 0, "left", "right"))
    equal = ["loadings", "intercepts"]
    fit = ts.fit(models["two_factors"], data, group="side", group_equal=equal, estimator="MLR")
    pieces = robust_pieces(fit.partable, fit.estimate, "expected")
    every = range(len(pieces.names))
    one, robust = score_test(pieces, every), robust_score_test(pieces, every)
    assert one.df == robust.df < len(pieces.names)
    assert 0.5 < robust.chisq / one.chisq < 2.0
    none = robust_score_test(pieces, [])
    assert none.df == 0
    assert np.isnan(none.pvalue)
