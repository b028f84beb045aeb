"""From given moments to the numbers one model needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError, OptionError
from truststats.estimation.observed import Moments
from truststats.estimation.sample import Sample, sample_from_moments
from truststats.workflow.columns import check_names
from truststats.workflow.data import Prepared

__all__ = ["matrix_groups", "prepare_moments"]


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


def matrix_groups(sample_cov: Any, group: str | None, group_label: Any) -> tuple[str, ...]:
    """Return the labels of covariance matrices given by group; none for a single matrix.

    Raises
    ------
    OptionError
        If `group` or `group_label` is given beside matrices, or there are fewer than two.
    """
    if group is not None or group_label is not None:
        raise OptionError(
            "group= names a column of rows, and sample_cov has none.",
            fix="for several groups pass sample_cov={'A': matrix, 'B': matrix}, and sample_nobs "
            "and sample_mean by the same labels",
        )
    if not isinstance(sample_cov, Mapping):
        return ()
    labels = tuple(map(str, sample_cov))
    if len(labels) < 2:
        raise OptionError(
            f"sample_cov has {len(labels)} group{'' if len(labels) == 1 else 's'}.",
            why="a comparison needs two or more",
            fix="pass the matrix itself for one group",
        )
    return labels


def _of_group(given: Any, label: str, option: str) -> Any:
    """Return the part of an option that belongs to one group."""
    if given is None:
        return None
    parts = {str(name): part for name, part in given.items()} if isinstance(given, Mapping) else {}
    if label not in parts:
        raise DataError(
            f"{option} has nothing for group {label!r}.",
            fix=f"give {option} as a mapping with the labels of sample_cov",
        )
    return parts[label]


def prepare_moments(
    names: tuple[str, ...], sample_cov: Any, sample_mean: Any, sample_nobs: Any, has_means: bool
) -> Prepared:
    """Return the samples of given moments; matrices have divisor N - 1 and are rescaled to N.

    Parameters
    ----------
    sample_cov : DataFrame, or mapping from group label to DataFrame
    sample_mean, sample_nobs : the same, or mappings with the same labels

    Raises
    ------
    DataError
        If a matrix lacks a variable, is not symmetric or not positive definite, or if
        sample_nobs is missing.
    """
    if not isinstance(sample_cov, Mapping):
        sample = _sample(names, sample_cov, sample_mean, sample_nobs, has_means)
        return Prepared((sample,), int(sample.n))
    samples: list[Sample] = []
    for label, matrix in sample_cov.items():
        mean = _of_group(sample_mean, str(label), "sample_mean")
        size = _of_group(sample_nobs, str(label), "sample_nobs")
        try:
            samples.append(_sample(names, matrix, mean, size, has_means))
        except DataError as error:
            raise DataError(
                f"Group {str(label)!r}: {error.what}", where=error.where, why=error.why,
                fix=error.fix,
            ) from error  # fmt: skip
    return Prepared(tuple(samples), int(sum(sample.n for sample in samples)))


def _sample(
    names: tuple[str, ...], sample_cov: Any, sample_mean: Any, sample_nobs: Any, has_means: bool
) -> Sample:
    """Return the sample of one group's moments."""
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
        raise DataError(
            "The model has means but no sample_mean= was given.",
            fix="pass sample_mean=, or meanstructure=False",
        )
    return sample_from_moments(Moments(n=n, mean=mean, cov=matrix * ((n - 1) / n)))
