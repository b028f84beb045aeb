"""Which sums of items a model has, and the covariances that its factors make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.implied import State
from truststats.estimation.layout import Layout
from truststats.model import ParTable

__all__ = ["Composite", "Pieces", "composites_of", "indicators_of", "pieces_of"]


@dataclass(frozen=True, eq=False)
class Composite:
    """The sum of a factor's items.

    Attributes
    ----------
    construct : str
        The factor.
    factor : int
        Its node.
    items : (k,) int array
        The items' nodes.
    parts : (r,) int array
        The first-order factors of a second-order factor; empty otherwise.
    kind : {"congeneric", "second_order", "bifactor", "unclear"}
        ``bifactor``: a general factor, or a special one beside it. ``unclear``: no sum of these
        items has a single true score, see `why`.
    why : str
        "shared_items" or "mixed_indicators" where the kind is unclear.
    """

    construct: str
    factor: int
    items: IntArray
    parts: IntArray
    kind: str
    why: str = ""


@dataclass(frozen=True, eq=False)
class Pieces:
    """The covariances of a composite's items, with a leading batch axis B.

    Attributes
    ----------
    loadings : (B, k) array
        Effects of the factor on the items.
    variance : (B,) array
        Its variance.
    true : (B, k, k) array
        What the factor makes of the covariances.
    common : (B, k, k) array
        What all factors make of them.
    total : (B, k, k) array
        The implied covariances.
    by_part : (B, r, r) array
        Covariances of the first-order factors.
    part_loadings : (B, r) array
        Effects of a second-order factor on them.
    """

    loadings: Array
    variance: Array
    true: Array
    common: Array
    total: Array
    by_part: Array
    part_loadings: Array

    def standardized(self) -> Pieces:
        """Return the same for items with unit variance."""
        scale = np.einsum("bii->bi", self.total) ** -0.5
        both = scale[:, :, None] * scale[:, None, :]
        return Pieces(
            self.loadings * scale, self.variance, self.true * both, self.common * both,
            self.total * both, self.by_part, self.part_loadings,
        )  # fmt: skip


def indicators_of(partable: ParTable) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return each factor's own items, and each second-order factor's first-order ones."""
    latent = set(partable.lv)
    items: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for lhs, op, rhs, group in zip(
        partable.lhs, partable.op, partable.rhs, partable.group, strict=True
    ):
        if op == "=~" and group == 1:
            (parts if rhs in latent else items).setdefault(lhs, []).append(rhs)
    return items, parts


def composites_of(partable: ParTable, layout: Layout, state: State) -> tuple[Composite, ...]:
    """Return the sums of two or more items that a model's factors have, in the model's order.

    Two factors that share items make a bifactor model if all items of one are items of the other
    and the two are uncorrelated; else such sums have no single true score.
    """
    items, parts = indicators_of(partable)
    at = {name: k for k, name in enumerate(layout.nodes)}
    owners: dict[str, list[str]] = {}
    for factor, own in items.items():
        for name in own:
            owners.setdefault(name, []).append(factor)
    out: list[Composite] = []
    for factor in partable.lv:
        own, under = items.get(factor, []), parts.get(factor, [])
        names = list(dict.fromkeys([n for part in under for n in items.get(part, [])] + own))
        if len(names) < 2:
            continue
        kind, why = "second_order" if under else "congeneric", ""
        if under and own:
            kind, why = "unclear", "mixed_indicators"
        elif any(len(owners[name]) > 1 for name in names):
            general = not under and _is_bifactor(factor, items, owners, at, state)
            kind, why = ("bifactor", "") if general else ("unclear", "shared_items")
        out.append(Composite(
            factor, at[factor], np.array([at[n] for n in names]),
            np.array([at[p] for p in under], dtype=np.intp), kind, why,
        ))  # fmt: skip
    return tuple(out)


def _is_bifactor(
    factor: str,
    items: Mapping[str, Sequence[str]],
    owners: Mapping[str, Sequence[str]],
    at: Mapping[str, int],
    state: State,
) -> bool:
    """Return whether a factor's items are shared as those of a general and special factors are."""
    own = set(items[factor])
    if any(len(owners[name]) > 2 for name in own):
        return False
    others = {other for name in own for other in owners[name]} - {factor}
    apart = all(state.e[0, at[factor], at[other]] == 0.0 for other in others)
    special = len(others) == 1 and own <= set(items[next(iter(others))])
    return apart and (special or all(set(items[other]) <= own for other in others))


def pieces_of(layout: Layout, composite: Composite, state: State) -> Pieces:
    """Return the covariances of a composite's items at a batch of states, real or complex."""
    items, factor, parts = composite.items, composite.factor, composite.parts
    latent = np.arange(layout.p, layout.m)
    e, on_items = state.e, state.b[:, items]
    above = state.b[:, parts, factor]
    loadings = on_items[:, :, factor]
    if len(parts):
        loadings = loadings + np.einsum("bkr,br->bk", on_items[:, :, parts], above)
    variance = e[:, factor, factor]
    true = loadings[:, :, None] * loadings[:, None, :] * variance[:, None, None]
    of_latent = on_items[:, :, latent]
    common = of_latent @ e[:, latent[:, None], latent] @ of_latent.swapaxes(1, 2)
    total = state.sigma[:, items[:, None], items]
    by_part = e[:, parts[:, None], parts]
    return Pieces(loadings, variance, true, common, total, by_part, above)
