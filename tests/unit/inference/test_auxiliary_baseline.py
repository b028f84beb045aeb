from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.sample import sample_from_rows
from truststats.inference.auxiliary_baseline import auxiliary_baseline
from truststats.inference.vcov import casewise_scores


@pytest.fixture(scope="module")
def sample():
    draw = np.random.default_rng(5)
    rows = draw.normal(size=(200, 1)) + draw.normal(size=(200, 6))
    rows[draw.random(rows.shape) < 0.15] = np.nan
    return sample_from_rows(rows[~np.isnan(rows).all(axis=1)])


def test_the_optimum_is_reached_though_the_model_misfits(sample):
    found = auxiliary_baseline([sample], ["a", "b", "c", "d"], ["y", "z"])
    assert found.converged
    assert found.df == 6
    slope = casewise_scores(found).sum(axis=0) / sample.n
    assert np.abs(slope).max() < 1e-5


def test_model_variables_are_uncorrelated_and_auxiliary_ones_are_not(sample):
    sigma = auxiliary_baseline([sample], ["a", "b", "c", "d"], ["y", "z"]).state.sigma[0]
    off = sigma - np.diag(np.diag(sigma))
    assert np.abs(off[:4, :4]).max() == 0.0
    assert (off[4:, :4] != 0).all()
