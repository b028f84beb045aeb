from __future__ import annotations

import pickle

import numpy as np
import pytest

from truststats.errors import ModelSyntaxError
from truststats.model import Expression
from truststats.model.expression import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2^2", -4),
        ("2^-1", 0.5),
        ("2^3^2", 512),
        ("2**3", 8),
        ("8 / 4 / 2", 1),
        ("8 - 4 - 2", 2),
        ("--3", 3),
        ("+3", 3),
        (".5e1 + 1.", 6),
        ("exp(log(3))", 3),
        ("sqrt(abs(-16))", 4),
    ],
)
def test_arithmetic_has_the_precedence_of_r(text: str, value: float):
    assert Expression(text).evaluate({}) == pytest.approx(value, rel=1e-14)


def test_names_come_in_order_and_once():
    assert Expression("b.1*a + a*c_ + æ").names == ("b.1", "a", "c_", "æ")


def test_it_works_on_batches():
    a, b = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(Expression("a*b + 1").evaluate({"a": a, "b": b}), a * b + 1)


def test_complex_steps_give_derivatives():
    step = 1e-30
    for text, at, slope in [
        ("x^2", 3.0, 6.0),
        ("exp(x)", 0.5, np.exp(0.5)),
        ("sqrt(x)", 4.0, 0.25),
        ("abs(x)", -2.0, -1.0),
        ("abs(x)", 2.0, 1.0),
        ("log(x)", 2.0, 0.5),
        ("1/x", 2.0, -0.25),
    ]:
        value = Expression(text).evaluate({"x": at + 1j * step})
        assert np.imag(value) / step == pytest.approx(slope)


def test_the_undefined_is_nan_or_infinite_and_silent():
    assert np.isnan(Expression("log(x)").evaluate({"x": -1.0}))
    assert np.isinf(Expression("1/x").evaluate({"x": 0}))
    assert np.isnan(Expression("x/y").evaluate({"x": 0, "y": 0}))


def test_it_is_a_value():
    assert Expression("a*b") == Expression("a*b")
    assert hash(Expression("a*b")) == hash(Expression("a*b"))
    assert str(Expression("a*b")) == "a*b"
    assert pickle.loads(pickle.dumps(Expression("a*b"))).evaluate({"a": 2, "b": 3}) == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b", "unexpected 'b'"),
        ("a +", "ends too early"),
        ("", "ends too early"),
        ("(a + b", "parenthesis is not closed"),
        ("a * * b", "unexpected '*'"),
        ("a)", "unexpected ')'"),
        ("log10(a)", "log10() is not a function of expressions. Did you mean 'log'?"),
        ("__import__('os')", "__import__() is not a function"),
        ("a.b[0]", "unexpected '['"),
        ("(" * 100 + "a" + ")" * 100, "nested more than 60 deep"),
        ("-" * 100 + "a", "nested more than 60 deep"),
        ("2^" * 100 + "a", "nested more than 60 deep"),
    ],
)
def test_what_is_not_an_expression_is_refused(text: str, words: str):
    with pytest.raises(ModelSyntaxError) as caught:
        Expression(text)
    assert words in str(caught.value)


def test_a_caret_stands_under_the_place():
    with pytest.raises(ModelSyntaxError) as caught:
        Expression("a + exq(b)")
    assert caught.value.where.split("\n")[2].index("^") == 2 + 4


def _defined(**texts: str) -> dict[str, Expression]:
    return {name: Expression(text) for name, text in texts.items()}


def test_defined_parameters_are_put_in_an_order_that_computes():
    order = resolve(_defined(total="ind + c", ind="a*b"), ["a", "b", "c"])
    assert [name for name, _ in order] == ["ind", "total"]


def test_the_order_of_the_text_is_kept_where_possible():
    order = resolve(_defined(z="a", y="b", x="a*b"), ["a", "b"])
    assert [name for name, _ in order] == ["z", "y", "x"]


def test_an_unknown_label_is_named_with_a_suggestion():
    with pytest.raises(ModelSyntaxError, match="labels no parameter") as caught:
        resolve(_defined(ind="a*direkt"), ["a", "direct"])
    assert "Did you mean 'direct'?" in str(caught.value)
    assert "y ~ direkt*x" in caught.value.fix


@pytest.mark.parametrize(
    ("texts", "circle"),
    [
        ({"p": "q + 1", "q": "p"}, "p -> q -> p"),
        ({"p": "p + 1"}, "p -> p"),
    ],
)
def test_a_circle_of_definitions_is_refused(texts: dict[str, str], circle: str):
    with pytest.raises(ModelSyntaxError, match="is defined by itself") as caught:
        resolve(_defined(**texts), [])
    assert circle in caught.value.what
