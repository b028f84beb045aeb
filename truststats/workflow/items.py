"""From answers to the thresholds and correlations a model of ordinal items is fitted to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from truststats.arrays import Array, BoolArray
from truststats.errors import DataError, Problem
from truststats.estimation.mixed_moments import MixedMoments, mixed_moments
from truststats.estimation.ordinal import ItemMoments, ordinal_sample
from truststats.estimation.polychoric import OrdinalMoments, ordinal_moments
from truststats.estimation.sample import Sample
from truststats.workflow.data import Prepared, Used, in_group

__all__ = ["PreparedItems", "levels_of", "merge_categories", "prepare_items", "read_items"]


@dataclass(frozen=True)
class PreparedItems(Prepared):
    """Ordinal answers ready for a fit.

    Attributes
    ----------
    moments : tuple of OrdinalMoments or MixedMoments
        The statistics of each group.
    """

    moments: tuple[ItemMoments, ...] = ()


def levels_of(used: Used, names: Sequence[str]) -> dict[str, Array]:
    """Return the different answers to each variable in the rows used."""
    rows = used.rows[used.keep]
    return {name: np.unique(col[~np.isnan(col)]) for name, col in zip(names, rows.T, strict=True)}


def merge_categories(
    used: Used, names: Sequence[str], items: Collection[str], named: Collection[str]
) -> Used:
    """Return the rows with categories that a group does not use merged into their neighbours.

    The neighbour is the one nearer to the middle of the scale, and answers are merged in every
    group, so that an item keeps one meaning.

    Parameters
    ----------
    used : Used
    names : sequence of str
        The columns.
    items : collection of str
        The ordinal ones.
    named : collection of str
        Items whose thresholds the model names: these are not merged.

    Raises
    ------
    DataError
        For an empty category of such an item, and for an item with one category left.
    """
    if len(used.members) == 1:
        return used
    rows = used.rows.copy()
    told: list[str] = []
    for k, name in enumerate(names):
        if name not in items:
            continue
        places = [used.keep & inside for _, inside in used.members]
        found = _merged(rows, k, places)
        if not found:
            continue
        if name in named:
            raise DataError(
                f"Nobody in group {used.members[found[0][1]][0]!r} answered {found[0][0]:g} to "
                f"{name}.",
                where=f"column {name}",
                why="its thresholds are named in the model, so its categories cannot be merged",
                fix="recode that answer into its neighbour, or name no thresholds",
            )
        told += [f"{name} ({code:g} in {used.members[group][0]})" for code, group in found]
    if not told:
        return used
    shown = ", ".join(told[:5]) + (" ..." if len(told) > 5 else "")
    problem = Problem(
        "categories_merged",
        "warning",
        f"{len(told)} answer categories were merged with their neighbours, in all groups, "
        f"because a group does not use them: {shown}.",
        "Nothing to do if these answers are rare; otherwise compare fewer groups.",
        ", ".join(told),
        len(told),
    )
    return replace(used, rows=rows, problems=(*used.problems, problem))


def _merged(rows: Array, k: int, places: Sequence[BoolArray]) -> list[tuple[float, int]]:
    """Merge, in place, what a group lacks of one column; return each category and the group."""
    told: list[tuple[float, int]] = []
    while True:
        column = rows[:, k]
        codes = np.unique(column[np.any(places, axis=0) & ~np.isnan(column)])
        lacking = [
            (code, group)
            for group, place in enumerate(places)
            for code in codes
            if not (column[place] == code).any()
        ]
        if not lacking or len(codes) < 3:
            return told
        code, group = lacking[0]
        at = int(np.searchsorted(codes, code))
        inward = at + 1 if at < (len(codes) - 1) / 2 else at - 1
        rows[column == code, k] = codes[inward]
        told.append((float(code), group))


def _not_definite(got: ItemMoments) -> list[Problem]:
    """Return a note where the correlations are no correlations of any variables."""
    if np.linalg.eigvalsh(got.cov)[0] > 0.0:
        return []
    return [
        Problem(
            "polychoric_not_definite",
            "note",
            "The matrix of polychoric correlations is not positive definite, so the robust CFI, "
            "TLI and RMSEA do not exist.",
            "Read the scaled ones; more rows, fewer items or merged rare categories help.",
        )
    ]


def prepare_items(
    used: Used,
    names: Sequence[str],
    ordered: Collection[str],
    x: Collection[str],
    missing: str,
) -> PreparedItems:
    """Return the statistics of every group.

    Parameters
    ----------
    used : Used
    names : sequence of str
        The columns.
    ordered, x : collections of str
        The ordinal items, and the exogenous variables that everything is given.
    missing : {"listwise", "pairwise"}

    Raises
    ------
    DataError
        For constant items, and for categories that a group does not have.
    """
    levels = levels_of(used, names)
    samples, moments = [], []
    problems: list[Problem] = list(used.problems)
    for label, inside in used.members:
        here = used.keep & inside
        try:
            sample, got = read_items(used, here, inside, names, ordered, x, missing, levels)
        except DataError as error:
            raise in_group(error, label) from error
        found = [*got.problems, *_not_definite(got)]
        problems += [replace(p, group=label) if label else p for p in found]
        samples.append(sample)
        moments.append(got)
    told = tuple(_joined(problems, moments))
    return PreparedItems(
        tuple(samples), len(used.rows), used.dropped, told, used.index, tuple(moments)
    )


def _joined(problems: Sequence[Problem], moments: Sequence[ItemMoments]) -> list[Problem]:
    """Return the problems with one note of empty cells for all groups."""
    bare = [p for p in problems if p.code == "empty_cells"]
    if len(bare) < 2:
        return list(problems)
    some = sum(p.count or 0 for p in bare)
    items = [int(got.ordered.sum()) for got in moments]
    total = sum(count * (count - 1) // 2 for count in items)
    shown = ", ".join(p.group for p in bare[:5]) + (" ..." if len(bare) > 5 else "")
    one = replace(
        bare[0], group="", count=some, where=", ".join(p.group for p in bare),
        message=f"{some} of {total} two-way tables have empty cells: in {shown}.",
    )  # fmt: skip
    return [*(p for p in problems if p.code != "empty_cells"), one]


def read_items(
    used: Used,
    here: BoolArray,
    inside: BoolArray,
    names: Sequence[str],
    ordered: Collection[str],
    x: Collection[str],
    missing: str,
    levels: Mapping[str, Array],
) -> tuple[Sample, OrdinalMoments | MixedMoments]:
    """Return the sample and the statistics of one group.

    Parameters
    ----------
    used : Used
    here, inside : (n,) bool arrays
        The rows of the group that are used, and all of them.
    names, ordered, x, missing
        As in `prepare_items`.
    levels : mapping of str to array
        The answers that count as categories, by item.
    """
    _check_clusters(used, here)
    got = _moments(used, here, names, ordered, x, missing, levels)
    return _sample(used, here, inside, got, names, x), got


def _check_clusters(used: Used, here: BoolArray) -> None:
    """Raise where all rows are of one cluster."""
    units = used.drawn.units
    if units is not None and len(np.unique(units[here])) == 1:
        raise DataError(
            "All rows used are of a single cluster.",
            why="how much clusters differ cannot be told from one of them",
            fix="pass cluster=None, or another variable",
        )


def _moments(
    used: Used,
    here: BoolArray,
    names: Sequence[str],
    ordered: Collection[str],
    x: Collection[str],
    missing: str,
    levels: Mapping[str, Array],
) -> OrdinalMoments | MixedMoments:
    drawn = used.drawn
    how = {
        "missing": missing,
        "clusters": None if drawn.units is None else drawn.units[here],
        "weights": None if drawn.weights is None else drawn.weights[here],
        "design": drawn.design,
    }
    y = [name for name in names if name not in x]
    at = [names.index(name) for name in y]
    rows = used.rows[here]
    given = [levels[name] for name in y]
    if len(y) == len(names) and all(name in ordered for name in y):
        return ordinal_moments(rows[:, at], y, levels=given, **how)
    own = [name for name in names if name in x]
    return mixed_moments(
        rows[:, at], y, [name in ordered for name in y],
        x=rows[:, [names.index(name) for name in own]], x_names=own, levels=given, **how,
    )  # fmt: skip


def _sample(
    used: Used,
    here: BoolArray,
    inside: BoolArray,
    got: OrdinalMoments | MixedMoments,
    names: Sequence[str],
    x: Collection[str],
) -> Sample:
    """Return the sample that stands for the moments of one group."""
    drawn = used.drawn
    rows = used.rows[here]
    own = [name for name in names if name in x]
    order = [*got.names, *own]
    sample = ordinal_sample(
        got, rows, rows[got.places][:, [names.index(name) for name in own]],
        np.array([order.index(name) for name in names], dtype=np.intp),
    )  # fmt: skip
    n_clusters = None
    if drawn.units is not None and drawn.clustered:
        n_clusters = len(np.unique(drawn.units[drawn.counted & inside]))
    return replace(
        sample,
        places=np.flatnonzero(here),
        clusters=None if drawn.units is None else drawn.units[here],
        n_clusters=n_clusters,
        weights=None if drawn.weights is None else drawn.weights[here],
        design=drawn.design,
    )
