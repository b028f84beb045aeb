from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.survey import read_survey


def checks(frame, **settings):
    return read_survey(frame, instrument="tbm-core", **settings).check()


SIZES = {f"{u:04d}": 25 for u in range(301, 313)}


def test_silent_units_are_seen_in_the_list_of_invited_people(answers):
    problem = checks(answers, cluster="unit", unit_sizes={**SIZES, "0399": 14}).of("silent_units")[
        0
    ]
    assert problem.where == "0399"
    assert "14 people" in problem.message


def test_a_unit_whose_rows_are_all_empty_is_silent(instrument, answers):
    told = answers.astype({i.name: float for i in instrument.items})
    told.loc[told["unit"] == "0301", [i.name for i in instrument.items]] = np.nan
    assert checks(told, cluster="unit").of("silent_units")[0].where == "0301"


def test_a_unit_column_with_one_value_is_an_error(answers):
    (problem,) = checks(answers.assign(unit="0301"), cluster="unit").of("single_unit")
    assert (problem.severity, problem.where) == ("error", "unit")
    assert "'0301'" in problem.message
    assert "Leave cluster= out" in problem.remedy
    assert not checks(answers, cluster="unit").of("single_unit")
    assert not checks(answers.assign(unit="0301"), group="unit").of("single_unit")


def test_tiny_units(answers):
    few = answers.drop(answers.index[answers["unit"] == "0305"][3:])
    problem = checks(few, cluster="unit").of("tiny_units")[0]
    assert (problem.severity, problem.where) == ("note", "0305")


def test_units_the_list_does_not_know(answers):
    sizes = {u.lstrip("0"): n for u, n in SIZES.items()}
    problem = checks(answers, cluster="unit", unit_sizes=sizes).of("unknown_units")[0]
    assert problem.count == 12
    assert "leading zeros" in problem.remedy


def test_more_answers_than_invited(answers):
    found = checks(answers, cluster="unit", unit_sizes={**SIZES, "0303": 19})
    assert found.of("more_answers_than_invited")[0].where == "0303"


def test_units_in_two_groups(answers):
    told = answers.assign(city=["a", "b"] * 120)
    assert checks(told, cluster="unit", group="city").of("unit_in_two_groups")[0].count >= 1
    nested = answers.assign(city=np.where(answers["unit"] < "0306", "a", "b"))
    assert not checks(nested, cluster="unit", group="city").of("unit_in_two_groups")


def test_missing_units_and_groups(answers):
    told = answers.assign(city="a")
    told.loc[0, "unit"], told.loc[1, "city"] = "", None
    found = checks(told, cluster="unit", group="city")
    assert found.of("missing_cluster")[0].rows == (1,)
    assert found.of("missing_group")[0].rows == (2,)


def test_groups_without_answers(instrument, answers):
    told = answers.astype({i.name: float for i in instrument.items}).assign(city="a")
    told.loc[:5, [i.name for i in instrument.items]] = np.nan
    told.loc[:5, "city"] = "b"
    assert checks(told, group="city").of("empty_groups")[0].where == "b"


@pytest.mark.parametrize("bad", [0, -1, np.nan, np.inf])
def test_weights(answers, bad):
    told = answers.assign(w=1.0)
    told.loc[2, "w"] = bad
    problem = checks(told, weights="w").of("bad_weights")[0]
    assert (problem.severity, problem.rows) == ("error", (3,))
    assert not checks(answers.assign(w=1.0), weights="w").of("bad_weights")


def test_no_design_no_problems():
    found = read_survey(pd.DataFrame({"a": [1, 2, 3]})).check()
    assert not {"tiny_units", "silent_units"} & {p.code for p in found}
