from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH, layout_from_partable
from truststats.inference.candidates import candidates, cell_of, extend
from truststats.model import Model, build_partable


def _names(text, **options):
    return [
        f"{c.lhs}{c.op}{c.rhs}"
        for c in candidates(build_partable(Model.from_text(text), **options))
    ]


def test_fixed_rows_come_first_then_loadings_and_covariances():
    got = _names("f =~ a + b\ng =~ c + d")
    assert got[:2] == ["f=~a", "g=~c"]
    assert got[2:6] == ["f=~c", "f=~d", "g=~a", "g=~b"]
    assert got[6:] == ["a~~b", "a~~c", "a~~d", "b~~c", "b~~d", "c~~d"]


def test_the_value_of_a_fixed_row():
    table = build_partable(Model.from_text("f =~ a + 0.8*b + c"))
    assert [c.value for c in candidates(table)][:2] == [1.0, 0.8]


def test_regressions_are_among_variables_of_regressions():
    got = _names("c ~ a + b\nd ~ c", fixed_x=False)
    assert {"c~d", "d~a", "d~b", "a~c", "a~b", "b~a"} <= set(got)
    assert not any("=~" in name for name in got)


def test_nothing_points_at_a_fixed_exogenous_variable():
    got = _names("c ~ a + b\nd ~ c")
    assert not any(name.startswith(("a~", "b~")) for name in got)
    assert "d~a" in got


def test_an_indicator_in_a_regression_gets_no_further_loading():
    got = _names("f =~ a + b + c\ng =~ d + e + h\nf ~ x\nc ~ x")
    assert "g=~c" not in got
    assert "c~f" not in got
    assert "g=~a" in got


def test_a_covariance_in_either_order_is_there():
    assert "a~~b" not in _names("f =~ a + b + c\nb ~~ a")


def test_latent_means_are_fixed_rows():
    assert "f~1" in _names("f =~ a + b + c", meanstructure=True)


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (("f", "=~", "a"), (PATH, 0, 2)),
        (("a", "~", "b"), (PATH, 0, 1)),
        (("b", "~~", "a"), (COVARIANCE, 1, 0)),
        (("b", "~1", ""), (INTERCEPT, 1, 0)),
    ],
)
def test_cells(row, cell):
    assert cell_of(row, ("a", "b", "f")) == cell


def test_extending_keeps_the_parameters_that_are_there():
    layout = layout_from_partable(build_partable(Model.from_text("f =~ a + b + c")))
    wider = extend(layout, [(COVARIANCE, 0, 1)], np.array([layout.q]), layout.q + 1)
    assert wider.q == layout.q + 1
    np.testing.assert_array_equal(wider.par[:-1], layout.par)
    assert (wider.kind[-1], wider.row[-1], wider.col[-1]) == (COVARIANCE, 0, 1)


def test_of_ordinal_items_what_the_parameterisation_estimates():
    options = {"ordered": (("a", 3), ("b", 3), ("c", 3)), "n_groups": 1}
    delta = _names("f =~ a + b + c", **options, parameterization="delta")
    theta = _names("f =~ a + b + c", **options, parameterization="theta")
    assert {"a~*~a", "b~*~b"} <= set(delta)
    assert "a~~a" not in delta
    assert {"a~~a", "b~~b"} <= set(theta)
    assert not any("~*~" in name for name in theta)
    assert "a|t2" in _names("f =~ a + b + c\na | t1 + 0.5*t2", **options)
