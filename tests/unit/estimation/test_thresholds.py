"""Categories, what is refused, and thresholds by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from truststats.errors import DataError
from truststats.estimation.thresholds import counts, encode, threshold_influence, thresholds


def test_codes_count_from_zero_and_mark_holes() -> None:
    codes = encode(np.array([[2.0, 0.0], [4.0, 1.0], [9.0, np.nan]]), ["a", "b"])
    assert codes.values.tolist() == [[0, 0], [1, 1], [2, 3]]
    assert codes.levels[0].tolist() == [2.0, 4.0, 9.0]
    assert codes.incomplete
    assert counts(codes).tolist() == [[1, 1, 1], [1, 1, 0]]


def test_what_is_refused() -> None:
    with pytest.raises(DataError, match="The item b has one category only"):
        encode(np.array([[1.0, 3.0], [2.0, 3.0]]), ["a", "b"])
    with pytest.raises(DataError, match="no answers"):
        encode(np.array([[1.0, np.nan], [2.0, np.nan]]), ["a", "b"])
    with pytest.raises(DataError, match="31 different values"):
        encode(np.arange(31.0)[:, None], ["a"])
    with pytest.raises(DataError, match="Nobody chose 2 of the item a") as caught:
        encode(np.array([[1.0], [3.0]]), ["a"], [np.array([1.0, 2.0, 3.0])])
    assert "replace({2: 1})" in caught.value.fix


def test_thresholds_and_what_moves_them() -> None:
    answers = np.repeat([0.0, 1.0, 2.0], [20, 50, 30])[:, None]
    codes = encode(answers, ["a"])
    numbers = counts(codes)
    taus = thresholds(codes, numbers)
    assert taus[0] == pytest.approx(norm.ppf([0.2, 0.7]))
    moves = threshold_influence(taus, numbers)
    # a share moves by (1 - share) / N or -share / N, its quantile by that over the density
    below = np.array([[1, 1], [0, 1], [0, 0]])
    assert moves[0, :3] == pytest.approx((below - [0.2, 0.7]) / norm.pdf(taus[0]) / 100)
    assert (moves[0, 3] == 0.0).all()


def test_answers_that_differ_by_rounding_are_refused() -> None:
    rows = np.array([[1.0], [2.0], [2.0 + 1e-12], [3.0]] * 5)
    with pytest.raises(DataError, match=r"differ by rounding only: 2.0 and 2.000000000001"):
        encode(rows, ["a"])
    assert encode(rows.round(6), ["a"]).width == 3
    assert encode(np.array([[1.5], [1.75], [2.0]]), ["a"]).width == 3
