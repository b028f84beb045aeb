"""Invariance over waves (make_invariance_waves.R)."""

from __future__ import annotations

import json

import material
import pytest

from truststats.workflow.invariance import invariance

GOLDEN = json.loads((material.GOLDENS / "invariance_waves.json").read_text(encoding="utf-8"))
WAVES = {f"p{k}": [f"y{k}", f"y{k + 4}"] for k in range(1, 5)}
TEST = 5e-4


@pytest.mark.parametrize("estimator", GOLDEN["cases"])
def test_every_step_and_difference(estimator: str) -> None:
    spec = GOLDEN["cases"][estimator]
    try:
        data = material.read_data("political_democracy")
    except FileNotFoundError as error:
        pytest.skip(str(error))
    found = invariance(
        "dem =~ p1 + p2 + p3 + p4", data, waves=WAVES, estimator=estimator, stop=False,
        partial=False, rule={"cfi": 1.0},
    )  # fmt: skip
    frame = found.frame().set_index("step")
    for step, theirs in spec["measures"].items():
        for name, value in theirs.items():
            assert frame.loc[step, name] == pytest.approx(value, rel=TEST, abs=TEST), (step, name)
    for step, theirs in spec["tests"].items():
        mine = frame.loc[step]
        assert mine["df_diff"] == theirs["df"]
        assert mine["chisq_diff"] == pytest.approx(theirs["chisq"], rel=2e-3)
        assert mine["pvalue_diff"] == pytest.approx(theirs["pvalue"], abs=TEST)
    row = found.step("scalar").fit.tidy().query("lhs == 'dem_w2' and op == '~1'").iloc[0]
    assert row["est"] == pytest.approx(spec["mean"]["est"], abs=TEST)
    assert row["se"] == pytest.approx(spec["mean"]["se"], rel=2e-3)
