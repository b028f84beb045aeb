"""One reader per file format, each returning the same `Table`."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from truststats.errors import SurveyError
from truststats.options import did_you_mean
from truststats.survey import stata_spss
from truststats.survey.delimited import read_text
from truststats.survey.excel import read_excel
from truststats.survey.table import Request, Table, name_columns, note
from truststats.survey.text import nfc

__all__ = ["SUFFIXES", "from_frame", "load"]


def read_parquet(path: Path, data: bytes, request: Request) -> Table:
    """Return a parquet file with its own types."""
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(data))
    title = " ".join(
        value.decode("utf-8", "replace")
        for key, value in (table.schema.metadata or {}).items()
        if key in (b"title", b"description", b"synthetic")
    )
    names, headers = name_columns(table.column_names)
    frame = table.rename_columns(names).to_pandas()
    frame.attrs |= json.loads((table.schema.metadata or {}).get(b"PANDAS_ATTRS", b"{}"))
    return Table(frame, headers, title=title)


def read_statistical(path: Path, data: bytes, request: Request) -> Table:
    """Return an SPSS or Stata file with its labels and user-missing codes."""
    found = stata_spss.read(path, request.encoding)
    names, headers = name_columns(list(found.frame.columns))
    rename = dict(zip(found.frame.columns, names, strict=True))
    return Table(
        found.frame.set_axis(names, axis=1),
        headers,
        labels={rename[k]: nfc(v) for k, v in found.labels.items() if v},
        value_labels={rename[k]: v for k, v in found.value_labels.items()},
        user_missing={rename[k]: v for k, v in found.user_missing.items()},
        widths={rename[k]: v for k, v in found.widths.items()},
        stores_floats=True,
        title=found.title,
        notes=tuple(note("read_as", text) for text in found.notes),
    )


SUFFIXES: Mapping[str, Callable[[Path, bytes, Request], Table]] = {
    ".csv": read_text,
    ".txt": read_text,
    ".tsv": read_text,
    ".xlsx": read_excel,
    ".xlsm": read_excel,
    ".sav": read_statistical,
    ".zsav": read_statistical,
    ".dta": read_statistical,
    ".parquet": read_parquet,
}


def load(path: Path, request: Request) -> tuple[Table, str]:
    """Return the table in a file and the sha256 of the file's bytes.

    Raises
    ------
    SurveyError
        If the file is absent, a folder, empty or of an unknown format.
    """
    if path.is_dir():
        raise SurveyError(
            f"{str(path)!r} is a folder, not a file.", fix=f"name the file in it: {_files_in(path)}"
        )
    if not path.is_file():
        folder = path.parent if path.parent.is_dir() else Path()
        hint = did_you_mean(path.name, [p.name for p in folder.iterdir() if p.is_file()])
        raise SurveyError(f"There is no file {str(path)!r}.{hint}", fix="check the path")
    reader = SUFFIXES.get(path.suffix.casefold())
    if reader is None:
        raise SurveyError(
            f"Files ending in {path.suffix!r} cannot be read.",
            where=str(path.name),
            fix=f"save as one of {', '.join(SUFFIXES)}, or pass a data frame",
        )
    data = path.read_bytes()
    if not data:
        raise SurveyError(
            f"The file {path.name!r} is empty (0 bytes).",
            why="an export or a download that failed leaves such a file",
            fix="export the answers again",
        )
    return reader(path, data, request), hashlib.sha256(data).hexdigest()


def _files_in(folder: Path) -> str:
    """Return the first files of a folder that can be read, or what they may end in."""
    known = sorted(p.name for p in folder.iterdir() if p.suffix.casefold() in SUFFIXES)
    if not known:
        return f"a file ending in {', '.join(SUFFIXES)}"
    return ", ".join(known[:3]) + (" ..." if len(known) > 3 else "")


def from_frame(data: Any) -> tuple[Table, str]:
    """Return the table in any data frame that narwhals knows, and a sha256 of its contents.

    Raises
    ------
    SurveyError
        If the object is no data frame.
    """
    if isinstance(data, pd.DataFrame):
        frame = data.copy()
    else:
        try:
            native = nw.from_native(data)
        except TypeError as error:
            raise SurveyError(
                f"{type(data).__name__} is neither a path nor a data frame.",
                fix="pass a file's path, or a pandas, polars, pyarrow or other narwhals frame",
            ) from error
        eager = native.collect() if isinstance(native, nw.LazyFrame) else native
        frame = eager.to_pandas()
    names, headers = name_columns(list(frame.columns))
    frame = frame.set_axis(names, axis=1).reset_index(drop=True)
    return Table(frame, headers), frame_hash(frame)


def frame_hash(frame: pd.DataFrame) -> str:
    """Return the sha256 of a frame's names and cells, independent of the library it came from."""
    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        digest.update(str(name).encode() + b"\x1e")
        if pd.api.types.is_numeric_dtype(column):
            digest.update(column.astype("float64").to_numpy().tobytes())
        else:
            digest.update("\x1f".join(column.astype(object).map(str)).encode())
    return digest.hexdigest()
