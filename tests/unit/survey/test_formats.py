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


def test_question_texts_below_the_header_are_labels(tmp_path, instrument, answers):
    names = [f"Q{i}" for i in range(1, 6)]
    items = instrument.items[:5]
    lines = [",".join(names), ",".join(f'"{i.text["en"]}"' for i in items)]
    lines += [",".join(map(str, row)) for row in answers.iloc[:40, 1:6].to_numpy()]
    path = tmp_path / "qualtrics.csv"
    path.write_text("\n".join(lines), "utf-8")
    survey = read_survey(path, instrument=instrument)
    assert dict(survey.columns) == {i.name: n for i, n in zip(items, names, strict=True)}
    assert survey.n == 40
    assert survey.check().of("text_of_another_item") == ()


def test_titles_above_a_csv(tmp_path, instrument, answers):
    path = tmp_path / "titled.csv"
    path.write_text("Undersøkelse 2024;;\n\n" + answers.to_csv(sep=";", index=False), "utf-8")
    assert read_survey(path, instrument=instrument, cluster="unit").n == len(answers)


def test_rows_that_are_too_long_are_an_error_that_names_them(tmp_path):
    path = tmp_path / "ragged.csv"
    path.write_text("a,b\n1,2\n1,2,3\n")
    with pytest.raises(SurveyError, match=r"1 row\(s\) have more than the header's 2 fields") as e:
        read_survey(path)
    assert "rows 2" in str(e.value)


def test_rows_that_are_too_short_are_reported(tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("a,b,c,\n1,2,3,\n1,2\n\n")
    survey = read_survey(path)
    assert list(survey.frame.columns) == ["a", "b", "c"]
    problem = survey.check().of("short_rows")[0]
    assert (problem.count, problem.rows) == (1, (2,))


def test_repeated_headers_are_kept_apart_and_never_guessed(tmp_path, instrument):
    path = tmp_path / "twice.csv"
    path.write_text("vtr1,Kommentar,Kommentar,vtr1\n1,x,y,2\n2,x,y,3\n")
    with pytest.raises(
        SurveyError, match=r"'vtr1' and 'vtr1 \(column 4\)' both answer item 'vtr1'"
    ):
        read_survey(path, instrument=instrument)
    survey = read_survey(path, instrument=instrument, columns={"vtr1": "vtr1"})
    assert survey.values()["vtr1"].tolist() == [1, 2]


def test_broken_letters_are_reported(tmp_path):
    path = tmp_path / "broken.csv"
    path.write_text("Ã¥r,a\n1,2\n", "utf-8")
    assert read_survey(path).check().of("broken_letters")[0].where == "Ã¥r"


@pytest.mark.parametrize("name", ["empty.csv", "empty.xlsx"])
def test_empty_files(tmp_path, name):
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("\n\n")
    else:
        workbook(path, [])
    with pytest.raises(SurveyError, match="holds no rows"):
        read_survey(path)


def test_header_without_rows(tmp_path, instrument, answers):
    path = tmp_path / "none.csv"
    path.write_text(",".join(answers.columns) + "\n")
    survey = read_survey(path, instrument=instrument, cluster="unit")
    assert survey.n == 0
    assert survey.check().of("empty_item")
    assert survey.response().empty


def test_unknown_format(tmp_path):
    path = tmp_path / "answers.ods"
    path.write_text("x")
    with pytest.raises(SurveyError, match=r"ending in '.ods' cannot be read"):
        read_survey(path)


def test_the_hash_of_a_frame_tells_contents_apart(answers):
    one = read_survey(answers).file_hash
    assert one == read_survey(answers.copy()).file_hash
    changed = answers.copy()
    changed.loc[0, "vtr1"] = 6 - changed.loc[0, "vtr1"] + 1
    assert one != read_survey(changed).file_hash
