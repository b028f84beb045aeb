"""Residuals of a fit as tables, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError, OptionError


@pytest.fixture(scope="module")
def answers(answers_of):
    data = answers_of(n=400)
    return data.assign(group=np.where(np.arange(400) % 3, "a", "b"))


@pytest.fixture(scope="module")
def fit(models, answers):
    return ts.fit(models["chain"], answers)


@pytest.fixture(scope="module")
def grouped(models, answers):
    return ts.fit(models["chain"], answers, group="group", group_equal=["loadings", "intercepts"])


@pytest.mark.parametrize("kind", ["raw", "cor", "cor_bentler", "normalized", "standardized"])
def test_symmetric_tables(fit, kind):
    table = fit.residuals(kind)
    assert list(table) == list(table.index) == list(fit.partable.ov)
    np.testing.assert_allclose(table, table.T)


def test_spellings(fit):
    pd.testing.assert_frame_equal(fit.residuals("cor"), fit.residuals("cor.bollen"))
    pd.testing.assert_frame_equal(fit.residuals("cor.bentler"), fit.residuals("cor_bentler"))
    pd.testing.assert_frame_equal(fit.residuals("z"), fit.residuals("standardized"))
    with pytest.raises(OptionError, match="kind='pearson'"):
        fit.residuals("pearson")


def test_standardized_residuals_are_larger_than_normalized_ones(fit):
    z, normal = fit.residuals("z").to_numpy(), fit.residuals("normalized").to_numpy()
    known = ~np.isnan(z)
    assert (np.abs(z[known]) >= np.abs(normal[known]) - 1e-9).all()
    assert np.isnan(np.diag(z)).all()
    # a model that is true: z-values are about standard normal
    assert np.std(z[known]) == pytest.approx(1.0, abs=0.4)


def test_means(fit, grouped):
    with pytest.raises(OptionError, match="does not model the means"):
        fit.residuals(means=True)
    means = grouped.residuals(means=True)
    assert list(means) == ["a", "b"] or list(means) == ["b", "a"]
    gap = grouped.sample_moments()["a"]["mean"] - grouped.implied()["a"]["mu"]
    pd.testing.assert_series_equal(means["a"], gap)
    sd = np.sqrt(np.diag(grouped.sample_moments()["a"]["cov"]))
    pd.testing.assert_series_equal(grouped.residuals("cor", means=True, group="a"), gap / sd)
    assert np.isfinite(grouped.residuals("z", means=True, group="a")).all()


def test_groups(grouped):
    both = grouped.residuals("z")
    pd.testing.assert_frame_equal(both["b"], grouped.residuals("z", group="b"))
    with pytest.raises(OptionError, match="not a group of this fit") as caught:
        grouped.residuals(group="c")
    assert "'a'" in caught.value.fix
    summary = grouped.residual_summary()
    assert summary.columns.nlevels == 2
    pd.testing.assert_frame_equal(summary["a"], grouped.residual_summary(group="a"))


def test_one_group_has_no_name(fit):
    with pytest.raises(OptionError, match="not a group"):
        fit.residuals(group="all")


def test_summaries(fit):
    table = fit.residual_summary()
    assert table.loc["srmr", "cov"] == pytest.approx(fit.fit_measures["srmr"])
    assert list(table) == ["cov"]
    wide, narrow = (fit.residual_summary(level=level)["cov"] for level in (0.99, 0.5))
    assert wide["usrmr_ci_upper"] > narrow["usrmr_ci_upper"]
    lenient = fit.residual_summary(close=0.10)["cov"]
    assert lenient["usrmr_closefit_h0_value"] == 0.10
    assert lenient["usrmr_closefit_pvalue"] > table.loc["usrmr_closefit_pvalue", "cov"]
    crmr = fit.residual_summary("crmr")["cov"]
    assert crmr["crmr"] == pytest.approx(fit.fit_measures["crmr"])
    rmr = fit.residual_summary("rmr")["cov"]
    assert rmr["rmr"] == pytest.approx(fit.fit_measures["rmr"])
    with pytest.raises(OptionError, match="confidence level"):
        fit.residual_summary(level=95)


def test_a_saturated_model_has_nothing_to_test(answers):
    table = ts.fit("tru1 ~ inf1\nres1 ~ tru1 + inf1", answers).residual_summary()
    assert table.loc["srmr", "cov"] == pytest.approx(0.0, abs=1e-6)
    assert np.isnan(table.loc["srmr_se", "cov"])


@pytest.mark.parametrize(
    "options",
    [
        {"cluster": "unit"},
        {"estimator": "ULS"},
        {"missing": "two.stage"},
        {"sampling_weights": "weight"},
    ],
    ids=str,
)
def test_what_is_refused(models, answers, options):
    data = answers.assign(weight=1.0 + (np.arange(len(answers)) % 2))
    data.loc[3, "inf1"] = np.nan
    fit = ts.fit(models["chain"], data, **options)
    for ask in (lambda: fit.residuals("z"), fit.residual_summary):
        with pytest.raises(NotSupportedError) as caught:
            ask()
        assert caught.value.fix
    assert np.isfinite(fit.residuals("cor")).all(axis=None)


def test_a_saved_fit_knows_what_its_moments_tell(models, fit, answers, tmp_path):
    loaded = ts.read_fit(fit.save(tmp_path / "ml.json"))
    pd.testing.assert_frame_equal(loaded.residuals("z"), fit.residuals("z"))
    robust = ts.fit(models["chain"], answers, estimator="MLR")
    loaded = ts.read_fit(robust.save(tmp_path / "mlr.json"))
    with pytest.raises(DataError, match="need the answers"):
        loaded.residual_summary()
    assert np.isfinite(loaded.residuals("cor")).all(axis=None)


def test_slopes_belong_to_ordinal_items(fit):
    with pytest.raises(OptionError, match="ordinal items only"):
        fit.residuals(slopes=True)
