"""Alpha and omega against semTools::compRelSEM and psych::alpha."""

from __future__ import annotations

import material
import pytest

FITS = [
    spec["name"]
    for spec in material.fits_table()["fits"]
    if "reliability" in spec.get("extract", [])
]
CLOSE = 1e-4  # absolute: a ratio of sums of estimates


@pytest.mark.parametrize("name", FITS)
def test_alpha_and_omega(name: str) -> None:
    table = material.run(name).reliability()
    found = table.set_index(["construct", "coefficient"])["value"]
    expected = material.golden(name)["reliability"]
    # semTools gives omega over the implied or over the observed variance of the sum; ours is the
    # former, and says so in its `formula`.
    for construct, value in expected["omega_implied_variance"].items():
        assert found[construct, "omega"] == pytest.approx(value, abs=CLOSE)
    for construct, value in expected["alpha_psych"].items():
        assert found[construct, "alpha"] == pytest.approx(value, abs=CLOSE)
