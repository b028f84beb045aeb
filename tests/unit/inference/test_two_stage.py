from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.tests import ModelTest
from truststats.inference.two_stage import (
    first_stage,
    two_stage_sample,
    two_stage_test,
    two_stage_vcov,
)

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


@pytest.fixture(scope="module")
def complete(answers_of):
    return answers_of(300)


def test_without_missing_values_the_second_stage_is_all(complete):
    estimate = ts.fit(MODEL, complete, meanstructure=True).estimate
    stage = first_stage(estimate.sample, robust=False)
    np.testing.assert_allclose(stage.weight @ stage.gamma, np.eye(len(stage.weight)), atol=1e-8)
    test = two_stage_test(estimate, ModelTest("standard", 10.0, estimate.df, 0.5), robust=False)
    assert test.scaling_factor == pytest.approx(1.0)
    cov, regular = two_stage_vcov(estimate, robust=False)
    assert regular
    # the weight is that of the unrestricted moments: near, not equal to, the model's own
    ordinary = ts.fit(MODEL, complete, meanstructure=True).vcov
    np.testing.assert_allclose(np.diag(cov), np.diag(ordinary), rtol=0.15)


def test_the_sample_of_the_second_stage_keeps_rows_and_moments(complete):
    holed = complete.mask(np.random.default_rng(2).random(complete.shape) < 0.1)
    sample = ts.fit(MODEL, holed, missing="ml").estimate.sample
    second = two_stage_sample(sample)
    assert second.incomplete is None
    assert np.isnan(second.rows).any()
    np.testing.assert_array_equal(second.cov, sample.cov)
    first = first_stage(second, robust=False)
    assert first is first_stage(second, robust=False)
    full = first_stage(two_stage_sample(ts.fit(MODEL, complete).estimate.sample), robust=False)
    assert np.trace(first.weight @ first.gamma) > np.trace(full.weight @ full.gamma)
