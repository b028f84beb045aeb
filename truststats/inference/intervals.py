"""Intervals from resamples and the p-values that agree with them.

Every interval is read off one function: the k-th of B ordered values lies at the normal quantile
z_k = Phi^-1(k / (B + 1)), with straight lines between (Davison & Hinkley 1997, eq. 5.8). Its
inverse gives the p-value: the smallest alpha whose interval of level 1 - alpha leaves zero out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import ndtr, ndtri

from truststats.arrays import Array, IntArray
from truststats.errors import OptionError
from truststats.estimation.clusters import cluster_sums, spanning_clusters
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.bootstrap_items import item_influence
from truststats.inference.vcov import casewise_scores, information, inverse
from truststats.options import check_level

__all__ = [
    "INTERVALS",
    "Intervals",
    "acceleration",
    "influence",
    "resample_intervals",
    "simulated_intervals",
]

#: The intervals that a bootstrap has.
INTERVALS = ("percentile", "bias_corrected", "bca", "normal", "basic")

_BLOCK = 8192
_CONSTANT = 1e-10


@dataclass(frozen=True)
class Intervals:
    """Intervals of several numbers, with the p-values that agree with them.

    Attributes
    ----------
    se : (r,) array
        Standard deviation of the resampled values.
    lower, upper : (r,) array
        Limits; NaN where they are not defined.
    pvalue : (r,) array
        The smallest alpha whose interval leaves zero out, never below 2 / (B + 1); NaN for what is
        fixed.
    """

    se: Array
    lower: Array
    upper: Array
    pvalue: Array


class _Ordered:
    """The finite values of each column, in order, as a function of z and back."""

    def __init__(self, values: Array) -> None:
        finite = np.isfinite(values)
        self.values: Array = np.sort(np.where(finite, values, np.nan), axis=0)  # NaN last
        self.count = cast(IntArray, finite.sum(axis=0))

    def _knot(self, k: IntArray) -> Array:
        return ndtri(k / (self.count + 1.0))

    def _at(self, k: IntArray) -> Array:
        last = np.maximum(self.count, 1)
        return self.values[np.clip(k, 1, last) - 1, np.arange(len(last))]

    def __call__(self, z: Array) -> Array:
        """Return the (r,) values at normal quantiles z; the extremes beyond them."""
        safe = np.where(np.isnan(z), 0.0, z)
        rank = (self.count + 1.0) * ndtr(safe)
        k = np.clip(np.floor(rank + 1e-9 * (self.count + 1.0)), 1, np.maximum(self.count - 1, 1))
        k = k.astype(np.intp)
        low, high = self._knot(k), self._knot(k + 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.clip((safe - low) / (high - low), 0.0, 1.0)
        part = np.where(np.isfinite(part), part, 0.0)
        value = self._at(k) + part * (self._at(k + 1) - self._at(k))
        return np.where(np.isnan(z) | (self.count < 2), np.nan, value)

    def inverse(self, at: Array) -> tuple[Array, Array]:
        """Return the least and the greatest z, (r,) each, whose value is `at`."""
        with np.errstate(invalid="ignore"):
            below = cast(IntArray, (self.values < at).sum(axis=0))
            reached = cast(IntArray, (self.values <= at).sum(axis=0))
        return self._between(below, at), self._between(reached, at)

    def _between(self, k: IntArray, at: Array) -> Array:
        low, high = self._at(k), self._at(k + 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            part = np.clip((at - low) / (high - low), 0.0, 1.0)
            inside = np.clip(k, 1, np.maximum(self.count - 1, 1))
            z = self._knot(inside) + part * (self._knot(inside + 1) - self._knot(inside))
        return np.where(k == 0, -np.inf, np.where(k >= self.count, np.inf, z))


def influence(estimate: Estimate) -> Array:
    """Return the (units, q) influence of each row, or cluster, on theta.

    The infinitesimal jackknife (Efron 1982, ch. 6; Jaeckel 1972): the observed information's
    inverse times the unit's score, over N. Groups are strata, so that units are centred within
    their group, unless clusters have rows in several groups. The sums of squares are the sandwich
    covariance matrix.
    """
    if isinstance(estimate, OrdinalEstimate):
        return item_influence(estimate)
    total = np.zeros((len(estimate.theta),) * 2)
    for share, group in zip(estimate.shares, estimate.groups, strict=True):
        total += share * information(group, "observed")
    bread, _ = inverse(total, estimate.null)
    samples = [group.sample for group in estimate.groups]
    labels = spanning_clusters([sample.clusters for sample in samples])
    blocks: list[Array] = []
    for group in estimate.groups:
        clusters = group.sample.clusters
        by_unit = cluster_sums(casewise_scores(group), clusters)
        if labels is not None and clusters is not None:
            whole = np.zeros((len(labels), by_unit.shape[1]))
            whole[np.searchsorted(labels, np.unique(clusters))] = by_unit
            by_unit = whole
        blocks.append(by_unit - by_unit.mean(axis=0))
    units = np.concatenate(blocks) if labels is None else np.sum(blocks, axis=0)
    return units @ bread / estimate.n


def acceleration(units: Array, slope: Array) -> Array:
    """Return the (r,) accelerations of functions of theta.

    a = sum l^3 / (6 (sum l^2)^(3/2)) with l the influence of a unit on the function (Efron 1987,
    doi:10.1080/01621459.1987.10478410, section 7); zero for what no unit moves.

    Parameters
    ----------
    units : (U, q) array
        Influence of each unit on theta.
    slope : (r, q) array
        Derivatives of the functions.
    """
    square, cube = np.zeros(len(slope)), np.zeros(len(slope))
    for first in range(0, len(units), _BLOCK):
        values = units[first : first + _BLOCK] @ slope.T
        power = values * values
        square += power.sum(axis=0)
        cube += (power * values).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(square > 0, cube / (6.0 * square**1.5), 0.0)


def _bias(est: Array, draws: Array, count: IntArray) -> Array:
    """Return z0, the normal quantile of the share of draws below the estimate, ties by half."""
    with np.errstate(invalid="ignore", divide="ignore"):
        below: Array = (draws < est).sum(axis=0) + 0.5 * (draws == est).sum(axis=0)
        z0 = cast(Array, ndtri(below / count))
    return np.where(np.isfinite(z0), z0, np.nan)


def _moved(z: float, z0: Array, a: Array) -> Array:
    """Return the quantile that stands for z: z0 + (z0 + z) / (1 - a (z0 + z))."""
    shift = z0 + z
    scale = 1.0 - a * shift
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(scale > 0, z0 + shift / scale, np.copysign(np.inf, shift))
    return np.where(np.isnan(shift), np.nan, moved)


def _moved_back(z: Array, z0: Array, a: Array) -> Array:
    """Return the nominal quantile that `_moved` sends to z."""
    shift = z - z0
    with np.errstate(divide="ignore", invalid="ignore"):
        back = shift / (1.0 + a * shift) - z0
        back = np.where(np.isinf(z) | (1.0 + a * shift <= 0), np.copysign(np.inf, shift), back)
    return np.where(np.isnan(z0), np.nan, back)


def _tails(level: float, least: int) -> float:
    """Return the lower normal quantile of a level that this many draws can tell."""
    tail = (1.0 - check_level(level)) / 2.0
    if tail * (least + 1.0) <= 1.0:
        raise OptionError(
            f"{least} draws are too few for an interval of level {level:g}.",
            why="its limits lie beyond the smallest and the largest draw",
            fix=f"use draws={int(np.ceil(20.0 / tail))} or a lower level",
        )
    return float(ndtri(tail))


def _by_rank(ordered: _Ordered, z: float, z0: Array, a: Array) -> tuple[Array, Array, Array]:
    """Return limits and p-values of percentiles moved by bias z0 and acceleration a."""
    lower, upper = ordered(_moved(z, z0, a)), ordered(_moved(-z, z0, a))
    least, most = ordered.inverse(np.zeros(len(z0)))
    return lower, upper, _two_sided(_moved_back(most, z0, a), _moved_back(least, z0, a))


def _two_sided(most: Array, least: Array) -> Array:
    """Return p from the quantiles that zero has seen from the lower and from the upper limit."""
    return np.minimum(1.0, 2.0 * np.minimum(ndtr(most), ndtr(-least)))


def resample_intervals(
    kind: str,
    est: Array,
    draws: Array,
    level: float = 0.95,
    accelerations: Array | None = None,
) -> Intervals:
    """Return bootstrap intervals, and p-values that are below alpha when zero is outside.

    ``percentile``, ``basic`` and ``normal`` (Davison & Hinkley 1997, ch. 5);
    ``bias_corrected`` (Efron 1981; MacKinnon, Lockwood & Williams 2004,
    doi:10.1207/s15327906mbr3901_4) and ``bca`` (Efron 1987, doi:10.1080/01621459.1987.10478410;
    DiCiccio & Efron 1996, doi:10.1214/ss/1032280214). lavaan calls them perc, basic, norm,
    bca.simple and bca.

    Parameters
    ----------
    kind : str
        One of `INTERVALS`.
    est : (r,) array
        The numbers as estimated.
    draws : (B, r) array
        The numbers of the resamples; NaN ones are left out.
    level : float
    accelerations : (r,) array, optional
        For ``bca``.

    Raises
    ------
    OptionError
        If the level needs more draws.
    """
    ordered = _Ordered(draws)
    z = _tails(level, len(draws))
    none = np.zeros(len(est))
    with np.errstate(invalid="ignore"):
        se, centre = _spread(draws, ordered.count)
    if kind == "normal":
        middle = 2.0 * est - centre
        lower, upper = middle + z * se, middle - z * se
        with np.errstate(invalid="ignore", divide="ignore"):
            p = 2.0 * ndtr(-np.abs(middle / se))
    elif kind == "basic":
        lower = 2.0 * est - ordered(none - z)
        upper = 2.0 * est - ordered(none + z)
        least, most = ordered.inverse(2.0 * est)
        p = _two_sided(most, least)
    else:
        z0 = none if kind == "percentile" else _bias(est, draws, ordered.count)
        a = none if kind != "bca" or accelerations is None else accelerations
        lower, upper, p = _by_rank(ordered, z, z0, a)
    if kind != "normal":
        p = np.maximum(p, 2.0 / (ordered.count + 1.0))
    return _with_constants(Intervals(se, lower, upper, p), est, draws, z, ordered.count)


def simulated_intervals(draws: Array, level: float = 0.95) -> Intervals:
    """Return percentile intervals of numbers at simulated parameters, with agreeing p-values.

    MacKinnon, Lockwood & Williams (2004, doi:10.1207/s15327906mbr3901_4).
    """
    middle = np.full(draws.shape[1], np.nan)
    return resample_intervals("percentile", middle, draws, level)


def _spread(draws: Array, count: IntArray) -> tuple[Array, Array]:
    """Return standard deviations and means of the finite draws."""
    finite = np.isfinite(draws)
    size = np.maximum(count, 1)
    mean = np.where(finite, draws, 0.0).sum(axis=0) / size
    square = np.where(finite, draws - mean, 0.0) ** 2
    se = np.sqrt(square.sum(axis=0) / np.maximum(count - 1, 1))
    return np.where(count > 1, se, np.nan), np.where(count > 0, mean, np.nan)


def _with_constants(
    found: Intervals, est: Array, draws: Array, z: float, count: IntArray
) -> Intervals:
    """Return the intervals with fixed numbers as points, and NaN where draws are too few."""
    with np.errstate(invalid="ignore"):
        size = np.where(np.isfinite(draws), np.abs(draws), 0.0).max(axis=0, initial=0.0)
        fixed = found.se <= _CONSTANT * size
    few = ndtr(z) * (count + 1.0) <= 1.0
    point = np.where(np.isnan(est), draws[0], est)
    lower = np.where(few, np.nan, np.where(fixed, point, found.lower))
    upper = np.where(few, np.nan, np.where(fixed, point, found.upper))
    p = np.where(few | fixed | np.isnan(lower) | np.isnan(upper), np.nan, found.pvalue)
    return Intervals(np.where(fixed, 0.0, found.se), lower, upper, p)
