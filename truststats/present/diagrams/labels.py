"""Where the numbers of a path diagram stand, so that none lies on another or on a node.

Each number has candidate places along its own line and a little beside it. Places on a node are
struck out; the rest cost what they cover: other lines, nearness to an end, distance from the
line. Numbers are placed from the one with fewest places on, then moved in turn while the sum of
costs falls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

__all__ = ["Box", "Line", "place_labels"]

Box = tuple[float, float, float, float]

_SHARES: Final = np.linspace(0.08, 0.92, 43)
_ASIDE: Final = (0.0, 9.0, -9.0)
_FAR_ASIDE: Final = (16.0, -16.0, 24.0, -24.0)
_OVERLAP: Final = 1e4
_ROUNDS: Final = 12
_CLEAR: Final = 2.5
_STEP: Final = 4.0
_CLOSE: Final = 1.2


@dataclass(frozen=True)
class Line:
    """A line with its number.

    Attributes
    ----------
    trail : numpy.ndarray, shape (n, 2)
        Points along it.
    width, height : float
        Size of the number's box; zero width where it has none.
    best : tuple of float
        Shares of the length where the number stands best.
    weight : float
        How much it matters that no number covers this line.
    """

    trail: np.ndarray
    width: float
    height: float
    best: tuple[float, ...] = (0.5,)
    weight: float = 1.0


@dataclass
class _Choice:
    line: int
    boxes: np.ndarray
    costs: np.ndarray
    at: int = -1


def place_labels(lines: Sequence[Line], nodes: np.ndarray) -> list[Box | None]:
    """Return the box of each line's number as (left, top, right, bottom); None for no number.

    A number for which there is no free place is left out (None), and the caller says so.

    Parameters
    ----------
    lines : sequence of Line
        All lines, with and without numbers.
    nodes : numpy.ndarray, shape (k, 4)
        Boxes of the nodes: left, top, right, bottom.
    """
    choices = [
        _choice(k, lines, nodes) for k, line in enumerate(lines) if line.width and len(line.trail)
    ]
    for choice in sorted(choices, key=lambda c: (np.isfinite(c.costs).sum(), c.line)):
        _move(choice, choices)
    for _ in range(_ROUNDS):
        if not any([_move(choice, choices) for choice in choices]):
            break
    _drop_overlapping(choices)
    out: list[Box | None] = [None] * len(lines)
    for choice in choices:
        if choice.at >= 0:
            left, top, right, bottom = (float(v) for v in choice.boxes[choice.at])
            out[choice.line] = (left, top, right, bottom)
    return out


def _choice(index: int, lines: Sequence[Line], nodes: np.ndarray) -> _Choice:
    line = lines[index]
    trail = line.trail
    step = np.hypot(*np.diff(trail, axis=0).T)
    length = np.concatenate([[0.0], np.cumsum(step)])
    shares = np.unique(np.concatenate([_SHARES, np.array(line.best)]))
    at = shares * length[-1]
    centre = np.column_stack([np.interp(at, length, trail[:, k]) for k in (0, 1)])
    ahead = np.column_stack([np.interp(at + 1, length, trail[:, k]) for k in (0, 1)]) - centre
    size = np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    normal = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / size
    from_best = np.abs(shares[:, None] - np.array(line.best)).min(axis=1)
    centres, costs = [], []
    for aside in (*_ASIDE, *_FAR_ASIDE):
        centres.append(centre + aside * normal)
        costs.append(14 * from_best**1.5 + 0.16 * abs(aside) + (15.0 if abs(aside) > 10 else 0.0))
    middle = np.concatenate(centres)
    cost = np.concatenate(costs)
    half = np.array([line.width / 2, line.height / 2])
    boxes = np.column_stack([middle - half, middle + half])
    cost = cost + _lines_covered(boxes, index, lines)
    blocked = _hits(boxes, nodes).any(axis=1)
    return _Choice(index, boxes, np.where(blocked, np.inf, cost))


def _lines_covered(boxes: np.ndarray, index: int, lines: Sequence[Line]) -> np.ndarray:
    total = np.zeros(len(boxes))
    for other, line in enumerate(lines):
        if other == index or not len(line.trail):
            continue
        x, y = _even(line.trail).T
        inside = (
            (x > boxes[:, 0, None] - _CLEAR)
            & (x < boxes[:, 2, None] + _CLEAR)
            & (y > boxes[:, 1, None] - _CLEAR)
            & (y < boxes[:, 3, None] + _CLEAR)
        )
        share = inside.sum(axis=1)
        total += np.where(share > 0, line.weight * (0.9 + 0.12 * share), 0.0)
    return total


def _even(trail: np.ndarray) -> np.ndarray:
    """Return points a few pixels apart along a line."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(trail, axis=0).T))])
    at = np.linspace(0.0, length[-1], int(length[-1] / _STEP) + 2)
    return np.column_stack([np.interp(at, length, trail[:, k]) for k in (0, 1)])


def _hits(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which box overlaps which, shape (boxes, others)."""
    if not len(others):
        return np.zeros((len(boxes), 0), dtype=bool)
    return (
        (boxes[:, None, 0] < others[None, :, 2])
        & (others[None, :, 0] < boxes[:, None, 2])
        & (boxes[:, None, 1] < others[None, :, 3])
        & (others[None, :, 1] < boxes[:, None, 3])
    )


def _move(choice: _Choice, choices: Sequence[_Choice]) -> bool:
    """Put a number on its cheapest place given the others; return whether it moved."""
    if not np.isfinite(choice.costs).any():
        return False
    placed = [c.boxes[c.at] for c in choices if c is not choice and c.at >= 0]
    others = np.array(placed).reshape(-1, 4)
    clash = _hits(choice.boxes, others).sum(axis=1)
    close = _hits(choice.boxes, others + np.array([-4.0, -4.0, 4.0, 4.0])).sum(axis=1)
    best = int(np.argmin(choice.costs + _OVERLAP * clash + _CLOSE * close))
    moved = best != choice.at
    choice.at = best
    return moved


def _drop_overlapping(choices: Sequence[_Choice]) -> None:
    """Leave out what could not be freed, so that every number shown can be read."""
    kept: list[np.ndarray] = []
    for choice in choices:
        if choice.at < 0:
            continue
        box = choice.boxes[choice.at][None, :]
        if kept and _hits(box, np.array(kept)).any():
            choice.at = -1
        else:
            kept.append(box[0])
