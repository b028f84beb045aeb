"""Tests and fit measures of models of ordinal items, and of their baseline.

The statistic is sum_g (n_g - 1) r_g' V r_g for the residual moments r. The baseline sets
correlations to zero; thresholds, means, variances and slopes on exogenous variables are free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from scipy.linalg import block_diag

from truststats.arrays import Array, BoolArray
from truststats.estimation.ordinal import ItemMoments, OrdinalEstimate
from truststats.estimation.weighted import weigh
from truststats.inference.fitmeasures import fit_measures
from truststats.inference.moment_structure import Pieces, own_traces
from truststats.inference.ordinal_robust import ordinal_robust_measures
from truststats.inference.tests import ModelTest, chisq_pvalue

__all__ = [
    "baseline_traces",
    "joined",
    "ordinal_baseline",
    "ordinal_fit_measures",
    "ordinal_pieces",
    "ordinal_residual_measures",
]


def ordinal_pieces(estimate: OrdinalEstimate, *, gamma: bool) -> list[Pieces]:
    """Return derivatives, weights and (if asked for) asymptotic covariances of the groups.

    Where clusters or strata span groups, these are joined to one piece. They are made once.
    """
    key = ("pieces", gamma)
    if key in estimate.memo:
        return estimate.memo[key]
    out = [
        Pieces(
            slopes,
            target.weight,
            got.gamma if gamma else None,
            float(share),
        )
        for (_, slopes), target, got, share in zip(
            estimate.looks, estimate.targets, estimate.moments, estimate.shares, strict=True
        )
    ]
    estimate.memo[key] = out = joined(estimate, out, gamma=gamma)
    return out


def joined(estimate: OrdinalEstimate, pieces: list[Pieces], *, gamma: bool) -> list[Pieces]:
    """Return one piece of all groups if their statistics are not independent, else the pieces.

    The statistics of all groups are stacked, with the weights times the shares of the groups and N
    times their joint covariance matrix, which has the sums of a cluster over groups.
    """
    spanning = len(pieces) > 1 and estimate.samples[0].design is not None
    if not spanning:
        return pieces
    slopes = np.concatenate([part.slopes for part in pieces])
    flat = all(part.weight.ndim == 1 for part in pieces)
    weights = [part.share * part.weight for part in pieces]
    weight = np.concatenate(weights) if flat else np.asarray(block_diag(*weights))
    together: Array | None = None
    if gamma:
        moved = np.concatenate([_by_cluster(got) for got in estimate.moments], axis=0)
        together = estimate.n * (moved @ moved.T)
    return [Pieces(slopes, weight, together, 1.0)]


def _by_cluster(got: ItemMoments) -> Array:
    """Return what each cluster of the whole design moves each statistic, (k, C)."""
    return np.concatenate(list(got.row_moves.blocks()), axis=1)


def _pairs(got: ItemMoments) -> int:
    """Return the number of correlations, the last of the statistics."""
    return len(got.names) * (len(got.names) - 1) // 2


def _left(weight: Array, others: Array | slice, pairs: Array | slice) -> Array:
    """Return the weight that is left to the correlations when all other moments are free.

    With a full weight V the others are the best ones given the correlations, which leaves the
    inverse of the block of V^-1.
    """
    if weight.ndim == 1:
        return weight[pairs]
    side = weight[others][:, pairs]
    met = cast(Array, np.linalg.solve(weight[others][:, others], side))
    return weight[pairs][:, pairs] - side.T @ met


def baseline_traces(estimate: OrdinalEstimate) -> tuple[float, float]:
    """Return tr(U Gamma) and tr(U Gamma U Gamma) of the baseline, in closed form.

    Its parameters are all moments but correlations, so U is the weight left to these.
    """
    is_pair = [np.arange(got.k) >= got.k - _pairs(got) for got in estimate.moments]
    pieces = ordinal_pieces(estimate, gamma=True)
    if len(pieces) < len(is_pair):
        is_pair = [np.concatenate(is_pair)]
    one = two = 0.0
    for part, at in zip(pieces, is_pair, strict=True):
        assert part.gamma is not None
        others, pairs = _places(~at), _places(at)
        found = own_traces(_left(part.weight, others, pairs), part.gamma[pairs][:, pairs])
        one, two = one + found[0], two + found[1]
    return one, two


def _places(at: BoolArray) -> Array | slice:
    """Return places as a slice if they follow each other, so that what is taken is no copy."""
    places = np.flatnonzero(at)
    if len(places) and places[-1] - places[0] == len(places) - 1:
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def ordinal_baseline(estimate: OrdinalEstimate) -> ModelTest:
    """Return the test of uncorrelated items, all other moments free."""
    total = 0.0
    for got, target, sample in zip(
        estimate.moments, estimate.targets, estimate.samples, strict=True
    ):
        count = got.k - _pairs(got)
        gap = target.moments[count:]
        weight = _left(target.weight, slice(count), slice(count, None))
        total += (sample.n - 1.0) * float(gap @ weigh(weight, gap))
    df = sum(_pairs(got) for got in estimate.moments)
    return ModelTest("standard", total, df, chisq_pvalue(total, df))


def _root_mean_square(values: Sequence[Array], count: int) -> float:
    return float(np.sqrt(sum(float((v**2).sum()) for v in values) / count)) if count else 0.0


def ordinal_residual_measures(estimate: OrdinalEstimate) -> dict[str, float]:
    """Return root mean squares of residual correlations, and of thresholds beside them.

    As in lavaan the diagonal counts among the elements of ``rmr`` and ``srmr``, that of exogenous
    variables too, and not of ``crmr``; ``srmr`` leaves out the thresholds, which only ``rmr``,
    ``srmr_bentler`` and ``crmr`` have; slopes on exogenous variables and means are in none.
    Residual variances of continuous variables, which only WLS leaves, are in none either.
    ``srmr`` divides covariances by the sample's standard deviations, ``crmr`` each by its own.
    Groups are averaged with their shares of the rows.
    """
    out: dict[str, float] = {}
    parts = zip(estimate.groups, estimate.moments, estimate.looks, estimate.shares, strict=True)
    for group, got, (gap, _), share in parts:
        implied = cast(OrdinalEstimate, group).fitted.cov
        low = np.tril_indices(len(got.cov), -1)
        pairs = _pairs(got)
        tau = gap[: len(got.thresholds)][got.ordered[got.threshold_of]]
        t, diagonal = len(tau), estimate.p
        sd = np.sqrt(np.diag(got.cov))
        raw = (got.cov - implied)[low]
        bentler = ((got.cov - implied) / np.outer(sd, sd))[low]
        cor = (got.cov / np.outer(sd, sd) - _as_correlations(implied))[low]
        made = {
            "rmr": _root_mean_square([tau, raw], t + pairs + diagonal),
            "rmr_nomean": _root_mean_square([raw], pairs + diagonal),
            "srmr": _root_mean_square([bentler], pairs + diagonal),
            "srmr_bentler": _root_mean_square([tau, bentler], t + pairs + diagonal),
            "srmr_bentler_nomean": _root_mean_square([bentler], pairs + diagonal),
            "crmr": _root_mean_square([tau, cor], t + pairs),
            "crmr_nomean": _root_mean_square([cor], pairs),
        }
        for name, value in made.items():
            out[name] = out.get(name, 0.0) + float(share) * value
    return out


def _as_correlations(cov: Array) -> Array:
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd)


def restricted_thresholds(estimate: OrdinalEstimate) -> bool:
    """Tell whether the model says something about thresholds, not only about correlations."""
    counts = [len(got.thresholds) for got in estimate.moments]
    looks = zip(estimate.looks, counts, strict=True)
    every = np.concatenate([slopes[:t] for (_, slopes), t in looks])
    if estimate.null is not None:
        every = every @ estimate.null
    return int(np.linalg.matrix_rank(every)) < len(every)


def ordinal_fit_measures(
    estimate: OrdinalEstimate,
    test: ModelTest,
    baseline: ModelTest,
    scaled: tuple[ModelTest, ModelTest] | None,
) -> dict[str, float]:
    """Return the fit measures of a model of ordinal items by lavaan's short names.

    Robust ones, next to a scaled test, are those of `truststats.inference.ordinal_robust`; they
    compare correlations alone, so there are none where the model restricts thresholds, nor where
    polychoric correlations are not positive definite, nor with other variables than ordinal items
    or with clusters that span groups.
    ``wrmr`` (Yu 2002) is the root of the statistic over the number of moments of one group.
    """
    made = fit_measures(estimate, test, baseline, scaled)
    left_out = [name for name in made if "_robust" in name or name.startswith("srmr_mplus")]
    left_out.append("ecvi")
    made = {name: value for name, value in made.items() if name not in left_out}
    made |= ordinal_residual_measures(estimate)
    spans = len(estimate.samples) > 1 and estimate.samples[0].design is not None
    plain = estimate.all_ordered and not spans
    if scaled is not None and plain and not restricted_thresholds(estimate):
        pieces = ordinal_pieces(estimate, gamma=True)
        robust = ordinal_robust_measures(estimate, pieces, int(baseline.df))
        made |= robust if np.isfinite(robust["cfi_robust"]) else {}
    count = sum(len(target.moments) for target in estimate.targets) / len(estimate.targets)
    return made | {"wrmr": float(np.sqrt(test.chisq / count))}
