"""The nesting and equivalence check against semTools::net."""

from __future__ import annotations

import json
from typing import Any

import material
import pytest

import truststats as ts

NESTING = json.loads((material.GOLDENS / "nesting.json").read_text(encoding="utf-8"))


def relation(row: dict[str, Any], df: tuple[int, int]) -> str:
    """Say in our words what semTools found; it sorts the models by their degrees of freedom."""
    a, b = (0, 1) if df[0] <= df[1] else (1, 0)
    a_in_b, b_in_a = row["test"][a][b], row["test"][b][a]
    if a_in_b and b_in_a:
        return "equivalent"
    return "a in b" if a_in_b else "b in a" if b_in_a else "not nested"


@pytest.mark.parametrize("row", NESTING, ids=lambda row: row["name"])
def test_nesting_is_that_of_semtools(row: dict[str, Any]) -> None:
    a, b = (material.run(name) for name in row["fits"])
    found = ts.net(a, b)
    assert sorted(row["df"]) == sorted([a.df, b.df])
    assert found.relation == relation(row, (a.df, b.df))
