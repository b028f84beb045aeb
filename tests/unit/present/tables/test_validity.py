from __future__ import annotations

from dataclasses import replace

import pytest

from truststats.errors import Problem
from truststats.present.tables.table import table
from truststats.present.tables.validity import (
    method_table,
    relabelled,
    scales_table,
    spoken,
    validity_table,
)
from truststats.present.wording.words import words
from truststats.results.method_bias import MethodBias, MethodRow
from truststats.results.validity import PairRow, ScaleRow, Validity


def small() -> Validity:
    scales = (
        ScaleRow("vertical_trust", "Trust in closest manager", 0.64, 0.8, 0.7, True),
        ScaleRow("own", "My scale", float("nan"), float("nan"), 0.7, None),
    )
    nan = float("nan")
    row = PairRow(
        "vertical_trust", "own", 0.7, 0.6, 0.83, "marginal", 12.0, 1.0, 0.001, -0.01,
        nan, nan, nan, nan, nan, nan, 1.96,
    )  # fmt: skip
    return Validity(scales, (row,), 0.9, 0.95, "delta", "standard", 300.0)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_tables_of_validity(language):
    say, found = words(language), small()
    pairs = table(found, language)
    assert pairs.text() == validity_table(found, say).text()
    assert len(pairs.cells()) == 1
    scales = scales_table(found, say).cells()
    assert [row[-1] for row in scales] == [say("common.yes"), ""]


def test_labels_of_the_library_are_translated():
    said = spoken(small(), words("nb"))
    assert said.label("vertical_trust") == "Tillit til nærmeste leder"
    assert said.label("own") == "My scale"
    assert "marginally" in table(small()).text()


def test_pairs_that_were_not_tested_have_no_column():
    found = small()
    bare = replace(found.rows[0], pvalue_diff=float("nan"), cfi_diff=float("nan"))
    header = table(replace(found, rows=(bare,))).header
    assert len(header) == len(table(found).header) - 2


@pytest.mark.parametrize("language", ["en", "nb"])
def test_table_of_a_method(language):
    rows = (MethodRow("factors", 50.0, 48.0, 0.99, 0.01, 0.02),)
    made = method_table(MethodBias(rows, None, 300.0), words(language))
    assert made.cells()[0][0] == words(language)("method.factors")


def test_labels_within_findings_change_too():
    message = "Trust in closest manager and My scale correlate 0.70"
    found = replace(small(), problems=(Problem("near_collinear", "note", message),))
    said = relabelled(found, {"vertical_trust": "Tillit", "own": "Min skala"})
    assert said.problems[0].message == "Tillit and Min skala correlate 0.70"
