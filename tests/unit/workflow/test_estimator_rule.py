from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import OptionError
from truststats.workflow.estimator_rule import choose_estimator


@pytest.fixture(scope="module")
def survey():
    return ts.read_survey(
        ts.load_dataset(), instrument="tbm-core", cluster="unit", group="city", synthetic=True
    )


@pytest.fixture(scope="module")
def framework():
    return ts.load_framework("tbm")


def _changed(survey, how):
    frame = survey.frame.copy()
    items = list(survey.items)
    frame[items] = how(frame[items])
    return ts.read_survey(frame, instrument="tbm-core", cluster="unit", synthetic=True)


def test_the_bundled_survey_stays_with_numbers(survey, framework):
    got = choose_estimator(survey, framework)
    assert (got.estimator, got.missing, got.reason) == ("MLR", "ml", "numbers")
    assert got.ordered == ()
    assert got.numbers == {
        "items": 44, "few": 0, "piled": 0, "n": 2410, "least_pair": 2020, "missing": 0.04,
    }  # fmt: skip
    assert got.synthetic
    assert list(got.frame["item"]) == list(got.names)
    assert "SYNTHETIC" in repr(got)


def test_four_categories_are_ordered(survey, framework):
    got = choose_estimator(_changed(survey, lambda items: items.mask(items == 1, 2)), framework)
    assert (got.estimator, got.missing, got.reason) == ("WLSMV", "pairwise", "ordered")
    assert got.signs == ("few_categories",)
    assert got.ordered == got.names
    assert got.numbers["few"] == 44


def test_few_people_and_gaps_hold_it_back(survey, framework):
    def thin(items):
        gaps = np.random.default_rng(5).random(items.shape) < 0.15
        return items.mask(items == 1, 2).mask(gaps)

    got = choose_estimator(_changed(survey, thin), framework)
    assert (got.estimator, got.reason) == ("MLR", "held_back")
    assert got.barriers == ("many_missing",)
    few = survey.frame.iloc[:150].copy()
    items = list(survey.items)
    few[items] = few[items].mask(few[items] == 1, 2)
    small = ts.read_survey(few, instrument="tbm-core", synthetic=True)
    got = choose_estimator(small, framework)
    assert got.reason == "held_back"
    assert "few_people" in got.barriers


def test_full_information_asked_for_holds_it_back(survey, framework):
    four = _changed(survey, lambda items: items.mask(items == 1, 2))
    got = choose_estimator(four, framework, missing="ml")
    assert (got.estimator, got.missing, got.barriers) == ("MLR", "ml", ("full_information",))
    assert choose_estimator(four, framework, missing="listwise").estimator == "WLSMV"


def test_pairs_of_answers_need_categories(survey, framework):
    with pytest.raises(OptionError, match="the rule chose numbers"):
        choose_estimator(survey, framework, missing="pairwise")
    got = choose_estimator(survey, framework, estimator="WLSMV", missing="pairwise")
    assert got.missing == "pairwise"


def test_the_user_decides(survey, framework):
    got = choose_estimator(survey, framework, estimator="wlsmv")
    assert (got.estimator, got.missing, got.advice) == ("WLSMV", "pairwise", "MLR")
    assert got.reason == "asked"
    assert not got.automatic
    assert got.ordered == got.names
    got = choose_estimator(survey, framework, estimator="MLM", missing="listwise")
    assert (got.estimator, got.missing, got.ordered) == ("MLM", "listwise", ())
