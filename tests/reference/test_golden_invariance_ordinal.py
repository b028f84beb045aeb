"""The steps of Wu & Estabrook (2016) for ordinal items (make_invariance_ordinal.R)."""

from __future__ import annotations

import json
from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

from truststats.workflow.invariance import invariance

GOLDEN = json.loads((material.GOLDENS / "invariance_ordinal.json").read_text(encoding="utf-8"))
ITEMS = [f"u{k + 1}" for k in range(8)]
TEST = 5e-4
STEPS = ("thresholds", "loadings", "intercepts", "residuals")


def answers(case: str) -> pd.DataFrame:
    """Return the items with four, three or two categories."""
    frame = pd.read_csv(material.DATA / "invariance_items.csv")
    if case == "three":
        frame[ITEMS] = frame[ITEMS].clip(upper=3)
    if case == "mixed":
        frame[["u1", "u6"]] = frame[["u1", "u6"]].clip(upper=3)
    if case == "two":
        frame[ITEMS] = (frame[ITEMS] > 2).astype(int)
    return frame


def whole(case: str) -> Any:
    """Return every step, whatever its decision, so that means are given as well."""
    return invariance(
        GOLDEN["binary" if case == "two" else "model"], answers(case), group="g", ordered=True,
        partial=False, stop=False,
        rule={"cfi": 1.0}, estimator="ULSMV" if case.endswith("ulsmv") else "WLSMV",
    )  # fmt: skip


@pytest.mark.parametrize("case", GOLDEN["cases"])
def test_every_step(case: str) -> None:
    spec = GOLDEN["cases"][case]
    found = whole(case)
    frame = found.frame().set_index("step")
    assert list(frame.index) == list(spec["measures"])
    for step, theirs in spec["measures"].items():
        mine = frame.loc[step]
        assert mine["df"] == theirs["df"]
        for ours, name in (
            ("chisq", "scaled"), ("cfi", "cfi"), ("rmsea", "rmsea"), ("srmr", "srmr"),
        ):  # fmt: skip
            assert mine[ours] == pytest.approx(theirs[name], rel=TEST, abs=TEST), (step, ours)
        assert found.step(step).fit.test.chisq == pytest.approx(theirs["chisq"], rel=TEST)


@pytest.mark.parametrize("case", GOLDEN["cases"])
def test_the_differences_of_steps(case: str) -> None:
    found = whole(case)
    frame = found.frame().set_index("step")
    for step, theirs in GOLDEN["cases"][case]["tests"].items():
        if not theirs["df"]:
            assert frame.loc[step, "decision"] == "equivalent"
            continue
        mine = frame.loc[step]
        assert mine["method"] == "satorra_2000"
        assert mine["df_diff"] == theirs["df"]
        assert mine["chisq_diff"] == pytest.approx(theirs["chisq"], rel=2e-3)
        assert mine["pvalue_diff"] == pytest.approx(theirs["pvalue"], rel=0.02, abs=1e-9)


@pytest.mark.parametrize("case", GOLDEN["cases"])
def test_means_of_the_factors(case: str) -> None:
    theirs = GOLDEN["cases"][case]["means"]
    mine = whole(case).step("intercepts").fit.tidy()
    columns = (theirs[name] for name in ("lhs", "group", "est", "se"))
    for lhs, group, est, se in zip(*columns, strict=True):
        label = ("north", "south", "west")[group - 1]
        row = mine[(mine["lhs"] == lhs) & (mine["op"] == "~1") & (mine["group"] == label)].iloc[0]
        np.testing.assert_allclose([row["est"], row["se"]], [est, se], rtol=2e-3, atol=2e-3)
