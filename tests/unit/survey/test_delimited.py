from __future__ import annotations

import pytest

from truststats.errors import SurveyError
from truststats.survey import read_survey


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
    with pytest.raises(SurveyError, match=r"1 row has more than the header's 2 fields") as e:
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


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("\n\n")
    with pytest.raises(SurveyError, match="holds no rows"):
        read_survey(path)


def test_header_without_rows(tmp_path, instrument, answers):
    path = tmp_path / "none.csv"
    path.write_text(",".join(answers.columns) + "\n")
    survey = read_survey(path, instrument=instrument, cluster="unit")
    assert survey.n == 0
    assert survey.check().of("empty_item")
    assert survey.response().empty
