"""Two-column files: which column holds which item, and how many people each unit has."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping
from pathlib import Path

from truststats.errors import DefinitionError

__all__ = ["read_pairs", "read_unit_sizes"]

_ENCODINGS = ("utf-8-sig", "cp1252")


def read_pairs(source: Mapping[str, str] | str | Path) -> dict[str, str]:
    """Return pairs from a mapping, a TOML file of ``key = "value"``, or a two-column text file.

    Parameters
    ----------
    source : mapping or path
        The pairs. A text file has a heading line and separates its columns by comma, semicolon
        or tab; codes keep their leading zeros.

    Raises
    ------
    DefinitionError
        If the file is not there, has not two columns, or names a key twice.
    """
    if isinstance(source, Mapping):
        return {str(key): str(value) for key, value in source.items()}
    path = Path(source)
    text = _text(path)
    if path.suffix == ".toml":
        return {str(key): str(value) for key, value in tomllib.loads(text).items()}
    return _columns(text, path)


def read_unit_sizes(source: Mapping[str, int] | str | Path) -> dict[str, int]:
    """Return the number of people invited in each unit.

    Parameters
    ----------
    source : mapping or path
        Unit code to size, as for `read_pairs`.

    Raises
    ------
    DefinitionError
        If a size is not a whole number.
    """
    sizes = {}
    pairs = source.items() if isinstance(source, Mapping) else read_pairs(source).items()
    for unit, size in pairs:
        try:
            sizes[str(unit)] = int(size)
        except ValueError:
            raise DefinitionError(
                f"The size of unit {unit!r} is {size!r}, which is not a whole number.",
                where="" if isinstance(source, Mapping) else str(source),
                fix="write one line a unit: its code and the number of people invited",
            ) from None
    return sizes


def _text(path: Path) -> str:
    """Return the text of a file in either of the encodings that spreadsheets write."""
    try:
        data = path.read_bytes()
    except OSError:
        raise DefinitionError(f"There is no file {str(path)!r}.", fix="give its path") from None
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DefinitionError(f"{path.name} is not a text file.", where=str(path), fix="save it as csv")


def _columns(text: str, path: Path) -> dict[str, str]:
    """Return the first two columns of a text, without its heading line."""
    delimiter = max(";\t,", key=text.partition("\n")[0].count)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(row)]
    pairs: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) < 2 or row[0].strip() in pairs:
            raise DefinitionError(
                f"Row {number} of {path.name} is not one key and one value.",
                where=str(path),
                why="every key stands once, with its value in the second column",
                fix="write a heading line and then two columns: key;value",
            )
        pairs[row[0].strip()] = row[1].strip()
    return pairs
