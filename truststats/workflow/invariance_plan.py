"""What a ladder of invariance needs: the first fit, the steps, and how each of them is fitted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial as bound
from typing import Any

from truststats.errors import Problem
from truststats.options import choose
from truststats.results.comparison import LeftOut
from truststats.results.fit import Fit
from truststats.workflow.fit import fit
from truststats.workflow.invariance_fit import refit_equal
from truststats.workflow.invariance_groups import (
    comparable_groups,
    measurement_of,
    units_in_text,
    with_origins,
)
from truststats.workflow.invariance_ordinal import also_freed, ordinal_steps, refit_items

__all__ = ["STEPS", "UPTO", "Plan", "plan_of_groups"]

STEPS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
"""The steps for continuous items, by name, with what is equal over groups."""
UPTO: Mapping[str, tuple[str, ...]] = {
    "configural": ("configural",),
    "thresholds": ("thresholds", "configural"),
    "metric": ("metric", "loadings"),
    "scalar": ("scalar", "intercepts"),
    "strict": ("strict", "residuals"),
    "loadings": ("metric", "loadings"),
    "intercepts": ("scalar", "intercepts"),
    "residuals": ("strict", "residuals"),
}
"""What the last step is called, of continuous and of ordinal items."""
_CONTINUOUS = ("ML", "MLR", "MLM")
_ITEMS = ("WLSMV", "WLSM", "ULSMV", "ULSM")


@dataclass(frozen=True)
class Plan:
    """How a ladder is climbed.

    Attributes
    ----------
    column : str
        What tells groups (or waves) apart.
    first : Fit
        The configural model.
    steps : mapping of str to tuple of str
    refit : callable
        As `Ladder` takes it.
    partial : tuple of str
        The steps that may take the partial route.
    left_out : tuple of LeftOut
    problems : tuple of Problem
    also, operators, names : mapping
        As `Ladder` takes them.
    waves : Waves or None
        Which column is which item when, for the same people at several times.
    """

    column: str
    first: Fit
    steps: Mapping[str, tuple[str, ...]]
    refit: Callable[[tuple[str, ...], tuple[str, ...], Fit], Fit]
    partial: tuple[str, ...] = ("metric", "scalar")
    left_out: tuple[LeftOut, ...] = ()
    problems: tuple[Problem, ...] = ()
    also: Mapping[str, Sequence[str]] = field(default_factory=dict)
    operators: Mapping[str, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    waves: Any = None

    def upto(self, last: str) -> dict[str, tuple[str, ...]]:
        """Return the steps up to one of `UPTO`; that of two categories stands for those before."""
        names = list(self.steps)
        there = [name for name in UPTO[last] if name in names]
        end = names.index(there[0]) if there else 1
        return {name: self.steps[name] for name in names[: end + 1]}


def plan_of_groups(
    model: Any, data: Any, *, group: str | None, group_label: Sequence[Any] | None,
    estimator: str | None, ordered: Any, missing: str | None, cluster: Any, least: int,
) -> Plan:  # fmt: skip
    """Return the plan for groups of people; see `truststats.invariance`."""
    items = bool(ordered) or (estimator or "").upper() in _ITEMS
    usual = "WLSMV" if items else "MLR"
    chosen = choose("estimator", estimator or usual, (*_CONTINUOUS, *_ITEMS))
    measured = with_origins(measurement_of(model, data))
    own_units = units_in_text(measured)
    kept = comparable_groups(measured, data, group, group_label, missing=missing, least=least)
    options: dict[str, Any] = {}
    if items:
        options = {"ordered": True if ordered is None else ordered, "parameterization": "theta"}
    how = "pairwise" if items and missing is None and kept.missing == "ml" else kept.missing
    first = fit(
        measured, data, estimator=chosen, missing=how, cluster=cluster, group=kept.column,
        group_label=kept.labels, std_lv=not own_units, **options,
    )  # fmt: skip
    said = (_fixed_units(),) if own_units else ()
    weighted = first.options["sampling_weights"] is not None
    said = (*said, _weighted()) if weighted else said
    if not first.partable.levels:
        return Plan(
            kept.column, first, STEPS, bound(refit_equal, first),
            partial=() if weighted else ("metric", "scalar"), left_out=kept.left_out,
            problems=said,
        )  # fmt: skip
    steps, more = ordinal_steps(first.partable.levels)
    collapsed = {} if "thresholds" in steps else {"intercepts": ("|", "=~")}
    return Plan(
        kept.column, first, steps, bound(refit_items, first),
        partial=() if weighted else ("thresholds", "loadings", "intercepts"),
        left_out=kept.left_out, problems=(*said, *more), also=also_freed(first.partable),
        operators=collapsed,
    )  # fmt: skip


def _weighted() -> Problem:
    return Problem(
        "partial_not_weighted",
        "note",
        "With sampling weights a step that fails does not take the partial route: score tests of "
        "weighted fits are not checked.",
        "Read the items' parameters by group, or ask the ladder of the answers without weights.",
    )


def _fixed_units() -> Problem:
    return Problem(
        "fixed_units",
        "note",
        "The model text gives factors their unit, so the equality of the items that do cannot be "
        "tested by itself.",
        "Leave out fixed loadings and variances; the ladder gives factors their unit.",
    )
