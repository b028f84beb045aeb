"""Optional: modification indices, score, Wald and difference tests on real public answers."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import oracle_cases
import pytest
from test_golden_posthoc import INDEX, exogenous, indexed

import truststats as ts
from truststats.workflow.difference import difference

pytestmark = pytest.mark.external

# The cases' stops are looser than ours, and an index moves with the square of the distance.
LOOSE = 2e-3

INDICES = (
    ("copsoq_second_order", "ml"), ("heywood", "plain"), ("hs_cfa", "marker"),
    ("hs_invariance", "configural"), ("poldem_equality", "equal"), ("poldem_equality", "free"),
    ("sohona_small_n", "ml"), ("tafe_fiml_mediation", "fiml_ml"),
    ("wa_invariance_ml", "configural"), ("wa_sem_ml_listwise", "fit"),
    ("datcat_ordinal", "fit"), ("pierce_wlsmv_missing", "listwise"),
    ("pierce_wlsmv_missing", "pairwise"), ("wa_wlsmv_7cat", "listwise"),
)  # fmt: skip
SCORES = (
    ("dete_group_region", "scalar"), ("hs_invariance", "strong"), ("poldem_equality", "equal"),
    ("wa_invariance_ml", "metric"), ("wa_invariance_ml", "scalar"),
)  # fmt: skip
CASES_WITH_TESTS = (
    "dete_group_region", "hs_invariance", "poldem_equality", "sohona_small_n", "wa_invariance_ml",
)  # fmt: skip


def fit_of(external: Path, case: str, name: str) -> tuple[ts.Fit, dict[str, Any]]:
    """Return our fit of a case and lavaan's."""
    folder = oracle_cases.folder_of(external, case)
    expected = oracle_cases.read_json(folder / "expected.json")["fits"][name]
    return oracle_cases.fit_case(folder, name), expected


@pytest.mark.parametrize(("case", "name"), INDICES)
def test_the_largest_indices(case: str, name: str, external: Path) -> None:
    fit, expected = fit_of(external, case, name)
    ours, given = indexed(fit.modification_indices(), fit), exogenous(fit)
    lavaan = indexed(expected["modindices"])
    lavaan = lavaan[[not (lhs in given and op != "=~") for lhs, op in lavaan[["lhs", "op"]].values]]
    assert set(lavaan.index) <= set(ours.index)
    assert (ours["mi"] > lavaan["mi"].astype(float).min() * (1 + LOOSE)).sum() <= len(lavaan)
    ours = ours.loc[lavaan.index]
    variance = (ours["op"] == "~~") & (ours["lhs"] == ours["rhs"])
    for mine, theirs in (
        ("mi", "mi"), ("epc", "epc"), ("sepc_lv", "sepc.lv"), ("sepc_all", "sepc.all"),
        ("sepc_nox", "sepc.nox"),
    ):  # fmt: skip
        use = ~variance if mine.startswith("sepc") else variance | True
        one, two = ours.loc[use, mine].astype(float), lavaan.loc[use, theirs].astype(float)
        gap = (one - two).abs() / np.maximum(1.0, two.abs())
        assert gap.max() < LOOSE, f"{mine} of {gap.idxmax()}: {gap.max():.2g}"


@pytest.mark.parametrize(("case", "name"), SCORES)
def test_the_score_tests(case: str, name: str, external: Path) -> None:
    fit, expected = fit_of(external, case, name)
    got, theirs = fit.score_test(), expected["score"]
    values = [row["X2"] for row in theirs["uni"]]
    np.testing.assert_allclose(got.univariate["chisq"], values, rtol=LOOSE, atol=LOOSE)
    np.testing.assert_allclose(got.chisq, theirs["test"][0]["X2"], rtol=LOOSE)


@pytest.mark.parametrize("case", CASES_WITH_TESTS)
def test_the_differences(case: str, external: Path) -> None:
    lists = oracle_cases.read_json(oracle_cases.folder_of(external, case) / "expected.json")["lrt"]
    for spec in lists:
        fits = {name: fit_of(external, case, name)[0] for name in spec["fits"]}
        rows = {row["model"]: row for row in spec["table"]}
        for larger, smaller in pairwise(sorted(fits, key=lambda name: fits[name].df)):
            got, row = difference(fits[smaller], fits[larger]), rows[smaller]
            np.testing.assert_allclose(got.chisq, row["Chisq diff"], rtol=INDEX, atol=LOOSE)
            assert got.df == row["Df diff"]


def test_the_wald_test(external: Path) -> None:
    folder = oracle_cases.folder_of(external, "poldem_equality")
    for spec in oracle_cases.read_json(folder / "expected.json")["wald"]:
        reason = oracle_cases.NOT_COVERED.get(("poldem_equality", spec["fit"]))
        if reason:
            pytest.skip(reason)
        fit, _ = fit_of(external, "poldem_equality", spec["fit"])
        got = fit.wald_test(spec["constraints"])
        assert got.df == spec["df"]
        np.testing.assert_allclose(got.chisq, spec["stat"], rtol=LOOSE)
