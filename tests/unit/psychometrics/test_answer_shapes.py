from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import skew

from truststats.psychometrics.answer_shapes import answer_shapes, barriers, signs


def _rows(n=400, codes=5, p=6, *, cuts=None, seed=1):
    rng = np.random.default_rng(seed)
    cuts = np.linspace(-1.5, 1.5, codes - 1) if cuts is None else cuts
    return np.searchsorted(cuts, rng.normal(size=(n, p))).astype(float) + 1.0


def test_numbers_by_hand():
    rows = np.array([[1, 5, np.nan], [1, 4, 2], [1, np.nan, 2], [2, 5, np.nan], [np.nan] * 3])
    got = answer_shapes(rows)
    assert got.n == 4
    assert got.answered.tolist() == [4, 3, 2]
    assert got.categories.tolist() == [2, 2, 1]
    assert got.end == pytest.approx([0.75, 2 / 3, 1.0])
    assert got.skewness[:2] == pytest.approx([skew([1, 1, 1, 2]), skew([5, 4, 5])])
    assert np.isnan(got.skewness[2])
    assert got.least_pair == 1
    assert got.missing == pytest.approx(3 / 12)


def test_five_points_that_are_not_piled_up_are_numbers():
    got = answer_shapes(_rows())
    assert signs(got) == ()
    assert barriers(got) == ()


def test_one_item_of_four_categories_is_enough():
    rows = _rows()
    rows[:, 2] = np.minimum(rows[:, 2], 4.0)
    assert signs(answer_shapes(rows)) == ("few_categories",)


def test_a_category_nobody_uses_does_not_count():
    rows = _rows()
    rows[rows == 3.0] = 4.0
    assert signs(answer_shapes(rows)) == ("few_categories",)


def test_a_quarter_of_the_items_must_be_piled_up():
    piled = _rows(p=8, cuts=np.array([-2.0, -1.5, -1.0, -0.5]))
    rows = _rows(p=8)
    rows[:, :1] = piled[:, :1]
    assert signs(answer_shapes(rows)) == ()
    rows[:, 1:2] = piled[:, 1:2]
    assert signs(answer_shapes(rows)) == ("piled_up",)


def test_few_people():
    assert barriers(answer_shapes(_rows(199))) == ("few_people",)
    assert barriers(answer_shapes(_rows(200))) == ()
    assert barriers(answer_shapes(_rows(60))) == ("few_people",)


def test_thin_pairs_and_missing_answers():
    rows = _rows(400, p=2)
    rows[:150, 0] = rows[250:, 1] = np.nan
    assert barriers(answer_shapes(rows)) == ("many_missing",)
    rows[:151, 0] = np.nan
    assert barriers(answer_shapes(rows)) == ("thin_pairs", "many_missing")
    whole = _rows(400, p=10)
    whole[:40] = np.where(np.arange(10) > 0, np.nan, whole[:40])
    assert barriers(answer_shapes(whole)) == ()


@pytest.mark.parametrize("shape", [(0, 3), (5, 0)])
def test_nothing_at_all(shape):
    got = answer_shapes(np.full(shape, np.nan))
    assert got.n == 0
    assert got.missing == 0.0
    assert signs(got) == ()
