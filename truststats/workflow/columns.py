"""The columns of a model, read from a survey or any frame as plain numbers."""

from __future__ import annotations

import unicodedata
from typing import Any, NoReturn

import narwhals as nw
import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError
from truststats.model import Model
from truststats.options import did_you_mean
from truststats.survey import Survey

__all__ = ["as_frame", "check_names", "model_rows"]


def as_frame(data: Any) -> pd.DataFrame:
    """Return any narwhals-compatible frame as pandas."""
    if isinstance(data, pd.DataFrame):
        return data
    try:
        return nw.from_native(data, eager_only=True).to_pandas()
    except TypeError as error:
        raise DataError(
            f"data is a {type(data).__name__}, which is not a data frame.",
            fix="pass a Survey from ts.read_survey, or a pandas, polars or pyarrow frame; for a "
            "covariance matrix use sample_cov= and sample_nobs=",
        ) from error


def _numeric(frame: pd.DataFrame, name: str) -> Array:
    """Return one column as floats with NaN, whatever its dtype."""
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise DataError(f"There are {column.shape[1]} columns named {name!r}.", fix="rename one")
    if column.dtype.kind in "mMc":
        raise DataError(
            f"Column {name!r} holds {column.dtype} values.",
            why="a model needs plain numbers",
            fix="turn it into a number first, for example years since a date",
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        _check_order(column.dtype, name)
        column = column.astype(object)
    if _holds_text(column):
        return _refuse_text(column, name)
    if column.dtype.kind in "fiub" and not pd.api.types.is_extension_array_dtype(column.dtype):
        return column.to_numpy(dtype=float)
    try:
        return pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        return _refuse_text(column, name)


def _check_order(kind: pd.CategoricalDtype, name: str) -> None:
    """Raise where a categorical says that its numbers have another order."""
    codes = kind.categories
    if kind.ordered and pd.api.types.is_numeric_dtype(codes) and not codes.is_monotonic_increasing:
        raise DataError(
            f"Column {name!r} is a categorical whose order is not that of its numbers.",
            where=f"{name}: {' < '.join(map(str, codes[:7]))}",
            why="a model goes by the numbers, and would turn or shuffle the answers",
            fix=f"use the places in that order: frame[{name!r}] = frame[{name!r}].cat.codes, where "
            "-1 is a missing answer, or make the numbers ascend",
        )


def _holds_text(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.StringDtype):
        return True
    return column.dtype == object and any(isinstance(value, str) for value in column)


def _refuse_text(column: pd.Series, name: str) -> NoReturn:
    """Raise for text, digits included: a unit code like "0301" is not a number."""
    texts = [value for value in column if isinstance(value, str)] or list(column.dropna())
    raise DataError(
        f"Column {name!r} holds text, for example {texts[0]!r}, in {len(texts)} rows.",
        why="a model needs numbers, and text made of digits may be a code",
        fix="read the file with ts.read_survey, which maps labels and decimal commas, or convert "
        f"the column: frame[{name!r}] = pd.to_numeric(frame[{name!r}])",
    )


def _columns(frame: pd.DataFrame, names: tuple[str, ...]) -> Array:
    """Return columns as an (n, p) float array; plain numbers in one go."""
    if frame.columns.is_unique:
        at = {name: k for k, name in enumerate(frame.columns.tolist())}
        kinds = frame.dtypes.tolist()
        if set(kinds) in ({np.dtype(float)}, {np.dtype(np.int64)}):
            # pandas keeps columns together: one copy, column by column, serves every later pass
            return frame.to_numpy().T[[at[name] for name in names]].astype(float, copy=False).T
        wanted = [kinds[at[name]] for name in names]
        if all(isinstance(d, np.dtype) and d.kind in "fiub" for d in wanted):
            return frame.take([at[name] for name in names], axis=1).to_numpy(dtype=float, copy=True)
    return np.column_stack([_numeric(frame, name) for name in names])


def check_names(names: tuple[str, ...], there: list[str]) -> None:
    """Raise a `DataError` that names the columns which are not there."""
    missing = [name for name in names if name not in there]
    if missing:
        hints = "".join(did_you_mean(name, there) for name in missing[:3])
        written = {unicodedata.normalize("NFC", name) for name in there}
        if any(unicodedata.normalize("NFC", name) in written for name in missing):
            hints += " The names look alike but are made of different Unicode characters."
        raise DataError(
            f"The data have no column {', '.join(map(repr, missing))}.{hints}",
            where="model variables: " + ", ".join(names),
            fix="rename the column or the variable in the model text; a survey that was read with "
            "its instrument knows items by their names",
        )


def _survey_columns(survey: Survey, names: tuple[str, ...]) -> Array:
    items = [name for name in names if name in survey.items]
    check_names(names, [*survey.items, *map(str, survey.frame.columns)])
    values = survey.values(items)
    columns = [
        values[name].to_numpy(dtype=float) if name in items else _numeric(survey.frame, name)
        for name in names
    ]
    return np.column_stack(columns)


def model_rows(model: Model, names: tuple[str, ...], data: Any) -> tuple[Array, pd.DataFrame]:
    """Return the (n, p) values of the model's variables, reverse-keyed, and the data as pandas.

    Raises
    ------
    DataError
        If a column is not there or holds no numbers.
    """
    if isinstance(data, Survey):
        rows, frame = _survey_columns(data, names), data.frame
        recode = model.recode
    else:
        frame = as_frame(data)
        check_names(names, list(map(str, frame.columns)))
        rows = _columns(frame, names)
        recode = {}
    for name, total in recode.items():
        if name in names:
            k = names.index(name)
            rows[:, k] = total - rows[:, k]
    return rows, frame
