"""The tables of nodes and edges, read from a fit, a model or a framework."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from truststats.errors import DataError
from truststats.present.diagrams.graph_groups import model_table, one_group
from truststats.present.wording.numbers import fixed
from truststats.present.wording.words import words
from truststats.results.verdicts import in_language

__all__ = [
    "EDGE_COLUMNS",
    "NODE_COLUMNS",
    "choose_covariances",
    "edge_kind",
    "edge_label",
    "structural",
    "tables",
]

NODE_COLUMNS: Final = (
    "name",
    "label",
    "kind",
    "role",
    "parent",
    "r2",
    "about",
    "width",
    "height",
)
EDGE_COLUMNS: Final = (
    "lhs",
    "op",
    "rhs",
    "kind",
    "est",
    "std",
    "se",
    "pvalue",
    "label",
    "claims",
)
_KINDS: Final = {"=~": "loading", "~": "regression", "~~": "covariance", "~1": "regression"}
_NUMBERS: Final = ("est", "std", "se", "pvalue")
_MANY_ARCS: Final = 15
_NAN: Final = float("nan")
INTERCEPT: Final = "1"


def edge_kind(op: str) -> str:
    """Return regression, loading or covariance for an operator of the model text."""
    return _KINDS.get(op, "regression")


def edge_label(std: float, est: float, language: str) -> str:
    """Return the number written on an edge: standardised, else as estimated, else nothing."""
    if math.isfinite(std):
        return fixed(std, 2, language, bounded=True)
    return fixed(est, 2, language) if math.isfinite(est) else ""


def tables(
    value: Any, language: str, *, intercepts: bool = False, group: str | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all nodes and edges of a fit, a model or a framework.

    Parameters
    ----------
    value : Fit, Model or Framework
        What has ``tidy()``, ``statements`` or ``claims``.
    language : str
        Language of labels and numbers.
    intercepts : bool
        Whether intercepts are edges from a node named ``1``.
    group : str, optional
        The group, for a fit or a model of several.

    Raises
    ------
    DataError
        If it is none of these, or has several groups and none is named.
    """
    if hasattr(value, "tidy"):
        value = one_group(value, group)
        rows = _fit_rows(value)
        model, framework, r2 = value.model, value.framework, _r_square(value)
    elif hasattr(value, "statements"):
        rows = _model_rows(value, group)
        model, framework, r2 = value, value.framework, {}
    elif hasattr(value, "claims"):
        return _framework_tables(value, language)
    else:
        raise DataError(
            f"A {type(value).__name__} cannot be drawn as a path diagram.",
            why="it has no paths",
            fix="give a fit, a model (fw.model(instrument)), a framework or a Graph",
        )
    rows = [row for row in rows if row["op"] in _KINDS and (intercepts or row["op"] != "~1")]
    edges = _edges(rows, framework, language)
    return _nodes(edges, model, r2, language), edges


def _fit_rows(fit: Any) -> list[dict[Any, Any]]:
    table = fit.tidy()
    rows = []
    for record in table.to_dict("records"):
        est, se = float(record["est"]), float(record.get("se", _NAN))
        if record["op"] == "~~" and est == 0 and not se > 0:
            continue
        rows.append({**record, "est": est, "se": se, "std": float(record.get("std_all", _NAN))})
    return rows


def _model_rows(model: Any, group: str | None) -> list[dict[Any, Any]]:
    """Rows with what the rules of `sem` add (covariances among exogenous variables ...)."""
    table, at = model_table(model, group)
    known = zip(table.free, table.ustart, table.group, strict=True)
    return [
        {"lhs": lhs, "op": op, "rhs": rhs, "name": label}
        for lhs, op, rhs, label, (free, start, of) in zip(
            table.lhs, table.op, table.rhs, table.label, known, strict=True
        )
        if of in (0, at) and not (op == "~~" and free == 0 and start == 0)
    ]


def _edges(rows: Iterable[Mapping[Any, Any]], framework: Any, language: str) -> pd.DataFrame:
    carried, signs = _claims_by_path(framework), _signs(framework, language)
    out: list[dict[Any, Any]] = []
    for row in rows:
        if row["lhs"] == row["rhs"]:
            continue
        numbers = {name: float(row.get(name, _NAN)) for name in _NUMBERS}
        shown = edge_label(numbers["std"], numbers["est"], language)
        target = INTERCEPT if row["op"] == "~1" else row["rhs"]
        edge: dict[Any, Any] = {**numbers}
        edge |= {"lhs": row["lhs"], "op": row["op"], "rhs": target, "kind": edge_kind(row["op"])}
        edge["label"] = shown or row.get("name", "") or signs.get((row["rhs"], row["lhs"]), "")
        ids = carried.get((row["rhs"], row["lhs"]), ()) if row["op"] == "~" else ()
        edge["claims"] = ", ".join(ids)
        out.append(edge)
    return pd.DataFrame(out, columns=list(EDGE_COLUMNS))


def _claims_by_path(framework: Any) -> dict[tuple[str, str], tuple[str, ...]]:
    carried: dict[tuple[str, str], tuple[str, ...]] = {}
    for claim in framework.claims if framework is not None else ():
        for step in pairwise(claim.path):
            carried[step] = (*carried.get(step, ()), claim.id)
    return carried


def _signs(framework: Any, language: str) -> dict[tuple[str, ...], str]:
    """Signs the framework expects of single steps, to stand where there is no estimate."""
    marks = {1: "+", -1: words(language).numbers.minus}
    claims = framework.claims if framework is not None else ()
    return {tuple(c.path): marks[c.sign] for c in claims if len(c.path) == 2}


def _nodes(edges: pd.DataFrame, model: Any, r2: Mapping[str, float], language: str) -> pd.DataFrame:
    loadings = edges[edges["op"] == "=~"]
    latent = set(loadings["lhs"])
    parent: dict[str, str] = {}
    for lhs, rhs in zip(loadings["lhs"], loadings["rhs"], strict=True):
        parent.setdefault(rhs, lhs)
    in_order = (loadings["lhs"], loadings["rhs"], edges["lhs"], edges["rhs"])
    names = list(dict.fromkeys(name for column in in_order for name in column))
    rows = []
    for name in names:
        is_latent = name in latent
        kind = "intercept" if name == INTERCEPT else "latent" if is_latent else "observed"
        label, about = _node_text(name, is_latent, model, language)
        rows.append(
            {
                "name": name,
                "label": label,
                "kind": kind,
                "parent": parent.get(name, ""),
                "r2": float(r2.get(name, _NAN)),
                "about": about,
                "width": _NAN,
                "height": _NAN,
            }
        )
    table = pd.DataFrame(rows, columns=list(NODE_COLUMNS))
    table["role"] = [_role(row, edges) for row in table.to_dict("records")]
    return table


def _node_text(name: str, latent: bool, model: Any, language: str) -> tuple[str, str]:
    """Text drawn in a node, and the longer text shown on hovering."""
    known = in_language(model.labels.get(name, {}), language)
    if latent:
        readable = name.replace("_", " ")
        return known or readable[:1].upper() + readable[1:], name
    mark = " (R)" if name in model.recode else ""
    return name + mark, known + mark if known else name


def _role(node: Mapping[Any, Any], edges: pd.DataFrame) -> str:
    name = node["name"]
    paths = edges[(edges["op"] == "~")]
    caused, causes = name in set(paths["lhs"]), name in set(paths["rhs"])
    if node["parent"] and not (caused or causes):
        return "dimension" if node["kind"] == "latent" else "indicator"
    if caused:
        return "mediator" if causes else "outcome"
    if causes:
        return "exogenous" if node["kind"] == "latent" else "control"
    return "factor" if node["kind"] == "latent" else node["kind"]


def _r_square(fit: Any) -> dict[str, float]:
    found = getattr(fit, "r_square", None)
    return {} if found is None else {str(k): float(v) for k, v in found.items()}


def _framework_tables(framework: Any, language: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes and edges of a framework: the claims' steps with their signs, and what is adjusted."""
    rows = [
        {"lhs": effect, "op": "~", "rhs": cause}
        for effect, causes in framework.structure.equations.items()
        for cause in causes
    ]
    edges = _edges(rows, framework, language)
    table = [
        {
            "name": key,
            "label": framework.constructs[key].label_for(language),
            "kind": "latent",
            "parent": "",
            "about": in_language(framework.constructs[key].definition, language),
        }
        for key in framework.structure.order
    ]
    nodes = pd.DataFrame(table).reindex(columns=list(NODE_COLUMNS))
    nodes["role"] = [_role(row, edges) for row in nodes.to_dict("records")]
    return nodes, edges


def structural(nodes: pd.DataFrame, edges: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables without indicators and dimensions.

    Parameters
    ----------
    nodes, edges : pandas.DataFrame
        The tables of the full diagram.
    """
    keep = ~nodes["role"].isin(["indicator", "dimension"])
    shown = set(nodes.loc[keep, "name"])
    inside = edges["lhs"].isin(shown) & edges["rhs"].isin(shown)
    return nodes[keep].reset_index(drop=True), edges[inside].reset_index(drop=True)


def choose_covariances(
    nodes: pd.DataFrame, edges: pd.DataFrame, wanted: object, language: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the edges to draw, and a note about covariances left out.

    Covariances among observed exogenous variables are the sample's own and are never drawn.

    Parameters
    ----------
    nodes, edges : pandas.DataFrame
        The tables.
    wanted : bool or "auto"
        Whether covariances are drawn.
    language : str
        Language of the note.
    """
    arcs = edges["kind"] == "covariance"
    observed = set(nodes.loc[nodes["role"] == "control", "name"])
    given = arcs & edges["lhs"].isin(observed) & edges["rhs"].isin(observed)
    edges, arcs = edges[~given], arcs[~given]
    outer = set(nodes.loc[nodes["role"].isin(["exogenous", "factor", "control"]), "name"])
    among = arcs & edges["lhs"].isin(outer) & edges["rhs"].isin(outer)
    drop = arcs & False
    if wanted is False or wanted == "none":
        drop = arcs
    elif wanted == "auto" and among.sum() > _MANY_ARCS:
        drop = among
    left_out = int(drop.sum())
    notes: tuple[str, ...] = ()
    if left_out and wanted == "auto":
        notes = (words(language)("diagram.covariances_hidden", count=left_out),)
    return edges[~drop].reset_index(drop=True), notes
