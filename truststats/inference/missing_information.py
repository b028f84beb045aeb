"""The fraction of missing information of every parameter.

One minus the ratio of the squared standard error that complete data would have given to the one
that incomplete data gave, the first from the unrestricted (EM) moments taken as those of complete
rows (Savalei & Rhemtulla 2012, doi:10.1080/10705511.2012.687669).
"""

from __future__ import annotations

from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.estimation.derivatives import observed_information
from truststats.estimation.estimate import Estimate
from truststats.inference.vcov import inverse

__all__ = ["complete_vcov", "missing_information"]


def _moments(group: Estimate) -> tuple[Array, Array]:
    """Return the second moment about the implied means and the gap of the means."""
    gap = cast(Array, group.sample.mean - group.state.mu[0])
    return group.sample.cov + np.outer(gap, gap), gap


def complete_vcov(estimate: Estimate) -> Array:
    """Return the (q, q) covariance matrix theta would have if no value were missing.

    The observed information of N complete rows that have the unrestricted (EM) moments, at the
    estimate.
    """
    q = estimate.groups[0].layout.q
    info = np.zeros((q, q))
    for share, group in zip(estimate.shares, estimate.groups, strict=True):
        info += share * observed_information(group.layout, group.state, *_moments(group))
    return inverse(info, estimate.null)[0] / estimate.n


def missing_information(variances: Array, complete: Array) -> Array:
    """Return 1 - complete / observed variances, NaN where the observed one is not positive.

    Parameters
    ----------
    variances, complete : (k,) arrays
        Sampling variances with the values missing that are, and with none missing.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(variances > 0, 1.0 - complete / variances, np.nan)
