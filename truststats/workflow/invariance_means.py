"""Means of the factors by group, where a ladder of invariance licenses their comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from truststats.psychometrics.latent_means import LatentMeans, latent_means
from truststats.results.fit import Fit
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    from truststats.workflow.invariance_waves import Waves

__all__ = ["means_frame", "measured_by_items"]


def means_frame(fit: Fit, level: float = 0.95, waves: Waves | None = None) -> pd.DataFrame:
    """Return one row a factor and group: mean, variance, difference to the first group and d.

    Parameters
    ----------
    fit : Fit
        With equal loadings and intercepts (of enough items).
    level : float
        Of the intervals.
    waves : Waves, optional
        Where each wave has factors of its own; they then stand for the groups.
    """
    layouts, nodes = fit.estimate.layouts, fit.estimate.layouts[0].nodes
    own = measured_by_items(fit)
    if waves is None:
        names, groups, n = own, fit.groups, fit.group_nobs.to_numpy(dtype=float)
        at = np.array([nodes.index(name) for name in names], dtype=np.intp)
    else:
        groups = waves.labels
        names = [name.removesuffix("_w1") for name in own if name.endswith("_w1")]
        layouts, n = layouts * len(groups), np.full(len(groups), float(fit.nobs))
        at = np.array(
            [[nodes.index(waves.factor(f, w)) for f in names] for w in range(len(groups))],
            dtype=np.intp,
        )
    got = latent_means(layouts, at, fit.estimate.theta, fit.vcov, n, level)
    rows = [_row(got, g, k) | {"factor": factor, "group": group}
            for k, factor in enumerate(names) for g, group in enumerate(groups)]  # fmt: skip
    frame = pd.DataFrame(rows)
    return labelled(frame[["factor", "group", *frame.columns[:-2]]], fit.synthetic)


def _row(got: LatentMeans, g: int, k: int) -> dict[str, Any]:
    gap, se, d, d_se = (x[g, k] for x in (got.difference, got.se, got.d, got.d_se))
    if not g:
        gap = d = np.nan
    return {
        "mean": got.mean[g, k], "variance": got.variance[g, k], "difference": gap, "se": se,
        "ci_lower": gap - got.half * se, "ci_upper": gap + got.half * se,
        "pvalue": 2.0 * ndtr(-abs(gap / se)), "d": d, "d_lower": d - got.half * d_se,
        "d_upper": d + got.half * d_se,
    }  # fmt: skip


def measured_by_items(fit: Fit) -> list[str]:
    """Return the factors that have items of their own, in the model's order."""
    table = fit.partable
    found = {
        lhs
        for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True)
        if op == "=~" and rhs in table.ov
    }
    return [name for name in table.lv if name in found]
