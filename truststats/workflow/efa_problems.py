"""What must be said about an exploratory solution before its numbers."""

from __future__ import annotations

import numpy as np

from truststats.errors import Problem
from truststats.psychometrics.efa_extract import LEAST_UNIQUENESS, Extraction
from truststats.psychometrics.rotation import Rotation
from truststats.workflow.efa_rotation import Plan

__all__ = ["solution_problems"]

#: A loading from which an item counts as belonging to a factor.
_SALIENT = 0.3
_FEWEST = 3


def solution_problems(
    drawn: Extraction, found: Rotation, names: tuple[str, ...], plan: Plan
) -> list[Problem]:
    """Return improper items, searches that did not end, local minima, and thin factors."""
    out: list[Problem] = []
    improper = [
        name
        for name, own in zip(names, drawn.uniqueness, strict=True)
        if own <= LEAST_UNIQUENESS * 1.01
    ]
    if improper:
        listed = ", ".join(improper)
        out.append(
            Problem(
                "efa_heywood",
                "warning",
                f"The factors explain all of the variance of {listed} (a Heywood case).",
                "Extract fewer factors, or look for items that are almost the same; do not "
                "interpret this solution.",
                listed,
                len(improper),
            )
        )
    if not drawn.converged:
        out.append(
            Problem(
                "efa_not_converged",
                "error",
                "The search for factors stopped before it reached an optimum.",
                "Extract fewer factors, or use estimator='minres'.",
            )
        )
    return [*out, *_rotation_problems(found, plan), *_thin(found)]


def _rotation_problems(found: Rotation, plan: Plan) -> list[Problem]:
    searched = plan.name not in ("none",) and found.loadings.shape[1] > 1
    if searched and not found.converged:
        return [
            Problem(
                "rotation_not_converged",
                "warning",
                f"None of {found.starts} random starts of the rotation arrived at a minimum.",
                "Try another rotation, or fewer factors.",
            )
        ]
    if len(found.minima) < 2:
        return []
    return [
        Problem(
            "rotation_local_minima",
            "note",
            f"{found.best} of {found.converged} random starts ended in the best of "
            f"{len(found.minima)} minima of the rotation.",
            "Another minimum may be as easy to read; compare with another rotation before naming "
            "factors.",
        )
    ]


def _thin(found: Rotation) -> list[Problem]:
    if found.loadings.shape[1] < 2:
        return []
    counts = (np.abs(found.loadings) >= _SALIENT).sum(axis=0)
    few = int((counts < _FEWEST).sum())
    if not few:
        return []
    return [
        Problem(
            "thin_factors",
            "note",
            f"{few} factors have fewer than {_FEWEST} items with a loading of 0.30 or more.",
            "A factor of one or two items seldom comes back in other data; try one factor less.",
            count=few,
        )
    ]
