from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.psychometrics.heterotrait import complete_rows, ratio_draws, ratio_errors
from truststats.psychometrics.validity import correlations

TEXT = "f =~ a1 + a2 + a3\ng =~ b1 + b2 + b3"
BLOCKS = (np.arange(3), np.arange(3, 6))


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(17)
    f = rng.normal(size=(600, 1))
    g = 0.6 * f + 0.8 * rng.normal(size=(600, 1))
    x = np.hstack([f + 0.7 * rng.normal(size=(600, 3)), g + 0.7 * rng.normal(size=(600, 3))])
    return pd.DataFrame(x, columns=["a1", "a2", "a3", "b1", "b2", "b3"])


def errors(fit, geometric=False):
    group = fit.estimate.groups[0]
    return ratio_errors(group, correlations(group.sample.cov), BLOCKS, geometric=geometric)


@pytest.mark.parametrize("geometric", [False, True])
def test_the_delta_method_agrees_with_resamples(answers, geometric):
    fit = ts.fit(TEXT, answers)
    group = fit.estimate.groups[0]
    drawn = ratio_draws(group, BLOCKS, 600, np.random.default_rng(1))
    assert errors(fit, geometric)[0] == pytest.approx(drawn[geometric].std(), rel=0.12)


def test_normal_theory_without_rows(answers):
    alone = ts.fit(TEXT, sample_cov=answers.cov(), sample_nobs=600)
    assert not complete_rows(alone.estimate.groups[0])
    assert errors(alone)[0] == pytest.approx(errors(ts.fit(TEXT, answers))[0], rel=0.15)


def test_holes_and_ordinal_items_go_by_the_delta_method(answers):
    holes = answers.mask(np.random.default_rng(3).random(answers.shape) < 0.15)
    fit = ts.fit(TEXT, holes, missing="ml")
    assert not complete_rows(fit.estimate.groups[0])
    assert errors(fit)[0] > errors(ts.fit(TEXT, answers))[0]
    cut = answers.apply(lambda x: np.digitize(x, [-1, 0, 1]))
    ordinal = ts.fit(TEXT, cut, ordered=True)
    assert not complete_rows(ordinal.estimate.groups[0])
    assert 0.5 < errors(ordinal)[0] / errors(ts.fit(TEXT, answers))[0] < 2.5
