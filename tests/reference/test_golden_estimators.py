"""Tests that lavaan reports beside the standard one: Browne's, and Bollen and Stine's p-value."""

from __future__ import annotations

from typing import Any

import agreement
import material
import pytest

import truststats as ts

BESIDE = [spec for spec in material.fits_table()["fits"] if "tests" in spec.get("extract", [])]

# The model of Political Democracy without residual covariances: lavaan 0.6-14 with
# test = "bollen.stine", bootstrap = 2000 gives p = .0445; the likelihood ratio has p = .0018.
PLAIN = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ ind60
dem65 ~ ind60 + dem60
"""


@pytest.mark.parametrize("spec", BESIDE, ids=lambda spec: spec["name"])
def test_residual_based_tests(spec: dict[str, Any]) -> None:
    fit = material.run(spec)
    name = spec["args"]["test"]
    theirs = next(t for t in material.golden(spec["name"])["tests"] if t["test"] == name)
    assert fit.reported_test.name == name
    assert fit.reported_test.df == theirs["df"]
    slack = agreement.FIT_MEASURE * max(1.0, theirs["stat"])
    assert fit.chisq == pytest.approx(theirs["stat"], abs=slack)
    assert fit.pvalue == pytest.approx(theirs["pvalue"], abs=agreement.PROBABILITY)


def test_bollen_stine() -> None:
    try:
        data = material.read_data("political_democracy")
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    fit = ts.fit(PLAIN, data, test="bollen.stine", bootstrap=4000)
    # Both are shares of draws: four standard errors of their difference.
    error = (0.0445 * 0.9555 * (1 / 2000 + 1 / 4000)) ** 0.5
    assert fit.pvalue == pytest.approx(0.0445, abs=4 * error)
    assert fit.test.pvalue == pytest.approx(0.0018, abs=1e-4)
