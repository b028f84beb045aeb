"""The parameter table is lavaan's, row by row (`make_partables.R` writes the goldens)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from truststats.model import Model, ParTable, build_partable, check_identified

GOLDEN = json.loads((Path(__file__).parent / "partables.json").read_text("utf-8"))["cases"]
COLUMNS = ("lhs", "op", "rhs", "user", "free", "ustart", "exo", "label")


def _ours(table: ParTable) -> list[tuple[Any, ...]]:
    start = [None if math.isnan(value) else value for value in table.ustart]
    return list(
        zip(
            table.lhs, table.op, table.rhs, table.user, table.free, start, table.exo, table.label,
            strict=True,
        )
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted({key.split("/")[0] for key in GOLDEN}))
def test_every_row_is_lavaans(name: str):
    for key, case in GOLDEN.items():
        if key.split("/")[0] != name:
            continue
        options = {k.replace(".", "_"): v for k, v in dict(case["settings"]).items()}
        table = build_partable(Model.from_text(case["text"]), **options)
        columns = [v if isinstance(v, list) else [v] for v in (case[c] for c in COLUMNS)]
        # lavaan writes equal labels as rows with ==; here they share an entry of `unique`.
        expected = [row for row in zip(*columns, strict=True) if row[1] != "=="]
        assert _ours(table) == expected, key
        for role in ("ov", "ov_x", "ov_y", "ov_ind", "lv"):
            assert list(getattr(table, role)) == case[role], (key, role)


def _external_cases(folder: Path) -> list[tuple[str, Path, dict[str, Any], dict[str, Any]]]:
    found = []
    for options in sorted(folder.glob("oracle/cases/*/options.json")):
        expected = json.loads((options.parent / "expected.json").read_text("utf-8"))
        fits = json.loads(options.read_text("utf-8")).get("fits", [])
        for fit in fits.values() if isinstance(fits, dict) else fits:
            golden = expected.get("fits", {}).get(fit["name"], {})
            if "partable" in golden:
                model = options.parent / fit["model"]
                found.append((f"{options.parent.name}/{fit['name']}", model, fit, golden))
    return found


def _covered(text: str, fit: dict[str, Any]) -> bool:
    return "ordered" not in (fit.get("args") or {}) and "level:" not in text


@pytest.mark.external
def test_the_tables_of_the_external_cases(external: Path):
    checked = 0
    for name, path, fit, golden in _external_cases(external):
        text = path.read_text("utf-8")
        if not _covered(text, fit):
            continue
        used, arguments = golden["options_used"], fit.get("args") or {}
        labels = golden.get("group.label") or ()
        table = build_partable(
            Model.from_text(text),
            model_type=fit["function"],
            std_lv=used["std.lv"],
            orthogonal=bool(arguments.get("orthogonal", False)),
            meanstructure=used["meanstructure"],
            fixed_x=used["fixed.x"],
            n_groups=golden.get("ngroups", 1),
            group_labels=labels,
            group_equal=arguments.get("group.equal", ()),
            group_partial=arguments.get("group.partial", ()),
            effect_coding=arguments.get("effect.coding", False),
        )
        check_identified(table)
        rows = [row for row in golden["partable"] if row["op"] not in ("==", "<", ">")]
        keys = ("lhs", "op", "rhs", "user", "free", "exo", "label")
        expected = [tuple(row[k] for k in keys) for row in rows]
        assert [row[:5] + row[6:] for row in _ours(table)] == expected, name
        assert list(table.group) == [row["group"] for row in rows], name
        if "fitmeasures" in golden:
            assert table.df == golden["fitmeasures"]["df"], name
        checked += 1
    assert checked > 0
