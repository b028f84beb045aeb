"""Permutation tests of invariance beside other shuffles (make_invariance_permuted.R)."""

from __future__ import annotations

import json
import math

import material
import pytest

from truststats.workflow.invariance import invariance

GOLDEN = json.loads((material.GOLDENS / "invariance_permuted.json").read_text(encoding="utf-8"))
SIGN = {"chisq": 1.0, "cfi": -1.0, "rmsea": 1.0, "srmr": 1.0}


def test_p_values_agree_up_to_chance() -> None:
    try:
        data = material.read_data("holzinger_swineford")
    except FileNotFoundError as error:
        pytest.skip(str(error))
    found = invariance(
        GOLDEN["model"], data, group="school", estimator="ML", upto="scalar", partial=False,
        permutations=1000, seed=7,
    )  # fmt: skip
    assert found.permuted is not None
    frame = found.permuted.frame().set_index(["step", "measure"])
    for step, theirs in GOLDEN["steps"].items():
        for measure, p in theirs["p"].items():
            mine = frame.loc[(step, measure)]
            there = SIGN[measure] * theirs["observed"][measure]
            if step == "configural" and measure == "cfi":
                there += 1.0
            assert mine["observed"] == pytest.approx(there, rel=1e-3, abs=1e-4)
            # both are shares of draws: four standard errors of their difference
            spread = math.sqrt(max(p * (1 - p), 0.002) * (1 / GOLDEN["draws"] + 1 / 1000))
            assert abs(mine["pvalue"] - p) < 4.0 * spread, (step, measure)
