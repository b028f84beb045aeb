from __future__ import annotations

import pytest

from truststats.results.nesting import Nesting


@pytest.mark.parametrize(
    ("relation", "words"),
    [
        ("equivalent", "no covariances or means can tell them apart"),
        ("a in b", "Model a is nested in model b."),
        ("b in a", "Model b is nested in model a."),
        ("not nested", "compare them by BIC"),
    ],
)
def test_every_relation_has_a_sentence(relation, words):
    value = Nesting(relation, 3, 3, 0.0, 0.0)
    assert words in value.sentence
    assert repr(value)
    assert value._repr_html_()
