"""Which layer a node belongs to, and the order within layers that lets few lines cross."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

__all__ = ["Passing", "Segment", "layers_of", "order_layers"]

_SWEEPS: Final = 16


@dataclass(frozen=True)
class Segment:
    """An arrow between two nodes of the layout.

    Attributes
    ----------
    cause, effect : str
        Its ends.
    weight : float
        How much it counts where lines cross and where heights are chosen.
    faint : bool
        Whether it is drawn thin and without a number.
    """

    cause: str
    effect: str
    weight: float
    faint: bool


@dataclass(frozen=True)
class Passing:
    """The place of an edge in a layer that it passes.

    Attributes
    ----------
    edge : (str, str, str)
        lhs, op, rhs.
    layer : int
        The layer passed.
    faint : bool
        Whether the edge carries no number.
    """

    edge: tuple[str, str, str]
    layer: int
    faint: bool


def layers_of(names: list[str], arrows: Mapping[Any, Segment]) -> dict[str, int]:
    """Return each node's layer: the length of the longest path that leads to it.

    An arrow that closes a cycle (met in the order of the names) does not count.

    Parameters
    ----------
    names : list of str
        Nodes.
    arrows : mapping
        Arrows by any key.
    """
    effects: dict[str, list[str]] = {name: [] for name in names}
    for arrow in arrows.values():
        effects[arrow.cause].append(arrow.effect)
    order: list[str] = []
    state: dict[str, int] = {}
    back: set[tuple[str, str]] = set()

    def visit(name: str) -> None:
        state[name] = 1
        for effect in effects[name]:
            if state.get(effect) == 1:
                back.add((name, effect))
            elif effect not in state:
                visit(effect)
        state[name] = 2
        order.append(name)

    for name in names:
        if name not in state:
            visit(name)
    layer = dict.fromkeys(names, 0)
    for name in reversed(order):
        for effect in effects[name]:
            if (name, effect) not in back:
                layer[effect] = max(layer[effect], layer[name] + 1)
    return layer


def order_layers(
    names: list[str],
    layers: Mapping[str, int],
    arrows: Mapping[tuple[str, str, str], Segment],
    priority: Mapping[str, int],
) -> tuple[list[list[Any]], list[tuple[Any, Any, float]]]:
    """Return the layers with their entries in order, and the segments between neighbours.

    Parameters
    ----------
    names : list of str
        Nodes.
    layers : mapping
        name -> layer.
    arrows : mapping
        (lhs, op, rhs) -> arrow.
    priority : mapping
        name -> rank within the first layer that is kept, whatever crosses.

    Returns
    -------
    columns : list of list
        Node names and `Passing` entries, from top to bottom.
    segments : list of (entry, entry, weight)
        Between entries of adjacent layers.
    """
    columns: list[list[Any]] = [[] for _ in range(max(layers.values(), default=0) + 1)]
    for name in names:
        columns[layers[name]].append(name)
    segments: list[tuple[Any, Any, float]] = []
    for edge, arrow in arrows.items():
        one, two = sorted((arrow.cause, arrow.effect), key=lambda n: layers[n])
        chain: list[Any] = [one]
        for at in range(layers[one] + 1, layers[two]):
            chain.append(Passing(edge, at, arrow.faint))
            columns[at].append(chain[-1])
        chain.append(two)
        if layers[one] < layers[two]:
            segments += [(a, b, arrow.weight) for a, b in pairwise(chain)]
    return _fewest(columns, segments, priority), segments


def _fewest(
    columns: list[list[Any]], segments: list[tuple[Any, Any, float]], priority: Mapping[str, int]
) -> list[list[Any]]:
    gaps = _by_gap(columns, segments)
    columns = [list(column) for column in columns]
    columns[0].sort(key=lambda entry: priority.get(entry, 0))
    best, fewest = [list(c) for c in columns], _crossings(columns, gaps)
    for sweep in range(_SWEEPS):
        span = range(1, len(columns)) if sweep % 2 == 0 else range(len(columns) - 2, -1, -1)
        for at in span:
            _by_barycentre(columns, at, gaps, priority, both=sweep > _SWEEPS // 2)
        _exchange(columns, gaps, priority)
        found = _crossings(columns, gaps)
        if found < fewest - 1e-9:
            best, fewest = [list(c) for c in columns], found
    return best


def _by_gap(
    columns: list[list[Any]], segments: Iterable[tuple[Any, Any, float]]
) -> list[list[tuple[Any, Any, float]]]:
    where = {entry: at for at, column in enumerate(columns) for entry in column}
    gaps: list[list[tuple[Any, Any, float]]] = [[] for _ in range(max(len(columns) - 1, 0))]
    for segment in segments:
        gaps[where[segment[0]]].append(segment)
    return gaps


def _by_barycentre(
    columns: list[list[Any]],
    at: int,
    gaps: list[list[tuple[Any, Any, float]]],
    priority: Mapping[str, int],
    *,
    both: bool,
) -> None:
    """Sort one layer by the weighted mean rank of its neighbours."""
    pull: dict[Any, list[tuple[float, float]]] = {entry: [] for entry in columns[at]}
    for gap in (at - 1, at):
        if not 0 <= gap < len(gaps) or not (both or _near(gap, at, len(columns))):
            continue
        other = gap if gap < at else at + 1
        rank = {entry: k / max(len(columns[other]), 1) for k, entry in enumerate(columns[other])}
        for one, two, weight in gaps[gap]:
            mine, theirs = (two, one) if gap < at else (one, two)
            pull[mine].append((rank[theirs], weight))
    rank_now = {entry: k / max(len(columns[at]), 1) for k, entry in enumerate(columns[at])}

    def centre(entry: Any) -> float:
        total = sum(w for _, w in pull[entry])
        return sum(r * w for r, w in pull[entry]) / total if total else rank_now[entry]

    columns[at].sort(key=lambda e: (priority.get(e, 0) if at == 0 else 0, centre(e), rank_now[e]))


def _near(gap: int, at: int, count: int) -> bool:
    return gap == at - 1 or at == 0 or count == 1


def _exchange(
    columns: list[list[Any]],
    gaps: list[list[tuple[Any, Any, float]]],
    priority: Mapping[str, int],
) -> None:
    """Exchange neighbours while that lowers the weighted number of crossings."""
    for _ in range(8):
        improved = False
        for at, column in enumerate(columns):
            for k in range(len(column) - 1):
                one, two = column[k], column[k + 1]
                if at == 0 and priority.get(one, 0) != priority.get(two, 0):
                    continue
                if _pair(one, two, columns, gaps, at) > _pair(two, one, columns, gaps, at) + 1e-9:
                    column[k], column[k + 1] = two, one
                    improved = True
        if not improved:
            return


def _pair(
    upper: Any,
    lower: Any,
    columns: list[list[Any]],
    gaps: list[list[tuple[Any, Any, float]]],
    at: int,
) -> float:
    """Weighted crossings among the lines of two neighbours, the first above the second."""
    total = 0.0
    for gap in (at - 1, at):
        if not 0 <= gap < len(gaps):
            continue
        side = 1 if gap < at else 0
        other = columns[gap if gap < at else at + 1]
        rank = {entry: k for k, entry in enumerate(other)}
        above = [(rank[s[1 - side]], s[2]) for s in gaps[gap] if s[side] == upper]
        below = [(rank[s[1 - side]], s[2]) for s in gaps[gap] if s[side] == lower]
        total += sum(w * v for r, w in above for q, v in below if r > q)
    return total


def _crossings(columns: list[list[Any]], gaps: list[list[tuple[Any, Any, float]]]) -> float:
    total = 0.0
    for at, gap in enumerate(gaps):
        left = {entry: k for k, entry in enumerate(columns[at])}
        right = {entry: k for k, entry in enumerate(columns[at + 1])}
        a = np.array([left[s[0]] for s in gap])
        b = np.array([right[s[1]] for s in gap])
        w = np.array([s[2] for s in gap])
        crossed = (a[:, None] < a[None, :]) & (b[:, None] > b[None, :])
        total += float((crossed * np.outer(w, w)).sum())
    return total
