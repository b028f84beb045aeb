"""Agreement with lavaan row by row is in tests/reference/test_partables.py."""

from __future__ import annotations

import math

import numpy as np
import pytest

from truststats.errors import ModelSyntaxError, OptionError
from truststats.model import Model, ParTable, build_partable


def _table(text: str, **options: object) -> ParTable:
    return build_partable(Model.from_text(text), **options)  # type: ignore[arg-type]


def _rows(table: ParTable) -> dict[str, int]:
    return {
        f"{lhs} {op} {rhs}".strip(): at
        for at, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True))
    }


def test_the_columns_are_equally_long():
    table = _table("f =~ x1 + x2 + x3\nf ~ a*z\nb := a^2", meanstructure=True)
    columns = ("lhs", "op", "rhs", "user", "free", "unique", "ustart", "exo", "label")
    assert {len(getattr(table, column)) for column in columns} == {len(table)}


def test_rows_with_one_label_share_a_parameter():
    table = _table("f =~ x1 + a*x2 + a*x3 + x4")
    rows = _rows(table)
    assert table.unique[rows["f =~ x2"]] == table.unique[rows["f =~ x3"]] == 0
    assert table.unique[rows["f =~ x4"]] == 1
    assert max(table.free) == 8
    assert table.npar == 7
    assert table.df == 10 - 7


def test_exogenous_moments_are_neither_parameters_nor_counted():
    table = _table("f =~ y1 + y2 + y3\nf ~ age + sex")
    random = _table("f =~ y1 + y2 + y3\nf ~ age + sex", fixed_x=False)
    assert sum(table.exo) == 3
    assert table.df == random.df == 4
    assert all(math.isnan(s) for s, exo in zip(table.ustart, table.exo, strict=True) if exo)


def test_an_intercept_in_the_text_brings_the_means_in():
    assert not _table("y ~ x").meanstructure
    table = _table("y ~ 1 + x")
    assert table.meanstructure
    assert table.exo[_rows(table)["x ~1"]] == 1


def test_a_covariance_is_written_in_the_order_of_the_variables():
    assert "x1 ~~ x3" in _rows(_table("f =~ x1 + x2 + x3\nx3 ~~ x1"))


def test_defined_parameters_stand_last_and_in_an_order_that_computes():
    table = _table("total := ind + c\ny ~ b*m + c*x\nm ~ a*x\nind := a*b")
    assert table.op[-2:] == (":=", ":=")
    assert table.lhs[-2:] == ("total", "ind")
    assert [name for name, _ in table.defined] == ["ind", "total"]
    assert table.defined[0][1].evaluate({"a": 2.0, "b": 3.0}) == 6.0


def test_a_fixed_value_holds_for_every_row_of_its_label():
    table = _table("y ~ b*x\nz ~ b*x + 0.5*x")
    rows = _rows(table)
    assert table.ustart[rows["y ~ x"]] == table.ustart[rows["z ~ x"]] == 0.5
    assert table.unique[rows["y ~ x"]] == -1


def test_two_fixed_values_under_one_label_are_refused():
    with pytest.raises(ModelSyntaxError, match=r"fixed to 0.3 and to 0.5") as caught:
        _table("y ~ b*x + 0.3*x\nz ~ b*x + 0.5*x")
    assert "two labels" in caught.value.fix


def test_growth_models_have_free_factor_means_and_no_intercepts():
    table = _table("i =~ 1*x1 + 1*x2 + 1*x3\ns =~ 0*x1 + 1*x2 + 2*x3", model_type="growth")
    rows = _rows(table)
    assert table.unique[rows["i ~1"]] >= 0
    assert table.ustart[rows["x1 ~1"]] == 0.0
    assert table.df == 1


def test_bare_models_free_what_the_text_has_and_nothing_else():
    table = _table("f =~ 1*x1 + x2 + x3\nf ~~ f\nx1 ~~ x1", model_type="lavaan")
    rows = _rows(table)
    assert table.ustart[rows["x2 ~~ x2"]] == 0.0
    assert table.npar == 4


def test_groups_stand_after_each_other_and_count_in_the_degrees_of_freedom():
    model = Model.from_text("f =~ x1 + x2 + x3 + x4")
    free = build_partable(model, n_groups=2, group_labels=("a", "b"))
    assert free.group[: len(free) // 2] == (1,) * (len(free) // 2)
    assert (free.df, free.npar, free.n_moments) == (4, 24, 28)
    metric = build_partable(model, n_groups=2, group_equal="loadings")
    assert (metric.df, metric.npar) == (7, 21)
    scalar = build_partable(model, n_groups=2, group_equal=("loadings", "intercepts"))
    assert (scalar.df, scalar.npar) == (10, 18)
    assert build_partable(model, n_groups=2, meanstructure=False).n_moments == 20


def test_equality_constraints_give_degrees_of_freedom_by_their_rank():
    text = "f =~ x1 + a*x2 + b*x3 + c*x4\n"
    assert _table(text).df == 2
    assert _table(text + "a == b; b == a").df == 3
    assert _table(text + "a*b == 1; a == c^2").df == 4
    assert _table(text + "a > 0; b < 3").df == 2
    assert _table(text + "d := a + b; d == 2").df == 3


def test_the_values_of_labels_are_batched_and_complex_safe():
    table = _table("f =~ x1 + a*x2 + b*x3\nd := a + b\nd == 2*a")
    theta = np.arange(2.0 * table.npar).reshape(2, table.npar) + 1j
    known = table.known(theta)
    at = table.labelled
    np.testing.assert_allclose(known["d"], theta[:, at["a"]] + theta[:, at["b"]])
    gap = table.constraints[0].gap.evaluate(known)
    np.testing.assert_allclose(gap, theta[:, at["b"]] - theta[:, at["a"]])
    jacobian = table.gap_jacobian(np.ones(table.npar))
    assert jacobian[0, at["a"]] == -1.0
    assert jacobian[0, at["b"]] == 1.0


def test_the_tightest_bound_of_equal_rows_holds():
    table = _table("f =~ x1 + a*x2 + lower(0)*x2 + a*x3 + lower(0.1)*x3 + upper(2)*x3")
    low, high = table.theta_bounds
    assert (low[table.labelled["a"]], high[table.labelled["a"]]) == (0.1, 2.0)


def test_std_lv_and_coded_loadings_are_two_units():
    with pytest.raises(OptionError, match="together with effect-coded loadings"):
        _table("f =~ x1 + x2 + x3", std_lv=True, effect_coding=True)


def test_an_unknown_set_of_rules_is_named():
    with pytest.raises(OptionError, match="Did you mean 'sem'"):
        _table("y ~ x", model_type="ssem")


def test_cfa_and_sem_have_the_same_rules():
    assert _table("f =~ x1 + x2 + x3", model_type="cfa") == _table("f =~ x1 + x2 + x3")


def test_the_table_is_built_once():
    model = Model.from_text("f =~ x1 + x2 + x3")
    assert build_partable(model) is build_partable(Model.from_text("f =~ x1+x2+x3"))
    assert hash(build_partable(model)) == hash(build_partable(model))
