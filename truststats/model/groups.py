"""Several groups: which rows `group_equal` makes equal, and what lavaan then releases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from truststats.errors import ModelSyntaxError, NotSupportedError, OptionError
from truststats.model.automatic import Row
from truststats.model.names import Names
from truststats.options import choose, did_you_mean

__all__ = [
    "GROUP_EQUAL",
    "categories",
    "equal_over_groups",
    "equal_to_named",
    "partial_keys",
    "release",
    "share_fixed_values",
]

GROUP_EQUAL = (
    "loadings",
    "thresholds",
    "intercepts",
    "means",
    "residuals",
    "residual.covariances",
    "lv.variances",
    "lv.covariances",
    "regressions",
)
"""What can be made equal over groups."""


def categories(group_equal: str | Iterable[str]) -> frozenset[str]:
    """Return the kinds of parameters that are equal over groups, in lavaan's spelling.

    Raises
    ------
    NotSupportedError
        For composite loadings.
    OptionError
        For anything that is not one of `GROUP_EQUAL`; ``_`` may stand for ``.``.
    """
    given = [group_equal] if isinstance(group_equal, str) else list(group_equal)
    found: set[str] = set()
    for name in given:
        if name in ("composite.loadings", "composite_loadings"):
            raise NotSupportedError(
                f"group_equal={name!r} is not supported yet",
                why="composites are not estimated",
                fix=f"use one or more of {', '.join(GROUP_EQUAL)}",
            )
        aliases = {kind.replace(".", "_"): kind for kind in GROUP_EQUAL}
        found.add(choose("group_equal", name, GROUP_EQUAL, aliases=aliases))
    return frozenset(found)


def partial_keys(
    group_partial: str | Iterable[str], rows: Sequence[Row]
) -> frozenset[tuple[str, str, str]]:
    """Return the parameters that `group_partial` releases.

    Raises
    ------
    OptionError
        If one of them is not in the model.
    """
    given = [group_partial] if isinstance(group_partial, str) else list(group_partial)
    known = {"".join(row.key): row.key for row in rows}
    known |= {row.rhs + row.op + row.lhs: row.key for row in rows if row.op == "~~"}
    found: set[tuple[str, str, str]] = set()
    for text in given:
        name = "".join(text.split())
        if name not in known:
            raise OptionError(
                f"group_partial={text!r} is no parameter of the model.{did_you_mean(name, known)}",
                fix="write it as in the model, for example 'f=~x2' or 'x2~1'",
            )
        found.add(known[name])
    return frozenset(found)


def release(
    rows: Iterable[Row],
    names: Names,
    equal: Collection[str],
    *,
    std_lv: bool,
    ordinal: bool = False,
) -> None:
    """Free what equality over groups identifies, in groups 2 and later.

    Automatic means of factors become free where intercepts are equal and means are not, unless
    items are `ordinal` (see `truststats.model.ordinal`); automatic variances fixed by `std_lv`
    where loadings are equal and variances are not.
    """
    latent = set(names.lv)
    means = "intercepts" in equal and "means" not in equal and not ordinal
    variances = std_lv and "loadings" in equal and "lv.variances" not in equal
    for row in rows:
        if row.group == 1 or row.user or row.lhs not in latent:
            continue
        if (means and row.op == "~1") or (variances and row.op == "~~" and row.lhs == row.rhs):
            row.fixed = row.start = None


def equal_over_groups(
    rows: Sequence[Row],
    names: Sequence[Names],
    equal: Collection[str],
    partial: Collection[tuple[str, str, str]],
) -> None:
    """Give rows that `group_equal` makes equal one automatic label, ``.p`` and a row number.

    Rows that have a label in the text, those of `partial` and exogenous ones are left alone.
    """
    same: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        spared = row.label or row.exo or row.key in partial
        if not spared and _kind(row, names[row.group - 1]) in equal:
            same[row.key].append(at)
    for places in same.values():
        if len(places) > 1:
            for at in places:
                rows[at].label = f".p{places[0] + 1}."
                rows[at].automatic = True


def _kind(row: Row, names: Names) -> str:
    latent = row.lhs in names.lv
    if row.op == "=~":
        return "loadings"
    if row.op == "~":
        return "regressions"
    if row.op == "|":
        return "thresholds"
    if row.op == "~*~":
        return "scaling factors"
    if row.lhs in names.ov_x:
        return "exogenous"
    if row.op == "~1":
        return "means" if latent else "intercepts"
    if row.lhs == row.rhs:
        return "lv.variances" if latent else "residuals"
    return "lv.covariances" if latent else "residual.covariances"


def equal_to_named(rows: Sequence[Row]) -> None:
    """Resolve ``equal("f=~x2")``: the named row and the one that names it share a value.

    Raises
    ------
    ModelSyntaxError
        If the name is no parameter, or one that has a label or is itself equal to another.
    """
    known = {_coefficient(row): at for at, row in enumerate(rows)}
    first: dict[int, int] = {}
    for at, row in enumerate(rows):
        if "~" in row.label and row.label in known:
            first.setdefault(known[row.label], min(at, known[row.label]))
    for row in rows:
        if "~" not in row.label:
            continue
        where = f"{row.lhs} {row.op} {row.rhs}".strip()
        if row.label not in known:
            raise ModelSyntaxError(
                f"equal({row.label!r}) names no parameter.{did_you_mean(row.label, known)}",
                where=where,
                fix="write it without spaces, as in 'f=~x2', with '.g2' for the second group",
            )
        at = known[row.label]
        target = rows[at]
        if (target.label and not target.automatic) or target is row:
            raise ModelSyntaxError(
                f"equal({row.label!r}) names a parameter that has a label",
                where=where,
                why="the two would be told apart by their labels",
                fix=f"use the label, as in {target.label or 'a'}*{row.rhs or '1'}",
            )
        if not target.label:
            target.label, target.automatic = f".p{first[at] + 1}.", True
        row.value = target.label


def _coefficient(row: Row) -> str:
    suffix = f".g{row.group}" if row.group > 1 else ""
    return f"{row.lhs}{row.op}{row.rhs}{suffix}"


def share_fixed_values(rows: Iterable[Row]) -> None:
    """Fix every row of a label one of whose rows is fixed; drop automatic labels of fixed rows.

    Raises
    ------
    ModelSyntaxError
        If rows of one label are fixed to different values.
    """
    values: dict[str, float] = {}
    for row in rows:
        if not row.label or row.fixed is None:
            continue
        if values.setdefault(row.key_of_value, row.fixed) != row.fixed:
            raise _different(row, values[row.key_of_value])
    for row in rows:
        if row.key_of_value in values:
            row.fixed = values[row.key_of_value]
            if row.automatic:
                row.label, row.automatic = "", False


def _different(row: Row, first: float) -> ModelSyntaxError:
    where = f"{row.lhs} {row.op} {row.rhs}".strip()
    if row.automatic:
        return ModelSyntaxError(
            f"{where} is equal over groups but fixed to {first:g} and to {row.fixed:g}",
            where=where,
            fix="release it with group_partial, or fix it to one value",
        )
    return ModelSyntaxError(
        f"the label {row.label!r} stands at parameters fixed to {first:g} and to {row.fixed:g}",
        where=where,
        why="parameters with one label are equal",
        fix="use two labels, or one fixed value",
    )
