from __future__ import annotations

from collections.abc import Callable

import pytest

from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model import Statement, parse


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


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
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
    ],
)
def test_errors_point_at_the_place(
    refused_at: Callable[..., None], text: str, words: str, column: int
):
    refused_at(text, words, column)


@pytest.mark.parametrize("name", ["efa", "rv", "prior"])
def test_modifiers_that_are_not_checked_yet_say_so(name: str):
    with pytest.raises(NotSupportedError, match=rf"the modifier {name}\(\) is not supported yet"):
        parse(f"f =~ {name}(a, b)*x")
