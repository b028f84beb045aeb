"""Ratings of managers: answers about one person, however many gave them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from truststats.survey.disclosure import dominated

__all__ = ["about_managers", "few_managers", "too_few_managers"]

_MANAGER = "closest_manager"


def about_managers(survey: Any) -> tuple[str, ...]:
    """Return the items of a survey that people answer about their closest manager."""
    if survey.instrument is None:
        return ()
    known = set(survey.items)
    return tuple(
        item.name
        for item in survey.instrument.items
        if item.referent == _MANAGER and item.name in known
    )


def few_managers(units: pd.Series, min_n: int = 5) -> bool:
    """Return whether some ratings are about few managers, or about one or two above all.

    A unit stands for its manager; with one manager for several units it still counts too many, so
    name the column of managers as the cluster where there is one.

    Parameters
    ----------
    units : Series
        The unit of each person who answered.
    min_n : int
        How many managers there must be.
    """
    each = units.value_counts().to_numpy()
    each = each[each > 0]
    return bool(len(each)) and (len(each) < min_n or dominated(each))


def too_few_managers(survey: Any, min_n: int = 5) -> frozenset[str]:
    """Return the items about managers whose answers are about too few of them to be shown.

    Empty where no column tells the units apart.

    Parameters
    ----------
    survey : Survey
    min_n : int
    """
    design = getattr(survey, "design", None)
    if design is None or design.cluster is None:
        return frozenset()
    items = about_managers(survey)
    if not items:
        return frozenset()
    given = survey.values(list(items)).notna()
    units = survey.clusters()
    return frozenset(i for i in items if few_managers(units[np.asarray(given[i])], min_n))
