"""Modification indices, score, Wald and difference tests against lavaan (make_posthoc.R)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import NotSupportedError
from truststats.workflow.difference import difference

GOLDEN = json.loads((material.GOLDENS / "posthoc.json").read_text(encoding="utf-8"))
# x max(1, |value|): both programs stop near the optimum, and an index whose parameter is barely
# identified beside the others moves most with it.
INDEX = 5e-4
TEST = 2e-4
DECISIONS = {
    "**(m)**": "misspecified", "(nm)": "not misspecified", "epc:nm": "look at epc",
    "*epc:m*": "look at epc", "(i)": "inconclusive",
}  # fmt: skip


def fit_of(spec: Mapping[str, Any], model: str | None = None, **more: Any) -> ts.Fit:
    """Fit one case."""
    options = material.python_options(spec["args"] or {}) | more
    try:
        data = material.read_data(spec["data"])
    except FileNotFoundError as error:
        pytest.skip(str(error))
    return ts.fit(GOLDEN["models"][model or spec["model"]], data, **options)


def name_of(lhs: str, op: str, rhs: str, group: int = 1) -> tuple[str, str, str, int]:
    return (rhs, op, lhs, group) if op == "~~" and rhs < lhs else (lhs, op, rhs, group)


def indexed(table: Any, fit: ts.Fit | None = None) -> pd.DataFrame:
    """Index rows by parameter and number of the group; ours have its label."""
    frame = pd.DataFrame(table)
    group = frame["group"] if "group" in frame else pd.Series(1, frame.index)
    if fit is not None and fit.groups:
        group = group.map({label: k for k, label in enumerate(fit.groups, start=1)})
    rows = zip(frame["lhs"], frame["op"], frame["rhs"], group, strict=True)
    return frame.set_index(pd.Index([name_of(*row) for row in rows]))


def exogenous(fit: ts.Fit) -> set[str]:
    table = fit.partable
    return {lhs for lhs, exo in zip(table.lhs, table.exo, strict=True) if exo}


@pytest.mark.parametrize("case", GOLDEN["mi"])
def test_modification_indices(case: str) -> None:
    spec = GOLDEN["mi"][case]
    fit = fit_of(spec)
    ours = indexed(fit.modification_indices(power=True), fit)
    lavaan = indexed(spec["table"])
    # lavaan also lists the moments of fixed exogenous variables and arrows into them; in a model
    # where they are fixed these have no meaning, and are left out here.
    given = exogenous(fit)
    lavaan = lavaan[[not (lhs in given and op != "=~") for lhs, op in lavaan[["lhs", "op"]].values]]
    assert set(ours.index) == set(lavaan.index)
    lavaan = lavaan.loc[ours.index]
    # lavaan's standardised value of a variance is the variance's own, not that of the change.
    variance = (ours["op"] == "~~") & (ours["lhs"] == ours["rhs"])
    for mine, theirs in (
        ("mi", "mi"), ("epc", "epc"), ("sepc_lv", "sepc.lv"), ("sepc_all", "sepc.all"),
        ("sepc_nox", "sepc.nox"), ("power", "power"),
    ):  # fmt: skip
        use = ~variance if mine.startswith("sepc") else variance | True
        one, two = ours.loc[use, mine].astype(float), lavaan.loc[use, theirs].astype(float)
        gap = (one - two).abs() / np.maximum(1.0, two.abs())
        assert gap.max() < INDEX, f"{mine} of {gap.idxmax()}: {gap.max():.2g}"
    # A decision may turn only where the power stands at the limit.
    decided = [DECISIONS[word.strip()] for word in lavaan["decision"]]
    near = (ours["power"] - 0.75).abs() < 1e-3
    assert ((ours["decision"] == decided) | near).all()


# Our degrees of freedom and lavaan's, which counts constraints. Latent means are free in one group
# only if intercepts are equal, so that 3 of 15 cannot be released; and the scale of a factor takes
# up one constraint of its loadings, in each group.
NOT_ALL_RELEASED = {"groups_scalar": (12, 15), "groups_effect_coded": (6, 15)}


@pytest.mark.parametrize("case", GOLDEN["score"])
def test_score_tests(case: str) -> None:
    spec = GOLDEN["score"][case]
    fit = fit_of(spec)
    got = fit.score_test(epc=True)
    np.testing.assert_allclose(got.univariate["chisq"], spec["uni"]["X2"], rtol=INDEX, atol=INDEX)
    # lavaan counts a degree of freedom also where the other constraints imply the one released
    real = np.array(spec["uni"]["X2"]) > 1e-6
    assert got.univariate["df"].tolist() == (np.array(spec["uni"]["df"]) * real).tolist()
    np.testing.assert_allclose(got.chisq, spec["test"]["X2"], rtol=INDEX)
    if case in NOT_ALL_RELEASED:
        assert (got.df, spec["test"]["df"]) == NOT_ALL_RELEASED[case]
        return
    assert got.df == spec["test"]["df"]
    assert got.epc is not None
    theirs = indexed(spec["epc"])
    mine = indexed(got.epc, fit).loc[theirs.index]
    np.testing.assert_allclose(mine["epc"], theirs["epc"].astype(float), atol=INDEX)


@pytest.mark.parametrize("case", GOLDEN["wald"])
def test_wald_tests(case: str) -> None:
    spec = GOLDEN["wald"][case]
    got = fit_of(spec).wald_test(spec["constraints"])
    assert got.df == spec["df"]
    np.testing.assert_allclose(got.chisq, spec["stat"], rtol=2e-3)
    np.testing.assert_allclose(got.pvalue, spec["p"], atol=1e-4)


METHODS = {
    "default": {},
    "satorra_bentler_2001": {"method": "satorra_bentler_2001"},
    "satorra_bentler_2010": {"method": "satorra.bentler.2010"},
    "satorra_2000_delta_shifted": {"method": "satorra_2000"},
    "satorra_2000_delta": {"method": "satorra_2000", "adjust": "scaled"},
    "satorra_2000_exact_shifted": {"method": "satorra_2000", "a_method": "exact"},
    "satorra_2000_exact": {"method": "satorra_2000", "a_method": "exact", "adjust": "scaled"},
}
PAIRS = [(c, t) for c, spec in GOLDEN["lrt"].items() for t in spec["tests"]]
STEPS = [(c, t) for c, spec in GOLDEN["ladder"].items() for t in spec["tests"]]


def check_tests(
    fits: list[ts.Fit], theirs: Mapping[str, Any], name: str, leave_out: tuple[int, ...] = ()
) -> None:
    """Compare the tests of neighbours; what is refused here is not compared."""
    if "error" in theirs:
        pytest.skip(f"lavaan: {theirs['error']}")
    options: dict[str, Any] = dict(METHODS[name])
    if options.get("adjust") == "scaled" and fits[0].estimator in ("MLMV", "MLMVS"):
        options["adjust"] = "mean_var_adjusted"
    for at, (larger, smaller) in enumerate(pairwise(sorted(fits, key=lambda f: f.df)), start=1):
        if at in leave_out:
            continue
        try:
            got = difference(smaller, larger, **options)
        except NotSupportedError as error:
            pytest.skip(error.what)
        if theirs["chisq"][at] is None or theirs["chisq"][at] < 0:
            assert np.isnan(got.chisq), "lavaan's is negative: there is no test"
            continue
        # A difference of two nearly equal statistics keeps their absolute precision.
        np.testing.assert_allclose(got.chisq, theirs["chisq"][at], rtol=TEST, atol=TEST)
        np.testing.assert_allclose(got.df, theirs["df_diff"][at], rtol=TEST)
        np.testing.assert_allclose(got.pvalue, theirs["pvalue"][at], atol=1e-4)


@pytest.mark.parametrize(("case", "name"), PAIRS)
def test_differences(case: str, name: str) -> None:
    spec = GOLDEN["lrt"][case]
    check_tests([fit_of(spec, model) for model in spec["model"]], spec["tests"][name], name)


@pytest.mark.parametrize(("case", "name"), STEPS)
def test_differences_of_the_invariance_ladder(case: str, name: str) -> None:
    spec = GOLDEN["ladder"][case]
    fits = []
    for step in spec["steps"].values():
        fits.append(fit_of(spec, group="school", **({"group_equal": step} if step else {})))
    # From metric to scalar the latent means are freed, and lavaan carries estimates over by name,
    # so that its larger model does not imply the smaller one's moments; see the next test.
    by_name = name.startswith(("satorra_bentler_2010", "satorra_2000_exact"))
    check_tests(fits, spec["tests"][name], name, leave_out=(2,) if by_name else ())


MATCHED = [(c, t) for c, spec in GOLDEN["matched"].items() for t in spec["tests"]]


@pytest.mark.parametrize(("case", "name"), MATCHED)
def test_the_same_models_with_the_same_parameters(case: str, name: str) -> None:
    spec = GOLDEN["matched"][case]
    equal: dict[str, Any] = {"group": "school", "group_equal": ["loadings", "intercepts"]}
    fits = [fit_of(spec, **equal, group_partial=spec["partial"]), fit_of(spec, **equal)]
    check_tests(fits, spec["tests"][name], name)
