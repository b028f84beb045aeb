"""Ladders of invariance, robust score tests, dMACS and latent means (make_invariance.R)."""

from __future__ import annotations

import json

import agreement
import material
import numpy as np
import pandas as pd
import pytest
from oracle_cases import expected_of, folder_of, read_json

from truststats.workflow.invariance import invariance
from truststats.workflow.invariance_partial import item_tests

GOLDEN = json.loads((material.GOLDENS / "invariance.json").read_text(encoding="utf-8"))
# x max(1, |value|): both programs stop near the optimum.
TEST = 2e-4


def data_of(name: str) -> pd.DataFrame:
    try:
        return material.read_data(name)
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("case", GOLDEN["ladder"])
def test_whole_ladder(case: str) -> None:
    spec = GOLDEN["ladder"][case]
    found = invariance(
        GOLDEN["model"], data_of(spec["data"]), group="school", structural=True, partial=False,
        stop=False, rule={"cfi": 1.0}, **spec["args"],
    )  # fmt: skip
    frame = found.frame().set_index("step")
    assert list(frame.index) == list(spec["measures"])
    for step, theirs in spec["measures"].items():
        for name, value in theirs.items():
            assert frame.loc[step, name] == pytest.approx(value, rel=TEST, abs=TEST), (step, name)
    for step, theirs in spec["tests"].items():
        mine = frame.loc[step]
        assert mine["against"] == theirs["against"]
        assert mine["df_diff"] == theirs["df"]
        assert mine["chisq_diff"] == pytest.approx(theirs["chisq"], rel=5e-4, abs=TEST)
        assert mine["pvalue_diff"] == pytest.approx(theirs["pvalue"], abs=TEST)
        if theirs["rmsea"] is not None:
            assert mine["rmsea_d"] == pytest.approx(theirs["rmsea"], abs=TEST)


@pytest.mark.parametrize("robust", [True, False])
@pytest.mark.parametrize("step", ["metric", "scalar"])
def test_score_tests_of_items(step: str, robust: bool) -> None:
    theirs = GOLDEN["scores"][step]
    found = invariance(
        GOLDEN["model"], data_of("holzinger_swineford"), group="school", upto=step, stop=False,
        partial=False, estimator="MLR" if robust else "ML",
    )  # fmt: skip
    mine = item_tests(found.step(step).fit, step, "holm")
    assert mine["item"].tolist() == theirs["item"]
    assert mine["df"].tolist() == theirs["df"]
    np.testing.assert_allclose(
        mine["chisq"], theirs["robust" if robust else "normal"], rtol=5e-4, atol=5e-4
    )


def test_effect_sizes_of_items() -> None:
    theirs = pd.DataFrame(GOLDEN["dmacs"]).set_index("item")
    # no item is freed, so that each stands against all the others, as in the script
    found = invariance(
        GOLDEN["model"], data_of("holzinger_swineford"), group="school", partial=False
    )
    mine = found.items.dropna(subset=["dmacs"]).set_index("item")
    for ours, name in (
        ("loading", "loading"), ("intercept", "intercept"), ("dmacs", "dmacs"),
        ("dmacs_signed", "signed"),
    ):  # fmt: skip
        np.testing.assert_allclose(mine[ours], theirs.loc[mine.index, name], rtol=TEST, atol=TEST)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_latent_means(estimator: str) -> None:
    theirs = GOLDEN["means"][estimator.lower()]
    found = invariance(
        GOLDEN["model"], data_of("holzinger_swineford"), group="school", estimator=estimator,
        partial=False, stop=False, upto="scalar", rule={"cfi": 1.0},
    )  # fmt: skip
    assert found.licensed == "scalar"
    mine = found.means().dropna(subset=["difference"])
    names = [
        ("difference", "se", "ci_lower", "ci_upper", "pvalue"), ("d", None, "d_lower", "d_upper"),
    ]  # fmt: skip
    wanted = [
        ("est", "se", "ci.lower", "ci.upper", "pvalue"),
        ("est", None, "ci.lower", "ci.upper"),
    ]
    for k, (ours, lavaan) in enumerate(zip(names, wanted, strict=True)):
        at = slice(3 * k, 3 * k + 3)
        for one, two in zip(ours, lavaan, strict=True):
            if one is not None and two is not None:
                np.testing.assert_allclose(mine[one], theirs[two][at], rtol=5e-4, atol=5e-4)


@pytest.mark.external
@pytest.mark.parametrize(
    ("case", "group", "options", "steps"),
    [
        ("wa_invariance_ml", "gender", {"missing": "listwise"}, {}),
        ("hs_invariance", "school", {}, {"metric": "weak", "scalar": "strong"}),
        ("dete_group_region", "region", {"missing": "ml"}, {}),
    ],
)
def test_ladders_of_real_answers(
    case: str, group: str, options: dict[str, str], steps: dict[str, str], external
) -> None:
    folder = folder_of(external, case)
    data = pd.read_csv(folder / "data.csv")
    text = (folder / "model.lav").read_text(encoding="utf-8")
    found = invariance(
        text, data, group=group, estimator="ML", stop=False, partial=False, **options
    )
    frame = found.frame().set_index("step")
    wrong: list[str] = []
    table = {row["model"]: row for row in read_json(folder / "expected.json")["lrt"][0]["table"]}
    for step in ("configural", "metric", "scalar", "strict"):
        name = steps.get(step, step)
        if name not in table:
            continue
        theirs = expected_of(folder, name)["fitmeasures"]
        for measure in ("chisq", "cfi", "rmsea", "srmr"):
            if measure in theirs:
                slack = agreement.FIT_MEASURE * max(1.0, abs(theirs[measure]))
                wrong += agreement.check(
                    f"{step} {measure}", frame.loc[step, measure], theirs[measure], slack
                )
        row = table[name]
        if row["Chisq diff"] is None:
            continue
        wrong += agreement.check(f"{step} df", frame.loc[step, "df_diff"], row["Df diff"], 0.0)
        slack = agreement.FIT_MEASURE * row["Chisq"]
        wrong += agreement.check(
            f"{step} diff", frame.loc[step, "chisq_diff"], row["Chisq diff"], slack
        )
        wrong += agreement.check(f"{step} D", frame.loc[step, "rmsea_d"], row["RMSEA"], 1e-4)
    assert not wrong, agreement.explain(wrong)
