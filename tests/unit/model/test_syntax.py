from __future__ import annotations

import pytest

from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model import Statement, canonical, parse


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


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("1*x", {"fixed": 1.0}),
        ("0*x", {"fixed": 0.0}),
        ("-0.5*x", {"fixed": -0.5}),
        ("1/2*x", {"fixed": 0.5}),
        ("(1/4)*x", {"fixed": 0.25}),
        ("1e-3*x", {"fixed": 0.001}),
        ("sqrt(4)*x", None),
        ("a*x", {"label": "a"}),
        ('"a.1"*x', {"label": "a.1"}),
        ("label('a')*x", {"label": "a"}),
        ("label(a)*x", {"label": "a"}),
        ("start(0.8)*x", {"start": 0.8}),
        ("start(-1/2)*x", {"start": -0.5}),
        ("NA*x", {"free": True}),
        ("a*start(.5)*x", {"label": "a", "start": 0.5}),
        ("a*x + start(.5)*x", {"label": "a", "start": 0.5}),
        ("x + a*x", {"label": "a"}),
        ("NA*x + a*x", {"free": True, "label": "a"}),
        ("a*x + 0.5*x", {"label": "a", "fixed": 0.5}),
    ],
)
def test_modifiers(term: str, expected: dict[str, object] | None):
    if expected is None:
        with pytest.raises(ModelSyntaxError):
            parse(f"y ~ {term}")
        return
    assert parse(f"y ~ {term}") == (Statement("y", "~", "x", **expected),)  # type: ignore[arg-type]


def test_intercepts():
    assert parse("y ~ 1 + x\nf ~ m*1\nz ~ 0\nw ~ 2*1") == (
        Statement("y", "~1", ""),
        Statement("y", "~", "x"),
        Statement("f", "~1", "", label="m"),
        Statement("z", "~1", "", fixed=0.0),
        Statement("w", "~1", "", fixed=2.0),
    )


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


def test_the_canonical_text_is_what_lavaan_reads():
    text = "f=~x1+NA*x2+a*start(.5)*x3+-1/2*x4;y~1+f;ab:=a*2"
    assert canonical(parse(text)) == (
        "f =~ x1 + NA*x2 + a*x3 + start(0.5)*x3 + -0.5*x4\ny ~ 1\ny ~ f\nab := a*2"
    )
    assert parse(canonical(parse(text))) == parse(text)


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ("y ~", "nothing stands to the right of ~", 3),
        ("~ x", "nothing stands to the left of ~", 1),
        ("y ~ x +", "a variable is missing beside +", 7),
        ("+ y ~ x", "a variable is missing beside +", 1),
        ("y ~ x ++ z", "a variable is missing beside +", 7),
        ("y ~ a*", "a variable is missing beside *", 6),
        ("y ~ x z", "two names without a + between them", 5),
        ("my y ~ x", "two names without a + between them", 1),
        ("y ~ x - z", "variables cannot be subtracted", 5),
        ("a*y ~ x", "only variables joined by + can stand on the left", 1),
        ("1 ~ x", "the number 1 cannot stand on the left", 1),
        ("y ~ 2", "the number 2 cannot stand on the right", 5),
        ("f =~ 1", "the number 1 cannot stand on the right", 6),
        ("y ~ 3*0", "the number 0 cannot stand on the right", 7),
        ("y ~ NA", "NA is not a variable", 5),
        ("y ~ (x)", "this is not a variable", 5),
        ("y ~ start(*x", "this is not a variable", 5),
        ("y ~ a*b*x", "two labels for one parameter", 7),
        ("y ~ 1*2*x", "two fixed values for one parameter", 7),
        ("y ~ start(1)*start(2)*x", "two start values for one parameter", 14),
        ("y ~ NA*2*x", "both free (NA*) and fixed", 8),
        ("y ~ x + x", "x stands twice on the right", 9),
        ("y ~ 1 + 1", "1 stands twice on the right", 9),
        ("y ~ starts(2)*x", "starts() is not a modifier. Did you mean 'start'?", 5),
        ("y ~ start()*x", "start( needs one value", 5),
        ("y ~ start(a)*x", "a is not a number", 11),
        ("y ~ label(1)*x", "label() needs one name", 11),
        ("y ~ 'a b'*x", "cannot be a label", 5),
        ("y ~ -a*x", "a modifier is a number, a label, NA or start(number)", 6),
        ("y ~ 1/0*x", "1/0 is not a finite number", 5),
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
def test_errors_point_at_the_place(text: str, words: str, column: int):
    with pytest.raises(ModelSyntaxError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.fix
    assert f"line 1, column {column}:" in caught.value.where


@pytest.mark.parametrize("name", ["c", "equal", "efa", "rv", "lower", "upper", "prior"])
def test_modifiers_that_are_not_checked_yet_say_so(name: str):
    with pytest.raises(NotSupportedError, match=rf"the modifier {name}\(\) is not supported yet"):
        parse(f"f =~ {name}(a, b)*x")


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
