"""Ordinal items in the table of parameters: thresholds, scaling factors, what groups release.

An ordinal item cuts a normal response y* at its thresholds (Muthen 1984,
doi:10.1007/BF02294210). Its unit is a scaling factor, the reciprocal of the standard deviation of
y*, in the delta parameterisation, or its residual variance in the theta parameterisation. What
equal thresholds identify in further groups follows Wu & Estabrook (2016),
doi:10.1007/s11336-016-9506-0.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model.automatic import Row
from truststats.model.caret import position_of, syntax_error
from truststats.model.names import Names
from truststats.model.statement import Statement

__all__ = ["check_thresholds", "free_units", "levels_of_text", "refuse_units"]

_THRESHOLD = re.compile(r"t([1-9]\d*)$")


def check_thresholds(text: str, rows: Sequence[Statement]) -> None:
    """Raise unless thresholds are called t1, t2, ... and scaling factors stand at one variable.

    Raises
    ------
    ModelSyntaxError
        With a caret under the term.
    """
    mentioned = {v for s in rows if s.op in ("=~", "~", "~~") for v in (s.lhs, s.rhs)}
    mentioned |= {s.lhs for s in rows if s.op == "~1"}
    for s in rows:
        if s.op not in ("|", "~*~"):
            continue
        where = position_of(text, s)
        if s.op == "|" and not _THRESHOLD.match(s.rhs):
            raise syntax_error(
                f"{s.rhs} is not a threshold", text, where, len(s.rhs),
                why="an item with k categories has the thresholds t1 to t(k - 1)",
                fix=f"write {s.lhs} | t1 + t2",
            )  # fmt: skip
        if s.op == "~*~" and s.lhs != s.rhs:
            raise syntax_error(
                f"a scaling factor of {s.lhs} and {s.rhs}", text, where, len(s.rhs),
                why="each item has one of its own",
                fix=f"write {s.lhs} ~*~ 1*{s.lhs}",
            )  # fmt: skip
        if s.lhs not in mentioned:
            raise syntax_error(
                f"{s.lhs} has thresholds or a scaling factor, but no other part in the model",
                text, where, max(len(s.rhs), 1),
                fix=f"use it, as in trust =~ {s.lhs}",
            )  # fmt: skip


def levels_of_text(statements: Iterable[Statement]) -> dict[str, int]:
    """Return the number of categories of each item whose thresholds the text names."""
    found: dict[str, int] = {}
    for s in statements:
        if s.op == "|":
            found[s.lhs] = max(found.get(s.lhs, 0), int(s.rhs[1:]) + 1)
    return found


def refuse_units(
    statements: Iterable[Statement], levels: Mapping[str, int], equal: Collection[str], *,
    theta: bool,
) -> None:  # fmt: skip
    """Raise for statements about units that the parameterisation computes from the others.

    Raises
    ------
    NotSupportedError
        Naming the other parameterisation.
    ModelSyntaxError
        For a threshold beyond the categories that the item has.
    """
    for s in statements:
        if s.op == "|" and int(s.rhs[1:]) >= levels.get(s.lhs, 0):
            raise ModelSyntaxError(
                f"{s.lhs} has no threshold {s.rhs}",
                why=f"with {levels.get(s.lhs, 0)} categories there are "
                f"{max(levels.get(s.lhs, 1) - 1, 0)} thresholds",
                fix="delete it, or check the categories in the data",
            )
        own = s.op == "~~" and s.lhs == s.rhs
        if s.lhs in levels and ((own and not theta) or (s.op == "~*~" and theta)):
            raise NotSupportedError(
                f"{s.lhs} {s.op} {s.rhs} beside parameterization={'theta' if theta else 'delta'!r}",
                why="there, it follows from the other parameters",
                fix=f"use parameterization={'delta' if theta else 'theta'!r}, or delete the term",
            )
    if levels and "residuals" in equal and not theta:
        raise NotSupportedError(
            "group_equal='residuals' with ordinal items and parameterization='delta'",
            why="residual variances follow from the other parameters there",
            fix="use parameterization='theta'",
        )


def free_units(
    rows: Iterable[Row],
    names: Names,
    levels: Mapping[str, int],
    equal: Collection[str],
    partial: Collection[tuple[str, str, str]],
    *,
    theta: bool,
) -> None:
    """Free what equal thresholds identify in groups 2 and later (Wu & Estabrook 2016).

    These are the intercept, unless intercepts are equal too, and the unit: the scaling factor
    (delta) or the residual variance (theta), unless residuals are equal. The one threshold of a
    binary item identifies its unit only together with equal loadings and intercepts. Means of
    factors are free where thresholds and intercepts are equal. Rows of the text stay as they are.
    """
    if not levels or "thresholds" not in equal:
        return
    ordinal, latent = dict(levels), set(names.lv)
    whole = {"loadings", "intercepts"} <= set(equal)
    for row in rows:
        if row.group == 1 or row.user:
            continue
        many = ordinal.get(row.lhs, 0) > 2
        loose = row.key in partial
        if row.op == "~1" and row.lhs in ordinal:
            free = "intercepts" not in equal or loose
        elif row.op == "~1" and row.lhs in latent:
            free = "intercepts" in equal and ("means" not in equal or loose)
        elif row.lhs in ordinal and row.lhs == row.rhs:
            unit = row.op == ("~~" if theta else "~*~")
            free = unit and (many or whole) and ("residuals" not in equal or loose)
        else:
            free = False
        if free:
            row.fixed = row.start = None
