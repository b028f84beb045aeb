"""A factor with its dimensions and indicators around it, as one block of the layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Block", "block"]

_ROW_GAP: Final = 46.0
_SIDE_GAP: Final = 64.0
_BETWEEN: Final = 6.0


@dataclass(frozen=True)
class Block:
    """Places relative to the factor's centre, and how far the block reaches from it.

    Attributes
    ----------
    places : mapping
        name -> (dx, dy), the factor itself at (0, 0).
    left, right, top, bottom : float
        Reach from the factor's centre, all positive.
    """

    places: Mapping[str, tuple[float, float]]
    left: float
    right: float
    top: float
    bottom: float


def block(name: str, records: Mapping[str, Mapping[Any, Any]], direction: str) -> Block:
    """Return a factor's block.

    Parameters
    ----------
    name : str
        The factor.
    records : mapping
        name -> row of the table of nodes.
    direction : {"below", "left", "right"}
        Where its indicators stand.
    """
    own = records[name]
    wide, tall = own["width"] / 2, own["height"] / 2
    children = [
        block(child, records, direction)
        for child, row in records.items()
        if row["parent"] == name and child != name and row["role"] in ("indicator", "dimension")
    ]
    if not children:
        return Block({name: (0.0, 0.0)}, wide, wide, tall, tall)
    if direction == "below":
        return _row(name, wide, tall, children)
    return _stack(name, wide, tall, children, 1.0 if direction == "right" else -1.0)


def _row(name: str, wide: float, tall: float, children: list[Block]) -> Block:
    total = sum(c.left + c.right for c in children) + _BETWEEN * (len(children) - 1)
    places = {name: (0.0, 0.0)}
    x, bottom = -total / 2, 0.0
    y = tall + _ROW_GAP + max(c.top for c in children)
    for child in children:
        places |= {n: (x + child.left + dx, y + dy) for n, (dx, dy) in child.places.items()}
        x += child.left + child.right + _BETWEEN
        bottom = max(bottom, y + child.bottom)
    reach = max(wide, total / 2)
    return Block(places, reach, reach, tall, bottom)


def _stack(name: str, wide: float, tall: float, children: list[Block], side: float) -> Block:
    total = sum(c.top + c.bottom for c in children) + _BETWEEN * (len(children) - 1)
    near = max(c.left if side > 0 else c.right for c in children)
    x = wide + _SIDE_GAP + near
    places = {name: (0.0, 0.0)}
    y, far = -total / 2, 0.0
    for child in children:
        places |= {n: (side * x + dx, y + child.top + dy) for n, (dx, dy) in child.places.items()}
        y += child.top + child.bottom + _BETWEEN
        far = max(far, x + (child.right if side > 0 else child.left))
    half = max(tall, total / 2)
    left, right = (wide, far) if side > 0 else (far, wide)
    return Block(places, left, right, half, half)
