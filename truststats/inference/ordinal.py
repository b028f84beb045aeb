"""Tests and fit measures of models of ordinal items, and of their baseline.

The statistic is sum_g (n_g - 1) r_g' V r_g for residual thresholds and correlations r. The
baseline leaves thresholds free and sets correlations to zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.fitmeasures import fit_measures
from truststats.inference.moment_structure import Pieces
from truststats.inference.ordinal_robust import ordinal_robust_measures
from truststats.inference.tests import ModelTest, chisq_pvalue

__all__ = [
    "baseline_pieces",
    "ordinal_baseline",
    "ordinal_fit_measures",
    "ordinal_pieces",
    "ordinal_residual_measures",
]


def ordinal_pieces(estimate: OrdinalEstimate, *, gamma: bool) -> list[Pieces]:
    """Return derivatives, weights and (if asked for) asymptotic covariances of the groups."""
    return [
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


def baseline_pieces(estimate: OrdinalEstimate) -> list[Pieces]:
    """Return the pieces of the baseline, whose parameters are the thresholds of each group."""
    total = sum(len(cuts.item) for cuts in estimate.cuts)
    out: list[Pieces] = []
    first = 0
    for cuts, target, got, share in zip(
        estimate.cuts, estimate.targets, estimate.moments, estimate.shares, strict=True
    ):
        count = len(cuts.item)
        slopes = np.zeros((len(target.moments), total))
        slopes[np.arange(count), first + np.arange(count)] = 1.0
        out.append(Pieces(slopes, target.weight, got.gamma, float(share)))
        first += count
    return out


def ordinal_baseline(estimate: OrdinalEstimate) -> ModelTest:
    """Return the test of uncorrelated items.

    With a full weight V the thresholds are the best ones given correlations of zero, which leaves
    the inverse of the block of V^-1 as weight of the correlations.
    """
    total = 0.0
    for cuts, target, sample in zip(estimate.cuts, estimate.targets, estimate.samples, strict=True):
        count = len(cuts.item)
        gap, weight = target.moments[count:], target.weight
        if weight.ndim == 1:
            value = float(gap**2 @ weight[count:])
        else:
            block, side = weight[count:, count:], weight[:count, count:]
            left = cast(Array, np.linalg.solve(weight[:count, :count], side))
            value = float(gap @ (block - side.T @ left) @ gap)
        total += (sample.n - 1.0) * value
    p = estimate.p
    df = p * (p - 1) // 2 * len(estimate.samples)
    return ModelTest("standard", total, df, chisq_pvalue(total, df))


def _root_mean_square(values: Sequence[Array], count: int) -> float:
    return float(np.sqrt(sum(float((v**2).sum()) for v in values) / count)) if count else 0.0


def ordinal_residual_measures(estimate: OrdinalEstimate) -> dict[str, float]:
    """Return root mean squares of residual correlations, and of thresholds beside them.

    As in lavaan the diagonal counts among the elements of ``rmr`` and ``srmr`` and not of
    ``crmr``; ``srmr`` leaves out the thresholds, which only ``rmr``, ``srmr_bentler`` and ``crmr``
    have. ``wrmr`` is the root of N F over the number of moments (Yu 2002). Groups are averaged
    with their shares of the rows.
    """
    out: dict[str, float] = {}
    p = estimate.p
    for (gap, _), cuts, share in zip(estimate.looks, estimate.cuts, estimate.shares, strict=True):
        t = len(cuts.item)
        tau, corr = gap[:t], gap[t:]
        pairs = len(corr)
        made = {
            "rmr": _root_mean_square([tau, corr], t + pairs + p),
            "rmr_nomean": _root_mean_square([corr], pairs + p),
            "srmr": _root_mean_square([corr], pairs + p),
            "srmr_bentler": _root_mean_square([tau, corr], t + pairs + p),
            "srmr_bentler_nomean": _root_mean_square([corr], pairs + p),
            "crmr": _root_mean_square([tau, corr], t + pairs),
            "crmr_nomean": _root_mean_square([corr], pairs),
        }
        for name, value in made.items():
            out[name] = out.get(name, 0.0) + float(share) * value
    return out


def restricted_thresholds(estimate: OrdinalEstimate) -> bool:
    """Tell whether the model says something about thresholds, not only about correlations."""
    pieces = ordinal_pieces(estimate, gamma=False)
    counts = [len(cuts.item) for cuts in estimate.cuts]
    every = np.concatenate([part.slopes[:t] for part, t in zip(pieces, counts, strict=True)])
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
    polychoric correlations are not positive definite.
    ``wrmr`` (Yu 2002) is the root of the statistic over the number of moments of one group.
    """
    made = fit_measures(estimate, test, baseline, scaled)
    left_out = [name for name in made if "_robust" in name or name.startswith("srmr_mplus")]
    left_out.append("ecvi")
    made = {name: value for name, value in made.items() if name not in left_out}
    made |= ordinal_residual_measures(estimate)
    if scaled is not None and not restricted_thresholds(estimate):
        pieces = ordinal_pieces(estimate, gamma=True)
        robust = ordinal_robust_measures(estimate, pieces, int(baseline.df))
        made |= robust if np.isfinite(robust["cfi_robust"]) else {}
    count = sum(len(target.moments) for target in estimate.targets) / len(estimate.targets)
    return made | {"wrmr": float(np.sqrt(test.chisq / count))}
