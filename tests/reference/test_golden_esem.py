"""Models with exploratory blocks against lavaan."""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pytest

import truststats as ts

GOLDEN = material.golden("esem")
NINE = 'efa("b1")*f1 + efa("b1")*f2 + efa("b1")*f3 =~ ' + " + ".join(f"x{k}" for k in range(1, 10))
PATH = """efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3 + x4 + x5 + x6
speed =~ x7 + x8 + x9
speed ~ f1 + f2"""
TWO = """efa("b1")*f1 + efa("b1")*f2 =~ inf1 + inf2 + inf3 + tru1 + tru2 + tru3
efa("b2")*g1 + efa("b2")*g2 =~ aut1 + aut2 + aut3 + res1 + res2 + res3"""
OBLIMIN = {"rotation": "oblimin"}
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "geomin": (NINE, "holzinger_swineford", {}),
    "geomin_raw": (NINE, "holzinger_swineford", {}),
    "oblimin_raw": (NINE, "holzinger_swineford", OBLIMIN),
    "oblimin_mlr_raw": (NINE, "holzinger_swineford", OBLIMIN | {"estimator": "MLR"}),
    "path": (PATH, "holzinger_swineford", OBLIMIN),
    "path_raw": (PATH, "holzinger_swineford", OBLIMIN),
    "path_mlr_raw": (PATH, "holzinger_swineford", {"estimator": "MLR"}),
    "two_blocks_raw": (TWO, "synthetic_complete", OBLIMIN),
    "missing_raw": (TWO, "synthetic_missing", OBLIMIN | {"missing": "ml"}),
}


def found(case: str) -> ts.Fit:
    model, data, options = CASES[case]
    if case.endswith("raw"):
        options = options | {"rotation_options": {"std_ov": False}}
    return ts.fit(model, material.read_data(data), **options)


def signed(fit: ts.Fit, theirs: dict[str, Any]) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """Return our estimates by row, factors turned the way lavaan's point."""
    table = fit.tidy()
    want = {
        key: est
        for *key, est in zip(theirs["lhs"], theirs["op"], theirs["rhs"], theirs["est"], strict=True)
        for key in [tuple(key)]
    }
    sign: dict[str, float] = {}
    for name in dict.fromkeys(table.loc[table["op"] == "=~", "lhs"]):
        own = table[(table["lhs"] == name) & (table["op"] == "=~")]
        dot = sum(r.est * want[(r.lhs, r.op, r.rhs)] for r in own.itertuples())
        sign[name] = -1.0 if dot < 0 else 1.0
    out = {}
    for r in table.itertuples():
        turn = sign.get(r.lhs, 1.0) * sign.get(r.rhs, 1.0) if r.lhs != r.rhs else 1.0
        out[(r.lhs, r.op, r.rhs)] = (turn * r.est, r.se)
    return out


@pytest.mark.parametrize("case", CASES)
def test_rotated_estimates_and_errors(case: str) -> None:
    theirs, fit = GOLDEN[case], found(case)
    ours = signed(fit, theirs)
    compared = 0
    for lhs, op, rhs, est, se in zip(
        *(theirs[k] for k in ("lhs", "op", "rhs", "est", "se")), strict=True
    ):
        row = ours.get((lhs, op, rhs)) or ours.get((rhs, op, lhs))
        if row is None:
            continue
        assert row[0] == pytest.approx(est, abs=5e-5), (lhs, op, rhs)
        if case.endswith("raw") and se:
            assert row[1] == pytest.approx(se, rel=1e-3), (lhs, op, rhs)
        compared += 1
    assert compared >= 30


@pytest.mark.parametrize("case", CASES)
def test_fit_measures(case: str) -> None:
    theirs, fit = GOLDEN[case]["measures"], found(case)
    names = ["chisq", "df", "npar", "cfi", "tli", "rmsea", "srmr", "bic", "logl"]
    for name in names:
        assert fit.fit_measures[name] == pytest.approx(theirs[name], rel=1e-5, abs=1e-6), name
    if "chisq.scaled" in theirs:
        assert fit.fit_measures["chisq_scaled"] == pytest.approx(theirs["chisq.scaled"], rel=1e-6)


def test_a_block_alone_is_an_exploratory_analysis() -> None:
    data = material.read_data("holzinger_swineford")
    alone = ts.efa(data[[f"x{k}" for k in range(1, 10)]], 3, rotation="geomin")
    block = ts.fit(NINE, data)
    table = block.standardized()
    ours = np.sort(table.loc[table["op"] == "=~", "est_std"].abs())
    assert np.allclose(ours, np.sort(alone.loadings.abs().to_numpy().ravel()), atol=1e-5)
    errors = np.sort(table.loc[table["op"] == "=~", "se"])
    assert np.allclose(errors, np.sort(alone.se.ravel()), rtol=1e-4)
    assert block.fit_measures["bic"] == pytest.approx(alone.fit_measures["bic"])
