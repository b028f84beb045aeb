"""Alignment of many groups: the means and variances of a factor that leave the fewest differences.

Asparouhov & Muthén (2014, doi:10.1080/10705511.2014.919210). A factor with mean 0 and variance 1 in
every group has loadings l and intercepts n of its own there. Means a and standard deviations s are
chosen so that l / s and n - a l / s differ as in few places as possible over the groups: the loss

    sum over items and pairs of groups of sqrt(n_g n_h) (d^2 + eps)^(power / 2),

d being a difference of two groups' loadings or intercepts, is small where most differences are
near zero and a few are large. With t = -log s and b = a / s it falls into a part of the loadings,
which knows only t, and one of the intercepts, which knows only b. Each is minimised by quadratics
that lie above it, all starts as one batch; then groups that would do better where one item of
theirs agrees with the others are moved there; Newton's steps end it.

While the loss is minimised the product of all variances is 1; afterwards the reference has
variance 1. With its variance held from the start, the loss of many groups could be lowered by
letting the variances of all others grow, which makes their loadings alike at zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.psychometrics.alignment_loss import Part, component_loss, parts

__all__ = ["Aligned", "align"]

_DESCENT, _NEWTON, _ROUNDS = 300, 60, 20
_STEADY = 1e-6
_SAME = 1e-4
_KEPT = 3
_HALVINGS = 30
_ROUNDING = 1e-13
_WIDE = (0.2, 0.5)
"""Standard deviations of the random starts of t and of b."""


@dataclass(frozen=True, eq=False)
class Aligned:
    """A factor aligned over G groups and p items.

    Attributes
    ----------
    t : (G,) array
        Minus the logarithms of the factor's standard deviations, with a sum of zero.
    b : (G,) array
        Means divided by these standard deviations.
    mean, sd : (G,) arrays
        In the units of the reference group's standard deviation.
    loadings, intercepts : (p, G) arrays
        On that scale.
    loss : float
        Least value that was found.
    best : int
        How many starts found it, of loadings and intercepts whichever is fewer.
    starts : int
    converged : bool
        Whether the gradient is zero at the solution.
    """

    t: Array
    b: Array
    mean: Array
    sd: Array
    loadings: Array
    intercepts: Array
    loss: float
    best: int
    starts: int
    converged: bool


def _descend(part: Part, x: Array) -> tuple[Array, Array]:
    """Return where the starts arrive by quadratics above the loss, (B, G), and the loss there."""
    x = x.copy()
    value, slope, bend = part.look(x)
    step = part.step(bend, slope)
    going = np.arange(len(x))
    for _ in range(_DESCENT):
        there = x[going] + step[going]
        now, slope, bend = part.look(there)
        fell = value[going] - now
        fine = fell >= 0.0
        at = going[fine]
        x[at], value[at] = there[fine], now[fine]
        step[at] = part.step(bend[fine], slope[fine]) if fine.any() else 0.0
        step[going[~fine]] *= 0.5
        going = going[~fine | (fell > _STEADY * now)]
        going = going[np.abs(step[going]).max(axis=1, initial=0.0) > _STEADY]
        if not len(going):
            break
    return x, value


def _moved(part: Part, x: Array) -> Array:
    """Return x, (G,), with each group where one of its items agrees with the others', if better.

    A group may sit in a minimum of its own while all others are right: it is looked at for itself.
    """
    y = part.views(x[None])[:, 0]
    middle = np.median(y, axis=1)
    move = part.moves(np.zeros((1, len(x))))[:, 0]
    base = np.zeros_like(y) if part.scaled else part.intercepts
    best, out = _apart(part, y, y), x
    for k in range(len(y)):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = (middle[k] - base[k]) / move[k]
            rival = np.log(ratio) if part.scaled else ratio
        rival = np.where(np.isfinite(rival), rival, x)
        if part.hold is not None and not part.scaled:
            rival = np.where(part.hold > 0, x, rival)
        cost = _apart(part, part.views(rival[None])[:, 0], y)
        out = np.where(cost < best * (1.0 - _SAME), rival, out)
        best = np.minimum(cost, best)
    if part.scaled:
        out = out - out.mean()
    return out


def _apart(part: Part, own: Array, others: Array) -> Array:
    """Return for each group the loss of its values `own` beside the `others` of all groups."""
    total = np.zeros(own.shape[1])
    for mine, theirs in zip(own, others, strict=True):
        d = mine[:, None] - theirs[None, :]
        total += (part.w * component_loss(d, part.eps, part.power)).sum(axis=1)
    return total


def _improve(part: Part, x: Array, value: float) -> tuple[Array, float]:
    """Return x and the loss after moving single groups for as long as that lowers it."""
    for _ in range(_ROUNDS):
        there, now = _descend(part, _moved(part, x)[None])
        if not now[0] < value * (1.0 - _STEADY):
            break
        x, value = there[0], float(now[0])
    return x, value


def _polish(part: Part, x: Array) -> tuple[Array, float, bool]:
    """Return a minimum near x, (G,), by Newton's steps where the loss is convex."""
    x = x[None]
    for _ in range(_NEWTON):
        value, slope, bend = part.look(x, true=True)
        if part.still(slope, value, 1e-10):
            break
        step = part.step(bend, slope)
        if not (step * slope).sum() < 0.0:
            step = part.step(part.look(x)[2], slope)
        for half in range(_HALVINGS):
            there = x + 0.5**half * step
            if part.look(there)[0][0] <= value[0] * (1.0 + _ROUNDING):
                break
        else:
            break
        x = there
    value, slope, _ = part.look(x)
    return x[0], float(value[0]), part.still(slope, value, 1e-7)


def _least(part: Part, starts: Array) -> tuple[Array, float, int, bool]:
    """Return the minimum that the best starts lead to, its value and how many led there."""
    x, value = _descend(part, starts)
    for k in np.argsort(value, kind="stable")[:_KEPT]:
        x[k], value[k] = _improve(part, x[k], float(value[k]))
    best = int(np.argmin(value))
    where, least, still = _polish(part, x[best])
    return where, least, int((value <= least * (1.0 + _SAME)).sum()), still


def align(
    loadings: Array,
    intercepts: Array,
    n: Array,
    *,
    reference: int = 0,
    free: bool = False,
    eps: float = 0.01,
    power: float = 0.5,
    starts: int = 10,
    rng: np.random.Generator | None = None,
) -> Aligned:
    """Return a factor aligned over groups.

    Parameters
    ----------
    loadings, intercepts : (p, G) arrays
        Of p items in G groups, in each of which the factor has mean 0 and variance 1.
    n : (G,) array
        People by group.
    reference : int
        The group whose factor has standard deviation 1 and, unless `free`, mean 0.
    free : bool
        Whether the mean of the reference is estimated too (FREE); it is not known where loadings
        do not differ over groups.
    eps, power : float
        Of the loss.
    starts : int
        One is the least-squares solution, the others are random around it.
    rng : numpy.random.Generator, optional

    Returns
    -------
    Aligned
    """
    spread, place = parts(
        loadings, intercepts, n, reference, free=free, eps=eps, power=power
    )  # fmt: skip
    rng = rng or np.random.default_rng(0)
    noise = rng.normal(size=(2, starts, loadings.shape[1]))
    noise[:, 0] = 0.0
    t, least_t, best_t, still_t = _least(spread, _scales(loadings, noise[0]))
    b, least_b, best_b, still_b = _least(place, _places(place, noise[1]))
    b = b if free else np.where(np.arange(len(b)) == reference, 0.0, b)
    sd = np.exp(t[reference] - t)
    return Aligned(
        t, b, b * sd, sd, loadings / sd, intercepts - b * loadings, least_t + least_b,
        min(best_t, best_b), starts, still_t and still_b,
    )  # fmt: skip


def _scales(loadings: Array, noise: Array) -> Array:
    """Return starts of t: loadings of equal mean square, and random ones around."""
    x = _WIDE[0] * noise - 0.5 * np.log((loadings**2).mean(axis=0))
    return cast(Array, x - x.mean(axis=1, keepdims=True))


def _places(place: Part, noise: Array) -> Array:
    """Return starts of b: least squared differences of intercepts, and random ones around."""
    squares = replace(place, eps=1.0, power=2.0)
    _, slope, bend = squares.look(np.zeros((1, noise.shape[1])))
    x = squares.step(bend, slope) + _WIDE[1] * noise
    return x if place.hold is None else np.where(place.hold > 0, 0.0, x)
