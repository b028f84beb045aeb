from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.layout import (
    COVARIANCE,
    INTERCEPT,
    PATH,
    layout_from_partable,
    saturated_layout,
)
from truststats.model import Model, build_partable


def _layout(text, **options):
    return layout_from_partable(build_partable(Model.from_text(text), **options))


def _cells(layout):
    """Free cells as (kind, row, column, parameter), by name."""
    kind = {PATH: "path", COVARIANCE: "cov", INTERCEPT: "mean"}
    return {
        (kind[k], layout.nodes[i], layout.nodes[j] if k != INTERCEPT else "", int(par))
        for k, i, j, par in zip(layout.kind, layout.row, layout.col, layout.par, strict=True)
    }


def test_a_loading_is_an_arrow_from_the_factor():
    layout = _layout("f =~ a + b + c")
    assert layout.nodes == ("a", "b", "c", "f")
    assert (layout.p, layout.m, layout.q) == (3, 4, 6)
    assert _cells(layout) == {
        ("path", "b", "f", 0), ("path", "c", "f", 1), ("cov", "a", "a", 2), ("cov", "b", "b", 3),
        ("cov", "c", "c", 4), ("cov", "f", "f", 5),
    }  # fmt: skip
    assert layout.b0[0, 3] == 1.0
    assert np.count_nonzero(layout.b0) == 1
    assert not layout.has_means


def test_a_regression_is_an_arrow_to_its_left_side():
    layout = _layout("y ~ 0.3*x + b*z")
    assert ("path", "y", "z", 0) in _cells(layout)
    at = {name: k for k, name in enumerate(layout.nodes)}
    assert layout.b0[at["y"], at["x"]] == 0.3


def test_fixed_covariances_fill_both_halves():
    layout = _layout("f =~ a + b + c\na ~~ 0.2*b\na ~~ 1*a")
    assert layout.psi0[0, 1] == layout.psi0[1, 0] == 0.2
    assert layout.psi0[0, 0] == 1.0


def test_intercepts_switch_the_means_on():
    layout = _layout("f =~ a + b + c\na ~ 2*1")
    assert layout.has_means
    assert layout.alpha0[0] == 2.0
    assert {cell[1] for cell in _cells(layout) if cell[0] == "mean"} == {"b", "c"}


def test_exogenous_moments_are_left_to_the_sample():
    layout = _layout("y ~ x + z", meanstructure=True)
    names = [{layout.nodes[i], layout.nodes[j]} for i, j in layout.x_cells]
    assert names == [{"x"}, {"x", "z"}, {"z"}]
    assert [layout.nodes[i] for i in layout.x_means] == ["x", "z"]
    assert not len(_layout("y ~ x", fixed_x=False).x_cells)


def test_equal_labels_share_a_parameter():
    layout = _layout("f =~ a + k*b + k*c")
    assert layout.n_cells == layout.q + 1
    assert not layout.one_to_one
    pick = layout.selector
    assert pick.shape == (layout.n_cells, layout.q)
    np.testing.assert_array_equal(pick.sum(axis=1), 1.0)
    np.testing.assert_array_equal(pick.sum(axis=0), [2, 1, 1, 1, 1])


def test_defined_parameters_are_no_cells():
    assert _layout("y ~ a*x\nz ~ b*y\nab := a*b").q == _layout("y ~ a*x\nz ~ b*y").q


def test_halves():
    layout = _layout("f =~ a + b + c\na ~~ b", meanstructure=True)
    for kind, row, col, half in zip(
        layout.kind, layout.row, layout.col, layout.halves, strict=True
    ):
        if kind == INTERCEPT:
            assert half == 0.0
        else:
            assert half == (0.5 if kind == COVARIANCE and row == col else 1.0)


def test_a_model_without_free_parameters():
    layout = _layout("y ~ 1*x\ny ~~ 1*y")
    assert (layout.q, layout.n_cells) == (0, 0)


@pytest.mark.parametrize("means", [False, True])
def test_saturated_layout_runs_down_the_lower_triangle(means):
    layout = saturated_layout(("a", "b", "c"), has_means=means)
    assert layout.q == 6 + 3 * means
    np.testing.assert_array_equal(layout.row[:6], [0, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(layout.col[:6], [0, 0, 1, 0, 1, 2])
    assert (layout.kind[:6] == COVARIANCE).all()
    assert (layout.kind[6:] == INTERCEPT).all()
    assert layout.one_to_one
