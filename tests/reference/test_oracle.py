"""Optional: lavaan results on real public answers, read from the folder TRUSTSTATS_EXTERNAL.

Every fit found there must be listed in `oracle_cases`, as covered or with the reason why not; where
the variable is set, a covered fit that cannot be run fails.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import agreement
import pandas as pd
import pytest
from oracle_cases import (
    COVERED,
    CUSTOM,
    DIFFERENCES_OF,
    NOT_COVERED,
    NOT_NESTED,
    Covered,
    expected_of,
    fit_case,
    folder_of,
    read_json,
)

import truststats as ts
from truststats.workflow.difference import difference

pytestmark = pytest.mark.external


@pytest.mark.parametrize("row", COVERED, ids=lambda row: f"{row.case}-{row.fit}")
def test_agrees_with_lavaan(row: Covered, external: Path) -> None:
    folder = folder_of(external, row.case)
    fit = fit_case(folder, row.fit)
    found = agreement.deviations(fit, expected_of(folder, row.fit), row.estimate)
    assert not found, agreement.explain(found)


def test_every_oracle_fit_is_accounted_for(external: Path) -> None:
    covered = {(row.case, row.fit) for row in COVERED}
    unknown = []
    for folder in sorted((external / "oracle" / "cases").iterdir()):
        if folder.name in CUSTOM or (folder.name, "*") in NOT_COVERED:
            continue
        for spec in read_json(folder / "options.json")["fits"]:
            name = (folder.name, spec["name"])
            if name not in covered and name not in NOT_COVERED:
                unknown.append(name)
    assert not unknown, f"neither covered nor excused: {unknown}"


def difference_tests(external: Path, case: str) -> list[list[dict[str, Any]]]:
    """Return the tables of lavTestLRT that a case holds."""
    found = read_json(folder_of(external, case) / "expected.json").get("lrt") or []
    return [test["table"] for test in found if "table" in test]


@pytest.mark.parametrize("case", sorted({row.case for row in COVERED}))
def test_differences_of_nested_fits(case: str, external: Path) -> None:
    covered = {row.fit for row in COVERED if row.case == case}
    found = []
    for table in difference_tests(external, case):
        names = [row["model"] for row in table]
        assert set(names) <= covered, f"{case}: a compared fit is not covered"
        folder = folder_of(external, case)
        fits = {n: fit_case(folder, n, **DIFFERENCES_OF.get((case, n), {})) for n in names}
        ours = ts.compare(*fits.values(), names=names)
        for above, row in pairwise(table):
            mine, label = ours.loc[row["model"]], f"{case} {row['model']}"
            if (case, above["model"], row["model"]) in NOT_NESTED:
                assert mine["relation"] == "not nested"
                got = difference(fits[row["model"]], fits[above["model"]])
                mine = {"df_diff": got.df, "chisq_diff": got.chisq, "pvalue_diff": got.pvalue}
            found += agreement.check(f"{label} df", mine["df_diff"], row["Df diff"], 0.0)
            # A difference of two chi-squares is as exact as they are.
            slack = agreement.FIT_MEASURE * max(1.0, abs(row["Chisq"]))
            found += agreement.check(f"{label} chisq", mine["chisq_diff"], row["Chisq diff"], slack)
            p_value = row["Pr(>Chisq)"]
            slack = agreement.PROBABILITY
            found += agreement.check(f"{label} p", mine["pvalue_diff"], p_value, slack)
    assert not found, agreement.explain(found)


def test_saturated_moments_by_full_information(external: Path) -> None:
    folder = folder_of(external, "saturated_fiml")
    expected = read_json(folder / "expected.json")
    data = pd.read_csv(folder / "data.csv").drop(columns="id")
    names = list(data.columns)
    model = "\n".join(f"{a} ~~ {' + '.join(names[i:])}" for i, a in enumerate(names))
    fit = ts.fit(model, data, missing="fiml", fixed_x=False)
    assert fit.nobs == expected["n"]
    assert fit.npar == expected["logl"]["npar"]
    assert fit.df == 0
    assert fit.n_patterns == len(expected["patterns"]["values"])
    logl = expected["logl"]["logl"]
    assert fit.fit_measures["logl"] == pytest.approx(logl, rel=1e-6)
    ours = agreement.by_parameter(fit.tidy())
    found = []
    for name, theirs in agreement.by_parameter(expected["estimates"]).items():
        label = " ".join(name)
        mine = ours[name]
        slack = agreement.ESTIMATE * max(abs(theirs["est"]), theirs["se"])
        found += agreement.check(f"{label} est", mine["est"], theirs["est"], slack)
        wide = agreement.STD_ERROR * theirs["se"]
        found += agreement.check(f"{label} se", mine["se"], theirs["se"], wide)
    assert not found, agreement.explain(found)


RELIABILITY_MODEL = """
trust =~ B2a + B2b + B2c + C1d
auton =~ A2a + A2d + A2e
results =~ B3a + B3b + B3d
"""


def test_reliability_of_real_scales(external: Path) -> None:
    folder = folder_of(external, "descriptives_reliability")
    expected = read_json(folder / "expected.json")
    data = pd.read_csv(folder / "data.csv").drop(columns=["rid", "AgencySize"]).dropna()
    assert len(data) == expected["n_listwise"]
    fit = ts.fit(RELIABILITY_MODEL, data)
    found = fit.reliability().set_index(["construct", "coefficient"])["value"]
    items = fit.item_statistics().set_index(["construct", "item"])
    for construct in ("trust", "auton", "results"):
        alpha = expected["alpha"][construct]
        assert found[construct, "alpha"] == pytest.approx(alpha["raw"], abs=1e-4)
        own = items.loc[construct].loc[alpha["items"]]
        assert own["item_rest"].to_numpy() == pytest.approx(alpha["r.drop"], abs=1e-4)
        assert own["alpha_dropped"].to_numpy() == pytest.approx(alpha["item_drop_raw"], abs=1e-4)
        omega = expected["omega_compRelSEM"][construct]
        assert found[construct, "omega_observed"] == pytest.approx(omega, abs=1e-4)
        assert found[construct, "ave"] == pytest.approx(expected["AVE"][construct], abs=1e-4)
