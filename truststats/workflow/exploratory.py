"""Models with exploratory blocks: estimated with zeros in place, then rotated.

A rotation is a set of equations that loadings and factor correlations meet, so that the rotated
solution is an estimate under equality constraints: whatever rests on the directions that these
leave open (standard errors, robust ones, tests) needs to know nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

import numpy as np
from scipy.linalg import qr

from truststats.arrays import Array, IntArray
from truststats.errors import NotSupportedError
from truststats.estimation.constraints import open_directions
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import evaluate, with_exogenous
from truststats.estimation.layout import COVARIANCE, PATH, Layout, layouts_from_partable
from truststats.estimation.sample import Sample
from truststats.inference.standardize import jacobian
from truststats.model import Model, ParTable, build_partable
from truststats.model.exploratory import Block, anchored, check_explored
from truststats.psychometrics.efa_extract import extract
from truststats.psychometrics.efa_inference import Rotated, rotation_equations
from truststats.psychometrics.rotation import rotate
from truststats.psychometrics.rotation_criteria import Criterion
from truststats.results.store import rules_of
from truststats.workflow.efa_rotation import Plan, criterion_of, rotation_plan
from truststats.workflow.infer import estimate_by
from truststats.workflow.settings import Settings

__all__ = ["check_blocks", "estimate_blocks", "refuse_blocks", "rotation_of"]

_ROTATIONS = ("geomin", "oblimin", "quartimin")
_NOT_WITH = ("ordered", "group", "auxiliary", "bounds", "effect_coding", "orthogonal")


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a block stands among the nodes of a layout."""

    factors: IntArray
    items: IntArray


def _plan(rotation: Any, options: Mapping[str, Any] | None) -> tuple[Plan, bool]:
    """Return the rotation, and whether it sees loadings of standardised items."""
    given = dict(options or {})
    scaled = bool(given.pop("std_ov", True))
    return rotation_plan(rotation, given), scaled


def rotation_of(model: Model, rotation: Any, options: Mapping[str, float] | None) -> dict[str, Any]:
    """Return the options of the rotation; none for a model without blocks.

    Raises
    ------
    NotSupportedError
        For a rotation whose estimates are not checked within a model.
    """
    if not model.blocks:
        return {}
    plan, scaled = _plan(rotation, options)
    if plan.name not in _ROTATIONS:
        raise NotSupportedError(
            f"rotation={plan.name!r} is not available within a model.",
            why="what is not checked against an independent source gives no number",
            fix=f"use one of {', '.join(map(repr, _ROTATIONS))}, or ts.efa for the items alone",
        )
    kept = {**plan.options, "kaiser": plan.kaiser, "std_ov": scaled}
    return {"rotation": plan.name, "rotation_options": kept}


def refuse_blocks(what: str) -> NoReturn:
    """Raise `NotSupportedError` for what is not checked together with exploratory blocks."""
    raise NotSupportedError(
        f"Exploratory blocks are not available with {what}.",
        why="what is not checked against an independent source gives no number",
        fix="use estimator='ML' or 'MLR' in one group, or ts.efa for the items alone",
    )


def check_blocks(
    model: Model, given: Mapping[str, Any], made: Settings, rules: Mapping[str, Any]
) -> ParTable | None:
    """Return the table of a model whose blocks are held by zeros; None without blocks.

    Raises
    ------
    NotSupportedError
        For what is not checked together with exploratory blocks.
    """
    if not model.blocks:
        return None
    check_explored(model.statements)
    names = [name for name in _NOT_WITH if given[name]]
    if given["se"] == "bootstrap" or given["test"] == "bollen.stine":
        names.append("se='bootstrap'")
    if any(s.op in ("==", "<", ">") for s in model.statements):
        names.append("constraints")
    if made.options["estimator"] not in ("ML", "MLR"):
        names.append(f"estimator={made.options['estimator']!r}")
    if made.missing not in ("listwise", "ml"):
        names.append(f"missing={made.missing!r}")
    if names:
        refuse_blocks(names[0])
    order = {block.name: block.items for block in model.blocks}
    return _table(model, rules, order, {})


def _table(
    model: Model,
    rules: Mapping[str, Any],
    order: Mapping[str, Sequence[str]],
    starts: Mapping[tuple[str, str], float],
) -> ParTable:
    held = replace(model, statements=anchored(model.statements, order, starts))
    return build_partable(held, **rules_of(rules))


def _extracted(
    block: Block, partable: ParTable, sample: Sample
) -> tuple[tuple[str, ...], dict[tuple[str, str], float]]:
    """Return the items that are to hold the zeros, and loadings to start from.

    The zeros go to the items that lie furthest apart (a pivoted triangle of unrotated loadings).
    """
    at = [partable.ov.index(item) for item in block.items]
    cov = sample.cov[np.ix_(at, at)]
    sd = np.sqrt(np.diag(cov))
    drawn = extract(cov / np.outer(sd, sd), len(block.factors), "ml").loadings
    _, _, pivot = qr(drawn.T, pivoting=True)
    m = len(block.factors)
    turn, _ = np.linalg.qr(drawn[pivot[:m]].T)
    loadings = drawn @ turn * sd[:, None]
    starts = {
        (factor, item): float(loadings[i, k])
        for i, item in enumerate(block.items)
        for k, factor in enumerate(block.factors)
    }
    return tuple(block.items[k] for k in pivot[:m]), starts


def estimate_blocks(
    model: Model,
    partable: ParTable,
    made: Settings,
    samples: Sequence[Sample],
    options: Mapping[str, Any],
) -> Estimate:
    """Return the rotated estimate of a model with exploratory blocks, in one group.

    Parameters
    ----------
    model : Model
    partable : ParTable
        With every loading of the blocks free.
    made : Settings
    samples : sequence of one Sample
    options : mapping
        Those of the fit, with ``rotation`` and ``rotation_options``.
    """
    order: dict[str, tuple[str, ...]] = {}
    starts: dict[tuple[str, str], float] = {}
    for block in model.blocks:
        order[block.name], own = _extracted(block, partable, samples[0])
        starts |= own
    table = _table(model, options, order, starts)
    layouts = layouts_from_partable(table)
    at = {name: k for k, name in enumerate(layouts[0].nodes)}
    user = np.full(table.npar, np.nan)
    for unique, value in zip(table.unique, table.ustart, strict=True):
        if unique >= 0 and not np.isnan(value):
            user[unique] = value
    loadings = [
        (at[lhs], at[rhs])
        for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True)
        if op == "=~"
    ]
    held = estimate_by(made, layouts, samples, loadings, user_start=user)
    plan, scaled = _plan(options["rotation"], options["rotation_options"])
    return _rotated(held, layouts_from_partable(partable)[0], model.blocks, plan, scaled=scaled)


def _rotated(
    held: Estimate, layout: Layout, blocks: Sequence[Block], plan: Plan, *, scaled: bool
) -> Estimate:
    """Return the estimate in the cells of the rotated model, with the directions left open."""
    sample = held.sample
    layout = with_exogenous(layout, sample.cov, sample.mean if layout.has_means else None)
    nodes = {name: k for k, name in enumerate(layout.nodes)}
    same = np.array([held.layout.nodes.index(name) for name in layout.nodes])
    state = held.state
    b, psi = (part[0][np.ix_(same, same)] for part in (state.b, state.psi))
    alpha = (state.nu[0] - state.b[0] @ state.nu[0])[same]
    places = [_place(block, nodes) for block in blocks]
    turn = np.eye(len(layout.nodes))
    sd = _deviations(b[None], psi[None], places, scaled=scaled)[0]
    for place in places:
        criterion = criterion_of(plan, len(place.factors))
        assert criterion is not None
        inside = np.ix_(place.items, place.factors)
        turn[np.ix_(place.factors, place.factors)] = _turn(
            b[inside] / sd[place.items][:, None], criterion, plan
        )
    back = np.linalg.inv(turn)
    cells = turn @ b @ back, turn @ psi @ turn.T, turn @ alpha
    values = np.where(
        layout.kind == PATH,
        cells[0][layout.row, layout.col],
        np.where(layout.kind == COVARIANCE, cells[1][layout.row, layout.col], cells[2][layout.row]),
    )
    theta = np.empty(layout.q)
    theta[layout.par] = values
    null = open_directions(jacobian(partial(_equations, layout, places, plan, scaled), theta))
    assert null.shape[1] == held.npar, "the rotation fixes as many parameters as it frees"
    solution = replace(held.solution, theta=theta[None], gradient=np.zeros((1, layout.q)))
    return replace(
        held, layouts=(layout,), theta=theta, solution=solution, null=null,
        n_equal=layout.q - held.npar, linear=False,
    )  # fmt: skip


def _place(block: Block, nodes: Mapping[str, int]) -> _Place:
    return _Place(
        np.array([nodes[name] for name in block.factors], dtype=np.intp),
        np.array([nodes[name] for name in block.items], dtype=np.intp),
    )


def _turn(loadings: Array, criterion: Criterion, plan: Plan) -> Array:
    """Return what factors are multiplied with: T', ordered by the place of their items, upwards."""
    found = rotate(loadings, criterion, oblique=True, kaiser=plan.kaiser)
    back = np.linalg.lstsq(found.loadings, loadings, rcond=None)[0]
    place = (found.loadings**2 * np.arange(len(loadings))[:, None]).sum(axis=0)
    order = np.argsort(place / (found.loadings**2).sum(axis=0), kind="stable")
    sign = np.where(found.loadings.sum(axis=0) < 0.0, -1.0, 1.0)
    return (back * sign[:, None])[order]


def _deviations(b: Array, psi: Array, places: Sequence[_Place], *, scaled: bool) -> Array:
    """Return standard deviations that the blocks give their items, (B, m), as lavaan scales them.

    They are those of an item's own factors and residual; ones without scaling.
    """
    if not scaled:
        return np.ones(psi.shape[:2])
    at = np.concatenate([place.factors for place in places])
    paths = b[:, :, at]
    common = np.einsum("bij,bjk,bik->bi", paths, psi[:, at][:, :, at], paths)
    return np.sqrt(common + np.einsum("bii->bi", psi))


def _equations(
    layout: Layout, places: Sequence[_Place], plan: Plan, scaled: bool, theta: Array
) -> Array:
    """Return what a rotated solution makes zero, and its variances, at a batch of theta, (B, c)."""
    state = evaluate(layout, theta)
    out: list[Array] = []
    for place in places:
        criterion = criterion_of(plan, len(place.factors))
        assert criterion is not None
        sd = _deviations(state.b, state.psi, places, scaled=scaled)[:, place.items]
        loadings = state.b[:, place.items][:, :, place.factors] / sd[:, :, None]
        phi = state.psi[:, place.factors][:, :, place.factors]
        fixed = Rotated(np.real(loadings[0]), np.real(phi[0]), criterion, True, plan.kaiser)
        out.append(rotation_equations(fixed, loadings, phi))
    return np.concatenate(out, axis=1)
