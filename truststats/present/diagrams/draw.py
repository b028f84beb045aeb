"""How nodes, edges, numbers and the legend of a path diagram look."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from truststats.present.diagrams.labels import Box
from truststats.present.diagrams.layout import LABEL_SIZES, node_lines
from truststats.present.diagrams.ports import Spot
from truststats.present.diagrams.routes import Curve
from truststats.present.diagrams.svg import element, fold_text, path_data, text, text_width
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import Words

__all__ = [
    "NUMBER_HEIGHT",
    "NUMBER_SIZE",
    "Look",
    "draw_edge",
    "draw_legend",
    "draw_node",
    "draw_number",
    "line_width",
    "look_of",
]

NUMBER_SIZE: Final = 12.0
NUMBER_HEIGHT: Final = 14.0
# Okabe and Ito's blue and vermilion, told apart in every common colour blindness; the sign is in
# the dashes as well. The pale ones are for paths that are only adjusted for.
_BLUE, _RED, _PALE_BLUE, _PALE_RED = "#0072b2", "#c8500a", "#93bdd9", "#eab08a"
_GREY, _PALE_GREY, _INK, _SOFT_INK = "#6b7680", "#b6bfc6", "#1b2530", "#4a5661"
_FAINT: Final = 0.05
_DASHES: Final = "7 4"
_LEGEND_SIZE: Final = 12.0
_LEGEND_ROW: Final = 19.0
_LEGEND_MIN: Final = 420.0


@dataclass(frozen=True)
class Look:
    """How an edge is drawn: colours, width, dashes, heads, number, and what lies on what."""

    colour: str
    ink: str
    width: float
    dashes: str | None
    heads: int
    number: str
    strong: bool
    silent: bool
    rank: int


def line_width(std: float, *, claimed: bool = False) -> float:
    """Return the width of a line, growing with the size of the standardised coefficient.

    Parameters
    ----------
    std : float
        The coefficient; NaN where there is none.
    claimed : bool
        Whether a claim stands on the edge, for edges without a number.
    """
    if not math.isfinite(std):
        return 2.2 if claimed else 1.2
    return 0.7 if abs(std) < _FAINT else 0.9 + 5.0 * min(abs(std), 1.0)


def look_of(edge: Mapping[Any, Any], claimed: bool, min_label: float) -> Look:
    """Return how an edge is drawn.

    Parameters
    ----------
    edge : mapping
        A row of the table of edges.
    claimed : bool
        Whether the diagram has claims, which then stand out.
    min_label : float
        Smallest absolute standardised coefficient that carries a number.
    """
    std, kind = edge["std"], edge["kind"]
    known = math.isfinite(std)
    value = std if known else edge["est"]
    negative = (math.isfinite(value) and value < 0) or edge["label"] == "−"
    claim = kind == "regression" and bool(edge["claims"])
    silent = known and abs(std) < min_label and not claim
    number = "" if silent else str(edge["label"])
    dashes = _DASHES if negative else None
    if kind == "covariance":
        width = 0.8 + 2.4 * min(abs(std), 1.0) if known else 1.1
        return Look(
            _PALE_GREY if silent else "#9aa4ac",
            _SOFT_INK,
            width,
            dashes,
            2,
            number,
            False,
            silent,
            0,
        )
    if kind == "loading":
        return Look(_GREY, _SOFT_INK, 1.2, dashes, 1, number, False, silent, 1)
    width = line_width(std, claimed=claim)
    if claimed and not claim:
        bare = not math.isfinite(value)
        colour = _PALE_GREY if bare else _PALE_RED if negative else _PALE_BLUE
        return Look(colour, _SOFT_INK, width, dashes, 1, number, False, silent, 2)
    colour = _RED if negative else _BLUE
    if not math.isfinite(value) and not claim:
        colour = _GREY
    return Look(colour, colour, width, dashes, 1, number, claimed and claim, silent, 3)


def draw_edge(line: Curve, look: Look, about: str) -> str:
    """Return an edge as markup, with its words to be shown on hovering.

    Parameters
    ----------
    line : Curve
        Its curve.
    look : Look
        How it is drawn.
    about : str
        The edge in words.
    """
    points = list(line.points)
    size = 6.0 + 1.3 * look.width
    heads = []
    if look.heads:
        points[-2:], head = _head(points[-2], points[-1], size)
        heads.append(head)
    if look.heads == 2:
        start, head = _head(points[1], points[0], size)
        points[0], points[1] = start[1], start[0]
        heads.append(head)
    data = path_data(points)
    stroke = {"d": data, "fill": "none"}
    halo = element("path", {**stroke, "stroke": "#ffffff", "stroke_width": look.width + 2.6})
    body = element(
        "path",
        {
            **stroke,
            "stroke": look.colour,
            "stroke_width": float(look.width),
            "stroke_dasharray": look.dashes,
        },
    )
    tips = [element("path", {"d": head + "Z", "fill": look.colour}) for head in heads]
    return element("g", {}, element("title", {}, text(about)), halo, body, *tips)


def _head(
    before: tuple[float, float], tip: tuple[float, float], size: float
) -> tuple[list[tuple[float, float]], str]:
    """Return the last two points of the curve drawn back, and the head's outline."""
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = math.hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    half = 0.42 * size
    back = (tip[0] - size * ux, tip[1] - size * uy)
    corners = [
        tip,
        (back[0] - half * uy, back[1] + half * ux),
        (back[0] + half * uy, back[1] - half * ux),
    ]
    end = (tip[0] - 0.8 * size * ux, tip[1] - 0.8 * size * uy)
    bend = (
        (before[0] - 0.8 * size * ux, before[1] - 0.8 * size * uy) if length > 3 * size else before
    )
    return [bend, end], path_data(corners, commands="L")


def draw_number(look: Look, box: Box) -> str:
    """Return the number of an edge as markup, on a white ground.

    Parameters
    ----------
    look : Look
        How the edge is drawn.
    box : tuple of float
        Left, top, right, bottom.
    """
    left, top, right, bottom = box
    ground = element(
        "rect",
        {
            "x": left,
            "y": top,
            "width": right - left,
            "height": bottom - top,
            "rx": 3,
            "fill": "#ffffff",
            "fill_opacity": 0.88,
        },
    )
    body = element(
        "text",
        {
            "x": (left + right) / 2,
            "y": bottom - 0.21 * NUMBER_HEIGHT,
            "font_size": NUMBER_SIZE,
            "font_weight": "bold" if look.strong else None,
            "text_anchor": "middle",
            "fill": look.ink,
            "stroke": "#ffffff",
            "stroke_width": 2.4,
            "stroke_linejoin": "round",
            "paint_order": "stroke",
        },
        text(look.number),
    )
    return ground + body


def draw_node(node: Mapping[Any, Any], spot: Spot, say: Words) -> str:
    """Return a node as markup: ellipse, box or triangle with its label.

    Parameters
    ----------
    node : mapping
        A row of the table of nodes.
    spot : Spot
        Its place.
    say : Words
        Words of the diagram's language.
    """
    style = {"stroke": _INK, "stroke_width": 1.4, "fill": "#ffffff"}
    if spot.kind == "latent":
        style["fill"] = "#f2f6f9"
        shape = element(
            "ellipse", {"cx": spot.x, "cy": spot.y, "rx": spot.rx, "ry": spot.ry, **style}
        )
    elif spot.kind == "intercept":
        corners = [
            (spot.x, spot.y - spot.ry),
            (spot.x + spot.rx, spot.y + spot.ry),
            (spot.x - spot.rx, spot.y + spot.ry),
        ]
        shape = element("path", {"d": path_data(corners, commands="L") + "Z", **style})
    else:
        box = {"x": spot.x - spot.rx, "y": spot.y - spot.ry, "rx": 2}
        shape = element("rect", {**box, "width": 2 * spot.rx, "height": 2 * spot.ry, **style})
    about = element("title", {}, text(node["about"])) if node["about"] else ""
    return element("g", {}, about, shape, _node_text(node, spot, say))


def _node_text(node: Mapping[Any, Any], spot: Spot, say: Words) -> str:
    lines, size = node_lines(node["label"], node["kind"], node["role"])
    rows = [(line, size, _INK) for line in lines]
    if math.isfinite(node["r2"]) and node["role"] not in ("indicator", "dimension"):
        share = fixed(node["r2"], 2, say.language, bounded=True)
        rows.append((f"R² = {share}", LABEL_SIZES["small"], _SOFT_INK))
    step = 1.22 * size
    shift = 5.0 if node["kind"] == "intercept" else 0.0
    first = spot.y + shift - step * (len(rows) - 1) / 2 + 0.35 * size
    return "".join(
        element(
            "text",
            {
                "x": spot.x,
                "y": first + k * step,
                "font_size": high,
                "fill": ink,
                "text_anchor": "middle",
            },
            text(line),
        )
        for k, (line, high, ink) in enumerate(rows)
    )


def draw_legend(
    frame: Box, looks: Sequence[Look], claimed: bool, notes: Sequence[str], say: Words
) -> tuple[str, Box]:
    """Return the legend as markup, and the frame grown to hold it.

    Parameters
    ----------
    frame : tuple of float
        Left, top, right, bottom of what is drawn.
    looks : sequence of Look
        The edges; only what occurs is explained.
    claimed : bool
        Whether claims stand out.
    notes : sequence of str
        Sentences below the samples.
    say : Words
        Words of the diagram's language.
    """
    left, top, right, bottom = frame
    width = max(right - left, _LEGEND_MIN)
    samples = _samples(looks, claimed)
    parts, x, y = [], left, bottom + 30.0
    for key, colour, dashes, high in samples:
        label = say(f"diagram.{key}")
        wide = 36.0 + text_width(label, _LEGEND_SIZE) + 22.0
        if x > left and x + wide > left + width:
            x, y = left, y + _LEGEND_ROW
        stroke = {
            "stroke": colour,
            "stroke_width": high,
            "stroke_dasharray": dashes,
            "fill": "none",
        }
        parts.append(
            element("path", {"d": path_data([(x, y - 4), (x + 28, y - 4)], commands="L"), **stroke})
        )
        parts.append(_legend_text(x + 36, y, label))
        x += wide
    for note in [
        line for n in [" ".join(notes)] if n for line in fold_text(n, _LEGEND_SIZE, width)
    ]:
        y += _LEGEND_ROW if parts else 0.0
        parts.append(_legend_text(left, y, note))
    if not parts:
        return "", frame
    return element("g", {"fill": _SOFT_INK}, *parts), (left, top, max(right, left + width), y + 4)


def _samples(looks: Sequence[Look], claimed: bool) -> list[tuple[str, str, str | None, float]]:
    paths = [look for look in looks if look.rank >= 2]
    samples: list[tuple[str, str, str | None, float]] = []
    if claimed and any(look.rank == 3 for look in paths):
        samples.append(("claim", _BLUE, None, 3.0))
        if any(look.rank == 2 for look in paths):
            pale = _PALE_BLUE if any(look.colour == _PALE_BLUE for look in paths) else _PALE_GREY
            samples.append(("adjustment", pale, None, 2.0))
    elif any(not look.dashes and look.colour == _BLUE for look in paths):
        samples.append(("positive", _BLUE, None, 2.4))
    if any(look.dashes for look in paths):
        strong = any(look.colour == _RED for look in paths)
        samples.append(("negative", _RED if strong else _PALE_RED, _DASHES, 2.4))
    if any(look.rank == 0 for look in looks):
        samples.append(("covariance", "#9aa4ac", None, 1.6))
    return samples


def _legend_text(x: float, y: float, words: str) -> str:
    return element("text", {"x": x, "y": y, "font_size": _LEGEND_SIZE}, text(words))
