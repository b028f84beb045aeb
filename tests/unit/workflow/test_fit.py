"""The one verb: what it accepts, what it refuses and what it chooses by itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import truststats as ts
from truststats.errors import (
    DataError,
    IdentificationError,
    ModelSyntaxError,
    NotSupportedError,
    OptionError,
)
from truststats.workflow.fit import refit


@pytest.fixture(scope="module")
def data(answers_of):
    return answers_of()


@pytest.fixture(scope="module")
def text(models):
    return models["two_factors"]


@pytest.fixture(scope="module")
def survey():
    return ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")


# options that are refused -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "fix"),
    [
        ({"constraints": "a == b"}, "into the model text"),
    ],
    ids=lambda value: str(value),
)
def test_options_for_later(text, data, option, fix):
    with pytest.raises(NotSupportedError, match="not available yet") as caught:
        ts.fit(text, data, **option)
    assert fix in caught.value.fix
    assert caught.value.why


@pytest.mark.parametrize("option", ["group", "group_label", "ordered", "bounds", "constraints"])
def test_options_for_later_may_be_switched_off(text, data, option):
    assert ts.fit(text, data, **{option: None}).converged


def test_weights_of_the_survey_apply():
    plain = ts.load_dataset()
    frame = plain.assign(w=np.random.default_rng(2).uniform(0.5, 3.0, len(plain)))
    survey = ts.read_survey(frame, instrument="tbm-core", weights="w")
    model = "g =~ goal1 + goal2 + goal3"
    weighted = ts.fit(model, survey)
    assert weighted.options["sampling_weights"] == "w"
    assert weighted.estimator == "MLR"
    assert "Weights          w (worth" in repr(weighted)
    assert ts.fit(model, survey, sampling_weights=None).effective_n is None
    again = ts.fit(model, survey, sampling_weights_normalization="none")
    np.testing.assert_allclose(again.bse, weighted.bse, rtol=1e-5)
    assert again.nobs == weighted.nobs


@pytest.mark.parametrize("name", ["PML", "DLS"])
def test_estimators_for_later(text, data, name):
    with pytest.raises(NotSupportedError, match=f"estimator='{name}' is not available") as caught:
        ts.fit(text, data, estimator=name)
    assert "MLR" in caught.value.fix


def test_unknown_options(text, data):
    with pytest.raises(OptionError, match="no option 'estimater'"):
        ts.fit(text, data, estimater="ML")
    with pytest.raises(OptionError, match="missing='pairwise'"):
        ts.fit(text, data, missing="pairwise")
    with pytest.raises(OptionError, match="estimator='MLQ'"):
        ts.fit(text, data, estimator="MLQ")
    for name in ("information", "se", "test"):
        with pytest.raises(OptionError, match=f"{name}='bootstrapped'"):
            ts.fit(text, data, **{name: "bootstrapped"})
    with pytest.raises(OptionError, match="model_type='grwth'"):
        ts.fit(text, data, model_type="grwth")


def test_casewise_needs_means(text, data):
    with pytest.raises(OptionError, match="meanstructure=False with missing='ml'"):
        ts.fit(text, data, missing="ml", meanstructure=False)


@pytest.mark.parametrize("option", [{"se": "standard"}, {"test": "standard"}], ids=str)
def test_clusters_never_get_independent_standard_errors(text, data, option):
    with pytest.raises(NotSupportedError, match="only robust standard") as caught:
        ts.fit(text, data, cluster="unit", **option)
    assert "cluster=None" in caught.value.fix


def test_robust_needs_rows(text, data):
    moments = {"sample_cov": data[list(_items(text))].cov(), "sample_nobs": 240}
    for options in ({"estimator": "MLR"}, {"se": "robust"}, {"cluster": "unit"}):
        with pytest.raises(NotSupportedError, match="cannot be computed from a covariance matrix"):
            ts.fit(text, **moments, **options)


def test_data_once(text, data):
    with pytest.raises(DataError, match="There are no data"):
        ts.fit(text)
    with pytest.raises(OptionError, match="Both data and sample_cov"):
        ts.fit(text, data, sample_cov=data.cov(numeric_only=True), sample_nobs=240)


def test_moments_do_not_go_with_data(text, data):
    for moments in ({"sample_mean": data.mean(numeric_only=True)}, {"sample_nobs": 7}):
        with pytest.raises(OptionError, match="go with sample_cov, not with data"):
            ts.fit(text, data, **moments)


def test_models_that_are_none(data):
    with pytest.raises(OptionError, match="model is a int"):
        ts.fit(3, data)
    with pytest.raises(OptionError, match="model is a list"):
        ts.fit(["f =~ a"], data)
    with pytest.raises(ModelSyntaxError):
        ts.fit("f =~", data)
    with pytest.raises(IdentificationError):
        ts.fit("f =~ inf1 + inf2", data)


def test_a_framework_needs_a_survey_with_an_instrument(data):
    framework = ts.load_framework()
    with pytest.raises(DataError, match="fitted to a Survey with an instrument") as caught:
        ts.fit(framework, data)
    assert "read_survey" in caught.value.fix
    with pytest.raises(DataError, match="fitted to a Survey"):
        ts.fit(framework, ts.read_survey(data))


# what is chosen -----------------------------------------------------------------------------------


def _items(text):
    return ts.Model.from_text(text).observed


def test_defaults_are_lavaans(text, data):
    fit = ts.fit(text, data)
    assert (fit.estimator, fit.missing, fit.information) == ("ML", "listwise", "expected")
    assert (fit.se_type, fit.test_type) == ("standard", "standard")
    assert fit.scaled is None
    assert not fit.options["meanstructure"]


@pytest.mark.parametrize("name", ["MLR", "mlr", "Mlr"])
def test_mlr(text, data, name):
    fit = ts.fit(text, data, estimator=name)
    assert (fit.estimator, fit.information) == ("MLR", "observed")
    assert (fit.se_type, fit.test_type) == ("robust.huber.white", "yuan.bentler.mplus")
    assert fit.chisq == fit.fit_measures["chisq_scaled"]


def test_clusters_make_it_robust(text, data):
    fit = ts.fit(text, data, estimator="ML", cluster="unit")
    assert (fit.estimator, fit.cluster, fit.n_clusters) == ("MLR", "unit", 24)
    assert fit.options["meanstructure"]


@pytest.mark.parametrize("alias", ["ml", "ML", "fiml", "direct"])
def test_aliases_of_casewise(text, answers_of, alias):
    fit = ts.fit(text, answers_of(holes=0.1), missing=alias)
    assert (fit.missing, fit.information) == ("ml", "observed")
    assert fit.n_patterns > 1


@pytest.mark.parametrize("alias", ["robust.mlr", "sandwich", "robust.huber.white"])
def test_aliases_of_the_sandwich(text, data, alias):
    fit = ts.fit(text, data, se=alias)
    assert (fit.se_type, fit.information) == ("robust.huber.white", "observed")
    assert fit.test_type == "standard"


def test_information_may_be_chosen(text, data):
    observed = ts.fit(text, data, information="observed")
    expected = ts.fit(text, data, information="expected")
    np.testing.assert_allclose(observed.params, expected.params)
    assert (observed.bse != expected.bse).any()


def test_the_default_test_follows_the_estimator(text, data):
    assert ts.fit(text, data, test="default").test_type == "standard"
    assert ts.fit(text, data, estimator="MLR", test="default").scaled is not None


# what is accepted ---------------------------------------------------------------------------------


def test_a_covariance_matrix_gives_what_the_rows_give(text, data):
    items = list(_items(text))
    rows = ts.fit(text, data)
    given = ts.fit(text, sample_cov=data[items].cov(), sample_nobs=len(data))
    np.testing.assert_allclose(given.params, rows.params, rtol=1e-6)
    np.testing.assert_allclose(given.bse, rows.bse, rtol=1e-6)
    pd.testing.assert_series_equal(given.fit_measures, rows.fit_measures, rtol=1e-6)


def test_means_switch_the_mean_structure_on(text, data):
    items = list(_items(text))
    rows = ts.fit(text, data, meanstructure=True)
    given = ts.fit(
        text, sample_cov=data[items].cov(), sample_nobs=len(data), sample_mean=data[items].mean()
    )
    assert given.options["meanstructure"]
    np.testing.assert_allclose(given.params, rows.params, rtol=1e-6)
    assert given.fit_measures["logl"] == pytest.approx(rows.fit_measures["logl"])


def test_a_model_value_and_its_text(text, data):
    model = ts.Model.from_text(text)
    np.testing.assert_array_equal(ts.fit(model, data).params, ts.fit(text, data).params)


def test_constructs_make_a_measurement_model(survey):
    one = ts.fit(survey.instrument["goal_clarity"], survey)
    assert one.partable.lv == ("goal_clarity",)
    two = ts.fit([survey.instrument[key] for key in ("goal_clarity", "vertical_trust")], survey)
    assert two.partable.lv == ("goal_clarity", "vertical_trust")
    assert two.latent_cor().shape == (2, 2)
    assert two.framework is None
    assert two.survey is survey


def test_orthogonal_and_unit_variances(text, data):
    free, zero = ts.fit(text, data), ts.fit(text, data, orthogonal=True)
    assert zero.df == free.df + 1
    unit = ts.fit(text, data, std_lv=True)
    assert unit.chisq == pytest.approx(free.chisq)
    assert "info~~info" not in unit.params


def test_covariates_fixed_or_not(models, data):
    fixed = ts.fit(models["mimic"], data)
    free = ts.fit(models["mimic"], data, fixed_x=False)
    assert free.npar == fixed.npar + 3
    assert free.chisq == pytest.approx(fixed.chisq)
    at = list(fixed.params.index)
    np.testing.assert_allclose(free.params[at], fixed.params, rtol=1e-5, atol=1e-7)


def test_starting_values_of_the_user_lead_to_the_same_place(data):
    plain = ts.fit("f =~ inf1 + inf2 + inf3 + tru1", data)
    started = ts.fit("f =~ inf1 + start(3)*inf2 + start(0.1)*inf3 + tru1", data)
    np.testing.assert_allclose(plain.params, started.params, rtol=1e-5)


@pytest.mark.parametrize(
    "options",
    [{}, {"estimator": "MLR"}, {"missing": "ml"}, {"missing": "ml", "cluster": "unit"}],
    ids=str,
)
def test_the_same_call_twice_is_identical(text, answers_of, options):
    holes = 0.1 if "missing" in options else 0.0
    one, two = (ts.fit(text, answers_of(holes=holes), **options) for _ in range(2))
    pd.testing.assert_frame_equal(one.tidy(), two.tidy(), check_exact=True)
    pd.testing.assert_series_equal(one.fit_measures, two.fit_measures, check_exact=True)
    assert one.provenance == two.provenance


def test_the_data_are_not_changed(text, answers_of):
    data = answers_of(holes=0.1)
    before = data.copy(deep=True)
    ts.fit(text, data, missing="ml", cluster="unit")
    pd.testing.assert_frame_equal(data, before)


def test_a_covariate_with_a_row_of_its_own_stands_loose(data):
    together = ts.fit("inf1 ~ x1 + x2", data)
    loose = ts.fit("inf1 ~ x1 + x2\nx2 ~~ x2", data)
    assert together.problems == ()
    problem = loose.problems[0]
    assert (problem.code, problem.severity, problem.where) == ("loose_covariates", "warning", "x2")
    assert "uncorrelated with the other covariates" in problem.message
    assert ts.fit("inf1 ~ x1 + x2\nx1 ~~ x1 + x2\nx2 ~~ x2", data).problems == ()


# another model on the same rows -------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"estimator": "MLR"}, {"missing": "ml"}, {"missing": "ml", "cluster": "unit"}],
    ids=str,
)
def test_refit_is_a_fit(text, answers_of, options):
    data = answers_of(holes=0.1 if "missing" in options else 0.0)
    other = "trust =~ tru1 + tru2 + tru3\nall =~ inf2 + inf1 + inf3\nall ~ trust"
    got = refit(ts.fit(text, data, **options), ts.Model.from_text(other))
    want = ts.fit(other, data, **options)
    np.testing.assert_allclose(got.params, want.params, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(got.bse, want.bse, rtol=1e-4, atol=1e-6)
    pd.testing.assert_series_equal(got.fit_measures, want.fit_measures, rtol=1e-5, atol=1e-6)


def test_refit_needs_the_same_variables(text, data, tmp_path):
    fit = ts.fit(text, data)
    with pytest.raises(DataError, match="do not share their variables: res1"):
        refit(fit, ts.Model.from_text(text + "\ninfo =~ res1"))
    with pytest.raises(DataError, match="do not share their variables"):
        refit(fit, ts.Model.from_text("inf1 ~ inf2 + inf3 + tru1 + tru2 + tru3"))


def test_refit_needs_data(text, data, tmp_path):
    loaded = ts.read_fit(ts.fit(text, data).save(tmp_path / "fit.json"))
    with pytest.raises(DataError, match="holds no data"):
        refit(loaded, ts.Model.from_text(text))


def test_refit_needs_the_same_orientation(survey):
    fit = ts.fit(survey.instrument["vertical_trust"], survey)
    plain = ts.Model.from_text(str(fit.model))
    with pytest.raises(DataError, match="reverse different items"):
        refit(fit, plain)


def test_a_fit_knows_whether_its_answers_were_simulated(text, answers_of):
    data = answers_of()
    assert not ts.fit(text, data).synthetic
    marked = data.assign(synthetic=1)
    assert ts.fit(text, marked).synthetic
    assert ts.fit(text, pl.from_pandas(marked)).synthetic
    fit = ts.fit(text, ts.read_survey(data, synthetic=True))
    assert refit(fit, fit.model).synthetic
    assert ts.compare(fit, fit).attrs["synthetic"]
    cov = data.select_dtypes("number").cov()
    cov.attrs["synthetic"] = True
    assert ts.fit(text, sample_cov=cov, sample_nobs=100).synthetic


def test_an_option_by_lavaans_name_is_pointed_to_ours(answers_of):
    with pytest.raises(OptionError, match=r"Did you mean 'group_equal'\?"):
        ts.fit("info =~ inf1 + inf2 + inf3", answers_of(), **{"group.equal": "loadings"})


@pytest.mark.parametrize(
    "options", [{"group_equal": 5}, {"group_equal": True}, {"group_partial": [3]}]
)
def test_what_is_equal_is_text(answers_of, options):
    answers = answers_of().assign(city=lambda d: np.arange(len(d)) % 2)
    with pytest.raises(OptionError, match="is no text or list of texts"):
        ts.fit("f =~ inf1 + inf2 + inf3", answers, group="city", **options)
    none = ts.fit("f =~ inf1 + inf2 + inf3", answers, group="city", group_equal=None)
    assert none.options["group_equal"] == ()


@pytest.mark.parametrize("name", ["std_lv", "orthogonal", "meanstructure", "fixed_x"])
@pytest.mark.parametrize("value", ["no", 1, 0])
def test_switches_are_true_or_false(name, value):
    rows = pd.DataFrame(np.random.default_rng(1).normal(size=(50, 3)), columns=list("abc"))
    with pytest.raises(ts.TrustStatsError, match=f"{name}={value!r} is neither True nor False"):
        ts.fit("f =~ a + b + c", rows, **{name: value})
    assert ts.fit("f =~ a + b + c", rows, std_lv=np.bool_(True)).converged


@pytest.mark.parametrize("ordered", [3, {"a": 1}, 2.5])
def test_ordered_takes_names(ordered):
    rows = pd.DataFrame(np.random.default_rng(1).integers(1, 4, (50, 3)), columns=list("abc"))
    with pytest.raises(ts.TrustStatsError, match="names no items"):
        ts.fit("f =~ a + b + c", rows, ordered=ordered)
