"""The rules that judge a step of invariance, checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import OptionError
from truststats.psychometrics.invariance import (
    adjusted,
    decide,
    form_holds,
    rmsea_d,
    rule_of,
)


def changes(cfi: float, rmsea: float = 0.0, srmr: float = 0.0) -> dict[str, float]:
    return {"cfi": cfi, "rmsea": rmsea, "srmr": srmr}


def test_chens_cut_offs_by_step_and_size() -> None:
    large, small = rule_of("chen", 301), rule_of("chen", 300)
    assert (large.cut_offs("metric").srmr, large.cut_offs("scalar").srmr) == (0.030, 0.010)
    assert (small.cut_offs("loadings").cfi, small.cut_offs("strict").srmr) == (0.005, 0.005)


@pytest.mark.parametrize(
    ("step", "change", "p", "decision"),
    [
        ("metric", changes(-0.009, 0.05, 0.05), 0.5, "holds"),
        ("metric", changes(-0.009), 0.01, "approximately"),
        ("metric", changes(-0.010, 0.015), 0.5, "fails"),
        ("metric", changes(-0.020, 0.014, 0.029), 0.5, "holds"),
        ("scalar", changes(-0.020, 0.0, 0.010), 0.5, "fails"),
        ("scalar", changes(float("nan"), 0.1, 0.1), 0.5, "holds"),
    ],
)
def test_a_fall_of_cfi_has_to_be_supported(
    step: str, change: dict[str, float], p: float, decision: str
) -> None:
    assert decide(rule_of("chen", 1000), step, p, change) == decision


def test_other_rules() -> None:
    fall = changes(-0.011)
    assert decide(rule_of("cheung_rensvold", 100), "metric", 0.5, fall) == "fails"
    assert decide(rule_of("chisq", 100), "metric", 0.5, fall) == "holds"
    assert decide(rule_of("chisq", 100), "metric", 0.04, changes(0.0)) == "fails"
    assert decide(rule_of({"cfi": -0.02}, 100), "metric", 0.5, fall) == "holds"
    own = rule_of({"cfi": 0.01, "srmr": 0.02}, 100)
    assert decide(own, "metric", 0.5, changes(-0.02, srmr=0.01)) == "holds"
    assert decide(own, "metric", 0.01, changes(-0.02), exact=True) == "fails"


@pytest.mark.parametrize("rule", ["chem", {"rmsea": 0.01}, {"cfi": 0.01, "tli": 0.01}])
def test_unknown_rules_are_refused(rule: object) -> None:
    with pytest.raises(OptionError):
        rule_of(rule, 500)  # pyright: ignore[reportArgumentType]


def test_the_form_needs_two_of_three() -> None:
    assert form_holds(0.95, 0.12, 0.05)
    assert form_holds(0.85, 0.07, 0.07)
    assert not form_holds(0.85, 0.12, 0.05)
    assert not form_holds(float("nan"), 0.12, 0.05)


def test_rmsea_d_by_hand() -> None:
    # sqrt(2) sqrt((14 - 7) / (7 x 1000)) = sqrt(2 / 1000)
    assert rmsea_d(14.0, 7, 1000, 2) == pytest.approx(math.sqrt(0.002))
    assert rmsea_d(6.0, 7, 1000, 2) == 0.0
    assert rmsea_d(14.0, 7, 1000, 2, scale=2.0) == pytest.approx(math.sqrt(0.004))
    assert math.isnan(rmsea_d(1.0, 0, 1000, 2))


def test_against_the_unrestricted_model_rmsea_d_is_the_models_own(
    two_groups: pd.DataFrame,
) -> None:
    fit = ts.fit(
        "f =~ x1 + x2 + x5 + x6", two_groups, group="g", estimator="MLR", group_equal="loadings"
    )
    test, measures = fit.reported_test, fit.fit_measures
    found = rmsea_d(test.chisq, test.df, fit.nobs, 2, test.scaling_factor)
    assert found > 0.05
    assert found == pytest.approx(measures["rmsea_robust"], rel=1e-9)
    plain = rmsea_d(measures["chisq"], test.df, fit.nobs, 2)
    assert plain == pytest.approx(measures["rmsea"], rel=1e-9)


def test_adjusted_p_values_by_hand() -> None:
    p = [0.01, 0.04, float("nan"), 0.03]
    np.testing.assert_allclose(adjusted(p, "holm"), [0.03, 0.06, np.nan, 0.06])
    np.testing.assert_allclose(adjusted(p, "bh"), [0.03, 0.04, np.nan, 0.04])
    np.testing.assert_allclose(adjusted(p, "none"), p)
    with pytest.raises(OptionError, match="adjust"):
        adjusted(p, "bonferroni")
