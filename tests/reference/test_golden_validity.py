"""Validity against semTools 0.5-6 (HTMT, correlations at a cut) and lavaan (common method)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import material
import numpy as np
import pandas as pd
import pytest
from oracle_cases import folder_of, read_json

import truststats as ts

GOLDEN = material.golden("validity")


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.DATA / "reliability_items.csv")


def ratios(fit: Any, plain: str, geometric: str) -> None:
    found = fit.validity(tests="none", draws=100)
    np.testing.assert_allclose(found.htmt, GOLDEN["htmt"][plain], atol=1e-6)
    np.testing.assert_allclose(found.htmt2, GOLDEN["htmt"][geometric], atol=1e-6)


def test_ratios(data: pd.DataFrame) -> None:
    ratios(ts.fit(GOLDEN["models"]["three"], data), "htmt", "htmt2")


def test_ratios_of_incomplete_answers(data: pd.DataFrame) -> None:
    """EM covariances of both sides stop near the same optimum."""
    holes = data.assign(x1=data["x1h"], x5=data["x5h"])
    ratios(ts.fit(GOLDEN["models"]["three"], holes, missing="ml"), "fiml", "fiml2")


def test_ratios_of_ordinal_items() -> None:
    items = ["i1", "i2", "i3", "i4", "j1", "j2", "j3"]
    whole = pd.read_csv(material.DATA / "ordinal_items.csv").dropna(subset=items)
    ratios(ts.fit(GOLDEN["models"]["two"], whole, ordered=True), "ordinal", "ordinal2")


@pytest.mark.parametrize(
    ("name", "estimator", "cut"), [("ml", "ML", 0.9), ("ml_80", "ML", 0.8), ("mlr", "MLR", 0.9)]
)
def test_correlations_at_a_cut(name: str, estimator: str, cut: float, data: pd.DataFrame) -> None:
    expected = GOLDEN["held"][name]
    fit = ts.fit(GOLDEN["models"]["three"], data, estimator=estimator)
    frame = fit.validity(tests="all", cut=cut, draws=100).frame()
    pairs = {"est": "cor", "lower": "cor_lower", "upper": "cor_upper", "cfi": "cfi_diff"}
    for theirs, ours in pairs.items():
        np.testing.assert_allclose(frame[ours], expected[theirs], atol=2e-6)
    np.testing.assert_allclose(frame["chisq_diff"], expected["chisq"], rtol=1e-5)
    np.testing.assert_allclose(frame["pvalue_diff"], expected["pvalue"], rtol=1e-3)


def test_models_of_a_common_method(data: pd.DataFrame) -> None:
    found = ts.fit(GOLDEN["models"]["four"], data).method_bias("u")
    rows = {row.model: row for row in found.rows}
    for name, expected in (GOLDEN["method"] | GOLDEN["marker"]).items():
        if name not in rows:
            continue
        for measure, value in expected.items():
            assert getattr(rows[name], measure) == pytest.approx(value, abs=1e-6, rel=1e-5)
    assert rows["method_factor"].share == pytest.approx(GOLDEN["method"]["share"], abs=1e-5)
    change = rows["method_factor"].largest_change
    assert change == pytest.approx(GOLDEN["method"]["largest"], abs=1e-5)


def test_the_classic_scales(external: Path) -> None:
    folder = folder_of(external, "hs_cfa")
    expected = read_json(folder / "expected.json")["fits"]["marker"]
    fit = ts.fit((folder / "model.lav").read_text(), pd.read_csv(folder / "data.csv"))
    found = fit.validity(tests="none", draws=100)
    np.testing.assert_allclose(found.htmt, expected["htmt_arithmetic"]["values"], atol=1e-6)
    np.testing.assert_allclose(found.htmt2, expected["htmt2_geometric"]["values"], atol=1e-6)
    table = fit.reliability().set_index(["coefficient", "construct"])["value"]
    for ours, theirs in (
        ("alpha", "compRelSEM_tau.eq"), ("omega_observed", "compRelSEM"), ("ave", "AVE"),
    ):  # fmt: skip
        values = table[ours].loc[expected[theirs]["names"]]
        np.testing.assert_allclose(values, expected[theirs]["values"], atol=1e-6)
