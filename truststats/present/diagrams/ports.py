"""Where edges leave and reach the nodes of a path diagram, and which kind of curve each takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from truststats.present.diagrams.graph import Graph

__all__ = ["Point", "Spot", "Tie", "spots", "ties"]

Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """A node as the drawing sees it: name, centre, half width, half height, kind, parent."""

    name: str
    x: float
    y: float
    rx: float
    ry: float
    kind: str
    parent: str = ""

    def edge_at(self, dy: float, side: float) -> Point:
        """Return the point of the outline at a height from the centre, left (-1) or right (1)."""
        if self.kind == "latent":
            return self.x + side * self.rx * math.sqrt(
                max(0.0, 1 - (dy / self.ry) ** 2)
            ), self.y + dy
        return self.x + side * self.rx, self.y + dy

    def toward(self, other: Point) -> Point:
        """Return where the outline meets the line from the centre to a point."""
        dx, dy = other[0] - self.x, other[1] - self.y
        if dx == 0 and dy == 0:
            return self.x, self.y - self.ry
        if self.kind == "latent":
            t = 1 / math.hypot(dx / self.rx, dy / self.ry)
        else:
            t = min(self.rx / abs(dx) if dx else math.inf, self.ry / abs(dy) if dy else math.inf)
        return self.x + t * dx, self.y + t * dy


def spots(graph: Graph) -> dict[str, Spot]:
    """Return the nodes with their places.

    Parameters
    ----------
    graph : Graph
        The graph.
    """
    table = graph.nodes.merge(graph.layout, on="name", how="left", validate="one_to_one")
    return {
        row["name"]: Spot(
            row["name"],
            float(row["x"]),
            float(row["y"]),
            float(row["width"]) / 2,
            float(row["height"]) / 2,
            row["kind"],
            row["parent"],
        )
        for row in table.to_dict("records")
    }


def ties(graph: Graph, places: dict[str, Spot]) -> list[Tie]:
    """Return every edge with its kind of curve and its ends, in the order of the table.

    Parameters
    ----------
    graph : Graph
        The graph.
    places : dict
        Its nodes, see `spots`.
    """
    ring = _is_ring(graph, places)
    found = [Tie.read(row, places, graph, ring) for row in graph.edges.to_dict("records")]
    _give_ports([tie for tie in found if tie.style == "flow"])
    _give_arc_ports([tie for tie in found if tie.style == "arc"])
    return found


@dataclass
class Tie:
    """An edge between two places: its kind of curve and, once ports are given, its ends.

    Attributes
    ----------
    key : (str, str, str)
        lhs, op, rhs.
    kind : str
        regression, loading or covariance.
    one, two : Spot
        Where it comes from and goes to.
    via : tuple of points
        Where it passes other layers.
    style : {"flow", "arc", "under", "branch", "bow"}
        From column to column; beside a column; below a row; factor to indicator; any other.
    side : float
        -1 for an arc on the left, 1 on the right.
    clear : (float, float)
        Right end of the first column, left end of the last.
    start, end : points
        On the outlines of the two nodes.
    """

    key: tuple[str, str, str]
    kind: str
    one: Spot
    two: Spot
    via: tuple[Point, ...]
    style: str
    side: float = 1.0
    clear: tuple[float, float] = (0.0, 0.0)
    start: Point = (0.0, 0.0)
    end: Point = (0.0, 0.0)

    @classmethod
    def read(cls, row: dict[Any, Any], places: dict[str, Spot], graph: Graph, ring: bool) -> Tie:
        """Return a row of the table of edges as a tie without ends yet."""
        lhs, rhs = places[row["lhs"]], places[row["rhs"]]
        one, two = (rhs, lhs) if row["kind"] == "regression" else (lhs, rhs)
        key = (row["lhs"], row["op"], row["rhs"])
        style, side = _style(row["kind"], one, two, places, ring)
        clear = (_reach(one, places)[1], _reach(two, places)[0])
        via = tuple(graph.routes.get(key, ()))
        return cls(key, row["kind"], one, two, via, style, side, clear)


def _is_ring(graph: Graph, places: dict[str, Spot]) -> bool:
    """Whether factors without paths stand in three columns or more."""
    columns = {round(s.x / 20) for s in places.values() if s.parent not in places}
    return len(columns) > 2 and not (graph.edges["kind"] == "regression").any()


def _style(
    kind: str, one: Spot, two: Spot, places: dict[str, Spot], ring: bool
) -> tuple[str, float]:
    if kind == "loading" and two.parent == one.name:
        return "branch", 1.0
    if kind != "covariance":
        return ("flow" if one.x + one.rx + 24 < two.x - two.rx else "bow"), 1.0
    free = [s for s in places.values() if s.parent not in places]
    if one.parent and abs(one.y - two.y) < 5 and one.y > places[one.parent].y + 20:
        return "under", 1.0
    if abs(one.x - two.x) > 20 or ring:
        return "bow", 1.0
    side = -1.0 if one.x <= min(s.x for s in free) + 20 else 1.0
    if one.parent and one.parent in places:
        side = 1.0 if one.x > places[one.parent].x else -1.0
    return "arc", side


def _reach(spot: Spot, places: dict[str, Spot]) -> tuple[float, float]:
    """Left and right end of the column a node stands in, indicators included."""
    inside = {s.name for s in places.values() if s.parent not in places and abs(s.x - spot.x) < 20}
    for _ in range(2):
        inside |= {s.name for s in places.values() if s.parent in inside}
    own = [places[name] for name in inside] or [spot]
    return min(s.x - s.rx for s in own), max(s.x + s.rx for s in own)


def _give_ports(edges: list[Tie]) -> None:
    """Spread arrows over the right side of their cause and the left side of their effect."""
    for name in dict.fromkeys(e.one.name for e in edges):
        own = [e for e in edges if e.one.name == name]
        own.sort(key=lambda e: ((e.via or ((0, e.two.y),))[0][1], e.two.y))
        for edge, dy in zip(own, _spread(len(own), own[0].one), strict=True):
            edge.start = edge.one.edge_at(dy, 1.0)
    for name in dict.fromkeys(e.two.name for e in edges):
        own = [e for e in edges if e.two.name == name]
        own.sort(key=lambda e: ((e.via or ((0, e.one.y),))[-1][1], e.one.y))
        for edge, dy in zip(own, _spread(len(own), own[0].two), strict=True):
            edge.end = edge.two.edge_at(dy, -1.0)


def _spread(count: int, spot: Spot) -> list[float]:
    reach = 0.8 * spot.ry
    step = min(13.0, 2 * reach / (count - 1)) if count > 1 else 0.0
    return [step * (k - (count - 1) / 2) for k in range(count)]


def _give_arc_ports(edges: list[Tie]) -> None:
    """Arcs to far nodes leave nearest the middle, so that arcs nest and do not cross."""
    ends: dict[tuple[str, float], list[tuple[float, Tie, bool]]] = {}
    for edge in edges:
        away = edge.two.y - edge.one.y
        ends.setdefault((edge.one.name, edge.side), []).append((away, edge, True))
        ends.setdefault((edge.two.name, edge.side), []).append((-away, edge, False))
    for (_, side), own in ends.items():
        up = sorted((e for e in own if e[0] < 0), key=lambda e: -e[0])
        down = sorted((e for e in own if e[0] >= 0), key=lambda e: -e[0])
        both = [*up, *down]
        spot = both[0][1].one if both[0][2] else both[0][1].two
        reach = 0.62 * spot.ry
        for k, (_, edge, first) in enumerate(both):
            rank = (k + 0.5) / len(both) * 2 - 1
            point = spot.edge_at(rank * reach, side)
            if first:
                edge.start = point
            else:
                edge.end = point
