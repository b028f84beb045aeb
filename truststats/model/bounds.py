"""Bounds that keep estimates where they can be: variances not negative, loadings not endless.

De Jonckheere & Rosseel (2022), doi:10.1080/10705511.2022.2076684.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from truststats.arrays import Array
from truststats.errors import DataError, NotSupportedError
from truststats.options import choose

if TYPE_CHECKING:
    from truststats.model.partable import ParTable

__all__ = ["BOUNDS", "bounds_kind", "needs_variances", "with_bounds"]

BOUNDS = ("none", "standard", "wide", "pos.var", "pos.ov.var", "pos.lv.var")
"""The sets of automatic bounds."""

_RELIABILITY = 0.1
"""Share of a marker's variance that its factor explains at least."""
_ENDOGENOUS = 0.005
"""Smallest residual variance of an explained factor that has a marker."""
_CORRELATION = 0.998
"""Largest correlation under the standard bounds."""


def bounds_kind(bounds: str | None) -> str:
    """Return the canonical name of a set of bounds, ``"none"`` for None."""
    aliases = {kind.replace(".", "_"): kind for kind in BOUNDS} | {"user": "none"}
    return "none" if bounds is None else choose("bounds", bounds, BOUNDS, aliases=aliases)


def needs_variances(bounds: str | None) -> bool:
    """Tell whether the bounds depend on the sample, so that `with_bounds` needs variances."""
    return bounds_kind(bounds) in ("standard", "wide")


def with_bounds(
    table: ParTable, bounds: str | None, variances: Sequence[Array] = (), *, std_lv: bool = False
) -> ParTable:
    """Return the table with automatic bounds on free rows; bounds of the text stand.

    ``pos.var`` keeps variances from being negative (``pos.ov.var`` and ``pos.lv.var`` those of
    observed and latent variables). ``standard`` bounds a residual variance by the sample
    variance, gives the marker (the one loading fixed to 1) of each factor a reliability of at
    least 0.1 and from that bounds factor variances, loadings and covariances; ``wide`` widens
    these.

    Parameters
    ----------
    table : ParTable
    bounds : {None, "none", "standard", "wide", "pos.var", "pos.ov.var", "pos.lv.var"}
    variances : sequence of (p,) arrays
        The sample variances (divisor n) of each group, in the order of ``table.ov``.
    std_lv : bool
        Whether the factors have variance 1.

    Raises
    ------
    NotSupportedError
        For automatic bounds together with effect coding, or with `std_lv` where the variance of
        a factor is free.
    DataError
        If the variances of a group are missing.
    """
    kind = bounds_kind(bounds)
    if kind == "none":
        return table
    if any(c.lhs.startswith(".p") for c in table.constraints):
        raise NotSupportedError(
            f"bounds={kind!r} together with effect coding",
            why="the bounds follow from the marker of a factor, and there is none",
            fix="write lower() and upper() in the model, or leave effect_coding out",
        )
    if std_lv and any(_free_factor(table, row) for row in range(len(table))):
        raise NotSupportedError(
            f"bounds={kind!r} together with std_lv where the variance of a factor is free",
            why="lavaan keeps such a variance at 1, so there is nothing to check against",
            fix="leave std_lv out, or write lower() and upper() in the model",
        )
    if kind in ("standard", "wide") and len(variances) != table.n_groups:
        raise DataError(
            f"bounds={kind!r} needs the variances of {table.n_groups} groups, "
            f"not of {len(variances)}",
            fix="give one array for each group",
        )
    pairs = [_pair(table, row, kind, variances, std_lv) for row in range(len(table))]
    low = [
        _tighter(own, auto, -math.inf) for own, (auto, _) in zip(table.lower, pairs, strict=True)
    ]
    high = [
        _tighter(own, auto, math.inf) for own, (_, auto) in zip(table.upper, pairs, strict=True)
    ]
    return replace(table, lower=tuple(low), upper=tuple(high))


def _free_factor(t: ParTable, row: int) -> bool:
    free = t.unique[row] >= 0 and t.op[row] == "~~" and t.lhs[row] == t.rhs[row]
    return free and t.lhs[row] in t.lv


def _tighter(own: float, automatic: float, none: float) -> float:
    return automatic if own == none else own


_FREE = (-math.inf, math.inf)


def _pair(
    t: ParTable, row: int, kind: str, variances: Sequence[Array], std_lv: bool
) -> tuple[float, float]:
    if t.unique[row] < 0:
        return _FREE
    lhs, op, rhs = t.lhs[row], t.op[row], t.rhs[row]
    latent = lhs in t.lv
    if kind.startswith("pos"):
        wanted = {"pos.var": True, "pos.ov.var": not latent, "pos.lv.var": latent}[kind]
        return (0.0, math.inf) if op == "~~" and lhs == rhs and wanted else _FREE
    group = _Group(t, t.group[row], kind == "wide", std_lv, dict(
        zip(t.ov, map(float, variances[t.group[row] - 1]), strict=True)
    ))  # fmt: skip
    if op == "~~":
        return group.variance(lhs) if lhs == rhs else group.covariance(lhs, rhs)
    return group.loading(lhs, rhs) if op == "=~" else _FREE


@dataclass(frozen=True)
class _Group:
    """The bounds of one group."""

    table: ParTable
    number: int
    wide: bool
    std_lv: bool
    sample: dict[str, float]

    def rows(self, op: str) -> list[int]:
        t = self.table
        return [k for k in range(len(t)) if t.op[k] == op and t.group[k] == self.number]

    def marker(self, factor: str) -> str | None:
        """Return the observed indicator whose loading alone is fixed to 1."""
        t = self.table
        ones = [
            t.rhs[k] for k in self.rows("=~")
            if t.lhs[k] == factor and t.unique[k] < 0 and t.ustart[k] == 1.0
        ]  # fmt: skip
        return ones[0] if len(ones) == 1 and ones[0] in self.sample else None

    def explained(self, name: str) -> bool:
        t = self.table
        return any(t.lhs[k] == name for k in self.rows("~")) or any(
            t.rhs[k] == name for k in self.rows("=~")
        )

    def plain_variance(self, name: str) -> tuple[float, float]:
        """Return the bounds of a variance before they are widened."""
        if name in self.sample:
            markers = {self.marker(factor) for factor in self.table.lv}
            share = 1.0 - _RELIABILITY if name in markers and not self.std_lv else 1.0
            return 0.0, share * self.sample[name]
        marker = self.marker(name)
        if marker is None:
            return 0.0, max(self.sample.values())
        low = _ENDOGENOUS if self.explained(name) else _RELIABILITY * self.sample[marker]
        return low, self.sample[marker]

    def variance(self, name: str) -> tuple[float, float]:
        low, high = self.plain_variance(name)
        if not self.wide:
            return low, high
        if name in self.sample:
            return low - 0.05 * (high - low), high + 0.2 * (high - low)
        return low, high + 0.3 * (high - low)

    def covariance(self, lhs: str, rhs: str) -> tuple[float, float]:
        highs = [
            1.0 if self.std_lv and name not in self.sample else self.variance(name)[1]
            for name in (lhs, rhs)
        ]
        limit = (1.0 if self.wide else _CORRELATION) * math.sqrt(highs[0] * highs[1])
        return -limit, limit

    def loading(self, factor: str, item: str) -> tuple[float, float]:
        if item not in self.sample:
            return _FREE
        marker = self.marker(factor)
        if marker is None and not self.std_lv:
            return _FREE
        smallest = 1.0 if self.std_lv else _RELIABILITY * self.sample[marker or item]
        limit = math.sqrt(self.sample[item] / smallest) * (1.2 if self.wide else 1.0)
        return -limit, limit
