"""A path diagram as three tables: what the nodes are, what joins them, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import pandas as pd

from truststats.errors import DataError
from truststats.options import choose
from truststats.present.diagrams import graph_build, layout
from truststats.present.wording.words import language_code

__all__ = ["Graph", "graph"]

What = Literal["auto", "structural", "full"]

NODE_COLUMNS: Final = graph_build.NODE_COLUMNS
EDGE_COLUMNS: Final = graph_build.EDGE_COLUMNS
_DEFAULTS: Final[Mapping[str, Any]] = {
    "label": "",
    "kind": "latent",
    "role": "",
    "parent": "",
    "claims": "",
    "about": "",
}
_FIX: Final = "take graph.nodes or graph.edges, change the copy, and give that back"
_MANY_OBSERVED: Final = 12


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes, edges and layout of a path diagram; change a table, get a new graph.

    Attributes
    ----------
    nodes : pandas.DataFrame
        One row a node: ``name``, ``label`` (the text drawn), ``kind`` (latent, observed,
        intercept), ``role`` (exogenous, mediator, outcome, control, factor, dimension,
        indicator), ``parent`` (the factor an indicator stands beside; empty for the others),
        ``r2``, ``about`` (longer text shown on hovering), ``width`` and ``height`` in pixels
        (filled in where missing).
    edges : pandas.DataFrame
        One row an edge: ``lhs``, ``op``, ``rhs`` as in the model text, ``kind`` (regression: an
        arrow from rhs to lhs; loading: from lhs to rhs; covariance: an arc), ``est``, ``std``,
        ``se``, ``pvalue``, ``label`` (the text drawn), ``claims`` (ids of the claims it carries).
    layout : pandas.DataFrame
        One row a node: ``name`` and the centre ``x``, ``y`` in pixels, y downward.
    routes : mapping
        For edges that pass other nodes: (lhs, op, rhs) -> the points to go through.
    language : str
        Language of labels and numbers.
    notes : tuple of str
        Sentences to print under the diagram.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame
    layout: pd.DataFrame
    routes: Mapping[tuple[str, str, str], tuple[tuple[float, float], ...]] = field(
        default_factory=dict
    )
    language: str = "en"
    notes: tuple[str, ...] = ()

    def with_nodes(self, nodes: pd.DataFrame) -> Graph:
        """Return the graph with another table of nodes; positions of known nodes are kept.

        Parameters
        ----------
        nodes : pandas.DataFrame
            Columns as in `nodes`; only ``name`` is required.

        Raises
        ------
        DataError
            If an edge ends at a node that is not in the table, or a name stands twice.
        """
        table = layout.measured(_complete(nodes, NODE_COLUMNS, ("name",), "nodes"), self.edges)
        _check(table, self.edges)
        return _placed(replace(self, nodes=table))

    def with_edges(self, edges: pd.DataFrame) -> Graph:
        """Return the graph with another table of edges; nodes stay where they are.

        Parameters
        ----------
        edges : pandas.DataFrame
            Columns as in `edges`; only ``lhs``, ``op`` and ``rhs`` are required.

        Raises
        ------
        DataError
            If an edge ends at a node that does not exist.
        """
        table = _complete(edges, EDGE_COLUMNS, ("lhs", "op", "rhs"), "edges")
        table["kind"] = [graph_build.edge_kind(op) for op in table["op"]]
        _check(self.nodes, table)
        return replace(self, edges=table)

    def with_layout(self, positions: pd.DataFrame | None) -> Graph:
        """Return the graph with nodes moved; None lays everything out anew.

        Parameters
        ----------
        positions : pandas.DataFrame or None
            Columns ``name``, ``x``, ``y`` for the nodes to move; the others stay.

        Raises
        ------
        DataError
            If a name is not a node's.
        """
        if positions is None:
            places, routes = layout.arrange(self.nodes, self.edges)
            return replace(self, layout=places, routes=routes)
        given = _complete(positions, ("name", "x", "y"), ("name", "x", "y"), "layout")
        unknown = sorted(set(given["name"]) - set(self.nodes["name"]))
        if unknown:
            raise DataError(
                f"The layout places {', '.join(unknown)}, which the diagram does not have.",
                fix=f"use names from graph.nodes: {', '.join(self.nodes['name'])}",
            )
        moved = self.layout.set_index("name")[["x", "y"]].astype(float)
        moved.update(given.set_index("name")[["x", "y"]].astype(float))
        return replace(self, layout=moved.reset_index(), routes={})


def graph(
    value: Any,
    *,
    what: What = "auto",
    language: str = "en",
    covariances: bool | Literal["auto"] = "auto",
    intercepts: bool = False,
    group: str | None = None,
) -> Graph:
    """Return the three tables of the path diagram of a fit, a model or a framework.

    Parameters
    ----------
    value : Fit, Model, Framework or Graph
        What to draw; a Graph is returned as it is.
    what : {"auto", "structural", "full"}
        ``structural``: constructs only; ``full``: their dimensions and indicators too; ``auto``:
        full up to 12 observed variables.
    language : str
        Language of the labels.
    covariances : bool or "auto"
        Whether to draw covariances; ``auto`` leaves those among exogenous variables out when
        there are more than 15, and a note says so.
    intercepts : bool
        Whether to draw intercepts, as arrows from a triangle.
    group : str, optional
        Which group of a fit or a model of several.

    Raises
    ------
    OptionError
        If an option has no such value.
    DataError
        If the value cannot be drawn, or has several groups and none is named.
    """
    if isinstance(value, Graph):
        return value
    scope = choose("what", what, ("auto", "structural", "full"))
    code = language_code(language)
    drawn = getattr(value, "pooled", value)
    nodes, edges = graph_build.tables(drawn, code, intercepts=intercepts, group=group)
    if scope == "auto":
        many = (nodes["kind"] == "observed").sum() > _MANY_OBSERVED
        scope = "structural" if many else "full"
    if scope == "structural":
        nodes, edges = graph_build.structural(nodes, edges)
    edges, notes = graph_build.choose_covariances(nodes, edges, covariances, code)
    nodes = layout.measured(nodes, edges)
    places, routes = layout.arrange(nodes, edges)
    return Graph(nodes, edges, places, routes, code, notes)


def _placed(found: Graph) -> Graph:
    """Give new nodes a place; keep the old ones where they stand."""
    places, routes = layout.arrange(found.nodes, found.edges)
    old = found.layout.set_index("name")[["x", "y"]]
    known = places["name"].isin(old.index)
    if not known.any():
        return replace(found, layout=places, routes=routes)
    kept = places.set_index("name")
    kept.update(old)
    return replace(found, layout=kept.reset_index())


def _complete(
    table: pd.DataFrame, columns: tuple[str, ...], required: tuple[str, ...], which: str
) -> pd.DataFrame:
    lacking = [name for name in required if name not in table.columns]
    if lacking:
        raise DataError(
            f"The table of {which} has no column {', '.join(lacking)}.",
            why="without it the diagram does not know what to draw",
            fix=_FIX,
        )
    out = table.copy()
    for name in columns:
        if name not in out.columns:
            out[name] = _DEFAULTS.get(name, float("nan"))
    for name in set(columns) & set(_DEFAULTS):
        out[name] = out[name].fillna(_DEFAULTS[name])
    if "label" in columns and "name" in columns:
        out["label"] = out["label"].where(out["label"] != "", out["name"])
    return out.reset_index(drop=True)


def _check(nodes: pd.DataFrame, edges: pd.DataFrame) -> None:
    twice = nodes.loc[nodes["name"].duplicated(), "name"]
    if len(twice):
        raise DataError(
            f"The node {twice.iloc[0]!r} stands twice in the table of nodes.",
            why="an edge would not know where to end",
            fix=_FIX,
        )
    loose = sorted((set(edges["lhs"]) | set(edges["rhs"])) - set(nodes["name"]))
    if loose:
        raise DataError(
            f"An edge ends at {', '.join(loose)}, which is not a node.",
            why="an arrow needs both its ends",
            fix="add the node with graph.with_nodes(...), or leave the edge out",
        )
