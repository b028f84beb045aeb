"""The nesting and equivalence check against semTools::net."""

from __future__ import annotations

import json
from typing import Any

import material
import pytest

import truststats as ts

TABLE = material.fits_table()
NESTING = json.loads((material.GOLDENS / "nesting.json").read_text(encoding="utf-8"))


def run(name: str) -> Any:
    """Fit a row of the table by name."""
    spec = next(row for row in TABLE["fits"] if row["name"] == name)
    try:
        positional, options = material.golden_call(spec, "\n".join(TABLE["models"][spec["model"]]))
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    return ts.fit(*positional, **options)
