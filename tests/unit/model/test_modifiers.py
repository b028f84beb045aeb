from __future__ import annotations

from collections.abc import Callable

import pytest

from truststats.errors import NotSupportedError
from truststats.model import Modifiers, Statement, parse


@pytest.mark.parametrize(
    ("term", "each"),
    [
        ("c(a, b)*x", (Modifiers(label="a"), Modifiers(label="b"))),
        ('c("a", "")*x', (Modifiers(label="a"), Modifiers())),
        ("c('a', NA)*x", (Modifiers(label="a"), Modifiers())),
        ("c(1, NA)*x", (Modifiers(fixed=1.0), Modifiers(free=True))),
        ("c(1/2, -1)*x", (Modifiers(fixed=0.5), Modifiers(fixed=-1.0))),
        ("c((1 + 2)/2, 2)*x", (Modifiers(fixed=1.5), Modifiers(fixed=2.0))),
        ("start(c(.5, NA))*x", (Modifiers(start=0.5), Modifiers())),
        ("lower(c(0, -Inf))*x", (Modifiers(lower=0.0), Modifiers())),
        ("label(c(a, b))*x", (Modifiers(label="a"), Modifiers(label="b"))),
        (
            'equal(c("f=~x2", "f =~ x2.g2"))*x',
            (Modifiers(label="f=~x2"), Modifiers(label="f=~x2.g2")),
        ),
        (
            "c(a, b)*x + 0.5*x",
            (Modifiers(fixed=0.5, label="a"), Modifiers(fixed=0.5, label="b")),
        ),
        (
            "k*x + c(1, NA)*start(.3)*x",
            (
                Modifiers(fixed=1.0, label="k", start=0.3),
                Modifiers(free=True, label="k", start=0.3),
            ),
        ),
    ],
)
def test_modifiers_of_groups(term: str, each: tuple[Modifiers, ...]):
    assert parse(f"y ~ {term}") == (Statement("y", "~", "x", each=each),)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("lower(0)*x + upper(1)*x", {"lower": 0.0, "upper": 1.0}),
        ("upper(Inf)*x", {}),
        ("c(0.5)*x", {"fixed": 0.5}),
        ('equal("y ~ z")*x', {"label": "y~z"}),
        ("equal(b)*x", {"label": "b"}),
    ],
)
def test_modifiers_of_all_groups(term: str, expected: dict[str, object]):
    assert parse(f"y ~ {term}") == (Statement("y", "~", "x", **expected),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ("y ~ c(a, 1)*x", "labels and values stand in one c()", 10),
        ("y ~ c(1, b)*x", "labels and values stand in one c()", 7),
        ("y ~ c(a, )*x", "an entry of c() is missing", 5),
        ("y ~ c()*x", "c( needs one value and a closing )", 5),
        ("y ~ start(1, 2)*x", "two values without c()", 12),
        ("y ~ start(c(1, b))*x", "b is not a number", 16),
        ("y ~ c(a, b)*x + c(1, NA, 1)*x", "one modifier of x is for 2 groups, another for 3", 17),
        ("y ~ c(a, b)*x + k*x", "two labels for one parameter", 17),
        ("y ~ NA*x + c(1, NA)*x", "both free (NA*) and fixed", 12),
        ("y ~ lower(1)*x + lower(2)*x", "two lower bounds for one parameter", 18),
        ("y ~ upper(1)*x + upper(2)*x", "two upper bounds for one parameter", 18),
        ("y ~ lower(2)*upper(1)*x", "the lower bound 2 is above the upper bound 1", 14),
        ("y ~ c('a b', 'c')*x", "cannot be a label", 7),
        ("y ~ equal(1)*x", "equal() needs one parameter", 11),
        ("y ~ c(a*b, d)*x", "a modifier is a number, a label", 7),
    ],
)
def test_errors_point_at_the_place(
    refused_at: Callable[..., None], text: str, words: str, column: int
):
    refused_at(text, words, column)


@pytest.mark.parametrize("text", ["y ~ .p1.*x", "y ~ c('.p1.', 'a')*x"])
def test_automatic_labels_are_refused(text: str):
    with pytest.raises(NotSupportedError, match=r"the automatic label \.p1\."):
        parse(text)
