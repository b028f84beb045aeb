"""How many people each unit has, from a small file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from truststats.errors import DefinitionError
from truststats.survey.sniff import decode, sniff_delimiter

__all__ = ["read_unit_sizes"]


def read_unit_sizes(source: Mapping[str, int] | str | Path) -> dict[str, int]:
    """Return the number of people invited in each unit.

    Parameters
    ----------
    source : mapping or path
        Unit code to size, or a text file with a heading line and these two columns. Codes keep
        their leading zeros.

    Raises
    ------
    DefinitionError
        If the file is not there, a row is not a unit and a whole number, or a unit stands twice.
    """
    if isinstance(source, Mapping):
        return {str(unit): int(size) for unit, size in source.items()}
    path = Path(source)
    if not path.is_file():
        raise DefinitionError(f"There is no file {str(path)!r}.", fix="give its path")
    text, _ = decode(path.read_bytes(), None, path.name)
    rows = csv.reader(io.StringIO(text), delimiter=sniff_delimiter(text))
    next(rows, None)
    sizes: dict[str, int] = {}
    for row in rows:
        if not any(row):
            continue
        unit, size = (*(cell.strip() for cell in row), "", "")[:2]
        if unit in sizes or not size.isdigit():
            raise DefinitionError(
                f"The row {';'.join(row)!r} is not a unit and the number of people invited.",
                where=str(path),
                why="every unit stands once, with a whole number in the second column",
                fix="write a heading line and then one line a unit: 0101;24",
            )
        sizes[unit] = int(size)
    return sizes
