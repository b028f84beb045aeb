from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.inference.bootstrap import bootstrap_theta, resampled_moments


@pytest.fixture(scope="module")
def rows(answers_of):
    return answers_of(60, units=7)[["inf1", "inf2", "tru1"]].to_numpy()


@pytest.fixture(scope="module")
def clusters():
    return np.sort(np.arange(60) % 7)


def _drawn(seed, size, units):
    return np.random.default_rng(seed).integers(0, units, size=(size, units))


def test_moments_of_literally_resampled_rows(rows):
    got = list(resampled_moments(rows, None, 5, np.random.default_rng(3)))
    cov, mean = got[0]
    for k, picked in enumerate(_drawn(3, 5, len(rows))):
        again = rows[picked]
        np.testing.assert_allclose(mean[k], again.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(cov[k], np.cov(again.T, ddof=0), rtol=1e-11, atol=1e-12)


def test_moments_of_literally_resampled_clusters(rows, clusters):
    cov, mean = next(resampled_moments(rows, clusters, 5, np.random.default_rng(3)))
    names = np.unique(clusters)
    sizes = set()
    for k, picked in enumerate(_drawn(3, 5, len(names))):
        again = np.concatenate([rows[clusters == names[c]] for c in picked])
        sizes.add(len(again))
        np.testing.assert_allclose(mean[k], again.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(cov[k], np.cov(again.T, ddof=0), rtol=1e-11, atol=1e-12)
    assert len(sizes) > 1


def test_draws_come_in_chunks_and_are_all_there(rows, monkeypatch):
    monkeypatch.setattr("truststats.inference.bootstrap._CHUNK", 4)
    got = list(resampled_moments(rows, None, 10, np.random.default_rng(0)))
    assert [len(cov) for cov, _ in got] == [4, 4, 2]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("chain", {}),
        ("chain", {"meanstructure": True}),
        ("equal_labels", {"cluster": "unit"}),
        ("mimic", {}),
        ("observed", {"meanstructure": True}),
    ],
)
def test_a_refit_is_the_fit_of_the_resampled_rows(models, answers_of, name, options):
    data = answers_of()
    fit = ts.fit(models[name], data, **options)
    theta, good = bootstrap_theta(fit.estimate, 3, np.random.default_rng(11))
    assert good.all()
    sample = fit.estimate.sample
    units = 24 if "cluster" in options else len(data)
    for k, picked in enumerate(_drawn(11, 3, units)):
        if "cluster" in options:
            parts = [np.flatnonzero(sample.clusters == c) for c in picked]
            again = data.iloc[np.concatenate(parts)].reset_index(drop=True)
        else:
            again = data.iloc[picked].reset_index(drop=True)
        refit = ts.fit(
            models[name], again, **(options | {"cluster": None, "meanstructure": bool(options)})
        )
        np.testing.assert_allclose(theta[k], refit.estimate.theta, rtol=2e-3, atol=2e-4)


def test_seeds_repeat(models, answers_of):
    estimate = ts.fit(models["two_factors"], answers_of()).estimate
    one, _ = bootstrap_theta(estimate, 20, np.random.default_rng(1))
    two, _ = bootstrap_theta(estimate, 20, np.random.default_rng(1))
    other, _ = bootstrap_theta(estimate, 20, np.random.default_rng(2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


def test_refits_that_fail_are_flagged(models, answers_of, monkeypatch):
    estimate = ts.fit(models["two_factors"], answers_of()).estimate
    monkeypatch.setattr("truststats.inference.bootstrap._QUICK", 1)
    theta, good = bootstrap_theta(estimate, 20, np.random.default_rng(1))
    assert good.all()  # those that are late go on with steps of their own
    assert theta.shape == (20, estimate.layout.q)
