from __future__ import annotations

from pathlib import Path

import pytest

from truststats.errors import DefinitionError
from truststats.studies.config import BUNDLED, StudyConfig, read_config


def test_without_settings_it_is_the_bundled_survey() -> None:
    config = StudyConfig.of({})
    assert config.data == BUNDLED
    assert config.language == "en"
    assert config.min_n == 5


def test_an_unknown_key_is_refused_with_a_suggestion() -> None:
    with pytest.raises(DefinitionError) as caught:
        StudyConfig.of({"lanugage": "nb", "min_n": 3}, where="study.toml")
    assert "unknown key 'lanugage'. Did you mean 'language'?" in str(caught.value)
    assert "Where: study.toml" in str(caught.value)
    assert "the settings are: data, instrument" in str(caught.value)


def test_all_wrong_values_are_named_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        StudyConfig.of({"language": "sv", "bootstrap": -1, "unit_sizes": {"a": "many"}})
    message = str(caught.value)
    assert "- language: " in message
    assert "(got 'sv')" in message
    assert "- bootstrap: " in message
    assert "unit_sizes" in message


def test_the_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        StudyConfig.of({}).language = "nb"  # pyright: ignore[reportAttributeAccessIssue]


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(
        'data = "svar 2026.csv"\nout = "results"\ninstrument = "tbm-core"\n'
        '[columns]\nvtr1 = "q14"\n[unit_sizes]\n"0101" = 23\n',
        encoding="utf8",
    )
    settings = read_config(file)
    assert settings["data"] == str(tmp_path / "svar 2026.csv")
    assert settings["out"] == str(tmp_path / "results")
    assert settings["instrument"] == "tbm-core"
    config = StudyConfig.of(settings)
    assert config.columns == {"vtr1": "q14"}
    assert config.unit_sizes == {"0101": 23}


def test_an_absolute_path_stays(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(f"data = '{tmp_path / 'a.csv'}'\n", encoding="utf8")
    assert read_config(file)["data"] == str(tmp_path / "a.csv")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text('title = "Ansatte"\n', encoding="utf-8-sig")
    assert read_config(file) == {"title": "Ansatte"}


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"There is no study file .*nowhere\.toml"):
        read_config(tmp_path / "nowhere.toml")


def test_a_broken_file_says_what_to_write(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text("title = Ansatte\n", encoding="utf8")
    with pytest.raises(DefinitionError, match=r"study\.toml is not TOML(?s:.*)quotation marks"):
        read_config(file)
