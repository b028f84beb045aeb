"""The path diagram as a picture: ellipses, boxes, arrows by size and sign, free numbers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from truststats.errors import OptionError
from truststats.present.diagrams import svg as draw
from truststats.present.diagrams.draw import (
    NUMBER_HEIGHT,
    NUMBER_SIZE,
    Look,
    draw_edge,
    draw_legend,
    draw_node,
    draw_number,
    look_of,
)
from truststats.present.diagrams.graph import Graph, What, graph
from truststats.present.diagrams.labels import Box, Line, place_labels
from truststats.present.diagrams.ports import Spot, spots
from truststats.present.diagrams.routes import Curve, curves
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import Words, words
from truststats.survey.synthetic import is_synthetic

__all__ = ["Diagram", "diagram"]

_MARGIN = 14.0


@dataclass(frozen=True, eq=False)
class Diagram:
    """A drawn path diagram.

    Attributes
    ----------
    svg : str
        The picture; it scales to the width it is given, up to its natural size.
    width, height : float
        Natural size in pixels.
    graph : Graph
        The tables it was drawn from.
    node_boxes : mapping
        Node name -> (left, top, right, bottom).
    number_boxes : mapping
        (lhs, op, rhs) -> box of the number on that edge.
    left_out : int
        Numbers for which there was no free place.
    alt : str
        The diagram in words, for readers who do not see it.
    """

    svg: str
    width: float
    height: float
    graph: Graph
    node_boxes: Mapping[str, Box]
    number_boxes: Mapping[tuple[str, str, str], Box]
    left_out: int
    alt: str

    def save(self, path: str | Path, *, width: int = 2000) -> Path:
        """Write the diagram to a file.

        Parameters
        ----------
        path : path-like
            Ends in ``.svg`` or ``.png``. Folders that are not there are made.
        width : int
            Pixels across, for PNG.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OptionError
            If the ending is another.
        """
        target = Path(path)
        if target.suffix.lower() in (".svg", ".png"):
            target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix.lower() == ".svg":
            target.write_text(self.svg, encoding="utf-8", newline="\n")
            return target
        if target.suffix.lower() == ".png":
            return draw.png(self.svg, target, width=width)
        raise OptionError(
            f"A diagram cannot be saved as {target.suffix or 'a file without an ending'!r}.",
            where=str(target),
            why="the format follows from the ending",
            fix="end the name in .svg (for print and web) or .png (for slides)",
        )

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Diagram({len(self.graph.nodes)} nodes, {len(self.graph.edges)} edges)"


def diagram(
    value: Any,
    *,
    what: What = "auto",
    language: str = "en",
    covariances: bool | Literal["auto"] = "auto",
    intercepts: bool = False,
    group: str | None = None,
    min_label: float = 0.10,
    title: str | None = None,
    legend: bool = True,
) -> Diagram:
    """Draw a fit, a model, a framework or a graph as a path diagram.

    Parameters
    ----------
    value : Fit, Model, Framework or Graph
        What to draw; a Graph keeps its own language and content.
    what : {"auto", "structural", "full"}
        Constructs only, or dimensions and indicators too; ``auto``: the latter up to 12 observed
        variables.
    language : str
        Language of labels and numbers.
    covariances : bool or "auto"
        Whether to draw covariances; ``auto`` leaves them out among many exogenous variables.
    intercepts : bool
        Whether to draw intercepts.
    group : str, optional
        Which group of a fit or a model of several.
    min_label : float
        Smallest absolute standardised coefficient that carries a number.
    title : str, optional
        Printed above the diagram.
    legend : bool
        Whether signs and widths are explained below.

    Returns
    -------
    Diagram
        With ``.svg`` and ``.save("x.svg" | "x.png")``; notebooks show it.

    Raises
    ------
    OptionError
        If an option has no such value.
    DataError
        If the value cannot be drawn, or has several groups and none is named.
    """
    found = graph(
        value, what=what, language=language, covariances=covariances, intercepts=intercepts,
        group=group,
    )  # fmt: skip
    places, lines = spots(found), curves(found)
    claimed = bool((found.edges["claims"] != "").any())
    looks = [look_of(row, claimed, min_label) for row in found.edges.to_dict("records")]
    boxes = _numbers(lines, looks, places)
    left_out = sum(bool(a.number) and b is None for a, b in zip(looks, boxes, strict=True))
    say = words(found.language)
    mark = [say("table.note_synthetic")] if is_synthetic(value) else []
    alt = " ".join([*mark, _alt(found, say)])
    content = _edges(found, lines, looks, boxes, say)
    content += [draw_node(row, places[row["name"]], say) for row in found.nodes.to_dict("records")]
    content += [draw_number(a, b) for a, b in zip(looks, boxes, strict=True) if b is not None]
    frame = _frame(lines, places, boxes)
    if legend:
        mark += _notes(found, looks, min_label, left_out, say)
    markup, frame = draw_legend(frame, looks if legend else [], claimed, mark, say)
    picture = _picture([*content, markup], frame, title, alt, say)
    keys = [line.key for line in lines]
    return Diagram(
        picture,
        frame[2] - frame[0] + 2 * _MARGIN,
        frame[3] - frame[1] + 2 * _MARGIN + (30.0 if title else 0.0),
        found,
        {s.name: (s.x - s.rx, s.y - s.ry, s.x + s.rx, s.y + s.ry) for s in places.values()},
        {key: box for key, box in zip(keys, boxes, strict=True) if box is not None},
        left_out,
        alt,
    )


def _numbers(lines: list[Curve], looks: list[Look], places: Mapping[str, Spot]) -> list[Box | None]:
    wanted = []
    for line, look in zip(lines, looks, strict=True):
        size = draw.text_width(look.number, NUMBER_SIZE, bold=look.strong) if look.number else 0.0
        wanted.append(
            Line(
                line.trail,
                size + 5 if look.number else 0.0,
                NUMBER_HEIGHT,
                line.best,
                0.4 + look.width / 2,
            )
        )
    pad = 2.0
    nodes = [
        (s.x - s.rx - pad, s.y - s.ry - pad, s.x + s.rx + pad, s.y + s.ry + pad)
        for s in places.values()
    ]
    return place_labels(wanted, np.array(nodes, dtype=float).reshape(-1, 4))


def _edges(
    found: Graph, lines: list[Curve], looks: list[Look], boxes: list[Box | None], say: Words
) -> list[str]:
    """Edges from weak to strong, so that what matters lies on top."""
    labels = dict(zip(found.nodes["name"], found.nodes["label"], strict=True))
    records = found.edges.to_dict("records")
    order = sorted(range(len(records)), key=lambda k: (looks[k].rank, looks[k].width, k))
    return [draw_edge(lines[k], looks[k], _edge_words(records[k], labels, say)) for k in order]


def _edge_words(edge: Mapping[Any, Any], labels: Mapping[str, str], say: Words) -> str:
    ends = (
        (edge["rhs"], edge["lhs"]) if edge["kind"] == "regression" else (edge["lhs"], edge["rhs"])
    )
    number = edge["std"] if math.isfinite(edge["std"]) else edge["est"]
    shown = fixed(number, 2, say.language, bounded=True) if math.isfinite(number) else ""
    sentence = say(
        "diagram.with" if edge["kind"] == "covariance" else "diagram.path",
        cause=labels[ends[0]],
        effect=labels[ends[1]],
        number=shown or edge["label"],
    ).strip()
    return (
        f"{sentence} ({say('diagram.claims', ids=edge['claims'])})" if edge["claims"] else sentence
    )


def _alt(found: Graph, say: Words) -> str:
    """Return the diagram in words: how much there is, and the ten largest paths."""
    edges = found.edges
    paths = edges[edges["kind"] == "regression"]
    labels = dict(zip(found.nodes["name"], found.nodes["label"], strict=True))
    size = paths["std"].abs().fillna(0.0)
    largest = paths.loc[size.sort_values(ascending=False, kind="stable").index[:10]]
    said = "; ".join(_edge_words(row, labels, say) for row in largest.to_dict("records"))
    arcs = int((edges["kind"] == "covariance").sum())
    head = say("diagram.about", nodes=len(found.nodes), paths=len(paths), arcs=arcs)
    return f"{head} {said}." if said else head.rpartition(".")[0] + "."


def _notes(
    found: Graph, looks: list[Look], min_label: float, left_out: int, say: Words
) -> list[str]:
    notes = []
    if found.edges["std"].notna().any():
        notes.append(say("diagram.standardised"))
    elif (found.edges["claims"] != "").any():
        notes.append(say("diagram.framework"))
    below = sum(look.silent for look in looks)
    if below:
        limit = fixed(min_label, 2, say.language, bounded=True)
        notes.append(say("diagram.below", count=below, limit=limit))
    if left_out:
        notes.append(say("diagram.crowded", count=left_out))
    return [*notes, *found.notes]


def _frame(lines: list[Curve], places: Mapping[str, Spot], boxes: list[Box | None]) -> Box:
    points = [line.trail for line in lines]
    points += [
        np.array([[s.x - s.rx, s.y - s.ry], [s.x + s.rx, s.y + s.ry]]) for s in places.values()
    ]
    points += [np.array(box).reshape(2, 2) for box in boxes if box is not None]
    every = np.concatenate(points) if points else np.zeros((1, 2))
    left, top = every.min(axis=0)
    right, bottom = every.max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def _picture(content: list[str], frame: Box, title: str | None, alt: str, say: Words) -> str:
    head = 30.0 if title else 0.0
    left, top = frame[0] - _MARGIN, frame[1] - _MARGIN - head
    width, height = frame[2] - frame[0] + 2 * _MARGIN, frame[3] - frame[1] + 2 * _MARGIN + head
    name = title or say("diagram.title")
    if title:
        content = [
            draw.element(
                "text",
                {"x": left + _MARGIN, "y": top + 24.0, "font_size": 17, "font_weight": "bold"},
                draw.text(title),
            ),
            *content,
        ]
    mark = hashlib.sha256("".join(content).encode()).hexdigest()[:10]
    return draw.element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": " ".join(f"{v:.2f}" for v in (left, top, width, height)),
            "width": "100%",
            "style": f"max-width:{math.ceil(width)}px;height:auto",
            "role": "img",
            "aria_labelledby": f"t{mark} d{mark}",
            "lang": say.language,
            "font_family": draw.FONTS,
            "fill": "#1b2530",
        },
        draw.element("title", {"id": f"t{mark}"}, draw.text(name)),
        draw.element("desc", {"id": f"d{mark}"}, draw.text(alt)),
        draw.element(
            "rect", {"x": left, "y": top, "width": width, "height": height, "fill": "#ffffff"}
        ),
        *content,
    )
