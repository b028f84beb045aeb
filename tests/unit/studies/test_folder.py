from __future__ import annotations

import json
from pathlib import Path

import pytest

from truststats.errors import DataError, NotSupportedError
from truststats.studies import folder
from truststats.studies.folder import RECORD, claim_folder, need_report_packages
from truststats.studies.record import SCHEMA


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    assert claim_folder(tmp_path / "a" / "b").is_dir()


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(DataError, match="holds files that no study wrote") as caught:
        claim_folder(tmp_path)
    assert "--force" in str(caught.value)
    assert (tmp_path / "thesis.docx").read_text() == "mine"
    assert claim_folder(tmp_path, force=True) == tmp_path
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def test_an_earlier_study_is_written_over(tmp_path: Path) -> None:
    (tmp_path / RECORD).write_text(json.dumps({"schema": SCHEMA}))
    (tmp_path / "report.html").write_text("old")
    assert claim_folder(tmp_path) == tmp_path


@pytest.mark.parametrize("text", ["{}", "not json", "[]"])
def test_a_results_file_of_another_kind_is_no_study(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(DataError, match="no study wrote"):
        claim_folder(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(DataError, match="is a file, and a study writes a folder"):
        claim_folder(tmp_path / "out")


def test_missing_packages_are_named_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    need_report_packages()
    monkeypatch.setattr(folder, "find_spec", lambda name: None if name == "docx" else object())
    with pytest.raises(NotSupportedError, match=r"needs python-docx(?s:.*)truststats\[report\]"):
        need_report_packages()
