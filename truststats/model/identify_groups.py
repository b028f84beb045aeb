"""Units and origins of factors, which a group may have by its equality with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from truststats.errors import IdentificationError

if TYPE_CHECKING:
    from truststats.model.partable import ParTable

__all__ = ["GroupRows", "every_factor_has_a_unit", "every_mean_has_an_origin", "groups_of"]


@dataclass(frozen=True)
class GroupRows:
    """The rows of one group of a parameter table.

    Attributes
    ----------
    lhs, op, rhs, unique, ustart : tuple
        As in `ParTable`.
    lv : tuple of str
        The factors that the group measures.
    number : int
        The group, from 1.
    name : str
        ``group 2 (Oslo)``; empty in a table of one group.
    tied : frozenset of int
        Elements of theta that several rows of the table share.
    constrained : frozenset of int
        Elements of theta that equality constraints involve.
    """

    lhs: tuple[str, ...]
    op: tuple[str, ...]
    rhs: tuple[str, ...]
    unique: tuple[int, ...]
    ustart: tuple[float, ...]
    lv: tuple[str, ...]
    number: int
    name: str
    tied: frozenset[int]
    constrained: frozenset[int]

    def __len__(self) -> int:
        return len(self.lhs)

    @cached_property
    def effects(self) -> tuple[tuple[int, str, str], ...]:
        """Row, cause and outcome of each loading and regression."""
        rows = enumerate(zip(self.lhs, self.op, self.rhs, strict=True))
        return tuple(
            (row, lhs, rhs) if op == "=~" else (row, rhs, lhs)
            for row, (lhs, op, rhs) in rows
            if op in ("=~", "~")
        )

    @cached_property
    def means(self) -> dict[str, int]:
        """The row of each variable's intercept or mean."""
        rows = enumerate(zip(self.lhs, self.op, strict=True))
        return {lhs: row for row, (lhs, op) in rows if op == "~1"}

    def is_fixed(self, row: int) -> bool:
        """Tell whether the row has a fixed value."""
        return self.unique[row] < 0

    def is_zero(self, row: int) -> bool:
        """Tell whether the row is fixed to zero."""
        return self.is_fixed(row) and self.ustart[row] == 0.0

    def is_shared(self, row: int) -> bool:
        """Tell whether another row has the same parameter, or a constraint involves it."""
        return self.unique[row] in self.tied or self.unique[row] in self.constrained

    def shown(self, row: int) -> str:
        """Return the row as the text has it, with the group."""
        words = f"{self.lhs[row]} {self.op[row]} {self.rhs[row]}".strip()
        return f"{words} in {self.name}" if self.name else words

    def scale_rows(self, factor: str) -> list[int]:
        """Return the loadings, regressions and variance that depend on a factor's unit."""
        return [
            row
            for row, (lhs, op, rhs) in enumerate(zip(self.lhs, self.op, self.rhs, strict=True))
            if (op in ("=~", "~") and factor in (lhs, rhs)) or (op == "~~" and lhs == rhs == factor)
        ]


def groups_of(t: ParTable) -> list[GroupRows]:
    """Return the rows of each group, without defined parameters."""
    counts = Counter(u for u in t.unique if u >= 0)
    tied = frozenset(u for u, count in counts.items() if count > 1)
    constrained = _constrained(t)
    return [_rows_of(t, g + 1, tied, constrained) for g in range(t.n_groups)]


def _constrained(t: ParTable) -> frozenset[int]:
    at = [k for k, c in enumerate(t.constraints) if c.op == "=="]
    if not at:
        return frozenset()
    theta = np.linspace(0.6, 1.4, t.npar)
    touched = np.abs(np.nan_to_num(t.gap_jacobian(theta)[at])).sum(axis=0) > 0.0
    return frozenset(np.flatnonzero(touched).tolist())


def _rows_of(
    t: ParTable, number: int, tied: frozenset[int], constrained: frozenset[int]
) -> GroupRows:
    rows = [k for k in range(len(t)) if t.group[k] == number]
    measured = {t.lhs[k] for k in rows if t.op[k] == "=~"}
    label = f" ({t.group_labels[number - 1]})" if t.group_labels else ""
    return GroupRows(
        tuple(t.lhs[k] for k in rows),
        tuple(t.op[k] for k in rows),
        tuple(t.rhs[k] for k in rows),
        tuple(t.unique[k] for k in rows),
        tuple(t.ustart[k] for k in rows),
        tuple(v for v in t.lv if v in measured),
        number,
        f"group {number}{label}" if t.n_groups > 1 else "",
        tied,
        constrained,
    )


def every_factor_has_a_unit(groups: Sequence[GroupRows]) -> None:
    """Raise unless each factor has a unit in its group or by equality with a group that has one.

    Raises
    ------
    IdentificationError
        Naming the factor and what to fix.
    """
    for factor in dict.fromkeys(v for t in groups for v in t.lv):
        having = [t for t in groups if factor in t.lv]
        lacking = _unreached(
            having,
            [_own_unit(t, factor) for t in having],
            [_thetas(t, t.scale_rows(factor)) for t in having],
        )
        if lacking:
            raise _no_unit(lacking[0], factor)


def _unreached(
    groups: Sequence[GroupRows], own: Sequence[bool], thetas: Sequence[set[int]]
) -> list[GroupRows]:
    """Return the groups that neither have something nor share a parameter with one that has."""
    reached = {k for k, has in enumerate(own) if has}
    while True:
        known = {u for k in reached for u in thetas[k]}
        more = {k for k in range(len(groups)) if thetas[k] & known} - reached
        if not more:
            return [t for k, t in enumerate(groups) if k not in reached]
        reached |= more


def _thetas(t: GroupRows, rows: Iterable[int]) -> set[int]:
    return {t.unique[row] for row in rows if t.unique[row] >= 0}


def _own_unit(t: GroupRows, factor: str) -> bool:
    rows = t.scale_rows(factor)
    if any(t.is_fixed(row) and t.ustart[row] != 0.0 for row in rows):
        return True
    inside = Counter(u for u in t.unique if u >= 0)
    return any(inside[t.unique[row]] > 1 or t.unique[row] in t.constrained for row in rows)


def _no_unit(t: GroupRows, factor: str) -> IdentificationError:
    rows = t.scale_rows(factor)
    first = next(row for row in rows if t.op[row] == "=~" and t.lhs[row] == factor)
    return IdentificationError(
        f"the latent variable {factor!r} has no unit" + (f" in {t.name}" if t.name else ""),
        where=t.shown(first),
        why="all its loadings and its variance are free, so they can be rescaled at will",
        fix=f"fix a loading ({factor} =~ 1*{t.rhs[first]}) or the variance "
        f"({factor} ~~ 1*{factor})",
    )


def every_mean_has_an_origin(groups: Sequence[GroupRows]) -> None:
    """Raise if a free factor mean can be shifted into free intercepts of all it explains.

    A mean has an origin where one of these intercepts is fixed, is shared or is constrained.

    Raises
    ------
    IdentificationError
        Naming the factor and what to fix.
    """
    for factor in dict.fromkeys(v for t in groups for v in t.lv):
        having = [t for t in groups if _mean(t, factor) is not None]
        lacking = _unreached(
            having,
            [_own_origin(t, factor) for t in having],
            [_thetas(t, _origin_rows(t, factor)) for t in having],
        )
        if lacking:
            raise _no_origin(lacking[0], factor)


def _mean(t: GroupRows, name: str) -> int | None:
    return t.means.get(name)


def _origin_rows(t: GroupRows, factor: str) -> list[int]:
    """Return the mean of a factor and the intercepts of all that it explains."""
    outcomes = (outcome for _, cause, outcome in t.effects if cause == factor)
    rows = (_mean(t, name) for name in (factor, *outcomes))
    return [row for row in rows if row is not None]


def _own_origin(t: GroupRows, factor: str) -> bool:
    rows = _origin_rows(t, factor)
    inside = Counter(u for u in t.unique if u >= 0)
    return any(
        t.is_fixed(row) or t.unique[row] in t.constrained or inside[t.unique[row]] > 1
        for row in rows
    )


def _no_origin(t: GroupRows, factor: str) -> IdentificationError:
    item = next(outcome for _, cause, outcome in t.effects if cause == factor)
    return IdentificationError(
        f"the mean of {factor!r} has no origin" + (f" in {t.name}" if t.name else ""),
        where=t.shown(_mean(t, factor) or 0),
        why="the intercepts of all that it explains are free, so they can take it over",
        fix=f"fix the mean ({factor} ~ 0*1) or an intercept ({item} ~ 0*1)",
    )
