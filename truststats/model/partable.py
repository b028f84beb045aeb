"""The table of parameters: what the text says plus lavaan's automatic rules of `sem` and `cfa`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from truststats.arrays import Array
from truststats.errors import ModelSyntaxError, NotSupportedError
from truststats.model.automatic import Row, Rules, fill_group, rules_of
from truststats.model.constraints import Constraint, constraint_rank, gap_jacobian
from truststats.model.expression import Expression, resolve
from truststats.model.names import Names, names_of
from truststats.model.statement import CONSTRAINTS, Statement
from truststats.options import choose

if TYPE_CHECKING:
    from truststats.model.value import Model

__all__ = ["ParTable", "build_partable"]

_NAN = math.nan


@dataclass(frozen=True)
class ParTable:
    """One row for each parameter, in the order of lavaan's parameter table.

    Attributes
    ----------
    lhs, op, rhs : tuple of str
        The parameter; `rhs` is empty for an intercept.
    user : tuple of int
        1 where the text has the row, 0 where an automatic rule added it.
    free : tuple of int
        0 for a fixed row, else 1 to the number of free rows.
    unique : tuple of int
        Index of the row's value in theta; rows with one label share it; -1 for a fixed row.
    ustart : tuple of float
        Value of a fixed row, start value of a free one, NaN where none was given or where the
        value comes from the data (`exo`).
    exo : tuple of int
        1 for the (co)variances and means of exogenous observed variables that are fixed to
        their sample values.
    label : tuple of str
        The label, or an empty string.
    ov, ov_ind, ov_x, ov_y, lv : tuple of str
        The variables by role, see `truststats.model.names.Names`.
    defined : tuple of (str, Expression)
        Defined parameters in an order in which each can be computed; their rows stand last.
    group : tuple of int
        The group of each row, from 1; 0 for a defined parameter.
    lower, upper : tuple of float
        Bounds of the estimate, infinite where there is none.
    n_groups : int
        Number of groups.
    group_labels : tuple of str
        What the groups are called; empty for one group.
    constraints : tuple of Constraint
        Equalities and inequalities over labels; equal labels are not among them.
    """

    lhs: tuple[str, ...]
    op: tuple[str, ...]
    rhs: tuple[str, ...]
    user: tuple[int, ...]
    free: tuple[int, ...]
    unique: tuple[int, ...]
    ustart: tuple[float, ...]
    exo: tuple[int, ...]
    label: tuple[str, ...]
    ov: tuple[str, ...]
    ov_ind: tuple[str, ...]
    ov_x: tuple[str, ...]
    ov_y: tuple[str, ...]
    lv: tuple[str, ...]
    defined: tuple[tuple[str, Expression], ...]
    group: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    n_groups: int
    group_labels: tuple[str, ...]
    constraints: tuple[Constraint, ...]

    def __len__(self) -> int:
        return len(self.lhs)

    @cached_property
    def npar(self) -> int:
        """Number of distinct free parameters, the length of theta."""
        return max(self.unique, default=-1) + 1

    @cached_property
    def meanstructure(self) -> bool:
        """Whether the means are modelled."""
        return "~1" in self.op

    @cached_property
    def n_moments(self) -> int:
        """Number of sample (co)variances and means that the model has to reproduce.

        Those of fixed exogenous variables are not counted.
        """
        p = len(self.ov)
        one = p * (p + 1) // 2 + (p if self.meanstructure else 0)
        return self.n_groups * one - sum(self.exo)

    @cached_property
    def labelled(self) -> dict[str, int]:
        """The element of theta that each label of a free parameter names."""
        return {
            label: u for label, u in zip(self.label, self.unique, strict=True) if u >= 0 and label
        }

    @cached_property
    def fixed_labels(self) -> dict[str, float]:
        """The values of the labels of fixed parameters."""
        rows = zip(self.label, self.unique, self.op, self.ustart, strict=True)
        return {label: value for label, u, op, value in rows if label and u < 0 and op != ":="}

    def known(self, theta: Array) -> dict[str, Any]:
        """Return the value of every label and defined parameter.

        Parameters
        ----------
        theta : (..., q) array
            Real or complex.

        Returns
        -------
        dict of str to (...) array or float
        """
        values: dict[str, Any] = dict(self.fixed_labels)
        values |= {label: theta[..., at] for label, at in self.labelled.items()}
        for name, expression in self.defined:
            values[name] = expression.evaluate(values)
        return values

    def gap_jacobian(self, theta: Array) -> Array:
        """Return the (C, q) derivatives of the gaps of `constraints` at theta, (q,)."""
        return gap_jacobian(self.constraints, self.defined, self.labelled, self.fixed_labels, theta)

    @cached_property
    def rank(self) -> int:
        """Number of independent equality constraints, at a generic point."""
        at = [k for k, c in enumerate(self.constraints) if c.op == "=="]
        return constraint_rank(self.gap_jacobian(_generic(self.npar))[at]) if at else 0

    @cached_property
    def df(self) -> int:
        """Degrees of freedom: moments minus distinct free parameters plus `rank`."""
        return self.n_moments - self.npar + self.rank

    def __hash__(self) -> int:
        return hash((self.lhs, self.op, self.rhs, self.unique, self.label, self.group))


def _generic(q: int) -> Array:
    """Return values at which no constraint is degenerate by chance."""
    return np.random.default_rng(20240229).uniform(0.5, 1.5, q)


def build_partable(
    model: Model,
    *,
    model_type: str = "sem",
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool = False,
    fixed_x: bool = True,
    n_groups: int = 1,
    group_labels: Sequence[str] = (),
) -> ParTable:
    """Return the table of parameters of a model.

    The rules are those of `lavaan::sem` and `lavaan::cfa`, which are the same: the first loading
    of a factor is 1, residual variances are free (0 for the only indicator of a factor),
    exogenous factors covary, outcomes that predict nothing have covarying residuals, the moments
    of exogenous observed variables are taken from the sample, intercepts of observed variables
    are free and those of factors 0.

    Parameters
    ----------
    model : Model
        What is claimed.
    model_type : {"sem", "cfa"}
        Which automatic rules to use.
    std_lv : bool
        Fix the (residual) variances of factors to 1 instead of their first loadings.
    orthogonal : bool
        Fix the automatic covariances between factors to 0.
    meanstructure : bool
        Model the means; an intercept in the text switches it on.
    fixed_x : bool
        Take the moments of exogenous observed variables from the sample.
    n_groups : int
        Number of groups; with two or more the means are modelled.
    group_labels : sequence of str
        What the groups are called.

    Raises
    ------
    NotSupportedError
        For other sets of automatic rules.
    ModelSyntaxError
        If one label stands at two different fixed values.
    """
    kind = choose("model_type", model_type, ("sem", "cfa", "growth", "lavaan"))
    if kind in ("growth", "lavaan"):
        raise NotSupportedError(
            f"model_type={kind!r} is not supported yet",
            why="what is not checked against an independent source gives no number",
            fix="use model_type='sem' and write every parameter that differs from its rules",
        )
    rules = rules_of(
        kind,
        std_lv=bool(std_lv),
        orthogonal=bool(orthogonal),
        meanstructure=bool(meanstructure),
        fixed_x=bool(fixed_x),
    )
    return _build(model.statements, rules, n_groups, tuple(group_labels))


@lru_cache(maxsize=128)
def _build(
    statements: tuple[Statement, ...], rules: Rules, n_groups: int, group_labels: tuple[str, ...]
) -> ParTable:
    names = names_of(statements)
    effects = [s for s in statements if s.op != ":=" and s.op not in CONSTRAINTS]
    if any(s.op == "~1" for s in effects) or n_groups > 1:
        rules = replace(rules, means=True)
    rows = [row for g in range(n_groups) for row in fill_group(effects, names, rules, g + 1)]
    _share_fixed_values(rows)
    definitions = [s for s in statements if s.op == ":="]
    return _table(rows, names, definitions, n_groups, group_labels)


def _share_fixed_values(rows: list[Row]) -> None:
    """Fix every row of a label one of whose rows is fixed."""
    values: dict[str, float] = {}
    for row in rows:
        if not row.label or row.fixed is None:
            continue
        if values.setdefault(row.label, row.fixed) != row.fixed:
            raise ModelSyntaxError(
                f"the label {row.label!r} stands at parameters fixed to {values[row.label]:g} "
                f"and to {row.fixed:g}",
                where=f"{row.lhs} {row.op} {row.rhs}",
                why="parameters with one label are equal",
                fix="use two labels, or one fixed value",
            )
    for row in rows:
        if row.label in values:
            row.fixed = values[row.label]


def _table(
    rows: list[Row],
    names: Names,
    definitions: list[Statement],
    n_groups: int,
    group_labels: tuple[str, ...],
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
            unique.append(theta.setdefault(row.label or at, len(theta)))
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
        constraints=(),
    )
