"""Draw docs/_static/which_estimator.svg: the questions that choose the options of a fit.

``python docs/make_which_estimator.py``; a test compares the picture with what this draws.
"""

from __future__ import annotations

from pathlib import Path

from truststats.present.diagrams.svg import FONTS, element, text

PICTURE = Path(__file__).parent / "_static" / "which_estimator.svg"
START = 'ts.fit(model, data, estimator="MLR", missing="ml")'
QUESTIONS = (
    (
        "Is there only a covariance matrix?",
        "ts.fit(model, sample_cov=cov, sample_nobs=n)  and stop",
    ),
    (
        "Four or fewer answers in use, or piled up at one end?",
        'ordered=True, missing="pairwise"  in place of both',
    ),
    ("Do people work in units (schools, teams)?", 'add  cluster="unit"'),
    ("Fewer than 40 units?", 'add  se="cr3"  (not with ordered=)'),
    ("Were people drawn with unequal chances?", 'add  sampling_weights="w"'),
    ("Are groups to be compared?", 'add  group="city", group_equal="loadings"'),
    (
        "Does something outside the model predict gaps?",
        'add  auxiliary="tenure"  (not with ordered=)',
    ),
)
LEFT, RIGHT, TOP, STEP, HIGH = 20.0, 440.0, 20.0, 58.0, 40.0
WIDE_LEFT, WIDE_RIGHT = 360.0, 400.0
INK, LINE, ASK, ANSWER = "#222222", "#8a8a8a", "#f3f1ec", "#e3eef6"


def box(x: float, y: float, width: float, fill: str, words: str) -> str:
    """Return a box with a line of text in its middle."""
    place = {"x": x, "y": y, "width": width, "height": HIGH, "rx": 6, "fill": fill, "stroke": LINE}
    label = {
        "x": x + width / 2, "y": y + HIGH / 2 + 5, "text_anchor": "middle", "font_family": FONTS,
        "font_size": 13, "fill": INK,
    }  # fmt: skip
    return element("rect", place) + element("text", label, text(words))


def arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    """Return a line with a head."""
    line = {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "stroke": INK, "marker_end": "url(#head)"}
    return element("line", line)


def word(x: float, y: float, words: str) -> str:
    """Return a small word beside an arrow."""
    place = {"x": x, "y": y, "font_family": FONTS, "font_size": 12, "fill": INK}
    return element("text", place, text(words))


def picture() -> str:
    """Return the picture."""
    whole = RIGHT + WIDE_RIGHT + LEFT
    parts = [box(LEFT, TOP, whole - 2 * LEFT, ANSWER, "Start with  " + START)]
    middle = LEFT + WIDE_LEFT / 2
    for k, (question, answer) in enumerate(QUESTIONS):
        y = TOP + (k + 1) * STEP
        parts.append(arrow(middle, y - STEP + HIGH, middle, y - 2))
        if k:
            parts.append(word(middle + 6, y - 6, "no, or done"))
        parts.append(box(LEFT, y, WIDE_LEFT, ASK, question))
        parts.append(arrow(LEFT + WIDE_LEFT, y + HIGH / 2, RIGHT - 2, y + HIGH / 2))
        parts.append(word(LEFT + WIDE_LEFT + 16, y + HIGH / 2 - 6, "yes"))
        parts.append(box(RIGHT, y, WIDE_RIGHT, ANSWER, answer))
    head = element(
        "marker",
        {"id": "head", "viewBox": "0 0 8 8", "refX": 7, "refY": 4, "markerWidth": 7,
         "markerHeight": 7, "orient": "auto"},
        element("path", {"d": "M0 0L8 4L0 8z", "fill": INK}),
    )  # fmt: skip
    height = TOP + len(QUESTIONS) * STEP + HIGH + TOP
    frame = {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {whole:.0f} {height:.0f}",
        "width": whole, "height": height, "role": "img",
    }  # fmt: skip
    title = element("title", {}, text("Which options does a fit need?"))
    ground = element("rect", {"width": whole, "height": height, "fill": "#ffffff"})
    return element("svg", frame, title, element("defs", {}, head), ground, *parts) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
