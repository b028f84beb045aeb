from __future__ import annotations

from typing import Any

import pytest

from truststats.errors import IdentificationError
from truststats.model import Model, build_partable, check_identified

CFA = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3\n"


def _check(text: str, **options: Any) -> None:
    check_identified(build_partable(Model.from_text(text), **options))


@pytest.mark.parametrize(
    "text",
    [
        CFA,
        "y ~ x",
        "f =~ x1 + x2 + x3",
        "f =~ x1 + x2\ng =~ y1 + y2",
        CFA + "g ~ f",
        "f =~ NA*x1 + x2 + x3\nf ~~ 1*f",
        "f =~ NA*x1 + x2 + x3\nf ~~ NA*f\ny ~ 1*f\ny2 ~ f",
        "f =~ a*x1 + NA*x1 + b*x2\nf ~~ 1*f\ng =~ NA*y1 + a*y1 + b*y2\ng ~~ NA*g",
        "f =~ y1\ng =~ x1 + x2 + x3\nf ~ g",
        "f =~ y1\ny1 ~~ 0.3*y1\ng =~ x1 + x2 + x3\nf ~ g",
        "y1 ~ x1 + y2\ny2 ~ x2 + y1",
        "m =~ a1 + a2\ns =~ a3 + a4\nd =~ a5 + a6\naut =~ m + s + d",
        "f =~ 1*x1 + 1*x2\ny ~ z",
        CFA + "p =~ 0*x1\np ~~ 1*p\nf ~ p\ng ~ p",
    ],
)
@pytest.mark.parametrize("meanstructure", [False, True])
def test_models_that_can_be_estimated_pass(text: str, meanstructure: bool):
    _check(text, meanstructure=meanstructure)


def test_std_lv_gives_a_unit():
    _check(CFA, std_lv=True)


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("y ~ y + x", "'y' is regressed on itself", "y ~~ y"),
        ("f =~ f + x1 + x2", "'f' is measured by itself", "delete this term"),
        (CFA + "x1 ~ f", "the effect of 'f' on 'x1' is in the model twice", "delete one"),
        ("f =~ g\ng =~ f", "'f', 'g' measured by latent variables only", "f =~ item1"),
        (
            "f =~ NA*x1 + x2 + x3\ng =~ y1 + y2 + y3",
            "the latent variable 'f' has no unit",
            "f =~ 1*x1",
        ),
        (
            "f =~ 0*x1 + x2 + x3 + x4",
            "the latent variable 'f' has no unit",
            "f ~~ 1*f",
        ),
        (
            "f =~ y1\ng =~ x1 + x2 + x3\ny1 ~~ y1",
            "the variance of 'y1' cannot be divided",
            "y1 ~~ 0*y1",
        ),
        (
            "f =~ x1 + x2\ng =~ y1 + y2 + y3 + y4\nf ~~ 0*g",
            "'f' has two indicators and no tie",
            "f =~ 1*x1 + 1*x2",
        ),
        ("f =~ x1 + x2", "two indicators and no tie", "add an indicator"),
        ("y ~ x\nx ~ y", "has 1 parameter too many (degrees of freedom -1)", "one label"),
        (
            "y1 ~ y2 + x\ny2 ~ y1 + x\ny1 ~~ y2",
            "2 parameters too many",
            "fix or drop",
        ),
    ],
)
def test_models_that_cannot_be_estimated_say_what_to_do(text: str, what: str, fix: str):
    with pytest.raises(IdentificationError) as caught:
        _check(text)
    assert what in str(caught.value)
    assert fix in caught.value.fix


def test_the_count_of_moments_is_shown():
    with pytest.raises(IdentificationError) as caught:
        _check("y ~ x\nx ~ y")
    assert caught.value.where == (
        "4 free parameters (2 regressions, 2 (co)variances) for 3 sample moments of "
        "2 observed variables"
    )
