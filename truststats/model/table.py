"""`ParTable`: one row for each parameter of a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from truststats.arrays import Array
from truststats.model.constraints import Constraint, constraint_rank, gap_jacobian
from truststats.model.expression import Expression

__all__ = ["ParTable"]

_AUTOMATIC = re.compile(r"\.p\d+\.$")


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
    levels : tuple of (str, int)
        The ordinal items in the order of `ov`, and how many categories each has.
    theta : bool
        Whether residual variances, not scaling factors, give ordinal items their unit.
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
    levels: tuple[tuple[str, int], ...] = ()
    theta: bool = False

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
        return sum(self.n_moments_of(group + 1) for group in range(self.n_groups))

    def n_moments_of(self, group: int) -> int:
        """Return the number of moments of one group, counted from 1."""
        p = len(self.ov)
        fixed = sum(exo for exo, g in zip(self.exo, self.group, strict=True) if g == group)
        if self.levels:
            thresholds = sum(count - 1 for _, count in self.levels)
            return thresholds + p * (p - 1) // 2 + 2 * (p - len(self.levels)) - fixed
        return p * (p + 1) // 2 + (p if self.meanstructure else 0) - fixed

    @cached_property
    def _named(self) -> dict[str, int]:
        """The row of each label, and of each automatic label that a constraint uses."""
        found = {label: k for k, label in enumerate(self.label) if label and self.op[k] != ":="}
        for name in (name for c in self.constraints for name in c.gap.names):
            if name not in found and _AUTOMATIC.match(name):
                found[name] = int(name[2:-1]) - 1
        return found

    @cached_property
    def labelled(self) -> dict[str, int]:
        """The element of theta that each label of a free parameter names."""
        return {name: self.unique[k] for name, k in self._named.items() if self.unique[k] >= 0}

    @cached_property
    def fixed_labels(self) -> dict[str, float]:
        """The values of the labels of fixed parameters."""
        return {name: self.ustart[k] for name, k in self._named.items() if self.unique[k] < 0}

    @cached_property
    def theta_bounds(self) -> tuple[Array, Array]:
        """The lower and upper bounds of theta, each (q,): the tightest of the rows sharing it."""
        low, high = np.full(self.npar, -np.inf), np.full(self.npar, np.inf)
        at = np.array(self.unique, dtype=np.intp)
        free = at >= 0
        np.maximum.at(low, at[free], np.array(self.lower)[free])
        np.minimum.at(high, at[free], np.array(self.upper)[free])
        return low, high

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
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.lhs, self.op, self.rhs, self.unique, self.label, self.group))


def _generic(q: int) -> Array:
    """Return values at which no constraint is degenerate by chance."""
    return np.random.default_rng(20240229).uniform(0.5, 1.5, q)
