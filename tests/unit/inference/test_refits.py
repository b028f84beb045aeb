from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.estimation.sample import sample_from_rows
from truststats.inference.jackknife import without_each_cluster
from truststats.inference.refits import own_moments, refit_moments, refit_weighted

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info + x1"


@pytest.fixture(scope="module")
def data(answers_of):
    return answers_of(150, units=6)


def test_a_refit_of_the_same_moments_stays(data):
    estimate = ts.fit(MODEL, data, cluster="unit").estimate
    away = estimate.theta[None] * np.array([[1.0], [1.1]])
    theta, good = refit_moments(estimate, own_moments(estimate), away)
    assert good.all()
    np.testing.assert_allclose(theta, np.stack([estimate.theta] * 2), atol=1e-4)


def test_constraints_stay(data):
    text = MODEL.replace("inf2 + inf3", "a*inf2 + b*inf3") + "\na == b"
    estimate = ts.fit(text, data, cluster="unit").estimate
    parts = [without_each_cluster(estimate.sample, np.unique(estimate.sample.clusters))]
    start = np.repeat(estimate.theta[None], 6, axis=0)
    theta, good = refit_moments(estimate, parts, start, estimate.null)
    assert good.all()
    np.testing.assert_allclose(theta[:, 0], theta[:, 1], atol=1e-12)


def test_weights_of_rows_with_holes(data):
    holed = data.copy()
    holed.loc[:20, "inf1"] = np.nan
    estimate = ts.fit(MODEL, holed, missing="ml", cluster="unit").estimate
    weights = (np.arange(len(data)) >= 40).astype(float)
    theta, good = refit_weighted(estimate, [weights], estimate.theta)
    assert good
    want = ts.fit(MODEL, holed[weights > 0], missing="ml", cluster="unit").estimate.theta
    np.testing.assert_allclose(theta, want, atol=2e-5)


def test_moments_without_a_cluster(data):
    rows, units = data[["inf1", "inf2", "tru1"]].to_numpy(), data["unit"].factorize()[0]
    got = without_each_cluster(sample_from_rows(rows, clusters=units), np.arange(6))
    for k in range(6):
        left = rows[units != k]
        np.testing.assert_allclose(got.mean[k], left.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(got.cov[k], np.cov(left.T, ddof=0), rtol=1e-10)
        assert got.mass[k] == len(left)
