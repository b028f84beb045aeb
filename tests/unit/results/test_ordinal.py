from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.results.ordinal import about_answers

TEXT = "f =~ a + b + c"


def _frame(codes=5, *, ceiling=0.0, n=300, seed=0):
    """Three items in `codes` equally likely categories; `a` with a share at the top."""
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=n)
    items = {}
    for name in "abc":
        rank = (factor + rng.normal(size=n)).argsort().argsort()
        items[name] = 1.0 + np.floor(rank * codes / n)
    frame = pd.DataFrame(items)
    frame.loc[frame["a"] > codes * (1 - ceiling), "a"] = float(codes)
    return frame


def _problem(frame, **options):
    found = about_answers(ts.fit(TEXT, frame, **options))
    return found[0] if found else None


def test_few_categories_are_a_note():
    problem = _problem(_frame())
    assert problem.code == "ordinal_as_continuous"
    assert problem.severity == "note"
    assert problem.count == 3
    assert problem.where == "a, b, c"
    assert "3 items with 7 or fewer" in problem.message


def test_a_ceiling_is_a_warning():
    problem = _problem(_frame(ceiling=0.6))
    assert problem.severity == "warning"
    assert "In 1 of them" in problem.message
    assert "(a)" in problem.message


@pytest.mark.parametrize(("share", "severity"), [(0.29, "note"), (0.32, "warning")])
def test_a_ceiling_begins_at_thirty_percent(share, severity):
    frame = _frame()
    order = frame["a"].argsort().to_numpy()
    frame.loc[order[-round(share * len(frame)) :], "a"] = 5.0
    frame.loc[order[: -round(share * len(frame))], "a"] = np.tile([1.0, 2, 3, 4], 60)[
        : len(frame) - round(share * len(frame))
    ]
    assert _problem(frame).severity == severity


def test_a_floor_is_a_warning():
    frame = 6 - _frame(ceiling=0.6)
    assert _problem(frame).severity == "warning"


@pytest.mark.parametrize("codes", [3, 7])
def test_up_to_seven_categories(codes):
    assert _problem(_frame(codes)) is not None


def test_more_categories_count_as_continuous():
    assert _problem(_frame(8)) is None


def test_two_categories_are_no_scale():
    problem = _problem(_frame().assign(a=lambda d: (d["a"] > 2).astype(float)))
    assert problem.where == "b, c"


def test_fractions_are_no_categories():
    assert _problem(_frame() + 0.5) is None
    late = _frame()
    late.loc[290, "a"] = 3.5  # beyond the rows looked at first
    assert _problem(late).where == "b, c"


def test_missing_answers_are_no_category():
    frame = _frame()
    frame.loc[:40, "b"] = np.nan
    assert _problem(frame, missing="ml").where == "a, b, c"


def test_a_covariance_matrix_says_nothing():
    frame = _frame()
    assert about_answers(ts.fit(TEXT, sample_cov=frame.cov(), sample_nobs=300)) == []


def test_it_stands_among_the_problems_of_a_fit():
    fit = ts.fit(TEXT, _frame())
    assert "ordinal_as_continuous" in {problem.code for problem in fit.problems}
    assert fit.admissible


def test_a_code_that_stands_apart_is_a_warning():
    frame = _frame()
    frame.loc[:14, "a"] = 9.0
    found = about_answers(ts.fit(TEXT, frame))
    assert [problem.code for problem in found] == ["isolated_code", "ordinal_as_continuous"]
    assert "a (9)" in found[0].message
    assert found[0].count == 1


def test_a_gap_of_nothing_is_no_warning():
    codes = [problem.code for problem in about_answers(ts.fit(TEXT, _frame()))]
    assert "isolated_code" not in codes


@pytest.mark.parametrize(
    ("swap", "told"),
    [({5.0: 9.0}, "a (9)"), ({1.0: -9.0}, "a (-9)"), ({5.0: 4.0}, ""), ({1.0: 0.0}, "a (0)")],
)
@pytest.mark.parametrize("ordered", [False, True])
def test_codes_that_stand_apart_are_told_of_ordered_items_too(swap, told, ordered):
    frame = _frame()
    frame["a"] = frame["a"].replace(swap)
    found = ts.fit(TEXT, frame, ordered=ordered).problems
    assert [p.where for p in found if p.code == "isolated_code"] == ([told] if told else [])


def test_a_third_code_stands_apart_when_it_is_far():
    frame = _frame(3)
    for code, codes in ((9.0, ["isolated_code"]), (4.0, [])):
        other = frame.assign(a=frame["a"].replace({3.0: code}))
        assert [p.code for p in about_answers(ts.fit(TEXT, other, ordered=True))] == codes
