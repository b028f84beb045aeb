"""Bootstrap intervals against package boot and lavaan, each on the other program's own draws."""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.inference.bootstrap import GroupDraws, refit_draws
from truststats.inference.intervals import acceleration, influence, resample_intervals
from truststats.inference.standardize import jacobian
from truststats.results import frames

# Twelve digits were written.
EXACT = 1e-9


@pytest.fixture(scope="module")
def golden() -> Any:
    """Return what make_intervals.R wrote."""
    return material.golden("intervals")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Return the rows that R resampled."""
    return material.read_data("synthetic_complete").head(150)


@pytest.mark.parametrize("kind", ["normal", "basic", "percentile", "bca"])
def test_intervals_are_those_of_package_boot(golden: Any, kind: str) -> None:
    est, draws = np.array(golden["t0"]), np.array(golden["t"])
    a = acceleration(np.array(golden["influence"]), np.eye(3))
    assert np.abs(a).max() > 0.04
    for row in golden["limits"]:
        got = resample_intervals(kind, est, draws, row["level"], a)
        at = row["index"] - 1
        np.testing.assert_allclose([got.lower[at], got.upper[at]], row[kind], atol=EXACT)


@pytest.mark.parametrize("kind", ["normal", "basic", "percentile", "bias_corrected"])
def test_intervals_are_those_of_lavaan(golden: Any, kind: str) -> None:
    path = golden["path"]
    draws = np.array(path["t"])
    at = {name: k for k, name in enumerate(path["coef"])}
    product = draws[:, at["a"]] * draws[:, at["b"]]
    got = resample_intervals(kind, np.array(path["est"]), np.column_stack([draws, product]))
    lower, upper = (np.array(path["limits"][kind][side]) for side in ("lower", "upper"))
    # lavaan divides the variance of a parameter by the number of draws, we by one less.
    wider = np.where(np.arange(len(lower)) < draws.shape[1], np.sqrt(299 / 298), 1.0)
    np.testing.assert_allclose(got.se, np.array(path["se"]) * wider, atol=EXACT)
    if kind == "normal":
        middle, half = (lower + upper) / 2, (upper - lower) / 2 * wider
        # lavaan takes the bias of a product from the product of the mean draws, we from its own.
        middle[-1] += draws[:, at["a"]].mean() * draws[:, at["b"]].mean() - product.mean()
        lower, upper = middle - half, middle + half
    np.testing.assert_allclose(got.lower, lower, atol=EXACT)
    np.testing.assert_allclose(got.upper, upper, atol=EXACT)


def test_refits_are_lavaans_on_the_same_resamples(golden: Any, rows: pd.DataFrame) -> None:
    known = golden["refits"]
    fit = ts.fit(known["model"], rows)
    assert list(fit.params.index) == known["coef"]
    values = rows[list(fit.partable.ov)].to_numpy()[np.array(known["rows"]) - 1]
    cov = np.stack([np.cov(value.T, ddof=0) for value in values])
    drawn = GroupDraws(np.full((40, 1), 150.0), cov[:, None], values.mean(axis=1)[:, None])
    theta, good = refit_draws(fit.estimate, drawn)
    assert good.all()
    at = [unique for unique in fit.partable.unique if unique >= 0]
    gap = np.abs(theta[:, at] - np.array(known["t"])) / fit.bse.to_numpy()
    assert gap.max() < 1e-3  # of a standard error: lavaan stops early


def test_accelerations_are_those_of_the_delete_one_jackknife() -> None:
    """On Holzinger and Swineford's pupils, every parameter, raw and standardised."""
    fit = material.run("hs_ml")
    rows, names = fit.estimate.sample.rows, list(fit.partable.ov)
    values = frames.row_function(fit, "std_all")
    without = np.array(
        [
            ts.fit(
                fit.model, pd.DataFrame(np.delete(rows, k, axis=0), columns=names)
            ).estimate.theta
            for k in range(len(rows))
        ]
    )
    units, theta = influence(fit.estimate), fit.estimate.theta
    for drawn, slope in (
        (without, np.eye(len(theta))),
        (values(without), jacobian(values, theta)),
    ):
        away = drawn.mean(axis=0) - drawn
        free = away.std(axis=0) > 1e-8
        cube, square = (away**3).sum(axis=0), (away**2).sum(axis=0)
        found = acceleration(units, slope)[free]
        # Influence is the jackknife but for terms of the order of 1 / n in each row's pull.
        np.testing.assert_allclose(found, (cube / (6 * square**1.5))[free], atol=0.005)
