from __future__ import annotations

import numpy as np
import pytest

from truststats.estimation.observed import moments
from truststats.estimation.sample import (
    normal_logl,
    reorder,
    sample_from_moments,
    sample_from_rows,
)


@pytest.fixture(scope="module")
def rows(answers_of):
    return answers_of()[["inf1", "inf2", "inf3", "tru1"]].to_numpy()


def test_log_likelihood_of_complete_rows(rows):
    from scipy.stats import multivariate_normal

    cov = np.cov(rows.T, ddof=0)
    want = multivariate_normal.logpdf(rows, rows.mean(axis=0), cov).sum()
    assert normal_logl(cov, len(rows)) == pytest.approx(want, rel=1e-12)
    assert normal_logl(np.zeros((0, 0)), 10) == 0.0


def test_a_sample_of_complete_rows(rows):
    sample = sample_from_rows(rows)
    assert (sample.n, sample.p, sample.incomplete, sample.n_clusters) == (240, 4, None, None)
    np.testing.assert_allclose(sample.cov, np.cov(rows.T, ddof=0))


def test_a_sample_with_holes(rows):
    holed = rows.copy()
    holed[:50, 2] = np.nan
    sample = sample_from_rows(holed)
    assert sample.incomplete is not None
    assert sample.saturated is not None
    assert sample.saturated.converged
    assert sample.saturated_logl == sample.saturated.logl


@pytest.mark.parametrize(("given", "want"), [(None, 4), (6, 6)])
def test_the_number_of_clusters(rows, given, want):
    clusters = np.arange(len(rows)) % 4
    assert sample_from_rows(rows, clusters=clusters, n_clusters=given).n_clusters == want


def test_moments_stand_for_rows(rows):
    of_rows, of_moments = sample_from_rows(rows), sample_from_moments(moments(rows))
    assert of_moments.rows is None
    assert of_moments.saturated_logl == pytest.approx(of_rows.saturated_logl)


@pytest.mark.parametrize("holes", [False, True])
def test_reordering_the_variables(rows, holes):
    table = rows.copy()
    if holes:
        table[:50, 2] = np.nan
    order = [2, 0, 3, 1]
    got, want = reorder(sample_from_rows(table), order), sample_from_rows(table[:, order])
    np.testing.assert_allclose(got.cov, want.cov, rtol=1e-6)
    np.testing.assert_allclose(got.mean, want.mean, rtol=1e-6)
    np.testing.assert_array_equal(got.rows, want.rows)
    assert (got.incomplete is None) == (want.incomplete is None)
    assert got.saturated_logl == pytest.approx(want.saturated_logl)


def test_the_same_order_is_the_same_sample(rows):
    sample = sample_from_rows(rows)
    assert reorder(sample, range(4)) is sample
