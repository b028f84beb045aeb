from __future__ import annotations

import pandas as pd
import pytest

from truststats.errors import Problem
from truststats.survey import Limits, read_survey
from truststats.survey.check import CHECKS, Checks, check


def test_row_one_is_a_line_of_the_file(tmp_path, answers):
    told = answers.astype(object)
    told.loc[2, "vtr1"] = 44
    plain, titled, gap = (tmp_path / f"{name}.csv" for name in ("plain", "titled", "gap"))
    told.to_csv(plain, index=False)
    lines = plain.read_text().splitlines()
    titled.write_text("\n".join(["Our survey", "", "Spring", *lines]))
    gap.write_text("\n".join([*lines[:2], "", *lines[2:]]))
    book = tmp_path / "book.xlsx"
    told.to_excel(book, index=False, startrow=3)
    for path, line in ((plain, 2), (titled, 5), (gap, None), (book, 5)):
        checks = read_survey(path, instrument="tbm-core").check()
        assert checks.first_line == line, path.name
        assert checks.of("out_of_range")[0].rows == (3,)
    assert read_survey(answers, instrument="tbm-core").check().first_line is None
    assert "row 1 is line 5 of the file" in str(checks)
    assert "first row of answers" not in str(read_survey(answers).check())


def test_a_clean_survey_is_ok(instrument, answers):
    checks = read_survey(answers, instrument=instrument, cluster="unit").check()
    assert checks.ok
    assert [p for p in checks if p.severity != "note"] == []
    assert (checks.n_rows, checks.n_items, checks.n_checks) == (240, 59, len(CHECKS))


def test_all_problems_come_at_once_and_worst_first(instrument, answers):
    bad = answers.astype({"vtr1": object, "vtr2": object})
    bad.loc[:30, "vtr1"] = "tja"
    bad.loc[4, "vtr2"] = 7
    bad["js1"] = 3
    bad = bad.drop(columns="ti1").rename(columns={"inn1": "inn1x"})
    checks = read_survey(bad, instrument=instrument, cluster="unit").check()
    assert not checks.ok
    codes = [p.code for p in checks]
    assert {"unreadable", "out_of_range", "constant_item", "missing_columns"} <= set(codes)
    ranks = [("error", "warning", "note").index(p.severity) for p in checks]
    assert ranks == sorted(ranks)
    assert '"inn1": "inn1x"' in checks.of("missing_columns")[0].message


def test_frame_has_one_row_a_problem(instrument, answers):
    checks = read_survey(answers.assign(js1=3), instrument=instrument).check()
    frame = checks.frame()
    assert len(frame) == len(checks)
    row = frame[frame["code"] == "constant_item"].iloc[0]
    assert (row["where"], row["count"]) == ("js1", 1)
    assert list(Checks(()).frame().columns) == list(frame.columns)
    assert checks[0] == checks[:1][0]


def test_limits_are_the_user_s(instrument, answers):
    survey = read_survey(answers, instrument=instrument, cluster="unit")
    assert check(survey, Limits(tiny_unit=21)).of("tiny_units")[0].count == 12


def test_problems_of_reading_are_there_too(instrument, answers):
    survey = read_survey(answers.assign(unit=301.0), instrument=instrument, cluster="unit")
    assert survey.check().of("ids_as_floats")


@pytest.mark.parametrize("n", [0, 1, 2])
def test_checks_of_almost_nothing(instrument, answers, n):
    survey = read_survey(answers.head(n), instrument=instrument, cluster="unit")
    assert isinstance(survey.check(), Checks)
    assert isinstance(read_survey(pd.DataFrame({"a": [1] * n})).check(), Checks)


def test_row_numbers_can_be_left_out():
    found = Checks((Problem("x", "warning", "Something.", rows=(3, 7)),), first_line=2)
    bare = found.without_rows()
    assert bare.problems[0].rows == ()
    assert bare.first_line is None
    assert found.problems[0].rows == (3, 7)
