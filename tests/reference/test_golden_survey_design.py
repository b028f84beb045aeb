"""Weights, strata, clusters across groups, the cluster jackknife and the score bootstrap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import agreement
import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.inference.score_bootstrap import draw_weights, score_test
from truststats.inference.vcov import vcov

PREFIX = "survey_design_"


def frame(name: str) -> pd.DataFrame:
    """Return the answers with the columns of their design."""
    which = {"lonely": "complete", "answered": "missing"}.get(name, name)
    design = material.read_data("survey_design").drop(columns="unit")
    out = pd.concat([material.read_data(f"synthetic_{which}"), design], axis=1)
    if name == "answered":
        items = [f"{c}{i}" for c in ("inf", "tru", "aut", "res") for i in (1, 2, 3)]
        out = out[out[items].notna().any(axis=1)]
    return out.assign(lonely=out["stratum"].where(out["unit"] != "u01", "alone"))


def golden(name: str) -> Any:
    """Return one golden."""
    return material.golden(PREFIX + name)


def run(row: dict[str, Any], **more: Any) -> ts.Fit:
    """Fit a row of a golden."""
    args = row["args"] if row["args"] else {}
    return ts.fit(row["model"], frame(row["data"]), **material.python_options(args) | more)


# lavaan weighs groups by their rows in the correction for missing values, but by their sums of
# weights in everything else; where weights are normalised within groups the two are one.
UNLIKE = {"groups_fiml_cluster", "groups_fiml_none"}


@pytest.mark.parametrize("row", golden("weights"), ids=lambda row: row["name"])
def test_weights_agree_with_lavaan(row: dict[str, Any]) -> None:
    found = agreement.deviations(run(row), row)
    if row["name"] in UNLIKE:
        found = [each for each in found if "robust" not in each.what]
    assert not found, agreement.explain(found)


STRATA = golden("strata")


@pytest.mark.parametrize("name", STRATA)
def test_sandwich_agrees_with_the_survey_package(name: str) -> None:
    row = STRATA[name]
    options: dict[str, Any] = {"meanstructure": True}
    if name.startswith("strata"):
        options["strata"] = "lonely" if name == "strata_certainty" else "stratum"
        if name != "strata_rows":
            options["cluster"] = "unit"
    if name == "strata_certainty":
        options["lonely_psu"] = "certainty"
    fit = run(row, **options)
    assert fit.test.chisq == pytest.approx(row["chisq"], rel=1e-6)
    theirs = agreement.matrix(row["vcov"])
    ours = fit.cov_params().to_numpy()
    scale = np.sqrt(np.diag(theirs))
    if name == "nested":  # lavaan gives each group its own G / (G - 1), the package one for all
        theirs = agreement.matrix(row["lavaan"])
    off = np.abs(ours - theirs.to_numpy()) / np.outer(scale, scale)
    assert off.max() < 1e-4


@pytest.mark.parametrize("name", ["spanning", "spanning_equal", "spanning_weights"])
def test_clusters_that_span_groups_are_named(name: str) -> None:
    fit = run(STRATA[name], meanstructure=True)
    assert "clusters_span_groups" in {problem.code for problem in fit.problems}
    assert fit.n_clusters == 25


@pytest.mark.parametrize("name", ["spanning", "spanning_equal", "spanning_weights"])
def test_each_groups_own_sandwich_is_lavaans(name: str) -> None:
    row = STRATA[name]
    fit = run(row, meanstructure=True)
    samples = tuple(replace(s, design=None, memo={}) for s in fit.estimate.samples)
    apart = replace(fit.estimate, samples=samples)
    ours, theirs = vcov(apart, fit.se_type, "observed")[0], agreement.matrix(row["lavaan"])
    scale = np.sqrt(np.diag(theirs))
    at = [u for u in fit.partable.unique if u >= 0]
    off = np.abs(ours[np.ix_(at, at)] - theirs.to_numpy()) / np.outer(scale, scale)
    assert off.max() < 1e-4


def test_lavaan_takes_groups_as_independent() -> None:
    row = STRATA["spanning_equal"]
    ours, lavaan = (agreement.matrix(row[key]) for key in ("vcov", "lavaan"))
    ratio = np.sqrt(np.diag(ours) / np.diag(lavaan))
    assert ratio.max() > 1.05 or ratio.min() < 0.95


JACKKNIFE = golden("jackknife")


@pytest.mark.parametrize("row", JACKKNIFE["fits"], ids=lambda row: row["name"])
def test_jackknife_agrees_with_refits_by_lavaan(row: dict[str, Any]) -> None:
    fit = run(row, cluster=row["cluster"], se="cr3", meanstructure=True)
    ours = fit.bse[~fit.bse.index.duplicated()].to_numpy()
    np.testing.assert_allclose(ours, row["se"], rtol=2e-4)


def test_jackknife_of_a_regression_is_cr3() -> None:
    known = JACKKNIFE["clubSandwich"]
    row = next(row for row in JACKKNIFE["fits"] if row["name"] == "regression")
    fit = run(row, cluster="team", se="cr3", meanstructure=True)
    np.testing.assert_allclose(fit.bse[known["names"]], known["se"], rtol=1e-6)


@pytest.mark.parametrize("row", golden("score"), ids=lambda row: row["name"])
def test_score_bootstrap_agrees_with_every_sign_of_lavaans_scores(row: dict[str, Any]) -> None:
    fit = run(row, cluster="team", meanstructure=True)
    k = list(fit.params.index).index(row["parameter"])
    weights = draw_weights("rademacher", 8, 256, np.random.default_rng(1))
    found = score_test(fit.estimate, k, row["value"], weights)
    assert found.statistic == pytest.approx(row["statistic"], rel=1e-4)
    assert found.pvalue == pytest.approx(row["pvalue"], abs=1e-12)
