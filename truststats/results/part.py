"""One group's side of a joint fit, as a fit of its own without a test."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import pandas as pd

from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.model import ParTable
from truststats.options import did_you_mean
from truststats.survey.disclosure import suppress

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = [
    "JointTest", "group_number", "group_side", "parts", "refuse_explored",
    "refuse_part", "refuse_small", "stacked",
]  # fmt: skip


class JointTest:
    """Stands where a fit has its test: one group of a joint fit has none of its own.

    Parameters
    ----------
    label : str
        The group.
    """

    def __init__(self, label: str) -> None:
        self.label = label

    def _refuse(self) -> NoReturn:
        raise NotSupportedError(
            f"Group {self.label!r} has no test or fit measures of its own.",
            why="the test belongs to the joint fit of all groups",
            fix="ask the joint fit, or fit the rows of this group by themselves",
        )

    @property
    def name(self) -> str:
        """Raise `NotSupportedError`."""
        self._refuse()

    @property
    def chisq(self) -> float:
        """Raise `NotSupportedError`."""
        self._refuse()

    @property
    def df(self) -> int:
        """Raise `NotSupportedError`."""
        self._refuse()

    @property
    def pvalue(self) -> float:
        """Raise `NotSupportedError`."""
        self._refuse()

    @property
    def scaling_factor(self) -> float:
        """Raise `NotSupportedError`."""
        self._refuse()


def refuse_part(fit: Fit, what: str) -> None:
    """Raise `NotSupportedError` where a verb that needs the whole fit is given one group of it."""
    if fit.part is not None:
        raise NotSupportedError(
            f"{what} needs the joint fit, not group {fit.part!r} of it.",
            why="the groups were estimated together and share parameters",
            fix="use the fit that .group() was called on",
        )


def refuse_explored(fit: Fit, what: str, fix: str = "") -> None:
    """Raise `NotSupportedError` for a model with exploratory blocks, with what is not checked."""
    if fit.options.get("rotation"):
        raise NotSupportedError(
            f"{what}: not available for models with exploratory blocks yet.",
            why="what is not checked against an independent source gives no number",
            fix=fix or "use the estimates, their standard errors and the fit measures",
        )


def refuse_small(fit: Fit, why: str, min_n: int = 5) -> None:
    """Raise `DataError` where a group of the fit is a handful of people.

    Parameters
    ----------
    fit : Fit
    why : str
        What would describe single persons.
    min_n : int
        Smallest number of people in a group.
    """
    small = [str(name) for name, n in fit.group_nobs.items() if n < min_n]
    if small and fit.groups:
        raise DataError(
            f"Fewer than {min_n} people of {', '.join(map(repr, small))} are in this fit.",
            why=why,
            fix="leave the group out by group_label=, or join it with another",
        )


def group_number(labels: Iterable[str], label: Any) -> int:
    """Return the place of a group, from 0.

    Raises
    ------
    OptionError
        If there is no such group; the message names those there are.
    """
    known = list(labels)
    if not known:
        raise OptionError(
            f"This fit has no groups, so there is no group {label!r}.",
            fix="leave the group out, or fit with group=",
        )
    if str(label) not in known:
        raise OptionError(
            f"There is no group {label!r}.{did_you_mean(str(label), known)}",
            fix=f"use one of: {', '.join(map(repr, known))}",
        )
    return known.index(str(label))


def group_side(fit: Fit, label: Any) -> Fit:
    """Return one group of a joint fit; see `Fit.group`."""
    at = group_number(fit.groups, label)
    name = fit.groups[at]
    own = fit.estimate.groups[at]
    test: Any = JointTest(name)
    loaded = fit.loaded
    if loaded is not None:
        loaded = {**loaded, "n_clusters": own.sample.n_clusters, "n_patterns": 1}
        loaded["group_nobs"] = [int(fit.group_nobs.iloc[at])]
        loaded["effective_n"] = None
    return replace(
        fit,
        options={
            **fit.options,
            "reference_df": fit.reference_df,
            "hidden": bool(suppress(fit.group_nobs).hidden.iloc[at]),
        },
        partable=_table_of(fit.partable, at + 1),
        estimate=own,
        test=test,
        baseline=test,
        scaled=None,
        noted=tuple(p for p in fit.noted if p.group in ("", name)),
        n_rows=int(fit.group_nobs.iloc[at]),
        exclusions={},
        loaded=loaded,
        other=None,
        resampled=None,
        whole=None,
        part=name,
    )


def parts(fit: Fit) -> tuple[tuple[str, Fit], ...]:
    """Return every group of a joint fit with its label."""
    return tuple((name, group_side(fit, name)) for name in fit.groups)


def stacked(frames: Iterable[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Return the frames of several groups below each other, with a first column ``group``."""
    marked = []
    for name, frame in frames:
        marked.append(frame.copy())
        marked[-1].insert(0, "group", name)
    return pd.concat(marked, ignore_index=True)


def _table_of(table: ParTable, group: int) -> ParTable:
    """Return the rows of a group as a table of one group; elements of theta keep their place.

    A defined parameter stays where all the labels it uses are in the group.
    """
    rows = [k for k, g in enumerate(table.group) if g == group]
    here = {table.label[k] for k in rows if table.label[k]}
    defined = []
    for name, expression in table.defined:
        if set(expression.names) <= here:
            here.add(name)
            defined.append((name, expression))
    kept = {name for name, _ in defined}
    rows += [k for k, op in enumerate(table.op) if op == ":=" and table.lhs[k] in kept]

    def take(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(values[k] for k in rows)

    free = [0] * len(rows)
    for count, spot in enumerate((i for i, k in enumerate(rows) if table.free[k]), start=1):
        free[spot] = count
    return replace(
        table,
        **{name: take(getattr(table, name)) for name in (
            "lhs", "op", "rhs", "user", "unique", "ustart", "exo", "label",
        )},
        free=tuple(free),
        defined=tuple(defined),
        group=tuple(0 if table.op[k] == ":=" else 1 for k in rows),
        lower=(-math.inf,) * len(rows),
        upper=(math.inf,) * len(rows),
        n_groups=1,
        group_labels=(),
        constraints=(),
    )  # fmt: skip
