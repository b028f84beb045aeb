"""Resamples of ordinal items: refits, lost categories, clusters, and influence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.inference.bootstrap_items import item_bootstrap_theta, item_influence

TEXT = "f =~ a + b + c + d"


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    y = 0.8 * rng.standard_normal((400, 1)) + 0.6 * rng.standard_normal((400, 4))
    out = pd.DataFrame(np.digitize(y, [-0.7, 0.4]), columns=list("abcd")).astype(float)
    return out.assign(
        x=rng.standard_normal(400), c2=y[:, 0] + rng.standard_normal(400), unit=np.arange(400) // 8,
        g=np.repeat(["one", "two"], 200),
    )  # fmt: skip


def test_a_refit_is_the_fit_of_the_resampled_rows(data):
    estimate = ts.fit(TEXT, data, ordered=True).estimate
    theta, good, lost = item_bootstrap_theta(estimate, 3, np.random.default_rng(1))
    rng = np.random.default_rng(1)
    for found in theta:
        own = data.iloc[rng.integers(0, 400, 400)].reset_index(drop=True)
        np.testing.assert_allclose(found, ts.fit(TEXT, own, ordered=True).estimate.theta, atol=1e-6)
    assert good.all()
    assert lost == 0


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (TEXT, {"group": "g", "group_equal": ["thresholds", "loadings"]}),
        (TEXT + "\nf ~ x", {}),
        (TEXT + " + c2", {}),
        (TEXT.replace("+ c", "+ k*c") + "\nk > 0.2", {}),
        (TEXT, {"cluster": "unit"}),
        (TEXT, {"estimator": "ULSMV"}),
    ],
    ids=["groups", "covariate", "mixed", "inequality", "clusters", "unweighted"],
)
def test_standard_errors_are_near_those_of_the_sandwich(data, text, options):
    fit = ts.fit(text, data, ordered=list("abcd"), **options)
    boot = ts.bootstrap(fit, 150, seed=1)
    assert boot.failed < 5
    ratio = boot.theta.std(axis=0, ddof=1) / np.sqrt(np.diag(fit.vcov))
    assert 0.8 < np.median(ratio) < 1.2


def test_resamples_that_lose_a_category_are_counted(data):
    rare = data.assign(a=np.r_[[3.0, 3.0], data["a"].iloc[2:]])
    fit = ts.fit(TEXT, rare, ordered=True)
    boot = ts.bootstrap(fit, 200, seed=2)
    # each of the two rows is missed with probability (1 - 1/n)^n
    assert 0.03 < boot.lost / 200 < 0.3
    assert boot.failed >= boot.lost
    (told,) = [p for p in boot.problems if p.code == "categories_lost"]
    assert told.count == boot.lost
    assert len(boot.theta) == 200 - boot.failed


def test_the_influence_of_rows_adds_up_to_the_sandwich(data):
    for options in ({}, {"cluster": "unit"}):
        fit = ts.fit(TEXT, data, ordered=True, estimator="DWLS", **options)
        units = item_influence(fit.estimate)
        n = fit.nobs
        np.testing.assert_allclose(units.T @ units * n / (n - 1), fit.vcov, rtol=1e-6, atol=1e-12)


def test_intervals_of_a_fit_that_asked_for_them(data):
    fit = ts.fit(TEXT, data, ordered=True, se="bootstrap", bootstrap=100, seed=1)
    assert fit.bse.notna().all()
    frame = ts.bootstrap(fit).tidy(ci="bca")
    free = frame[frame["se"] > 0]
    assert (free["ci_lower"] < free["est"]).all()
