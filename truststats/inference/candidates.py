"""Which fixed or absent parameters of a model are candidates for being freed.

The list is lavaan's: the fixed rows of the parameter table, then every absent loading of a
variable that takes no part in a regression, covariance of two indicators, covariance of two
factors, and regression among the variables that already take part in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np

from truststats.arrays import IntArray
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH, Layout
from truststats.model import ParTable

__all__ = ["ITEM_OPERATORS", "OPERATORS", "Candidate", "candidates", "cell_of", "extend"]


Row = tuple[str, str, str]
OPERATORS = ("=~", "~", "~~", "~1")
#: Of ordinal items alone: thresholds and scaling factors.
ITEM_OPERATORS = ("|", "~*~")


@dataclass(frozen=True)
class Candidate:
    """One parameter that the model does not estimate.

    Attributes
    ----------
    lhs, op, rhs : str
        The parameter; `rhs` is empty for an intercept.
    group : int
        Its group, counted from 1.
    value : float
        The value it is fixed at; 0 for an absent parameter.
    """

    lhs: str
    op: str
    rhs: str
    group: int = 1
    value: float = 0.0


def _name(lhs: str, op: str, rhs: str) -> Row:
    if op == "~~" and rhs < lhs:
        lhs, rhs = rhs, lhs
    return lhs, op, rhs


def _absent(rows: Sequence[Row], lv: Sequence[str], ov: Sequence[str]) -> Iterator[Row]:
    """Yield the absent parameters of one group."""
    seen = [(lhs, rhs) for lhs, op, rhs in rows if op == "~"]
    joined = list(dict.fromkeys([lhs for lhs, _ in seen] + [rhs for _, rhs in seen]))
    measured = {rhs for _, op, rhs in rows if op == "=~"}
    indicators = [v for v in ov if v in measured]
    yield from ((f, "=~", v) for f in lv for v in ov if v not in joined)
    yield from ((a, "~~", b) for a, b in combinations(indicators, 2))
    yield from ((a, "~~", b) for a, b in combinations(lv, 2))
    for lhs, rhs in product(joined, joined):
        if lhs != rhs and not (lhs in measured and lhs not in lv and rhs in lv):
            yield lhs, "~", rhs


def _fixed(partable: ParTable, k: int) -> bool:
    """Tell whether a row is a parameter with a value that was given."""
    lhs, op = partable.lhs[k], partable.op[k]
    if partable.unique[k] >= 0 or partable.exo[k] or op not in (*OPERATORS, *ITEM_OPERATORS):
        return False
    computed = "~*~" if partable.theta else "~~"
    return not (op == computed and lhs == partable.rhs[k] and lhs in dict(partable.levels))


def candidates(partable: ParTable) -> tuple[Candidate, ...]:
    """Return the fixed and absent parameters of every group.

    Left out are the moments of exogenous variables that are fixed to their sample values, and
    regressions of such a variable, which would no longer be exogenous; `fixed_x=False` has them.
    Of ordinal items left out is what the parameterisation does not estimate: their residual
    variances (delta) or scaling factors (theta).
    """
    group = partable.group
    fixed: list[Candidate] = []
    absent: list[Candidate] = []
    for g in sorted({g for g in group if g > 0}):
        at = [k for k, other in enumerate(group) if other == g and partable.op[k] in OPERATORS]
        rows = [(partable.lhs[k], partable.op[k], partable.rhs[k]) for k in at]
        there = {_name(*row) for row in rows}
        own = [k for k, other in enumerate(group) if other == g and _fixed(partable, k)]
        for k in own:
            row = (partable.lhs[k], partable.op[k], partable.rhs[k])
            fixed.append(Candidate(*row, g, partable.ustart[k]))
        used = {name for lhs, _, rhs in rows for name in (lhs, rhs)}
        lv = [v for v in partable.lv if v in used]
        ov = [v for v in partable.ov if v in used]
        given = {partable.lhs[k] for k in at if partable.exo[k]}
        for row in _absent(rows, lv, ov):
            if _name(*row) not in there and not (row[1] == "~" and row[0] in given):
                absent.append(Candidate(*row, g))
    return (*fixed, *absent)


def cell_of(row: Row, nodes: Sequence[str]) -> tuple[int, int, int]:
    """Return the kind, row and column of the cell that a parameter fills."""
    lhs, op, rhs = row
    if op == "=~":
        return PATH, nodes.index(rhs), nodes.index(lhs)
    if op == "~":
        return PATH, nodes.index(lhs), nodes.index(rhs)
    if op == "~~":
        return COVARIANCE, nodes.index(lhs), nodes.index(rhs)
    return INTERCEPT, nodes.index(lhs), 0


def extend(layout: Layout, cells: Sequence[tuple[int, int, int]], par: IntArray, q: int) -> Layout:
    """Return the layout with further free cells, which fill elements `par` of a longer theta.

    Parameters
    ----------
    layout : Layout
        Its own parameters keep their places.
    cells : sequence of (kind, row, column)
        The further cells.
    par : (len(cells),) int array
        The element of theta for each.
    q : int
        Length of the new theta.
    """
    more = np.array(cells, dtype=np.intp).reshape(-1, 3)
    return replace(
        layout,
        q=q,
        kind=np.concatenate([layout.kind, more[:, 0]]),
        row=np.concatenate([layout.row, more[:, 1]]),
        col=np.concatenate([layout.col, more[:, 2]]),
        par=np.concatenate([layout.par, par]),
    )
