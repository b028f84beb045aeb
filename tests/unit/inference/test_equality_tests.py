"""Tests of single equalities are those of releasing them one by one."""

from __future__ import annotations

import pytest

import truststats as ts
from truststats.inference.equality_tests import equality_pieces, equality_test
from truststats.inference.score import (
    robust_pieces,
    robust_score_test,
    score_pieces,
    score_test,
)


@pytest.fixture(scope="module")
def fit(models, answers_of):
    return ts.fit(models["equal_labels"], answers_of())


def test_single_equalities_are_tested_as_by_releasing_them(fit):
    pieces = score_pieces(fit.partable, fit.estimate)
    quick = equality_pieces(pieces)
    for release in ([0], [1], [0, 2], [0, 1, 2]):
        one, two = score_test(pieces, release), equality_test(quick, release)
        assert two.chisq == pytest.approx(one.chisq, rel=1e-8, abs=1e-9)
        assert two.df == one.df


def test_robust_tests_too(fit):
    pieces = robust_pieces(fit.partable, fit.estimate, "expected")
    quick = equality_pieces(pieces)
    for release in ([0], [1], [0, 2], [0, 1, 2]):
        one, two = robust_score_test(pieces, release), equality_test(quick, release)
        assert two.chisq == pytest.approx(one.chisq, rel=1e-8)
        assert two.df == one.df


def test_what_the_data_do_not_identify_is_not_counted(groups_apart):
    fit = ts.fit(
        "f =~ x1 + x2 + x3", groups_apart, group="g", group_equal=["loadings", "intercepts"]
    )
    quick = equality_pieces(score_pieces(fit.partable, fit.estimate))
    rows = [k for k, name in enumerate(quick.names) if "~1" in name.lhs]
    # with all intercepts free the means of the factor in two groups are not identified
    assert equality_test(quick, rows).df == len(rows) - 2
