"""Residuals, factor scores and probabilities of ordinal items against lavaan and own integration.

Of lavaan's table of summaries the total column is left out beyond the root mean squares and exact
fit: it pairs residuals with the covariances of others (the page on numbers).
"""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts

GOLDEN = material.golden("ordinal_after")["fits"]
RESIDUALS = [name for name, one in GOLDEN.items() if "residuals" in one]
#: In the theta parameterisation lavaan's scores are not those of the same model in the delta one.
THETA = {n for n, one in GOLDEN.items() if (one.get("args") or {}).get("parameterization")}
LAVAAN = [(n, m) for n, one in GOLDEN.items() if n not in THETA for m in one.get("lavaan", ())]
OWN = [name for name, one in GOLDEN.items() if "own" in one]
#: Of a standard error, a z-value or a standard deviation of the scores.
EXACT = 1e-5
#: z-values of tiny residuals, as for other models.
Z = 4e-3
#: lavaan's optimiser of single rows stops at 1e-4 of a standard deviation, by ML at 5e-3.
SCORE = {"ebm": 5e-4, "ml": 5e-3}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "ordinal_items.csv")


@pytest.fixture(scope="module")
def fits(data: pd.DataFrame) -> dict[str, ts.Fit]:
    made: dict[str, ts.Fit] = {}
    for name, one in GOLDEN.items():
        rows = data if one.get("only") is None else data[data["group"] == one["only"]]
        options = material.python_options(one.get("args") or {})
        made[name] = ts.fit(one["model"], rows, ordered=True, **options)
    return made


def floats(values: Any) -> np.ndarray:
    """Return numbers and None, also as lavaan's texts for missing ones, as floats."""
    return np.array(pd.DataFrame(values).replace("NA", None), dtype=float)


def lower(frame: pd.DataFrame) -> np.ndarray:
    return frame.to_numpy().T[np.triu_indices(len(frame), 1)]


@pytest.mark.parametrize("name", RESIDUALS)
def test_residuals(name: str, fits: dict[str, ts.Fit]) -> None:
    fit, theirs = fits[name], GOLDEN[name]["residuals"]
    want = theirs["srmr"]
    assert list(fit.residuals().index) == want["names"]
    for kind, key, allowed in (("raw", "cov", EXACT), ("se", "se", EXACT), ("z", "z", Z)):
        np.testing.assert_allclose(lower(fit.residuals(kind)), want[key], atol=allowed)
    np.testing.assert_allclose(lower(fit.residuals("normalized")), theirs["normalized"], atol=Z)
    gap = fit.residuals(thresholds=True)
    np.testing.assert_allclose(gap, want["th"], atol=1e-6)
    errors = fit.residuals("se", thresholds=True).to_numpy()
    known = ~np.isnan(errors)
    np.testing.assert_allclose(errors[known], floats(want["th_se"])[known, 0], rtol=EXACT)
    # what we call undefined has no standard error there, or one that is rounding
    assert np.nan_to_num(floats(want["th_se"])[~known]).max(initial=0.0) < 1e-7
    z = fit.residuals("z", thresholds=True).to_numpy()
    np.testing.assert_allclose(z[known], floats(want["th_z"])[known, 0], atol=1e-3)


@pytest.mark.parametrize("kind", ["srmr", "crmr"])
@pytest.mark.parametrize("name", RESIDUALS)
def test_summaries(name: str, kind: str, fits: dict[str, ts.Fit]) -> None:
    ours, table = fits[name].residual_summary(kind), GOLDEN[name]["residuals"][kind]["summary"]
    spelled = [row.replace(".", "_").replace("cilupper", "ci_upper") for row in table["rows"]]
    assert list(ours.index) == spelled
    assert list(ours.columns) == table["cols"]
    want = pd.DataFrame(floats(table["values"]), columns=table["cols"], index=ours.index)
    # lavaan cuts the z of exact fit off at zero, see the page on numbers
    cut = want.loc[f"{kind}_exactfit_z"] == 0.0
    want.loc[f"{kind}_exactfit_z", cut] = ours.loc[f"{kind}_exactfit_z", cut]
    want.loc[f"{kind}_exactfit_pvalue", cut] = ours.loc[f"{kind}_exactfit_pvalue", cut]
    for column in ("cor", "thresholds", "total"):
        rows = ours.index[:4] if column == "total" else ours.index
        mine, theirs = ours.loc[rows, column], want.loc[rows, column]
        known = ~mine.isna()
        np.testing.assert_allclose(mine[known], theirs[known], atol=1e-4, rtol=1e-4)


def test_how_lavaan_comes_to_its_total(fits: dict[str, ts.Fit]) -> None:
    """Residuals in the order correlations, thresholds with covariances in the other one."""
    from truststats.inference.ordinal_residuals import ordinal_residuals
    from truststats.inference.residuals import rescale, summarise

    for name in ("wls", "constraint"):
        (found,) = ordinal_residuals(fits[name].estimate)
        values, acov, sampling = rescale(found, "cor")
        place = np.zeros((found.p, found.p), dtype=int)
        pairs = found.p * (found.p - 1) // 2
        place[np.tril_indices(found.p, -1)] = np.arange(pairs)
        corr, tau = place.T[np.triu_indices(found.p, 1)], np.arange(pairs, len(values))
        other = np.ix_(np.r_[tau, corr], np.r_[tau, corr])
        made = summarise(values[np.r_[corr, tau]], acov[other], sampling[other])
        table = GOLDEN[name]["residuals"]["crmr"]["summary"]
        want = dict(zip(table["rows"], floats(table["values"])[:, 2], strict=True))
        assert made["urmr"] == pytest.approx(want["ucrmr"], abs=EXACT)
        assert made["urmr_se"] == pytest.approx(want["ucrmr.se"], abs=EXACT)


@pytest.mark.parametrize(("name", "method"), LAVAAN)
def test_scores_of_lavaan(name: str, method: str, fits: dict[str, ts.Fit]) -> None:
    scores, theirs = fits[name].predict(method=method), GOLDEN[name]["lavaan"][method]
    for label, one in theirs.items():
        ours = scores.iloc[np.array(one["rows"]) - 1][one["cols"]]
        want, sd = np.array(one["values"], dtype=float), np.array(one["sd"])
        known = ~np.isnan(ours.to_numpy())
        # lavaan stops somewhere where the likelihood has no maximum
        assert known.all() or method == "ml"
        if method == "ml":
            sd = np.sqrt(np.diag(fits[name].implied()["sigma"]))[: len(sd)]
        assert np.abs((ours.to_numpy() - want) / sd)[known].max() < SCORE[method]
        if method == "ebm" and label == "all":
            used = scores[one["cols"]].dropna()
            assert np.abs((used.mean() - one["mean"]) / sd).max() < 1e-4
            assert np.abs(used.std() / sd - 1.0).max() < 1e-4


def test_scores_do_not_depend_on_the_parameterisation(fits: dict[str, ts.Fit]) -> None:
    for method in ("ebm", "eap", "ml"):
        delta, theta = (fits[name].predict(method=method) for name in ("wlsmv", "theta"))
        scale = theta.std() / delta.std()
        np.testing.assert_allclose(theta, delta * scale, atol=1e-5)


@pytest.mark.parametrize("name", OWN)
def test_modes_and_means_by_integration(name: str, fits: dict[str, ts.Fit]) -> None:
    modes = fits[name].predict(se=True)
    means = fits[name].predict(method="eap", se=True)
    for one in GOLDEN[name]["own"].values():
        at, factors = np.array(one["rows"]) - 1, one["factors"]
        errors = [f"{factor}_se" for factor in factors]
        sd = np.array(one["eap_sd"])
        for ours, key, allowed in (
            (modes[factors], "ebm", 1e-5), (modes[errors], "ebm_se", 1e-4),
            (means[factors], "eap", 2e-4), (means[errors], "eap_sd", 2e-4),
        ):  # fmt: skip
            gap = ours.iloc[at].to_numpy() - np.array(one[key])
            assert np.abs(gap / sd).max() < allowed, key


def test_categories_by_integration(fits: dict[str, ts.Fit]) -> None:
    fit = fits["theta"]
    whole = fit.category_probabilities().set_index("item")
    for item, one in GOLDEN["theta"]["categories"].items():
        made = fit.category_probabilities(one["values"], factor=one["factor"])
        table = made[made["item"] == item].pivot(
            index="category", columns="value", values="probability"
        )
        np.testing.assert_allclose(table, one["at"], atol=1e-6)
        np.testing.assert_allclose(whole.loc[item, "implied"], one["share"], atol=1e-6)
        assert list(whole.loc[item, "n"]) == one["seen"]
