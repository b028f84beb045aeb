"""From a survey, a frame or given moments to the numbers one model needs, every loss counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import narwhals as nw
import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, Problem
from truststats.estimation.sample import Sample, sample_from_rows
from truststats.model import Model
from truststats.options import did_you_mean
from truststats.survey import Survey
from truststats.workflow.grouping import Grouping
from truststats.workflow.sampling import Drawn, Sampling, cluster_labels

__all__ = ["Prepared", "as_frame", "check_rows", "model_rows", "prepare_rows", "rows_lost"]


@dataclass(frozen=True)
class Prepared:
    """The samples of a fit, one per group, and what was left out on the way."""

    samples: tuple[Sample, ...]
    n_rows: int
    exclusions: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    index: pd.Index | None = None

    @property
    def sample(self) -> Sample:
        """The sample of an analysis of one group."""
        (only,) = self.samples
        return only


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
        column = column.astype(object)
    if _holds_text(column):
        return _refuse_text(column, name)
    if column.dtype.kind in "fiub" and not pd.api.types.is_extension_array_dtype(column.dtype):
        return column.to_numpy(dtype=float)
    try:
        return pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        return _refuse_text(column, name)


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


def check_rows(rows: Array, names: tuple[str, ...]) -> bool:
    """Refuse columns without use; return whether every value is there."""
    if not len(rows):
        raise DataError("The data have no rows.", fix="check the file or the selection of rows")
    low, high = rows.min(axis=0), rows.max(axis=0)
    if np.isfinite(low).all() and np.isfinite(high).all():
        _check_constant(low, high, names)
        return True
    if np.isinf(rows).any():
        bad = [names[k] for k in np.flatnonzero(np.isinf(rows).any(axis=0))]
        raise DataError(f"Infinite values in {', '.join(bad)}.", fix="replace or drop them")
    seen = ~np.isnan(rows)
    empty = [names[k] for k in np.flatnonzero(~seen.any(axis=0))]
    if empty:
        raise DataError(
            f"No value at all in {', '.join(empty)}.",
            why="nothing can be estimated for a variable nobody answered",
            fix="drop it from the model or check the column mapping",
        )
    low = np.where(seen, rows, np.inf).min(axis=0)
    high = np.where(seen, rows, -np.inf).max(axis=0)
    _check_constant(low, high, names)
    return False


def _check_constant(low: Array, high: Array, names: tuple[str, ...]) -> None:
    constant = [f"{names[k]} (= {low[k]:g})" for k in np.flatnonzero(low == high)]
    if constant:
        raise DataError(
            f"No variation in {', '.join(constant)}.",
            why="a constant has no covariance with anything",
            fix="drop it from the model",
        )


def _check_matrix(cov: Array, names: tuple[str, ...], n: int) -> None:
    sd = np.sqrt(np.diag(cov))
    corr = cov / np.outer(sd, sd)
    if np.linalg.eigvalsh(corr)[0] > 1e-10:
        return
    off = np.abs(np.tril(corr, -1))
    i, j = np.unravel_index(int(off.argmax()), off.shape)
    if off[i, j] > 1.0 - 1e-9:
        raise DataError(
            f"{names[j]} and {names[i]} are the same variable (correlation {corr[i, j]:.6f}).",
            why="the covariance matrix cannot be inverted",
            fix=f"drop {names[i]} from the model",
        )
    raise DataError(
        f"The covariance matrix of {len(names)} variables from {n} rows is singular.",
        why="some variables are exact sums of others, or there are fewer rows than variables",
        fix="drop redundant variables or use more rows",
    )


def _codes(labels: Any) -> tuple[IntArray, BoolArray]:
    codes, _ = pd.factorize(np.asarray(labels, dtype=object), use_na_sentinel=True)
    return codes.astype(np.intp), codes >= 0


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


def prepare_rows(
    model: Model,
    names: tuple[str, ...],
    data: Any,
    *,
    missing: str,
    cluster: Any,
    x: tuple[str, ...],
    groups: Grouping | None = None,
    sampled: Sampling | None = None,
) -> Prepared:
    """Return the samples of the model's variables.

    Parameters
    ----------
    model : Model
        For the reverse keying.
    names : tuple of str
        Observed variables in the model's order.
    data : Survey or frame
    missing : {"listwise", "ml"}
        With "ml" only rows wholly missing, or missing an exogenous variable, are left out.
    cluster : str or None
    x : tuple of str
        Exogenous variables whose moments are fixed.
    groups : Grouping, optional
        The groups of the rows.
    sampled : Sampling, optional
        Weights and strata of the rows.

    Raises
    ------
    DataError
        For missing, text, constant, duplicated or infinite columns and for too few rows.
    """
    rows, frame = model_rows(model, names, data)
    full = check_rows(rows, names)
    keep = np.ones(len(rows), dtype=bool)
    dropped: dict[str, int] = {}

    def drop(bad: Any, reason: str) -> None:
        count = int((bad & keep).sum())
        if count:
            dropped[reason] = count
            keep[bad] = False

    alike = () if groups is None else groups.problems
    if groups is not None:
        _drop_groupless(groups, drop)
    units: IntArray | None = None
    if cluster is not None:
        labels = cluster_labels(data, frame, cluster)
        units, known = _codes(labels)
        drop(~known, f"no value for the cluster {cluster}")
    sampled = Sampling() if sampled is None else sampled
    if sampled.strata is not None:
        drop(sampled.strata < 0, f"no value for the stratum {sampled.strata_name}")
    # lavaan counts the clusters of all rows given, a wholly silent one included
    counted = keep.copy()
    gone = np.zeros((0, 0), dtype=bool) if full else np.isnan(rows)
    if full:
        pass
    elif missing == "listwise":
        drop(gone.any(axis=1), "incomplete on the model's variables (listwise)")
    else:
        drop(gone.all(axis=1), "no answer to any of the model's variables")
        fixed = [names.index(name) for name in x]
        drop(gone[:, fixed].any(axis=1), "missing on an exogenous variable")
    of_group = None if groups is None else groups.codes
    how = sampled.applied(units, keep, keep if missing == "listwise" else counted, of_group)
    members = [(None, np.ones(len(rows), dtype=bool))] if groups is None else [
        (label, groups.codes == k) for k, label in enumerate(groups.labels)
    ]  # fmt: skip
    samples: list[Sample] = []
    for label, inside in members:
        try:
            samples.append(_sample(rows, names, keep, inside, how, missing, cluster))
        except DataError as error:
            if label is None:
                raise
            raise DataError(
                f"Group {label!r}: {error.what}", where=error.where, why=error.why, fix=error.fix
            ) from error
    problems = (*alike, *rows_lost(dropped, len(rows)), *sampled.problems(keep, units, of_group))
    return Prepared(tuple(samples), len(rows), dropped, problems, frame.index)


def _drop_groupless(groups: Grouping, drop: Any) -> None:
    none = groups.codes < 0
    if groups.left_out:
        drop(none, f"in no group of {groups.name} that was asked for")
    else:
        drop(none, f"no value for the group {groups.name}")


def _sample(
    rows: Array,
    names: tuple[str, ...],
    keep: BoolArray,
    inside: BoolArray,
    how: Drawn,
    missing: str,
    cluster: Any,
) -> Sample:
    """Return the sample of one group: rows to keep that are inside it."""
    used = keep & inside
    kept = rows if used.all() else rows[used]
    _check_size(kept, names, int(inside.sum()), missing)
    if len(kept) < len(rows):
        check_rows(kept, names)
    n_clusters: int | None = None
    units = how.units
    if units is not None:
        n_clusters = len(np.unique(units[how.counted & inside])) if how.clustered else None
        units = units[used]
        if len(np.unique(units)) < 2:
            raise DataError(
                f"The cluster variable {cluster!r} has a single value.",
                fix="pass cluster=None, or another variable",
            )
    whole = missing == "listwise" or not np.isnan(kept).any()
    if not whole:
        _check_pairs(kept, names)
    weights = None if how.weights is None else how.weights[used]
    sample = sample_from_rows(
        kept, clusters=units, n_clusters=n_clusters, weights=weights, design=how.design
    )
    if whole:
        _check_matrix(sample.cov, names, len(kept))
    return replace(sample, places=np.flatnonzero(used))


def _check_size(kept: Array, names: tuple[str, ...], n_rows: int, missing: str) -> None:
    if len(kept) > len(names):
        return
    losing = missing == "listwise" and len(kept) < n_rows
    hint = "use missing='ml', which keeps incomplete rows" if losing else ""
    raise DataError(
        f"Only {len(kept)} of {n_rows} rows are left for {len(names)} variables.",
        why="a covariance matrix needs more rows than variables",
        fix=hint or "use fewer variables or more rows",
    )


def _check_pairs(rows: Array, names: tuple[str, ...]) -> None:
    seen = (~np.isnan(rows)).astype(float)
    together = seen.T @ seen
    i, j = np.unravel_index(int(together.argmin()), together.shape)
    if together[i, j] < 2:
        raise DataError(
            f"{names[i]} and {names[j]} are answered together in {int(together[i, j])} rows.",
            why="their covariance cannot be estimated, whatever the method",
            fix="drop one of them",
        )


def rows_lost(dropped: Mapping[str, int], n_rows: int, instead: str = "ml") -> tuple[Problem, ...]:
    """Return a problem for each reason why rows were left out, naming what would keep them."""
    found: list[Problem] = []
    for reason, count in dropped.items():
        share = count / n_rows
        listwise = "listwise" in reason
        severe = share > 0.05
        found.append(
            Problem(
                "rows_excluded",
                "warning" if severe else "note",
                f"{count} of {n_rows} rows ({100 * share:.1f} %) left out: {reason}.",
                f"Use missing={instead!r} to keep incomplete rows." if listwise else "",
                count=count,
            )
        )
    return tuple(found)
