"""Which statements belong to which group: ``group:`` lines and the lengths of ``c()``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from truststats.errors import ModelSyntaxError, NotSupportedError, OptionError
from truststats.model.caret import line_and_column, point, position_of
from truststats.model.names import Names
from truststats.model.statement import CONSTRAINTS, Statement
from truststats.options import did_you_mean

__all__ = ["check_groups", "check_same_variables", "statements_by_group", "united"]


def check_groups(
    text: str, statements: Sequence[Statement], n_groups: int, labels: Sequence[str]
) -> None:
    """Raise unless every ``c()`` has one entry a group and ``group:`` lines name the groups.

    Parameters
    ----------
    text : str
        The model text, for the caret.
    statements : sequence of Statement
    n_groups : int
    labels : sequence of str
        What the groups are called; empty if they have no names.

    Raises
    ------
    ModelSyntaxError
        With a caret under the term, or naming the groups without a block.
    OptionError
        If there are not as many labels as groups.
    """
    if n_groups < 1 or (labels and len(labels) != n_groups):
        raise OptionError(
            f"{n_groups} groups with {len(labels)} labels", fix="give each group one label"
        )
    for s in statements:
        if s.each and len(s.each) != n_groups:
            raise ModelSyntaxError(
                f"c() has {len(s.each)} entries for {n_groups} group{'s' * (n_groups > 1)}",
                where=_where(text, s),
                why="a vector of modifiers gives each group its own",
                fix="give one entry for each group, or a single value or label for all"
                + (", or name the column of the groups: group=" if n_groups == 1 else ""),
            )
    blocks = list(dict.fromkeys(s.block for s in statements if s.block))
    if blocks:
        found = {_group(text, statements, b, n_groups, labels) for b in blocks}
        lacking = sorted(set(range(n_groups)) - found)
        if lacking or len(found) < len(blocks):
            shown = ", ".join(labels[g] if labels else str(g + 1) for g in lacking)
            raise ModelSyntaxError(
                f"no group: line for {shown}" if lacking else "two group: lines name one group",
                why="with group: lines every group has its own statements",
                fix="write one block a group, or leave the group: lines out",
            )


def _group(
    text: str, statements: Sequence[Statement], block: str, n_groups: int, labels: Sequence[str]
) -> int:
    """Return the group, from 0, that a ``group:`` line names by label or by number."""
    number = int(block) - 1 if block.isdecimal() else -1
    named = list(labels).index(block) if block in labels else -1
    if named >= 0 and number >= 0 and named != number:
        what, fix = f"group: {block} may be the label or the number of a group", "use names"
    elif named >= 0 or 0 <= number < n_groups:
        return named if named >= 0 else number
    else:
        what = f"group: {block} names no group.{did_you_mean(block, labels)}"
        fix = f"use one of {', '.join(labels)}" if labels else f"use a number from 1 to {n_groups}"
    first = next(s for s in statements if s.block == block)
    raise ModelSyntaxError(what, where=_line_above(text, first, block), fix=fix)


def _line_above(text: str, s: Statement, block: str) -> str:
    if not s.line:
        return f"group: {block}"
    at = text.rfind(block, 0, position_of(text, s))
    return point(text, at, len(block)) if at >= 0 else f"group: {block}"


def _where(text: str, s: Statement) -> str:
    shown = f"{s.lhs} {s.op} {s.rhs}".strip()
    if not s.line or line_and_column(text, len(text))[0] < s.line:
        return shown
    return point(text, position_of(text, s), max(len(s.rhs), 1))


def statements_by_group(
    statements: Sequence[Statement], n_groups: int, labels: Sequence[str]
) -> list[tuple[Statement, ...]]:
    """Return the effects of each group; those without a block belong to every group."""
    effects = [s for s in statements if s.op != ":=" and s.op not in CONSTRAINTS]
    at = {s.block: _group("", effects, s.block, n_groups, labels) for s in effects if s.block}
    return [
        tuple(replace(s, block="") for s in effects if not s.block or at[s.block] == group)
        for group in range(n_groups)
    ]


def check_same_variables(names: Sequence[Names]) -> None:
    """Raise if the groups differ in their observed or exogenous variables.

    Raises
    ------
    NotSupportedError
        Naming the variables.
    """
    for group, other in enumerate(names[1:], start=2):
        apart = sorted(set(names[0].ov) ^ set(other.ov))
        x = sorted(set(names[0].ov_x) ^ set(other.ov_x))
        if apart or x:
            raise NotSupportedError(
                f"groups 1 and {group} have different "
                f"{'observed' if apart else 'exogenous'} variables: {', '.join(apart or x)}",
                why="what is not checked against an independent source gives no number",
                fix="use the same variables in every group, or fit the groups one by one",
            )


def united(names: Sequence[Names]) -> Names:
    """Return the names of the first group, with the factors of all groups."""
    factors = tuple(dict.fromkeys(v for one in names for v in one.lv))
    return names[0] if factors == names[0].lv else replace(names[0], lv=factors)
