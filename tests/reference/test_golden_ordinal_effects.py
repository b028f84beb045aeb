"""Effects through ordinal mediators, latent and observed, against lavaan's defined parameters."""

from __future__ import annotations

from typing import Any

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts

GOLDEN = material.golden("ordinal_effects")["fits"]
ROUTES = {"latent": ("o1", "f"), "observed": ("j1", "f"), "given": ("o1", "x")}


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return pd.read_csv(material.HERE / "data" / "ordinal_mixed.csv")


def _fit(one: dict[str, Any], data: pd.DataFrame) -> ts.Fit:
    options = material.python_options(one["args"] or {})
    return ts.fit(one["model"], data, ordered=one["ordered"], **options)


def _rows(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the indirect and the total effect."""
    lhs, rhs = ROUTES[name.split("_")[0]]
    own = frame[(frame["lhs"] == lhs) & (frame["rhs"] == rhs)].set_index("effect")
    return own.loc[["specific", "total"]]


@pytest.mark.parametrize("name", list(GOLDEN))
def test_delta_method_agrees_with_lavaan(name: str, data: pd.DataFrame) -> None:
    one = GOLDEN[name]
    assert one["converged"]
    rows = _rows(name, _fit(one, data).effects())
    np.testing.assert_allclose(rows["est"], one["est"], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(rows["se"], one["se"], rtol=1e-4)
    np.testing.assert_allclose(rows["std_all"], one["std"], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(rows["std_se"], one["std_se"], rtol=1e-3)


@pytest.mark.parametrize("name", list(GOLDEN))
def test_monte_carlo_limits_are_those_of_the_product(name: str, data: pd.DataFrame) -> None:
    one = GOLDEN[name]
    rows = _rows(name, _fit(one, data).effects("monte_carlo", draws=100_000, seed=1))
    for k, limit in enumerate(("ci_lower", "ci_upper")):
        gap = (rows[limit] - np.array(one["limits"])[k]) / np.array(one["se"])
        assert np.abs(gap).max() < 0.03, limit


def test_both_parameterisations_have_the_same_standardised_effects(data: pd.DataFrame) -> None:
    one = GOLDEN["observed"]
    fit = ts.fit(one["model"], data, ordered=one["ordered"])
    rows = _rows("observed", fit.effects())
    np.testing.assert_allclose(rows["std_all"], one["std"], rtol=1e-4)
    np.testing.assert_allclose(rows["std_se"], one["std_se"], rtol=1e-3)


def test_percentiles_of_resamples_agree_with_the_delta_method(data: pd.DataFrame) -> None:
    fit = _fit(GOLDEN["observed"], data)
    rows = _rows("observed", fit.effects("percentile", draws=400, seed=3))
    np.testing.assert_allclose(rows["se"], GOLDEN["observed"]["se"], rtol=0.15)
    assert (rows["ci_lower"] < rows["est"]).all()
    assert (rows["est"] < rows["ci_upper"]).all()
