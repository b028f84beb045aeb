"""After a fit of ordinal items: difference tests, indices, score and Wald tests against lavaan.

The numbers are those of make_ordinal_posthoc.R: lavaan 0.6-14 on synthetic items, and Wu &
Estabrook's groups as semTools writes them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import material
import numpy as np
import pandas as pd
import pytest
from test_golden_posthoc import METHODS

import truststats as ts
from truststats.errors import NotSupportedError
from truststats.workflow.difference import difference

GOLDEN = material.golden("ordinal_posthoc")
TEST = 2e-5  # x max(1, |value|): both programs stop near the optimum
SHIFTED = ("wlsmv", "wlsmvs", "ulsmv", "ulsmvs", "theta", "pairwise", "turned")
# Not to be had here: factors that match more than a mean, and what other estimators have.
REFUSED = {(case, f"satorra_bentler_{year}") for case in SHIFTED for year in (2001, 2010)}
# lavaan carries estimates over by name, and here pairs have turned names.
BY_NAME = {("turned", name) for name in METHODS}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "ordinal_items.csv")


@pytest.fixture(scope="module")
def numbers() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "synthetic_complete.csv")


def fit_items(model: str, data: pd.DataFrame, arguments: Mapping[str, Any] | None) -> ts.Fit:
    options = material.python_options(arguments or {})
    return ts.fit(GOLDEN["models"][model], data, ordered=True, **options)


def check(fits: list[ts.Fit], theirs: Mapping[str, Any], name: str) -> None:
    """Compare the tests of neighbours."""
    options: dict[str, Any] = dict(METHODS[name])
    if options.get("adjust") == "scaled" and fits[0].estimator.endswith(("MV", "MVS")):
        options["adjust"] = "mean_var_adjusted"
    for at, (larger, smaller) in enumerate(pairwise(sorted(fits, key=lambda f: f.df)), start=1):
        got = difference(smaller, larger, **options)
        np.testing.assert_allclose(got.chisq, theirs["chisq"][at], rtol=TEST, atol=TEST)
        np.testing.assert_allclose(got.df, theirs["df_diff"][at], rtol=TEST)
        np.testing.assert_allclose(got.pvalue, theirs["pvalue"][at], atol=1e-4)


ITEMS = [
    (case, name) for case, spec in GOLDEN["lrt"].items() for name in spec["tests"]
    if (case, name) not in REFUSED | BY_NAME and (case != "wls" or name == "default")
]  # fmt: skip


@pytest.mark.parametrize(("case", "name"), ITEMS)
def test_differences(case: str, name: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["lrt"][case]
    fits = [fit_items(model, data, spec["args"]) for model in spec["model"]]
    check(fits, spec["tests"][name], name)


@pytest.mark.parametrize(("case", "name"), sorted(REFUSED))
def test_factors_that_do_not_match_a_mean_are_refused(case: str, name: str, data) -> None:
    spec = GOLDEN["lrt"][case]
    larger, smaller = (fit_items(model, data, spec["args"]) for model in spec["model"][:2])
    with pytest.raises(NotSupportedError, match="does not go with") as caught:
        difference(smaller, larger, name)
    assert "WLSM" in caught.value.fix


def test_the_order_of_items_changes_nothing(data: pd.DataFrame) -> None:
    text = GOLDEN["models"]["turned"]
    turned = "\n".join(reversed(text.split("\n"))).replace("j3 + k*j2", "j2 + k*j3")
    larger = fit_items("two", data, None)
    one, other = (ts.fit(model, data, ordered=True) for model in (text, turned))
    assert ts.net(one, other).relation == "equivalent"
    for options in ({}, {"a_method": "exact"}):
        chisq = [difference(smaller, larger, **options).chisq for smaller in (one, other)]
        np.testing.assert_allclose(*chisq, rtol=1e-6)


CONTINUOUS = [
    (case, name) for case, spec in GOLDEN["lrt_continuous"].items() for name in spec["tests"]
    if name == "default" or (case.startswith("uls") and name != "satorra_bentler_2010")
]  # fmt: skip


@pytest.mark.parametrize(("case", "name"), CONTINUOUS)
def test_differences_of_least_squares(case: str, name: str, numbers: pd.DataFrame) -> None:
    spec = GOLDEN["lrt_continuous"][case]
    options = material.python_options(spec["args"])
    fits = [ts.fit(GOLDEN["models"][model], numbers, **options) for model in spec["model"]]
    check(fits, spec["tests"][name], name)


@pytest.mark.parametrize("name", ["default", "satorra_2000_delta"])
@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_differences_of_the_invariance_ladder(parameterization: str, name: str, data) -> None:
    spec = GOLDEN["ladder"][parameterization]
    fits = [
        ts.fit(
            GOLDEN["models"]["two"], data, ordered=True, group="group", group_label=["a", "b"],
            std_lv=True, parameterization=parameterization,
            **({"group_equal": equal} if equal else {}),
        )
        for equal in spec["steps"].values()
    ]  # fmt: skip
    check(fits, spec["tests"][name], name)
    relations = [ts.net(smaller, larger).relation for larger, smaller in pairwise(fits)]
    # Items of two categories have no scale of their own: with equal intercepts it is free again.
    assert relations == ["a in b", "a in b", "not nested", "a in b"][: len(relations)]
