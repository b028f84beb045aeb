"""Constraints between labelled parameters: what must be zero or positive, and how many count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from truststats.arrays import Array
from truststats.model.expression import Expression

__all__ = ["Constraint", "constraint_rank", "gap_jacobian"]

_STEP = 1e-30


@dataclass(frozen=True)
class Constraint:
    """One equality or inequality between two expressions over labels.

    Attributes
    ----------
    op : {"==", "<", ">"}
        How the left side relates to the right one.
    lhs, rhs : str
        The two expressions as the text has them.
    """

    op: str
    lhs: str
    rhs: str

    @cached_property
    def gap(self) -> Expression:
        """Left minus right: zero under ``==``, positive under ``>``, negative under ``<``."""
        return Expression(f"({self.lhs}) - ({self.rhs})")

    def __str__(self) -> str:
        return f"{self.lhs} {self.op} {self.rhs}"


def gap_jacobian(
    constraints: Sequence[Constraint],
    defined: Iterable[tuple[str, Expression]],
    labels: Mapping[str, int],
    fixed: Mapping[str, float],
    theta: Array,
) -> Array:
    """Return the (C, q) derivatives of the gaps with respect to theta, by complex steps.

    Parameters
    ----------
    constraints : sequence of Constraint
    defined : iterable of (str, Expression)
        Defined parameters in an order in which each can be computed.
    labels : mapping of str to int
        The element of theta that each label of a free parameter names.
    fixed : mapping of str to float
        The values of the labels of fixed parameters.
    theta : (q,) array
        Where to differentiate.
    """
    q = len(theta)
    steps = theta + 1j * _STEP * np.eye(q)
    known: dict[str, Any] = dict(fixed)
    known |= {label: steps[:, at] for label, at in labels.items()}
    for name, expression in defined:
        known[name] = expression.evaluate(known)
    rows = [np.imag(c.gap.evaluate(known)) / _STEP + np.zeros(q) for c in constraints]
    return np.array(rows).reshape(len(rows), q)


def constraint_rank(jacobian: Array) -> int:
    """Return how many of the constraints are independent."""
    return int(np.linalg.matrix_rank(jacobian)) if jacobian.size else 0
