"""The generated pages: of combinations, which says what a fit says, and a picture."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import TrustStatsError
from truststats.workflow.settings import ESTIMATORS

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "docs"))


def load(name: str) -> ModuleType:
    """Return a script of docs/, which lies outside any package."""
    path = ROOT / "docs" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


made = load("make_combinations")


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    factor = rng.normal(size=(240, 1))
    out = pd.DataFrame(factor + rng.normal(size=(240, 4)), columns=list("abcd"))
    out["unit"] = np.arange(240) // 6
    out["region"] = out["unit"] % 3
    out["half"] = np.arange(240) // 120
    out["w"] = rng.uniform(0.5, 1.5, size=240)
    return out


def options(data: Any) -> dict[str, Any]:
    """Return the options of `truststats.fit` that the page's kind of data stands for."""
    return {
        "missing": data.missing,
        "cluster": "unit" if data.cluster else None,
        "sampling_weights": "w" if data.weights else None,
        "strata": "region" if data.strata else None,
    }


def works(frame: pd.DataFrame, **asked: Any) -> bool:
    """Return whether a fit of the frame, or of its covariances, is given."""
    data: dict[str, Any] = {"data": frame}
    if not asked.pop("rows", True):
        cov, n = frame[list("abcd")].cov(), len(frame)
        data = {"sample_cov": cov, "sample_nobs": n}
        if asked.pop("group", None):
            data = {"sample_cov": {"0": cov, "1": cov}, "sample_nobs": {"0": n, "1": n}}
    if asked["missing"] != "listwise":
        frame = frame.copy()
        frame.loc[::7, "a"] = np.nan
        data = {"data": frame}
    try:
        return ts.fit("f =~ a + b + c + d", **data, **asked).converged
    except TrustStatsError:
        return False


def test_the_page_is_up_to_date() -> None:
    text = made.PAGE.read_text(encoding="utf-8")
    assert text == made.page(), "run: python docs/make_combinations.py"


@pytest.mark.parametrize("data", made.SITUATIONS, ids=lambda d: d.words)
def test_fits_are_given_where_the_page_says_so(data: Any, frame: pd.DataFrame) -> None:
    for name in ESTIMATORS:
        got = works(frame, estimator=name, rows=data.rows, **options(data))
        assert got == made.given(name, data), name


def test_standard_errors_and_tests_are_given_where_the_page_says_so(frame: pd.DataFrame) -> None:
    plain = made.SITUATIONS[0]
    for name in made.FAMILIES.values():
        for se in (se for se in made.SE if se != "bootstrap"):
            for test in (test for test in made.TESTS if test != "bollen.stine"):
                got = works(frame, estimator=name, se=se, test=test, **options(plain))
                assert got == made.given(name, plain, se, test), (name, se, test)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_groups_change_nothing(name: str, frame: pd.DataFrame) -> None:
    kinds = (made.SITUATIONS[0], made.Data("", "ml"), made.Data("", "robust.two.stage"))
    for data in (*kinds, made.Data("", rows=False)):
        asked = {"group": "half", "group_equal": "loadings", "rows": data.rows, **options(data)}
        assert works(frame, estimator=name, **asked) == made.given(name, data), data


def test_the_picture_is_up_to_date() -> None:
    drawn = load("make_which_estimator")
    text = drawn.PICTURE.read_text(encoding="utf-8")
    assert text == drawn.picture(), "run: python docs/make_which_estimator.py"
