from __future__ import annotations

import pytest

from truststats.errors import SurveyError
from truststats.survey import read_survey


def test_unknown_format(tmp_path):
    path = tmp_path / "answers.ods"
    path.write_text("x")
    with pytest.raises(SurveyError, match=r"ending in '.ods' cannot be read"):
        read_survey(path)


def test_a_folder_is_called_one_and_its_files_are_named(tmp_path):
    with pytest.raises(SurveyError, match=r"is a folder, not a file") as caught:
        read_survey(tmp_path)
    assert "a file ending in .csv" in caught.value.fix
    for name in ("b.sav", "a.csv", "notes.md"):
        (tmp_path / name).write_text("x")
    with pytest.raises(SurveyError) as caught:
        read_survey(tmp_path)
    assert caught.value.fix == "name the file in it: a.csv, b.sav"


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "sav", "dta", "parquet"])
def test_an_empty_file_is_called_empty(tmp_path, suffix):
    path = tmp_path / f"answers.{suffix}"
    path.touch()
    with pytest.raises(SurveyError, match=r"is empty \(0 bytes\)") as caught:
        read_survey(path)
    assert "encoding" not in str(caught.value)


def test_the_hash_of_a_frame_tells_contents_apart(answers):
    one = read_survey(answers).file_hash
    assert one == read_survey(answers.copy()).file_hash
    changed = answers.copy()
    changed.loc[0, "vtr1"] = 6 - changed.loc[0, "vtr1"] + 1
    assert one != read_survey(changed).file_hash
