"""The conditions of a comparison of units, one by one."""

from __future__ import annotations

from types import SimpleNamespace as Made

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, OptionError
from truststats.workflow import unit_licence as licence
from truststats.workflow.unit_scales import unit_scales


def test_invariance() -> None:
    missing = licence.invariance_condition(None, "trust")
    assert (missing.met, missing.reason) == (False, "not_checked")
    assumed = licence.invariance_condition("assumed", "trust")
    assert (assumed.met, assumed.reason) == (True, "assumed")
    for rung in ("scalar", "partial", "strict"):
        found = licence.invariance_condition(Made(licensed=rung, group="city"), "trust")
        assert (found.met, found.reason, found.where) == (True, rung, "city")
    for rung in (None, "metric"):
        found = licence.invariance_condition(Made(licensed=rung, group="city"), "trust")
        assert (found.met, found.reason) == (False, "fails")
    for wrong in ("scalar", 3, True):
        with pytest.raises(OptionError, match="says nothing about invariance"):
            licence.invariance_condition(wrong, "trust")


def test_invariance_must_be_about_the_construct() -> None:
    step = Made(fit=Made(partable=Made(lv=("justice",))))
    with pytest.raises(OptionError, match="about justice, not about trust"):
        licence.invariance_condition(Made(licensed="scalar", steps=(step,)), "trust")
    assert licence.invariance_condition(Made(licensed="scalar", steps=(step,)), "justice").met


def test_numbers_against_their_thresholds() -> None:
    assert licence.reliability_condition(0.70, 0.70).met
    assert not licence.reliability_condition(0.69, 0.70).met
    assert not licence.reliability_condition(float("nan"), 0.70).met
    found = licence.agreement_condition(np.array([0.9, np.nan, 0.6, 0.75]), 0.70)
    assert (found.met, found.value) == (True, 0.75)
    unknown = licence.agreement_condition(np.array([np.nan]), 0.70)
    assert (unknown.met, unknown.reason) == (False, "not_known")
    assert licence.units_condition(10, 10).met
    assert not licence.units_condition(9, 10).met


def test_one_manager_is_one_person() -> None:
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    assert licence.about_manager(survey, ["vtr1", "vtr2"]) is True
    assert licence.about_manager(survey, ["htr1", "htr2"]) is False
    assert licence.about_manager(survey, ["tenure"]) is None
    assert licence.about_manager(None, ["vtr1"]) is None
    asked = licence.persons_condition
    assert asked(False, True, None, 9).reason == "not_about_manager"
    assert asked(True, True, None, 9) == licence.Condition(
        "persons", False, "one_manager", 9.0, 0.0
    )
    assert asked(None, True, None, 9).reason == "not_known"
    assert asked(True, False, None, 9).reason == "said_not"
    assert asked(True, True, np.array([True, False]), 1).reason == "several_managers"


def test_managers_are_counted_by_unit() -> None:
    frame = pd.DataFrame({"q": [1.0, 2, 3, 4, 5, 1], "unit": list("aabbcc")})
    frame["boss"] = ["x", "x", "y", "z", None, "w"]
    given = unit_scales(frame, "unit", {"trust": ["q"]})
    assert licence.lone_managers(frame, None, given) is None
    found = licence.lone_managers(frame, "boss", given)
    assert found is not None
    assert found.tolist() == [True, False, True]
    with pytest.raises(DataError, match="Did you mean 'boss'"):
        licence.lone_managers(frame, "bos", given)


def test_thresholds() -> None:
    assert licence.check_limits(licence.Limits()) == ()
    assert licence.check_limits(licence.Limits(0.8, 0.8, 20, 30)) == ()
    (said,) = licence.check_limits(licence.Limits(min_icc2=0.5, min_n=5))
    assert said.code == "thresholds_lowered"
    assert said.message.endswith("min_icc2=0.5, min_n=5.")
    for wrong in ({"min_icc2": 70}, {"min_rwg": -0.1}, {"min_units": 2}):
        with pytest.raises(OptionError, match=next(iter(wrong))):
            licence.check_limits(licence.Limits(**wrong))
