"""Which model and which groups are compared."""

from __future__ import annotations

import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.model import Model
from truststats.workflow.invariance_groups import (
    comparable_groups,
    measurement_of,
    units_in_text,
    with_origins,
)


def test_a_framework_is_reduced_to_how_it_measures() -> None:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core")
    model = measurement_of(ts.load_framework(), survey)
    assert {s.op for s in model.statements} == {"=~"}
    assert model.labels
    assert model.observed


@pytest.mark.parametrize(
    "text", ["f =~ x1 + a*x2 + x3", "f =~ x1 + c(1, 2)*x2 + x3", "f =~ x1 + x2 + x3\nx1 ~ k*1"]
)
def test_text_that_says_what_is_equal_is_refused(text: str, two_groups: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="says what is equal"):
        measurement_of(text, two_groups)


def test_a_model_without_factors_is_refused(two_groups: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="no factor"):
        measurement_of("x1 ~ x2", two_groups)


def test_units_of_the_text_are_seen() -> None:
    assert not units_in_text(Model.from_text("f =~ x1 + x2 + x3"))
    assert units_in_text(Model.from_text("f =~ 1*x1 + x2 + x3"))
    assert units_in_text(Model.from_text("f =~ NA*x1 + x2 + x3\nf ~~ 1*f"))


def test_higher_factors_have_their_origin_fixed() -> None:
    model = with_origins(Model.from_text("a =~ x1 + x2\nb =~ x3 + x4\ng =~ a + b"))
    assert [(s.lhs, s.fixed) for s in model.statements if s.op == "~1"] == [("g", 0.0)]
    assert Model.from_text(model.text) == model
    plain = Model.from_text("f =~ x1 + x2 + x3")
    assert with_origins(plain) is plain


def test_small_and_silent_groups_are_left_out(groups_apart: pd.DataFrame) -> None:
    model = Model.from_text("f =~ x1 + x2 + x3")
    few = groups_apart.drop(index=groups_apart.query("g == 'west'").index[50:])
    kept = comparable_groups(model, few, "g", None, missing=None, least=100)
    assert kept.labels == ("north", "south")
    assert kept.missing == "listwise"
    assert [(one.group, one.reason, one.n) for one in kept.left_out] == [("west", "few_rows", 50)]
    flat = groups_apart.assign(x1=groups_apart["x1"].where(groups_apart["g"] != "west", 1.0))
    kept = comparable_groups(model, flat, "g", None, missing=None, least=100)
    assert kept.left_out[0].items == ("x1",)
    holes = groups_apart.assign(x1=groups_apart["x1"].where(groups_apart["x1"] > 2.0))
    assert comparable_groups(model, holes, "g", None, missing=None, least=100).missing == "ml"


def test_one_group_is_no_comparison(groups_apart: pd.DataFrame) -> None:
    model = Model.from_text("f =~ x1 + x2 + x3")
    with pytest.raises(DataError, match="can be compared"):
        comparable_groups(model, groups_apart, "g", None, missing=None, least=250)
    with pytest.raises(OptionError, match="no group column"):
        comparable_groups(model, groups_apart, None, None, missing=None, least=100)
