from __future__ import annotations

import shutil

from truststats.datasets import dataset_path
from truststats.survey import read_survey
from truststats.survey.synthetic import is_synthetic_file


def test_a_copy_under_another_name_keeps_its_label(tmp_path):
    path = tmp_path / "our_employees.csv"
    shutil.copy(dataset_path("municipal_employees", "ugly"), path)
    survey = read_survey(path, instrument="tbm-core", cluster="enhetsnr")
    assert survey.synthetic
    assert len(survey.items) == 59


def test_other_files_have_none():
    assert not is_synthetic_file("0" * 64)
