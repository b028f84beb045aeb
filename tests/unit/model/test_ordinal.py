"""Agreement with lavaan row by row is in tests/reference/test_golden_ordinal.py."""

from __future__ import annotations

import pytest

from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model import Model, ParTable, build_partable
from truststats.model.ordinal import levels_of_text

TEXT = "f =~ x1 + x2 + x3 + x4"
LEVELS = {"x1": 2, "x2": 3, "x3": 5, "x4": 4}


def table(text: str = TEXT, **options: object) -> ParTable:
    options = {"ordered": LEVELS, **options}
    return build_partable(Model.from_text(text), **options)  # type: ignore[arg-type]


def free_rows(made: ParTable, op: str, group: int) -> list[str]:
    rows = zip(made.lhs, made.op, made.rhs, made.unique, made.group, strict=True)
    return [lhs for lhs, o, rhs, u, g in rows if o == op and g == group and u >= 0 and rhs != "f"]


def test_thresholds_and_units_are_added():
    made = table()
    assert made.op.count("|") == 1 + 2 + 4 + 3
    assert made.levels == tuple(LEVELS.items())
    assert free_rows(made, "~*~", 1) == []
    assert free_rows(made, "~~", 1) == []
    assert made.n_moments == 10 + 6
    assert made.df == 2


@pytest.mark.parametrize(("kind", "op"), [("delta", "~*~"), ("theta", "~~")])
def test_equal_thresholds_free_units_of_items_with_three_categories(kind, op):
    made = table(n_groups=2, group_equal=["thresholds", "loadings"], parameterization=kind)
    assert free_rows(made, op, 2) == ["x2", "x3", "x4"]
    assert free_rows(made, "~1", 2) == ["x1", "x2", "x3", "x4"]
    assert free_rows(made, op, 1) == []


def test_equal_intercepts_free_the_mean_and_the_unit_of_a_binary_item():
    made = table(n_groups=2, group_equal=["thresholds", "loadings", "intercepts"])
    assert free_rows(made, "~*~", 2) == ["x1", "x2", "x3", "x4"]
    assert free_rows(made, "~1", 2) == ["f"]


def test_equal_residuals_keep_units_but_those_of_group_partial():
    made = table(
        n_groups=2, group_equal=["thresholds", "loadings", "residuals"],
        group_partial=["x3~~x3"], parameterization="theta",
    )  # fmt: skip
    assert free_rows(made, "~~", 2) == ["x3"]
    with pytest.raises(NotSupportedError, match="theta"):
        table(n_groups=2, group_equal=["residuals"])


def test_intercepts_alone_free_no_mean():
    made = table(n_groups=2, group_equal=["loadings", "intercepts"])
    assert free_rows(made, "~1", 2) == []


def test_text_may_name_label_and_fix_thresholds():
    made = table(TEXT + "\nx3 | a*t1 + 0.5*t2\nx2 ~*~ 0.9*x2")
    at = made.label.index("a")
    assert (made.lhs[at], made.op[at], made.rhs[at]) == ("x3", "|", "t1")
    assert made.op.count("|") == 10
    assert 0.5 in made.ustart
    assert levels_of_text(Model.from_text(TEXT + "\nx3 | t1 + t3").statements) == {"x3": 4}
    assert str(Model.from_text("f =~ x1 + x2\nx1 | t1 + t2\nx1 ~*~ 1*x1")).count("|") == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x1 | z", "z is not a threshold"),
        ("x1 ~*~ x2", "a scaling factor of x1 and x2"),
        ("z | t1", "no other part in the model"),
    ],
)
def test_what_is_no_threshold_is_refused(text, words):
    with pytest.raises(ModelSyntaxError, match=words) as caught:
        Model.from_text(f"{TEXT}\n{text}")
    assert "line 2" in caught.value.where


def test_what_follows_from_others_cannot_be_given():
    with pytest.raises(NotSupportedError, match="delta"):
        table(TEXT + "\nx1 ~~ 1*x1")
    with pytest.raises(NotSupportedError, match="theta"):
        table(TEXT + "\nx1 ~*~ 1*x1", parameterization="theta")
    with pytest.raises(ModelSyntaxError, match="no threshold t2"):
        table(TEXT + "\nx1 | t2")
