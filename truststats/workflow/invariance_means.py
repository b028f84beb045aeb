"""Means of the factors by group, where a ladder of invariance licenses their comparison."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from truststats.psychometrics.latent_means import latent_means
from truststats.results.fit import Fit
from truststats.survey.synthetic import labelled

__all__ = ["means_frame"]


def means_frame(fit: Fit, level: float = 0.95) -> pd.DataFrame:
    """Return one row a factor and group: mean, variance, difference to the first group and d.

    Parameters
    ----------
    fit : Fit
        With equal loadings and intercepts (of enough items).
    level : float
        Of the intervals.
    """
    layouts = fit.estimate.layouts
    at = [layouts[0].nodes.index(name) for name in measured_by_items(fit)]
    n = fit.group_nobs.to_numpy(dtype=float)
    got = latent_means(layouts, np.array(at, dtype=np.intp), fit.estimate.theta, fit.vcov, n, level)
    z = got.difference / got.se
    rows = [
        {
            "factor": layouts[0].nodes[node], "group": group,
            "mean": got.mean[g, k], "variance": got.variance[g, k],
            "difference": got.difference[g, k] if g else np.nan, "se": got.se[g, k],
            "ci_lower": got.difference[g, k] - got.half * got.se[g, k],
            "ci_upper": got.difference[g, k] + got.half * got.se[g, k],
            "pvalue": 2.0 * ndtr(-abs(z[g, k])),
            "d": got.d[g, k] if g else np.nan,
            "d_lower": got.d[g, k] - got.half * got.d_se[g, k],
            "d_upper": got.d[g, k] + got.half * got.d_se[g, k],
        }
        for k, node in enumerate(at)
        for g, group in enumerate(fit.groups)
    ]  # fmt: skip
    return labelled(pd.DataFrame(rows), fit.synthetic)


def measured_by_items(fit: Fit) -> list[str]:
    """Return the factors that have items of their own, in the model's order."""
    table = fit.partable
    found = {
        lhs
        for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True)
        if op == "=~" and rhs in table.ov
    }
    return [name for name in table.lv if name in found]
