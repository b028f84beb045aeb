"""After a fit of ordinal items beside other variables, or with weights, against lavaan 0.6-14.

The numbers are those of make_ordinal_mixed_posthoc.R.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import material
import pandas as pd
import pytest
from test_golden_ordinal_posthoc import check, check_indices, check_score

import truststats as ts

GOLDEN = material.golden("ordinal_mixed_posthoc")
ITEMS = ("i1", "i2", "i3", "j1", "j2", "o1")


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "ordinal_mixed.csv")


def fit_of(model: str, data: pd.DataFrame, arguments: Mapping[str, Any] | None) -> ts.Fit:
    text = GOLDEN["models"][model]
    ordered = [name for name in ITEMS if name in text]
    return ts.fit(text, data, ordered=ordered, **material.python_options(arguments or {}))


@pytest.mark.parametrize("case", GOLDEN["mi"])
def test_modification_indices(case: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["mi"][case]
    check_indices(fit_of(spec["model"], data, spec["args"]), spec["table"], power=False)


@pytest.mark.parametrize("case", GOLDEN["score"])
def test_score_tests(case: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["score"][case]
    fit = fit_of(spec["model"], data, spec["args"])
    check_score(fit, spec)
    if case.endswith("wls"):
        got = fit.score_test()
        assert got.chisq_robust == pytest.approx(got.chisq, rel=1e-6)


PAIRS = [
    (case, name) for case, spec in GOLDEN["lrt"].items() for name in spec["tests"]
    if name == "default" or case.endswith("wlsm")
    or (name == "satorra_2000_delta" and not case.endswith("_wls"))
]  # fmt: skip


@pytest.mark.parametrize(("case", "name"), PAIRS)
def test_differences(case: str, name: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["lrt"][case]
    fits = [fit_of(model, data, spec["args"]) for model in spec["model"]]
    check(fits, spec["tests"][name], name)
    assert ts.net(fits[1], fits[0]).relation == "a in b"


@pytest.mark.parametrize("case", GOLDEN["clusters"])
def test_clusters(case: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["clusters"][case]
    fits = [fit_of(model, data, {"cluster": "unit"}) for model in spec["model"]]
    check_indices(fits[0], spec["mi"], power=False)
    if spec["score"]:
        check_score(fits[1], spec["score"])
    for name in ("default", "satorra_2000_delta"):
        check(fits, spec["tests"][name], name)
