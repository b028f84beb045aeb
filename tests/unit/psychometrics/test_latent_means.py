"""Means of factors and their differences."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.latent_means import latent_means


def test_differences_and_effect_sizes_follow_the_definition(two_groups: pd.DataFrame) -> None:
    fit = ts.fit(
        "f =~ x1 + x2 + x3 + x4", two_groups, group="g", std_lv=True,
        group_equal=["loadings", "intercepts"],
    )  # fmt: skip
    layouts = fit.estimate.layouts
    at = np.array([layouts[0].nodes.index("f")])
    n = fit.group_nobs.to_numpy(dtype=float)
    got = latent_means(layouts, at, fit.estimate.theta, fit.vcov, n)
    assert got.mean[0, 0] == 0.0
    assert got.variance[0, 0] == pytest.approx(1.0)
    gap, v = got.mean[1, 0], got.variance[:, 0]
    assert got.difference[1, 0] == pytest.approx(gap)
    pooled = ((n[0] - 1) * v[0] + (n[1] - 1) * v[1]) / (n.sum() - 2)
    assert got.d[1, 0] == pytest.approx(gap / np.sqrt(pooled))
    row = fit.tidy().query("lhs == 'f' and op == '~1' and group == 'south'").iloc[0]
    assert got.se[1, 0] == pytest.approx(row["se"])
    assert np.isnan(got.se[0]).all()
    assert got.half == pytest.approx(1.959964, abs=1e-6)
