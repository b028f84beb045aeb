"""One model of ordinal items fitted to the moments that another one implies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.constraints import Constraints
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.own_thresholds import solve_items
from truststats.estimation.weighted import solve_under

__all__ = ["places_of", "reproduce", "without_direction"]


def without_direction(name: str) -> str:
    """Return the name of a statistic, ``a~~b`` and ``b~~a`` the same."""
    return "~~".join(sorted(name.split("~~")))


def places_of(wanted: Sequence[str], given: Sequence[str]) -> IntArray:
    """Return where each of some statistics stands among others with the same names."""
    at = {without_direction(name): k for k, name in enumerate(given)}
    return np.array([at[without_direction(name)] for name in wanted], dtype=np.intp)


def _implied(target: OrdinalEstimate, source: OrdinalEstimate) -> list[Array]:
    """Return what the source implies about each group's statistics, in the target's order."""
    out: list[Array] = []
    for mine, own, aim, (gap, _) in zip(
        target.moments, source.moments, source.targets, source.looks, strict=True
    ):
        places = places_of(mine.statistic_names, own.statistic_names)
        out.append((aim.moments - gap)[places])
    return out


def reproduce(
    target: OrdinalEstimate, source: OrdinalEstimate, constraints: Constraints | None = None
) -> OrdinalEstimate:
    """Return a model fitted to the moments that another estimate implies, with its own weights.

    Parameters
    ----------
    target, source : OrdinalEstimate
        Of the same variables and groups.
    constraints : Constraints, optional
        Those of the target.

    Returns
    -------
    OrdinalEstimate
        The target at its new place, still with its own moments; `chisq` is N times the remaining
        discrepancy, zero if the target reproduces what the source implies.
    """
    aims = [
        replace(aim, moments=moments)
        for aim, moments in zip(target.targets, _implied(target, source), strict=True)
    ]
    null: Array | None = None
    if constraints is None:
        solution = solve_items(aims, target.theta)
    else:
        solution, active = solve_under(constraints, aims, target.theta, 1.0, target.n)
        null = constraints.open_at(solution.theta[0], active)
    chisq = float(target.n * solution.value[0])
    return replace(target, theta=solution.theta[0], solution=solution, chisq=chisq, null=null)
