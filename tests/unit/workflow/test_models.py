"""What may be passed as a model, and what is said about it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.errors import DefinitionError
from truststats.workflow.models import (
    absent_items,
    answered_instrument,
    covariates_at_zero,
    loose_covariates,
)

INSTRUMENT = ts.load_instrument("tbm-core")


@pytest.fixture(scope="module")
def answers():
    return ts.load_dataset("municipal_employees")


def test_a_file_with_fewer_items_is_fitted_and_says_so(answers):
    survey = ts.read_survey(answers.drop(columns=["del2", "vtr1", "aut1"]), instrument=INSTRUMENT)
    framework = ts.load_framework()
    model = framework.model(answered_instrument(survey))
    assert "del2" not in model.observed
    found = absent_items(model, survey, framework)
    assert [problem.code for problem in found] == ["items_not_in_file"]
    assert "del2, vtr1, aut1" in found[0].message
    assert found[0].count == 3


def test_a_whole_file_says_nothing(answers):
    survey = ts.read_survey(answers, instrument=INSTRUMENT)
    framework = ts.load_framework()
    assert answered_instrument(survey) is INSTRUMENT
    assert absent_items(framework.model(INSTRUMENT), survey, framework) == []


def test_a_construct_left_with_one_item_is_refused(answers):
    survey = ts.read_survey(answers.drop(columns=["goal1", "goal2"]), instrument=INSTRUMENT)
    with pytest.raises(DefinitionError, match="goal_clarity is measured by 1 item"):
        ts.fit(ts.load_framework(), survey)


def test_a_covariate_with_a_row_of_its_own_is_mentioned(answers):
    text = "trust =~ vtr1 + vtr2 + vtr3\ntrust ~ tenure + goal1\ntenure ~~ tenure"
    fit = ts.fit(text, answers.replace(9, float("nan")), missing="listwise")
    assert "loose_covariates" in [problem.code for problem in fit.problems]
    assert loose_covariates(ts.fit("trust =~ vtr1 + vtr2 + vtr3", answers).partable) == []


def test_constructs_of_the_library_are_taken_as_the_file_holds_them(answers):
    survey = ts.read_survey(answers, instrument=INSTRUMENT)
    fit = ts.fit([ts.load_construct("vertical_trust"), ts.load_construct("results")], survey)
    asked = [*INSTRUMENT["vertical_trust"].items, *INSTRUMENT["results"].items]
    assert fit.partable.ov_ind == tuple(item.name for item in asked)


def test_digits_that_are_text_are_no_numbers(answers):
    frame = answers.assign(unit=answers["unit"].astype(str))
    with pytest.raises(ts.TrustStatsError, match="Column 'unit' holds text"):
        ts.fit("trust =~ vtr1 + vtr2 + vtr3\ntrust ~ unit", frame)


def test_a_growth_model_with_random_covariates_says_that_their_means_are_zero():
    rng = np.random.default_rng(8)
    x, start = rng.normal(2.0, 1.0, 200), rng.normal(size=200)
    data = pd.DataFrame({f"t{k}": start + 0.5 * x + k + rng.normal(size=200) for k in range(4)})
    data["x"] = x
    text = "i =~ 1*t0 + 1*t1 + 1*t2 + 1*t3\ns =~ 0*t0 + 1*t1 + 2*t2 + 3*t3\ni ~ x"
    fixed = ts.fit(text, data, model_type="growth")
    assert covariates_at_zero(fixed.partable) == []
    random = ts.fit(text, data, model_type="growth", fixed_x=False)
    problem = next(p for p in random.problems if p.code == "covariates_at_zero")
    assert problem.where == "x"
    assert problem.remedy.endswith(": x ~ 1")
    freed = ts.fit(f"{text}\nx ~ 1", data, model_type="growth", fixed_x=False)
    assert covariates_at_zero(freed.partable) == []
    assert freed.chisq == pytest.approx(fixed.chisq, abs=1e-6)
    assert random.chisq > freed.chisq + 100.0
