"""Which rotation a name stands for, the target it goes to, and the order of its factors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError, OptionError
from truststats.options import choose, did_you_mean
from truststats.psychometrics import rotation_criteria as criteria
from truststats.psychometrics.efa_extract import Extraction
from truststats.psychometrics.rotation import Rotation, promax, rotate
from truststats.psychometrics.rotation_criteria import Criterion
from truststats.workflow.item_rows import ItemRows

__all__ = [
    "ROTATIONS",
    "Plan",
    "arranged",
    "criterion_of",
    "rotated_by",
    "rotation_plan",
    "with_target",
]

#: Name: whether factors may correlate, its options with defaults, Kaiser's rows of equal length.
ROTATIONS: Mapping[str, tuple[bool, Mapping[str, float], bool]] = {
    "oblimin": (True, {"gamma": 0.0}, False),
    "quartimin": (True, {}, False),
    "geomin": (True, {"epsilon": 0.001}, False),
    "promax": (True, {"power": 4.0}, True),
    "target": (True, {}, False),
    "varimax": (False, {}, True),
    "quartimax": (False, {}, True),
    "equamax": (False, {}, True),
    "geomin_orthogonal": (False, {"epsilon": 0.001}, False),
    "target_orthogonal": (False, {}, False),
    "none": (False, {}, False),
}


@dataclass(frozen=True)
class Plan:
    """A rotation as it was asked for.

    Attributes
    ----------
    name : str
    oblique : bool
        Whether factors may correlate.
    options : mapping of str to float
    kaiser : bool
        Whether the criterion sees rows of equal length.
    target : (p, m) array or None
        What loadings are to be like; NaN where they may be anything.
    """

    name: str
    oblique: bool
    options: Mapping[str, float]
    kaiser: bool
    target: Array | None = None


def rotation_plan(name: Any, options: Mapping[str, float] | None) -> Plan:
    """Return what the name of a rotation stands for.

    Raises
    ------
    OptionError
        If there is no such rotation, or it has no such option.
    """
    aliases = {"geomint": "geomin_orthogonal", "targett": "target_orthogonal", "direct oblimin":
               "oblimin"}  # fmt: skip
    chosen = choose("rotation", name, ROTATIONS, aliases=aliases)
    oblique, known, kaiser = ROTATIONS[chosen]
    given = dict(options or {})
    wrong = [key for key in given if key not in (*known, "kaiser")]
    if wrong:
        raise OptionError(
            f"rotation={chosen!r} has no option {wrong[0]!r}."
            f"{did_you_mean(wrong[0], [*known, 'kaiser'])}",
            fix=f"use {', '.join(map(repr, [*known, 'kaiser']))}",
        )
    kaiser = bool(given.pop("kaiser", kaiser))
    return Plan(chosen, oblique, {**known, **given}, kaiser)


def criterion_of(plan: Plan, m: int) -> Criterion | None:
    """Return the criterion that a rotation makes small; None for promax and for no rotation."""
    if plan.target is not None:
        return criteria.target(plan.target)
    name = plan.name.removesuffix("_orthogonal")
    if name in ("oblimin", "quartimin"):
        return criteria.oblimin(plan.options.get("gamma", 0.0))
    if name == "geomin":
        return criteria.geomin(plan.options["epsilon"])
    gammas = {"varimax": 1.0, "quartimax": 0.0, "equamax": m / 2.0}
    return criteria.orthomax(gammas[name]) if name in gammas else None


def with_target(plan: Plan, got: ItemRows, m: int, target: Any) -> tuple[Plan, tuple[str, ...]]:
    """Return the plan with its target, and the names of the factors.

    Raises
    ------
    DataError
        If the target does not have a row for each item and a column for each factor.
    OptionError
        If a target is given for another rotation, or needed and not there.
    """
    plain = tuple(f"f{k + 1}" for k in range(m))
    if not plan.name.startswith("target"):
        if target is not None:
            raise OptionError(
                f"target= has no meaning with rotation={plan.name!r}.",
                fix="use rotation='target', or leave target out",
            )
        return plan, plain
    if target is None:
        if got.keys is None:
            raise OptionError(
                "rotation='target' needs to know what is wanted.",
                fix='name scales: items={"trust": ["t1", "t2"], "autonomy": ["a1", "a2"]}, or '
                "pass target= with NaN where a loading may be anything",
            )
        wanted = np.array(
            [[np.nan if i in own else 0.0 for own in got.keys.values()] for i in got.names]
        )
        names = tuple(got.keys)
    else:
        names = plain
        if isinstance(target, pd.DataFrame):
            names = tuple(map(str, target.columns))
            known = set(map(str, target.index)) == set(got.names)
            target = target.loc[list(got.names)] if known else target
        wanted = np.asarray(target, dtype=float)
    if wanted.shape != (len(got.names), m):
        raise DataError(
            f"The target has the shape {wanted.shape}, not ({len(got.names)}, {m}).",
            why="it says for each item and each factor what the loading is to be like",
            fix=f"name {m} scales" if target is None else "give a row an item, a column a factor",
        )
    if not np.isfinite(wanted).any():
        raise DataError(
            "The target has no number, so every rotation meets it.", fix="write 0 somewhere"
        )
    return replace(plan, target=wanted), names


def rotated_by(plan: Plan, drawn: Extraction, *, starts: int, rng: np.random.Generator) -> Rotation:
    """Return the rotated factors; one factor stays as it is."""
    m = drawn.loadings.shape[1]
    criterion = criterion_of(plan, m)
    if plan.name == "promax":
        return promax(drawn.loadings, plan.options["power"], kaiser=plan.kaiser)
    if criterion is None or m == 1:
        return Rotation(drawn.loadings, np.eye(m), minima=np.zeros(0))
    return rotate(
        drawn.loadings, criterion, oblique=plan.oblique, kaiser=plan.kaiser, starts=starts, rng=rng
    )


def arranged(found: Rotation, plan: Plan) -> Rotation:
    """Return factors that point upwards, the one that explains most first.

    Factors of a target keep its order and turn only if all that their columns want is zero.
    """
    loadings, phi = found.loadings, found.phi
    order = np.arange(len(phi))
    if plan.target is None:
        order = np.argsort(-np.diag(phi @ loadings.T @ loadings), kind="stable")
    loadings, phi = loadings[:, order], phi[np.ix_(order, order)]
    sign = np.where(loadings.sum(axis=0) < 0.0, -1.0, 1.0)
    if plan.target is not None:
        sign[np.nan_to_num(plan.target).any(axis=0)] = 1.0
    return replace(found, loadings=loadings * sign, phi=phi * np.outer(sign, sign))
