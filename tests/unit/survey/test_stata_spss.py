from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from truststats.errors import SurveyError
from truststats.survey import read_survey


@pytest.fixture
def sav(tmp_path, instrument, answers):
    """An SPSS file: upper-case names, labels, user-missing range, city codes with labels."""
    frame = answers.rename(columns=str.upper).astype({"UNIT": float})
    frame["CITY"] = np.where(np.arange(len(frame)) % 2, 1.0, 2.0)
    frame.loc[0, "VTR1"] = 9
    frame.loc[1, "VTR1"] = 97
    frame.loc[2, "VTR1"] = np.nan
    frame = frame.rename(columns={"AUT1": "Q77"})
    path = tmp_path / "employees.sav"
    labels = instrument["vertical_trust"].response_set.labels["nb"]
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels={"Q77": instrument.item("aut1").text["nb"]},
        variable_value_labels={
            "VTR1": dict(zip(range(1, 6), labels, strict=True)) | {9: "Vet ikke"},
            "CITY": {1: "Fjordby", 2: "Bøgeby", 3: "Østvik"},
        },
        missing_ranges={"VTR1": [{"lo": 96, "hi": 99}]},
        variable_format={"UNIT": "N4"},
    )
    return path


def test_codes_labels_and_user_missing_are_kept(sav, instrument, answers):
    survey = read_survey(sav, instrument=instrument, cluster="unit", group="city")
    assert survey.columns["aut1"] == "Q77"
    assert survey.value_labels["VTR1"][5] == "Helt enig"
    assert survey.user_missing["VTR1"] == ((96.0, 99.0),)
    assert survey.values()["vtr1"].iloc[:3].isna().all()
    assert survey.values()["vtr1"].iloc[3:].tolist() == answers["vtr1"].iloc[3:].tolist()
    counted = {e.code: e.count for e in survey.exclusions()}
    assert counted == {"blank": 1, "dont_know": 1, "user_missing": 1}


def test_zero_filled_units_and_labelled_groups(sav, instrument, answers):
    survey = read_survey(sav, instrument=instrument, cluster="unit", group="city")
    assert survey.clusters().tolist() == answers["unit"].tolist()
    assert set(survey.groups()) == {"Fjordby", "Bøgeby"}
    assert survey.check().of("empty_groups")[0].where == "Østvik"
    assert not survey.check().of("ids_as_floats"), "SPSS stores every number as a float"


def test_value_labels_that_run_the_other_way(tmp_path, instrument, answers):
    labels = instrument["vertical_trust"].response_set.labels["en"]
    path = tmp_path / "turned.sav"
    turned = dict(zip(range(5, 0, -1), labels, strict=True))
    pyreadstat.write_sav(answers, str(path), variable_value_labels={"vtr1": turned})
    survey = read_survey(path, instrument=instrument)
    problem = survey.check().of("value_labels_disagree")[0]
    assert problem.severity == "error"
    assert problem.where == "vtr1"
    mapped = {"vtr1": {"column": "vtr1", "reverse": True}}
    again = read_survey(path, instrument=instrument, columns=mapped)
    assert not again.check().of("value_labels_disagree")
    assert again.values()["vtr1"].tolist() == (6 - answers["vtr1"]).tolist()


def test_a_code_labelled_dont_know_among_the_answers(tmp_path):
    frame = pd.DataFrame({"a": [1.0, 2, 6, 3, 6], "b": [1.0, 2, 3, 4, 5]})
    path = tmp_path / "dk.sav"
    pyreadstat.write_sav(frame, str(path), variable_value_labels={"a": {1: "Enig", 6: "Vet ikke"}})
    problem = read_survey(path).check().of("dont_know_averaged")[0]
    assert (problem.severity, problem.where, problem.rows) == ("error", "a (2)", (3, 5))


def test_stata_letters_are_missing(tmp_path, instrument, answers):
    frame = answers.iloc[:, 1:6].astype(object)
    frame.loc[0, "del1"] = "a"
    path = tmp_path / "employees.dta"
    pyreadstat.write_dta(frame, str(path), missing_user_values={"del1": ["a"]})
    survey = read_survey(path, instrument=instrument)
    assert np.isnan(survey.values()["del1"].iloc[0])
    assert {e.code: e.count for e in survey.exclusions()} == {"user_missing": 1}


def test_an_encoding_that_fails_is_replaced_and_noted(tmp_path, instrument, answers):
    """A file that claims UTF-8 and holds cp1252 bytes."""
    path = tmp_path / "wrong.sav"
    marker = "xxæøåxx"
    pyreadstat.write_sav(answers, str(path), column_labels={"unit": marker})
    data = path.read_bytes()
    broken = data.replace(marker.encode(), "xxæøåxx\x20\x20\x20".encode("cp1252"))
    assert broken != data
    path.write_bytes(broken)
    survey = read_survey(path, instrument=instrument)
    assert survey.labels["unit"].startswith("xxæøåxx")
    assert "WINDOWS-1252" in survey.notes[0].message
    assert read_survey(path, instrument=instrument, encoding="ISO-8859-1").n == len(answers)


def test_a_file_that_is_none(tmp_path):
    path = tmp_path / "none.sav"
    path.write_bytes(b"this is no SPSS file")
    with pytest.raises(SurveyError, match="cannot be read"):
        read_survey(path)
