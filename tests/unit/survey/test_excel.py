from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pytest

from truststats.errors import SurveyError
from truststats.survey import read_survey


def workbook(path, rows, *, title=(), sheets=("Svar",), formats=None):
    book = openpyxl.Workbook()
    for at, name in enumerate(sheets):
        sheet = book.active if at == 0 else book.create_sheet()
        sheet.title = name
        if at == len(sheets) - 1:
            for row in (*title, *rows):
                sheet.append(list(row))
        else:
            sheet.append(["Dette er en forside"])
        for cell, shown in (formats or {}).items():
            sheet[cell].number_format = shown
    book.save(path)
    return path


def rows_of(frame: pd.DataFrame) -> list[list[object]]:
    return [list(frame.columns), *frame.astype(object).to_numpy().tolist()]


def test_excel_with_titles_above_the_header(tmp_path, instrument, answers):
    titles = [["Medarbeiderundersøkelsen 2024"], [], [None, "Ledelse", None, None, "Tillit"]]
    path = workbook(tmp_path / "a.xlsx", rows_of(answers), title=titles)
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("B3:D3")
    book.save(path)
    survey = read_survey(path, instrument=instrument, cluster="unit")
    expected = answers.drop(columns="unit").astype("float64")
    pd.testing.assert_frame_equal(survey.values(), expected)
    assert survey.clusters().tolist() == answers["unit"].tolist()
    assert any("row 4" in note.message for note in survey.notes)


def test_excel_with_labels_texts_as_headers_and_a_cover_sheet(tmp_path, instrument, answers):
    labels = instrument["vertical_trust"].response_set.labels["nb"]
    told = answers.iloc[:, :12].map(lambda c: labels[c - 1] if isinstance(c, int) else c)
    told = told.rename(
        columns={i.name: f"{n}. {i.text['nb']}" for n, i in enumerate(instrument.items, 1)}
    )
    path = workbook(tmp_path / "a.xlsx", rows_of(told), sheets=("Forside", "Data"))
    survey = read_survey(path, instrument=instrument, cluster="unit")
    expected = answers.iloc[:, 1:12].astype("float64")
    pd.testing.assert_frame_equal(survey.values(), expected)
    assert len(survey.missing_items) == 48
    assert read_survey(path, instrument=instrument, sheet="Data").items == survey.items
    with pytest.raises(SurveyError, match=r"no sheet 'data '.*Did you mean 'Data'"):
        read_survey(path, instrument=instrument, sheet="data ")


def test_excel_leading_zero_formats_and_float_ids(tmp_path):
    rows = [["unit", "a", "b"], [301, 1, "2"], [301.5, 2, None], [None, None, None]]
    path = workbook(tmp_path / "a.xlsx", rows, formats={"A2": "0000"})
    survey = read_survey(path, cluster="unit")
    assert survey.clusters().tolist() == ["0301", "301.5"]
    assert survey.items == ("a", "b")
    assert np.isnan(survey.values()["b"].iloc[1])


def test_an_empty_workbook(tmp_path):
    path = workbook(tmp_path / "empty.xlsx", [])
    with pytest.raises(SurveyError, match="holds no rows"):
        read_survey(path)
