"""Correlations of scales within and between units.

The total correlation of two scales is the sum of two parts: eta_bx eta_by r_between +
eta_wx eta_wy r_within, where eta^2 is the share of a scale's sum of squares between or within units
(Dansereau, Alutto & Yammarino 1984, Theory Testing in Organizational Behavior). r_between
correlates the units' means with every person counted, r_means with every unit counted once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.estimation.clusters import cluster_sums

__all__ = ["KINDS", "Levels", "levels"]

#: The correlations, in the order of the first axis of `Levels.values`.
KINDS = ("total", "within", "between", "means")


@dataclass(frozen=True, eq=False)
class Levels:
    """Correlations of P pairs of scales by level.

    Attributes
    ----------
    first, second : (P,) int arrays
        The scales of each pair.
    n, units : (P,) arrays
        Rows with both answers, in units with enough of them, and those units.
    values, lower, upper : (4, P) arrays
        The correlations, in the order of `KINDS`, with percentile limits over resamples of units.
    between_part, within_part : (P,) arrays
        What each level adds to the total correlation.
    """

    first: IntArray
    second: IntArray
    n: Array
    units: Array
    values: Array
    lower: Array
    upper: Array
    between_part: Array
    within_part: Array


def levels(
    scores: Array, units: IntArray, drawn: Array, min_n: int = 5, level: float = 0.95
) -> Levels:
    """Return the correlations of all pairs of scales, each from the rows that have both.

    Parameters
    ----------
    scores : (n, K) array
        NaN where there is no score.
    units : (n,) int array
        The unit of each row, 0 to G - 1, each with a row.
    drawn : (B, G) array
        How often each unit is in each resample.
    min_n : int
        Units with fewer rows are left out of the pair.
    level : float
    """
    second, first = np.tril_indices(scores.shape[1], -1)
    centred = scores - np.nanmean(scores, axis=0)
    x, y = centred[:, first], centred[:, second]
    both = ~np.isnan(x + y)
    sums = _unit_sums(np.where(both, x, 0.0), np.where(both, y, 0.0), both, units, min_n)
    found, parts = _correlations(sums.sum(axis=1))
    shape = (len(sums), len(drawn), len(first))
    resampled, _ = _correlations(np.stack([drawn @ one for one in sums]).reshape(shape))
    tail = 0.5 * (1.0 - level)
    finite = np.where(np.isfinite(resampled), resampled, np.nan)
    limits = np.full((2, *found.shape), np.nan)
    seen = ~np.isnan(finite).all(axis=1)
    for kind, pair in np.argwhere(seen):
        limits[:, kind, pair] = np.nanquantile(finite[kind, :, pair], [tail, 1.0 - tail])
    count = sums[:2].sum(axis=1)
    return Levels(first, second, count[0], count[1], found, limits[0], limits[1], *parts)


def _unit_sums(x: Array, y: Array, both: Array, units: IntArray, min_n: int) -> Array:
    """Return what each unit adds to the sums that the correlations are made of, (16, G, P)."""
    n = cluster_sums(both.astype(float), units)
    use = n >= max(min_n, 1)
    sx, sy, xx, xy, yy = (cluster_sums(part, units) for part in (x, y, x * x, x * y, y * y))
    mx, my = sx / np.maximum(n, 1.0), sy / np.maximum(n, 1.0)
    bxx, bxy, byy = n * mx * mx, n * mx * my, n * my * my
    parts = (
        n, use.astype(float), sx, sy, bxx, bxy, byy, xx - bxx, xy - bxy, yy - byy,
        mx, my, mx * mx, mx * my, my * my,
    )  # fmt: skip
    return np.where(use, np.stack(parts), 0.0)


def _correlations(sums: Array) -> tuple[Array, tuple[Array, Array]]:
    """Return total, within, between and means correlations (4, ..., P), and the two parts."""
    n, units, sx, sy, bxx, bxy, byy, wxx, wxy, wyy, mx, my, mxx, mxy, myy = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        bxx, bxy, byy = bxx - sx * sx / n, bxy - sx * sy / n, byy - sy * sy / n
        mxx, mxy, myy = mxx - mx * mx / units, mxy - mx * my / units, myy - my * my / units
        txx, tyy = bxx + wxx, byy + wyy
        size = np.sqrt(txx * tyy)
        values = np.stack(
            [
                (bxy + wxy) / size,
                wxy / np.sqrt(wxx * wyy),
                bxy / np.sqrt(bxx * byy),
                mxy / np.sqrt(mxx * myy),
            ]
        )
        return cast(Array, values), (bxy / size, wxy / size)
