from __future__ import annotations

import pytest

from truststats.errors import IdentificationError
from truststats.model import Model, build_partable, check_identified

FACTOR = "f =~ x1 + x2 + x3 + x4"
FREE = "f =~ NA*x1 + x2 + x3 + x4\n"


def _check(text: str, **options: object) -> None:
    table = build_partable(Model.from_text(text), **{"n_groups": 2, **options})  # type: ignore[arg-type]
    check_identified(table)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (FACTOR, {}),
        (FACTOR, {"group_equal": ("loadings", "intercepts")}),
        (FACTOR, {"std_lv": True, "group_equal": "loadings"}),
        (FACTOR, {"effect_coding": True}),
        (FREE + "f ~~ c(1, NA)*f", {"group_equal": "loadings"}),
        ("f =~ NA*x1 + a*x1 + x2 + x3 + x4\nf ~~ c(1, NA)*f", {}),
        ("f =~ NA*x1 + c(a, b)*x1 + x2 + x3 + x4\na == 1; b == 1", {}),
        (FACTOR + "\nf ~ c(0, NA)*1\nx1 ~ c(i, i)*1", {}),
        ("i =~ 1*x1 + 1*x2 + 1*x3\ns =~ 0*x1 + 1*x2 + 2*x3", {"model_type": "growth"}),
    ],
)
def test_a_group_may_have_its_unit_and_origin_from_another(text: str, options: dict[str, object]):
    _check(text, **options)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (FREE, {}, "'f' has no unit in group 1"),
        (FREE, {"group_equal": "loadings"}, "'f' has no unit in group 1"),
        (FREE + "f ~~ c(1, NA)*f", {}, "'f' has no unit in group 2 (b)"),
        (FACTOR + "\nf ~ 1", {}, "the mean of 'f' has no origin in group 1"),
        (FACTOR + "\nf ~ c(0, NA)*1", {}, "the mean of 'f' has no origin in group 2"),
        (FACTOR + "\nf ~ 1", {"group_equal": ("loadings", "intercepts")}, "has no origin"),
        ("f =~ x1 + c(NA, 1)*x2\nx3 ~ f", {"group_equal": "residuals"}, ""),
        ("f =~ c(NA, 1)*x1 + c(NA, 1)*x2\nf ~~ c(1, NA)*f", {}, "two indicators and no tie"),
    ],
)
def test_what_no_group_identifies_is_refused(text: str, options: dict[str, object], words: str):
    if not words:
        _check(text, **options)
        return
    with pytest.raises(IdentificationError) as caught:
        _check(text, group_labels=("a", "b"), **options)
    assert words in str(caught.value)
    assert caught.value.fix


def test_a_group_cannot_have_more_parameters_than_moments():
    crowded = "x1 ~~ x2\nx1 ~~ x3\nx2 ~~ x3\n"
    first = "group: 1\nf =~ 1*x1 + 1*x2 + 1*x3\nx1 ~ 0*1\nx2 ~ 0*1\n"
    text = f"{first}group: 2\nf =~ x1 + x2 + x3\n{crowded}"
    with pytest.raises(IdentificationError, match=r"group 2 has 12 parameters of its own for 9"):
        _check(text)


def test_a_free_mean_without_origin_in_one_group_is_refused():
    with pytest.raises(IdentificationError, match="the mean of 'f' has no origin\n"):
        _check(FACTOR + "\nf ~ 1", n_groups=1)
    _check(FACTOR + "\nf ~ 1\nx1 ~ 0*1", n_groups=1)
