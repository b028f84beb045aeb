"""Synthetic answers keep their label, whatever they are copied into.

A copy of a bundled file is known by its sha256. A frame says it by ``attrs["synthetic"]``, and a
file that anybody saves from a simulated frame by its column ``synthetic``, which holds a 1.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import Any, TypeVar

import narwhals as nw
import pandas as pd

from truststats.datasets import dataset_path
from truststats.errors import DefinitionError

__all__ = ["COLUMN", "has_synthetic_column", "is_synthetic", "is_synthetic_file", "labelled"]

COLUMN = "synthetic"
"""The column that says so in a file."""
Data = TypeVar("Data", pd.DataFrame, pd.Series)
_YES = {"1", "1.0", "true", "yes"}


@lru_cache(maxsize=1)
def _hashes() -> frozenset[str]:
    """Return the sha256 of every bundled synthetic file; none when no data are installed."""
    try:
        registry = dataset_path("municipal_employees").with_name("registry.toml")
    except DefinitionError:
        return frozenset()
    entries = tomllib.loads(registry.read_text("utf-8")).values()
    return frozenset(h for e in entries if e.get("synthetic") for h in e["sha256"].values())


def is_synthetic_file(digest: str) -> bool:
    """Return whether a file with this sha256 is one of the bundled synthetic ones."""
    return digest in _hashes()


def is_synthetic(value: Any) -> bool:
    """Return whether a survey, a fit, any other result or any data frame says it is synthetic."""
    if isinstance(value, pd.DataFrame | pd.Series):
        told = bool(value.attrs.get("synthetic"))
        return told or (isinstance(value, pd.DataFrame) and has_synthetic_column(value))
    frame = nw.from_native(value, eager_only=True, pass_through=True)
    if isinstance(frame, nw.DataFrame):
        known = COLUMN in frame.columns
        return known and has_synthetic_column(frame.select(COLUMN).to_pandas())
    return getattr(value, "synthetic", False) is True


def has_synthetic_column(frame: pd.DataFrame) -> bool:
    """Return whether any row is marked in a column named ``synthetic``.

    One row is enough: answers of which some were invented say nothing about real people.
    """
    if COLUMN not in frame.columns:
        return False
    return any(str(cell).strip().casefold() in _YES for cell in frame[[COLUMN]].to_numpy().ravel())


def labelled(data: Data, synthetic: bool) -> Data:
    """Return the same frame or series, which from now on says it is synthetic if it is."""
    if synthetic:
        data.attrs["synthetic"] = True
    return data
