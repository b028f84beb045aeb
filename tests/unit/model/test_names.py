from __future__ import annotations

from truststats.model import parse
from truststats.model.names import names_of


def test_each_variable_has_its_part():
    names = names_of(
        parse(
            "f =~ x1 + x2 + x3\ng =~ y1 + y2\ng ~ f + age\nu ~ g\ns ~ u\nw ~~ x1\nt ~ 1\n"
            "h =~ g\nsex ~~ sex\ng ~ sex"
        )
    )
    assert names.lv == ("f", "g", "h")
    assert names.ov == ("x1", "x2", "x3", "y1", "y2", "u", "s", "age", "sex", "w", "t")
    assert names.ov_ind == ("x1", "x2", "x3", "y1", "y2")
    assert names.ov_y == ("s",)
    assert names.ov_x == ("age",), "sex is random because the text gives it a variance"
    assert names.lv_x == ("f", "h")
    assert names.lv_y == (), "g is an outcome, but also a predictor and an indicator"


def test_defined_parameters_are_not_variables():
    assert names_of(parse("y ~ a*x\nb := a*2")).ov == ("y", "x")
