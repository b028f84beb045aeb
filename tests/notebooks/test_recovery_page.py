"""The page about the simulation of ordinal items says what its results say."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def load() -> ModuleType:
    """Return the script that writes the page; it lies outside any package."""
    path = DOCS / "make_ordinal_recovery.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


page = load()
drawn = page.made


@pytest.fixture(scope="module")
def results() -> tuple[pd.DataFrame, pd.DataFrame]:
    return page.read()


def test_the_page_is_up_to_date(results: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert text == page.page(*results), "run: python docs/make_ordinal_recovery.py"


def test_every_condition_is_there_once(results: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    raw, tests = results
    wanted = len(drawn.SIZES) * len(drawn.BELOW) * len(drawn.METHODS)
    assert len(tests) == wanted
    assert not tests.duplicated(["n", "categories", "method"]).any()
    assert not raw.duplicated(["n", "categories", "method", "parameter"]).any()
    assert (tests["samples"] == drawn.SAMPLES).all()
    lost = tests["refused"] + tests["not_converged"] + tests["tested"]
    assert (lost == tests["samples"]).all()


def test_the_truth_is_that_of_the_script(results: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    raw, _ = results
    for categories, part in raw.groupby("categories"):
        true = {" ".join(key): value for key, value in drawn.truth(categories).items()}
        assert set(part["parameter"]) == set(true)
        np.testing.assert_allclose(part["true"], part["parameter"].map(true), atol=1e-5)


def test_large_samples_have_the_moments_of_the_truth() -> None:
    responses = drawn.draw(200_000, 0)
    corr = np.corrcoef(responses.T)
    loading = np.array(drawn.LOADINGS)
    across = np.outer(loading, loading) * drawn.CORRELATION
    np.testing.assert_allclose(corr[:4, 4:8], across, atol=0.01)
    shared = drawn.WORDING * np.sqrt((1 - loading[2] ** 2) * (1 - loading[3] ** 2))
    assert corr[2, 3] == pytest.approx(loading[2] * loading[3] + shared, abs=0.01)
    np.testing.assert_allclose(responses.var(axis=0), 1.0, atol=0.02)
    shares = drawn.answer(responses, 5)["b2"].value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(shares.cumsum()[:-1], drawn.BELOW[5], atol=0.01)


def test_a_condition_runs_and_counts_categories_that_nobody_chose() -> None:
    rows, tests = drawn.condition(100, 7, 2)
    assert {row["method"] for row in rows} == set(drawn.METHODS)
    assert all(row["samples"] == 2 and row["with_gap"] == 2 for row in tests)
    found = {row["parameter"] for row in rows if row["method"] == "WLSMV"}
    assert {"a =~ a1", "c ~ a", "a ~~ b", "a3 ~~ a4"} < found


def test_thresholds_beside_a_gap_stand_for_none() -> None:
    data = pd.DataFrame({item: [1, 2, 3, 4, 5] for item in drawn.ITEMS})
    data["a1"] = [2, 3, 5, 5, 5]
    place = drawn.seen_thresholds(data)
    assert place["a1", "|", "t1"] == ("a1", "|", "t2")
    assert place["a1", "|", "t2"] is None
    assert place["b1", "|", "t4"] == ("b1", "|", "t4")
