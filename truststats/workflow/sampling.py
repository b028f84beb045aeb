"""How the rows were sampled: weights, strata, and clusters that groups of a model share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, NotSupportedError, OptionError, Problem
from truststats.estimation.clusters import ClusterDesign
from truststats.options import choose, did_you_mean
from truststats.survey import Survey

__all__ = ["Drawn", "Sampling", "check_sampling", "cluster_labels", "sampling"]

#: Kish's design effect from which unequal weights are mentioned.
_UNEQUAL = 1.5
NORMALIZATIONS = ("total", "group", "none")


@dataclass(frozen=True)
class Drawn:
    """How each of the rows given was drawn.

    Attributes
    ----------
    units : (n,) int array or None
        Cluster of each row.
    weights : (n,) array or None
        Normalised weight of each row.
    counted : (n,) bool array
        The rows whose clusters count.
    design : ClusterDesign or None
        Where clusters come from strata or span groups.
    clustered : bool
        Whether the units are clusters, not rows.
    """

    units: IntArray | None
    weights: Array | None
    counted: BoolArray
    design: ClusterDesign | None
    clustered: bool


@dataclass(frozen=True)
class Sampling:
    """What is known about how rows came into the sample.

    Attributes
    ----------
    weights : (n,) array or None
        Positive sampling weights of all rows given.
    normalization : {"total", "group", "none"}
        Weights sum to the number of rows, to the number of rows in each group, or stay.
    strata : (n,) int array or None
        Stratum of each row, -1 where it has none.
    strata_labels : tuple of str
    strata_name : str
    lonely_psu : {"fail", "certainty"}
        What a stratum with a single cluster means.
    """

    weights: Array | None = None
    normalization: str = "total"
    strata: IntArray | None = None
    strata_labels: tuple[str, ...] = ()
    strata_name: str = ""
    lonely_psu: str = "fail"

    def normalized(self, keep: BoolArray, groups: IntArray | None) -> Array | None:
        """Return the weights of all rows, normalised over those kept."""
        if self.weights is None or self.normalization == "none":
            return self.weights
        parts = [keep]
        if groups is not None and self.normalization == "group":
            parts = [keep & (groups == g) for g in range(groups.max() + 1)]
        out = self.weights.copy()
        for part in parts:
            total = out[part].sum()
            if total > 0:
                out[part] *= part.sum() / total
        return out

    def design(
        self, units: IntArray | None, counted: BoolArray, groups: IntArray | None
    ) -> tuple[ClusterDesign, IntArray] | None:
        """Return the design and the cluster number of each row; None if clusters are all.

        Parameters
        ----------
        units : (n,) int array or None
            Cluster of each row; without clusters rows are the units of their strata.
        counted : (n,) bool array
            The rows whose clusters count.
        groups : (n,) int array or None
            Group of each row.

        Raises
        ------
        DataError
            If a cluster lies in two strata, or a stratum has a single cluster.
        """
        spans = units is not None and groups is not None and _spans(units, groups, counted)
        if self.strata is None and not spans:
            return None
        own = np.arange(len(counted)) if units is None else units
        there, codes = np.unique(own[counted], return_inverse=True)
        numbers = np.full(len(counted), -1, dtype=np.intp)
        numbers[counted] = codes
        if self.strata is None:
            return ClusterDesign(len(there)), numbers
        strata = np.full(len(there), -1, dtype=np.intp)
        strata[codes] = self.strata[counted]
        if (strata[codes] != self.strata[counted]).any():
            self._refuse_crossing(codes, self.strata[counted])
        used, strata = np.unique(strata, return_inverse=True)
        self._check_lonely(used, strata)
        return ClusterDesign(len(there), strata), numbers

    def _refuse_crossing(self, codes: IntArray, strata: IntArray) -> None:
        pairs = np.unique(np.stack([codes, strata], axis=1), axis=0)
        counts = np.bincount(pairs[:, 0])
        found = pairs[pairs[:, 0] == int(counts.argmax())][:, 1]
        names = ", ".join(self.strata_labels[k] for k in found[:4])
        raise DataError(
            f"{int((counts > 1).sum())} clusters lie in more than one stratum of "
            f"{self.strata_name!r}; one of them is in {names}.",
            why="clusters are drawn within strata",
            fix="if cluster numbers start again in every stratum, combine the two: "
            f"frame['cluster'] = frame[{self.strata_name!r}].astype(str) + ' ' + "
            "frame['cluster'].astype(str)",
        )

    def _check_lonely(self, used: IntArray, strata: IntArray) -> None:
        alone = np.flatnonzero(np.bincount(strata) == 1)
        if not len(alone) or self.lonely_psu == "certainty":
            return
        names = ", ".join(self.strata_labels[k] for k in used[alone][:5])
        more = f" and {len(alone) - 5} more" if len(alone) > 5 else ""
        raise DataError(
            f"{len(alone)} strat{'a' if len(alone) > 1 else 'um'} of {self.strata_name!r} with a "
            f"single cluster: {names}{more}.",
            why="the variance within a stratum cannot be estimated from one cluster",
            fix="merge each with a similar stratum, or pass lonely_psu='certainty' if it was "
            "certain to be in the sample",
        )

    def applied(
        self,
        units: IntArray | None,
        keep: BoolArray,
        counted: BoolArray,
        groups: IntArray | None,
    ) -> Drawn:
        """Return weights normalised over the rows kept, and the design of their clusters."""
        weights = self.normalized(keep, groups)
        found = self.design(units, counted, groups)
        if found is None:
            return Drawn(units, weights, counted, None, units is not None)
        return Drawn(found[1], weights, counted, found[0], units is not None)

    def problems(
        self, keep: BoolArray, units: IntArray | None, groups: IntArray | None
    ) -> list[Problem]:
        """Return what a reader should know about the sample."""
        found: list[Problem] = []
        if self.weights is not None:
            w = self.weights[keep] / self.weights.max()
            effect = len(w) * float((w**2).sum()) / float(w.sum()) ** 2
            if effect >= _UNEQUAL:
                found.append(_unequal(effect, len(w)))
        if units is not None and groups is not None and _spans(units, groups, keep):
            found.append(_spanning())
        return found


def _unequal(effect: float, n: int) -> Problem:
    return Problem(
        "unequal_weights",
        "note",
        f"The sampling weights are very unequal: {n} rows weigh as much as {n / effect:.0f} with "
        f"equal weights (design effect {effect:.2f}).",
        "Compare with an unweighted fit; if only few weights are extreme, ask whoever made them "
        "whether they were trimmed.",
        count=n,
    )


def _spanning() -> Problem:
    return Problem(
        "clusters_span_groups",
        "note",
        "Clusters span groups, so the answers of different groups are not independent.",
        "Nothing to do: a cluster's scores are summed over groups. Lavaan takes groups as "
        "independent, so its standard errors of parameters that groups share differ.",
    )


def _spans(units: IntArray, groups: IntArray, keep: BoolArray) -> bool:
    used = keep & (units >= 0) & (groups >= 0)
    pairs = np.unique(np.stack([units[used], groups[used]], axis=1), axis=0)
    return len(pairs) > len(np.unique(units[used]))


def _column(frame: pd.DataFrame, name: Any, what: str) -> pd.Series:
    if not isinstance(name, str):
        given = repr(name) if isinstance(name, int | float) else f"a {type(name).__name__}"
        raise OptionError(f"{what}= is {given}, not the name of a column.", fix=f'{what}="weight"')
    if name not in frame.columns:
        raise DataError(
            f"The data have no column {name!r} for {what}."
            f"{did_you_mean(name, map(str, frame.columns))}",
            fix="name the column of the data",
        )
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise DataError(f"There are {column.shape[1]} columns named {name!r}.", fix="rename one")
    return column


def _rows(bad: BoolArray) -> str:
    at = np.flatnonzero(bad) + 1
    more = f" and {len(at) - 5} more" if len(at) > 5 else ""
    return f"row{'s' if len(at) > 1 else ''} {', '.join(map(str, at[:5]))}{more}"


def _weights(frame: pd.DataFrame, name: str) -> Array:
    """Return positive weights, or say which rows have none."""
    column = _column(frame, name, "sampling_weights")
    try:
        values = pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise DataError(
            f"The sampling weights {name!r} are not numbers.", fix="convert the column to numbers"
        ) from error
    for bad, what, fix in (
        (np.isnan(values), "no sampling weight", "give each a weight, or drop the rows"),
        (np.isinf(values), "an infinite sampling weight", "correct the weights"),
        (values < 0, "a negative sampling weight", "correct the weights"),
        (values == 0, "a sampling weight of zero", "drop these rows: they do not count"),
    ):
        if bad.any():
            raise DataError(
                f"{int(bad.sum())} row{'s have' if bad.sum() > 1 else ' has'} {what} in {name!r}: "
                f"{_rows(bad)} (counted from 1).",
                why="a weight says how many people a row stands for",
                fix=fix,
            )
    return values


def cluster_labels(data: Any, frame: pd.DataFrame, cluster: str) -> Any:
    """Return the cluster of each row, as the survey reads it or as the frame has it."""
    if isinstance(data, Survey) and cluster == data.design.cluster:
        return data.clusters()
    if not isinstance(cluster, str | int):
        raise OptionError(
            f"cluster= is a {type(cluster).__name__}, not the name of a column.",
            fix='cluster="unit"',
        )
    if cluster not in frame.columns:
        raise DataError(
            f"The data have no cluster column {cluster!r}."
            f"{did_you_mean(str(cluster), map(str, frame.columns))}",
            fix="name the column that holds the unit of each respondent",
        )
    column = frame[cluster]
    if isinstance(column, pd.DataFrame):
        raise DataError(f"There are {column.shape[1]} columns named {cluster!r}.", fix="rename one")
    return column


def sampling(data: Any, frame: pd.DataFrame, drawn: Mapping[str, Any]) -> Sampling:
    """Return how the rows were sampled.

    Parameters
    ----------
    data : Survey or frame
        As the user gave it.
    frame : DataFrame
        The same rows as pandas.
    drawn : mapping
        The options sampling_weights, sampling_weights_normalization, strata, lonely_psu.

    Raises
    ------
    DataError
        If a column is not there, or a weight is missing, zero, negative or no number.
    """
    weights, strata = drawn["sampling_weights"], drawn["strata"]
    values = codes = None
    labels: tuple[str, ...] = ()
    if weights is not None:
        values = _weights(_with_design(data, frame, weights), weights)
    if strata is not None:
        found, names = pd.factorize(_column(frame, strata, "strata"), use_na_sentinel=True)
        codes, labels = found.astype(np.intp), tuple(map(str, names))
    return Sampling(
        values,
        drawn["sampling_weights_normalization"],
        codes,
        labels,
        strata or "",
        drawn["lonely_psu"],
    )


def check_sampling(
    drawn: Mapping[str, Any], made: Mapping[str, Any], auxiliary: Any, *, rows: bool
) -> None:
    """Raise unless weights and strata are known to go with the other options of a fit."""
    choose(
        "sampling_weights_normalization", drawn["sampling_weights_normalization"], NORMALIZATIONS
    )
    choose("lonely_psu", drawn["lonely_psu"], ("fail", "certainty"))
    given = [name for name in ("sampling_weights", "strata") if drawn[name] is not None]
    if not given:
        return
    if not rows:
        raise OptionError(
            f"{given[0]}= needs the rows, and only a covariance matrix was given.",
            fix="pass the data, or a matrix computed with the weights",
        )
    if auxiliary or made["missing"] not in ("listwise", "ml", "pairwise"):
        what = "auxiliary=" if auxiliary else f"missing={made['missing']!r}"
        raise NotSupportedError(
            f"{given[0]}= does not go with {what}.",
            why="this combination is not checked against an independent source",
            fix="use missing='ml'",
        )
    if drawn["strata"] is not None and made["se"] == "cr3":
        raise NotSupportedError(
            "The cluster jackknife of a stratified sample is not available.",
            why="it is not checked against an independent source",
            fix="leave strata= out, which is conservative, or use se='robust.huber.white'",
        )


def _with_design(data: Any, frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the frame with the survey's own reading of its weights."""
    if isinstance(data, Survey) and name == data.design.weights:
        column = data.weights()
        assert column is not None
        return pd.DataFrame({name: column})
    return frame
