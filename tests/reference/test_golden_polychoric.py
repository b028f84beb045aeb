"""Thresholds, polychoric correlations and their covariance against lavaan, psych and polycor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import material
import numpy as np
import pandas as pd
import pytest
from oracle_cases import folder_of, read_json

import truststats as ts
from truststats.estimation.mixed_moments import mixed_moments
from truststats.estimation.polychoric import OrdinalMoments

GOLDEN = material.golden("polychoric")
ESTIMATE = 1e-6  # absolute; lavaan's and our searches stop far below the 1e-4 that would do
GAMMA = 1e-5  # of the product of two standard errors, so also twice an SE's relative deviation
#: psych and polycor search each correlation with a coarser stop.
OTHERS = 1e-4
CASES: dict[str, dict[str, Any]] = {
    "complete": {},
    "listwise": {"missing": "listwise"},
    "pairwise": {"missing": "pairwise"},
    "group_a": {},
    "weighted": {"sampling_weights": "w"},
    "weighted_pairwise": {"sampling_weights": "w", "missing": "pairwise"},
}


def data(case: str) -> pd.DataFrame:
    """Return the items that the script made, with weights."""
    holes = case in ("listwise", "pairwise", "weighted_pairwise")
    frame = pd.DataFrame(GOLDEN["holes" if holes else "data"], dtype=float)
    if case == "group_a":
        return frame[np.array(GOLDEN["group"]) == "a"]
    return frame.assign(w=GOLDEN["weights"]) if case.startswith("weighted") else frame


def found(case: str) -> OrdinalMoments:
    """Return our moments of one case."""
    return ts.polychoric(data(case), **CASES[case]).moments


def square(lower: list[float], size: int) -> np.ndarray:
    """Return the symmetric matrix whose lower triangle R wrote column by column."""
    out = np.zeros((size, size))
    i, j = np.triu_indices(size)
    out[i, j] = out[j, i] = lower
    return out


def less_one(n: float) -> float:
    """Return what turns our standard errors, sqrt(gamma / N), into lavCor's, with N - 1."""
    return float(np.sqrt(n / (n - 1.0)))


@pytest.mark.parametrize("case", CASES)
def test_moments_and_their_covariance(case: str) -> None:
    ours, theirs = found(case), GOLDEN[case]
    assert list(ours.statistic_names) == theirs["names"]
    assert np.abs(ours.thresholds - theirs["th"]).max() < ESTIMATE
    assert np.abs(ours.corr - square(theirs["cov"], ours.p)).max() < ESTIMATE
    want = square(theirs["gamma"], ours.k)
    scale = np.sqrt(np.diag(want))
    assert np.abs((ours.gamma - want) / np.outer(scale, scale)).max() < GAMMA
    assert np.abs(ours.gamma_diagonal / np.diag(want) - 1.0).max() < GAMMA


def test_standard_errors_and_likelihood_ratios() -> None:
    table = ts.polychoric(data("complete")).tidy()
    theirs = GOLDEN["complete"]["ratio"]
    assert table["lhs"].tolist() == theirs["lhs"]
    assert table["rhs"].tolist() == theirs["rhs"]
    assert np.abs(table["chisq"] - theirs["g2"]).max() < 1e-5
    assert (table["df"] == theirs["df"]).all()
    theirs = GOLDEN["complete"]["se"]
    se = [theirs[f"{row.lhs}~~{row.rhs}"] for row in table.itertuples()]
    assert np.abs(table["se"] * less_one(len(data("complete"))) / se - 1.0).max() < 1e-5


@pytest.mark.parametrize("package", ["psych", "polycor"])
def test_other_packages(package: str) -> None:
    ours = found("complete")
    assert np.abs(ours.corr - square(GOLDEN[package], ours.p)).max() < OTHERS


@pytest.mark.parametrize("name", GOLDEN["two_by_two"])
def test_tables_of_two_by_two(name: str) -> None:
    theirs = GOLDEN["two_by_two"][name]
    codes = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], theirs["counts"], axis=0)
    frame = pd.DataFrame(codes, columns=["u", "v"])
    assert abs(ts.polychoric(frame).corr.loc["u", "v"] - theirs["cor"]) < ESTIMATE
    free = ts.polychoric(frame, zero_keep_margins=False).corr.loc["u", "v"]
    assert abs(free - theirs["free"]) < ESTIMATE


@pytest.mark.parametrize("case", GOLDEN["mixed"])
def test_ordered_and_continuous_variables(case: str) -> None:
    theirs = GOLDEN["mixed"][case]
    frame = pd.DataFrame(GOLDEN["gaps" if "pairwise" in case else "more"], dtype=float)
    names = ["y1", "i5", "i3", "y2", "i2", "i6"]
    x_names = ["x1", "x2"] if "given" in case else []
    weights = frame["w"].to_numpy()
    ours = mixed_moments(
        frame[names].to_numpy(),
        names,
        [name.startswith("i") for name in names],
        x=frame[x_names].to_numpy(),
        x_names=x_names,
        missing="pairwise" if "pairwise" in case else "listwise",
        weights=weights * len(weights) / weights.sum() if "weighted" in case else None,
    )
    assert list(ours.statistic_names) == theirs["names"]
    assert np.abs(ours.statistics - theirs["obs"]).max() < ESTIMATE
    want = square(theirs["gamma"], ours.k)
    scale = np.sqrt(np.diag(want))
    assert np.abs((ours.gamma - want) / np.outer(scale, scale)).max() < GAMMA
    assert np.abs(ours.gamma_diagonal / np.diag(want) - 1.0).max() < GAMMA


@pytest.mark.external
def test_real_polyserial_correlations(external: Path) -> None:
    folder = folder_of(external, "polychoric")
    frame = pd.read_csv(folder / "data.csv")
    frame["cont"] = frame[["q3", "q4", "q8"]].sum(axis=1, skipna=False) / 3
    names = ["q10", "q2", "cont"]
    ours = mixed_moments(frame[names].to_numpy(dtype=float), names, [True, True, False])
    est = dict(zip(ours.statistic_names, ours.statistics, strict=True))
    se = dict(zip(ours.statistic_names, np.sqrt(ours.gamma_diagonal / ours.n), strict=True))
    compared = 0
    for row in read_json(folder / "expected.json")["polyserial"]:
        name = row["lhs"] + row["op"] + row["rhs"]
        # lavCor fixes variances; ours holds minus the mean, as lavaan's statistics do
        if name in est and row["se"]:
            sign = -1.0 if row["op"] == "~1" else 1.0
            assert abs(sign * est[name] - row["est"]) < 1e-6
            assert abs(se[name] * less_one(ours.n) / row["se"] - 1.0) < 1e-5
            compared += 1
    assert compared == 10


@pytest.mark.external
@pytest.mark.parametrize("missing", ["listwise", "pairwise"])
def test_real_answers(missing: str, external: Path) -> None:
    folder = folder_of(external, "polychoric")
    expected = read_json(folder / "expected.json")
    items = list(expected["categories"])
    frame = pd.read_csv(folder / "data.csv")
    result = ts.polychoric(frame, items, missing=missing)
    table = result.tidy().set_index(["lhs", "rhs"])
    cut = result.thresholds
    cut.index = pd.MultiIndex.from_arrays(
        [cut["item"], "t" + (cut.groupby("item").cumcount() + 1).astype(str)]
    )
    for row in expected[missing]:
        if row["op"] == "|" or (row["op"] == "~~" and row["lhs"] != row["rhs"]):
            ours = (cut if row["op"] == "|" else table).loc[(row["lhs"], row["rhs"])]
            assert abs(ours["est"] - row["est"]) < 1e-6
            assert abs(ours["se"] * less_one(result.n) / row["se"] - 1.0) < 1e-5
    if missing == "pairwise":
        psych = np.array(expected["psych_polychoric"]["values"], dtype=float)
        assert np.abs(result.corr.to_numpy() - psych).max() < OTHERS
