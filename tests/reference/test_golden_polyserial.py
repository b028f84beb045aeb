"""Polyserial and ordinary correlations beside polychoric ones, also given covariates."""

from __future__ import annotations

import material
import numpy as np
import pandas as pd
import pytest

import truststats as ts

GOLDEN = material.golden("polyserial")["fits"]
NAMES = ["i1", "i2", "i3", "c1", "j1", "c2"]


@pytest.mark.parametrize("name", list(GOLDEN))
def test_agrees_with_lavaan(name: str) -> None:
    one = GOLDEN[name]
    data = pd.read_csv(material.HERE / "data" / "ordinal_mixed.csv")
    given = ["x", "z"] if name == "given" else []
    found = ts.polychoric(data, NAMES, continuous=["c1", "c2"], given=given, missing=one["missing"])
    assert found.n == one["n"]
    # lavaan divides by N - 1
    factor = np.sqrt(found.n / (found.n - 1.0))
    theirs = pd.DataFrame(one["correlations"])
    frame = found.tidy()
    assert [*zip(frame["lhs"], frame["rhs"], strict=True)] == [
        *zip(theirs["lhs"], theirs["rhs"], strict=True)
    ]
    np.testing.assert_allclose(frame["est"], theirs["est.std"], atol=1e-6)
    np.testing.assert_allclose(frame["se"] * factor, theirs["se"], rtol=1e-5)
    cuts = pd.DataFrame(one["thresholds"])
    np.testing.assert_allclose(found.thresholds["est"], cuts["est"], atol=1e-6)
    np.testing.assert_allclose(found.thresholds["se"] * factor, cuts["se"], rtol=1e-5)
    if given:
        slopes = pd.DataFrame(one["slopes"]).set_index(["lhs", "rhs"])
        ours = found.slopes.set_index(["lhs", "rhs"]).loc[slopes.index]
        np.testing.assert_allclose(ours["est"], slopes["est"], atol=1e-6)
        np.testing.assert_allclose(ours["se"] * factor, slopes["se"], rtol=1e-5)
