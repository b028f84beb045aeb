"""Alpha and omega against semTools::compRelSEM and psych::alpha."""

from __future__ import annotations

from typing import Any

import material
import pytest

import truststats as ts

TABLE = material.fits_table()
FITS = [spec for spec in TABLE["fits"] if "reliability" in spec.get("extract", [])]
CLOSE = 1e-4  # absolute: a ratio of sums of estimates


@pytest.mark.parametrize("spec", FITS, ids=lambda spec: spec["name"])
def test_alpha_and_omega(spec: dict[str, Any]) -> None:
    try:
        positional, options = material.golden_call(spec, "\n".join(TABLE["models"][spec["model"]]))
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    fit = ts.fit(*positional, **options)
    found = fit.reliability().set_index(["construct", "coefficient"])["value"]
    expected = material.golden(spec["name"])["reliability"]
    # semTools gives omega over the implied or over the observed variance of the sum; ours is the
    # former, and says so in its `formula`.
    for construct, value in expected["omega_implied_variance"].items():
        assert found[construct, "omega"] == pytest.approx(value, abs=CLOSE)
    for construct, value in expected["alpha_psych"].items():
        assert found[construct, "alpha"] == pytest.approx(value, abs=CLOSE)
