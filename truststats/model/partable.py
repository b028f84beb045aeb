"""The table of parameters: what the text says plus lavaan's automatic rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from truststats.errors import OptionError
from truststats.model.automatic import Row, Rules, fill_group, rules_of
from truststats.model.blocks import (
    check_groups,
    check_same_variables,
    statements_by_group,
    united,
)
from truststats.model.bounds import needs_variances, with_bounds
from truststats.model.coding import coded_constraints, codings, free_coded_means
from truststats.model.constraints import Constraint
from truststats.model.exploratory import freed
from truststats.model.expression import Expression, resolve
from truststats.model.groups import (
    categories,
    equal_over_groups,
    equal_to_named,
    partial_keys,
    release,
    share_fixed_values,
)
from truststats.model.names import Names, names_of
from truststats.model.ordinal import free_units, levels_of_text, refuse_units
from truststats.model.statement import CONSTRAINTS, Statement
from truststats.model.table import ParTable
from truststats.options import choose

if TYPE_CHECKING:
    from truststats.model.value import Model

__all__ = ["ParTable", "build_partable"]

_NAN = math.nan


def build_partable(
    model: Model,
    *,
    model_type: str = "sem",
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool | None = None,
    fixed_x: bool = True,
    n_groups: int = 1,
    group_labels: Sequence[str] = (),
    group_equal: str | Sequence[str] = (),
    group_partial: str | Sequence[str] = (),
    effect_coding: bool | str | Sequence[str] = False,
    bounds: str | None = None,
    ordered: Mapping[str, int] | Sequence[tuple[str, int]] = (),
    parameterization: str = "delta",
) -> ParTable:
    """Return the table of parameters of a model.

    The rules of `lavaan::sem` and `lavaan::cfa` are the same: the first loading of a factor is
    1, residual variances are free (0 for the only indicator of a factor), exogenous factors
    covary, outcomes that predict nothing have covarying residuals, the moments of exogenous
    observed variables are taken from the sample, intercepts of observed variables are free and
    those of factors 0. `lavaan::growth` has free means of factors and zero intercepts of
    observed variables instead; `lavaan::lavaan` frees nothing that the text does not have.

    With several groups every group has these rows, group after group. `group_equal` gives the
    rows of a kind one value in all groups. Where intercepts are equal, the means of factors
    are free from the second group on, and so are variances fixed by `std_lv` where loadings
    are equal, unless the text says otherwise or they are equal too; not so if the text has
    `group:` lines, which is lavaan's rule.

    Parameters
    ----------
    model : Model
        What is claimed.
    model_type : {"sem", "cfa", "growth", "lavaan"}
        Which automatic rules to use.
    std_lv : bool
        Fix the (residual) variances of factors to 1 instead of their first loadings.
    orthogonal : bool
        Fix the automatic covariances between factors to 0.
    meanstructure : bool or None
        Model the means; None does so for several groups and growth models. An intercept in the
        text or in `group_equal` switches it on.
    fixed_x : bool
        Take the moments of exogenous observed variables from the sample.
    n_groups : int
        Number of groups.
    group_labels : sequence of str
        What the groups are called, in order; `group:` lines may use these names.
    group_equal : sequence of str
        Kinds of parameters that are equal over groups, see `truststats.model.GROUP_EQUAL`.
    group_partial : sequence of str
        Parameters that `group_equal` leaves alone, as in ``"f=~x2"`` or ``"x2~1"``.
    effect_coding : bool or sequence of {"loadings", "intercepts"}
        Give factors their unit and origin by constraints: loadings that average 1, intercepts
        that add up to 0.
    bounds : str or None
        ``"pos.var"``, ``"pos.ov.var"`` or ``"pos.lv.var"``; the bounds that depend on the sample
        (``"standard"``, ``"wide"``) are added by `truststats.model.with_bounds`.

    ordered : mapping of str to int, or sequence of pairs
        The ordinal items and how many categories each has; items whose thresholds the text
        names are ordinal anyway.
    parameterization : {"delta", "theta"}
        Whether scaling factors or residual variances give ordinal items their unit.

    Raises
    ------
    NotSupportedError
        For different observed variables in different groups and other unchecked combinations.
    ModelSyntaxError
        If one label stands at two different fixed values, or ``c()`` or the ``group:`` lines do
        not fit the number of groups.
    OptionError
        For a value that is not one of an option's choices.
    """
    kind = choose("model_type", model_type, ("sem", "cfa", "growth", "lavaan"))
    equal = categories(group_equal) if n_groups > 1 else frozenset[str]()
    coded = codings(effect_coding)
    if std_lv and "loadings" in coded:
        raise OptionError(
            "std_lv=True together with effect-coded loadings.",
            why="either gives the factors their unit",
            fix="leave one of the two out",
        )
    check_groups(model.text, model.statements, n_groups, group_labels)
    means = n_groups > 1 if meanstructure is None else bool(meanstructure)
    means = (
        means or bool(equal & {"intercepts", "means"}) or "~1" in {s.op for s in model.statements}
    )
    levels = levels_of_text(model.statements) | dict(ordered)
    theta = choose("parameterization", parameterization, ("delta", "theta")) == "theta"
    refuse_units(model.statements, levels, equal, theta=theta)
    rules = rules_of(
        kind,
        std_lv=bool(std_lv),
        orthogonal=bool(orthogonal),
        meanstructure=means,
        fixed_x=bool(fixed_x),
        coded=coded,
        levels=tuple(sorted(levels.items())),
        theta=theta,
    )
    partial = (group_partial,) if isinstance(group_partial, str) else tuple(group_partial)
    table = _build(freed(model.statements), rules, n_groups, tuple(group_labels), equal, partial)
    return table if needs_variances(bounds) else with_bounds(table, bounds, std_lv=bool(std_lv))


@lru_cache(maxsize=128)
def _build(
    statements: tuple[Statement, ...],
    rules: Rules,
    n_groups: int,
    group_labels: tuple[str, ...],
    equal: frozenset[str],
    partial: tuple[str, ...],
) -> ParTable:
    blocks = statements_by_group(statements, n_groups, group_labels)
    names = [names_of(block) for block in blocks]
    check_same_variables(names)
    rows: list[Row] = []
    for group, block in enumerate(blocks):
        filled = fill_group(block, names[group], rules, group + 1)
        if not any(s.block for s in statements):
            release(filled, names[group], equal, std_lv=rules.std_lv, ordinal=bool(rules.levels))
        rows += filled
    keys = partial_keys(partial, rows) if equal else frozenset[tuple[str, str, str]]()
    levels = dict(rules.levels)
    if not any(s.block for s in statements):
        free_units(rows, names[0], levels, equal, keys, theta=rules.theta)
    equal_over_groups(rows, names, equal, keys)
    equal_to_named(rows)
    share_fixed_values(rows)
    constraints = [Constraint(s.op, s.lhs, s.rhs) for s in statements if s.op in CONSTRAINTS]
    if "intercepts" in rules.coded and rules.means:
        free_coded_means(rows, equal)
    constraints += coded_constraints(rows, rules.coded)
    definitions = [s for s in statements if s.op == ":="]
    table = _table(rows, united(names), definitions, n_groups, group_labels, tuple(constraints))
    ordinal = tuple((name, levels[name]) for name in table.ov if name in levels)
    return replace(table, levels=ordinal, theta=rules.theta) if levels else table


def _table(
    rows: list[Row],
    names: Names,
    definitions: list[Statement],
    n_groups: int,
    group_labels: tuple[str, ...],
    constraints: tuple[Constraint, ...],
) -> ParTable:
    free: list[int] = []
    unique: list[int] = []
    ustart: list[float] = []
    theta: dict[object, int] = {}
    count = 0
    for at, row in enumerate(rows):
        if row.fixed is not None or row.exo:
            free.append(0)
            unique.append(-1)
            ustart.append(_NAN if row.fixed is None else row.fixed)
        else:
            count += 1
            free.append(count)
            unique.append(theta.setdefault(row.key_of_value or at, len(theta)))
            ustart.append(_NAN if row.start is None else row.start)
    n = len(definitions)
    expressions = {s.lhs: Expression(s.rhs) for s in definitions}
    return ParTable(
        lhs=tuple(r.lhs for r in rows) + tuple(s.lhs for s in definitions),
        op=tuple(r.op for r in rows) + (":=",) * n,
        rhs=tuple(r.rhs for r in rows) + tuple("".join(s.rhs.split()) for s in definitions),
        user=tuple(r.user for r in rows) + (1,) * n,
        free=(*free, *[0] * n),
        unique=(*unique, *[-1] * n),
        ustart=(*ustart, *[_NAN] * n),
        exo=tuple(r.exo for r in rows) + (0,) * n,
        label=tuple(r.label for r in rows) + tuple(s.lhs for s in definitions),
        ov=names.ov,
        ov_ind=names.ov_ind,
        ov_x=names.ov_x,
        ov_y=names.ov_y,
        lv=names.lv,
        defined=resolve(expressions, [r.label for r in rows if r.label]),
        group=tuple(r.group for r in rows) + (0,) * n,
        lower=tuple(-math.inf if r.lower is None else r.lower for r in rows) + (-math.inf,) * n,
        upper=tuple(math.inf if r.upper is None else r.upper for r in rows) + (math.inf,) * n,
        n_groups=n_groups,
        group_labels=group_labels,
        constraints=constraints,
    )
