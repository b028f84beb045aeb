"""The partial route: which items part the groups, freed one at a time, two anchors kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.candidates import Candidate
from truststats.inference.equality_tests import (
    EqualityPieces,
    added_pieces,
    equality_pieces,
    equality_test,
)
from truststats.inference.score import robust_pieces, score_pieces
from truststats.model import ParTable
from truststats.psychometrics.invariance import adjusted
from truststats.results.fit import Fit
from truststats.results.invariance import FreedItem, InvarianceStep
from truststats.survey.synthetic import labelled

__all__ = [
    "ANCHORS",
    "OPERATORS",
    "Partial",
    "anchors_left",
    "free_one_at_a_time",
    "item_tests",
    "loadings_of",
]

#: Items of each factor that stay equal in every respect.
ANCHORS = 2
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "metric": ("=~",),
    "scalar": ("~1",),
    "thresholds": ("|",),
    "loadings": ("=~",),
    "intercepts": ("~1",),
}
"""The parameters of an item that each step makes equal."""
_COLUMNS = ["step", "item", "factor", "parameter", "chisq", "df", "pvalue", "p_adjusted"]


def loadings_of(
    table: ParTable, names: Mapping[str, str] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the factors of each observed item, in the model's order.

    Parameters
    ----------
    table : ParTable
    names : mapping, optional
        The item or factor that a variable stands for; by default itself.
    """
    known = names or {}
    found: dict[str, list[str]] = defaultdict(list)
    for lhs, op, rhs, group in zip(table.lhs, table.op, table.rhs, table.group, strict=True):
        if op == "=~" and group == 1 and rhs in table.ov:
            found[known.get(rhs, rhs)].append(known.get(lhs, lhs))
    return {item: tuple(dict.fromkeys(factors)) for item, factors in found.items()}


def item_tests(
    fit: Fit,
    step: str,
    adjust: str,
    operators: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return the score test of each item's equality over groups that a step added.

    Parameters
    ----------
    fit : Fit
        With the equalities.
    step : str
    adjust : {"holm", "bh", "none"}
        Over the items tested.
    operators : sequence of str, optional
        Which parameters of an item are tested together; by default what the step adds.
    names : mapping, optional
        As for `loadings_of`.

    Returns
    -------
    pandas.DataFrame
        step, item, factor, parameter, chisq, df, pvalue, p_adjusted.
    """
    kinds = OPERATORS[step] if operators is None else tuple(operators)
    factors = loadings_of(fit.partable, names)
    if isinstance(fit.estimate, OrdinalEstimate) and kinds == ("~1",):
        pieces, keys = _intercepts(fit, fit.estimate, factors)
    else:
        pieces, keys = _equalities(fit, kinds, factors, names or {})
    rows = []
    for item in factors:
        numbers = [number for number, (name, _) in enumerate(keys) if name == item]
        if numbers:
            found = equality_test(pieces, numbers)
            parameter = min((keys[k][1] for k in numbers), key=lambda text: "|" not in text)
            factor = parameter.split("=~")[0] if "=~" in parameter else factors[item][0]
            rows.append((step, item, factor, parameter, found.chisq, found.df, found.pvalue))
    frame = pd.DataFrame(rows, columns=_COLUMNS[:-1])
    frame["p_adjusted"] = adjusted(frame["pvalue"].to_numpy(dtype=float), adjust)
    return labelled(frame, fit.synthetic)


def _equalities(
    fit: Fit, kinds: Sequence[str], factors: Mapping[str, tuple[str, ...]], names: Mapping[str, str]
) -> tuple[EqualityPieces, list[tuple[str, str]]]:
    """Return the tests of equalities by label, and the item and parameter of each."""
    table = fit.partable
    if fit.se_type == "standard":
        pieces = equality_pieces(score_pieces(table, fit.estimate))
    else:
        pieces = equality_pieces(robust_pieces(table, fit.estimate, "expected"))
    keys: list[tuple[str, str]] = []
    for name in pieces.names:
        row = name.row
        op = "" if row is None else table.op[row]
        if row is None or op not in kinds:
            keys.append(("", ""))
            continue
        lhs, rhs = (names.get(side, side) for side in (table.lhs[row], table.rhs[row]))
        item = rhs if op == "=~" else lhs
        keys.append((item if item in factors else "", f"{lhs}{op}{'' if op == '~1' else rhs}"))
    return pieces, keys


def _intercepts(
    fit: Fit, estimate: OrdinalEstimate, factors: Mapping[str, tuple[str, ...]]
) -> tuple[EqualityPieces, list[tuple[str, str]]]:
    """Return the tests of ordinal items' intercepts, which are zero in all groups."""
    table, loose = fit.partable, {
        lhs for lhs, op, unique, group in zip(
            fit.partable.lhs, fit.partable.op, fit.partable.unique, fit.partable.group, strict=True
        ) if op == "~1" and unique >= 0 and group > 1
    }  # fmt: skip
    tied = {table.lhs[k] for k, label in enumerate(table.label) if table.op[k] == "|" and label}
    items = [item for item in factors if item in tied and item not in loose]
    groups = range(2, table.n_groups + 1)
    wanted = [Candidate(item, "~1", "", group) for item in items for group in groups]
    keys = [(c.lhs, f"{c.lhs}~1") for c in wanted]
    return added_pieces(estimate, wanted), keys


def anchors_left(
    table: ParTable, free: Sequence[str], names: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Return how many items of each factor have nothing free but their residuals."""
    loose = {text.split("=~")[1] for text in free if "=~" in text}
    loose |= {text.split("~1")[0] for text in free if text.endswith("~1")}
    loose |= {text.split("|")[0] for text in free if "|" in text}
    count: dict[str, int] = defaultdict(int)
    for item, factors in loadings_of(table, names).items():
        for factor in factors:
            count[factor] += item not in loose
    return dict(count)


@dataclass(frozen=True)
class Partial:
    """What the partial route of one step came to.

    Attributes
    ----------
    step : InvarianceStep
        The last partial version.
    freed : tuple of FreedItem
    tests : DataFrame
        The score tests of the step with all equalities.
    reason : {"", "no_item", "anchors"}
        Why it stopped short: no item stands out, or too few would be left.
    """

    step: InvarianceStep
    freed: tuple[FreedItem, ...]
    tests: pd.DataFrame
    reason: str = ""


def free_one_at_a_time(
    failed: InvarianceStep,
    judged: Callable[[tuple[str, ...], Fit], InvarianceStep],
    *,
    adjust: str,
    alpha: float,
    also: Mapping[str, Sequence[str]] | None = None,
    operators: Sequence[str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Partial:
    """Free the item that stands out most until the step no longer fails.

    Parameters
    ----------
    failed : InvarianceStep
    judged : callable
        Makes the step with some parameters free, starting near a fit.
    adjust, alpha : str, float
        Of the score tests.
    also : mapping, optional
        Parameters that are freed together with another.
    operators, names : optional
        As for `item_tests`.
    """
    step, freed = failed, list[FreedItem]()
    first: pd.DataFrame | None = None
    while True:
        tests = item_tests(step.fit, failed.name, adjust, operators, names)
        first = tests if first is None else first
        found = tests[tests["p_adjusted"] < alpha].sort_values(
            "chisq", ascending=False, kind="stable"
        )
        reason = "no_item" if found.empty else "anchors"
        chosen = None
        for row in found.to_dict("records"):
            more = (row["parameter"], *(also or {}).get(row["parameter"], ()))
            free = (*step.free, *(text for text in more if text not in step.free))
            left = anchors_left(step.fit.partable, free, names)
            own = loadings_of(step.fit.partable, names)[row["item"]]
            if min(left[name] for name in own) >= ANCHORS:
                chosen = (row, free)
                break
        if chosen is None:
            return Partial(step, tuple(freed), first, reason)
        row, free = chosen
        freed.append(FreedItem(**{each.name: row[each.name] for each in fields(FreedItem)}))
        step = judged(free, step.fit)
        if step.accepted:
            return Partial(replace(step, decision="partial"), tuple(freed), first)
        if not np.isfinite(step.measures["chisq"]):
            return Partial(step, tuple(freed), first, "no_item")
