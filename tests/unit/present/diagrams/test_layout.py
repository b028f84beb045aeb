from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from truststats.model import Model
from truststats.present.diagrams import layout
from truststats.present.diagrams.graph import graph
from truststats.present.diagrams.layout_order import Segment, layers_of


def arrows(*pairs: tuple[str, str]) -> dict:
    return {(b, "~", a): Segment(a, b, 0.3, False) for a, b in pairs}


def boxes(found) -> dict[str, tuple[float, float, float, float]]:
    table = found.nodes.merge(found.layout, on="name")
    return {
        r.name: (
            r.x - r.width / 2,
            r.y - r.height / 2,
            r.x + r.width / 2,
            r.y + r.height / 2,
        )
        for r in table.itertuples(index=False)
    }


def overlap(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_layer_is_the_longest_way_from_a_cause() -> None:
    found = layers_of(list("abcd"), arrows(("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")))
    assert found == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_a_cycle_still_gets_layers() -> None:
    found = layers_of(list("abc"), arrows(("a", "b"), ("b", "c"), ("c", "a")))
    assert found == {"a": 0, "b": 1, "c": 2}


def test_separation_is_the_nearest_in_squares() -> None:
    wish, weight, gaps = np.array([0.0, 0.0, 10.0]), np.array([1.0, 3.0, 1.0]), np.array([4.0, 1.0])
    got = layout._separate(wish, weight, gaps)
    assert got == pytest.approx([-3.0, 1.0, 10.0])
    assert (np.diff(got) >= gaps - 1e-9).all()


def test_conditions_stand_left_and_results_right(framework) -> None:
    found = graph(framework)
    x = found.layout.set_index("name")["x"]
    for effect, causes in framework.structure.equations.items():
        assert all(x[cause] < x[effect] for cause in causes)


@pytest.mark.parametrize("what", ["structural", "full"])
def test_nodes_never_overlap(framework_fit, what) -> None:
    found = boxes(graph(framework_fit, what=what))
    assert [pair for pair in combinations(found, 2) if overlap(*(found[n] for n in pair))] == []


def test_layout_is_the_same_every_time(framework) -> None:
    one, two = graph(framework), graph(framework)
    assert one.layout.equals(two.layout)
    assert one.routes == two.routes


def test_passing_lines_keep_away_from_nodes(framework) -> None:
    found = graph(framework)
    places = boxes(found)
    assert found.routes
    for points in found.routes.values():
        for x, y in points:
            for left, top, right, bottom in places.values():
                assert not (left < x < right and top < y < bottom)


def test_text_fits_its_ellipse(framework) -> None:
    nodes = graph(framework, language="nb").nodes
    for row in nodes.itertuples(index=False):
        lines, size = layout.node_lines(row.label, row.kind, row.role)
        for index, line in enumerate(lines):
            high = abs((index + 0.5) - len(lines) / 2) * 1.22 * size + 0.4 * size
            wide = layout.text_width(line, size) / 2
            assert (2 * wide / row.width) ** 2 + (2 * high / row.height) ** 2 <= 1.0


def test_observed_controls_stand_below() -> None:
    found = graph(Model.from_text("f =~ a + b + c\nf ~ tenure + x\ng =~ d + e + h\ng ~ f + x"))
    assert set(found.nodes.query("role == 'control'")["name"]) == {"tenure", "x"}


def test_factors_without_paths_stand_in_a_ring() -> None:
    text = "\n".join(f"f{k} =~ a{k} + b{k} + c{k}" for k in range(5))
    found = graph(Model.from_text(text), what="structural")
    assert found.layout["x"].round(3).nunique() >= 3
    assert len(graph(Model.from_text(text), what="full").nodes) == 20


def test_indicators_stand_beside_their_factor() -> None:
    found = graph(Model.from_text("f =~ a + b + c\ng =~ d + e + h\nf ~~ g"), what="full")
    at = found.layout.set_index("name")
    assert (at.loc[["a", "b", "c"], "x"] > at.loc["f", "x"]).all()
    assert at.loc["b", "y"] == pytest.approx(at.loc["f", "y"])
    assert list(at.loc[["a", "b", "c"], "y"]) == sorted(at.loc[["a", "b", "c"], "y"])
