"""Exploratory blocks: factors that all items of a block load on, fixed by a rotation.

``efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3`` says that the loadings are found by rotating
(Asparouhov & Muthen 2009, doi:10.1080/10705510903008204).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from truststats.errors import IdentificationError, NotSupportedError
from truststats.model.statement import Modifiers, Statement

__all__ = ["Block", "anchored", "blocks_of", "check_explored", "freed"]


@dataclass(frozen=True)
class Block:
    """Factors that are rotated together, and the items they share."""

    name: str
    factors: tuple[str, ...]
    items: tuple[str, ...]


def blocks_of(statements: Sequence[Statement]) -> tuple[Block, ...]:
    """Return the exploratory blocks of a model, in the order of the text."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for s in statements:
        if s.efa:
            factors, items = found.setdefault(s.efa, ([], []))
            factors += [s.lhs] if s.lhs not in factors else []
            items += [s.rhs] if s.rhs not in items else []
    return tuple(Block(name, tuple(f), tuple(i)) for name, (f, i) in found.items())


def freed(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return statements in which every loading of a block is free and its factors have variance 1.

    A model without blocks stays as it is. What is free here is fixed again by the rotation.
    """
    blocks = blocks_of(statements)
    if not blocks:
        return tuple(statements)
    out = [
        replace(s, free=True) if s.efa else s
        for s in statements
        if not any(_is_within(block, s) for block in blocks)
    ]
    for block in blocks:
        out += [Statement(f, "~~", f, fixed=1.0) for f in block.factors]
        out += [Statement(a, "~~", b) for a, b in combinations(block.factors, 2)]
    return tuple(out)


def _is_within(block: Block, s: Statement) -> bool:
    """Tell whether a statement is about the covariance of two factors of a block."""
    return s.op == "~~" and s.lhs != s.rhs and {s.lhs, s.rhs} <= set(block.factors)


def anchored(
    statements: Sequence[Statement],
    order: Mapping[str, Sequence[str]],
    starts: Mapping[tuple[str, str], float],
) -> tuple[Statement, ...]:
    """Return statements that fix each block by zeros: uncorrelated factors, a triangle of loadings.

    Parameters
    ----------
    statements : sequence of Statement
    order : mapping of str to sequence of str
        For each block the items that hold the zeros: the first loads on the first factor only, the
        second on the first two, and so on.
    starts : mapping of (factor, item) to float
        Where loadings start.
    """
    zeros = {
        (factor, item)
        for block in blocks_of(statements)
        for k, factor in enumerate(block.factors)
        for item in tuple(order[block.name])[:k]
    }
    within = {pair for block in blocks_of(statements) for pair in combinations(block.factors, 2)}
    out: list[Statement] = []
    for s in freed(statements):
        if s.efa and (s.lhs, s.rhs) in zeros:
            out.append(replace(s, fixed=0.0, free=False, efa=""))
        elif s.efa:
            out.append(replace(s, start=starts.get((s.lhs, s.rhs)), efa=""))
        elif s.op == "~~" and (s.lhs, s.rhs) in within:
            out.append(replace(s, fixed=0.0))
        else:
            out.append(s)
    return tuple(out)


def check_explored(statements: Sequence[Statement]) -> None:
    """Refuse blocks whose rotation would change the model, or is not determined.

    Raises
    ------
    IdentificationError
        If a block has too few items for its factors.
    NotSupportedError
        If its factors are not treated alike: a loading with a modifier, items that only some
        factors have, or a path that only some factors take part in.
    """
    given = {(s.lhs, s.op, s.rhs) for s in statements}
    taken: dict[str, str] = {}
    for block in blocks_of(statements):
        m, p = len(block.factors), len(block.items)
        if (p - m) ** 2 < p + m:
            raise IdentificationError(
                f"The block {block.name!r} has {m} factors and {p} items, which are too few.",
                fix="take fewer factors or more items",
            )
        for factor in block.factors:
            if taken.setdefault(factor, block.name) != block.name:
                _refuse(block, f"{factor} stands in two blocks")
            if any((factor, "=~", item) not in given for item in block.items):
                _refuse(block, f"{factor} does not have all of its items")
        for s in statements:
            _check_alike(block, s, given)


def _check_alike(block: Block, s: Statement, given: set[tuple[str, str, str]]) -> None:
    members = set(block.factors)
    if s.op in (":=", "==", "<", ">") or not members & {s.lhs, s.rhs}:
        return
    shown = f"{s.lhs} {s.op} {s.rhs}".strip()
    if s.each or s.block or s.modifiers != Modifiers():
        _refuse(block, f"{shown} has a modifier")
    if (s.op == "=~" and s.lhs in members) or _is_within(block, s):
        return
    if s.op not in ("~", "~~") or {s.lhs, s.rhs} <= members:
        _refuse(block, f"{shown} is about a part of it")
    if s.op == "~" and s.lhs in members:
        _refuse(block, f"{shown} explains a part of it, which is not checked yet")
    outside = s.rhs if s.lhs in members else s.lhs
    for factor in block.factors:
        same = {(outside, s.op, factor)}
        same |= {(factor, s.op, outside)} if s.op == "~~" else set()
        if not same & given:
            _refuse(block, f"{shown} has no like with {factor}")


def _refuse(block: Block, what: str) -> None:
    raise NotSupportedError(
        f"The block {block.name!r} cannot be rotated: {what}.",
        why="a rotation mixes the factors of a block, so that they must be treated alike",
        fix="write every path and covariance with all of them, without modifiers",
    )
