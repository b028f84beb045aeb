"""Every fit of fits.json against its golden: what lavaan gives, in full."""

from __future__ import annotations

from typing import Any

import agreement
import material
import pytest

TABLE = material.fits_table()
FITS = TABLE["fits"]


@pytest.mark.parametrize("spec", FITS, ids=lambda spec: spec["name"])
def test_agrees_with_lavaan(spec: dict[str, Any]) -> None:
    golden, estimate = material.golden(spec["name"]), spec.get("estimate", agreement.ESTIMATE)
    found = agreement.deviations(material.run(spec), golden, estimate)
    assert not found, agreement.explain(found)


def test_a_wider_tolerance_has_a_reason() -> None:
    for spec in FITS:
        assert ("estimate" in spec) == ("because" in spec), spec["name"]


@pytest.mark.parametrize(
    "spec",
    [spec for spec in FITS if "cluster" in spec.get("args", {})],
    ids=lambda spec: spec["name"],
)
def test_counts_the_clusters(spec: dict[str, Any]) -> None:
    fit = material.run(spec)
    assert fit.n_clusters == material.read_data(spec["data"])["unit"].nunique()
    assert fit.cluster == "unit"


def test_every_golden_belongs_to_a_row_of_the_table_or_to_a_script_of_its_own() -> None:
    named = {spec["name"] for spec in FITS} | {"nesting", "bootstrap"}
    written = {path.stem for path in material.GOLDENS.glob("*.json")}
    assert named <= written
    scripts = [
        path.stem for path in material.HERE.glob("make_*.R") if path.stem != "make_reference"
    ]
    topics = tuple(stem.removeprefix("make_") for stem in scripts)
    assert [stem for stem in sorted(written - named) if not stem.startswith(topics)] == []
