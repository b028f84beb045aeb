"""The curve of every edge of a path diagram: level through its column, round other nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from truststats.present.diagrams.graph import Graph
from truststats.present.diagrams.ports import Point, Spot, Tie, spots, ties

__all__ = ["Curve", "curves"]

_DETOURS: Final = (0.0, 34.0, -34.0, 60.0, -60.0, 95.0, -95.0, 140.0, -140.0, 200.0, -200.0)
_WIDER: Final = tuple(range(0, 420, 20))
_SAMPLES: Final = 28


@dataclass(frozen=True)
class Curve:
    """An edge as drawn.

    Attributes
    ----------
    key : (str, str, str)
        lhs, op, rhs.
    points : tuple of (float, float)
        Start, then three points a cubic curve; ends at the outline of the nodes.
    trail : numpy.ndarray, shape (n, 2)
        Points along the curve.
    best : tuple of float
        Shares of the length where a number stands best.
    kind : str
        regression, loading or covariance.
    """

    key: tuple[str, str, str]
    points: tuple[Point, ...]
    trail: np.ndarray
    best: tuple[float, ...]
    kind: str


def curves(graph: Graph) -> list[Curve]:
    """Return the curve of every edge, in the order of the table.

    Parameters
    ----------
    graph : Graph
        The graph.
    """
    places = spots(graph)
    draw: dict[str, Callable[[Tie, dict[str, Spot]], Curve]] = {
        "flow": _flow,
        "arc": _arc,
        "bow": _bow,
        "under": _under,
        "branch": _branch,
    }
    return [draw[tie.style](tie, places) for tie in ties(graph, places)]


def _flow(tie: Tie, places: dict[str, Spot]) -> Curve:
    via = tie.via
    if not via:
        via = _detour(tie, places)
    stops = _level_ends(tie, via)
    points = [stops[0]]
    for (x0, y0), (x1, y1) in pairwise(stops):
        bend = 0.5 * (x1 - x0)
        points += [(x0 + bend, y0), (x1 - bend, y1), (x1, y1)]
    best = _flat_shares([tie.start, *via, tie.end]) if via else (0.5,)
    return _curve(tie, points, best)


def _level_ends(tie: Tie, via: tuple[Point, ...]) -> list[Point]:
    """Stay level until the own column is left, and from where the other one begins."""
    (x0, y0), (x1, y1) = tie.start, tie.end
    leave, enter = max(tie.clear[0], x0), min(tie.clear[1], x1)
    first, last = (via[0][0], via[-1][0]) if via else (enter, leave)
    stops = [tie.start]
    if x0 + 1 < leave < first:
        stops.append((leave, y0))
    stops += via
    if last < enter < x1 - 1:
        stops.append((enter, y1))
    return [*stops, tie.end]


def _detour(tie: Tie, places: dict[str, Spot]) -> tuple[Point, ...]:
    """Where the straight way is barred, the nearest height at which the way is free."""
    (x0, y0), (x1, y1) = tie.start, tie.end
    barred = [
        s
        for s in places.values()
        if s.name not in (tie.one.name, tie.two.name) and x0 < s.x + s.rx and s.x - s.rx < x1
    ]
    direct = np.concatenate(
        [
            _trail([(a, b), ((a + c) / 2, b), ((a + c) / 2, d), (c, d)])
            for (a, b), (c, d) in pairwise(_level_ends(tie, ()))
        ]
    )
    hit = [s for s in barred if _inside(direct, s)]
    if not hit:
        return ()
    left, right = min(s.x - s.rx for s in hit) - 6, max(s.x + s.rx for s in hit) + 6
    across = [s for s in barred if s.x + s.rx > left and s.x - s.rx < right]
    middle = (y0 + y1) / 2
    heights = [s.y + sign * (s.ry + 14) for s in across for sign in (-1, 1)]
    free = [y for y in heights if all(abs(y - s.y) >= s.ry + 8 for s in across)]
    if not free:
        return ()
    y = min(free, key=lambda h: (abs(h - middle), h))
    return (max(left, x0 + 8), y), (min(right, x1 - 8), y)


def _flat_shares(stops: list[Point]) -> tuple[float, ...]:
    """Shares of the length at the middles of the level stretches."""
    lengths = [math.dist(a, b) for a, b in pairwise(stops)]
    total = sum(lengths) or 1.0
    starts = np.concatenate([[0.0], np.cumsum(lengths)])
    flat = [
        float((starts[k] + lengths[k] / 2) / total)
        for k, (a, b) in enumerate(pairwise(stops))
        if abs(a[1] - b[1]) < 0.5
    ]
    return tuple(flat) or (0.5,)


def _arc(tie: Tie, places: dict[str, Spot]) -> Curve:
    (x0, y0), (x1, y1) = tie.start, tie.end
    reach = 22.0 + (0.30 if tie.side < 0 else 0.20) * abs(y1 - y0)
    outer = max(x0, x1) if tie.side > 0 else min(x0, x1)
    others = [s for s in places.values() if s.name not in (tie.one.name, tie.two.name)]
    points: list[Point] = []
    for wider in _WIDER:
        x = outer + tie.side * (reach + wider)
        points = [tie.start, (x, y0), (x, y1), tie.end]
        trail = _trail(points)
        if not any(_inside(trail, spot) for spot in others):
            break
    return _curve(tie, points, (0.5,))


def _under(tie: Tie, places: dict[str, Spot]) -> Curve:
    start, end = (tie.one.x, tie.one.y + tie.one.ry), (tie.two.x, tie.two.y + tie.two.ry)
    y = start[1] + 16.0 + 0.22 * abs(end[0] - start[0])
    return _curve(tie, [start, (start[0], y), (end[0], y), end], (0.5,))


def _branch(tie: Tie, places: dict[str, Spot]) -> Curve:
    dx, dy = tie.two.x - tie.one.x, tie.two.y - tie.one.y
    if abs(dy) > abs(dx) * 0.6 and abs(dy) > tie.one.ry + tie.two.ry:
        end = (tie.two.x, tie.two.y - math.copysign(tie.two.ry, dy))
    else:
        end = (tie.two.x - math.copysign(tie.two.rx, dx), tie.two.y)
    return _curve(tie, _straight(tie.one.toward(end), end), (0.55,))


def _bow(tie: Tie, places: dict[str, Spot]) -> Curve:
    """Draw a line, or the least bent arc that meets no other node."""
    others = [s for s in places.values() if s.name not in (tie.one.name, tie.two.name)]
    (x0, y0), (x1, y1) = (tie.one.x, tie.one.y), (tie.two.x, tie.two.y)
    span = math.hypot(x1 - x0, y1 - y0) or 1.0
    nx, ny = -(y1 - y0) / span, (x1 - x0) / span
    offsets = _DETOURS if tie.kind != "covariance" else (22.0, -22.0, *_DETOURS[1:])
    best: tuple[float, list[Point]] | None = None
    for offset in offsets:
        peak = ((x0 + x1) / 2 + nx * offset * 1.33, (y0 + y1) / 2 + ny * offset * 1.33)
        start, end = tie.one.toward(peak), tie.two.toward(peak)
        points = [start, _mix(start, peak, 0.66), _mix(end, peak, 0.66), end]
        trail = _trail(points)
        cost = sum(_inside(trail, s) for s in others) + abs(offset) / 1e4
        if best is None or cost < best[0]:
            best = (cost, points)
    assert best is not None
    return _curve(tie, best[1], (0.5,))


def _mix(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _straight(a: Point, b: Point) -> list[Point]:
    return [a, _mix(a, b, 1 / 3), _mix(a, b, 2 / 3), b]


def _inside(trail: np.ndarray, spot: Spot) -> int:
    dx, dy = np.abs(trail[:, 0] - spot.x), np.abs(trail[:, 1] - spot.y)
    if spot.kind == "latent":
        return int(((dx / (spot.rx + 5)) ** 2 + (dy / (spot.ry + 5)) ** 2 < 1).sum())
    return int(((dx < spot.rx + 5) & (dy < spot.ry + 5)).sum())


def _trail(points: Iterable[Point]) -> np.ndarray:
    nodes = np.array(list(points), dtype=float)
    t = np.linspace(0, 1, _SAMPLES)[:, None]
    parts = []
    for k in range(0, len(nodes) - 1, 3):
        a, b, c, d = nodes[k : k + 4]
        piece = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
        parts.append(piece if k == 0 else piece[1:])
    return np.concatenate(parts)


def _curve(tie: Tie, points: list[Point], best: tuple[float, ...]) -> Curve:
    return Curve(tie.key, tuple(points), _trail(points), best, tie.kind)
