from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from truststats.errors import OptionError, SurveyError
from truststats.survey import read_survey, scale_scores
from truststats.survey.score import mean_score, scale_items


def test_mean_score_by_hand():
    values = np.array([[1, 2, 3, 4], [5, np.nan, np.nan, 3], [5, np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(mean_score(values, 0.5), [2.5, 4.0, np.nan])
    np.testing.assert_array_equal(mean_score(values, 0.25), [2.5, 4.0, 5.0])
    assert np.isnan(mean_score(np.full((1, 3), np.nan), 0.1)).all()


def test_scores_turn_reverse_keyed_items(instrument, answers):
    scores = scale_scores(read_survey(answers, instrument=instrument))
    trust = answers[["vtr1", "vtr2", "vtr3", "vtr4"]].assign(vtr5=6 - answers["vtr5"])
    pd.testing.assert_series_equal(scores["vertical_trust"], trust.mean(axis=1), check_names=False)
    assert list(scores.filter(like="perceived_control")) == [
        "perceived_control",
        "perceived_control_usefulness",
    ]


def test_other_scales_are_moved_to_the_same_ends(answers):
    frame = pd.DataFrame({"a": [1, 4, 7]})
    survey = read_survey(
        frame, instrument="tbm-core", columns={"vtr1": {"column": "a", "codes": [1, 7]}}
    )
    assert scale_scores(survey)["vertical_trust"].tolist() == [1, 3, 5]
    assert scale_scores(survey, low=0, high=100)["vertical_trust"].tolist() == [0, 50, 100]


def test_separate_dimensions_have_their_own_score(instrument, answers):
    scales = scale_items(read_survey(answers, instrument=instrument))
    assert scales["perceived_control_usefulness"] == ("ctrl5", "ctrl6")
    assert scales["perceived_control"] == ("ctrl1", "ctrl2", "ctrl3", "ctrl4")


@pytest.mark.parametrize("share", [0, 1.2, -1])
def test_min_share_is_a_share(answers, share):
    with pytest.raises(OptionError, match="is no share"):
        scale_scores(read_survey(answers, instrument="tbm-core"), min_share=share)


def test_scores_need_an_instrument(answers):
    with pytest.raises(SurveyError, match="need an instrument"):
        scale_scores(read_survey(answers))
