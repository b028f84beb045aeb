"""Who answered what: missing answers by item, and response by unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from truststats.survey.answers import CellState

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = ["by_item", "response"]

_NAMES = {
    CellState.BLANK: "blank",
    CellState.DONT_KNOW: "dont_know",
    CellState.USER_MISSING: "user_missing",
    CellState.OUT_OF_RANGE: "out_of_range",
    CellState.UNREADABLE: "unreadable",
}


def by_item(survey: Survey) -> pd.DataFrame:
    """Return, for each item, the number of valid answers and of cells without one, by reason.

    Returns
    -------
    DataFrame
        One row an item: column, n, valid, blank, dont_know, user_missing, out_of_range,
        unreadable, missing (all five together) and share_missing.
    """
    states = survey.answers.states
    table = pd.DataFrame(index=pd.Index(survey.items, name="item"))
    table["column"] = list(survey.columns.values())
    table["n"] = len(states)
    table["valid"] = (states == CellState.VALID).sum(axis=0)
    for state, name in _NAMES.items():
        table[name] = (states == state).sum(axis=0)
    table["missing"] = table["n"] - table["valid"]
    table["share_missing"] = table["missing"] / max(len(states), 1)
    return table


def response(survey: Survey) -> pd.DataFrame:
    """Return, for each unit, how many were invited, have a row, and answered anything.

    Units that were invited and from which nobody answered stand in the table with zeros.
    Without a cluster column there is one line for the whole survey.

    Returns
    -------
    DataFrame
        Indexed by unit: group (when the survey has groups), invited (NA when unknown), rows,
        answered, and rate = answered / invited.
    """
    design, units = survey.design, survey.clusters()
    if units is None:
        units = pd.Series("all", index=survey.frame.index)
    table = pd.DataFrame({"rows": 1, "answered": survey.answered().astype(int)})
    counts = table.groupby(units.to_numpy(), dropna=True).sum()
    sizes = dict(design.unit_sizes or {})
    if design.cluster is None and sizes:
        sizes = {"all": sum(sizes.values())}
    counts = counts.reindex(sorted({*counts.index, *sizes}, key=str), fill_value=0)
    counts.index.name = design.cluster or "unit"
    invited = pd.Series(
        [sizes.get(str(unit)) for unit in counts.index], counts.index, dtype="Int64"
    )
    counts.insert(0, "invited", invited)
    counts["rate"] = counts["answered"] / invited.astype("Float64").where(invited > 0)
    groups = survey.groups()
    if groups is not None and design.cluster is not None:
        first = groups.groupby(units.to_numpy()).first()
        counts.insert(0, "group", first.reindex(counts.index))
    return counts
