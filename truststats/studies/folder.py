"""The output folder of a study: whether it may be written to, and with what."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

from truststats.errors import DataError, NotSupportedError
from truststats.studies.record import SCHEMA

__all__ = ["RECORD", "claim_folder", "need_report_packages"]

RECORD = "results.json"
REPORT_PACKAGES = {"matplotlib": "matplotlib", "seaborn": "seaborn", "docx": "python-docx"}


def claim_folder(out: str | Path, *, force: bool = False) -> Path:
    """Return the folder to write to, made where it was missing.

    Nothing in it is ever deleted: a study writes its own files, over those of an earlier study.

    Parameters
    ----------
    out : path
        The folder.
    force : bool
        Write into a folder that holds other things too.

    Raises
    ------
    DataError
        If the path is a file, or a folder that holds something and is no earlier study.
    """
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise DataError(
            f"{str(folder)!r} is a file, and a study writes a folder.",
            fix="give another name with out= (--out)",
        )
    if folder.is_dir() and any(folder.iterdir()) and not force and not _is_study(folder):
        raise DataError(
            f"The folder {str(folder)!r} holds files that no study wrote.",
            why="a study never mixes its files with yours without being told to",
            fix="give an empty or new folder with out= (--out), or say force=True (--force); "
            "nothing is deleted either way",
        )
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_study(folder: Path) -> bool:
    """Tell whether a folder holds the record of an earlier study."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf8"))
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("schema") == SCHEMA


def need_report_packages() -> None:
    """Refuse at once, and not after the work, where the packages that write the report are missing.

    Raises
    ------
    NotSupportedError
        If one is missing.
    """
    missing = [name for module, name in REPORT_PACKAGES.items() if find_spec(module) is None]
    if missing:
        raise NotSupportedError(
            f"Writing a report needs {', '.join(missing)}, which this environment does not have.",
            fix='pip install "truststats[report]", or say out=None for results without files',
        )
