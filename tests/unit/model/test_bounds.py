"""Agreement with lavaan row by row is in tests/reference/test_partables_groups.py."""

from __future__ import annotations

import numpy as np
import pytest

from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.model import Model, build_partable, needs_variances, with_bounds

MODEL = Model.from_text("f =~ x1 + x2 + x3\nx2 ~~ lower(-1)*x2")


def test_variances_stay_positive_and_bounds_of_the_text_stand():
    table = build_partable(MODEL, bounds="pos_var")
    low = {
        f"{a}{b}{c}": v
        for a, b, c, v in zip(table.lhs, table.op, table.rhs, table.lower, strict=True)
    }
    assert (low["x1~~x1"], low["f~~f"], low["x2~~x2"], low["f=~x2"]) == (0.0, 0.0, -1.0, -np.inf)


def test_standard_bounds_wait_for_the_sample():
    table = build_partable(MODEL, bounds="standard")
    assert needs_variances("standard")
    assert not needs_variances(None)
    assert table == build_partable(MODEL)
    bounded = with_bounds(table, "standard", [np.array([4.0, 1.0, 9.0])])
    assert bounded.upper[table.rhs.index("x3")] == pytest.approx(np.sqrt(9.0 / 0.4))
    with pytest.raises(DataError, match="variances of 1 groups, not of 0"):
        with_bounds(table, "standard")


def test_bounds_that_cannot_be_checked_are_refused():
    with pytest.raises(OptionError, match="Did you mean 'standard'"):
        build_partable(MODEL, bounds="standart")
    with pytest.raises(NotSupportedError, match="together with effect coding"):
        build_partable(MODEL, bounds="pos.var", effect_coding=True)
    with pytest.raises(NotSupportedError, match="variance of a factor is free"):
        build_partable(MODEL, bounds="pos.var", std_lv=True, n_groups=2, group_equal="loadings")
