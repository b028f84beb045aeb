from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from truststats.errors import OptionError
from truststats.model import Model
from truststats.present.diagrams.diagram import Diagram, diagram
from truststats.present.diagrams.graph import graph
from truststats.present.diagrams.labels import Line, place_labels
from truststats.present.diagrams.ports import spots
from truststats.present.diagrams.routes import curves

SMALL = {
    "cfa": "f1 =~ a1 + a2 + a3\nf2 =~ b1 + b2 + b3\nf3 =~ c1 + c2 + c3\nf4 =~ d1 + d2",
    "regression": "er ~ ct + oj\nct ~ oj",
    "controls": "f =~ a + b + c\ng =~ d + e\ng ~ f + tenure\nf ~ tenure + role",
    "second": "g =~ f1 + f2 + f3\nf1 =~ a1 + a2\nf2 =~ b1 + b2\nf3 =~ c1 + c2",
    "residuals": "f =~ a + b + c\ng =~ d + e + h\ng ~ f\na ~~ d\nb ~~ c\nc ~~ h",
    "cycle": "y1 ~ y2 + x1\ny2 ~ y1 + x2",
}


def overlap(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def assert_readable(made: Diagram) -> None:
    """No number lies on another number or on a node; all are inside the picture."""
    numbers, nodes = list(made.number_boxes.items()), list(made.node_boxes.items())
    on_each_other = [(a, b) for (a, p), (b, q) in combinations(numbers, 2) if overlap(p, q)]
    on_nodes = [(a, n) for a, p in numbers for n, q in nodes if overlap(p, q)]
    assert (on_each_other, on_nodes, made.left_out) == ([], [], 0)
    left, top, wide, high = view(made)
    for box in (*made.number_boxes.values(), *made.node_boxes.values()):
        assert left <= box[0]
        assert top <= box[1]
        assert box[2] <= left + wide
        assert box[3] <= top + high


def view(made: Diagram) -> list[float]:
    return [float(v) for v in ElementTree.fromstring(made.svg).attrib["viewBox"].split()]


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("what", ["structural", "full"])
def test_the_big_model_is_readable(framework_fit, what, language) -> None:
    made = diagram(framework_fit, what=what, language=language)
    assert len(made.number_boxes) > 25
    assert_readable(made)


@pytest.mark.parametrize("name", SMALL)
def test_small_models_are_readable(text_fit, name) -> None:
    assert_readable(diagram(text_fit(SMALL[name])))
    assert_readable(diagram(text_fit(SMALL[name]), what="structural", min_label=0.0))


def test_a_framework_and_a_model_are_readable(framework) -> None:
    assert_readable(diagram(framework, language="nb"))
    assert_readable(diagram(framework.model("tbm-core")))


@pytest.mark.parametrize("what", ["structural", "full"])
def test_lines_do_not_run_through_nodes(framework_fit, what) -> None:
    found = graph(framework_fit, what=what)
    places = spots(found)
    for curve in curves(found):
        if curve.kind != "regression":
            continue
        for spot in places.values():
            if spot.name in (curve.key[0], curve.key[2]):
                continue
            dx = np.abs(curve.trail[:, 0] - spot.x) / spot.rx
            dy = np.abs(curve.trail[:, 1] - spot.y) / spot.ry
            assert not ((dx < 0.97) & (dy < 0.97)).any(), (curve.key, spot.name)


def test_a_moved_node_is_gone_round(text_fit) -> None:
    found = graph(text_fit("c ~ a + b\nb ~ a"))
    middle = float(found.layout.set_index("name").loc["c", "y"])
    flat = found.layout.assign(y=middle)
    made = diagram(found.with_layout(flat))
    spot = spots(made.graph)["b"]
    trail = next(c for c in curves(made.graph) if c.key == ("c", "~", "a")).trail
    inside = (np.abs(trail[:, 0] - spot.x) < spot.rx) & (np.abs(trail[:, 1] - spot.y) < spot.ry)
    assert not inside.any()
    assert_readable(made)


def test_claims_always_carry_their_number(framework_fit) -> None:
    made = diagram(framework_fit, min_label=0.99)
    claimed = made.graph.edges[made.graph.edges["claims"] != ""]
    keys = set(zip(claimed["lhs"], claimed["op"], claimed["rhs"], strict=True))
    assert keys == set(made.number_boxes)


def test_small_coefficients_are_counted(framework_fit) -> None:
    made = diagram(framework_fit)
    silent = len(made.graph.edges) - len(made.number_boxes)
    assert silent > 0
    assert f"coefficients below .10 ({silent})" in made.svg
    assert "coefficients below" not in diagram(framework_fit, min_label=0.0).svg


def test_sign_is_in_colour_and_in_dashes(text_fit) -> None:
    edges = graph(text_fit("y ~ x")).edges.assign(std=-0.4, label="−.40")
    made = diagram(graph(text_fit("y ~ x")).with_edges(edges))
    assert "stroke-dasharray" in made.svg
    assert "#c8500a" in made.svg


def test_width_grows_with_size(text_fit) -> None:
    found = graph(text_fit("y ~ x + z"))
    made = diagram(found.with_edges(found.edges.assign(std=[0.1, 0.7], label=["a", "b"])))
    widths = [float(w) for w in re.findall(r'stroke="#0072b2" stroke-width="([\d.]+)"', made.svg)]
    assert max(widths) > 2 * min(widths)


def test_labels_cannot_break_the_picture() -> None:
    nasty = '<script>"&\x00'
    found = graph(Model.from_text("y ~ x"))
    made = diagram(found.with_nodes(found.nodes.assign(label=nasty, about=nasty)), title=nasty)
    assert "<script>" not in made.svg
    assert '<script>"&' in "".join(ElementTree.fromstring(made.svg).itertext())


def test_the_picture_says_what_it_shows(framework_fit) -> None:
    root = ElementTree.fromstring(diagram(framework_fit, language="nb", title="Modellen").svg)
    names = {child.tag.split("}")[1]: child for child in root[:2]}
    assert names["title"].text == "Modellen"
    assert names["desc"].text.startswith("10 variabler, 33 stier")
    assert root.attrib["aria-labelledby"].split() == [e.attrib["id"] for e in names.values()]
    assert root.attrib["role"] == "img"
    assert root.attrib["width"] == "100%"


def test_two_pictures_on_a_page_have_their_own_ids(framework, framework_fit) -> None:
    ids = [re.findall(r' id="(\w+)"', diagram(value).svg) for value in (framework, framework_fit)]
    assert not set(ids[0]) & set(ids[1])


def test_the_same_fit_gives_the_same_picture(framework_fit) -> None:
    assert diagram(framework_fit).svg == diagram(framework_fit).svg


def test_saved_as_svg_and_png(framework, tmp_path) -> None:
    pytest.importorskip("resvg_py")
    made = diagram(framework)
    assert made.save(tmp_path / "a.svg").read_text(encoding="utf-8") == made.svg
    assert made.save(tmp_path / "a.png", width=300).read_bytes()[:4] == b"\x89PNG"
    assert made._repr_svg_() == made.svg
    assert repr(made) == "Diagram(10 nodes, 33 edges)"


def test_another_ending_is_refused(framework, tmp_path) -> None:
    with pytest.raises(OptionError, match=r"cannot be saved as .\.pdf") as caught:
        diagram(framework).save(tmp_path / "a.pdf")
    assert ".png" in caught.value.fix


def test_legend_can_be_left_out(framework) -> None:
    assert diagram(framework, legend=False).height < diagram(framework).height


def test_fonts_come_from_the_reader() -> None:
    made = diagram(Model.from_text("y ~ x"))
    assert "@font-face" not in made.svg
    assert "http" not in made.svg.replace("http://www.w3.org/2000/svg", "")


def test_a_number_without_a_free_place_is_left_out() -> None:
    trail = np.array([[0.0, 0.0], [20.0, 0.0]])
    wall = np.array([[-500.0, -500.0, 500.0, 500.0]])
    assert place_labels([Line(trail, 20, 14)], wall) == [None]


def test_numbers_on_one_line_are_set_apart() -> None:
    trail = np.column_stack([np.linspace(0, 60, 20), np.zeros(20)])
    placed = place_labels([Line(trail, 28, 14)] * 3, np.zeros((0, 4)))
    assert not [p for p in combinations(placed, 2) if overlap(*p)]


def test_an_empty_graph_is_an_empty_picture() -> None:
    found = graph(Model.from_text("f =~ a + b + c")).with_edges(
        pd.DataFrame({"lhs": [], "op": [], "rhs": []})
    )
    assert diagram(found).svg.startswith("<svg")


@pytest.mark.parametrize("legend", [True, False])
def test_a_diagram_of_synthetic_answers_says_so_in_picture_and_words(small_study, legend, tmp_path):
    drawn = diagram(small_study.fit, language="nb", legend=legend)
    assert drawn.svg.count("SYNTETISKE DATA") == 2
    assert drawn.alt.startswith("SYNTETISKE DATA")
    assert drawn.save(tmp_path / "new folder" / "model.svg").is_file()
    assert "SYNTHETIC" not in diagram(small_study.fit.model).svg
