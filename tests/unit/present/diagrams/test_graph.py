from __future__ import annotations

import pandas as pd
import pytest

from truststats.errors import DataError, OptionError
from truststats.model import Model
from truststats.present.diagrams.graph import EDGE_COLUMNS, NODE_COLUMNS, graph


def test_a_fit_becomes_three_tables(framework_fit) -> None:
    found = graph(framework_fit)
    assert tuple(found.nodes.columns) == NODE_COLUMNS
    assert tuple(found.edges.columns) == EDGE_COLUMNS
    assert list(found.layout.columns) == ["name", "x", "y"]
    assert set(found.nodes["kind"]) == {"latent"}
    assert list(found.layout["name"]) == list(found.nodes["name"])
    roles = found.nodes.set_index("name")["role"]
    assert roles["delegation"] == "exogenous"
    assert roles["vertical_trust"] == "mediator"
    assert roles["innovation"] == "outcome"


def test_labels_and_numbers_follow_the_language(framework_fit) -> None:
    label = graph(framework_fit, language="nb").nodes.set_index("name")["label"]
    assert label["vertical_trust"] == "Tillit til nærmeste leder"
    number = graph(framework_fit, language="nb").edges["label"].iloc[0]
    assert "," in number
    assert "." in graph(framework_fit).edges["label"].iloc[0]


def test_edges_know_the_claims_they_carry(framework_fit) -> None:
    edges = graph(framework_fit).edges.set_index(["lhs", "op", "rhs"])
    assert "delegation_autonomy" in edges.loc[("work_autonomy", "~", "delegation"), "claims"]
    assert edges.loc[("results", "~", "goal_clarity"), "claims"] == ""


def test_full_shows_dimensions_and_reversed_items(framework_fit) -> None:
    nodes = graph(framework_fit, what="full").nodes.set_index("name")
    assert nodes.loc["vtr5", "label"] == "vtr5 (R)"
    assert nodes.loc["vtr1", "label"] == "vtr1"
    assert nodes.loc["vtr5", "role"] == "indicator"
    assert nodes.loc["work_autonomy_method", "role"] == "dimension"
    assert nodes.loc["work_autonomy_method", "parent"] == "work_autonomy"


def test_a_model_without_estimates_shows_expected_signs(framework) -> None:
    edges = graph(framework.model("tbm-core")).edges
    carried = edges[(edges["claims"] != "") & (edges["label"] != "")]
    assert len(carried) >= 8
    assert edges["std"].isna().all()
    assert set(carried["label"]) <= {"+", "−"}


def test_a_model_shows_what_the_automatic_rules_add() -> None:
    edges = graph(Model.from_text("f =~ a + b + c\ng =~ d + e + h")).edges
    assert ("f", "~~", "g") in set(zip(edges["lhs"], edges["op"], edges["rhs"], strict=True))


def test_parameter_labels_stand_where_there_is_no_number() -> None:
    edges = graph(Model.from_text("y ~ b*x")).edges
    assert list(edges["label"]) == ["b"]


def test_a_framework_needs_no_data(framework) -> None:
    found = graph(framework, language="nb")
    assert set(found.nodes["name"]) == set(framework.structure.order)
    assert (found.edges["kind"] == "regression").all()
    assert found.nodes["about"].str.len().min() > 10


def test_covariances_can_be_left_out(framework_fit) -> None:
    assert (graph(framework_fit).edges["kind"] == "covariance").any()
    assert not (graph(framework_fit, covariances=False).edges["kind"] == "covariance").any()


def test_many_exogenous_covariances_are_left_out_and_counted() -> None:
    names = [f"f{k}" for k in range(7)]
    text = "\n".join(f"{n} =~ a{n} + b{n} + c{n}" for n in names)
    found = graph(Model.from_text(text), what="structural")
    assert found.edges.empty
    assert "21" in found.notes[0]
    assert len(graph(Model.from_text(text), what="structural", covariances=True).edges) == 21


def test_intercepts_come_from_a_triangle() -> None:
    found = graph(Model.from_text("y ~ x\ny ~ 1"), intercepts=True)
    assert found.nodes.set_index("name").loc["1", "kind"] == "intercept"
    assert "intercept" not in set(graph(Model.from_text("y ~ x\ny ~ 1")).nodes["kind"])


def test_a_changed_label_is_drawn_and_places_stay(framework_fit) -> None:
    found = graph(framework_fit)
    nodes = found.nodes.copy()
    nodes.loc[nodes["name"] == "results", ["label", "width"]] = ["What comes out of it", None]
    new = found.with_nodes(nodes)
    assert new.nodes.set_index("name").loc["results", "label"] == "What comes out of it"
    assert new.layout.equals(found.layout)
    assert found.nodes.set_index("name").loc["results", "label"] != "What comes out of it"


def test_a_new_node_gets_a_place(framework_fit) -> None:
    found = graph(framework_fit)
    more = pd.concat([found.nodes, pd.DataFrame({"name": ["x"], "kind": ["observed"]})])
    new = found.with_nodes(more)
    assert new.layout.set_index("name").loc["x"].notna().all()
    edge = pd.DataFrame({"lhs": ["results"], "op": ["~"], "rhs": ["x"], "label": ["?"]})
    drawn = new.with_edges(pd.concat([new.edges, edge]))
    assert drawn.edges.iloc[-1]["kind"] == "regression"


def test_nodes_can_be_moved_and_laid_out_again(framework_fit) -> None:
    found = graph(framework_fit)
    moved = found.with_layout(pd.DataFrame({"name": ["results"], "x": [5], "y": [900]}))
    assert list(moved.layout.set_index("name").loc["results"]) == [5.0, 900.0]
    assert moved.with_layout(None).layout.equals(found.layout)


def test_a_graph_stays_itself(framework) -> None:
    found = graph(framework)
    assert graph(found) is found


def test_an_edge_to_nowhere_is_refused(framework) -> None:
    found = graph(framework)
    with pytest.raises(DataError, match="An edge ends at ghost, which is not a node"):
        found.with_edges(pd.DataFrame({"lhs": ["results"], "op": ["~"], "rhs": ["ghost"]}))
    with pytest.raises(DataError, match="which is not a node"):
        found.with_nodes(found.nodes.iloc[1:])


def test_a_node_twice_is_refused(framework) -> None:
    found = graph(framework)
    with pytest.raises(DataError, match="stands twice in the table of nodes"):
        found.with_nodes(pd.concat([found.nodes, found.nodes.iloc[:1]]))


def test_a_table_without_its_columns_is_refused(framework) -> None:
    with pytest.raises(DataError, match="The table of edges has no column rhs"):
        graph(framework).with_edges(pd.DataFrame({"lhs": ["a"], "op": ["~"]}))


def test_an_unknown_place_is_refused(framework) -> None:
    with pytest.raises(DataError, match="The layout places ghost"):
        graph(framework).with_layout(pd.DataFrame({"name": ["ghost"], "x": [0], "y": [0]}))


def test_what_has_no_paths_is_refused() -> None:
    with pytest.raises(DataError, match="A dict cannot be drawn as a path diagram"):
        graph({})


def test_unknown_options_are_refused(framework) -> None:
    with pytest.raises(OptionError, match="Did you mean 'structural'"):
        graph(framework, what="structual")  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="language='xx'"):
        graph(framework, language="xx")
