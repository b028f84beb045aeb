from __future__ import annotations

import numpy as np
import pandas as pd

from truststats.survey import read_survey


def checks(frame, **settings):
    return read_survey(frame, instrument="tbm-core", **settings).check()


def test_empty_rows_are_counted_and_kept(instrument, answers):
    told = answers.astype({i.name: float for i in instrument.items})
    told.loc[[3, 9], [i.name for i in instrument.items]] = np.nan
    told.loc[9, "vtr1"] = 9
    problem = checks(told, cluster="unit").of("empty_rows")[0]
    assert (problem.count, problem.rows) == (2, (4, 10))
    assert len(read_survey(told, instrument=instrument).values()) == len(answers)


def test_duplicate_rows(answers):
    told = pd.concat([answers, answers.iloc[[5, 6]]], ignore_index=True)
    problem = checks(told).of("duplicate_rows")[0]
    assert (problem.count, problem.rows) == (2, (241, 242))


def test_rows_nearly_straight_are_no_copies(instrument, answers):
    told = answers.copy()
    told.loc[[1, 2], [i.name for i in instrument.items]] = 4
    told.loc[[1, 2], "vtr1"] = 5
    assert not checks(told).of("duplicate_rows")


def test_duplicate_respondents(answers):
    told = answers.assign(respondent_id=[f"{i:03d}" for i in range(len(answers))])
    told.loc[1, "respondent_id"] = "000"
    problem = checks(told).of("duplicate_respondents")[0]
    assert (problem.where, problem.count, problem.rows) == ("respondent_id", 1, (2,))


def test_straight_lining_runs_over_reverse_keyed_items(instrument, answers):
    told = answers.copy()
    names = [i.name for i in instrument.items]
    told.loc[3, names] = 4
    told.loc[4, names[20:42]] = 3
    problem = checks(told).of("straight_lining")[0]
    assert 4 in problem.rows
    assert problem.severity == "warning"


def test_a_run_without_reverse_keyed_items_is_none(instrument, answers):
    forward = [i.name for i in instrument.items if not i.reverse]
    reverse = [i.name for i in instrument.items if i.reverse]
    told = answers.copy()
    told.loc[3, forward], told.loc[3, reverse] = 4, 2
    assert not any(4 in p.rows for p in checks(told).of("straight_lining"))


def test_without_reverse_keyed_items_it_is_a_note(instrument, answers):
    forward = [i.name for i in instrument.items if not i.reverse]
    told = answers[forward].copy()
    told.loc[3] = 4
    problem = checks(told).of("straight_lining")[0]
    assert problem.severity == "note"
    assert problem.rows[0] == 4
