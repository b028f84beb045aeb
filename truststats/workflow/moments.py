"""From given moments to the numbers one model needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError
from truststats.estimation.observed import Moments
from truststats.estimation.sample import sample_from_moments
from truststats.workflow.data import Prepared, check_names

__all__ = ["prepare_moments"]


def _named_matrix(cov: Any, names: tuple[str, ...]) -> Array:
    if not isinstance(cov, pd.DataFrame):
        raise DataError(
            "sample_cov must be a DataFrame with variable names as index and columns.",
            fix="pd.DataFrame(matrix, index=names, columns=names)",
        )
    for axis in (cov.columns, cov.index):
        there = list(map(str, axis))
        twice = sorted({name for name in there if there.count(name) > 1})
        if twice:
            raise DataError(f"sample_cov names {', '.join(twice)} twice.", fix="rename one")
        check_names(names, there)
    matrix = cov.loc[list(names), list(names)].to_numpy(dtype=float)
    if np.isnan(matrix).any():
        i, j = np.argwhere(np.isnan(matrix))[0]
        raise DataError(f"sample_cov has no value for {names[i]} and {names[j]}.")
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-10):
        i, j = np.argwhere(~np.isclose(matrix, matrix.T))[0]
        raise DataError(
            f"sample_cov is not symmetric: {names[i]}, {names[j]}.", fix="give the full matrix"
        )
    if np.linalg.eigvalsh(matrix)[0] <= 0:
        raise DataError("sample_cov is not positive definite.", fix="check for typing errors")
    return matrix


def _named_means(sample_mean: Any, names: tuple[str, ...]) -> Array:
    try:
        series = pd.Series(sample_mean, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError("sample_mean holds something that is not a number.") from error
    lacking = [name for name in names if name not in series.index or np.isnan(series[name])]
    if lacking:
        raise DataError(
            f"sample_mean has no value for {', '.join(lacking)}.",
            fix="give a Series or mapping from variable name to mean",
        )
    return series.loc[list(names)].to_numpy(dtype=float)


def prepare_moments(
    names: tuple[str, ...], sample_cov: Any, sample_mean: Any, sample_nobs: Any, has_means: bool
) -> Prepared:
    """Return the sample of given moments; the matrix has divisor N - 1 and is rescaled to N.

    Raises
    ------
    DataError
        If the matrix lacks a variable, is not symmetric or not positive definite, or if
        sample_nobs is missing.
    """
    if sample_nobs is None:
        raise DataError("sample_cov needs sample_nobs=.", fix="give the number of respondents")
    if not isinstance(sample_nobs, (int, float, np.number)) or sample_nobs != int(sample_nobs):
        raise DataError(f"sample_nobs={sample_nobs!r} is not a number of respondents.")
    n = int(sample_nobs)
    matrix = _named_matrix(sample_cov, names)
    if n <= len(names):
        raise DataError(f"sample_nobs={n} is not larger than the {len(names)} variables.")
    mean = np.zeros(len(names))
    if sample_mean is not None:
        mean = _named_means(sample_mean, names)
    elif has_means:
        raise DataError("The model has intercepts but no sample_mean= was given.")
    got = Moments(n=n, mean=mean, cov=matrix * ((n - 1) / n))
    return Prepared((sample_from_moments(got),), n)
