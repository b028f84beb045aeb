"""One construct in two waves: the ladder over its anchors, and the change of its mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from truststats.constructs.change import FEWEST_ANCHORS, FEWEST_ITEMS, ItemChange
from truststats.errors import ConvergenceError, DataError, IdentificationError, Problem
from truststats.framework.compile import dimension_name
from truststats.model import Model
from truststats.psychometrics.invariance import Rule
from truststats.results.fit import Fit
from truststats.results.instrument_change import InstrumentChange
from truststats.results.instrument_link import ConstructLink, LatentChange
from truststats.results.invariance import Invariance, InvarianceStep
from truststats.survey.synthetic import labelled
from truststats.workflow.fit import fit
from truststats.workflow.instrument_waves import CLUSTER, WAVE, WEIGHT, TwoWaves
from truststats.workflow.invariance_fit import refit_equal
from truststats.workflow.invariance_groups import comparable_groups
from truststats.workflow.invariance_ladder import Climbed, Ladder
from truststats.workflow.invariance_means import means_frame
from truststats.workflow.invariance_partial import loadings_of

__all__ = ["Asked", "linked", "linked_items"]

_STEPS = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
}  # fmt: skip
_FAILED = {"configural": "form", "metric": "loadings", "scalar": "intercepts"}
_NAN = float("nan")


@dataclass(frozen=True)
class Asked:
    """How constructs are linked; see `truststats.workflow.instrument_link.link`."""

    rule: Rule
    adjust: str
    estimator: str
    missing: str | None
    least: int
    level: float


def linked(change: InstrumentChange, key: str, waves: TwoWaves, asked: Asked) -> ConstructLink:
    """Return the link of one construct that both versions ask.

    Parameters
    ----------
    change : InstrumentChange
    key : str
        The construct.
    waves : TwoWaves
    asked : Asked
    """
    row = change[key]
    anchors = tuple(name for name in row.anchors if name in waves.frame.columns)
    free = tuple(item.name for item in _changed(change, key) if item.name in waves.frame.columns)
    if row.licence not in ("all", "means"):
        return ConstructLink(key, False, row.reason, anchors=anchors, free=free)
    factors = _factors(change, key, (*anchors, *free))
    fewest = min(sum(item in anchors for item in items) for items in factors.values())
    if fewest < FEWEST_ANCHORS or len(anchors) + len(free) < FEWEST_ITEMS:
        reason = "untestable" if fewest >= FEWEST_ANCHORS else "absent"
        return ConstructLink(key, False, reason, anchors=anchors, free=free)
    model = Model.from_text(
        "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in factors.items()),
        labels={name: change.old.constructs[key].label for name in factors if name == key},
    )
    try:
        first = _first(model, waves, asked)
    except DataError:
        return ConstructLink(key, False, "few_answers", anchors=anchors, free=free)
    except (ConvergenceError, IdentificationError):
        return ConstructLink(key, False, "not_estimated", anchors=anchors, free=free)
    return _climbed(key, row.licence == "all", first, anchors, free, asked)


def _changed(change: InstrumentChange, key: str) -> list[ItemChange]:
    """Return the changed items that still belong to the construct in both versions."""
    names = change[key].changed
    return [
        item for item in change.items if item.name in names and "moved" not in item.details
    ]  # fmt: skip


def _factors(change: InstrumentChange, key: str, items: Sequence[str]) -> dict[str, list[str]]:
    """Return the factors of a construct and their items: its dimensions, or the whole."""
    construct = change.old.constructs[key].restricted_to(items)
    own = [item.name for item in construct.factor_items]
    if construct.structure == "one_factor" or change.new.constructs[key].structure == "one_factor":
        return {key: own}
    return {
        dimension_name(key, d.key): [item.name for item in construct.items_of(d.key)]
        for d in construct.dimensions
        if not d.separate
    }


def _first(model: Model, waves: TwoWaves, asked: Asked) -> Fit:
    """Return the model of both waves with nothing equal but its form."""
    kept = comparable_groups(
        model, waves.frame, WAVE, waves.labels, missing=asked.missing, least=asked.least
    )
    weights: dict[str, Any] = {}
    if waves.weighted:
        weights = {"sampling_weights": WEIGHT, "sampling_weights_normalization": "group"}
    return fit(
        model, waves.frame, estimator=asked.estimator, missing=kept.missing, group=WAVE,
        group_label=waves.labels, cluster=CLUSTER if waves.clustered else None, std_lv=True,
        **weights,
    )  # fmt: skip


def _climbed(
    key: str, unchanged: bool, first: Fit, anchors: tuple[str, ...], free: tuple[str, ...],
    asked: Asked,
) -> ConstructLink:  # fmt: skip
    """Return what the ladder over the anchors licenses."""

    def refit(equal: tuple[str, ...], loose: tuple[str, ...], near: Fit) -> Fit:
        return refit_equal(first, equal, _with(first, equal, free, loose), near)

    weighted = first.options["sampling_weights"] is not None
    route = () if weighted else ("metric", "scalar")
    ladder = Ladder(refit, asked.rule, asked.adjust, route)
    climbed = ladder.climb(first, _STEPS, {})
    last = climbed.steps[-1]
    apart = tuple(climbed.freed)
    held = tuple(name for name in anchors if name not in {one.item for one in apart})
    factors = loadings_of(first.partable)
    left = [
        sum(name in factors[item] for item in held)
        for name in dict.fromkeys(name for names in factors.values() for name in names)
    ]
    reason = "partial" if apart else "equal"
    if not last.accepted:
        reason = _FAILED[last.name]
    elif min(left) < FEWEST_ANCHORS:
        reason = "disagree"
    if reason not in ("equal", "partial"):
        found = _ladder(climbed, None, asked)
        return ConstructLink(key, False, reason, False, anchors, (), free, (), found)
    changes = _changes(last, refit, held, asked.level)
    return ConstructLink(
        key, True, reason, unchanged and reason == "equal", held, apart, free, changes,
        _ladder(climbed, last, asked), _doubts(key, changes),
    )  # fmt: skip


def _with(
    first: Fit, equal: Sequence[str], free: Sequence[str], loose: Sequence[str]
) -> tuple[str, ...]:
    """Return the parameters that are not equal: those of changed items, and others."""
    factors = loadings_of(first.partable)
    out = [f"{factor}=~{item}" for item in free for factor in factors[item] if "loadings" in equal]
    out += [f"{item}~1" for item in free if "intercepts" in equal]
    return (*out, *loose)


def _ladder(climbed: Climbed, last: InvarianceStep | None, asked: Asked) -> Invariance:
    """Return the steps as a result of their own."""
    first = climbed.steps[0].fit
    columns = ["step", "item", "factor", "parameter", "chisq", "df", "pvalue", "p_adjusted"]
    tests = pd.concat(climbed.tests, ignore_index=True) if climbed.tests else None
    licensed = None if last is None else "partial" if climbed.freed else "scalar"
    return Invariance(
        group=WAVE, steps=climbed.steps, rule=asked.rule, adjust=asked.adjust, freed=climbed.freed,
        tests=labelled(pd.DataFrame(columns=columns) if tests is None else tests, first.synthetic),
        licensed=licensed, people={str(name): int(n) for name, n in first.group_nobs.items()},
        latent_means=None if last is None else means_frame(last.fit, asked.level),
        problems=climbed.problems, unit="waves", synthetic=first.synthetic,
    )  # fmt: skip


def _changes(
    last: InvarianceStep, refit: Any, held: Sequence[str], level: float
) -> tuple[LatentChange, ...]:
    """Return the change of each factor, and how far it hangs on single anchors."""
    means = _new_means(last.fit, level)
    factors = loadings_of(last.fit.partable)
    found: list[LatentChange] = []
    for name, row in means.items():
        own = [item for item in held if name in factors[item]]
        without = []
        for item in own if len(own) > FEWEST_ANCHORS else ():
            loose = (*last.free, f"{name}=~{item}", f"{item}~1")
            again = refit(last.equal, tuple(dict.fromkeys(loose)), last.fit)
            without.append(_new_means(again, level)[name]["difference"])
        found.append(
            LatentChange(
                name, tuple(own), row["difference"], row["se"],
                row["ci_lower"], row["ci_upper"], row["d"],
                min(without, default=_NAN), max(without, default=_NAN),
            )
        )  # fmt: skip
    return tuple(found)


def _new_means(fit: Fit, level: float) -> dict[str, dict[str, float]]:
    """Return the row of the new wave for each factor."""
    frame = means_frame(fit, level)
    return {
        str(row["factor"]): row for row in frame.to_dict("records") if row["group"] == fit.groups[1]
    }  # pyright: ignore[reportReturnType]


def _doubts(key: str, changes: Sequence[LatentChange]) -> tuple[Problem, ...]:
    """Say where the change depends on which anchors are believed."""
    wide = [
        one for one in changes if not (one.lowest >= one.lower and one.highest <= one.upper)
        and not np.isnan(one.lowest)
    ]  # fmt: skip
    if not wide:
        return ()
    return (
        Problem(
            "anchors_disagree",
            "warning",
            f"The change of {key} depends on which unchanged items are believed: without one of "
            "them it lies outside the interval.",
            "Say so with the change, and read the items' own changes beside it.",
            key,
        ),
    )


def linked_items(change: InstrumentChange, one: ConstructLink, asked: Asked) -> pd.DataFrame:
    """Return the items of a link with their parameters in both waves.

    Parameters
    ----------
    change : InstrumentChange
    one : ConstructLink
    asked : Asked
    """
    names = (
        "construct", "item", "kind", "role", "loading_old", "loading_new", "intercept_old",
        "intercept_new", "shift", "se", "ci_lower", "ci_upper",
    )  # fmt: skip
    if one.ladder is None or not one.licensed:
        return pd.DataFrame(columns=list(names))
    fitted = one.ladder.steps[-1].fit
    rows = [_item_row(change, one, fitted, item, asked) for item in loadings_of(fitted.partable)]
    return pd.DataFrame(rows, columns=list(names))


def _item_row(
    change: InstrumentChange, one: ConstructLink, fitted: Fit, item: str, asked: Asked
) -> dict[str, Any]:
    known = next(row for row in change.items if row.name == item)
    role = "anchor" if item in one.anchors else "changed" if item in one.free else "apart"
    factor = loadings_of(fitted.partable)[item][0]
    loading, _ = _pair(fitted, (factor, "=~", item))
    intercept, spread = _pair(fitted, (item, "~1", ""))
    row = {
        "construct": one.construct, "item": item, "kind": known.kind, "role": role,
        "loading_old": loading[0], "loading_new": loading[1], "intercept_old": intercept[0],
        "intercept_new": intercept[1],
    }  # fmt: skip
    same_scale = not {"rescaled", "turned"} & set(known.details)
    if role == "anchor" or not same_scale:
        return {**row, "shift": _NAN, "se": _NAN, "ci_lower": _NAN, "ci_upper": _NAN}
    shift, half = intercept[1] - intercept[0], float(ndtri(0.5 + asked.level / 2.0)) * spread
    return {
        **row, "shift": shift, "se": spread, "ci_lower": shift - half, "ci_upper": shift + half,
    }  # fmt: skip


def _pair(fitted: Fit, key: tuple[str, str, str]) -> tuple[tuple[float, float], float]:
    """Return a parameter in both waves, and the standard error of its difference."""
    table, theta, vcov = fitted.partable, fitted.estimate.theta, fitted.vcov
    rows = list(zip(table.lhs, table.op, table.rhs, table.group, strict=True))
    at = [table.unique[rows.index((*key, group))] for group in (1, 2)]
    one, two = at
    spread = vcov[one, one] + vcov[two, two] - 2.0 * vcov[one, two]
    return (float(theta[one]), float(theta[two])), float(np.sqrt(max(spread, 0.0)))
