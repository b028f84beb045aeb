from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import OptionError

TEXT = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nm =~ m1 + m2 + m3"


def answers(method: float, common: float = 0.3) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    n = 800
    g, shared = rng.normal(size=(n, 1)), rng.normal(size=(n, 1))
    out = {}
    for name, pull in (("a", common), ("b", common), ("m", 0.0)):
        factor = pull * g + np.sqrt(1 - pull**2) * rng.normal(size=(n, 1))
        # a method acts on items of both directions alike, which sets it apart from the scales
        for k, loading in enumerate((1.0, -0.8, 0.7), start=1):
            noise = rng.normal(size=(n, 1))
            out[f"{name}{k}"] = (loading * factor + method * shared + 0.6 * noise)[:, 0]
    return pd.DataFrame(out)


def test_a_method_is_seen():
    found = ts.fit(TEXT, answers(0.7)).method_bias("m")
    rows = {row.model: row for row in found.rows}
    assert list(rows) == [
        "factors", "one_factor", "method_factor", "marker_baseline", "marker_equal", "marker_free",
        "marker_held",
    ]  # fmt: skip
    assert rows["method_factor"].share > 0.15
    assert rows["method_factor"].largest_change < -0.1
    assert rows["marker_equal"].pvalue_diff < 0.001
    assert "method_moves_correlations" in {p.code for p in found.problems}


def test_without_a_method_little_moves():
    found = ts.fit(TEXT, answers(0.0)).method_bias()
    rows = {row.model: row for row in found.rows}
    assert list(rows) == ["factors", "one_factor", "method_factor"]
    assert rows["one_factor"].cfi_diff < -0.1
    assert "one_factor_fits" not in {p.code for p in found.problems}


def test_one_factor_that_fits_is_a_warning():
    found = ts.fit("a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3", answers(0.0, 0.999)).method_bias()
    assert "one_factor_fits" in {p.code for p in found.problems}


def test_an_unknown_marker():
    with pytest.raises(OptionError, match="'n' is no factor"):
        ts.fit(TEXT, answers(0.0)).method_bias("n")
