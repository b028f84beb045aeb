"""The Bollen-Stine bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.errors import ConvergenceError
from truststats.inference import bollen_stine as module
from truststats.inference.bollen_stine import bollen_stine, turned

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3"


@pytest.fixture
def complete(answers_of):
    return answers_of(300).assign(manager=lambda d: (np.arange(len(d)) % 2).astype(float))


@pytest.mark.parametrize("means", [True, False])
def test_the_turned_rows_have_the_models_moments(complete, means):
    estimate = ts.fit(MODEL, complete, meanstructure=means).estimate
    model = turned(estimate)
    rows = model.samples[0].rows
    assert np.cov(rows.T, bias=True) == pytest.approx(estimate.state.sigma[0])
    mean = estimate.state.mu[0] if means else estimate.sample.mean
    assert rows.mean(axis=0) == pytest.approx(mean)


def test_one_seed_gives_one_p_value(complete):
    first, again, other = (
        ts.fit(MODEL, complete, test="bollen.stine", bootstrap=200, seed=seed) for seed in (1, 1, 2)
    )
    assert first.pvalue == again.pvalue
    assert first.chisq == first.test.chisq
    assert 0.0 <= other.pvalue <= 1.0
    assert first.reported_test.name == "bollen.stine"


def test_under_the_model_the_statistics_are_chi_square(complete):
    estimate = ts.fit(MODEL, complete).estimate
    found = bollen_stine(estimate, estimate.chisq, 400, np.random.default_rng(1))
    assert len(found.chisq) + found.failed == 400
    assert found.chisq.mean() == pytest.approx(estimate.df, rel=0.25)
    groups = ts.fit(MODEL, complete, group="manager", group_equal="loadings").estimate
    more = bollen_stine(groups, groups.chisq, 200, np.random.default_rng(1))
    assert more.chisq.mean() == pytest.approx(groups.df, rel=0.25)


def test_refits_that_fail_are_an_error(complete, monkeypatch):
    estimate = ts.fit(MODEL, complete).estimate
    none = np.zeros((10, estimate.q)), np.zeros(10, dtype=bool)
    monkeypatch.setattr(module, "refit_draws", lambda *_: none)
    with pytest.raises(ConvergenceError, match="Only 0 of 10"):
        bollen_stine(estimate, 1.0, 10, np.random.default_rng(1))
