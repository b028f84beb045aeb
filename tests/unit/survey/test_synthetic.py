from __future__ import annotations

import shutil

import pandas as pd
import polars as pl
import pytest

from truststats.datasets import dataset_path, load_dataset
from truststats.simulate import simulate
from truststats.survey import read_survey
from truststats.survey.synthetic import is_synthetic, is_synthetic_file


def test_a_copy_under_another_name_keeps_its_label(tmp_path):
    path = tmp_path / "our_employees.csv"
    shutil.copy(dataset_path("municipal_employees", "ugly"), path)
    survey = read_survey(path, instrument="tbm-core", cluster="enhetsnr")
    assert survey.synthetic
    assert len(survey.items) == 59


def test_other_files_have_none():
    assert not is_synthetic_file("0" * 64)


def test_the_bundled_survey_as_a_frame_keeps_its_label():
    frame = load_dataset("municipal_employees")
    assert frame.attrs["synthetic"] is True
    survey = read_survey(frame[frame["city"] == frame["city"].iloc[0]], instrument="tbm-core")
    assert survey.synthetic
    assert "synthetic" not in load_dataset("bagozzi1980").cor.attrs


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "dta"])
def test_a_file_saved_from_a_simulated_frame_keeps_its_label(tmp_path, ending):
    frame = simulate(instrument="tbm-short").frame.head(40)
    path = tmp_path / f"answers.{ending}"
    writers = {"csv": "to_csv", "xlsx": "to_excel", "parquet": "to_parquet", "dta": "to_stata"}
    index = {"write_index": False} if ending == "dta" else {"index": False}
    getattr(frame, writers[ending])(path, **index)
    assert read_survey(path, instrument="tbm-short").synthetic
    bare = read_survey(path)
    assert bare.synthetic
    assert "synthetic" not in bare.items
    assert not read_survey(path, synthetic=False).synthetic
    assert "synthetic" not in read_survey(path, synthetic=False).frame.attrs


def test_a_parquet_file_keeps_the_label_of_its_frame(tmp_path):
    path = tmp_path / "answers.parquet"
    load_dataset("municipal_employees").to_parquet(path)
    assert read_survey(path, instrument="tbm-core").synthetic


def test_frames_of_a_synthetic_survey_keep_the_label():
    survey = simulate(instrument="tbm-short")
    frames = (survey.frame, survey.values(), survey.values(["vtr1"]), survey.missingness())
    assert all(is_synthetic(frame) for frame in (*frames, survey.response(), survey))


@pytest.mark.parametrize("value", [1, 1.0, "1", "TRUE", "yes"])
def test_one_marked_row_is_enough_in_any_frame(value):
    rows = {"vtr1": [1, 2, 3], "synthetic": [None, value, None]}
    assert is_synthetic(pd.DataFrame(rows))
    assert is_synthetic(pl.DataFrame(rows))
    assert read_survey(pl.DataFrame(rows)).synthetic


@pytest.mark.parametrize("value", [pd.DataFrame({"synthetic": [0, 0]}), pl.DataFrame(), 3, None])
def test_nothing_else_is_synthetic(value):
    assert not is_synthetic(value)
