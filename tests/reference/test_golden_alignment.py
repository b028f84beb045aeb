"""Alignment beside an independent program of its published formula (make_alignment.R)."""

from __future__ import annotations

import json
from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.alignment import align
from truststats.psychometrics.alignment_items import explained, invariant_groups, pair_differences
from truststats.psychometrics.alignment_loss import parts
from truststats.psychometrics.alignment_spread import aligned_spread

GOLDEN = json.loads((material.GOLDENS / "alignment.json").read_text(encoding="utf-8"))
ETA = np.array(GOLDEN["eta"]).reshape(8, 10)
LOADINGS, INTERCEPTS = ETA[:, :5].T.copy(), ETA[:, 5:].T.copy()
N, COV = np.array(GOLDEN["n"], dtype=float), np.array(GOLDEN["cov"])
OPTIONS: dict[str, dict[str, Any]] = {
    "fixed": {},
    "free": {"free": True},
    "quarter": {"power": 0.25},
    "near": {"eps": 0.001},
}
VERB: dict[str, dict[str, Any]] = {
    "fixed": {"estimator": "ML"},
    "mlr": {},
    "clustered": {"cluster": "unit"},
    "free": {"estimator": "ML", "method": "free"},
}
# Absolute; the other side stops near the optimum, and differentiates numerically.
SOLUTION, ERROR = 1e-8, 5e-6
LAVAAN = 5e-6


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return pd.read_csv(material.DATA / "alignment_items.csv")


@pytest.mark.parametrize("case", OPTIONS)
def test_solution(case: str) -> None:
    theirs = GOLDEN["cases"][case]
    found = align(LOADINGS, INTERCEPTS, N, **OPTIONS[case])
    pairs = np.sqrt(np.outer(N, N))[np.triu_indices(8, 1)]
    assert found.converged
    assert found.loss * pairs.mean() == pytest.approx(theirs["loss"], rel=1e-10)
    assert found.mean == pytest.approx(np.array(theirs["mean"]), abs=SOLUTION)
    assert found.sd == pytest.approx(np.array(theirs["sd"]), abs=SOLUTION)


@pytest.mark.parametrize("case", ["fixed", "free"])
def test_standard_errors_items_and_pairs(case: str) -> None:
    theirs = GOLDEN["cases"][case]
    found = align(LOADINGS, INTERCEPTS, N, **OPTIONS[case])
    spread, place = parts(LOADINGS, INTERCEPTS, N, 0, free=case == "free", eps=0.01, power=0.5)
    sure = aligned_spread(found, spread, place, 0, COV)

    def errors(cov: Any) -> Any:
        return np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))

    assert errors(sure.mean) == pytest.approx(np.array(theirs["mean_se"]), abs=ERROR)
    variance = 2 * found.sd**2 * errors(sure.log_sd)
    assert variance == pytest.approx(np.array(theirs["variance_se"]), abs=ERROR)
    r2 = explained(LOADINGS, INTERCEPTS, found.mean, found.sd, (found.loadings, found.intercepts))
    for k, name in enumerate(("loadings", "intercepts")):
        values, covs = getattr(found, name), getattr(sure, name)
        assert values == pytest.approx(np.array(theirs[name]), abs=SOLUTION)
        assert errors(covs) == pytest.approx(np.array(theirs[f"{name}_se"]), abs=ERROR)
        alike = [invariant_groups(v, c) for v, c in zip(values, covs, strict=True)]
        assert (np.array(alike) == np.array(theirs[f"{name}_alike"])).all()
        assert r2[k] == pytest.approx(np.array(theirs[f"r2_{name}"]), abs=SOLUTION)
    pairs = pair_differences(found.mean, sure.mean, 0.95, 40_000, np.random.default_rng(1))
    assert pairs.se == pytest.approx(np.array(theirs["pair_se"]), abs=ERROR)
    assert pairs.factor == pytest.approx(theirs["factor"], abs=0.02), "both are drawn"


@pytest.mark.parametrize("case", VERB)
def test_the_whole_way(case: str, answers: pd.DataFrame) -> None:
    theirs = GOLDEN["cases"][case]
    found = ts.alignment("f =~ y1 + y2 + y3 + y4 + y5", answers, group="g", draws=200, **VERB[case])
    frame = found.frame()
    assert found.groups == tuple(GOLDEN["groups"])
    for mine, name in (("mean", "mean"), ("variance_se", "variance_se"), ("se", "mean_se")):
        wanted = np.array(theirs[name])
        there = frame[mine].notna().to_numpy()
        assert frame[mine].to_numpy()[there] == pytest.approx(wanted[there], abs=LAVAAN), name
    assert found.factor().loadings_se == pytest.approx(np.array(theirs["loadings_se"]), abs=LAVAAN)
    if case in ("fixed", "mlr"):
        known = GOLDEN["configural"]["ml" if case == "fixed" else "mlr"]
        assert found.measures["df"] == 40
        for name in ("chisq", "cfi", "rmsea"):
            assert found.measures[name] == pytest.approx(known[name], rel=2e-4, abs=1e-6), name
