"""Tables of groups, growth, constraints, coding and bounds are lavaan's, row by row.

`make_partables_groups.R` writes the goldens.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from truststats.errors import IdentificationError, NotSupportedError
from truststats.model import Model, ParTable, build_partable, check_identified, with_bounds

_PATH = Path(__file__).parent / "goldens" / "partables_groups.json"
_FILE = json.loads(_PATH.read_text("utf-8"))
GOLDEN = _FILE["cases"]
COLUMNS = ("lhs", "op", "rhs", "user", "group", "free", "ustart", "exo", "label")
OPTIONS = {"std.lv", "orthogonal", "meanstructure", "fixed.x", "group.equal", "group.partial",
           "effect.coding", "bounds"}  # fmt: skip


# lavaan keeps a released factor variance between 1 and 1 there; refused here.
REFUSED = {name for name in GOLDEN if name.startswith("bounds_std_lv_groups")}
# Factor means that free intercepts can take over; lavaan's standard errors fail there.
UNIDENTIFIED = {"partial_means", "mean_free", "second_order", "second_order_std_lv"}
NAMES = sorted(set(GOLDEN) - REFUSED)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _table(case: dict[str, Any]) -> ParTable:
    arguments = dict(case["args"])
    assert set(arguments) <= OPTIONS
    options = {k.replace(".", "_"): v for k, v in arguments.items()}
    table = build_partable(
        Model.from_text(case["model"]),
        model_type=case["type"],
        n_groups=case["groups"],
        group_labels=_list(case["group_labels"]),
        **options,
    )
    kind = options.get("bounds")
    samples = _FILE["samples"]["one" if case["groups"] == 1 else "two"]
    variances = [np.array([sample[name] for name in table.ov]) for sample in samples]
    if kind in ("standard", "wide"):
        table = with_bounds(table, kind, variances, std_lv=options.get("std_lv", False))
    return table


def _rows(case: dict[str, Any]) -> list[tuple[Any, ...]]:
    return list(zip(*(_list(case[c]) for c in COLUMNS), strict=True))


def _ours(table: ParTable) -> list[tuple[Any, ...]]:
    start = [None if math.isnan(value) else value for value in table.ustart]
    return list(
        zip(
            table.lhs, table.op, table.rhs, table.user, table.group, table.free, start,
            table.exo, table.label,
            strict=True,
        )
    )  # fmt: skip


def _classes(case: dict[str, Any]) -> set[frozenset[int]]:
    """Return the sets of free rows that lavaan makes equal."""
    label = _list(case["plabel"])
    parent = {name: name for name in label if name}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for a, b in case["same"]:
        parent[root(b)] = root(a)
    found: dict[str, set[int]] = defaultdict(set)
    for k, free in enumerate(_list(case["free"])):
        if free:
            found[root(label[k])].add(k)
    return {frozenset(rows) for rows in found.values()}


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_lavaans(name: str):
    case = GOLDEN[name]
    assert _ours(_table(case)) == _rows(case)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_are_equal(name: str):
    table = _table(GOLDEN[name])
    found: dict[int, set[int]] = defaultdict(set)
    for k, unique in enumerate(table.unique):
        if unique >= 0:
            found[unique].add(k)
    assert {frozenset(rows) for rows in found.values()} == _classes(GOLDEN[name])
    assert sorted(found) == list(range(table.npar))


@pytest.mark.parametrize("name", NAMES)
def test_the_constraints_and_degrees_of_freedom_are_lavaans(name: str):
    case = GOLDEN[name]
    table = _table(case)
    ours = [["".join(part.split()) for part in (c.lhs, c.op, c.rhs)] for c in table.constraints]
    assert ours == [list(row) for row in case["constraints"]]
    if case["df"] is not None:
        assert table.df == case["df"]


@pytest.mark.parametrize("name", [k for k in NAMES if k.startswith("bounds")])
def test_the_bounds_are_lavaans(name: str):
    case = GOLDEN[name]
    table = _table(case)
    for ours, theirs, none in (
        (table.lower, case["lower"], -math.inf),
        (table.upper, case["upper"], math.inf),
    ):
        free = [k for k, unique in enumerate(table.unique) if unique >= 0]
        expected = [none if theirs[k] is None else theirs[k] for k in free]
        np.testing.assert_allclose([ours[k] for k in free], expected, rtol=1e-10)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_bounds_on_a_released_variance_are_refused(name: str):
    with pytest.raises(NotSupportedError, match="variance of a factor is free"):
        _table(GOLDEN[name])


@pytest.mark.parametrize("name", NAMES)
def test_an_admissible_table_is_identified_or_says_why(name: str):
    case = GOLDEN[name]
    problem = ""
    try:
        check_identified(_table(case))
    except IdentificationError as error:
        problem = str(error)
    assert bool(problem) == (name in UNIDENTIFIED), problem


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_coefficients_follow_from_label_and_group(name: str):
    table = _table(GOLDEN[name])
    rows = zip(table.lhs, table.op, table.rhs, table.label, table.unique, table.group, strict=True)
    ours = [
        label or f"{lhs}{op}{rhs}" + (f".g{group}" if group > 1 else "")
        for lhs, op, rhs, label, unique, group in rows
        if unique >= 0
    ]
    assert ours == GOLDEN[name]["coef"]
