from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, f

from truststats.errors import DataError, OptionError
from truststats.inference.wald import wald

VCOV = np.array([[0.04, 0.01], [0.01, 0.09]])


def test_one_equation_is_z_squared():
    got = wald(np.array([0.6]), np.array([[1.0, 0.0]]), VCOV)
    assert np.isclose(got.chisq, 0.36 / 0.04)
    assert got.df == 1
    assert np.isclose(got.pvalue, chi2.sf(9.0, 1))
    assert got.f is None


def test_two_equations():
    gaps = np.array([0.6, 0.3])
    assert np.isclose(wald(gaps, np.eye(2), VCOV).chisq, gaps @ np.linalg.solve(VCOV, gaps))


def test_an_equation_said_twice_counts_once():
    got = wald(np.array([0.6, 1.2]), np.array([[1.0, 0.0], [2.0, 0.0]]), VCOV)
    assert got.df == 1
    assert np.isclose(got.chisq, 9.0)


def test_equations_that_contradict_each_other():
    with pytest.raises(OptionError, match="contradict"):
        wald(np.array([0.6, -0.4]), np.array([[1.0, 0.0], [1.0, 0.0]]), VCOV)


def test_an_equation_of_nothing():
    with pytest.raises(OptionError, match="does not depend"):
        wald(np.array([0.6]), np.zeros((1, 2)), VCOV)


def test_a_covariance_matrix_without_room():
    with pytest.raises(DataError, match="cannot carry 2 equations"):
        wald(np.array([0.6, 0.3]), np.eye(2), np.ones((2, 2)))


def test_with_clusters_there_is_an_f_test():
    got = wald(np.array([0.6, 0.3]), np.eye(2), VCOV, n_clusters=12)
    assert (got.df, got.df_denominator) == (2, 11)
    assert np.isclose(got.f, got.chisq / 2)
    assert np.isclose(got.pvalue_f, f.sf(got.f, 2, 11))
    assert got.pvalue_f > got.pvalue
    assert np.isnan(wald(np.array([0.6]), np.array([[1.0, 0.0]]), VCOV, n_clusters=1).pvalue_f)
