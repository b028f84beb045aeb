from __future__ import annotations

import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError
from truststats.workflow.missing import auxiliary_names, check_missing

BASE = {"missing": "ml", "fixed_x": True, "cluster": None, "auxiliary": ()}


def test_names_of_auxiliary_variables():
    assert auxiliary_names(None, ["a"], ["f"]) == ()
    assert auxiliary_names("z", ["a"], ["f"]) == ("z",)
    assert auxiliary_names(["y", "z"], ["a"], ["f"]) == ("y", "z")
    for wrong in (["a"], "f", ["z", "z"]):
        with pytest.raises(OptionError):
            auxiliary_names(wrong, ["a"], ["f"])


@pytest.mark.parametrize(
    ("change", "has_x", "words"),
    [
        ({"missing": "two.stage"}, True, "fixed_x=False"),
        ({"missing": "two.stage", "cluster": "unit"}, False, "robust.two.stage"),
        ({"missing": "listwise", "auxiliary": ("z",)}, False, "missing='ml'"),
        ({"auxiliary": ("z",), "constraints": True}, False, "constraints"),
    ],
)
def test_what_is_not_checked_is_refused(change, has_x, words):
    with pytest.raises(NotSupportedError, match=words):
        check_missing(BASE | change, has_x=has_x)


def test_what_is_checked_passes():
    check_missing(BASE, has_x=True)
    check_missing(BASE | {"auxiliary": ("z",)}, has_x=True)
    check_missing(BASE | {"missing": "two.stage"}, has_x=False)
    check_missing(BASE | {"missing": "robust.two.stage", "cluster": "unit"}, has_x=False)


def test_two_stage_has_standard_errors_of_its_own(answers_of):
    rows = answers_of(150)
    with pytest.raises(NotSupportedError, match="of its own"):
        ts.fit("f =~ inf1 + inf2 + inf3 + tru1", rows, missing="two.stage", se="standard")
