"""What licenses a comparison of units: five conditions, each with its value and threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray
from truststats.errors import DataError, OptionError, Problem
from truststats.options import did_you_mean
from truststats.psychometrics.agreement import AGREES
from truststats.results.unit_comparison import Condition
from truststats.survey import Survey
from truststats.workflow.unit_scales import UnitScales

__all__ = [
    "Limits",
    "about_manager",
    "agreement_condition",
    "check_limits",
    "invariance_condition",
    "lone_managers",
    "persons_condition",
    "reliability_condition",
    "units_condition",
]

#: What is usually asked for; a ranking needs more people than anonymity does.
MIN_ICC2, MIN_RWG, MIN_N, MIN_UNITS = 0.70, AGREES, 8, 10
_MEANS = ("scalar", "partial", "strict")
"""Rungs of invariance on which means may be compared."""


@dataclass(frozen=True)
class Limits:
    """Thresholds of the conditions."""

    min_icc2: float = MIN_ICC2
    min_rwg: float = MIN_RWG
    min_n: int = MIN_N
    min_units: int = MIN_UNITS


def check_limits(limits: Limits) -> tuple[Problem, ...]:
    """Return what must be said of thresholds below the usual ones, or raise for impossible ones."""
    for name in ("min_icc2", "min_rwg"):
        value = getattr(limits, name)
        if not 0.0 <= value < 1.0:
            raise OptionError(f"{name}={value!r} must lie from 0 to below 1.", fix=f"{name}=0.70")
    if limits.min_units < 3:
        raise OptionError(
            f"min_units={limits.min_units!r} must be 3 or more.",
            why="two units have no spread that could be told from chance",
            fix=f"min_units={MIN_UNITS}",
        )
    usual = vars(Limits())
    low = [f"{name}={value}" for name, value in vars(limits).items() if value < usual[name]]
    if not low:
        return ()
    return (
        Problem(
            "thresholds_lowered",
            "warning",
            f"Units are compared under weaker conditions than usual: {', '.join(low)}.",
            "Say why wherever the comparison is shown.",
            count=len(low),
        ),
    )


def invariance_condition(invariance: Any, construct: str) -> Condition:
    """Return whether the construct's means mean the same in all units.

    Parameters
    ----------
    invariance : object with `licensed`, "assumed" or None
        A result of `truststats.invariance`; without one nothing is known.
    construct : str
        What the units are compared on.
    """
    if invariance is None:
        return Condition("invariance", False, "not_checked")
    if isinstance(invariance, str) and invariance == "assumed":
        return Condition("invariance", True, "assumed")
    if isinstance(invariance, str) or not hasattr(invariance, "licensed"):
        raise OptionError(
            f"invariance={invariance!r} says nothing about invariance.",
            fix='pass the result of ts.invariance(...), or invariance="assumed"',
        )
    steps: list[Any] = list(getattr(invariance, "steps", ()))
    measured = list(steps[0].fit.partable.lv) if steps else [construct]
    if construct not in measured:
        raise OptionError(
            f"The test of invariance is about {', '.join(measured)}, not about {construct}.",
            fix="test the construct that the units are compared on",
        )
    rung = invariance.licensed
    where = str(getattr(invariance, "group", "") or "")
    if rung in _MEANS:
        return Condition("invariance", True, str(rung), where=where)
    return Condition("invariance", False, "fails", where=where)


def reliability_condition(icc2: float, least: float) -> Condition:
    """Return whether the units' means are reliable enough: ICC(2)."""
    return Condition("reliability", bool(icc2 >= least), "", float(icc2), least)


def agreement_condition(rwg: Array, least: float) -> Condition:
    """Return whether people within units agree: the median rwg(j) over the units."""
    seen = rwg[~np.isnan(rwg)]
    if not len(seen):
        return Condition("agreement", False, "not_known", threshold=least)
    median = float(np.median(seen))
    return Condition("agreement", median >= least, "", median, least)


def units_condition(units: int, least: int) -> Condition:
    """Return whether there are enough units with enough people."""
    return Condition("units", units >= least, "", float(units), float(least))


def about_manager(survey: Survey | None, items: Sequence[str]) -> bool | None:
    """Return whether any item is about the closest manager; None where that is not known."""
    if survey is None or survey.instrument is None:
        return None
    known = survey.instrument.item_order
    if any(item not in known for item in items):
        return None
    return any(survey.instrument.item(item).referent == "closest_manager" for item in items)


def lone_managers(frame: pd.DataFrame, manager: str | None, given: UnitScales) -> BoolArray | None:
    """Return which units have no more than one manager, (G,); None where nothing says.

    Parameters
    ----------
    frame : DataFrame
        The data.
    manager : str or None
        Column of the manager whom each row is about.
    given : UnitScales
        The rows used, and their units.
    """
    if manager is None:
        return None
    if manager not in frame.columns:
        raise DataError(
            f"The data have no column {manager!r}.{did_you_mean(manager, map(str, frame.columns))}",
            fix="name the column of the manager whom each respondent answers about",
        )
    told = pd.Series(frame[manager].to_numpy()[given.rows])
    return np.asarray(told.groupby(given.units).nunique() <= 1)


def persons_condition(
    about: bool | None, units_are_persons: bool, lone: BoolArray | None, units: int
) -> Condition:
    """Return whether what would be shown is about units and not about single persons.

    One manager is one person: where the items are about the closest manager, and a unit has one,
    the unit's mean is that person's rating by name.

    Parameters
    ----------
    about : bool or None
        Whether items are about the manager.
    units_are_persons : bool
        Whether units are taken to have one manager each where nothing else says.
    lone : (G,) bool array or None
        Units with one manager, which have been left out.
    units : int
        Units that are left.
    """
    if about is False:
        return Condition("persons", True, "not_about_manager", 0.0, 0.0)
    if lone is not None:
        return Condition("persons", True, "several_managers", 0.0, 0.0)
    if not units_are_persons:
        return Condition("persons", True, "said_not", 0.0, 0.0)
    reason = "one_manager" if about else "not_known"
    return Condition("persons", False, reason, float(units), 0.0)
