from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import truststats as ts
from truststats.estimation.constraints import constraints_of
from truststats.inference.bootstrap import (
    Resampled,
    bootstrap_theta,
    group_resamples,
    refit_draws,
    resampled_moments,
)


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


def test_large_data_are_resampled_in_smaller_chunks(rows, monkeypatch):
    whole = next(resampled_moments(rows, None, 6, np.random.default_rng(0)))[0]
    monkeypatch.setattr("truststats.inference.bootstrap._CELLS", 2 * len(rows))
    parts = [cov for cov, _ in resampled_moments(rows, None, 6, np.random.default_rng(0))]
    assert [len(cov) for cov in parts] == [2, 2, 2]
    np.testing.assert_allclose(np.concatenate(parts), whole)


def test_covariance_of_kept_refits():
    theta = np.random.default_rng(0).normal(size=(50, 3))
    np.testing.assert_allclose(Resampled(theta, 0, 1).vcov, np.cov(theta.T))
    np.testing.assert_allclose(Resampled(theta[:, :1], 0, 1).vcov, [[theta[:, 0].var(ddof=1)]])


def _in_groups(data):
    """Return the answers in two groups, with clusters that lie within one or in both."""
    group = np.where(np.arange(len(data)) % 24 < 10, "north", "south")
    mixed = np.arange(len(data)) // 2 % 20
    return data.assign(region=group, mixed=[f"m{k:02d}" for k in mixed])


EQUAL = {"group": "region", "group_equal": ["loadings"]}


def test_groups_are_resampled_by_themselves_and_refitted_together(models, answers_of):
    data = _in_groups(answers_of())
    for options in ({"group": "region"}, EQUAL):
        fit = ts.fit(models["chain"], data, **options)
        theta, good = bootstrap_theta(fit.estimate, 3, np.random.default_rng(5))
        assert good.all()
        rng = np.random.default_rng(5)
        parts = [data[data["region"] == name] for name in fit.partable.group_labels]
        picked = [rng.integers(0, len(part), size=(3, len(part))) for part in parts]
        for k in range(3):
            pairs = zip(parts, picked, strict=True)
            again = pd.concat([part.iloc[rows[k]] for part, rows in pairs], ignore_index=True)
            refit = ts.fit(models["chain"], again, **options)
            order = [list(refit.partable.group_labels).index(x) for x in fit.partable.group_labels]
            assert order == [0, 1]
            np.testing.assert_allclose(theta[k], refit.estimate.theta, rtol=2e-3, atol=2e-4)


def test_clusters_in_several_groups_are_drawn_with_all_of_their_rows(models, answers_of):
    data = _in_groups(answers_of())
    fit = ts.fit(models["chain"], data, cluster="mixed", **EQUAL)
    samples = fit.estimate.samples
    drawn = next(group_resamples(samples, 4, np.random.default_rng(5)))
    picked = _drawn(5, 4, 20)
    theta, good = bootstrap_theta(fit.estimate, 4, np.random.default_rng(5))
    assert good.all()
    names = np.unique(data["mixed"])
    assert len({tuple(n) for n in drawn.n}) > 1
    for k in range(4):
        again = pd.concat([data[data["mixed"] == names[c]] for c in picked[k]], ignore_index=True)
        for g, name in enumerate(fit.partable.group_labels):
            own = again.loc[again["region"] == name, list(fit.partable.ov)].to_numpy()
            assert drawn.n[k, g] == len(own)
            np.testing.assert_allclose(drawn.mean[k, g], own.mean(axis=0))
            np.testing.assert_allclose(drawn.cov[k, g], np.cov(own.T, ddof=0), atol=1e-12)
        options = EQUAL | {"group_label": list(fit.partable.group_labels)}
        refit = ts.fit(models["chain"], again, meanstructure=True, **options)
        np.testing.assert_allclose(theta[k], refit.estimate.theta, rtol=2e-3, atol=2e-4)


def test_clusters_within_groups_are_drawn_within_them(models, answers_of):
    data = _in_groups(answers_of())
    fit = ts.fit(models["two_factors"], data, cluster="unit", group="region")
    drawn = next(group_resamples(fit.estimate.samples, 3, np.random.default_rng(5)))
    rng = np.random.default_rng(5)
    for g, name in enumerate(fit.partable.group_labels):
        part = data[data["region"] == name]
        names = np.unique(part["unit"])
        picked = rng.integers(0, len(names), size=(3, len(names)))
        for k in range(3):
            again = pd.concat([part[part["unit"] == names[c]] for c in picked[k]])
            own = again[list(fit.partable.ov)].to_numpy()
            np.testing.assert_allclose(drawn.mean[k, g], own.mean(axis=0))


@pytest.mark.parametrize(
    "constraint", ["a == b", "a == b*b + 0.2", "a > 0.9"], ids=["linear", "curved", "inequality"]
)
def test_refits_obey_the_constraints(answers_of, constraint):
    text = f"info =~ inf1 + inf2 + inf3\nres1 ~ a*info\nres2 ~ b*info\n{constraint}"
    data = answers_of()
    fit = ts.fit(text, data)
    theta, good = bootstrap_theta(
        fit.estimate, 4, np.random.default_rng(2), constraints_of(fit.partable)
    )
    assert good.all()
    for k, picked in enumerate(_drawn(2, 4, len(data))):
        refit = ts.fit(text, data.iloc[picked].reset_index(drop=True))
        np.testing.assert_allclose(theta[k], refit.estimate.theta, rtol=2e-3, atol=2e-4)


def test_a_resample_without_a_group_has_no_estimate(models, answers_of):
    data = _in_groups(answers_of())
    fit = ts.fit(models["two_factors"], data, cluster="mixed", **EQUAL)
    drawn = next(group_resamples(fit.estimate.samples, 4, np.random.default_rng(5)))
    drawn.n[2, 1] = 0.0
    drawn.cov[2, 1] = np.nan
    theta, good = refit_draws(fit.estimate, drawn)
    assert good.tolist() == [True, True, False, True]
    assert np.isfinite(theta).all()
