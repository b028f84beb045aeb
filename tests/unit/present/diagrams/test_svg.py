from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree

import pytest

from truststats.errors import NotSupportedError
from truststats.present.diagrams import svg

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">{}</svg>'


def test_text_and_attributes_are_escaped() -> None:
    made = svg.element("text", {"data_x": '"<&', "y": 2.0}, svg.text("<b>&\x00\x07"))
    assert made == '<text data-x="&quot;&lt;&amp;" y="2">&lt;b&gt;&amp;</text>'
    assert ElementTree.fromstring(made).text == "<b>&"


def test_none_leaves_an_attribute_out() -> None:
    assert svg.element("path", {"d": "M0 0", "dash": None}) == '<path d="M0 0"/>'


@pytest.mark.parametrize(
    ("value", "shown"), [(0.001, "0"), (-0.001, "0"), (1.5, "1.5"), (-12.345, "-12.35")]
)
def test_numbers_are_short(value: float, shown: str) -> None:
    assert svg.element("a", {"x": value}) == f'<a x="{shown}"/>'


def test_a_coordinate_must_be_finite() -> None:
    with pytest.raises(ValueError, match="a coordinate of an SVG element is nan"):
        svg.element("a", {"x": float("nan")})


def test_path_of_curves_and_lines() -> None:
    assert svg.path_data([(0, 0), (1, 0), (2, 1), (3, 1)]) == "M0 0C1 0 2 1 3 1"
    assert svg.path_data([(0, 0), (1.25, 0)], commands="L") == "M0 0L1.25 0"


@pytest.mark.parametrize("words", ["Tillit til nærmeste leder", "R² = 0,43", "−.25", "WWW iii"])
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_width_matches_the_font(words: str, weight: str) -> None:
    textpath = pytest.importorskip("matplotlib.textpath")
    fonts = pytest.importorskip("matplotlib.font_manager")
    font = fonts.FontProperties(family="DejaVu Sans", weight=weight, size=12)
    wide, _, _ = textpath.text_to_path.get_text_width_height_descent(words, font, ismath=False)
    assert svg.text_width(words, 12, bold=weight == "bold") == pytest.approx(wide, rel=0.06)


def test_folding_keeps_words_and_limit() -> None:
    lines = svg.fold_text("Trust in the closest manager of the unit", 14, 110)
    assert " ".join(lines) == "Trust in the closest manager of the unit"
    assert all(svg.text_width(line, 14) <= 110 for line in lines)
    assert svg.fold_text("rapporteringsbyrde", 14, 20) == ["rapporteringsbyrde"]
    assert svg.fold_text("", 14, 20) == [""]


def test_lines_are_about_equally_long() -> None:
    lines = svg.fold_text("Perceived control and reporting burden", 14, 170)
    widths = [svg.text_width(line, 14) for line in lines]
    assert len(lines) == 2
    assert min(widths) > 0.6 * max(widths)


def test_png_shows_the_text(tmp_path) -> None:
    pytest.importorskip("resvg_py")
    image = pytest.importorskip("matplotlib.image")
    words = svg.element("text", {"x": 2, "y": 16, "font_family": svg.FONTS}, "Åæ")
    shown = image.imread(svg.png(PICTURE.format(words), tmp_path / "a.png", width=80))
    blank = image.imread(svg.png(PICTURE.format(""), tmp_path / "b.png", width=80))
    assert shown.shape[1] == 80
    assert blank.min() == 1.0
    assert shown[..., :3].min() < 0.2, "letters are drawn although no system font is used"


def test_png_without_resvg_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(NotSupportedError, match=r"save as \.svg") as caught:
        svg.png(PICTURE.format(""), tmp_path / "a.png")
    assert "truststats[report]" in caught.value.fix
