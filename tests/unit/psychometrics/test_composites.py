from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.composites import composites_of, indicators_of, pieces_of


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(21)
    general, special = rng.normal(size=(400, 1)), rng.normal(size=(400, 3)).repeat(3, axis=1)
    return pd.DataFrame(
        general + 0.6 * special + 0.7 * rng.normal(size=(400, 9)),
        columns=[f"x{k}" for k in range(1, 10)],
    )


THREE = "a =~ x1 + x2 + x3\nb =~ x4 + x5 + x6\nc =~ x7 + x8 + x9\n"
GENERAL = "g =~ " + " + ".join(f"x{k}" for k in range(1, 10)) + "\n"
APART = "g ~~ 0*a + 0*b + 0*c\na ~~ 0*b + 0*c\nb ~~ 0*c"


def found(text, answers):
    fit = ts.fit(text, answers, std_lv=True)
    group = fit.estimate.groups[0]
    return {c.construct: c for c in composites_of(fit.partable, group.layout, group.state)}, group


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (THREE, {"a": "congeneric", "b": "congeneric", "c": "congeneric"}),
        (THREE + "g =~ a + b + c", dict.fromkeys("abc", "congeneric") | {"g": "second_order"}),
        (GENERAL + THREE + APART, dict.fromkeys("gabc", "bifactor")),
        (THREE + "a =~ x4", {"a": "unclear", "b": "unclear", "c": "congeneric"}),
        ("a =~ x1 + x2 + x3\nb =~ x4", {"a": "congeneric"}),
    ],
)
def test_kinds(text, kinds, answers):
    got, _ = found(text, answers)
    assert {name: c.kind for name, c in got.items()} == kinds


def test_a_general_factor_that_correlates_with_its_special_ones_is_unclear(answers):
    text = "g =~ x1 + x2 + x3 + x4 + x5 + x6\na =~ x1 + x2 + x3\ng ~~ 0.1*a"
    got, _ = found(text, answers)
    assert {c.why for c in got.values()} == {"shared_items"}


def test_pieces_add_up(answers):
    got, group = found(THREE + "g =~ a + b + c", answers)
    x = pieces_of(group.layout, got["g"], group.state)
    residual = x.total - x.common
    assert residual[0] == pytest.approx(np.diag(np.diag(residual[0])), abs=1e-9)
    assert x.true.sum() < x.common.sum() < x.total.sum()
    assert np.einsum("bii->bi", x.standardized().total) == pytest.approx(1.0)


def test_indicators(answers):
    fit = ts.fit(THREE + "g =~ a + b + c", answers)
    items, parts = indicators_of(fit.partable)
    assert items["b"] == ["x4", "x5", "x6"]
    assert parts == {"g": ["a", "b", "c"]}
