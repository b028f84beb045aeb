"""The answers of two waves as one frame: items under their old names, turned to their construct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from truststats.arrays import Array, BoolArray, IntArray
from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.options import FROM_SURVEY, did_you_mean
from truststats.results.instrument_change import InstrumentChange
from truststats.survey import Survey
from truststats.survey.synthetic import labelled
from truststats.survey.value import orient
from truststats.workflow.grouping import written_levels

__all__ = ["CLUSTER", "WAVE", "WEIGHT", "TwoWaves", "waves_of"]

WAVE, CLUSTER, WEIGHT = "wave", "cluster", "weight"


@dataclass(frozen=True)
class TwoWaves:
    """Two waves in one frame.

    Attributes
    ----------
    frame : DataFrame
        Items that both versions ask and both files hold, by their old names and with
        reverse-keyed ones turned round; ``wave``, ``cluster`` and ``weight``.
    labels : (str, str)
    clustered, weighted : bool
        Whether rows depend on each other, and whether they have weights.
    both : int
        People known to be in both waves.
    synthetic : bool
    """

    frame: pd.DataFrame
    labels: tuple[str, str]
    clustered: bool
    weighted: bool
    both: int
    synthetic: bool

    @property
    def new(self) -> BoolArray:
        """The rows of the new wave, (n,)."""
        return (self.frame[WAVE] == self.labels[1]).to_numpy()

    @property
    def clusters(self) -> IntArray:
        """The cluster of each row, (n,), from 0."""
        return self.frame[CLUSTER].to_numpy(dtype=np.intp)

    @property
    def weights(self) -> Array:
        """The weight of each row, (n,)."""
        return self.frame[WEIGHT].to_numpy(dtype=float)


def waves_of(
    change: InstrumentChange,
    old: Any,
    new: Any,
    *,
    id: Any = FROM_SURVEY,
    cluster: Any = FROM_SURVEY,
    labels: tuple[str, str] | None = None,
) -> TwoWaves:
    """Return both waves in one frame.

    Parameters
    ----------
    change : InstrumentChange
    old, new : Survey
        Of the versions that were compared.
    id : str or None
        Column of both surveys that names the respondent; by default that of their design.
    cluster : str or None
        Column of both surveys that names the unit; by default that of their design.
    labels : (str, str), optional
        What the waves are called; by default by the versions.

    Raises
    ------
    OptionError
        If a survey was not read with its version of the questionnaire, or both waves are called
        the same.
    DataError
        If a column is not there, or nobody or somebody twice is named by `id`.
    NotSupportedError
        If people answered from different units.
    """
    surveys = (_checked(old, change.old, "old"), _checked(new, change.new, "new"))
    parts = [_items(survey, change, side) for side, survey in enumerate(surveys)]
    names = _labels(change, labels)
    frame = pd.concat(parts, ignore_index=True, join="inner")
    people = _column(surveys, _named(surveys, id, "respondent"), "id")
    units = _column(surveys, _named(surveys, cluster, "cluster"), "cluster")
    at_new = np.repeat([False, True], [len(part) for part in parts])
    both = _in_both(people, at_new, asked=isinstance(id, str))
    codes = _clusters(people if both else None, units, len(frame))
    weights = [survey.weights() for survey in surveys]
    weight = [
        np.ones(survey.n) if given is None else given.to_numpy(dtype=float)
        for survey, given in zip(surveys, weights, strict=True)
    ]
    frame[WAVE] = np.where(at_new, names[1], names[0])
    frame[CLUSTER] = np.arange(len(frame)) if codes is None else codes
    frame[WEIGHT] = np.concatenate(weight)
    synthetic = any(survey.synthetic for survey in surveys)
    return TwoWaves(
        labelled(frame, synthetic), names, codes is not None,
        any(given is not None for given in weights), both, synthetic,
    )  # fmt: skip


def _checked(survey: Any, instrument: Any, side: str) -> Survey:
    """Return a survey that was read with the version it should have."""
    name = f"{instrument.name} {instrument.version}"
    if not isinstance(survey, Survey):
        raise OptionError(
            f"The {side} wave is a {type(survey).__name__}, not a Survey.",
            why="only a survey knows which questionnaire was answered",
            fix=f"read it with ts.read_survey(file, instrument=...), the one of {name}",
        )
    if survey.instrument is None or survey.instrument.content_hash != instrument.content_hash:
        found = "no questionnaire"
        if survey.instrument is not None:
            found = (
                f"{survey.instrument.name} {survey.instrument.version} "
                f"({survey.instrument.short_hash})"
            )
        raise OptionError(
            f"The {side} wave was read with {found}, not with {name} ({instrument.short_hash}).",
            why="items are matched by the two versions that were compared",
            fix="read each wave with its own version, and give the older wave first",
        )
    return survey


def _items(survey: Survey, change: InstrumentChange, side: int) -> pd.DataFrame:
    """Return the items of both versions that the file holds, by their old names."""
    names = {}
    for row in change.items:
        if row.old is None or row.new is None:
            continue
        own = (row.old, row.new)[side].name
        if own in survey.items:
            names[own] = row.name
    return orient(survey, survey.values(list(names))).rename(columns=names)


def _labels(change: InstrumentChange, given: tuple[str, str] | None) -> tuple[str, str]:
    """Return what the waves are called."""
    if given is not None:
        one, two = (str(label).strip() for label in given)
        if not one or not two or one == two:
            raise OptionError(
                f"waves={given!r} does not tell the waves apart.", fix='waves=("2025", "2027")'
            )
        return one, two
    pairs = [(change.old.version, change.new.version), (change.old.name, change.new.name)]
    for one, two in pairs:
        if one != two:
            return one, two
    return "old", "new"


def _named(surveys: Sequence[Survey], given: Any, design: str) -> tuple[str, str] | None:
    """Return the columns that are meant, in the old and the new survey."""
    if given is None:
        return None
    if given is not FROM_SURVEY:
        return given, given
    own = [getattr(survey.design, design) for survey in surveys]
    if own[0] is None or own[1] is None:
        return None
    return own[0], own[1]


def _column(
    surveys: Sequence[Survey], names: tuple[str, str] | None, option: str
) -> pd.Series | None:
    """Return a column of both surveys as text, blank as missing."""
    if names is None:
        return None
    found = []
    for survey, name in zip(surveys, names, strict=True):
        if name not in survey.frame.columns:
            raise DataError(
                f"The survey {survey.source!r} has no column {name!r}."
                f"{did_you_mean(str(name), map(str, survey.frame.columns))}",
                fix=f"{option}= a column that both surveys have, or None",
            )
        raw, levels = written_levels(survey.frame[name])
        texts = np.array([*(level.strip() for level in levels), None], dtype=object)
        found.append(pd.Series(texts[raw], dtype=object))
    return pd.concat(found, ignore_index=True)


def _in_both(people: pd.Series | None, new: BoolArray, *, asked: bool) -> int:
    """Return how many people are in both waves."""
    if people is None:
        return 0
    for side in (~new, new):
        twice = people[side].dropna()
        if twice.duplicated().any():
            raise DataError(
                f"{int(twice.duplicated().sum())} rows of one wave name somebody a second time.",
                why="one person has one row in each wave",
                fix="drop the repeated rows, or leave id= out if it names something else",
            )
    both = len(set(people[new].dropna()) & set(people[~new].dropna()))
    if not both and asked:
        raise DataError(
            "Nobody is in both waves.",
            why="the two columns of respondents have no value in common",
            fix="check that both surveys use the same numbers, or leave id= out",
        )
    return both


def _clusters(people: pd.Series | None, units: pd.Series | None, n: int) -> IntArray | None:
    """Return the cluster of each row, or None where rows are independent.

    Rows of one person, and of one unit, depend on each other; people stay in their unit.
    """
    if people is None and units is None:
        return None
    if units is None:
        return _numbered(people, n)
    own = _numbered(units, n)
    if people is None:
        return own
    edges = (_numbered(people, n), own + n)
    graph = coo_array((np.ones(n), edges), shape=(2 * n, 2 * n))
    _, parts = connected_components(graph, directed=False)
    joined = parts[own + n]
    known = units.notna().to_numpy()
    if len(np.unique(joined[known])) < len(np.unique(own[known])):
        raise NotSupportedError(
            "People answered from different units in the two waves.",
            why="standard errors allow for one kind of cluster, and these cross each other",
            fix="cluster=None takes people as clusters, id=None takes units",
        )
    return np.unique(joined, return_inverse=True)[1].astype(np.intp)


def _numbered(column: pd.Series | None, n: int) -> IntArray:
    """Return a number for each value, and one of its own for each row without any."""
    assert column is not None
    codes = pd.factorize(column)[0].astype(np.intp)
    blank = codes < 0
    codes[blank] = codes.max(initial=-1) + 1 + np.arange(int(blank.sum()))
    return codes
