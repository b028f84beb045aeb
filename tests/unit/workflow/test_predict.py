"""Factor scores of a fit: whose rows they are, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import ConvergenceError, DataError, NotSupportedError, OptionError


@pytest.fixture(scope="module")
def answers(answers_of):
    data = answers_of()
    data["group"] = np.where(data["unit"].isin([f"u{k:02d}" for k in range(12)]), "a", "b")
    return data.set_index(pd.Index([f"r{k}" for k in range(len(data))], name="who"))


@pytest.fixture(scope="module")
def fit(models, answers):
    return ts.fit(models["chain"], answers)


def test_a_row_per_row(fit, answers):
    scores = fit.predict()
    assert scores.index.equals(answers.index)
    assert list(scores) == ["info", "trust", "results"]
    np.testing.assert_allclose(scores.mean(), 0.0, atol=1e-10)
    assert np.corrcoef(scores["info"], answers["inf1"])[0, 1] > 0.7


def test_standard_errors_are_columns_of_their_own(fit):
    scores = fit.predict(se=True, method="Bartlett")
    assert list(scores)[3:] == ["info_se", "trust_se", "results_se"]
    assert (scores["info_se"] > 0).all()
    assert scores["info_se"].nunique() == 1


def test_rows_that_were_left_out_have_none(models, answers_of):
    data = answers_of(holes=0.05)
    fit = ts.fit(models["chain"], data)
    scores = fit.predict()
    whole = data[list(fit.partable.ov)].notna().all(axis=1)
    assert (scores.notna().all(axis=1) == whole).all()
    every = ts.fit(models["chain"], data, missing="ml").predict(se=True)
    assert every.notna().all(axis=None)
    # who answered less is known less well
    assert every["info_se"][~whole].mean() > every["info_se"][whole].mean()


def test_new_rows_are_scored_as_those_of_the_fit(fit, answers):
    part = answers.iloc[[5, 3, 100]]
    pd.testing.assert_frame_equal(fit.predict(part), fit.predict().iloc[[5, 3, 100]])


def test_a_new_row_that_is_incomplete(models, answers_of):
    data = answers_of()
    listwise, casewise = (ts.fit(models["chain"], data, missing=m) for m in ("listwise", "ml"))
    new = data.head(3).copy()
    new.loc[0, "inf2"] = np.nan
    new.loc[1, list(listwise.partable.ov)] = np.nan
    assert listwise.predict(new).isna().all(axis=1).tolist() == [True, True, False]
    assert casewise.predict(new).isna().all(axis=1).tolist() == [False, True, False]


def test_a_fixed_covariate_that_is_missing(models, answers_of):
    data = answers_of(holes=0.05)
    data.loc[[4, 7], "x1"] = np.nan
    fit = ts.fit(models["mimic"], data, missing="ml")
    assert fit.predict().index[fit.predict().isna().all(axis=1)].tolist() == [4, 7]
    new = fit.predict(data)
    pd.testing.assert_frame_equal(new, fit.predict())
    free = ts.fit(models["mimic"], data, missing="ml", fixed_x=False)
    assert free.predict().notna().all(axis=None)


def test_groups_have_models_of_their_own(models, answers):
    fit = ts.fit(models["chain"], answers, group="group")
    scores = fit.predict(se=True)
    assert scores.index.equals(answers.index)
    alone = ts.fit(models["chain"], answers[answers["group"] == "a"]).predict(se=True)
    np.testing.assert_allclose(scores[answers["group"] == "a"], alone, atol=1e-4)
    strangers = answers.head(4).assign(group=["a", "b", "c", None])
    assert fit.predict(strangers).isna().all(axis=1).tolist() == [False, False, True, True]
    with pytest.raises(DataError, match="no group column 'group'"):
        fit.predict(answers.drop(columns="group"))


def test_auxiliary_variables_take_no_part(models, answers_of):
    data = answers_of(holes=0.08)
    fit = ts.fit(models["chain"], data, missing="ml", auxiliary=["x1"])
    own = fit.predict()
    assert own.notna().all(axis=None)
    pd.testing.assert_frame_equal(own, fit.predict(data))


def test_how_well_the_scores_are_determined(fit, models, answers):
    quality = fit.score_quality()
    assert list(quality) == ["determinacy", "reliability"]
    assert quality.index.tolist() == ["info", "trust", "results"]
    assert ((quality > 0.5) & (quality < 1.0)).all(axis=None)
    assert (quality["determinacy"] >= fit.score_quality(method="bartlett")["determinacy"]).all()
    grouped = ts.fit(models["chain"], answers, group="group").score_quality()
    assert grouped.index.names == ["group", "factor"]
    assert len(grouped) == 6


def test_reverse_keyed_items_of_a_survey():
    survey = ts.read_survey(ts.load_dataset("municipal_employees"), instrument="tbm-core")
    fit = ts.fit(survey.instrument.constructs["vertical_trust"], survey)
    assert fit.model.recode
    scores = fit.predict()
    assert len(scores) == len(survey.frame)
    np.testing.assert_allclose(fit.predict(survey), scores)
    assert scores.attrs["synthetic"]


def test_what_is_refused(fit, models, answers, answers_of):
    with pytest.raises(OptionError, match="method='ten_berge'"):
        fit.predict(method="ten_berge")
    with pytest.raises(NotSupportedError, match="no factor"):
        ts.fit(models["observed"], answers).predict()
    second = ts.fit(models["second_order"], answers)
    with pytest.raises(NotSupportedError, match="for climate"):
        second.predict(method="bartlett")
    assert "climate" in second.predict()
    with pytest.raises(DataError, match="infinite"):
        fit.predict(answers.head(2).assign(inf1=np.inf))
    with pytest.raises(DataError, match="no column 'inf1'"):
        fit.predict(answers.drop(columns="inf1"))


def test_without_an_optimum_there_are_no_scores(answers):
    fit = ts.fit("info =~ inf1 + inf2 + inf3", answers)
    stopped = replace(fit.estimate.solution, converged=np.array([False]))
    halted = replace(fit, estimate=replace(fit.estimate, solution=stopped))
    with pytest.raises(ConvergenceError, match="did not converge"):
        halted.predict()


def test_a_saved_fit_holds_no_scores(fit, answers, tmp_path):
    path = fit.save(tmp_path / "fit.json")
    assert not {"index", "places", "scores", "rows"} & set(json.loads(path.read_text("utf8")))
    assert "r17" not in path.read_text("utf8")
    loaded = ts.read_fit(path)
    with pytest.raises(DataError, match="no rows to score") as caught:
        loaded.predict()
    assert "fit.predict(data)" in caught.value.fix
    np.testing.assert_allclose(loaded.predict(answers), fit.predict(), atol=1e-8)


def test_moments_have_no_rows(models, answers):
    first = ts.fit(models["chain"], answers)
    cov = answers[list(first.partable.ov)].cov()
    fit = ts.fit(models["chain"], sample_cov=cov, sample_nobs=len(answers))
    with pytest.raises(DataError, match="no rows to score"):
        fit.predict()


def test_rows_of_no_group_of_the_fit_are_refused(models, answers):
    fit = ts.fit(models["chain"], answers, group="group")
    with pytest.raises(DataError, match="No row belongs to a group of this fit in 'group'"):
        fit.predict(answers.assign(group="A"))
    scores = fit.predict(answers.assign(group=answers["group"].replace("a", "c")))
    assert scores["info"].notna().sum() == (answers["group"] == "b").sum()


def test_scores_beside_a_unit_are_refused_unless_allowed_and_coarse(fit, answers):
    with pytest.raises(DataError, match="allow_person_rows=True"):
        fit.predict(answers, keep=["group"])
    beside = fit.predict(answers, keep=["group"], allow_person_rows=True)
    assert list(beside) == ["group", "info", "trust", "results"]
    assert beside["group"].equals(answers["group"])
    with pytest.raises(DataError, match="those of fewer than 5000 people"):
        fit.predict(answers, keep=["group"], allow_person_rows=True, min_n=5000)
    with pytest.raises(OptionError, match="Did you mean 'group'"):
        fit.predict(answers, keep=["grup"], allow_person_rows=True)
    with pytest.raises(DataError, match="The columns to keep are not with this fit"):
        fit.predict(keep=["group"], allow_person_rows=True)


def test_scores_are_no_table(fit, answers):
    scores = fit.predict(answers.reset_index(drop=True))
    with pytest.raises(DataError, match="rows of single people"):
        ts.table(scores.head(3))
    assert len(ts.table(scores, allow_person_rows=True).frame) == len(scores)
    assert len(ts.table(scores.describe()).frame) == 8
