from __future__ import annotations

import pandas as pd

from truststats.survey import read_survey


def checks(frame, instrument="tbm-core", **settings):
    return read_survey(frame, instrument=instrument, **settings).check()


def test_unreadable_texts_are_shown(answers):
    told = answers.astype({"vtr1": object})
    told.loc[2, "vtr1"] = "litt enig"
    problem = checks(told).of("unreadable")[0]
    assert (problem.severity, problem.count, problem.rows) == ("warning", 1, (3,))
    assert "'litt enig'" in problem.message
    assert problem.where == "vtr1 (1)"
    told.loc[:40, "vtr1"] = "litt enig"
    assert checks(told).of("unreadable")[0].severity == "error"


def test_a_dont_know_code_that_nobody_declared(answers):
    """6 after 1 to 5 in several items: not averaged in, and reported as what it seems to be."""
    told = answers.copy()
    told.loc[[1, 7], ["vtr1", "js2"]] = 6
    problem = checks(told).of("undeclared_missing_code")[0]
    assert (problem.count, problem.rows) == (4, (2, 8))
    assert "Code 6" in problem.message
    assert "missing = [6]" in problem.remedy
    assert read_survey(told, instrument="tbm-core").values()["vtr1"].max() == 5


def test_a_stray_code(answers):
    told = answers.copy()
    told.loc[9, "vtr1"] = 44
    problem = checks(told).of("out_of_range")[0]
    assert (problem.count, problem.rows, problem.where) == (1, (10,), "vtr1 (1)")
    assert "from 1 to 5" in problem.message


def test_an_unknown_code_between_the_others(answers):
    told = answers.assign(vtr1=answers["vtr1"].replace({2: 1}))
    told.loc[0, "vtr1"] = 2
    mapping = {"vtr1": {"column": "vtr1", "codes": [1, 3, 4, 5]}}
    problem = checks(told, columns=mapping).of("unknown_code")[0]
    assert (problem.count, problem.rows) == (1, (1,))


def test_dont_know_averaged_in_when_no_instrument_says(answers):
    frame = pd.DataFrame({"a": [1, 2, 3, 4, 5, 99, 9], "b": [1, 2, 3, 4, 5, 5, 9]})
    problems = checks(frame, None).of("dont_know_averaged")
    found = [(p.severity, p.where) for p in problems]
    assert found == [("error", "a (1), b (1)"), ("error", "a (1)")]
    assert not checks(pd.DataFrame({"a": [1, 2, 3, 4, 5], "age": [20, 31, 44, 58, 66]}), None).of(
        "dont_know_averaged"
    )


def test_answers_that_are_no_whole_numbers(answers):
    told = answers.astype({"vtr1": float})
    told.loc[5, "vtr1"] = 3.5
    problem = checks(told).of("not_integer")[0]
    assert "count as they stand" in problem.message
    assert (problem.count, problem.rows, problem.where) == (1, (6,), "vtr1 (1)")
    assert read_survey(told, instrument="tbm-core").values()["vtr1"][5] == 3.5
