"""Checks of units, groups and weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from truststats.errors import Problem
from truststats.options import did_you_mean
from truststats.survey.finding import counted, first_rows, listed
from truststats.survey.limits import Limits

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = [
    "bad_weights",
    "empty_groups",
    "missing_ids",
    "more_answers_than_invited",
    "silent_units",
    "single_unit",
    "tiny_units",
    "unit_in_two_groups",
    "unknown_units",
]


def missing_ids(survey: Survey, limits: Limits) -> list[Problem]:
    """Return rows without a unit or group."""
    found = []
    for option, column in (("cluster", survey.clusters()), ("group", survey.groups())):
        if column is None or not column.isna().any():
            continue
        hit = column.isna().to_numpy()
        found.append(
            Problem(
                f"missing_{option}",
                "warning",
                f"{counted(int(hit.sum()), 'row has', 'rows have')} "
                f"no {option} in {column.name!r}.",
                f"Fill them in; with {option}= rows without one cannot be used.",
                where=str(column.name),
                count=int(hit.sum()),
                rows=first_rows(hit, limits.first),
            )
        )
    return found


def single_unit(survey: Survey, limits: Limits) -> list[Problem]:
    """Return a unit column that puts everybody in one unit, with which no model can be fitted."""
    units = survey.clusters()
    if units is None or units.nunique() != 1:
        return []
    only = str(units.dropna().iloc[0])
    return [
        Problem(
            "single_unit",
            "error",
            f"Every row has the same unit, {only!r}, in {units.name!r}, so standard errors cannot "
            "allow for units.",
            "Leave cluster= out, or name the column that tells the units apart.",
            where=str(units.name),
            count=int(units.notna().sum()),
        )
    ]


def silent_units(survey: Survey, limits: Limits) -> list[Problem]:
    """Return units from which nobody answered anything."""
    if survey.design.cluster is None:
        return []
    table = survey.response()
    silent = [str(unit) for unit in table.index[table["answered"] == 0]]
    if not silent:
        return []
    people = table.loc[table["answered"] == 0, "invited"].sum()
    invited = f" ({int(people)} people were invited)" if people else ""
    return [
        Problem(
            "silent_units",
            "warning",
            f"Nobody in {counted(len(silent), 'unit', 'units')} "
            f"answered{invited}. Silence of a whole unit is "
            "seldom chance.",
            "Ask why, and say in the report that these units are not represented.",
            where=listed(silent),
            count=len(silent),
        )
    ]


def tiny_units(survey: Survey, limits: Limits) -> list[Problem]:
    """Return units with so few answers that their results would show persons."""
    if survey.design.cluster is None:
        return []
    answered = survey.response()["answered"]
    tiny = answered[(answered > 0) & (answered < limits.tiny_unit)]
    if tiny.empty:
        return []
    return [
        Problem(
            "tiny_units",
            "note",
            f"{counted(len(tiny), 'unit has', 'units have')} "
            f"fewer than {limits.tiny_unit} answers. Their own results "
            "are suppressed wherever units are shown; their answers still count in the whole.",
            "Merge them with a neighbouring unit if unit results are wanted.",
            where=listed([str(unit) for unit in tiny.index]),
            count=len(tiny),
        )
    ]


def unknown_units(survey: Survey, limits: Limits) -> list[Problem]:
    """Return units with answers that the list of invited people does not hold."""
    sizes, units = survey.design.unit_sizes, survey.clusters()
    if units is None or not sizes:
        return []
    unknown = [str(u) for u in sorted(units.dropna().unique()) if u not in sizes]
    if not unknown:
        return []
    spare = [u for u in sizes if u not in set(units)]
    hint = did_you_mean(unknown[0], spare)
    return [
        Problem(
            "unknown_units",
            "warning",
            f"{counted(len(unknown), 'unit has', 'units have')} "
            "answers but no entry in unit_sizes, "
            f"and so no response rate.{hint}",
            "Check leading zeros and reorganised units in the list of invited people.",
            where=listed(unknown),
            count=len(unknown),
            rows=first_rows(units.isin(unknown).to_numpy(), limits.first),
        )
    ]


def more_answers_than_invited(survey: Survey, limits: Limits) -> list[Problem]:
    """Return units with more answers than people invited."""
    if survey.design.cluster is None or not survey.design.unit_sizes:
        return []
    table = survey.response()
    hit = table["answered"] > table["invited"].astype("Float64").fillna(np.inf)
    units = [str(unit) for unit in table.index[hit.to_numpy(dtype=bool)]]
    if not units:
        return []
    return [
        Problem(
            "more_answers_than_invited",
            "warning",
            f"{counted(len(units), 'unit has', 'units have')} more answers than people invited.",
            "Correct unit_sizes, or look for copied rows.",
            where=listed(units),
            count=len(units),
        )
    ]


def unit_in_two_groups(survey: Survey, limits: Limits) -> list[Problem]:
    """Return unit identifiers that occur in more than one group."""
    units, groups = survey.clusters(), survey.groups()
    if units is None or groups is None or units.name == groups.name:
        return []
    spread = groups.groupby(units.to_numpy()).nunique()
    shared = [str(unit) for unit in spread.index[spread > 1]]
    if not shared:
        return []
    return [
        Problem(
            "unit_in_two_groups",
            "warning",
            f"{counted(len(shared), 'unit code occurs', 'unit codes occur')} in more than one "
            f"{groups.name}; different units may carry the same number and would be taken as one.",
            "Make them unique, for example city and unit in one column.",
            where=listed(shared),
            count=len(shared),
            rows=first_rows(units.isin(shared).to_numpy(), limits.first),
        )
    ]


def empty_groups(survey: Survey, limits: Limits) -> list[Problem]:
    """Return groups that the file declares, or that have rows, but that nobody answered in."""
    groups, name = survey.groups(), survey.design.group
    if groups is None or name is None:
        return []
    answered = set(groups[survey.answered()].dropna())
    declared = [str(label) for label in survey.value_labels.get(name, {}).values()]
    silent = [g for g in dict.fromkeys([*declared, *groups.dropna()]) if g not in answered]
    if not silent:
        return []
    return [
        Problem(
            "empty_groups",
            "warning",
            f"{counted(len(silent), 'group', 'groups')} of {name!r} without any answer.",
            "Leave them out of comparisons, and say so.",
            where=listed(silent),
            count=len(silent),
        )
    ]


def bad_weights(survey: Survey, limits: Limits) -> list[Problem]:
    """Return weights that are absent, negative, zero or no numbers."""
    weights = survey.weights()
    if weights is None:
        return []
    numbers = pd.to_numeric(weights, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    hit = ~(np.isfinite(numbers) & (numbers > 0))
    if not hit.any():
        return []
    return [
        Problem(
            "bad_weights",
            "error",
            f"{counted(int(hit.sum()), 'row has', 'rows have')} "
            f"no positive weight in {weights.name!r}.",
            "Give every row a weight above zero, or read without weights=.",
            where=str(weights.name),
            count=int(hit.sum()),
            rows=first_rows(hit, limits.first),
        )
    ]
