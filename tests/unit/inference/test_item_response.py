"""Answers given the factors: probabilities, their slopes, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import truststats as ts
from truststats.errors import NotSupportedError
from truststats.inference.item_response import (
    category_probabilities,
    conditional_moments,
    interval_probability,
    item_response,
    padded_cuts,
    slopes_and_bends,
)

ITEMS = tuple("abcdef")


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    factors = rng.standard_normal((500, 2)) @ np.array([[1.0, 0.5], [0.0, 0.9]])
    y = 0.8 * np.repeat(factors, 3, axis=1) + 0.6 * rng.standard_normal((500, 6))
    out = pd.DataFrame(np.digitize(y, [-0.7, 0.4]), columns=list(ITEMS)).astype(float)
    out["a"] = (out["a"] > 0).astype(float)
    return out


def test_intervals_do_not_round_in_either_tail():
    low, high = np.array([8.0, -9.0, -38.0, -1.0]), np.array([9.0, -8.0, 38.0, 1.0])
    want = [norm.sf(8.0) - norm.sf(9.0), norm.sf(8.0) - norm.sf(9.0), 1.0, norm.cdf(1) * 2 - 1]
    np.testing.assert_allclose(interval_probability(low, high), want, rtol=1e-12)


def test_slopes_and_bends_are_derivatives():
    low, high, h = np.array([-38.0, -0.5, 1.2]), np.array([-1.0, 0.7, 38.0]), 1e-4
    logs, slope, bend = slopes_and_bends(low, high)
    up, down = (slopes_and_bends(low - s * h, high - s * h)[0] for s in (1.0, -1.0))
    np.testing.assert_allclose(slope, (up - down) / (2 * h), rtol=1e-6)
    np.testing.assert_allclose(bend, (up - 2 * logs + down) / h**2, rtol=1e-5)


@pytest.mark.parametrize("parameterization", ["delta", "theta"])
def test_the_model_gives_back_the_moments_of_the_responses(data, parameterization):
    text = "f =~ a + b + c\ng =~ d + e + f1\ng ~ f".replace("f1", "f0")
    frame = data.rename(columns={"f": "f0"})
    fit = ts.fit(text, frame, ordered=True, parameterization=parameterization)
    made = item_response(fit.estimate, fit.partable.ov)
    # both thresholds and correlations of responses with unit variance follow from it
    sd = np.sqrt(1.0 + (made.slopes**2).sum(axis=1))
    corr = made.slopes @ made.slopes.T / np.outer(sd, sd)
    np.fill_diagonal(corr, 1.0)
    implied = fit.estimate.fitted
    np.testing.assert_allclose(corr, implied.cov, atol=1e-10)
    limits = made.cuts / sd[:, None]
    np.testing.assert_allclose(limits[np.abs(made.cuts) < 38.0], implied.cuts, atol=1e-10)
    phi = made.turn @ made.turn.T
    np.testing.assert_allclose(np.corrcoef(phi)[0, 0], 1.0)
    latent = phi / np.sqrt(np.outer(np.diag(phi), np.diag(phi)))
    np.testing.assert_allclose(latent, fit.latent_cor(), atol=1e-10)


def test_items_with_fewer_categories_have_empty_ones_last(data):
    fit = ts.fit("g =~ a + b + c", data, ordered=True)
    cuts = padded_cuts(fit.estimate)
    assert cuts.shape == (3, 4)
    assert list(cuts[0, [0, 2, 3]]) == [-38.0, 38.0, 38.0]
    centre, sd, moved = conditional_moments(fit.estimate, 0, np.array([0.5]), np.zeros((1, 0)))
    chance = category_probabilities(cuts, centre[0, 0], sd)
    assert moved.all()
    np.testing.assert_allclose(chance.sum(axis=1), 1.0)
    assert chance[0, 2] == 0.0


def test_answers_that_depend_on_each_other_are_refused(data):
    fit = ts.fit("g =~ a + b + c + d\na ~~ b", data, ordered=True)
    with pytest.raises(NotSupportedError, match="a and b"):
        item_response(fit.estimate, fit.partable.ov)


def test_codes_that_are_missing_say_nothing(data):
    fit = ts.fit("g =~ a + b + c", data, ordered=True)
    low, high = item_response(fit.estimate, fit.partable.ov).limits(np.array([[-1, 0, 2]]))
    assert (low[0, 0], high[0, 0]) == (-38.0, 38.0)
    assert low[0, 1] == -38.0
    assert high[0, 2] == 38.0
