"""The lowest tier by hand, the upper one through a fit."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ncx2

import truststats as ts
from truststats.inference.fitmeasures import (
    cfi,
    nfi,
    rmsea,
    rmsea_ci,
    rmsea_pvalue,
    srmr,
    tli,
)

# lavaan's first example, printed in its tutorial (Rosseel 2012, doi:10.18637/jss.v048.i02): three
# factors of the Holzinger-Swineford data, N = 301.
CHISQ, DF, BASE, BASE_DF, N = 85.306, 24, 918.852, 36, 301


def test_a_published_example():
    assert cfi(CHISQ, DF, BASE, BASE_DF) == pytest.approx(0.931, abs=5e-4)
    assert tli(CHISQ, DF, BASE, BASE_DF) == pytest.approx(0.896, abs=5e-4)
    assert rmsea(CHISQ, DF, N) == pytest.approx(0.092, abs=5e-4)
    low, high = rmsea_ci(CHISQ, DF, N)
    assert (low, high) == pytest.approx((0.071, 0.114), abs=5e-4)
    assert rmsea_pvalue(CHISQ, DF, N) == pytest.approx(0.001, abs=5e-4)


def test_by_hand():
    assert cfi(30.0, 20, 210.0, 30) == pytest.approx(1 - 10 / 180)
    assert tli(30.0, 20, 210.0, 30) == pytest.approx((7.0 - 1.5) / (7.0 - 1.0))
    assert nfi(30.0, 210.0) == pytest.approx(180 / 210)
    assert rmsea(30.0, 20, 100) == pytest.approx(math.sqrt(10 / 2000))
    assert rmsea(30.0, 20, 100, 1.2) == pytest.approx(math.sqrt(6 / 2000))


@pytest.mark.parametrize(
    ("chisq", "base", "want"),
    [(15.0, 210.0, 1.0), (15.0, 20.0, 1.0), (60.0, 40.0, 0.0), (30.0, 30.0, 0.0)],
)
def test_cfi_stays_between_zero_and_one(chisq, base, want):
    assert cfi(chisq, 20, base, 30) == want


def test_tli_is_not_bounded():
    assert tli(10.0, 20, 210.0, 30) > 1.0
    assert tli(10.0, 20, 30.0, 30) == 1.0


def test_a_saturated_model_fits():
    assert cfi(0.0, 0, 100.0, 10) == 1.0
    assert tli(0.0, 0, 100.0, 10) == 1.0
    assert tli(0.0, 3, 0.0, 0) == 1.0
    assert nfi(0.0, 0.0) == 1.0
    assert rmsea(0.0, 0, 100) == 0.0
    assert rmsea_ci(0.0, 0, 100) == (0.0, 0.0)
    assert math.isnan(rmsea_pvalue(0.0, 0, 100))


def test_a_model_better_than_expected_has_no_error_of_approximation():
    assert rmsea(10.0, 20, 100) == 0.0
    assert rmsea_ci(5.0, 20, 100) == (0.0, 0.0)


@pytest.mark.parametrize("level", [0.80, 0.90, 0.95])
@pytest.mark.parametrize(("chisq", "df", "n"), [(85.3, 24, 301), (400.0, 30, 150), (26.0, 24, 900)])
def test_the_interval_inverts_the_noncentral_distribution(chisq, df, n, level):
    low, high = rmsea_ci(chisq, df, n, level)
    tail = (1 - level) / 2
    assert low <= rmsea(chisq, df, n) <= high
    assert ncx2.cdf(chisq, df, high**2 * df * n) == pytest.approx(tail, abs=1e-8)
    if low > 0:
        assert ncx2.cdf(chisq, df, low**2 * df * n) == pytest.approx(1 - tail, abs=1e-8)
    else:
        assert ncx2.cdf(chisq, df, 1e-12) <= 1 - tail


def test_close_fit_agrees_with_the_interval():
    # p = .05 exactly when .05 is the lower limit of the 90 % interval.
    low, _ = rmsea_ci(CHISQ, DF, N)
    assert rmsea_pvalue(CHISQ, DF, N, close=low) == pytest.approx(0.05, abs=1e-8)
    assert rmsea_pvalue(10.0, 20, 100) == pytest.approx(ncx2.sf(10.0, 20, 0.0025 * 2000))


def test_srmr_by_hand():
    cov = np.array([[4.0, 1.0], [1.0, 1.0]])
    sigma = np.array([[4.0, 0.6], [0.6, 1.0]])
    assert srmr(cov, sigma) == pytest.approx(math.sqrt(0.2**2 / 3))
    assert srmr(cov, cov) == 0.0
    with_means = srmr(cov, sigma, np.array([0.4, 0.0]))
    assert with_means == pytest.approx(math.sqrt((0.2**2 + 0.2**2) / 5))


@pytest.fixture(scope="module")
def fit(models, answers_of):
    return ts.fit(models["chain"].replace("+ info\n", "\n"), answers_of())


def test_log_likelihood_and_information_criteria(fit):
    m = fit.fit_measures
    cov = fit.sample_moments()["cov"].to_numpy()
    sigma = fit.implied()["sigma"].to_numpy()
    p, n = len(cov), fit.nobs
    logdet = np.linalg.slogdet(sigma)[1]
    logl = -0.5 * n * (p * np.log(2 * np.pi) + logdet + np.trace(np.linalg.solve(sigma, cov)))
    assert m["logl"] == pytest.approx(logl)
    assert m["chisq"] == pytest.approx(2 * (m["unrestricted_logl"] - logl))
    assert m["aic"] == pytest.approx(-2 * logl + 2 * fit.npar)
    assert m["bic"] == pytest.approx(-2 * logl + fit.npar * np.log(n))
    assert m["bic2"] == pytest.approx(-2 * logl + fit.npar * np.log((n + 2) / 24))
    assert m["ntotal"] == n
    assert m["npar"] == fit.npar
    assert m["fmin"] == pytest.approx(m["chisq"] / n / 2)


def test_the_upper_tier_calls_the_lower(fit):
    m = fit.fit_measures
    own = (m["chisq"], m["df"], m["baseline_chisq"], m["baseline_df"])
    assert m["cfi"] == cfi(*own)
    assert m["tli"] == tli(*own)
    assert m["nfi"] == nfi(m["chisq"], m["baseline_chisq"])
    assert m["rmsea"] == rmsea(m["chisq"], m["df"], fit.nobs)
    assert (m["rmsea_ci_lower"], m["rmsea_ci_upper"]) == rmsea_ci(m["chisq"], m["df"], fit.nobs)
    assert m["baseline_df"] == 36


def test_log_likelihood_is_conditional_on_fixed_covariates(models, answers_of):
    data = answers_of()
    m = ts.fit("inf1 ~ x1 + x2", data).fit_measures
    left = (
        data["inf1"]
        - np.c_[np.ones(240), data[["x1", "x2"]]]
        @ np.linalg.lstsq(np.c_[np.ones(240), data[["x1", "x2"]]], data["inf1"], rcond=None)[0]
    )
    want = -0.5 * 240 * (np.log(2 * np.pi) + np.log((left**2).mean()) + 1)
    assert m["logl"] == pytest.approx(want)
    assert m["df"] == 0


@pytest.fixture(scope="module")
def skewed(models, answers_of):
    """A model that misses a path, on answers with long tails."""
    data = answers_of().select_dtypes("number")
    return ts.fit(
        models["chain"].replace("trust + info", "info") + "trust ~~ 0*results",
        np.exp(data / 3),
        estimator="MLR",
    )


def test_scaled_versions(skewed):
    m, n = skewed.fit_measures, skewed.nobs
    c, c_b = m["chisq_scaling_factor"], m["baseline_chisq_scaling_factor"]
    t, t_b, df, df_b = m["chisq"], m["baseline_chisq"], m["df"], m["baseline_df"]
    assert abs(c - 1) > 0.05
    assert t > 1.2 * c * df
    assert m["chisq_scaled"] == pytest.approx(t / c)
    assert m["baseline_chisq_scaled"] == pytest.approx(t_b / c_b)
    assert m["cfi_scaled"] == pytest.approx(cfi(t / c, df, t_b / c_b, df_b))
    assert m["tli_scaled"] == pytest.approx(tli(t / c, df, t_b / c_b, df_b))
    assert m["rmsea_scaled"] == pytest.approx(rmsea(t / c, df, n))
    # As in lavaan, the interval refers the unscaled statistic to c df degrees of freedom.
    low, high = rmsea_ci(t, c * df, n)
    assert (m["rmsea_ci_lower_scaled"], m["rmsea_ci_upper_scaled"]) == pytest.approx((low, high))
    assert m["rmsea_pvalue_scaled"] == pytest.approx(rmsea_pvalue(t, c * df, n))


def test_robust_versions(skewed):
    m, n = skewed.fit_measures, skewed.nobs
    c, c_b = m["chisq_scaling_factor"], m["baseline_chisq_scaling_factor"]
    t, t_b, df, df_b = m["chisq"], m["baseline_chisq"], m["df"], m["baseline_df"]
    assert m["cfi_robust"] == pytest.approx(1 - (t - c * df) / (t_b - c_b * df_b))
    assert m["tli_robust"] == pytest.approx(1 - (t - c * df) * df_b / ((t_b - c_b * df_b) * df))
    assert m["rmsea_robust"] == pytest.approx(math.sqrt((t - c * df) / (df * n)))
    low, high = rmsea_ci(t / c, df, n)
    assert m["rmsea_ci_lower_robust"] == pytest.approx(low * math.sqrt(c))
    assert m["rmsea_ci_upper_robust"] == pytest.approx(high * math.sqrt(c))
    # At the lower limit of the 90 % interval the close-fit hypothesis has p = .05.
    want = ncx2.sf(t / c, df, 0.05**2 * df * n / c)
    assert m["rmsea_pvalue_robust"] == pytest.approx(want)


def test_robust_measures_of_a_saturated_model(answers_of):
    m = ts.fit("inf1 ~~ inf2", answers_of(), estimator="MLR").fit_measures
    assert m["cfi_robust"] == 1.0
    assert m["tli_robust"] == 1.0
    assert m["rmsea_robust"] == 0.0
    assert math.isnan(m["rmsea_pvalue_robust"])
    assert math.isnan(m["pvalue_scaled"])


def test_a_bound_may_keep_a_model_without_degrees_of_freedom_from_the_data(answers_of):
    data = answers_of().select_dtypes("number")
    names = [name for name in data if name.startswith("inf")][:3]
    text = f"f =~ {names[0]} + p*{names[1]} + {names[2]}"
    free = ts.fit(text, data).params["p"]
    held = ts.fit(text + f"\np < {free - 0.3}", data)
    m = held.fit_measures
    assert m["df"] == 0
    assert m["chisq"] > 1.0
    want = 1.0 - m["chisq"] / (m["baseline_chisq"] - m["baseline_df"])
    assert (m["cfi"], m["rni"]) == pytest.approx((want, want))
    assert ts.fit(text, data).fit_measures["cfi"] == 1.0


@pytest.mark.parametrize("estimator", ["WLSMV", "WLSMVS", "WLSM", "ULSMVS", "DWLS", "WLS"])
def test_ordinal_models_without_degrees_of_freedom_have_fit_measures(estimator):
    rng = np.random.default_rng(3)
    x = rng.normal(size=400)
    data = pd.DataFrame({"x": x, "a": np.digitize(x + rng.normal(size=400), [-0.5, 0.7])})
    m = ts.fit("a ~ x", data, ordered=["a"], estimator=estimator).fit_measures
    assert (m["df"], m["rmsea"], m["cfi"]) == (0, 0.0, 1.0)
    if "rmsea_scaled" in m:
        assert (m["rmsea_scaled"], m["rmsea_ci_upper_scaled"]) == (0.0, 0.0)
