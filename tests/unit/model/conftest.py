"""What the tests of the model's text share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from truststats.errors import ModelSyntaxError
from truststats.model import parse


def _refused_at(text: str, words: str, column: int, line: int = 1) -> None:
    with pytest.raises(ModelSyntaxError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.fix
    assert f"line {line}, column {column}:" in caught.value.where


@pytest.fixture(scope="session")
def refused_at() -> Callable[..., None]:
    """Return the check that a text is refused, with what to do, at a column of a line."""
    return _refused_at
