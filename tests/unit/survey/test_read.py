from __future__ import annotations

import hashlib
import unicodedata

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyreadstat
import pytest

from truststats.errors import OptionError, SurveyError
from truststats.survey import read_survey


def notes(survey) -> dict[str, str]:
    return {note.code: note.message for note in survey.notes}


def item_values(answers: pd.DataFrame) -> pd.DataFrame:
    return answers.drop(columns="unit").astype("float64")


def test_a_plain_csv_gives_the_answers_back(tmp_path, instrument, answers):
    path = tmp_path / "answers.csv"
    answers.to_csv(path, index=False)
    survey = read_survey(path, instrument=instrument, cluster="unit")
    pd.testing.assert_frame_equal(survey.values(), item_values(answers))
    assert survey.items == tuple(item.name for item in instrument.items)
    assert list(survey.clusters()) == list(answers["unit"])
    assert survey.file_hash == hashlib.sha256(path.read_bytes()).hexdigest()
    assert survey.source == "answers.csv"
    assert survey.exclusions() == ()


def test_an_ugly_municipal_csv(tmp_path, instrument, answers):
    """cp1252, semicolons, decimal comma, æøå in names, leading zeros, thousand blanks."""
    label = instrument["vertical_trust"].label["nb"]
    ugly = answers.rename(
        columns={
            "unit": "Enhet på år",
            "vtr1": f"{label}_1",
            "vtr2": "VTR_02",
            "aut1": instrument.item("aut1").text["nb"],
        }
    )
    ugly["Lønn"] = ["41\u00a0500,50"] * len(ugly)
    ugly["Stillingsprosent"] = ["80,5", "100"] * (len(ugly) // 2)
    path = tmp_path / "ugly.csv"
    path.write_bytes(ugly.to_csv(index=False, sep=";").encode("cp1252"))
    survey = read_survey(path, instrument=instrument, cluster="enhet_paa_aar")
    pd.testing.assert_frame_equal(survey.values(), item_values(answers))
    assert set(survey.clusters()) == {f"{u:04d}" for u in range(301, 313)}
    assert survey.frame["Lønn"].tolist() == [41500.5] * survey.n
    assert survey.values(["Stillingsprosent"]).iloc[0, 0] == 80.5
    assert "cp1252" in notes(survey)["read_as"]
    assert "decimal_comma" in notes(survey)


def test_decomposed_letters_equal_composed_ones(tmp_path, instrument, answers):
    name = unicodedata.normalize("NFD", "Enhet på gård")
    path = tmp_path / "mac.csv"
    path.write_text("\ufeff" + answers.rename(columns={"unit": name}).to_csv(index=False), "utf-8")
    survey = read_survey(path, instrument=instrument, cluster="Enhet på gård")
    assert survey.design.cluster == "Enhet på gård"
    assert survey.clusters() is not None


def test_utf16_and_sep_line_as_excel_writes_them(tmp_path, instrument, answers):
    path = tmp_path / "excel.csv"
    path.write_text("sep=;\r\n" + answers.to_csv(index=False, sep=";"), "utf-16")
    survey = read_survey(path, instrument=instrument, cluster="unit")
    pd.testing.assert_frame_equal(survey.values(), item_values(answers))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_delimiter(tmp_path, instrument, answers, delimiter):
    path = tmp_path / "answers.txt"
    answers.to_csv(path, index=False, sep=delimiter)
    survey = read_survey(path, instrument=instrument)
    pd.testing.assert_frame_equal(survey.values(), item_values(answers))


@pytest.mark.parametrize("language", ["en", "nb"])
def test_answer_labels_become_codes(tmp_path, instrument, answers, language):
    labels = instrument["vertical_trust"].response_set.labels[language]
    told = answers.copy()
    told["vtr1"] = [labels[code - 1] for code in answers["vtr1"]]
    told["vtr2"] = [f"{code} - {labels[code - 1].upper()}" for code in answers["vtr2"]]
    told["vtr3"] = [f"{labels[code - 1]} ({code})" for code in answers["vtr3"]]
    path = tmp_path / "labels.csv"
    told.to_csv(path, index=False)
    survey = read_survey(path, instrument=instrument)
    pd.testing.assert_frame_equal(survey.values(), item_values(answers))
    assert survey.frame["vtr5"].tolist() == answers["vtr5"].tolist(), "raw codes, not reversed"
    assert "3 items" in notes(survey)["labels_read"]


def test_dont_know_labels_are_missing(instrument, answers):
    told = answers.astype({"vtr1": object})
    told.loc[0, "vtr1"] = "Vet ikke / ikke aktuelt"
    survey = read_survey(told, instrument=instrument)
    assert np.isnan(survey.values()["vtr1"].iloc[0])
    assert [e.code for e in survey.exclusions()] == ["dont_know"]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.Table.from_pandas, pl.LazyFrame])
def test_any_frame(instrument, answers, make):
    survey = read_survey(make(answers), instrument=instrument, cluster="unit")
    pd.testing.assert_frame_equal(survey.values(), item_values(answers))
    assert survey.clusters().tolist() == answers["unit"].tolist()
    assert survey.file_hash == read_survey(answers, instrument=instrument).file_hash


def test_the_input_frame_is_not_changed(instrument, answers):
    before = answers.copy()
    survey = read_survey(answers, instrument=instrument, cluster="unit")
    values = survey.values()
    values.iloc[:, :] = 0
    survey.check()
    pd.testing.assert_frame_equal(answers, before)
    assert survey.values().to_numpy().min() == 1


def test_parquet(tmp_path, instrument, answers):
    path = tmp_path / "answers.parquet"
    answers.to_parquet(path)
    survey = read_survey(path, instrument=instrument, cluster="unit")
    pd.testing.assert_frame_equal(survey.values(), item_values(answers))
    assert survey.clusters().iloc[0] == answers["unit"].iloc[0]


def test_without_an_instrument_every_numeric_column_is_an_item(tmp_path):
    path = tmp_path / "plain.csv"
    path.write_text("id;a;b;comment;unit\n007;1;2,5;ja;0301\n008;2;3,5;nei;0301\n")
    survey = read_survey(path, cluster="unit")
    assert survey.items == ("a", "b")
    assert survey.values()["b"].tolist() == [2.5, 3.5]
    assert survey.frame["id"].tolist() == ["007", "008"]
    assert survey.instrument is None


def test_float_ids_are_read_as_whole_numbers_and_reported(instrument, answers):
    floats = answers.assign(unit=answers["unit"].astype(float))
    floats.loc[0, "unit"] = np.nan
    survey = read_survey(floats, instrument=instrument, cluster="unit")
    assert set(survey.clusters().dropna()) == {str(u) for u in range(301, 313)}
    (problem,) = survey.check().of("ids_as_floats")
    assert problem.where == "unit"
    assert problem.count == survey.n - 1
    assert survey.check().of("missing_cluster")[0].rows == (1,)


@pytest.mark.parametrize("suffix", ["xlsx", "sav", "dta", "parquet", "frame"])
def test_unit_codes_that_are_numbers_in_the_source_are_noted(tmp_path, answers, suffix):
    numbers = answers.assign(unit=answers["unit"].astype(int))
    path = tmp_path / f"answers.{suffix}"
    write = {
        "xlsx": lambda: numbers.to_excel(path, index=False),
        "sav": lambda: pyreadstat.write_sav(numbers, str(path)),
        "dta": lambda: pyreadstat.write_dta(numbers, str(path)),
        "parquet": lambda: numbers.to_parquet(path),
    }.get(suffix)
    if write:
        write()
    source = path if write else numbers
    found = read_survey(source, instrument="tbm-core", cluster="unit").check()
    assert found.of("ids_as_numbers")[0].where == "unit"
    assert found.ok
    assert not read_survey(source, instrument="tbm-core").check().of("ids_as_numbers")


def test_unit_codes_written_as_text_raise_no_note(tmp_path, answers):
    path = tmp_path / "answers.csv"
    answers.to_csv(path, index=False)
    assert not read_survey(path, cluster="unit").check().of("ids_as_numbers")


def test_leading_zeros_survive_in_columns_nobody_named(tmp_path, instrument, answers):
    path = tmp_path / "answers.csv"
    answers.to_csv(path, index=False)
    assert read_survey(path, instrument=instrument).frame["unit"].iloc[0].startswith("03")


def test_instrument_may_be_a_name(answers):
    assert read_survey(answers, instrument="tbm-core").instrument.name == "tbm-core"


def test_synthetic_is_what_the_file_says_or_the_user(tmp_path, instrument, answers):
    path = tmp_path / "synthetic_answers.csv"
    answers.to_csv(path, index=False)
    assert read_survey(path, instrument=instrument).synthetic
    assert not read_survey(path, instrument=instrument, synthetic=False).synthetic
    assert not read_survey(answers, instrument=instrument).synthetic


def test_mixed_decimals_are_left_as_text_and_reported(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text("a;b;c\n1,5;1.5;1\n2,5;2.5;2\n")
    survey = read_survey(path)
    assert survey.items == ("b", "c")
    assert survey.check().of("mixed_decimals")[0].where == "a"
    assert read_survey(path, decimal=",").items == ("a", "c")


def test_mapping_with_other_codes_and_direction(answers):
    """A file with seven answers, 8 for don't know, and low codes for agreement."""
    frame = pd.DataFrame({"A2a": [1, 7, 8, 9], "A2b": [2, 3, 4, 5]})
    mapping = {
        "vtr1": {"column": "A2a", "codes": [1, 7], "missing": [8], "reverse": True},
        "vtr2": "A2b",
    }
    survey = read_survey(frame, instrument="tbm-core", columns=mapping)
    np.testing.assert_array_equal(survey.values()["vtr1"], [7, 1, np.nan, np.nan])
    assert {e.code: e.count for e in survey.exclusions()} == {"dont_know": 1, "out_of_range": 1}


def test_unknown_design_column(answers):
    with pytest.raises(SurveyError, match=r"cluster='units' is no column.*Did you mean 'unit'"):
        read_survey(answers, instrument="tbm-core", cluster="units")


def test_column_used_twice(answers):
    with pytest.raises(SurveyError, match="given to item 'vtr1' and to the design"):
        read_survey(answers, instrument="tbm-core", cluster="unit", columns={"vtr1": "unit"})


def test_decimal_is_a_choice(answers):
    with pytest.raises(OptionError, match="decimal"):
        read_survey(answers, decimal="comma")


def test_no_such_file(tmp_path):
    (tmp_path / "answers.csv").write_text("a\n1\n")
    with pytest.raises(SurveyError, match=r"no file .*Did you mean 'answers.csv'"):
        read_survey(tmp_path / "answer.csv")


def test_neither_path_nor_frame():
    with pytest.raises(SurveyError, match="dict is neither a path nor a data frame"):
        read_survey({"a": [1]})
