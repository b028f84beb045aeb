"""What a fit can be asked, and in whose habits."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import truststats as ts
from truststats.errors import OptionError

OWN = ["lhs", "op", "rhs", "label", "est", "se", "z", "pvalue", "ci_lower", "ci_upper",
       "std_lv", "std_all"]  # fmt: skip
LAVAAN = ["lhs", "op", "rhs", "label", "est", "se", "z", "pvalue", "ci.lower", "ci.upper",
          "std.lv", "std.all"]  # fmt: skip
BROOM = ["term", "lhs", "op", "rhs", "label", "estimate", "std.error", "statistic", "p.value",
         "conf.low", "conf.high", "std.lv", "std.all"]  # fmt: skip
TEXT = """
info =~ inf1 + inf2 + inf3
trust =~ tru1 + tru2 + tru3
trust ~ slope*info
double := 2*slope
"""


@pytest.fixture(scope="module")
def fit(answers_of):
    return ts.fit(TEXT, answers_of())


@pytest.fixture(scope="module")
def robust(answers_of):
    return ts.fit(TEXT, answers_of(holes=0.1), missing="ml", cluster="unit")


def test_a_fit_is_frozen(fit):
    with pytest.raises(FrozenInstanceError):
        fit.vcov = None


def test_what_was_done(fit, robust):
    assert (fit.nobs, fit.n_rows, fit.npar, fit.df) == (240, 240, 13, 8)
    assert (fit.n_patterns, fit.n_clusters, fit.cluster) == (1, None, None)
    assert fit.converged
    assert fit.iterations > 0
    assert (robust.n_clusters, robust.cluster, robust.estimator) == (24, "unit", "MLR")
    assert robust.n_patterns > 10


@pytest.mark.parametrize(
    ("style", "columns"), [("truststats", OWN), ("lavaan", LAVAAN), ("broom", BROOM)]
)
def test_tidy_in_three_habits(fit, style, columns):
    frame = fit.tidy(style=style)
    assert list(frame) == columns
    assert len(frame) == len(fit.partable)


def test_standard_errors_of_the_standardised(fit):
    frame = fit.tidy(standardized_se=True)
    assert list(frame) == [*OWN, "se_std_all"]
    np.testing.assert_allclose(frame["se_std_all"], fit.standardized()["se"])
    assert "se.std.all" in fit.tidy(style="lavaan", standardized_se=True)
    assert "std.error.std.all" in fit.tidy(style="broom", standardized_se=True)


def test_unknown_styles(fit):
    with pytest.raises(OptionError, match="style='brom'"):
        fit.tidy(style="brom")
    with pytest.raises(OptionError, match="kind='normalised'"):
        fit.residuals("normalised")
    with pytest.raises(OptionError, match="ci='jackknife'"):
        fit.effects("jackknife")


def test_numbers_of_a_row(fit):
    frame = fit.tidy().set_index("label")
    row, double = frame.loc["slope"], frame.loc["double"]
    assert row["z"] == pytest.approx(row["est"] / row["se"])
    assert row["pvalue"] == pytest.approx(2 * norm.sf(abs(row["z"])))
    assert row["ci_lower"] == pytest.approx(row["est"] - norm.ppf(0.975) * row["se"])
    assert double["est"] == pytest.approx(2 * row["est"])
    assert double["se"] == pytest.approx(2 * row["se"])
    assert double["std_all"] == pytest.approx(2 * row["std_all"])


def test_fixed_rows_have_no_test(fit):
    row = fit.tidy().iloc[0]
    assert (row["est"], row["se"]) == (1.0, 0.0)
    assert np.isnan(row["z"])
    assert np.isnan(row["pvalue"])
    assert row["ci_lower"] == row["ci_upper"] == 1.0


def test_the_level_of_confidence(fit):
    wide, narrow = fit.tidy(0.99), fit.tidy(0.90)
    row = wide["label"] == "slope"
    ratio = (wide["ci_upper"] - wide["est"])[row] / (narrow["ci_upper"] - narrow["est"])[row]
    assert ratio.iloc[0] == pytest.approx(norm.ppf(0.995) / norm.ppf(0.95))


def test_habits_of_statsmodels(fit):
    assert list(fit.params.index) == list(fit.bse.index) == list(fit.pvalues.index)
    assert len(fit.params) == fit.npar
    assert "slope" in fit.params
    assert "info=~inf2" in fit.params
    limits = fit.conf_int()
    assert list(limits) == [0, 1]
    np.testing.assert_allclose(limits[1] - limits[0], 2 * norm.ppf(0.975) * fit.bse)
    assert (fit.conf_int(0.01)[1] > limits[1]).all()
    cov = fit.cov_params()
    assert list(cov) == list(cov.index) == list(fit.params.index)
    np.testing.assert_allclose(np.sqrt(np.diag(cov)), fit.bse)


def test_equal_parameters_appear_once_in_theta_and_every_time_in_the_table(answers_of, models):
    fit = ts.fit(models["equal_labels"], answers_of())
    assert fit.npar == fit.partable.npar == len(fit.estimate.theta)
    shared = fit.tidy().query("label == 'a'")
    assert len(shared) == 3
    assert shared["est"].nunique() == shared["se"].nunique() == 1
    # As in lavaan's coef(), one entry for every free row.
    assert len(fit.params) == sum(row > 0 for row in fit.partable.free)


def test_effects(fit):
    frame = fit.effects()
    assert list(frame) == [
        "effect", "lhs", "rhs", "via", "est", "se", "z", "pvalue", "ci_lower", "ci_upper",
        "std_all", "std_se", "std_pvalue", "std_ci_lower", "std_ci_upper",
    ]  # fmt: skip
    assert list(frame["effect"]) == ["direct", "total"]
    assert frame["est"].iloc[0] == pytest.approx(fit.params["slope"])


def test_monte_carlo_limits_are_seeded(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    one, two = (fit.effects("monte_carlo", draws=2000) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    other = fit.effects("monte_carlo", draws=2000, seed=3)
    assert (other["ci_lower"] != one["ci_lower"]).any()
    np.testing.assert_array_equal(one["est"], other["est"])
    generator = fit.effects("monte_carlo", draws=2000, seed=np.random.default_rng(3))
    pd.testing.assert_frame_equal(generator, other)


def test_monte_carlo_limits_of_a_single_path_are_normal(models, answers_of):
    fit = ts.fit(models["chain"], answers_of())
    delta, drawn = fit.effects(), fit.effects("monte_carlo", draws=20_000)
    direct = delta["effect"] == "direct"
    gap = (delta["ci_upper"] - drawn["ci_upper"])[direct] / delta["se"][direct]
    assert gap.abs().max() < 0.06
    np.testing.assert_array_equal(delta["se"], drawn["se"])


def test_monte_carlo_limits_of_a_product_lean(models, answers_of):
    # A product of two positive effects has a longer tail upwards.
    fit = ts.fit(models["chain"], answers_of(120))
    row = fit.effects("monte_carlo").query("effect == 'indirect'").iloc[0]
    assert row["ci_upper"] - row["est"] > row["est"] - row["ci_lower"]


def test_effects_without_routes(models, answers_of):
    frame = ts.fit(models["chain"], answers_of()).effects(specific=False)
    assert set(frame["effect"]) == {"direct", "indirect", "total"}


def test_fit_measures_and_glance(fit, robust):
    for one in (fit, robust):
        m, g = one.fit_measures, one.glance()
        assert g.shape[0] == 1
        row = g.iloc[0]
        assert row["chisq"] == one.chisq
        assert row["pvalue"] == one.pvalue
        assert row["npar"] == one.npar
        suffix = "_robust" if one is robust else ""
        for name in ("cfi", "tli", "rmsea"):
            assert row[name] == m[name + suffix]
        for name in ("srmr", "aic", "bic"):
            assert row[name] == m[name]
        assert row["converged"]
        assert row["problems"] == len(one.problems)
    assert fit.fit_measures is fit.fit_measures


def test_moments_and_residuals(fit, answers_of):
    data = answers_of()
    names = list(fit.partable.ov)
    sample, implied = fit.sample_moments(), fit.implied()
    np.testing.assert_allclose(sample["cov"], data[names].cov(ddof=0))
    np.testing.assert_allclose(sample["mean"], data[names].mean())
    assert implied["mu"] is None
    assert list(implied["sigma"]) == names
    pd.testing.assert_frame_equal(fit.residuals(), sample["cov"] - implied["sigma"])
    cor = fit.residuals("cor")
    np.testing.assert_allclose(np.diag(cor), 0.0, atol=1e-12)
    sigma = implied["sigma"].to_numpy()
    sd = np.sqrt(np.diag(sigma))
    want = data[names].corr().to_numpy() - sigma / np.outer(sd, sd)
    np.testing.assert_allclose(cor, want, atol=1e-12)


def test_implied_means(robust):
    mu = robust.implied()["mu"]
    assert list(mu.index) == list(robust.partable.ov)
    np.testing.assert_allclose(mu, robust.sample_moments()["mean"], atol=0.1)


def test_explained_variance(fit):
    frame = fit.tidy().set_index(["lhs", "op", "rhs"])
    assert list(fit.r_square.index) == ["inf1", "inf2", "inf3", "tru1", "tru2", "tru3", "trust"]
    assert fit.r_square["trust"] == pytest.approx(frame.loc[("trust", "~", "info"), "std_all"] ** 2)
    left = frame.loc[("inf2", "~~", "inf2"), "std_all"]
    assert fit.r_square["inf2"] == pytest.approx(1 - left)


def test_a_negative_variance_explains_nothing():
    cor = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.4], [0.8, 0.4, 1.0]])
    frame = pd.DataFrame(cor, index=list("abc"), columns=list("abc"))
    fit = ts.fit("f =~ a + b + c", sample_cov=frame, sample_nobs=200)
    assert np.isnan(fit.r_square["a"])
    assert fit.r_square[["b", "c"]].between(0, 1).all()
    assert not fit.admissible
    assert fit.problems[0].code == "heywood"


def test_latent_correlations(models, answers_of):
    cor = ts.fit(models["chain"], answers_of()).latent_cor()
    assert list(cor) == list(cor.index) == ["info", "trust", "results"]
    np.testing.assert_allclose(np.diag(cor), 1.0)
    np.testing.assert_allclose(cor, cor.T)


def test_it_introduces_itself(fit, robust):
    for one in (fit, robust):
        assert repr(one)
        assert repr(one) == repr(one)
        assert "<" in one._repr_html_()
        assert "slope" in one.summary()


def test_the_worst_problem_comes_first(models, answers_of):
    data = answers_of(units=8)
    data.loc[:5, "inf1"] = np.nan
    fit = ts.fit(models["chain"], data, cluster="unit")
    order = [problem.severity for problem in fit.problems]
    assert order == sorted(order, key=["error", "warning", "note"].index)
    assert {"rows_excluded", "fewer_clusters_than_parameters"} <= {p.code for p in fit.problems}
    assert fit.exclusions == {"incomplete on the model's variables (listwise)": 6}
    assert (fit.n_rows, fit.nobs) == (240, 234)


def test_a_saturated_fit_at_a_glance(answers_of):
    row = ts.fit("inf1 ~~ inf2", answers_of(), estimator="MLR").glance().iloc[0]
    assert row["df"] == 0
    assert np.isnan(row["pvalue"])
    assert row["cfi"] == 1.0
    assert row["rmsea"] == 0.0
