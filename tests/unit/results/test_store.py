"""A fit on disk: every number, no respondent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DataError, NotSupportedError

TEXT = """
info =~ inf1 + a*inf2 + inf3
trust =~ tru1 + a*tru2 + tru3
trust ~ b*info
info ~ x1
twice := 2*b
"""
WAYS = [
    ({}, 0.0),
    ({"estimator": "MLR", "meanstructure": True}, 0.0),
    ({"missing": "ml"}, 0.1),
    ({"missing": "ml", "cluster": "unit"}, 0.1),
    ({"std_lv": True, "fixed_x": False}, 0.0),
]


@pytest.fixture(params=WAYS, ids=lambda way: str(way[0]))
def pair(request, answers_of, tmp_path):
    options, holes = request.param
    fit = ts.fit(TEXT, answers_of(holes=holes), **options)
    path = fit.save(tmp_path / "fit.json")
    return fit, ts.read_fit(path), path


def test_tables_survive(pair):
    fit, back, _ = pair
    exact = {"check_exact": False, "rtol": 1e-12, "atol": 1e-12}
    pd.testing.assert_frame_equal(back.tidy(), fit.tidy(), **exact)
    pd.testing.assert_frame_equal(back.standardized(), fit.standardized(), rtol=1e-9, atol=1e-12)
    pd.testing.assert_series_equal(back.fit_measures, fit.fit_measures, **exact)
    pd.testing.assert_frame_equal(back.effects(), fit.effects(), rtol=1e-9, atol=1e-12)
    pd.testing.assert_frame_equal(
        back.effects("monte_carlo", draws=500), fit.effects("monte_carlo", draws=500), rtol=1e-7
    )
    pd.testing.assert_series_equal(back.r_square, fit.r_square, **exact)
    pd.testing.assert_frame_equal(back.residuals("cor"), fit.residuals("cor"), atol=1e-12)
    # the interval of alpha needs the answers
    of_model = "coefficient != 'alpha'"
    pd.testing.assert_frame_equal(
        back.reliability().query(of_model), fit.reliability().query(of_model), rtol=1e-9
    )
    np.testing.assert_allclose(back.reliability()["value"], fit.reliability()["value"])
    pd.testing.assert_frame_equal(back.cov_params(), fit.cov_params(), **exact)
    pd.testing.assert_frame_equal(back.glance(), fit.glance(), **exact)


def test_what_was_done_survives(pair):
    fit, back, _ = pair
    for name in ("nobs", "n_rows", "npar", "df", "chisq", "pvalue", "estimator", "missing",
                 "se_type", "information", "test_type", "n_clusters", "cluster", "n_patterns",
                 "converged", "iterations", "exclusions", "admissible"):  # fmt: skip
        assert getattr(back, name) == getattr(fit, name), name
    assert back.provenance == json.loads(json.dumps(fit.provenance))
    assert [p.code for p in back.problems] == [p.code for p in fit.problems]
    assert str(back.model) == str(fit.model)
    assert repr(back)


def test_saving_again_gives_the_same_file(pair, tmp_path):
    _, back, path = pair
    again = back.save(tmp_path / "again.json")
    assert again.read_text("utf-8") == path.read_text("utf-8")


def test_no_row_is_written(answers_of, tmp_path):
    data = answers_of(holes=0.1)
    data.loc[0, "inf1"] = 12345.678
    fit = ts.fit(TEXT, data, missing="ml", cluster="unit")
    text = fit.save(tmp_path / "fit.json").read_text("utf-8")
    assert "12345.678" not in text
    assert "u03" not in text
    content = json.loads(text)

    def longest(value):
        if isinstance(value, dict):
            return max((longest(v) for v in value.values()), default=0)
        if isinstance(value, list):
            return max([len(value), *(longest(v) for v in value)])
        return 0

    assert longest(content) <= fit.npar  # nothing is as long as the data


def test_no_row_number_is_written(answers_of, tmp_path):
    fit = ts.fit(TEXT, answers_of())
    problem = ts.Problem("odd", "note", "Some rows are odd.", count=2, rows=(424242, 434343))
    path = replace(fit, noted=(problem,)).save(tmp_path / "fit.json")
    assert "424242" not in path.read_text("utf-8")
    back = ts.read_fit(path).problems[0]
    assert (back.code, back.count, back.rows) == ("odd", 2, ())


def test_what_needs_answers_says_so(answers_of, tmp_path):
    back = ts.read_fit(ts.fit(TEXT, answers_of()).save(tmp_path / "fit.json"))
    with pytest.raises(NotSupportedError, match="holds no rows"):
        ts.bootstrap(back)


def test_an_infinite_or_unknown_number_is_null(answers_of, tmp_path):
    path = ts.fit("inf1 ~~ inf2", answers_of()).save(tmp_path / "fit.json")
    assert "NaN" not in path.read_text("utf-8")
    back = ts.read_fit(path)
    assert np.isnan(back.pvalue)
    assert np.isnan(back.fit_measures["pvalue"])


def test_labels_and_language_survive(tmp_path):
    survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core")
    fit = ts.fit(survey.instrument["vertical_trust"], survey)
    back = ts.read_fit(fit.save(tmp_path / "fit.json"))
    assert back.model.labels == fit.model.labels
    assert dict(back.model.recode) == dict(fit.model.recode)
    assert dict(back.model.constructs) == dict(fit.model.constructs)
    assert list(back.reliability()["label"]) == list(fit.reliability()["label"])


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"truststats_fit": null}', "3"])
def test_a_file_that_is_no_fit(content, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=r"not a saved fit|saved by another version"):
        ts.read_fit(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="not a saved fit") as caught:
        ts.read_fit(tmp_path / "none.json")
    assert "fit.save()" in caught.value.fix


def test_a_file_of_another_version(answers_of, tmp_path):
    path = ts.fit(TEXT, answers_of()).save(tmp_path / "fit.json")
    path.write_text(path.read_text("utf-8").replace('"truststats_fit": 2', '"truststats_fit": 99'))
    with pytest.raises(DataError, match="saved by another version"):
        ts.read_fit(path)


def test_synthetic_answers_stay_synthetic_on_disk(answers_of, tmp_path):
    answers = answers_of()
    real = ts.fit(TEXT, answers)
    answers.attrs["synthetic"] = True
    fit = ts.fit(TEXT, answers)
    back = ts.read_fit(fit.save(tmp_path / "fit.json"))
    assert (real.synthetic, fit.synthetic, back.synthetic) == (False, True, True)
    assert back.provenance["synthetic"] is True
    frames = (back.tidy(), back.standardized(), back.effects(), back.glance(), back.r_square)
    frames += (back.fit_measures, back.residuals(), back.latent_cor(), back.reliability())
    assert all(frame.attrs == {"synthetic": True} for frame in frames)
    assert real.tidy().attrs == {}


def test_what_weights_are_worth_is_kept(answers_of, tmp_path):
    answers = answers_of()
    answers["w"] = np.random.default_rng(2).uniform(0.5, 2.0, len(answers))
    fit = ts.fit("f =~ inf1 + inf2 + inf3", answers, sampling_weights="w")
    again = ts.read_fit(fit.save(tmp_path / "fit.json"))
    assert again.effective_n == pytest.approx(fit.effective_n)
    assert str(again) == str(fit)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("f =~ i1 + i2 + i3\ng =~ j1 + j2\ng ~ f", {"ordered": True}),
        (
            "f =~ i1 + i2 + i3 + c1\ng =~ j1 + j2 + c2\ng ~ f + x\nf ~ x + z",
            {
                "ordered": ["i1", "i2", "i3", "j1", "j2"], "group": "site", "cluster": "unit",
                "parameterization": "theta",
            },
        ),
    ],
    ids=["items", "groups beside others"],
)  # fmt: skip
def test_a_fit_of_ordinal_items_comes_back(tmp_path, text, options):
    data = pd.read_csv(Path(__file__).parents[2] / "reference" / "data" / "ordinal_mixed.csv")
    fit = ts.fit(text, data, **options)
    back = ts.read_fit(fit.save(tmp_path / "fit.json"))
    for name in ("tidy", "standardized", "effects"):
        pd.testing.assert_frame_equal(getattr(back, name)(), getattr(fit, name)())
    pd.testing.assert_series_equal(back.fit_measures, fit.fit_measures)
    assert str(back.sample_moments()) == str(fit.sample_moments())
    assert str(back.implied()) == str(fit.implied())
    with pytest.raises(DataError, match="saved fit"):
        back.modification_indices()
