"""`impute`: fill in missing answers several times, by chained equations."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.options import did_you_mean
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic, labelled

__all__ = ["impute"]

_FIXED_SEED = 20240229
_BURN_IN = 10


def impute(
    data: Any,
    m: int = 20,
    *,
    columns: Sequence[str] | None = None,
    seed: int | None = None,
    neighbours: int = 20,
    skip: int = 3,
) -> list[pd.DataFrame]:
    """Return m copies of a frame with the missing answers filled in, for `fit` to pool.

    Every incomplete column is regressed on all others in turn and a missing value gets the answer
    of a row with a similar prediction (predictive mean matching), so that only answers occur that
    somebody gave.

    Parameters
    ----------
    data : DataFrame
    m : int
        How many; at least 2, and better 20 or more (Graham, Olchowski & Gilreath 2007,
        doi:10.1007/s11121-007-0070-9).
    columns : sequence of str, optional
        Columns that take part: all the model's variables and whatever predicts them or that they
        are missing. Default: every numeric column with more than one value. Other columns are
        copied.
    seed : int, optional
        Default: one fixed seed.
    neighbours : int
        How many rows with similar predictions a value is drawn from.
    skip : int
        Rounds between two of the m frames; ten rounds come first.

    Returns
    -------
    list of DataFrame

    Raises
    ------
    DataError
        If a column is not there, is not numeric or has no value, or nothing is missing.
    OptionError
        For fewer than two imputations.

    Notes
    -----
    Chained equations: van Buuren & Groothuis-Oudshoorn (2011, doi:10.18637/jss.v045.i03), as
    implemented in statsmodels. Clusters are not part of the imputation model.
    """
    if isinstance(data, Survey):
        raise NotSupportedError(
            "impute() takes a data frame, not a survey.",
            why="a survey keeps the codes that respondents gave, and a filled-in answer is none",
            fix="fit the survey with missing='ml', or impute survey.values()",
        )
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"data is a {type(data).__name__}, which is not a pandas DataFrame.")
    if not isinstance(m, int) or m < 2:
        raise OptionError(f"m={m!r} imputations.", why="their spread is needed", fix="use m=20")
    names = _columns(data, columns)
    values = data[names].astype(float)
    if not values.isna().to_numpy().any():
        raise DataError("No value is missing in these columns.", fix="fit the frame itself")
    silent = np.flatnonzero(values.isna().all(axis=1).to_numpy())
    if len(silent):
        raise DataError(
            f"{len(silent)} of {len(values)} rows have no value in any of the columns.",
            where=f"rows {', '.join(map(str, silent[:5] + 1))}"
            f"{' ...' if len(silent) > 5 else ''} (counted from 1)",
            why="an answer is filled in from the row's other answers",
            fix=f"drop them first: frame.dropna(how='all', subset={names[:3]}"
            f"{'' if len(names) <= 3 else ' + ...'})",
        )
    drawn = _draws(values, m, _FIXED_SEED if seed is None else seed, neighbours, skip)
    return [labelled(_filled(data, one), is_synthetic(data)) for one in drawn]


def _columns(data: pd.DataFrame, columns: Sequence[str] | None) -> list[str]:
    """Return the columns that take part."""
    if columns is None:
        numeric = [str(c) for c in data.columns if pd.api.types.is_numeric_dtype(data[c])]
        empty = [name for name in numeric if data[name].isna().all()]
        if empty:
            raise DataError(
                f"No value at all in {', '.join(empty)}.",
                why="nothing tells what could be filled in",
                fix="drop the column",
            )
        return [name for name in numeric if data[name].nunique(dropna=True) > 1]
    for name in columns:
        if name not in data.columns:
            hint = did_you_mean(str(name), map(str, data.columns))
            raise DataError(f"The data have no column {name!r}.{hint}", fix="rename it")
        if not pd.api.types.is_numeric_dtype(data[name]):
            raise DataError(f"Column {name!r} is not numeric.", fix="code it as numbers first")
        if data[name].nunique(dropna=True) < 2:
            raise DataError(f"Column {name!r} does not vary.", fix="leave it out of columns=")
    return list(columns)


def _draws(
    values: pd.DataFrame, m: int, seed: int, neighbours: int, skip: int
) -> list[pd.DataFrame]:
    """Return m completed copies of numeric columns."""
    from statsmodels.imputation.mice import MICEData

    plain = values.reset_index(drop=True).set_axis(
        [f"v{k}" for k in range(values.shape[1])], axis=1
    )
    before = np.random.get_state()  # noqa: NPY002
    # statsmodels draws from numpy's global generator before 0.15, from its own since then
    own: dict[str, Any] = (
        {"rng": seed} if "rng" in inspect.signature(MICEData.__init__).parameters else {}
    )
    np.random.seed(seed)  # noqa: NPY002
    try:
        nearest = min(neighbours, int(plain.notna().sum().min()))
        chain = MICEData(plain, k_pmm=nearest, **own)
        chain.update_all(_BURN_IN)
        out: list[pd.DataFrame] = []
        for _ in range(m):
            chain.update_all(skip)
            done = chain.data[plain.columns].copy()
            out.append(done.set_axis(values.columns, axis=1).set_axis(values.index, axis=0))
    finally:
        np.random.set_state(before)  # noqa: NPY002
    return out


def _filled(data: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the drawn columns, whole numbers as whole numbers again."""
    out = data.copy()
    for name in drawn.columns:
        kind = data[name].dtype
        column = drawn[name]
        out[name] = column if column.dtype == kind else column.astype(kind)
    return out
