"""After fits of ordinal items beside other variables: residuals, scores, probabilities.

lavaan has the residuals and the scores; it has no standard errors of the residuals there, which
come from its matrices, nor means and probabilities, which come from own numerical integration.
"""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts

GOLDEN = material.golden("ordinal_mixed_after")["fits"]
OWN = [name for name, one in GOLDEN.items() if "own" in one]
#: lavaan leaves residual covariances out of its scores; "joined" has some.
LAVAAN = [name for name, one in GOLDEN.items() if "lavaan" in one and name != "joined"]
CATEGORIES = [name for name, one in GOLDEN.items() if "categories" in one]
RELIABILITY = [name for name, one in GOLDEN.items() if "reliability" in one]
#: Of a residual, of a standard error relative to it.
EXACT, ERROR = 1e-5, 1e-4
#: lavaan's optimiser of single rows stops at 1e-4 of a standard deviation.
SCORE = 5e-4


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "ordinal_mixed.csv")


@pytest.fixture(scope="module")
def fits(data: pd.DataFrame) -> dict[str, ts.Fit]:
    made: dict[str, ts.Fit] = {}
    for name, one in GOLDEN.items():
        options = material.python_options(one.get("args") or {})
        options |= {"cluster": one["cluster"]} if one.get("cluster") else {}
        made[name] = ts.fit(one["model"], data, ordered=one["ordered"], **options)
    return made


def by_name(fit: ts.Fit, kind: str, label: str) -> dict[str, float]:
    """Return residuals of every moment by lavaan's name."""
    group = None if label == "all" else label
    cov = fit.residuals(kind, group=group)
    out = {f"{a}~~{b}": cov.loc[a, b] for a in cov for b in cov}
    out |= dict(fit.residuals(kind, thresholds=True, group=group))
    if len(fit.partable.levels) < len(cov):
        means = fit.residuals(kind, means=True, group=group)
        out |= {f"{name}~1": value for name, value in means.items()}
    if fit.partable.ov_x:
        slopes = fit.residuals(kind, slopes=True, group=group)
        out |= {f"{y}~{x}": slopes.loc[y, x] for x in slopes for y in slopes.index}
    return out


@pytest.mark.parametrize("name", GOLDEN)
def test_residuals(name: str, fits: dict[str, ts.Fit]) -> None:
    for label, want in GOLDEN[name]["residuals"]["raw"].items():
        group = None if label == "all" else label
        ours = fits[name].residuals(group=group).loc[want["names"], want["names"]]
        np.testing.assert_allclose(ours, want["cov"], atol=5 * EXACT)
        ours = fits[name].residuals(thresholds=True, group=group)
        of_item = [k for k, one in enumerate(want["th_names"]) if "|" in one]
        np.testing.assert_allclose(ours, np.array(want["th"])[of_item], atol=EXACT)
        if want.get("slopes"):
            ours = fits[name].residuals(slopes=True, group=group)
            np.testing.assert_allclose(
                ours.loc[want["names"], want["x"]], want["slopes"], atol=5 * EXACT
            )


@pytest.mark.parametrize("name", GOLDEN)
def test_standard_errors_of_residuals(name: str, fits: dict[str, ts.Fit]) -> None:
    for label, want in GOLDEN[name]["residuals"]["errors"].items():
        ours = by_name(fits[name], "se", label)
        got = np.array([ours[one] for one in want["names"]], dtype=float)
        theirs, own = np.array(want["se"]), np.array(want["own"])
        known = ~np.isnan(got)
        np.testing.assert_allclose(got[known], theirs[known], rtol=ERROR)
        # what we call zero by construction is rounding there
        assert (theirs[~known] < 1e-4 * own[~known]).all()
        normalized = by_name(fits[name], "normalized", label)
        raw = by_name(fits[name], "raw", label)
        ours = np.array([raw[one] for one in want["names"]])[known]
        theirs = np.array([normalized[one] for one in want["names"]])[known]
        np.testing.assert_allclose(ours, theirs * own[known], rtol=ERROR, atol=1e-12)


@pytest.mark.parametrize("name", ["clusters", "weights"])
def test_what_lavaan_says_of_items_alone(name: str, fits: dict[str, ts.Fit]) -> None:
    want: dict[str, Any] = GOLDEN[name]["residuals"]["lavaan"]
    ours = fits[name].residuals("se").to_numpy()
    known = ~np.isnan(ours)
    assert known.sum() == 18
    np.testing.assert_allclose(ours[known], np.array(want["se"])[known], rtol=ERROR)
    table = want["summary"]
    summary = fits[name].residual_summary()
    frame = pd.DataFrame(table["values"], columns=table["cols"]).replace("NA", None).astype(float)
    frame.index = summary.index
    # lavaan cuts the z of exact fit off at zero, see the page on numbers
    for row in ("srmr_exactfit_z", "srmr_exactfit_pvalue"):
        frame.loc[row] = summary.loc[row, "cor"]
    np.testing.assert_allclose(summary["cor"], frame["cov" if "cov" in frame else "cor"], atol=1e-4)


@pytest.mark.parametrize("name", LAVAAN)
def test_scores_of_lavaan(name: str, fits: dict[str, ts.Fit], data: pd.DataFrame) -> None:
    want = GOLDEN[name]["lavaan"]
    ours = fits[name].predict().iloc[np.array(want["rows"]) - 1][want["cols"]]
    gap = np.abs(ours.to_numpy() - np.array(want["values"])) / np.array(want["sd"])
    assert gap[agreed(name, data, want["rows"])].max() < SCORE


def agreed(name: str, data: pd.DataFrame, rows: list[int]) -> np.ndarray:
    """Return where lavaan scores the same model: it leaves a direct effect of z on an item out."""
    return (data["z"].iloc[np.array(rows) - 1] == 0).to_numpy() | (name != "mimic")


@pytest.mark.parametrize("name", OWN)
def test_modes_means_and_maxima(name: str, fits: dict[str, ts.Fit]) -> None:
    for one in GOLDEN[name]["own"].values():
        at, factors = np.array(one["rows"]) - 1, one["factors"]
        sd = np.array(one["eap_sd"])
        for method, error, allowed in (("ebm", "se", 1e-4), ("eap", "sd", 2e-4), ("ml", "se", 0)):
            made = fits[name].predict(method=method, se=True).iloc[at]
            ours, errors = made[factors].to_numpy(), made[[f"{f}_se" for f in factors]].to_numpy()
            want = np.array(one[method], dtype=float)
            if method == "ml":
                # where there is a maximum, and a search by differences found it
                known = np.isfinite(ours) & np.isfinite(want) & (np.abs(want) < 6 * sd.max())
                assert known.any()
                assert np.abs((ours - want) / sd)[known].max() < 1e-3
                continue
            assert np.abs((ours - want) / sd).max() < 2e-4, method
            assert np.abs(errors / np.array(one[f"{method}_{error}"]) - 1.0).max() < 5 * allowed


@pytest.mark.parametrize("name", CATEGORIES)
def test_probabilities_given_covariates(name: str, fits: dict[str, ts.Fit]) -> None:
    fit, free = fits[name], {"min_n": 1}
    older, both = {"x": 1.0}, {"x": 1.0, "z": 0.0}
    whole, at_x = fit.category_probabilities(**free), fit.category_probabilities(x=older, **free)
    at_both = fit.category_probabilities(x=both, **free)
    for item, one in GOLDEN[name]["categories"].items():
        factor = {"factor": one["factor"]}
        tables = (
            (whole, "observed", "seen", 1e-9), (whole, "implied", "share", 1e-5),
            (at_x, "implied", "at_x", 1e-5), (at_both, "implied", "at_both", 1e-5),
            (at_x, "observed", "probit", 1e-4),
            (fit.category_probabilities(0.7, **factor), "probability", "at_factor", 1e-5),
            (fit.category_probabilities(0.7, x=both, **factor), "probability", "at_factor_x", 1e-5),
        )  # fmt: skip
        for table, column, key, allowed in tables:
            ours = table.loc[table["item"] == item, column]
            np.testing.assert_allclose(ours, one[key], atol=allowed, err_msg=f"{item} {key}")


@pytest.mark.parametrize("name", RELIABILITY)
def test_reliability_counts_what_covariates_explain(name: str, fits: dict[str, ts.Fit]) -> None:
    made = fits[name].reliability().set_index(["construct", "coefficient"])
    for factor, want in GOLDEN[name]["reliability"].items():
        omega, alpha = made.loc[(factor, "omega_categorical")], made.loc[(factor, "alpha_ordinal")]
        assert omega["value"] == pytest.approx(want["omega"], abs=EXACT)
        assert alpha["value"] == pytest.approx(want["alpha"], abs=EXACT)
        assert alpha["se"] == pytest.approx(want["alpha_se"], rel=ERROR)
