"""The value itself; how it is made is in test_partable.py."""

from __future__ import annotations

import numpy as np

from truststats.model import Model, build_partable


def test_a_table_knows_its_size_and_its_labels():
    made = build_partable(Model.from_text("f =~ x1 + a*x2 + a*x3 + x4\nb := 2 * a"))
    assert made.npar == 7
    assert made.n_moments == 10
    assert made.df == 3
    known = made.known(np.arange(1.0, 8.0))
    assert known["b"] == 2.0 * known["a"]
    again = build_partable(Model.from_text("f =~ x1 + a*x2 + a*x3 + x4\nb := 2 * a"))
    assert hash(made) == hash(again)


def test_bounds_of_rows_that_share_a_value_are_the_tightest():
    made = build_partable(Model.from_text("f =~ x1 + a*lower(0)*x2 + a*lower(0.2)*x3"))
    low, high = made.theta_bounds
    assert low.max() == 0.2
    assert np.isinf(high).all()
