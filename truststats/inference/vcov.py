"""The covariance matrix of the estimates: expected, observed, sandwich, by cluster."""

from __future__ import annotations

from typing import cast

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from truststats.arrays import Array
from truststats.estimation.derivatives import (
    expected_information,
    observed_information,
    scores,
)
from truststats.estimation.estimate import Estimate
from truststats.estimation.fiml import incomplete_information, incomplete_uwv
from truststats.estimation.sample import Sample

__all__ = ["casewise_scores", "information", "inverse", "meat", "score_variance", "vcov"]


#: Variance inflation above which an information counts as singular.
_LARGEST = 1e10


def information(estimate: Estimate, kind: str) -> Array:
    """Return the (q, q) information per case at the estimate, groups weighted by their rows.

    Parameters
    ----------
    estimate : Estimate
    kind : {"expected", "observed"}
        ``observed`` is minus the analytic Hessian of the log-likelihood.
    """
    if len(estimate.groups) > 1:
        parts = [information(group, kind) for group in estimate.groups]
        return np.tensordot(estimate.shares, parts, axes=1)
    layout, state = estimate.layout, estimate.state
    data = estimate.sample.incomplete
    if data is not None:
        step = estimate.expectation()
        return incomplete_information(layout, state, data, step, observed=kind == "observed")
    if kind == "expected":
        return expected_information(layout, state, np.linalg.inv(state.sigma))[0]
    return observed_information(layout, state, *estimate.second_moment())


def inverse(info: Array, null: Array | None = None) -> tuple[Array, bool]:
    """Return the inverse of an information and whether it was positive definite.

    A singular information gets its pseudo-inverse, and the caller reports it. With the directions
    Z that constraints leave open, (q, r), it is Z (Z' I Z)^-1 Z' (Aitchison & Silvey 1958).
    """
    if null is not None:
        inner, regular = inverse(null.T @ info @ null)
        return null @ inner @ null.T, regular
    if not len(info):
        return info.copy(), True
    if (np.diag(info) > 0).all():
        scale = 1.0 / np.sqrt(np.diag(info))
        half, failed = dpotrf(info * scale[:, None] * scale, lower=1)
        upper, broken = dpotri(half, lower=1) if failed == 0 else (half, 1)
        if broken == 0 and np.diag(upper).max() < _LARGEST:
            whole = np.tril(upper) + np.tril(upper, -1).T
            return whole * scale[:, None] * scale, True
    values, vectors = np.linalg.eigh((info + info.T) / 2.0)
    floor = values.max() * 1e-10
    if values.min() > floor:
        return (vectors / values) @ vectors.T, True
    safe = np.where(np.abs(values) > floor, values, np.inf)
    return (vectors / safe) @ vectors.T, False


def casewise_scores(estimate: Estimate) -> Array:
    """Return the (n, q) derivatives of each row's log-likelihood at the estimate.

    The rows of several groups stand one group after the other.
    """
    if len(estimate.groups) > 1:
        return np.concatenate([casewise_scores(group) for group in estimate.groups])
    layout, state, sample = estimate.layout, estimate.state, estimate.sample
    assert sample.rows is not None
    if sample.incomplete is not None:
        step = estimate.expectation()
        uwv = incomplete_uwv(layout, state, sample.incomplete, step.w)
        return scores(layout, state, step.z, uwv)
    w = cast(Array, np.linalg.inv(state.sigma[0]))
    centre = state.mu[0] if layout.has_means else sample.mean
    z: Array = (sample.rows - centre) @ w
    uwv = state.cross(w[None])[0][layout.u, layout.v] * layout.halves
    return scores(layout, state, z, uwv)


def meat(by_row: Array, sample: Sample) -> Array:
    """Return the (q, q) variance of one group's score per case: the mean outer product of rows.

    Rows are weighted, summed within clusters and centred within strata; see `Sample.spread`.
    """
    sums = sample.spread(by_row)
    return sums.T @ sums / sample.n


def score_variance(estimate: Estimate) -> Array:
    """Return the (q, q) variance of the score per case, the groups' meats weighted by rows.

    Where clusters span groups, or come from strata, a cluster's scores are summed over groups.
    """
    design = estimate.samples[0].design
    if design is not None:
        total = np.zeros((design.count, estimate.q))
        for group in estimate.groups:
            assert group.sample.clusters is not None
            by_row = group.sample.weighted(casewise_scores(group))
            total += design.sums(by_row, group.sample.clusters)
        sums = design.spread(total)
        return sums.T @ sums / estimate.n
    parts = [meat(casewise_scores(group), group.sample) for group in estimate.groups]
    return np.tensordot(estimate.shares, parts, axes=1)


def vcov(estimate: Estimate, se: str, kind: str) -> tuple[Array, bool, Array | None]:
    """Return the covariance matrix of theta, whether the information was regular, and the meat.

    Under constraints it has the rank of the directions they leave open.

    Parameters
    ----------
    estimate : Estimate
    se : {"standard", "robust.huber.white"}
        The second is the sandwich I^-1 J I^-1 (Huber 1967; White 1982), by cluster where the
        sample has clusters.
    kind : {"expected", "observed"}
        Information used for the bread.
    """
    bread, regular = inverse(information(estimate, kind), estimate.null)
    if se == "standard":
        return bread / estimate.n, regular, None
    middle = score_variance(estimate)
    return bread @ middle @ bread / estimate.n, regular, middle
