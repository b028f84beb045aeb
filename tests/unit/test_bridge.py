from __future__ import annotations

import pytest

from truststats import _bridge
from truststats.errors import Problem


def test_call_reaches_a_function_by_name() -> None:
    assert _bridge.call("options", "did_you_mean", "unti", ["unit"]) == " Did you mean 'unit'?"


def test_call_passes_keywords() -> None:
    problem = _bridge.call("errors", "Problem", "few", "note", "Two units.", count=2)
    assert problem == Problem("few", "note", "Two units.", count=2)


def test_an_unknown_place_is_python_s_own_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_room"):
        _bridge.call("no_such_room", "verb")
