"""The models of a ladder of invariance: the same rows, with more and more held equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from truststats.errors import NotSupportedError
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.model import ParTable, build_partable, check_identified
from truststats.results.fit import Fit
from truststats.results.store import rules_of
from truststats.workflow.assemble import assemble
from truststats.workflow.data import Prepared
from truststats.workflow.items import PreparedItems

__all__ = ["refit_equal", "started"]


def refit_equal(
    base: Fit, equal: Sequence[str], free: Sequence[str] = (), near: Fit | None = None, *,
    shaped: Callable[[ParTable], ParTable] | None = None,
) -> Fit:  # fmt: skip
    """Return the model of a fit with other equalities over its groups.

    Samples, and what depends on them alone, are taken over; the search starts at `near`.

    Parameters
    ----------
    base : Fit
        Of several groups.
    equal, free : sequence of str
        As `group_equal` and `group_partial` of `truststats.fit`.
    near : Fit, optional
        A fit whose estimates are likely to be near; `base` by default.
    shaped : callable, optional
        What else is done to the table of parameters.

    Raises
    ------
    NotSupportedError
        For a fit with auxiliary variables, or one that was read from a file.
    """
    if base.whole is not None or base.loaded is not None:
        raise NotSupportedError(
            "The ladder needs the answers themselves, without auxiliary variables.",
            why="every step is fitted to the same rows",
            fix="fit the model to the data without auxiliary=",
        )
    options = {**base.options, "group_equal": tuple(equal), "group_partial": tuple(free)}
    partable = build_partable(base.model, **rules_of(options))
    partable = partable if shaped is None else shaped(partable)
    check_identified(partable)
    for table in (started(partable, base if near is None else near), partable):
        fit = assemble(
            base.model, table, _ready(base), options, base.survey, base.framework,
            synthetic=base.synthetic,
        )  # fmt: skip
        if fit.converged:
            break
    return replace(fit, partable=partable)  # pyright: ignore[reportPossiblyUnboundVariable]


def _ready(base: Fit) -> Prepared:
    """Return the data of a fit; what was to be said about them has been said."""
    estimate = base.estimate
    if isinstance(estimate, OrdinalEstimate):
        return PreparedItems(
            estimate.samples, base.n_rows, base.exclusions, (), base.index, estimate.moments
        )
    return Prepared(estimate.samples, base.n_rows, base.exclusions, (), base.index)


def started(partable: ParTable, near: Fit) -> ParTable:
    """Return a table whose free rows start where another fit of the same variables ended.

    Rows that share a value start at the mean of the values they had.
    """
    known = {}
    table, theta = near.partable, near.estimate.theta
    for k, unique in enumerate(table.unique):
        key = (table.lhs[k], table.op[k], table.rhs[k], table.group[k])
        known[key] = theta[unique] if unique >= 0 else table.ustart[k]
    values: dict[int, list[float]] = defaultdict(list)
    for k, unique in enumerate(partable.unique):
        key = (partable.lhs[k], partable.op[k], partable.rhs[k], partable.group[k])
        value = known.get(key, np.nan)
        if unique >= 0 and np.isfinite(value):
            values[unique].append(float(value))
    start = tuple(
        float(np.mean(values[unique])) if unique in values else own
        for unique, own in zip(partable.unique, partable.ustart, strict=True)
    )
    return replace(partable, ustart=start)
