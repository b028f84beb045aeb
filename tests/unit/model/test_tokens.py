from __future__ import annotations

import pytest

from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model.tokens import statements_of


def _words(text: str) -> list[tuple[list[str], str, list[str]]]:
    return [
        ([t.text for t in left], operator.text, [t.text for t in right])
        for left, operator, right in statements_of(text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "f =~ x1 + x2; y ~ f",
        "f =~ x1 +\n x2\ny ~ f",
        "f =~ x1\n + x2\ny ~ f",
        "f =~ x1 + # the first\n\n  # a comment alone\n\tx2 ! the last\ny ~ f\n",
        "f =~\nx1\n+\nx2\ny ~ f",
        "\r\nf =~ x1 + x2\r\ny ~ f\r\n",
        ";;f=~x1+x2;y~f;",
    ],
)
def test_statements_end_where_the_next_operator_line_begins(text: str):
    assert _words(text) == [(["f"], "=~", ["x1", "+", "x2"]), (["y"], "~", ["f"])]


def test_positions_point_into_the_text():
    text = "f =~ x1\ny ~ æ.b_2"
    for left, operator, right in statements_of(text):
        for token in (*left, operator, *right):
            assert text[token.position :].startswith(token.text)


def test_a_group_line_names_a_group():
    assert _words("group: Grant-White\ny ~ x")[0] == (["group"], ":", ["Grant", "-", "White"])


def test_a_sign_may_touch_an_operator():
    assert _words("y ~-1*x") == [(["y"], "~", ["-", "1", "*", "x"])]
    assert _words("a:=-b") == [(["a"], ":=", ["-", "b"])]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f = x1", "= is not an operator. Did you mean =~"),
        ("f =~~ x1", "Did you mean =~ (is measured by) or ~~"),
        ("f ~= x1", "Did you mean =~"),
        ("y ~~~ x", "Did you mean ~~"),
        ("y <- x", "Did you mean ~ (is regressed on)?"),
        ("x -> y", "The outcome stands on the left"),
        ("x <-> y", "Did you mean ~~"),
        ("x =: y", "Did you mean := (is defined as)?"),
        ("y : x", ": is not an operator"),
        ("a <= b", "<= is not an operator. Did you mean <?"),
        ("a >= b", ">= is not an operator. Did you mean >?"),
        ("a < b < c", "a second operator < in one statement"),
        ("group: 1\nx1 + x2", "this line says nothing about the variables"),
        ("y ~ x ~ z", "a second operator ~ in one statement"),
        ("trust", "this line says nothing about the variables"),
        ("f =~ `item 1`", "without back-ticks"),
        ("f =~ 1st", "start names with a letter"),
        ("f =~ x$1", "'$' cannot stand here"),
    ],
)
def test_what_is_not_of_the_language_is_refused(text: str, words: str):
    with pytest.raises(ModelSyntaxError) as caught:
        statements_of(text)
    assert words in str(caught.value)
    assert "column" in caught.value.where


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f <~ x1 + x2", "composites (<~)"),
        ("y |~ z", "instruments (|~)"),
        ("level: within", "two-level models (level:)"),
        ("Level : 1", "two-level models (Level:)"),
    ],
)
def test_what_is_not_checked_yet_says_so(text: str, words: str):
    with pytest.raises(NotSupportedError) as caught:
        statements_of(text)
    assert f"{words} are not supported yet" in str(caught.value)
    assert caught.value.why
    assert caught.value.fix
    assert "line 1" in caught.value.where
