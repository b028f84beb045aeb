from __future__ import annotations

from collections.abc import Callable

import pytest

from truststats.errors import ModelSyntaxError
from truststats.model import Statement, parse


def test_a_measurement_and_a_regression():
    assert parse("trust =~ t1 + t2\nauto ~ trust") == (
        Statement("trust", "=~", "t1"),
        Statement("trust", "=~", "t2"),
        Statement("auto", "~", "trust"),
    )


def test_every_statement_knows_its_place():
    (first, second) = parse("\n  f =~ x1 +\n    a*x2")
    assert (first.line, first.column) == (2, 8)
    assert (second.line, second.column) == (3, 7)


def test_several_variables_on_the_left():
    assert parse("a + b ~ x + y") == (
        Statement("a", "~", "x"),
        Statement("a", "~", "y"),
        Statement("b", "~", "x"),
        Statement("b", "~", "y"),
    )


def test_a_defined_parameter_keeps_its_expression():
    assert parse("y ~ a*x\nind := a *\n 2 # twice")[-1] == Statement("ind", ":=", "a * 2")


def test_names_may_have_letters_of_any_language():
    assert parse("tillit_æøå =~ spørsmål.1 + Вопрос2")[0].rhs == "spørsmål.1"


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ("y ~", "nothing stands to the right of ~", 3),
        ("~ x", "nothing stands to the left of ~", 1),
        ("y ~ x; y ~ b*x", "y ~ x is given twice, first in line 1", 14),
        ("y ~~ x; x ~~ y", "x ~~ y is given twice, first in line 1", 14),
        ("y ~ 1; y ~ 0", "y ~1 is given twice", 12),
        ("y ~ a*x; b := a; b := a", "b := is given twice", 23),
        ("y ~ a*x; a := 2", "'a' is the label of a parameter", 15),
        ("y ~ a*x; b + c := a", "only one parameter can be defined at a time", 16),
        ("y ~ a*x; b := aa", "labels no parameter. Did you mean 'a'?", 15),
        ("y ~ a*x; b := c; c := b", "is defined by itself: b -> c -> b", 23),
        ("y ~ a*x; b := a +", "the expression ends too early", 17),
    ],
)
def test_errors_point_at_the_place(
    refused_at: Callable[..., None], text: str, words: str, column: int
):
    refused_at(text, words, column)


@pytest.mark.parametrize("text", ["", "  \n # nothing\n"])
def test_an_empty_text_is_refused(text: str):
    with pytest.raises(ModelSyntaxError, match="the model text is empty"):
        parse(text)


def test_a_model_is_text():
    with pytest.raises(ModelSyntaxError, match="a model is text, not int"):
        parse(3)  # type: ignore[arg-type]


def test_reading_is_fast():
    import time

    text = "\n".join(
        f"f{k} =~ " + " + ".join(f"x{k}{i}" for i in range(4)) + f"\nf{k} ~ z" for k in range(6)
    )
    start = time.perf_counter()
    for _ in range(20):
        parse.__wrapped__(text)
    assert time.perf_counter() - start < 1.0  # seconds for 20 readings, very generous
