from __future__ import annotations

from pathlib import Path

import pytest

from truststats.errors import DefinitionError
from truststats.studies.unit_sizes import read_unit_sizes


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_two_columns_keep_leading_zeros(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text(f"unit{delimiter}invited\n0101{delimiter}24\n0102{delimiter}31\n\n")
    assert read_unit_sizes(file) == {"0101": 24, "0102": 31}


def test_windows_encoding_is_read(tmp_path: Path) -> None:
    file = tmp_path / "sizes.csv"
    file.write_bytes("enhet;antall\nGrønn skole;12\n".encode("cp1252"))
    assert read_unit_sizes(file) == {"Grønn skole": 12}


def test_a_mapping_is_taken_as_it_is() -> None:
    assert read_unit_sizes({"a": 3}) == {"a": 3}


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DefinitionError, match=r"There is no file 'nowhere\.csv'"):
        read_unit_sizes("nowhere.csv")


@pytest.mark.parametrize("body", ["0101\n", "0101,many\n", "0101,3\n0101,4\n"])
def test_every_unit_stands_once_with_a_whole_number(tmp_path: Path, body: str) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text("unit,size\n" + body)
    with pytest.raises(DefinitionError, match="is not a unit and the number of people"):
        read_unit_sizes(file)
