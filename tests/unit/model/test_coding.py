from __future__ import annotations

import pytest

from truststats.errors import NotSupportedError, OptionError
from truststats.model import Model, build_partable
from truststats.model.coding import codings

MODEL = Model.from_text("f =~ x1 + x2 + x3")


def test_the_loadings_average_one_and_the_intercepts_zero():
    table = build_partable(MODEL, effect_coding=True, meanstructure=True)
    loadings, intercepts = table.constraints
    assert str(loadings) == ".p1. == 3-.p2.-.p3."
    assert str(intercepts) == ".p8. == 0-.p9.-.p10."
    assert loadings.gap.evaluate({".p1.": 0.5, ".p2.": 1.0, ".p3.": 1.5}) == 0.0
    assert table.df == 0
    assert set(table.labelled) == {".p1.", ".p2.", ".p3.", ".p8.", ".p9.", ".p10."}


def test_what_can_be_coded():
    assert codings(False) == frozenset()
    assert codings("loadings") == {"loadings"}
    with pytest.raises(OptionError, match="Did you mean 'loadings'"):
        codings(["loading"])


def test_equal_means_with_coded_intercepts_are_not_supported():
    with pytest.raises(NotSupportedError, match="together with effect coding"):
        build_partable(MODEL, n_groups=2, group_equal="means", effect_coding=True)
