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
from test_golden_posthoc import METHODS, indexed

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


INDEX = 1e-4  # x max(1, |value|): the least identified index moves most
COLUMNS = (("mi", "mi"), ("epc", "epc"), ("sepc_lv", "sepc.lv"), ("sepc_all", "sepc.all"),
           ("sepc_nox", "sepc.nox"))  # fmt: skip


def check_indices(fit: ts.Fit, table: Any, *, power: bool) -> None:
    """Compare all indices and expected changes; the power where lavaan's index has one."""
    ours, lavaan = indexed(fit.modification_indices(power=True), fit), indexed(table)
    lavaan = lavaan[lavaan["mi"].notna()]
    # In the theta parameterisation scaling factors are no parameters; lavaan lists them in groups.
    more = set(lavaan.index) - set(ours.index)
    assert all(op == "~*~" and fit.partable.theta for _, op, _, _ in more)
    assert set(ours.index) == set(lavaan.index) - more
    lavaan = lavaan.loc[ours.index]
    # lavaan's standardised value of a variance or scaling factor is not that of the change.
    own = ours["op"].isin(["~~", "~*~"]) & (ours["lhs"] == ours["rhs"])
    for mine, theirs in (*COLUMNS, *((("power", "power"),) if power else ())):
        use = ~own if mine.startswith("sepc") else own | True
        one, two = ours.loc[use, mine].astype(float), lavaan.loc[use, theirs].astype(float)
        gap = (one - two).abs() / np.maximum(1.0, two.abs())
        assert gap.max() < INDEX, f"{mine} of {gap.idxmax()}: {gap.max():.2g}"


@pytest.mark.parametrize("case", GOLDEN["mi"])
def test_modification_indices(case: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["mi"][case]
    fit = fit_items(spec["model"], data, spec["args"])
    check_indices(fit, spec["table"], power=case == "wls")
    got = fit.modification_indices()
    if case == "wls":
        np.testing.assert_allclose(got["mi_robust"], got["mi"], rtol=1e-6)
    else:
        assert ((got["mi_robust"] / got["mi"]).sub(1.0).abs() > 0.02).mean() > 0.5


@pytest.mark.parametrize("case", GOLDEN["mi_groups"])
def test_modification_indices_of_equal_groups(case: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["mi_groups"][case]
    fit = ts.fit(
        GOLDEN["models"]["two"], data, ordered=True, group="group", group_label=["a", "b"],
        std_lv=True, group_equal=spec["group_equal"], parameterization=spec["parameterization"],
    )  # fmt: skip
    check_indices(fit, spec["table"], power=False)


WITHOUT_ULS = [case for case in GOLDEN["continuous"] if case != "uls"]


@pytest.mark.parametrize("case", WITHOUT_ULS)
def test_modification_indices_of_least_squares(case: str, numbers: pd.DataFrame) -> None:
    spec = GOLDEN["continuous"][case]
    options = material.python_options(spec["args"])
    fit = ts.fit(GOLDEN["models"][spec["model"]], numbers, **options)
    check_indices(fit, spec["table"], power=True)
    if "score" in spec:
        check_score(fit, spec["score"])


def check_score(fit: ts.Fit, theirs: Mapping[str, Any]) -> None:
    """Compare score tests, together and one by one; a stated constraint comes first in lavaan."""
    got = fit.score_test(epc=True)
    np.testing.assert_allclose(
        sorted(got.univariate["chisq"]), sorted(theirs["uni"]["X2"]), rtol=INDEX, atol=INDEX
    )
    np.testing.assert_allclose(got.chisq, theirs["test"]["X2"], rtol=INDEX)
    assert got.df == theirs["test"]["df"]
    assert got.epc is not None
    table = indexed(theirs["epc"])
    # lavaan's changes have the other sign with least squares; the refit below has ours.
    mine = indexed(got.epc, fit).loc[table.index]
    np.testing.assert_allclose(mine["epc"], -table["epc"].astype(float), atol=INDEX)


@pytest.mark.parametrize("case", GOLDEN["score"])
def test_score_tests(case: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["score"][case]
    check_score(fit_items(spec["model"], data, spec["args"]), spec)


def test_expected_changes_go_where_a_refit_goes(data: pd.DataFrame) -> None:
    equal, free = fit_items("turned", data, None), fit_items("two", data, None)
    got = equal.score_test(epc=True)
    assert got.epc is not None
    rows = {f"{r.lhs}{r.op}{r.rhs}": r.epv for r in got.epc.itertuples() if r.op == "=~"}
    for name, value in rows.items():
        assert abs(value - free.params[name]) < 0.02


@pytest.mark.parametrize("case", ["turned", "ulsm"])
def test_robust_score_tests_are_near_the_scaled_difference(case: str, data: pd.DataFrame) -> None:
    arguments = {"estimator": "ULSM"} if case == "ulsm" else {"estimator": "WLSM"}
    equal, free = (fit_items(model, data, arguments) for model in ("turned", "two"))
    gain = difference(equal, free, "satorra_2000").chisq
    got = equal.score_test()
    assert abs(got.chisq_robust - gain) < 0.1 * gain


@pytest.mark.parametrize("case", GOLDEN["wald"])
def test_wald_tests(case: str, data: pd.DataFrame) -> None:
    spec = GOLDEN["wald"][case]
    got = fit_items(spec["model"], data, spec["args"]).wald_test(spec["constraints"])
    assert got.df == spec["df"]
    np.testing.assert_allclose(got.chisq, spec["stat"], rtol=1e-4)
    np.testing.assert_allclose(got.pvalue, spec["p"], atol=1e-4)
