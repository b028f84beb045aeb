"""Optional: lavaan results on real public answers, read from the folder TRUSTSTATS_EXTERNAL.

The folder holds ``oracle/cases/<case>/`` with data.csv, models, options.json and expected.json.
Every fit found there must be in COVERED or in NOT_COVERED with the reason; where the variable is
set, a covered fit that cannot be run fails.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import agreement
import material
import pandas as pd
import pytest

import truststats as ts

pytestmark = pytest.mark.external


class Covered(NamedTuple):
    """A fit of a case that truststats reproduces; another tolerance needs a reason beside it."""

    case: str
    fit: str
    estimate: float = agreement.ESTIMATE


COVERED = (
    Covered("wa_sem_ml_listwise", "fit"),
    Covered("hs_cfa", "marker"),
    Covered("hs_cfa", "stdlv"),
    Covered("hs_cfa", "orthogonal"),
    Covered("hs_cfa", "meanstructure"),
    Covered("poldem_equality", "equal"),
    Covered("poldem_equality", "free"),
    Covered("tafe_fiml_mediation", "fiml_ml"),
    Covered("tafe_fiml_mediation", "fiml_mlr_cluster"),
    Covered("tafe_fiml_mediation", "listwise"),
    Covered("pierce_cluster_robust", "cluster_fiml"),
    Covered("pierce_cluster_robust", "cluster_listwise"),
    Covered("pierce_cluster_robust", "nocluster_fiml"),
    # lavaan's default stop is 1.1e-4 SE off here: a smaller rel.tol moves it to our estimate.
    Covered("wa_mimic_fixedx", "fixedx", estimate=2e-4),
    Covered("wa_mimic_fixedx", "randomx"),
    Covered("wa_mimic_fixedx", "mean_fixedx"),
    Covered("copsoq_second_order", "ml"),
    Covered("copsoq_second_order", "mlr_stdlv"),
    Covered("wa_nonpd_latent", "fit"),
    Covered("heywood", "plain"),
    Covered("sohona_small_n", "ml"),
    Covered("sohona_small_n", "mlr"),
    Covered("wa_sem_estimators", "ML"),
    Covered("wa_sem_estimators", "MLR"),
    Covered("gss_weights_cluster", "cluster_mlr"),
    Covered("facialburns_group", "med"),
)

# Own tests below.
CUSTOM = {"saturated_fiml", "descriptives_reliability"}

# "*" stands for every fit of the case.
NOT_COVERED = {
    ("bfi_ordinal_gender", "*"): "ordinal",
    ("datcat_ordinal", "*"): "ordinal",
    ("gss_ordinal_invariance", "*"): "ordinal",
    ("pierce_wlsmv_missing", "*"): "ordinal",
    ("wa_wlsmv_7cat", "*"): "ordinal",
    ("polychoric", "*"): "ordinal",
    ("demo_growth", "*"): "growth models",
    ("demo_twolevel", "*"): "two levels",
    ("dete_group_region", "*"): "groups",
    ("hs_invariance", "*"): "groups",
    ("wa_invariance_ml", "*"): "groups",
    ("facialburns_group", "med_group"): "groups",
    ("sohona_small_n", "group_metric"): "groups",
    ("sohona_small_n", "group_regr"): "groups",
    ("ess4gb_survey", "mlr_cluster_weight"): "sampling weights",
    ("ess4gb_survey", "mlm"): "MLM",
    ("gss_weights_cluster", "weights_mlr"): "sampling weights",
    ("gss_weights_cluster", "weights_cluster_mlr"): "sampling weights",
    ("gss_weights_cluster", "weights_fiml"): "sampling weights",
    ("heywood", "constrained"): "inequality constraints",
    ("heywood", "bounds_standard"): "bounds",
    ("heywood", "bounds_posvar"): "bounds",
    ("hs_cfa", "effect_coding"): "effect coding",
    ("hs_cfa", "wishart"): "Wishart likelihood",
    ("hs_cfa", "wls"): "WLS",
    ("mi_pooling", "*"): "multiple imputation",
    ("poldem_equality", "inequality"): "inequality constraints",
    ("poldem_equality", "linear_constraint"): "constraints between parameters",
    ("poldem_equality", "bollen_stine_free_sb"): "MLM",
    ("tafe_fiml_mediation", "two_stage"): "two-stage ML",
    ("tafe_fiml_mediation", "robust_two_stage"): "two-stage ML",
    ("wa_sem_estimators", "MLM"): "MLM",
    ("wa_sem_estimators", "MLMV"): "MLMV",
    ("wa_sem_estimators", "MLMVS"): "MLMVS",
    ("wa_sem_estimators", "MLF"): "MLF",
    ("wa_sem_estimators", "GLS"): "GLS",
    ("wa_sem_estimators", "ULS"): "ULS",
    ("wa_sem_estimators", "ULSMV"): "ULSMV",
}


def read_json(path: Path) -> Any:
    """Return the content of a file that has to be there."""
    assert path.is_file(), f"a covered case cannot run: {path} is missing"
    return json.loads(path.read_text(encoding="utf-8"))


def expected_of(folder: Path, fit: str) -> dict[str, Any]:
    """Return lavaan's result; what a newer lavaan gives instead, where the case holds it, wins."""
    expected = read_json(folder / "expected.json")["fits"][fit]
    newer = folder / "expected_lavaan07.json"
    if newer.is_file():
        expected = expected | read_json(newer)["fits"].get(fit, {})
    return expected


def fit_case(folder: Path, name: str) -> Any:
    """Run one fit of a case with truststats."""
    spec = next(f for f in read_json(folder / "options.json")["fits"] if f["name"] == name)
    model = (folder / spec["model"]).read_text(encoding="utf-8")
    options = material.python_options(spec.get("args") or {})
    return ts.fit(model, pd.read_csv(folder / "data.csv"), **options)


@pytest.mark.parametrize("row", COVERED, ids=lambda row: f"{row.case}-{row.fit}")
def test_agrees_with_lavaan(row: Covered, external: Path) -> None:
    folder = external / "oracle" / "cases" / row.case
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


def test_saturated_moments_by_full_information(external: Path) -> None:
    folder = external / "oracle" / "cases" / "saturated_fiml"
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
    folder = external / "oracle" / "cases" / "descriptives_reliability"
    expected = read_json(folder / "expected.json")
    data = pd.read_csv(folder / "data.csv").drop(columns=["rid", "AgencySize"]).dropna()
    assert len(data) == expected["n_listwise"]
    fit = ts.fit(RELIABILITY_MODEL, data)
    found = fit.reliability().set_index(["construct", "coefficient"])["value"]
    implied, sample = fit.implied()["sigma"], fit.sample_moments()["cov"]
    for construct in ("trust", "auton", "results"):
        alpha = expected["alpha"][construct]
        assert found[construct, "alpha"] == pytest.approx(alpha["raw"], abs=1e-4)
        # The case divides by the observed variance of the sum, ours by the implied one.
        block = (list(alpha["items"]), list(alpha["items"]))
        ratio = implied.loc[block].to_numpy().sum() / sample.loc[block].to_numpy().sum()
        omega = expected["omega_compRelSEM"][construct]
        assert found[construct, "omega"] * ratio == pytest.approx(omega, abs=1e-4)
