from __future__ import annotations

from collections.abc import Callable

import pytest

from truststats.errors import NotSupportedError
from truststats.model import Statement, parse


def test_constraints_keep_their_two_sides():
    text = "y ~ a*x + b*z\na  == 2 * b # half\n0 < a+b; d := a - b; d > -1"
    assert parse(text)[2:] == (
        Statement("a", "==", "2 * b"),
        Statement("0", "<", "a+b"),
        Statement("d", ":=", "a - b"),
        Statement("d", ">", "-1"),
    )


@pytest.mark.parametrize(
    ("text", "words", "line", "column"),
    [
        ("y ~ a*x\na == bb", "'bb' labels no parameter", 2, 6),
        ("y ~ lab*x\nlap == 1", "Did you mean 'lab'?", 2, 1),
        ("y ~ a*x\n1 == 2", "the constraint names no parameter", 2, 1),
        ("y ~ a*x\na == 2*", "the expression ends too early", 2, 7),
        ("y ~ a*x\na ==", "nothing stands to the right of ==", 2, 3),
        ("y ~ a*x\n== a", "nothing stands to the left of ==", 2, 1),
        ("y ~ a*x\na == a; a == a", "a == a is given twice", 2, 9),
        ("y ~ a*x\na := 2", "'a' is the label of a parameter", 2, 6),
        ("y ~ x\ngroup: 1\ny ~ z", "this stands before the first group: line", 1, 5),
        ("group: 1\ny ~ c(a, b)*x", "c() stands below a group: line", 2, 13),
        ("group:\ny ~ x", "this line names no group", 1, 1),
    ],
)
def test_errors_point_at_the_place(
    refused_at: Callable[..., None], text: str, words: str, line: int, column: int
):
    refused_at(text, words, column, line)


@pytest.mark.parametrize("text", ["y ~ a*x\na == .p1.", "y ~ a*x\nd := a*.p2."])
def test_automatic_labels_are_refused(text: str):
    with pytest.raises(NotSupportedError, match=r"the automatic label \.p") as caught:
        parse(text)
    assert "line 2" in caught.value.where


def test_definitions_and_constraints_may_stand_anywhere_among_groups():
    text = "d := a*2\ngroup: 1\ny ~ a*x\nd == 1\ny ~~ y\ngroup: 2\ny ~ a*x"
    assert [row.block for row in parse(text)] == ["", "1", "", "1", "2"]
