import csv
import io
import math
import zipfile

import docx
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError, OptionError
from truststats.present.tables import files as table_files
from truststats.present.tables import html as table_html
from truststats.present.tables.files import csv_text, safe_cell, tex_text
from truststats.present.tables.fit import effects_table, measurement_table, structural_table
from truststats.present.tables.table import Table, marked, table
from truststats.present.wording.words import words
from truststats.results.bootstrap import Bootstrap
from truststats.workflow.crosscheck import crosscheck

NBSP = "\N{NO-BREAK SPACE}"


def rows_of(made: Table) -> list[list[str]]:
    delimiter = words(made.language).numbers.csv_delimiter
    return list(csv.reader(io.StringIO(csv_text(made)), delimiter=delimiter))


def test_the_table_of_a_fit_has_estimates_and_standardised_values(small_study):
    made = table(small_study.fit)
    assert made.header[:3] == ("Part", "Parameter", "Estimate")
    assert made.header[-2:] == ("95% CI", "Standardised")
    first, path = made.cells()[0], made.cells()[-1]
    assert first[1] == "Trust → vtr1"
    assert first[3:7] == ("–", "–", "–", "–")
    assert path[1] == "Trust → work_autonomy"
    assert path[6].startswith("[")
    assert "reverse-keyed" in made.notes[-1]


def test_values_stay_numbers_until_shown(small_study):
    made = table(small_study.verdicts, "nb")
    assert made.frame["estimate"].tolist() == [0.21, 0.0]
    assert made.cells()[0][3:6] == ("0,21", f"[0,15;{NBSP}0,27]", "0,10")
    assert rows_of(made)[1][3] == "0,21"
    assert "Én måling" in made.notes[0]


@pytest.mark.parametrize("name", ["verdicts", "rivals", "reliability", "survey", "checks"])
@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_part_of_a_study_has_a_table(small_study, name, language):
    made = table(getattr(small_study, name), language)
    assert made.title
    assert made._repr_html_()
    assert made.text() == repr(made)
    assert len(made.cells()) == len(made.frame)


def test_the_items_of_an_instrument_are_marked_when_reversed(small_study):
    items = {row[0]: row for row in table(small_study.instrument).cells()}
    assert "vtr5 (R)" in items
    assert items["vtr1"][2] == "Trust in closest manager"
    assert len(table(small_study.instrument["vertical_trust"]).cells()) == 5


def test_counts_of_a_few_missing_people_are_hidden(small_study):
    made = table(small_study.survey)
    missing = small_study.survey.missingness()["missing"].to_numpy()
    few = (missing > 0) & (missing < 5)
    assert few.any()
    assert made.frame["missing"].isna().to_numpy().tolist() == few.tolist()
    assert made.frame["valid"].isna().to_numpy().tolist() == few.tolist()
    assert "fewer than 5 people" in made.notes[1]


def test_reliability_speaks_bokmal(small_study):
    cells = table(small_study.reliability, "nb").cells()
    assert {row[1] for row in cells} >= {"Cronbachs alfa", "McDonalds omega"}
    assert "Selvbestemmelse i arbeidet" in {row[0] for row in cells}
    assert any("kovariansene" in row[-1] for row in cells)


def test_measurement_paths_and_effects(small_study):
    say = words("en")
    items = measurement_table(small_study.fit, say)
    assert items.header == ("Construct", "Item", "Wording", "Loading", "95% CI")
    assert items.cells()[3][1] == "vtr5 (R)"
    assert structural_table(small_study.fit, say).cells()[0][:2] == ("Trust", "work_autonomy")
    assert "Effect" in effects_table(small_study.fit, say).header


def test_any_frame_and_series_can_be_a_table():
    frame = pd.DataFrame({"x": [1.23456, math.nan], "name": ["a", "b"]}, index=["r1", "r2"])
    made = table(frame)
    assert made.cells() == [("r1", "1.235", "a"), ("r2", "–", "b")]
    assert table(made) is made
    assert table(pd.Series({"cfi": 0.95})).cells() == [("cfi", "0.950")]


def test_what_has_no_table_is_refused():
    with pytest.raises(OptionError, match="no table of a int"):
        table(3)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+47 12", "'+47 12"),
        ("-note", "'-note"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r=x"),
        ("  =x", "'  =x"),
        ("-0.5", "-0.5"),
        ("-0,5", "-0,5"),
        (-0.5, "-0.5"),
        (math.nan, ""),
        (None, ""),
        (True, "True"),
        ("plain", "plain"),
    ],
)
def test_a_spreadsheet_takes_no_cell_for_a_formula(cell, written):
    assert safe_cell(cell) == written


def test_no_csv_cell_of_an_attack_is_a_formula(evil_study):
    for one in (evil_study.verdicts, evil_study.rivals, evil_study.fit, evil_study.instrument):
        for row in rows_of(table(one)):
            assert not any(c[:1] in "=+-@\t\r" and not number(c) for c in row if c)


def number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("suffix", [".csv", ".docx", ".html", ".tex"])
def test_tables_are_saved_by_their_ending(small_study, tmp_path, suffix):
    path = table(small_study.verdicts).save(tmp_path / f"table{suffix}")
    assert path.stat().st_size > 100


def test_other_endings_are_refused(small_study, tmp_path):
    with pytest.raises(OptionError, match=r"Did you mean '\.docx'") as caught:
        table(small_study.verdicts).save(tmp_path / "t.doc")
    assert ".csv" in str(caught.value)


def test_csv_opens_in_the_readers_spreadsheet(small_study, tmp_path):
    path = table(small_study.rivals, "nb").save(tmp_path / "t.csv")
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"14069,8" in data
    assert b";" in data
    assert b"\r" not in data


def test_word_tables_are_real_tables(small_study, evil_study, evil, tmp_path):
    path = table(small_study.verdicts, "nb").save(tmp_path / "t.docx")
    made = docx.Document(str(path))
    grid = made.tables[0]
    assert grid.rows[0].cells[0].text == "Id"
    assert "tblHeader" in grid.rows[0]._tr.xml
    assert made.paragraphs[-1].text.startswith("Merk. Én måling")
    with zipfile.ZipFile(path) as parts:
        assert b'w:val="nb-NO"' in parts.read("word/styles.xml")
    table(evil_study.verdicts).save(path)
    assert docx.Document(str(path)).tables[0].rows[1].cells[1].text == evil[0]
    Table(pd.DataFrame({"a": ["bell\x07"]}), "t\x00itle").save(path)
    assert docx.Document(str(path)).tables[0].rows[1].cells[0].text == "bell"


def test_html_tables_are_escaped_and_deterministic(evil_study, evil):
    made = table(evil_study.verdicts)
    for html in (made.html(), table_html.page(made), made.gt().as_raw_html(), made._repr_html_()):
        assert evil[0] not in html
        assert "&lt;script&gt;" in html
    assert made._repr_html_() == made._repr_html_()
    assert '<th scope="col"' in made.html()
    assert '<th scope="row"' in made.html()


def test_latex_is_escaped():
    made = Table(pd.DataFrame({"50 % & more_": [r"\input{x}", "a→b"]}), "T$")
    text = tex_text(made)
    assert r"50 \% \& more\_" in text
    assert r"\textbackslash{}input\{x\}" in text
    assert r"$\rightarrow$" in text


def test_missing_packages_are_named(small_study, tmp_path, monkeypatch):
    monkeypatch.setattr(table_html, "find_spec", lambda name: None)
    monkeypatch.setattr(table_files, "find_spec", lambda name: None)
    made = table(small_study.verdicts)
    with pytest.raises(NotSupportedError, match="great_tables"):
        made.gt()
    with pytest.raises(NotSupportedError, match="python-docx"):
        made.save(tmp_path / "t.docx")
    assert made._repr_html_().startswith("<style>")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_every_file_of_a_table_says_that_answers_are_synthetic(small_study, tmp_path, language):
    say, fit = words(language), small_study.fit
    made = [measurement_table(fit, say), structural_table(fit, say), effects_table(fit, say)]
    values = (fit, fit.fit_measures, fit.effects(), small_study.reliability, small_study.survey)
    made += [table(value, language) for value in values]
    for number, one in enumerate(made):
        assert say("common.synthetic") in one.text()
        assert "synthetic" not in one.shown
        for ending in ("csv", "docx", "html", "tex"):
            one.save(tmp_path / "new folder" / f"{number}.{ending}")
        assert rows_of(one)[0][-1] == "synthetic"
        assert {row[-1] for row in rows_of(one)[1:]} == {"1"}
        assert (
            say("common.synthetic")
            in docx.Document(str(tmp_path / "new folder" / f"{number}.docx")).paragraphs[-1].text
        )
        for ending in ("html", "tex"):
            text = (tmp_path / "new folder" / f"{number}.{ending}").read_text("utf8")
            assert say("common.synthetic") in text


def test_a_table_of_real_answers_has_no_such_mark(small_study):
    frame = small_study.fit.tidy()
    frame.attrs.clear()
    assert "synthetic" not in table(frame).frame.columns
    assert marked(table(frame), small_study).notes[0].startswith("SYNTHETIC DATA")
    once = marked(table(frame), small_study)
    assert marked(once, small_study) is once


def test_fit_measures_have_names_and_whole_numbers(small_study, tmp_path):
    made = table(small_study.fit.fit_measures, "nb")
    shown = {row[0]: row[1] for row in made.cells(plain=True)}
    assert made.title == "Modelltilpasning"
    assert shown["Frie parametre"] == str(small_study.fit.npar)
    assert shown["Nullmodell: p (skalert)"].replace(NBSP, " ") == "< 0,001"
    assert shown["Frihetsgrader"] == str(small_study.fit.df)
    assert not set(shown) & set(small_study.fit.fit_measures.index)
    assert rows_of(made)[1][:2] == ["npar", "Frie parametre"]
    document = docx.Document(str(made.save(tmp_path / "fit.docx")))
    assert document.paragraphs[0].text == "Modelltilpasning"
    assert [cell.text for cell in document.tables[0].rows[0].cells] == ["Mål", "Verdi"]


def test_a_measure_without_a_name_keeps_its_own():
    made = table(pd.Series({"rmsea": 0.05, "odd_scaled": 1.0}))
    assert [row[0] for row in made.cells()] == ["RMSEA", "odd_scaled"]


def test_the_crosscheck_is_headed_in_the_readers_language(small_study):
    made = table(crosscheck(small_study.fit, engines=["semopy"]), "nb")
    assert made.header[:4] == ("Variabel", "Operator", "Variabel", "Navn")
    assert made.header[4:] == (
        "Estimat, truststats",
        "SE, truststats",
        "Estimat, truststats (samme kovarianser)",
        "Estimat, semopy",
    )
    assert "SYNTETISKE DATA" in made.text()


def test_the_table_of_a_bootstrap_has_its_intervals(small_study):
    fit = small_study.fit
    theta = fit.estimate.theta * np.linspace(0.99, 1.01, 99)[:, None]
    boot = Bootstrap(fit, theta, 1, 20261121, "rows")
    made = table(boot)
    assert made.header == ("Parameter", "Estimate", "SE", "95% CI", "Standardised", "95% CI")
    assert made.notes[1] == "Percentile intervals of 99 refits to resampled rows; seed 20261121."


def test_few_clusters_are_tested_by_t():
    rows = ts.load_dataset()
    fit = ts.fit("f =~ tlead1 + tlead2 + tlead3", rows, cluster="unit", se="cr3")
    assert "t(94)" in str(ts.table(fit))
