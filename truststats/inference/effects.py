"""Direct, indirect, total and specific effects among the variables of a model."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from truststats.arrays import Array, BoolArray
from truststats.errors import OptionError
from truststats.estimation.implied import evaluate, prune
from truststats.estimation.layout import Layout

__all__ = ["EffectList", "effect_values", "list_effects"]

_MAX_SPECIFIC = 500


@dataclass(frozen=True)
class EffectList:
    """Which effects a model has.

    Attributes
    ----------
    kind : tuple of str
        "direct", "indirect", "total" or "specific", per effect.
    target, source : tuple of int
        Node numbers.
    via : tuple of tuple of int
        The nodes a specific effect runs through, in causal order; empty otherwise.
    """

    kind: tuple[str, ...]
    target: tuple[int, ...]
    source: tuple[int, ...]
    via: tuple[tuple[int, ...], ...]

    def __len__(self) -> int:
        return len(self.kind)


def _routes(children: dict[int, list[int]], start: int, end: int) -> list[tuple[int, ...]]:
    """Return every directed route of two or more steps without repeats, ends excluded.

    Raises
    ------
    OptionError
        If there are more routes than a table can hold.
    """
    found: list[tuple[int, ...]] = []
    stack: list[tuple[int, tuple[int, ...]]] = [(start, ())]
    while stack:
        node, passed = stack.pop()
        for child in reversed(children.get(node, [])):
            if child == end:
                found.extend([passed] if passed else [])
            elif child not in passed and child != start:
                stack.append((child, (*passed, child)))
        if len(found) > _MAX_SPECIFIC:
            raise OptionError(
                f"There are more than {_MAX_SPECIFIC} routes between two variables.",
                why="a table of some of them would not add up to the indirect effect",
                fix="pass specific=False for direct, indirect and total effects only",
            )
    return sorted(found, key=lambda r: (len(r), r))


def _reached(children: dict[int, list[int]], start: int, without: int) -> set[int]:
    """Return the nodes that routes from start reach without passing a given node."""
    seen: set[int] = set()
    stack = [start]
    while stack:
        for child in children.get(stack.pop(), []):
            if child != without and child not in seen:
                seen.add(child)
                stack.append(child)
    return seen


def list_effects(paths: list[tuple[int, int]], *, specific: bool = True) -> EffectList:
    """Return the effects implied by structural paths.

    Parameters
    ----------
    paths : list of (target, source)
        The regressions, in the order of the model text; loadings are not effects.
    specific : bool
        Also list each route of two or more steps.
    """
    children: dict[int, list[int]] = {}
    for target, source in paths:
        children.setdefault(source, []).append(target)
    order = list(dict.fromkeys([s for _, s in paths] + [t for t, _ in paths]))
    rows: list[tuple[str, int, int, tuple[int, ...]]] = []
    for target in [n for n in order if any(t == n for t, _ in paths)]:
        for source in order:
            if source == target:
                continue
            direct = target in children.get(source, [])
            between = [c for c in children.get(source, []) if c not in (source, target)]
            indirect = any(target in _reached(children, c, source) for c in between)
            if not (direct or indirect):
                continue
            if direct:
                rows.append(("direct", target, source, ()))
            if indirect:
                rows.append(("indirect", target, source, ()))
            rows.append(("total", target, source, ()))
            if indirect and specific:
                routes = _routes(children, source, target)
                rows.extend(("specific", target, source, r) for r in routes)
    return EffectList(
        tuple(r[0] for r in rows),
        tuple(r[1] for r in rows),
        tuple(r[2] for r in rows),
        tuple(r[3] for r in rows),
    )


def _diverges(b: Array) -> BoolArray:
    """Whether the sum of ever longer effects has no limit: a loop whose gain is 1 or more."""
    gains = np.abs(np.linalg.eigvals(np.real(b)))
    return gains.max(axis=1, initial=0.0) >= 1.0


def _renumbered(effects: EffectList, new: dict[int, int]) -> EffectList:
    return EffectList(
        effects.kind,
        tuple(new[n] for n in effects.target),
        tuple(new[n] for n in effects.source),
        tuple(tuple(new[n] for n in via) for via in effects.via),
    )


def effect_values(
    layout: Layout, effects: EffectList, theta: Array, *, standardized: bool, keep: Array
) -> Array:
    """Return (B, E) effects at a batch of parameter vectors, real or complex.

    Total effects are (I - B)^-1 - I over the structural paths only (Bollen 1987,
    doi:10.2307/271028), NaN where a loop makes them diverge; indirect ones are total less direct;
    specific ones are products.

    Parameters
    ----------
    keep : (m, m) bool array
        The cells of B that are regressions.
    standardized : bool
        Multiply by sd(source) / sd(target), implied.
    """
    if not len(effects):
        return np.zeros((len(theta), 0), dtype=theta.dtype)
    asked = {*effects.target, *effects.source, *(n for via in effects.via for n in via)}
    small, new = prune(layout, sorted(asked))
    old = list(new)
    effects = _renumbered(effects, new)
    state = evaluate(small, theta)
    m = small.m
    b = np.where(keep[np.ix_(old, old)], state.b, 0.0)
    total = b
    if {"total", "indirect"} & set(effects.kind):
        total = np.linalg.inv(np.eye(m) - b) - np.eye(m)
        total = np.where(_diverges(b)[:, None, None], np.nan, total)
    out = np.empty((len(theta), len(effects)), dtype=b.dtype)
    for k in range(len(effects)):
        kind, i, j = effects.kind[k], effects.target[k], effects.source[k]
        if kind == "direct":
            out[:, k] = b[:, i, j]
        elif kind == "total":
            out[:, k] = total[:, i, j]
        elif kind == "indirect":
            out[:, k] = total[:, i, j] - b[:, i, j]
        else:
            route = (j, *effects.via[k], i)
            value = np.ones(len(theta), dtype=b.dtype)
            for source, target in pairwise(route):
                value = value * b[:, target, source]
            out[:, k] = value
    if standardized:
        with np.errstate(invalid="ignore"):
            sd = np.sqrt(state.variances)
            out *= sd[:, list(effects.source)] / sd[:, list(effects.target)]
    return out
