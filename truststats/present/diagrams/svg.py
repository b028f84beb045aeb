"""A small SVG writer: escaped elements, the width of text, and PNG through resvg."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from truststats.errors import NotSupportedError

__all__ = ["FONTS", "element", "fold_text", "path_data", "png", "text", "text_width"]

FONTS: Final = "Helvetica Neue, Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"

# Advance widths of DejaVu Sans in em, the widest of the fonts above: text measured with it fits
# whichever of them the reader's machine has.
_WIDTHS: Final[Mapping[str, float]] = {
    char: width
    for width, chars in {
        0.28: "'ijl",
        0.30: "IJ",
        0.32: " ,.·’",
        0.34: "/:;\\|",
        0.36: "-f",
        0.40: "!()[]t²",
        0.42: "r",
        0.46: '"',
        0.50: "*_`–",
        0.52: "sz“”",
        0.54: "?c",
        0.56: "L",
        0.58: "Fk",
        0.60: "Pvxy",
        0.62: "TYaeoøåöäé",
        0.64: "$0123456789ESbdghnpqu{}ü",
        0.68: "ABVXZÅÄK",
        0.70: "CR",
        0.74: "NU",
        0.76: "H",
        0.78: "&DGOQØÖ",
        0.82: "w",
        0.84: "#+<=>^~−→←≥×",
        0.86: "M",
        0.96: "%",
        0.98: "WmæÆ",
        1.00: "@—…",
    }.items()
    for char in chars
}
_UNKNOWN_WIDTH: Final = 0.80
_BOLD: Final = 1.13


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line of text, at the widest of the fonts in `FONTS`.

    Parameters
    ----------
    words : str
        One line.
    size : float
        Font size; the answer has its unit.
    bold : bool
        Whether the text is bold.
    """
    em = sum(_WIDTHS.get(char, _UNKNOWN_WIDTH) for char in words)
    return em * size * (_BOLD if bold else 1.0)


def fold_text(words: str, size: float, limit: float, *, bold: bool = False) -> list[str]:
    """Return the text in as few lines as the limit allows, about equally long.

    A single word wider than the limit stays whole.

    Parameters
    ----------
    words : str
        The text.
    size : float
        Font size.
    limit : float
        Largest width of a line.
    bold : bool
        Whether the text is bold.
    """
    parts = words.split()
    if not parts:
        return [""]
    lines = _greedy(parts, size, limit, bold)
    total = text_width(words, size, bold=bold)
    for step in range(20):
        even = min(limit, (1 + 0.05 * step) * total / len(lines))
        tighter = _greedy(parts, size, even, bold)
        if len(tighter) <= len(lines):
            return tighter
    return lines


def _greedy(parts: Iterable[str], size: float, limit: float, bold: bool) -> list[str]:
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} {part}" if lines else part
        if lines and text_width(longer, size, bold=bold) <= limit:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def element(tag: str, attributes: Mapping[str, Any] | None = None, *children: str) -> str:
    """Return one SVG element; attributes are escaped, children are taken as markup.

    Parameters
    ----------
    tag : str
        Element name.
    attributes : mapping, optional
        Attributes; an underscore in a name stands for a hyphen, None leaves one out, floats are
        written with two decimals.
    *children : str
        Markup from `element` or `text`.
    """
    pairs = "".join(
        f' {name.replace("_", "-")}="{_value(value)}"'
        for name, value in (attributes or {}).items()
        if value is not None
    )
    body = "".join(children)
    return f"<{tag}{pairs}>{body}</{tag}>" if body else f"<{tag}{pairs}/>"


def text(words: str) -> str:
    """Return text as markup: escaped, and without characters XML does not allow."""
    clean = "".join(c for c in words if c >= " " or c in "\t\n")
    return escape(clean, quote=False)


def path_data(points: Iterable[tuple[float, float]], *, commands: str = "C") -> str:
    """Return the ``d`` of a path that starts at the first point and goes on as cubic curves.

    Parameters
    ----------
    points : iterable of (float, float)
        For ``"C"`` one start and three points a curve; for ``"L"`` the corners of a line.
    commands : {"C", "L"}
        Curves or straight lines.
    """
    coords = [f"{_value(float(x))} {_value(float(y))}" for x, y in points]
    return f"M{coords[0]}{commands}{' '.join(coords[1:])}"


def _value(value: Any) -> str:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a coordinate of an SVG element is {value}")
        short = f"{value:.2f}".rstrip("0").rstrip(".")
        return "0" if short in ("-0", "") else short
    return escape("".join(c for c in str(value) if c >= " "), quote=True)


def png(svg: str, path: str | Path, *, width: int = 2000) -> Path:
    """Write an SVG picture as PNG, always with the same font, so every machine gives the same.

    Parameters
    ----------
    svg : str
        The picture.
    path : path-like
        The file to write.
    width : int
        Pixels across.

    Raises
    ------
    NotSupportedError
        If resvg-py, which draws it, is not installed.
    """
    try:
        import matplotlib
        import resvg_py
    except ImportError as error:
        raise NotSupportedError(
            "A PNG of a diagram cannot be written here.",
            why=f"the package {error.name} is not installed",
            fix="pip install 'truststats[report]', or save as .svg, which needs nothing",
        ) from error
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    data = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        background="#ffffff",
        skip_system_fonts=True,
        font_files=[str(fonts / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )
    target = Path(path)
    target.write_bytes(data)
    return target
