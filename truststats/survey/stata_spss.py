"""SPSS and Stata files through pyreadstat: codes, labels, user-missing values, encodings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pyreadstat

from truststats.errors import SurveyError
from truststats.survey.text import nfc

__all__ = ["StatFile", "read"]

_FALLBACKS = (None, "WINDOWS-1252", "ISO-8859-1")
_ZERO_FILLED = re.compile(r"N(\d+)(?:\.0)?")


@dataclass(frozen=True)
class StatFile:
    """What an SPSS or Stata file holds besides its cells."""

    frame: pd.DataFrame
    labels: Mapping[str, str]
    value_labels: Mapping[str, Mapping[Any, str]]
    user_missing: Mapping[str, tuple[Any, ...]]
    widths: Mapping[str, int]
    title: str
    notes: tuple[str, ...]


def read(path: Path, encoding: str | None = None) -> StatFile:
    """Return an SPSS (.sav, .zsav) or Stata (.dta) file with codes, not labels, in its cells.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str, optional
        Overrides the encoding that the file states. Without it, the stated encoding is tried,
        then windows-1252, then latin-1, because many files state a wrong one.

    Raises
    ------
    SurveyError
        If no encoding can read the file.
    """
    reader = pyreadstat.read_dta if path.suffix.casefold() == ".dta" else pyreadstat.read_sav
    problem: Exception | None = None
    for choice in (encoding,) if encoding else _FALLBACKS:
        try:
            frame, meta = reader(str(path), encoding=choice, user_missing=True)
        except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
            problem = error
            continue
        notes = (f"Read as {choice}: the file's own encoding failed.",) if problem else ()
        return _collect(cast("pd.DataFrame", frame), meta, notes)
    raise SurveyError(
        f"The file cannot be read: {problem}",
        where=path.name,
        fix='give the encoding, for example encoding="windows-1252", or save the file again',
    )


def _collect(frame: pd.DataFrame, meta: Any, notes: tuple[str, ...]) -> StatFile:
    ranges = {
        name: tuple(_missing_value(r) for r in values)
        for name, values in (meta.missing_ranges or {}).items()
    }
    letters = {k: tuple(v) for k, v in (meta.missing_user_values or {}).items()}
    formats = meta.original_variable_types or {}
    widths = {
        name: int(match.group(1))
        for name, shown in formats.items()
        if (match := _ZERO_FILLED.fullmatch(str(shown)))
    }
    return StatFile(
        frame,
        dict(meta.column_names_to_labels or {}),
        {
            name: {code: nfc(label) for code, label in labels.items()}
            for name, labels in (meta.variable_value_labels or {}).items()
        },
        {**letters, **ranges},
        widths,
        " ".join([str(meta.file_label or ""), *map(str, meta.notes or [])]).strip(),
        notes,
    )


def _missing_value(value: Any) -> Any:
    """Return one declared missing value as (low, high), or as text for a text variable."""
    low, high = value["lo"], value["hi"]
    return low if isinstance(low, str) else (float(low), float(high))
