from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from truststats.errors import DataError, OptionError
from truststats.survey.audit import recoverable
from truststats.survey.disclosure import dominated, mean_digits, suppress


def test_a_total_minus_the_shown_units_reveals_nothing():
    units = pd.Series({"north": 3, "south": 12, "east": 20, "west": 40})
    result = suppress(units)
    assert result.counts.isna().tolist() == [True, True, False, False, False]
    assert (result.n_primary, result.n_complementary) == (1, 1)
    assert result.counts["Total"] == 75
    assert recoverable(result) == []


def test_one_way_hidden_cells_together_are_no_small_group():
    result = suppress(pd.Series({"a": 1, "b": 2, "c": 30, "d": 9}))
    assert result.counts.isna().tolist() == [True, True, False, True, False]


def test_one_way_total_goes_when_nothing_else_is_left():
    result = suppress(pd.Series({"a": 2, "b": 0}))
    assert result.counts.isna().tolist() == [True, False, True]
    assert recoverable(result, at_least=1) == []


def test_ones_that_add_up_to_their_number_are_no_secret():
    """Five hidden people in five cells, none empty: each cell holds one."""
    result = suppress(pd.Series([1, 1, 1, 1, 1, 9, 9], index=list("abcdefg")))
    assert result.counts.isna().sum() == 6


def test_two_way_table():
    table = pd.DataFrame(
        [[20, 3, 12], [15, 18, 14], [30, 22, 25]],
        index=["school", "care", "office"],
        columns=["low", "mid", "high"],
    )
    result = suppress(table)
    assert result.n_primary == 1
    assert result.n_complementary == 3, "the smallest rectangle through the hidden cell"
    assert recoverable(result) == []
    assert recoverable(result, at_least=1) == []
    assert result.counts.loc["Total", "Total"] == 159


def test_nothing_small_nothing_hidden():
    result = suppress(pd.DataFrame([[5, 6], [7, 0]]))
    assert not result.hidden.to_numpy().any()
    assert suppress(pd.DataFrame([[5, 6], [7, 0]]), zeros=True).hidden.to_numpy().any()


@settings(max_examples=60, deadline=None)
@given(
    cells=arrays(
        np.int64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=st.integers(0, 14)
    ),
    zeros=st.booleans(),
)
def test_no_hidden_cell_of_any_table_can_be_worked_out(cells, zeros):
    result = suppress(pd.DataFrame(cells), zeros=zeros)
    assert recoverable(result) == []
    assert recoverable(result, at_least=0 if zeros else 1) == []
    shown = result.counts.to_numpy()
    small = shown[~np.isnan(shown)]
    assert not ((small < 5) & ((small > 0) | zeros)).any()


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.integers(0, 14), min_size=1, max_size=9), zeros=st.booleans())
def test_no_hidden_cell_of_any_line_can_be_worked_out(cells, zeros):
    result = suppress(pd.Series(cells), zeros=zeros)
    assert recoverable(result) == []
    assert recoverable(result, at_least=0 if zeros else 1) == []


@settings(max_examples=60, deadline=None)
@given(
    cells=arrays(
        np.int64, st.tuples(st.integers(2, 6), st.integers(2, 5)), elements=st.integers(0, 14)
    )
)
def test_hidden_cells_of_a_line_are_no_small_group(cells):
    result = suppress(pd.DataFrame(cells))
    full = pd.DataFrame(cells)
    full["Total"] = full.sum(axis=1)
    full.loc["Total"] = full.sum()
    hidden = result.hidden.to_numpy()
    rows = zip(full.to_numpy(), hidden, strict=True)
    columns = zip(full.to_numpy().T, hidden.T, strict=True)
    for line, mask in (*rows, *columns):
        if mask[:-1].any() and not mask[-1]:
            assert line[:-1][mask[:-1]].sum() >= 5


def test_hide_takes_the_same_cells_out_of_other_numbers():
    units = pd.Series({"north": 3, "south": 12, "east": 20})
    result = suppress(units)
    means = pd.Series({"north": 3.1, "south": 3.9, "east": 4.2})
    assert result.hide(means).isna().tolist() == [True, True, False]
    assert result.shown().tolist() == ["–", "–", "20", "35"]


@pytest.mark.parametrize("cell", [np.nan, -1, 2.5])
def test_only_counts(cell):
    with pytest.raises(DataError, match="only whole numbers from zero up"):
        suppress(pd.Series([cell, 10.0]))


def test_min_n_is_positive():
    with pytest.raises(OptionError, match="min_n=0 must be 1 or more"):
        suppress(pd.Series([1]), min_n=0)


def test_other_sensitive_cells_are_hidden_too():
    units = pd.Series({"north": 12, "south": 20, "east": 40})
    result = suppress(units, also=pd.Series([True, False, False], units.index))
    assert result.counts.isna().tolist() == [True, True, False, False]


def test_dominance():
    assert dominated([30])
    assert dominated([30, 30])
    assert not dominated([10, 10, 10])
    assert dominated([90, 1, 1, 1])
    assert not dominated([50, 30, 20], n=1, k=0.5)
    assert not dominated([])


def test_digits_of_a_mean():
    assert mean_digits(np.array([3, 9, 10, 99, 100, 5000])).tolist() == [0, 0, 1, 1, 2, 2]
