"""Constraints among parameters: equalities, inequalities and bounds, and how to stay within them.

Linear equalities leave open an affine space, theta = base + null @ a, in which the usual solver
works. Other equalities are met by sequential quadratic programming with the information as
metric. Inequalities and bounds are met by an active set: those that hold with equality at the
optimum, with a multiplier of the right sign (Nocedal & Wright 2006, ch. 16 and 18).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray

if TYPE_CHECKING:
    from truststats.model import ParTable

__all__ = [
    "Constraints",
    "active_set",
    "affine",
    "all_linear",
    "constraints_of",
    "curved_starts",
    "newton_kkt",
    "open_directions",
]

_STEP = 1e-20
#: Newton steps of one parameter to where a curved constraint holds.
_MOVES = 30
#: Multiplier, per case, below which a constraint holds with equality only by chance.
_WEAK = 1e-7
#: Rank tolerance of constraint Jacobians.
_RANK = 1e-9
#: How far from being kept a constraint may be at an optimum that keeps it.
_KEPT = 1e-5


@dataclass(frozen=True, eq=False)
class Constraints:
    """Functions of theta that are zero (equalities) or not negative (inequalities).

    Attributes
    ----------
    q : int
        Length of theta.
    names : tuple of str
        The constraints as written, the equalities first, then inequalities, then bounds.
    n_equal : int
        Number of equalities.
    function : callable
        (B, q) theta, real or complex, to (B, c) values of all of them.
    n_technical : int
        How many of the last ones are bounds that only guide the search; where they hold with
        equality the standard errors do not take them for equalities.
    """

    q: int
    names: tuple[str, ...]
    n_equal: int
    function: Callable[[Array], Array]
    n_technical: int = 0

    @property
    def count(self) -> int:
        """Number of constraints."""
        return len(self.names)

    def open_at(self, theta: Array, active: IntArray) -> Array | None:
        """Return the directions that active constraints leave open; None if all are."""
        closing = active[active < self.count - self.n_technical]
        return open_directions(self.jacobian(theta)[closing]) if len(closing) else None

    def values(self, theta: Array) -> Array:
        """Return the (c,) values at theta (q,)."""
        return np.real(self.function(theta[None])[0])

    def broken(self, theta: Array) -> tuple[str, ...]:
        """Return the names of the constraints that do not hold at theta, as when two contradict."""
        with np.errstate(all="ignore"):
            values = self.values(theta)
        values[: self.n_equal] = -np.abs(values[: self.n_equal])
        kept = values >= -_KEPT * max(1.0, float(np.abs(theta).max(initial=0.0)))
        return tuple(self.names[k] for k in np.flatnonzero(~kept))

    def jacobian(self, theta: Array) -> Array:
        """Return the (c, q) derivatives at theta by complex step."""
        batch: Array = theta[None] + 1j * _STEP * np.eye(self.q)
        return np.imag(self.function(batch)).T / _STEP

    def curvature(self, theta: Array, active: IntArray, multiplier: Array) -> Array:
        """Return the (q, q) second derivatives of the multiplied active constraints at theta.

        Central differences of the complex-step derivatives; zero for linear constraints.
        """
        out = np.zeros((self.q, self.q))
        if self.linear[active].all():
            return out
        for k in range(self.q):
            step = np.zeros(self.q)
            step[k] = 1e-5 * max(1.0, abs(float(theta[k])))
            ahead, behind = self.jacobian(theta + step), self.jacobian(theta - step)
            out[k] = multiplier @ (ahead - behind)[active] / (2.0 * step[k])
        return (out + out.T) / 2.0

    @cached_property
    def linear(self) -> BoolArray:
        """Which constraints are linear: their derivatives do not move."""
        rng = np.random.default_rng(7)
        with np.errstate(all="ignore"):
            first, second = (self.jacobian(rng.uniform(0.3, 1.7, self.q)) for _ in range(2))
            still = np.isclose(first, second, rtol=1e-9, atol=1e-12)
        return cast(BoolArray, np.asarray(still).all(axis=1))


def curved_starts(constraints: Constraints, free: Array) -> list[Array]:
    """Return the free optimum, and where it meets curved equalities by one parameter's move.

    Curved constraints make several optima; these are starts to find the best of them from.

    Parameters
    ----------
    constraints : Constraints
    free : (q,) array
        The optimum without constraints.
    """
    starts = [free]
    for k in np.flatnonzero(~constraints.linear[: constraints.n_equal]):
        for j in np.flatnonzero(constraints.jacobian(free)[k]):
            moved = free.copy()
            for _ in range(_MOVES):
                slope = constraints.jacobian(moved)[k, j]
                moved[j] -= constraints.values(moved)[k] / slope if slope else 0.0
            if np.isfinite(moved[j]):
                starts.append(moved)
    return starts


def constraints_of(partable: ParTable, *, technical: bool = False) -> Constraints | None:
    """Return the constraints of a parameter table; None if it has none.

    ``a < b`` is the inequality b - a >= 0; bounds that are finite become inequalities too,
    `technical` ones if they only guide the search.
    """
    q = partable.npar
    written = [c for c in partable.constraints if c.op == "=="]
    n_equal = len(written)
    written += [c for c in partable.constraints if c.op != "=="]
    lower, upper = partable.theta_bounds
    lows, highs = np.flatnonzero(np.isfinite(lower)), np.flatnonzero(np.isfinite(upper))
    if not written and not len(lows) and not len(highs):
        return None

    def function(theta: Array) -> Array:
        known = partable.known(theta) if written else {}
        out = np.zeros((len(theta), len(written)), dtype=theta.dtype)
        for k, c in enumerate(written):
            gap = c.gap.evaluate(known)
            out[:, k] = -gap if c.op == "<" else gap
        parts = [out, theta[:, lows] - lower[lows], upper[highs] - theta[:, highs]]
        return np.concatenate(parts, axis=1)

    names = [f"{c.lhs} {c.op} {c.rhs}" for c in written]
    names += [f"{_name(partable, int(k))} > {lower[k]:g}" for k in lows]
    names += [f"{_name(partable, int(k))} < {upper[k]:g}" for k in highs]
    n_bounds = len(lows) + len(highs)
    return Constraints(q, tuple(names), n_equal, function, n_bounds if technical else 0)


def _name(partable: ParTable, unique: int) -> str:
    """Return the label of an element of theta, else its first row as written."""
    row = partable.unique.index(unique)
    written = f"{partable.lhs[row]}{partable.op[row]}{partable.rhs[row]}"
    if partable.label[row]:
        return partable.label[row]
    if partable.n_groups < 2:
        return written
    return f"{written} ({partable.group_labels[partable.group[row] - 1]})"


def open_directions(jacobian: Array) -> Array:
    """Return orthonormal directions (q, r) along which constraints (c, q) do not change."""
    _, sizes, vt = np.linalg.svd(jacobian, full_matrices=True)
    rank = int((sizes > _RANK * max(sizes.max(initial=0.0), 1.0)).sum())
    return vt[rank:].T


def affine(constraints: Constraints, active: IntArray) -> tuple[Array, Array]:
    """Return base (q,) and null (q, r) of active linear constraints."""
    origin = np.zeros(constraints.q)
    slope = constraints.jacobian(origin)[active]
    offset = constraints.values(origin)[active]
    base = np.linalg.lstsq(slope, -offset, rcond=None)[0]
    return base, open_directions(slope)


def active_set(
    constraints: Constraints,
    theta: Array,
    solve: Callable[[IntArray, Array], tuple[Array, Array]],
    *,
    rounds: int = 40,
) -> tuple[Array, IntArray]:
    """Return the optimum under all constraints and the numbers of those that are active.

    One that holds with equality without any force is not counted.

    Parameters
    ----------
    theta : (q,) array
        Where to start.
    solve : callable
        Takes active constraints and a start; returns theta and the (q,) gradient of the
        log-likelihood there.
    """
    always = list(range(constraints.n_equal))
    active: list[int] = []
    slope = np.zeros(constraints.q)
    seen: set[tuple[int, ...]] = set()
    for _ in range(rounds):
        at = np.array([*always, *active], dtype=np.intp)
        theta, slope = solve(at, theta)
        value = constraints.values(theta)
        broken = [
            k
            for k in range(constraints.n_equal, constraints.count)
            if k not in active and value[k] < -1e-9
        ]
        wrong: list[int] = []
        if active:
            pull = constraints.jacobian(theta)[at]
            multiplier = np.linalg.lstsq(pull.T, -slope, rcond=None)[0][len(always) :]
            wrong = [k for k, m in zip(active, multiplier, strict=True) if m < -1e-10]
        if not broken and not wrong:
            break
        kept = active if broken else [k for k in active if k not in wrong]
        active = sorted([*kept, *broken])
        state = tuple(active)
        if state in seen and wrong:
            active = sorted({*active, wrong[0]})
        seen.add(state)
    at = np.array([*always, *active], dtype=np.intp)
    if active:
        pull = constraints.jacobian(theta)[at]
        multiplier = np.linalg.lstsq(pull.T, -slope, rcond=None)[0]
        at = at[(at < constraints.n_equal) | (multiplier > _WEAK)]
    return theta, at


def newton_kkt(
    constraints: Constraints,
    active: IntArray,
    theta: Array,
    look: Callable[[Array], tuple[float, Array, Callable[[], Array]]],
    n: float,
    *,
    max_iterations: int = 200,
) -> tuple[Array, bool, int]:
    """Return the optimum under active equalities, linear or not, whether it was reached, and steps.

    Parameters
    ----------
    theta : (q,) array
        Where to start.
    look : callable
        Takes theta; returns minus the log-likelihood per case, the (q,) gradient of the
        log-likelihood and a function that makes the (q, q) information.
    n : int
        Rows, for the stopping rule in standard errors.
    """
    value, slope, make = look(theta)
    penalty = 1.0
    for iteration in range(1, max_iterations + 1):
        h = constraints.values(theta)[active]
        pull = constraints.jacobian(theta)[active]
        null = open_directions(pull)
        restore = np.linalg.lstsq(pull, -h, rcond=None)[0]
        info = make()
        multiplier = np.linalg.lstsq(pull.T, slope, rcond=None)[0]
        bent = info + constraints.curvature(theta, active, multiplier)
        if len(null.T) and np.linalg.eigvalsh(null.T @ bent @ null)[0] > 0:
            info = bent
        inner = null.T @ info @ null
        move = np.linalg.lstsq(inner, null.T @ (slope - info @ restore), rcond=None)[0]
        step = restore + null @ move
        length = n * float(step @ info @ step)
        off = float(np.abs(h).max(initial=0.0))
        if length < 1e-12 * max(1, len(theta)) and off < 1e-10:
            return theta, True, iteration
        penalty = max(penalty, 2.0 * float(np.abs(multiplier).max(initial=0.0)))
        merit = value + penalty * float(np.abs(h).sum())
        factor = 1.0
        for _ in range(14):
            target = theta + factor * step
            new = look(target)
            gap = float(np.abs(constraints.values(target)[active]).sum())
            if new[0] + penalty * gap <= merit + 1e-12 * max(1.0, abs(merit)):
                break
            factor /= 2.0
        else:
            return theta, off < 1e-6 and length < 1e-6 * len(theta), iteration
        theta, (value, slope, make) = target, new
    return theta, False, max_iterations


def all_linear(constraints: Constraints, active: Sequence[int] | IntArray) -> bool:
    """Whether every one of the active constraints is linear."""
    return bool(constraints.linear[np.asarray(active, dtype=np.intp)].all())
