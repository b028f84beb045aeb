"""Exploratory factors against lavaan, psych, GPArotation and stats."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.average_partial import average_partials
from truststats.psychometrics.parallel_analysis import component_eigenvalues, factor_eigenvalues
from truststats.psychometrics.rotation import promax, rotate
from truststats.psychometrics.rotation_criteria import Criterion, geomin, oblimin, orthomax, target

GOLDEN = material.golden("efa")
X = [f"x{k}" for k in range(1, 10)]
WANTED = np.where(np.kron(np.eye(3), np.ones((3, 1))) > 0, np.nan, 0.0)
#: Loadings of a search that was told to go on, and of one that stopped by itself.
CLOSE, STOPPED = 2e-6, 1e-4
#: Lavaan 0.6-14 scales rotated loadings by variances that it then takes as known; ours are checked
#: against numerical derivatives in the unit tests of `efa_inference`.
SE = 0.12
ROTATIONS: dict[str, tuple[Criterion, bool, bool]] = {
    "oblimin": (oblimin(), True, False),
    "oblimin_half": (oblimin(-0.5), True, False),
    "oblimin_kaiser": (oblimin(), True, True),
    "geomin": (geomin(0.001), True, False),
    "geomin_hundredth": (geomin(0.01), True, False),
    "geomin_orthogonal": (geomin(0.001), False, False),
    "varimax": (orthomax(1.0), False, True),
    "quartimax": (orthomax(0.0), False, True),
    "equamax": (orthomax(1.5), False, True),
    "target": (target(WANTED), True, False),
    "target_orthogonal": (target(WANTED), False, False),
}


def holzinger() -> pd.DataFrame:
    return material.read_data("holzinger_swineford")[X]


def ordinal() -> pd.DataFrame:
    return material.read_data("ordinal_items").drop(columns="group")


def aligned(ours: np.ndarray, theirs: Any) -> tuple[np.ndarray, tuple[int, ...], np.ndarray]:
    """Return our loadings with their columns in the order and direction of the others."""
    want = np.array(theirs, dtype=float)
    tried = []
    for order in permutations(range(ours.shape[1])):
        sign = np.where((ours[:, order] * want).sum(axis=0) < 0, -1.0, 1.0)
        moved = ours[:, order] * sign
        tried.append((float(np.abs(moved - want).max()), order, sign, moved))
    _, order, sign, moved = min(tried, key=lambda one: one[0])
    return moved, order, sign


def gap(ours: np.ndarray, theirs: Any) -> float:
    return float(np.abs(aligned(ours, theirs)[0] - np.array(theirs)).max())


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_maximum_likelihood(m: int) -> None:
    theirs = GOLDEN[f"factanal_{m}"]
    found = ts.efa(holzinger(), m, rotation="none")
    assert gap(found.extraction.loadings, np.reshape(theirs["loadings"], (9, m))) < CLOSE
    assert np.abs(found.extraction.uniqueness - theirs["uniqueness"]).max() < CLOSE
    measures = found.fit_measures
    assert measures["chisq_bartlett"] == pytest.approx(theirs["bartlett"], rel=1e-7)
    assert measures["pvalue_bartlett"] == pytest.approx(theirs["pvalue"], rel=1e-6)
    assert measures["df"] == theirs["df"]


@pytest.mark.parametrize("name", ROTATIONS)
def test_rotations(name: str) -> None:
    theirs = GOLDEN["rotations"][name]
    criterion, oblique, kaiser = ROTATIONS[name]
    a = np.array(GOLDEN["factanal_3"]["loadings"])
    found = rotate(a, criterion, oblique=oblique, kaiser=kaiser)
    moved, order, sign = aligned(found.loadings, theirs["loadings"])
    assert np.abs(moved - theirs["loadings"]).max() < CLOSE
    phi = found.phi[np.ix_(order, order)] * np.outer(sign, sign)
    assert np.abs(phi - theirs["phi"]).max() < CLOSE
    if name not in ("varimax", "quartimax", "equamax"):  # those differ by a constant
        assert found.value == pytest.approx(theirs["value"], abs=1e-9)


def test_promax() -> None:
    a = np.array(GOLDEN["factanal_3"]["loadings"])
    assert gap(promax(a).loadings, GOLDEN["promax"]["loadings"]) < CLOSE
    found = ts.efa(holzinger(), 3, rotation="promax")
    assert gap(found.rotated.loadings, GOLDEN["promax"]["loadings"]) < CLOSE


@pytest.mark.parametrize("case", ["ml", "minres", "polychoric_ml", "polychoric_minres"])
def test_psych(case: str) -> None:
    theirs = GOLDEN["psych"][case]
    ordered = case.startswith("polychoric")
    data = ordinal() if ordered else holzinger()
    found = ts.efa(data, 3, estimator=case.removeprefix("polychoric_"), ordered=ordered)
    assert np.abs(found.communalities.to_numpy() - theirs["communality"]).max() < STOPPED
    assert np.abs(found.variance["ss_loadings"] - theirs["explained"]).max() < 3 * STOPPED
    complexity = found.frame(sort=False)["complexity"]
    assert np.abs(complexity - theirs["complexity"]).max() < 1e-3
    assert found.measures["rmsr"] == pytest.approx(theirs["rms"], abs=1e-5 if ordered else 1e-6)
    if not ordered:
        assert found.measures["chisq_bartlett"] == pytest.approx(theirs["chisq"], rel=1e-5)
        assert found.df == theirs["df"]


LAVAAN: dict[str, dict[str, Any]] = {
    "oblimin": {},
    "geomin": {"rotation": "geomin"},
    "varimax": {"rotation": "varimax"},
    "two": {},
    "mlm": {"se": "robust"},
    "complete": {},
    "two_stage": {"missing": "two.stage"},
    "wls": {"ordered": True},
    "wls_pairwise": {"ordered": True, "missing": "pairwise", "rotation": "geomin"},
    "uls": {"ordered": True, "estimator": "minres"},
}


def lavaan_fit(case: str) -> Any:
    options = LAVAAN[case]
    if case in ("complete", "two_stage"):
        names = [f"{k}{i}" for k in ("inf", "tru", "aut", "res") for i in (1, 2, 3)]
        return ts.efa(material.read_data("synthetic_missing")[names], 4, **options)
    data = ordinal() if options.get("ordered") else holzinger()
    return ts.efa(data, 2 if case in ("two", "uls") else 3, **options)


@pytest.mark.parametrize("case", LAVAAN)
def test_lavaan(case: str) -> None:
    theirs, found = GOLDEN["lavaan"][case], lavaan_fit(case)
    moved, order, _ = aligned(found.rotated.loadings, theirs["loadings"])
    assert np.abs(moved - theirs["loadings"]).max() < STOPPED
    se = found.se[:, order]
    assert np.abs(se / np.array(theirs["se"]) - 1.0).max() < SE
    if found.oblique:
        i, j = np.triu_indices(found.se.shape[1], 1)
        phi_se = found.phi_se[np.ix_(order, order)][i, j]
        assert np.abs(phi_se / np.array(theirs["phi_se"]) - 1.0).max() < SE


@pytest.mark.parametrize("case", LAVAAN)
def test_lavaan_measures(case: str) -> None:
    theirs, found = GOLDEN["lavaan"][case]["measures"], lavaan_fit(case)
    compared = 0
    values = found.fit_measures
    close = 2e-3 if case == "two_stage" else 1e-4  # the EM algorithms stop at their own places
    if case == "two_stage":
        values = values.drop(["npar", "srmr"])  # lavaan counts the means too
    for name, value in values.items():
        dotted = str(name).replace("_ci_", ".ci.")
        for ending in ("_scaled", "_robust", "_factor", "_pvalue", "_lower", "_upper"):
            dotted = dotted.replace(ending, "." + ending[1:])
        dotted = dotted.replace("chisq_scaling", "chisq.scaling").replace("baseline_", "baseline.")
        if dotted in theirs and isinstance(theirs[dotted], float | int):
            assert value == pytest.approx(theirs[dotted], rel=close, abs=close / 10), name
            compared += 1
    assert compared >= 11


def test_number_of_factors() -> None:
    theirs = GOLDEN["count"]
    corr = holzinger().corr().to_numpy()
    assert np.abs(component_eigenvalues(corr) - theirs["components"]).max() < 1e-9
    assert np.abs(factor_eigenvalues(corr) - theirs["factors"]).max() < 1e-9
    assert np.abs(average_partials(corr)[1:] - theirs["map"][:7]).max() < 1e-9
    assert np.abs(average_partials(corr, 4) - theirs["map4"]).max() < 1e-9
    found = ts.n_factors(ordinal(), ordered=True, draws=20)
    assert np.abs(found.components.observed - theirs["components_polychoric"]).max() < STOPPED
    assert np.abs(found.factors.observed - theirs["factors_polychoric"]).max() < STOPPED
    assert np.abs(found.map2[1:] - theirs["map_polychoric"][:7]).max() < STOPPED
