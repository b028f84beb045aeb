"""Where the nodes of a path diagram stand: layers from causes to results, few crossings.

Layers by longest path, order within a layer by weighted barycentres and exchanges, heights by
isotonic regression; edges that pass a layer get a place of their own in it, so that lines run
beside the nodes and not through them. The scheme is Sugiyama, Tagawa & Toda (1981,
doi:10.1109/TSMC.1981.4308636). Nothing is drawn at random: equal tables give equal layouts.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from truststats.present.diagrams.layout_blocks import Block, block
from truststats.present.diagrams.layout_order import Segment, layers_of, order_layers
from truststats.present.diagrams.svg import fold_text, text_width

__all__ = ["LABEL_SIZES", "arrange", "measured", "node_lines"]

Routes = dict[tuple[str, str, str], tuple[tuple[float, float], ...]]

LABEL_SIZES: Final = {"latent": 14.0, "dimension": 12.0, "observed": 12.0, "small": 11.0}
_WRAP: Final = {"latent": 104.0, "dimension": 92.0, "observed": 110.0}
_ROUNDNESS: Final = (1.35, 1.5, 1.7, 1.9)
_PORT: Final = 8.0
_NODE_GAP: Final = 52.0
_PASS_GAP: Final = 9.0
_PASS_HEIGHT: Final = 22.0
_FAINT_HEIGHT: Final = 11.0
_SWEEPS: Final = 60


def node_lines(label: str, kind: str, role: str) -> tuple[list[str], float]:
    """Return a node's label folded into lines, and its font size.

    Parameters
    ----------
    label : str
        The text.
    kind, role : str
        As in the table of nodes.
    """
    style = "dimension" if role == "dimension" else "latent" if kind == "latent" else "observed"
    size = LABEL_SIZES[style]
    return fold_text(label, size, _WRAP[style]), size


def measured(nodes: pd.DataFrame, edges: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes with width and height filled in where they are missing.

    An ellipse is as large as the corners of its text require, and tall enough for its arrows.

    Parameters
    ----------
    nodes, edges : pandas.DataFrame
        The tables of a graph.
    """
    out = nodes.copy()
    paths = edges[edges["kind"] == "regression"]
    busy = {
        name: max((paths["lhs"] == name).sum(), (paths["rhs"] == name).sum())
        for name in out["name"]
    }
    sizes = [_size(row, int(busy[row["name"]])) for row in out.to_dict("records")]
    for axis, column in enumerate(("width", "height")):
        natural = pd.Series([size[axis] for size in sizes], index=out.index, dtype=float)
        out[column] = out[column].astype(float).fillna(natural)
    return out


def _size(node: dict[Any, Any], arrows: int) -> tuple[float, float]:
    if node["kind"] == "intercept":
        return 34.0, 30.0
    lines, size = node_lines(node["label"], node["kind"], node["role"])
    widths = [text_width(line, size) for line in lines]
    if math.isfinite(node["r2"]) and node["role"] not in ("indicator", "dimension"):
        widths.append(text_width("R² = 0,00", LABEL_SIZES["small"]))
    tall = len(widths) * size * 1.22
    ports = arrows * _PORT + 8
    if node["kind"] == "observed":
        small = node["role"] == "indicator"
        return max(widths) + 14, max(tall + (8 if small else 16), ports)
    least = max(ports / 0.8, 3.1 * size)
    sizes = [_ellipse(widths, tall, max(least, share * tall)) for share in _ROUNDNESS]
    return min(sizes, key=lambda s: s[0] + 1.1 * s[1])


def _ellipse(widths: list[float], tall: float, height: float) -> tuple[float, float]:
    """Return the narrowest ellipse of a height that holds lines of these widths."""
    need, step = 0.0, tall / len(widths)
    for index, width in enumerate(widths):
        corner = max(abs(index * step - tall / 2), abs((index + 1) * step - tall / 2))
        inside = min(0.95, 2 * corner / height)
        need = max(need, (width / 2 + 4) / math.sqrt(1 - inside**2))
    return 2 * need, height


def arrange(nodes: pd.DataFrame, edges: pd.DataFrame) -> tuple[pd.DataFrame, Routes]:
    """Return the centre of every node, and the points that passing edges go through.

    Parameters
    ----------
    nodes : pandas.DataFrame
        With ``width`` and ``height`` filled in, see `measured`.
    edges : pandas.DataFrame
        The edges; covariances do not move nodes.

    Returns
    -------
    layout : pandas.DataFrame
        Columns name, x, y.
    routes : dict
        (lhs, op, rhs) -> points, for edges that pass a layer.
    """
    records = {row["name"]: row for row in nodes.to_dict("records")}
    free = [name for name, row in records.items() if not _beside(row, records)]
    arrows = _arrows(free, edges)
    if not arrows and len(free) > 3 and len(free) == len(records):
        return _ring(free, records), {}
    layers = layers_of(free, arrows)
    columns, segments = order_layers(free, layers, arrows, _priority(free, records))
    blocks = {
        name: block(name, records, _direction(name, layers, records, edges, bool(arrows)))
        for name in free
    }
    heights = _heights(columns, segments, blocks)
    lefts, rights = _widths(columns, segments, blocks)
    places: dict[str, tuple[float, float]] = {}
    for at, column in enumerate(columns):
        for entry in column:
            if isinstance(entry, str):
                x = lefts[at] + max(blocks[n].left for n in column if isinstance(n, str))
                for name, (dx, dy) in blocks[entry].places.items():
                    places[name] = (x + dx, heights[entry] + dy)
    frame = pd.DataFrame([(name, *places[name]) for name in records], columns=["name", "x", "y"])
    return frame, _routes(columns, heights, lefts, rights)


def _beside(row: dict[Any, Any], records: dict[Any, Any]) -> bool:
    return row["role"] in ("indicator", "dimension") and row["parent"] in records


def _priority(free: list[str], records: dict[Any, Any]) -> dict[str, int]:
    """Observed controls stand below the constructs; otherwise the order of the table."""
    return {name: int(records[name]["role"] == "control") for name in free}


def _arrows(free: list[str], edges: pd.DataFrame) -> dict[tuple[str, str, str], Segment]:
    known = set(free)
    found = {}
    for edge in edges.to_dict("records"):
        if edge["kind"] == "covariance" or not {edge["lhs"], edge["rhs"]} <= known:
            continue
        ends = (edge["rhs"], edge["lhs"])
        cause, effect = ends if edge["kind"] == "regression" else ends[::-1]
        size = abs(edge["std"]) if math.isfinite(edge["std"]) else 0.3
        faint = math.isfinite(edge["std"]) and size < 0.1
        found[edge["lhs"], edge["op"], edge["rhs"]] = Segment(
            cause, effect, min(1.0, 0.08 + size), faint
        )
    return found


def _direction(
    name: str, layers: dict[str, int], records: dict[Any, Any], edges: pd.DataFrame, paths: bool
) -> str:
    """Put indicators beside the outermost factors where no arcs are, else below."""
    if not paths:
        return "right"
    arcs = edges[edges["kind"] == "covariance"]
    level = layers[name]
    peers = {n for n, at in layers.items() if at == level}
    if (arcs["lhs"].isin(peers) & arcs["rhs"].isin(peers)).any():
        return "below"
    if level == 0:
        return "left"
    return "right" if level == max(layers.values()) else "below"


def _heights(columns: list[list[Any]], segments: list[Any], blocks: dict[str, Block]) -> dict:
    """Centres of all entries: near their neighbours', apart by at least their own height."""
    neighbours: dict[Any, list[tuple[Any, float]]] = {entry: [] for c in columns for entry in c}
    for one, two, weight in segments:
        passing = (not isinstance(one, str)) + (not isinstance(two, str))
        pull = (1.0, 3.0, 10.0)[passing] * weight
        neighbours[one].append((two, pull))
        neighbours[two].append((one, pull))
    gaps = [_gaps(column, blocks) for column in columns]
    y: dict[Any, float] = {}
    for column, gap in zip(columns, gaps, strict=True):
        at = np.concatenate([[0.0], np.cumsum(gap)])
        y.update(zip(column, at - at.mean(), strict=True))
    for sweep in range(_SWEEPS):
        span = range(len(columns))
        for at in span if sweep % 2 == 0 else reversed(span):
            column = columns[at]
            wish, trust = [], []
            for entry in column:
                pairs = neighbours[entry]
                total = sum(w for _, w in pairs)
                mean = sum(y[n] * w for n, w in pairs) / total if total else y[entry]
                wish.append(0.97 * mean)
                trust.append(total or 0.01)
            y.update(zip(column, _separate(np.array(wish), np.array(trust), gaps[at]), strict=True))
    return y


def _gaps(column: list[Any], blocks: dict[str, Block]) -> np.ndarray:
    def extent(entry: Any) -> tuple[float, float]:
        if isinstance(entry, str):
            return blocks[entry].top, blocks[entry].bottom
        half = (_FAINT_HEIGHT if entry.faint else _PASS_HEIGHT) / 2
        return half, half

    out = []
    for one, two in pairwise(column):
        nodes = isinstance(one, str) + isinstance(two, str)
        space = (0.0, _PASS_GAP, _NODE_GAP)[nodes]
        out.append(extent(one)[1] + extent(two)[0] + space)
    return np.array(out, dtype=float)


def _separate(wish: np.ndarray, weight: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return the positions nearest the wishes, in weighted squares, that keep the gaps.

    Pool-adjacent-violators on the wishes less the cumulated gaps.
    """
    offset = np.concatenate([[0.0], np.cumsum(gaps)])
    pools: list[list[float]] = []
    for value, mass in zip(wish - offset, weight, strict=True):
        pools.append([float(value), float(mass), 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, mass_two, count = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * mass_two) / (last[1] + mass_two)
            last[1] += mass_two
            last[2] += count
    level = np.concatenate([np.full(int(count), mean) for mean, _, count in pools])
    return level + offset


def _widths(
    columns: list[list[Any]], segments: list[Any], blocks: dict[str, Block]
) -> tuple[list[float], list[float]]:
    """Left and right end of every column; more lines between two columns, more room."""
    at_column = {entry: at for at, column in enumerate(columns) for entry in column}
    lefts, rights, x = [], [], 0.0
    for at, column in enumerate(columns):
        own = [blocks[n] for n in column if isinstance(n, str)]
        width = max(b.left for b in own) + max(b.right for b in own) if own else 40.0
        lefts.append(x)
        rights.append(x + width)
        lines = sum(at_column[one] == at for one, _, _ in segments)
        beside = any(len(b.places) > 1 for b in own)
        x += width + min(165.0, (78.0 if beside else 92.0) + 3.0 * lines)
    return lefts, rights


def _routes(
    columns: list[list[Any]], heights: dict, lefts: list[float], rights: list[float]
) -> Routes:
    routes: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for at, column in enumerate(columns):
        for entry in column:
            if not isinstance(entry, str):
                y = float(heights[entry])
                routes.setdefault(entry.edge, []).extend([(lefts[at], y), (rights[at], y)])
    return {edge: tuple(sorted(points)) for edge, points in routes.items()}


def _ring(free: list[str], records: dict[Any, Any]) -> pd.DataFrame:
    """Factors without paths between them stand in a ring, so that their arcs are apart."""
    count = len(free)
    wide = max(records[name]["width"] for name in free)
    tall = max(records[name]["height"] for name in free)
    angle = [2 * math.pi * k / count - math.pi / 2 for k in range(count)]
    rx = max(wide * 1.25, count * wide * 0.24)
    ry = max(tall * 2.2, count * tall * 0.42)
    spots = [
        (name, rx * math.cos(a), ry * math.sin(a)) for name, a in zip(free, angle, strict=True)
    ]
    return pd.DataFrame(spots, columns=["name", "x", "y"])
