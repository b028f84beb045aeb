from __future__ import annotations

from pathlib import Path

import pytest

from truststats.errors import DefinitionError
from truststats.studies.pairs import read_pairs, read_unit_sizes


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_two_columns_keep_leading_zeros(tmp_path: Path, delimiter: str) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text(f"unit{delimiter}size\n0101{delimiter}24\n0102{delimiter}31\n\n")
    assert read_unit_sizes(file) == {"0101": 24, "0102": 31}


def test_windows_encoding_is_read(tmp_path: Path) -> None:
    file = tmp_path / "columns.csv"
    file.write_bytes("item;kolonne\nvtr1;Spørsmål 14\n".encode("cp1252"))
    assert read_pairs(file) == {"vtr1": "Spørsmål 14"}


def test_toml_and_mappings_are_taken_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "columns.toml"
    file.write_text('vtr1 = "Q14"\n')
    assert read_pairs(file) == {"vtr1": "Q14"}
    assert read_pairs({"vtr1": "Q14"}) == {"vtr1": "Q14"}
    assert read_unit_sizes({"a": 3}) == {"a": 3}


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DefinitionError, match=r"There is no file 'nowhere\.csv'"):
        read_pairs("nowhere.csv")


def test_a_size_must_be_a_whole_number(tmp_path: Path) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text("unit,size\n0101,many\n")
    with pytest.raises(DefinitionError, match="size of unit '0101' is 'many'"):
        read_unit_sizes(file)


@pytest.mark.parametrize("body", ["0101\n", "0101,3\n0101,4\n"])
def test_every_key_stands_once_with_a_value(tmp_path: Path, body: str) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text("unit,size\n" + body)
    with pytest.raises(DefinitionError, match=r"of sizes\.csv is not one key and one value"):
        read_pairs(file)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "sizes.csv"
    file.write_bytes(b"\x81\x8d\xff")
    with pytest.raises(DefinitionError, match="is not a text file"):
        read_pairs(file)
