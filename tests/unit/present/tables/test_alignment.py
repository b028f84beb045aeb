"""The table of an alignment: groups in the order of the data, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

import truststats as ts
from tests.unit.workflow.test_alignment import MODEL, answers


def test_means_in_the_order_of_the_data(tmp_path: Path) -> None:
    found = replace(ts.alignment(MODEL, answers(), group="g", draws=200), synthetic=True)
    table = ts.table(found, language="nb")
    assert table.header[:3] == ("Gruppe", "n", "Gjennomsnitt")
    assert [row[0] for row in table.cells()] == ["b", "c", "a", "d", "e", "f"]
    assert any("SYNTETISKE DATA" in note for note in table.notes)
    saved = pd.read_csv(ts.table(found).save(tmp_path / "means.csv"))
    assert {"mean", "se", "variance_se", "synthetic"} <= set(saved)
    assert "rank" not in " ".join(saved.columns)
