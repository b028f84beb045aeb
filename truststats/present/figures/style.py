"""What all figures share: colours, type, size, and how they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from truststats.errors import NotSupportedError
from truststats.present.diagrams.svg import fold_text
from truststats.present.wording.words import words
from truststats.survey.synthetic import is_synthetic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FAINT",
    "GRID",
    "INK",
    "SOFT",
    "WIDTH",
    "bare",
    "folded",
    "new_figure",
    "save_figure",
    "stamped",
    "style",
]

WIDTH: Final = 7.0
_FOOT: Final = 0.22
INK, SOFT, FAINT, GRID = "#1b2530", "#4a5661", "#8a949c", "#dde2e6"

_RC: Final[Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.0,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": SOFT,
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": True,
    "text.color": INK,
    "text.usetex": False,
    "text.parse_math": False,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "legend.fontsize": 8.0,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.constrained_layout.w_pad": 0.08,
    "figure.constrained_layout.h_pad": 0.07,
    "svg.fonttype": "none",
    "svg.hashsalt": "truststats",
    "path.simplify": True,
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the house style inside the block; the user's settings stay as they are.

    Raises
    ------
    NotSupportedError
        If matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise NotSupportedError(
            "Figures cannot be drawn here.",
            why="matplotlib is not installed",
            fix="pip install 'truststats[report]'",
        ) from error
    with matplotlib.rc_context(_RC):
        yield


def new_figure(height: float, *, width: float = WIDTH) -> Figure:
    """Return an empty figure whose parts make room for each other.

    It belongs to no window and to no list of open figures.

    Parameters
    ----------
    height, width : float
        Inches; 7 wide fits the text of an A4 page.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def bare(axes: Any, *keep: str) -> None:
    """Take away the frame of a plot except the named sides, and the ticks' marks.

    Parameters
    ----------
    axes : matplotlib Axes
        The plot.
    *keep : str
        Sides to keep: left, bottom, right, top.
    """
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
    axes.tick_params(length=0)


def folded(words: str, inches: float, size: float = 8.0) -> str:
    """Return text broken into lines of at most that many inches.

    Parameters
    ----------
    words : str
        The text.
    inches : float
        Largest width of a line.
    size : float
        Font size in points.
    """
    return "\n".join(fold_text(words, size, inches * 72))


def stamped(figure: Figure, value: Any, language: str) -> Figure:
    """Return the figure, with a line at its foot if it shows synthetic answers.

    Parameters
    ----------
    figure : matplotlib Figure
        A finished figure; it grows by the height of the line.
    value : object
        What it shows.
    language : str
        Language of the line.
    """
    layout: Any = figure.get_layout_engine()
    if not is_synthetic(value) or layout is None:
        return figure
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + _FOOT)
    foot = taken = _FOOT / (height + _FOOT)
    for legend in figure.legends:
        box = legend.get_window_extent().transformed(figure.transFigure.inverted())
        if box.y1 < 0.5:  # A legend that is lifted off the foot no longer makes room for itself.
            legend.set_bbox_to_anchor((0, foot, 1, 1 - foot), transform=figure.transFigure)
            taken += box.height + 0.6 * foot
    layout.set(rect=(0, taken, 1, 1 - taken))
    said = words(language)("table.note_synthetic")
    figure.text(0.5, foot / 2, said, ha="center", va="center", fontsize=7.5, color=SOFT)
    return figure


def save_figure(
    figure: Figure, stem: str | Path, *, alt: str = "", dpi: int = 200
) -> tuple[Path, Path]:
    """Write a figure as SVG and PNG, the same bytes whenever the figure is the same.

    Text stays text in the SVG, and no date is written.

    Parameters
    ----------
    figure : matplotlib Figure
        The figure.
    stem : path-like
        Path without an ending. Folders that are not there are made.
    alt : str
        The figure in words, kept in the SVG as its description.
    dpi : int
        Resolution of the PNG.

    Returns
    -------
    svg, png : pathlib.Path
        The two files.
    """
    base = Path(stem)
    base.parent.mkdir(parents=True, exist_ok=True)
    vector, raster = (base.with_name(base.name + ending) for ending in (".svg", ".png"))
    about = {"Date": None, "Creator": None, "Description": alt or None}
    with style():
        figure.savefig(vector, format="svg", metadata=about)
        figure.savefig(raster, format="png", dpi=dpi, metadata={"Software": None})
    return vector, raster
