"""From a survey, a frame or given moments to the numbers one model needs, every loss counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, Problem
from truststats.estimation.sample import Sample, sample_from_rows
from truststats.model import Model
from truststats.workflow.columns import model_rows
from truststats.workflow.grouping import Grouping
from truststats.workflow.sampling import Drawn, Sampling, cluster_labels

__all__ = ["Prepared", "Used", "check_rows", "in_group", "prepare_rows", "rows_lost", "use_rows"]


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


@dataclass(frozen=True)
class Used:
    """The answers to a model's variables, which rows of them are used, and how these were drawn.

    Attributes
    ----------
    rows : (n, p) array
        All rows given, NaN where missing.
    keep : (n,) bool array
    dropped : mapping of str to int
        Rows left out, by reason.
    drawn : Drawn
    members : tuple of (label, (n,) bool array)
        The rows of each group; one of label None without groups.
    problems : tuple of Problem
    index : Index
    """

    rows: Array
    keep: BoolArray
    dropped: Mapping[str, int]
    drawn: Drawn
    members: tuple[tuple[str | None, BoolArray], ...]
    problems: tuple[Problem, ...]
    index: pd.Index


def use_rows(
    model: Model,
    names: tuple[str, ...],
    data: Any,
    *,
    missing: str,
    cluster: Any,
    x: tuple[str, ...],
    groups: Grouping | None = None,
    sampled: Sampling | None = None,
    instead: str = "ml",
) -> Used:
    """Return which rows are used and how they were drawn; see `prepare_rows`.

    `instead` is the treatment of missing answers that would keep incomplete rows.
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
    fixed = [names.index(name) for name in x]
    if not full:
        _drop_gaps(np.isnan(rows), fixed, missing, drop)
    of_group = None if groups is None else groups.codes
    how = sampled.applied(units, keep, keep if missing == "listwise" else counted, of_group)
    members: list[tuple[str | None, BoolArray]] = [(None, np.ones(len(rows), dtype=bool))]
    if groups is not None:
        members = [(label, groups.codes == k) for k, label in enumerate(groups.labels)]
    problems = (
        *alike, *rows_lost(dropped, len(rows), instead), *sampled.problems(keep, units, of_group)
    )  # fmt: skip
    return Used(rows, keep, dropped, how, tuple(members), problems, frame.index)


def _drop_gaps(gone: BoolArray, fixed: list[int], missing: str, drop: Any) -> None:
    if missing == "listwise":
        drop(gone.any(axis=1), "incomplete on the model's variables (listwise)")
        return
    open_ = np.delete(gone, fixed, axis=1) if missing == "pairwise" else gone
    drop(open_.all(axis=1), "no answer to any of the model's variables")
    drop(gone[:, fixed].any(axis=1), "missing on an exogenous variable")


def in_group(error: DataError, label: str | None) -> DataError:
    """Return an error that names the group it is about."""
    if label is None:
        return error
    return DataError(
        f"Group {label!r}: {error.what}", where=error.where, why=error.why, fix=error.fix
    )


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
    used = use_rows(
        model, names, data, missing=missing, cluster=cluster, x=x, groups=groups, sampled=sampled
    )
    samples: list[Sample] = []
    for label, inside in used.members:
        try:
            samples.append(
                _sample(used.rows, names, used.keep, inside, used.drawn, missing, cluster)
            )
        except DataError as error:
            raise in_group(error, label) from error
    return Prepared(tuple(samples), len(used.rows), used.dropped, used.problems, used.index)


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
