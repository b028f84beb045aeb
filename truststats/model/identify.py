"""Refuse, before any estimation, a model that no data could identify."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from truststats.errors import IdentificationError
from truststats.model.identify_groups import (
    GroupRows,
    every_factor_has_a_unit,
    every_mean_has_an_origin,
    groups_of,
)
from truststats.model.partable import ParTable

__all__ = ["check_identified"]

_KINDS = {
    "=~": "loadings", "~": "regressions", "~~": "(co)variances", "~1": "intercepts",
    "|": "thresholds", "~*~": "scaling factors",
}  # fmt: skip


@lru_cache(maxsize=128)
def check_identified(partable: ParTable) -> None:
    """Raise unless the model passes the necessary conditions of identification.

    Checked in every group are: no variable explains itself, no effect is given twice, no factor
    measures itself through others, every factor has a unit and every free mean of a factor an
    origin (of its own, by equality with another group, or by a constraint), the variance of a
    factor can be told from that of its only indicator, a factor with two indicators is tied to
    the rest of the model, and there are at least as many sample moments as parameters (Bollen
    1989, Structural Equations with Latent Variables, pp. 238-254, 306-311 and 326-333; for
    groups Joreskog 1971, doi:10.1007/BF02291366). These are necessary, not sufficient: feedback
    loops and exotic covariance patterns are left to the rank of the information matrix.

    Parameters
    ----------
    partable : ParTable
        From `build_partable`.

    Raises
    ------
    IdentificationError
        Naming the variables and what to add or to fix.
    """
    groups = groups_of(partable)
    for t in groups:
        structure = _structure(t)
        _no_self_effects(t)
        _no_double_effects(t)
        _no_circular_measurement(t)
        for factor in t.lv:
            _single_indicator_splits(t, structure, factor)
            _pair_is_tied(t, structure, factor)
    every_factor_has_a_unit(groups)
    every_mean_has_an_origin(groups)
    _enough_moments(partable)
    for t in groups:
        _enough_in_group(partable, t)


@dataclass(frozen=True)
class _Structure:
    """Rows of the table by variable: effects of, effects on, covariances with others."""

    effects_of: Mapping[str, list[int]]
    effects_on: Mapping[str, list[int]]
    covariances: Mapping[str, list[int]]
    variances: Mapping[str, int]


def _structure(t: GroupRows) -> _Structure:
    effects_of: dict[str, list[int]] = defaultdict(list)
    effects_on: dict[str, list[int]] = defaultdict(list)
    covariances: dict[str, list[int]] = defaultdict(list)
    variances: dict[str, int] = {}
    for row, cause, outcome in t.effects:
        effects_of[cause].append(row)
        effects_on[outcome].append(row)
    for row, (lhs, op, rhs) in enumerate(zip(t.lhs, t.op, t.rhs, strict=True)):
        if op == "~~" and lhs == rhs:
            variances[lhs] = row
        elif op == "~~" and not t.is_zero(row):
            covariances[lhs].append(row)
            covariances[rhs].append(row)
    return _Structure(effects_of, effects_on, covariances, variances)


def _no_self_effects(t: GroupRows) -> None:
    for row, cause, outcome in t.effects:
        if cause == outcome:
            verb = "measured by" if t.op[row] == "=~" else "regressed on"
            raise IdentificationError(
                f"{cause!r} is {verb} itself",
                where=t.shown(row),
                why="a variable cannot explain itself",
                fix="delete this term; a variance is written "
                f"{cause} ~~ {cause}, an intercept {cause} ~ 1",
            )


def _no_double_effects(t: GroupRows) -> None:
    seen: dict[tuple[str, str], int] = {}
    for row, cause, outcome in t.effects:
        first = seen.setdefault((cause, outcome), row)
        if first != row:
            raise IdentificationError(
                f"the effect of {cause!r} on {outcome!r} is in the model twice",
                where=f"{t.shown(first)} and {t.shown(row)}",
                why="a loading and a regression between the same two variables are one parameter",
                fix=f"delete one of them, most likely {t.shown(row)}",
            )


def _no_circular_measurement(t: GroupRows) -> None:
    measures = {
        f: [t.rhs[i] for i in range(len(t)) if t.lhs[i] == f and t.op[i] == "=~"] for f in t.lv
    }
    grounded: set[str] = set()
    changed = True
    while changed:
        changed = False
        for factor, indicators in measures.items():
            if factor not in grounded and any(
                v not in measures or v in grounded for v in indicators
            ):
                grounded.add(factor)
                changed = True
    lost = [factor for factor in t.lv if factor not in grounded]
    if lost:
        raise IdentificationError(
            f"{', '.join(map(repr, lost))} measured by latent variables only, in a circle",
            why="no observed variable stands at the end of the measurement",
            fix=f"give {lost[0]} observed indicators: {lost[0]} =~ item1 + item2 + item3",
        )


def _single_indicator_splits(t: GroupRows, s: _Structure, factor: str) -> None:
    effects = s.effects_of[factor]
    if len(effects) != 1 or t.op[effects[0]] != "=~":
        return
    item = t.rhs[effects[0]]
    own, residual = s.variances.get(factor, -1), s.variances.get(item, -1)
    if own < 0 or residual < 0:
        return
    if any(t.is_fixed(row) or t.is_shared(row) for row in (own, residual)):
        return
    others = [row for row in s.effects_on[item] if row != effects[0]]
    if others or s.effects_of[item]:
        return
    raise IdentificationError(
        f"the variance of {item!r} cannot be divided between {factor!r} and its residual",
        where=f"{t.shown(effects[0])} and {t.shown(residual)}",
        why=f"{item} is the only thing that {factor} explains, and both variances are free",
        fix="fix the residual variance, to 0 or to (1 - reliability) x variance, as in "
        f"{item} ~~ 0*{item}",
    )


def _pair_is_tied(t: GroupRows, s: _Structure, factor: str) -> None:
    effects = s.effects_of[factor]
    if len(effects) != 2 or any(t.op[row] != "=~" for row in effects):
        return
    items = [t.rhs[row] for row in effects]
    if s.effects_on[factor] or s.covariances[factor]:
        return
    if any(s.effects_of[v] or s.covariances[v] or len(s.effects_on[v]) > 1 for v in items):
        return
    rows = [*effects, *(s.variances[v] for v in (factor, *items) if v in s.variances)]
    if sum(not t.is_fixed(row) for row in rows) <= 3 or any(t.is_shared(r) for r in rows):
        return
    raise IdentificationError(
        f"the latent variable {factor!r} has two indicators and no tie to the other variables",
        where=" and ".join(t.shown(row) for row in effects),
        why="one covariance cannot give a loading and a variance",
        fix=f"make the loadings equal ({factor} =~ 1*{items[0]} + 1*{items[1]}), add an "
        f"indicator, or relate {factor} to another variable",
    )


def _enough_moments(t: ParTable) -> None:
    if t.df >= 0:
        return
    kinds = Counter(_KINDS[op] for op, free in zip(t.op, t.free, strict=True) if free)
    parts = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    raise IdentificationError(
        f"the model has {-t.df} parameter{'s' if t.df < -1 else ''} too many "
        f"(degrees of freedom {t.df})",
        where=f"{t.npar} free parameters ({parts}) for {t.n_moments} sample moments of "
        f"{len(t.ov)} observed variables",
        why="there is no unique solution",
        fix="fix or drop parameters, add indicators, or make parameters equal with one label",
    )


def _enough_in_group(table: ParTable, t: GroupRows) -> None:
    """Raise if a group has more parameters of its own than moments."""
    if table.n_groups == 1:
        return
    elsewhere = {u for u, g in zip(table.unique, table.group, strict=True) if g != t.number}
    own = {u for u in t.unique if u >= 0} - elsewhere - t.constrained
    moments = table.n_moments_of(t.number)
    if len(own) > moments:
        raise IdentificationError(
            f"{t.name} has {len(own)} parameters of its own for {moments} sample moments",
            why="there is no unique solution",
            fix="fix or drop parameters, or make them equal over groups",
        )
