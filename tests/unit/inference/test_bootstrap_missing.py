from __future__ import annotations

import numpy as np
import pytest

import truststats as ts
from truststats.estimation.sample import sample_from_rows
from truststats.inference.bootstrap_missing import incomplete_bootstrap_theta, resampled_rows

MODEL = "info =~ inf1 + inf2 + inf3\ntrust =~ tru1 + tru2 + tru3\ntrust ~ info"


@pytest.fixture(scope="module")
def holed(answers_of):
    rows = answers_of(150, units=10)
    items = [c for c in rows.columns if c[:3] in ("inf", "tru")]
    holes = np.random.default_rng(2).random((len(rows), len(items))) < 0.1
    rows[items] = rows[items].mask(holes)
    return rows


def test_whole_clusters_are_drawn():
    rows = np.arange(20.0).reshape(10, 2)
    clusters = np.array([3, 1, 1, 7, 3, 3, 7, 7, 7, 1])
    sample = sample_from_rows(rows, clusters=clusters)
    (drawn,), (at,) = resampled_rows([sample], np.random.default_rng(0))
    picked = np.unique(clusters)[np.random.default_rng(0).integers(0, 3, 3)]
    expected = np.concatenate([np.flatnonzero(clusters == c) for c in picked])
    np.testing.assert_array_equal(np.sort(at), np.sort(expected))
    np.testing.assert_array_equal(drawn, rows[at])


def test_clusters_of_one_group_are_drawn_within_it():
    first = sample_from_rows(np.arange(12.0).reshape(6, 2), clusters=np.array([0, 0, 1, 1, 2, 2]))
    second = sample_from_rows(np.arange(8.0).reshape(4, 2), clusters=np.array([5, 5, 6, 6]))
    _, (a, b) = resampled_rows([first, second], np.random.default_rng(1))
    assert (len(a), len(b)) == (6, 4)


@pytest.mark.parametrize("cluster", [None, "unit"])
def test_a_refit_is_the_fit_of_the_resampled_rows(holed, cluster):
    fit = ts.fit(MODEL, holed, missing="ml", cluster=cluster)
    theta, good = incomplete_bootstrap_theta(fit.estimate, 3, np.random.default_rng(8))
    assert good.all()
    rng = np.random.default_rng(8)
    for draw in range(3):
        (rows,), _ = resampled_rows(fit.estimate.samples, rng)
        again = ts.fit(MODEL, _frame(fit, rows), missing="ml")
        np.testing.assert_allclose(theta[draw], again.estimate.theta, atol=2e-5)


def test_exogenous_moments_are_those_of_the_resample(holed):
    model = "info =~ inf1 + inf2 + inf3\ninfo ~ x1 + x2"
    fit = ts.fit(model, holed, missing="ml")
    theta, _ = incomplete_bootstrap_theta(fit.estimate, 1, np.random.default_rng(3))
    (rows,), _ = resampled_rows(fit.estimate.samples, np.random.default_rng(3))
    again = ts.fit(model, _frame(fit, rows), missing="ml")
    np.testing.assert_allclose(theta[0], again.estimate.theta, atol=2e-5)


def _frame(fit, rows):
    import pandas as pd

    return pd.DataFrame(rows, columns=list(fit.partable.ov))
