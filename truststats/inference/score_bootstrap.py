"""The score bootstrap: a test of one parameter that holds its level with few clusters.

The model is estimated with the parameter held at the hypothesised value, and the clusters'
contributions to its score are multiplied by random weights of mean zero and variance one. The
share of weightings whose statistic is at least as large as the one found is the p-value; values
that are not rejected are the confidence interval. No model is refitted per draw.
Sources: Kline & Santos (2012), "A score based approach to wild bootstrap inference",
doi:10.1515/2156-6674.1006; weights for few clusters: Webb (2023), doi:10.1111/caje.12661.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from truststats.arrays import Array
from truststats.estimation.estimate import Estimate
from truststats.inference.jackknife import cluster_labels
from truststats.inference.refits import own_moments, refit_moments, refit_weighted
from truststats.inference.vcov import casewise_scores, information, inverse

__all__ = [
    "WEIGHTS",
    "ScoreTest",
    "Weightings",
    "draw_weights",
    "held_directions",
    "interval",
    "score_statistic",
    "score_test",
]

#: The points of each distribution of weights, all equally likely.
WEIGHTS = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.array([-1.0, 1.0]) * np.sqrt([[1.5], [1.0], [0.5]]),
}
#: Where a search for a limit gives up, in standard errors.
_FAR = 60.0
_BISECTIONS = 14
#: Ties of statistics that are equal but for rounding.
_TIE = 1e-9


@dataclass(frozen=True)
class ScoreTest:
    """A test of one value of one parameter.

    Attributes
    ----------
    statistic : float
        Sum of the clusters' contributions over the root of their sum of squares about the mean.
    pvalue : float
        Two-sided; NaN where the model could not be estimated at that value.
    theta : (q,) array
        The estimates at that value.
    """

    statistic: float
    pvalue: float
    theta: Array


@dataclass(frozen=True, eq=False)
class Weightings:
    """Weights of mean zero and variance one for the clusters' contributions.

    Attributes
    ----------
    values : (B, G) array
    whole : bool
        Whether each possible weighting is there, once.
    """

    values: Array
    whole: bool


def draw_weights(kind: str, clusters: int, draws: int, rng: np.random.Generator) -> Weightings:
    """Return random weights of the clusters.

    If the possible weightings are no more than `draws`, each of them is taken once.

    Parameters
    ----------
    kind : {"rademacher", "webb"}
        Two points, or six points for few clusters.
    """
    points = WEIGHTS[kind].ravel()
    if clusters * np.log(len(points)) <= np.log(draws) + 1e-9:
        return Weightings(np.array(list(product(points, repeat=clusters))), True)
    return Weightings(points[rng.integers(0, len(points), size=(draws, clusters))], False)


def score_statistic(contributions: Array, weights: Array) -> Array:
    """Return sum(w u) / sqrt(sum (w u)^2 - (sum w u)^2 / G) for weightings (B, G)."""
    total = weights @ contributions
    square = weights**2 @ contributions**2 - total**2 / len(contributions)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = total / np.sqrt(np.maximum(square, 0.0))
    return np.where(np.isnan(value), 0.0, value)


def held_directions(null: Array | None, q: int, k: int) -> Array:
    """Return the directions (q, r) in which parameter k stays where it is.

    Raises
    ------
    ValueError
        If the constraints leave parameter k no freedom.
    """
    open_ = np.eye(q) if null is None else null
    row = open_[k]
    if not np.abs(row).max(initial=0.0) > 1e-9:
        raise ValueError("the parameter is not free")
    _, _, vt = np.linalg.svd(row[None], full_matrices=True)
    return open_ @ vt[1:].T


def _moved(estimate: Estimate, theta: Array) -> tuple[Estimate, ...]:
    """Return the groups' estimates at other parameters."""
    return tuple(replace(one, theta=theta) for one in estimate.groups)


def contributions(estimate: Estimate, theta: Array, k: int, kind: str) -> Array:
    """Return what each cluster adds to the (effective) score of parameter k, (G,).

    Row k of A^-1 times the clusters' scores, A the information at `theta`.
    """
    labels = cluster_labels(estimate)
    groups = _moved(estimate, theta)
    shares = estimate.shares
    info = sum(share * information(one, kind) for share, one in zip(shares, groups, strict=True))
    bread, _ = inverse(np.asarray(info), estimate.null)
    out = np.zeros(len(labels))
    for one in groups:
        assert one.sample.clusters is not None
        by_row = one.sample.weighted(casewise_scores(one)) @ bread[:, k]
        at = np.searchsorted(labels, one.sample.clusters)
        out += np.bincount(at, weights=by_row, minlength=len(labels))
    return out


def hold(estimate: Estimate, k: int, value: float, start: Array) -> tuple[Array, bool]:
    """Return the estimates (q,) with parameter k held at a value, and whether they were reached.

    Parameters
    ----------
    start : (q,) array
        Estimates near by, which satisfy the constraints.
    """
    open_ = held_directions(estimate.null, estimate.q, k)
    direction = np.eye(estimate.q) if estimate.null is None else estimate.null
    toward = direction @ direction[k]
    first = start + toward * ((value - start[k]) / toward[k])
    if estimate.incomplete:
        weights = [one.sample.weighted(np.ones(one.sample.n_rows)) for one in estimate.groups]
        return refit_weighted(estimate, weights, first, open_)
    theta, good = refit_moments(estimate, own_moments(estimate), first[None], open_)
    return theta[0], bool(good[0])


def score_test(
    estimate: Estimate,
    k: int,
    value: float,
    weights: Weightings,
    *,
    kind: str = "observed",
    start: Array | None = None,
) -> ScoreTest:
    """Return the score bootstrap test that parameter k has a value.

    p = (1 + number of |t*| >= |t|) / (1 + B); over all possible weightings the plain share.

    Parameters
    ----------
    estimate : Estimate
        With clusters.
    k : int
        Number of the parameter.
    weights : Weightings
        From `draw_weights`.
    kind : {"observed", "expected"}
        Information that tells the parameter's score from the others'.
    start : (q,) array, optional
        Estimates at a value near by.
    """
    theta, good = hold(estimate, k, value, estimate.theta if start is None else start)
    if not good:
        return ScoreTest(float("nan"), float("nan"), theta)
    parts = contributions(estimate, theta, k, kind)
    found = float(score_statistic(parts, np.ones((1, len(parts))))[0])
    other = np.abs(score_statistic(parts, weights.values))
    more = 0 if weights.whole else 1
    count = int((other >= abs(found) * (1.0 - _TIE)).sum())
    return ScoreTest(found, (count + more) / (len(other) + more), theta)


def interval(
    test: Callable[[float, Array | None], ScoreTest], est: float, se: float, alpha: float
) -> tuple[float, float]:
    """Return the values that a test at level alpha does not reject; infinite where none is.

    Parameters
    ----------
    test : callable
        Takes a value and a start; returns the test.
    est, se : float
        Estimate and a standard error, for the first guess.
    """
    ends = [_limit(test, est, side * se, alpha) for side in (-1.0, 1.0)]
    return ends[0], ends[1]


def _limit(
    test: Callable[[float, Array | None], ScoreTest], est: float, step: float, alpha: float
) -> float:
    """Return the limit on one side of the estimate."""
    inside, outside, reach = 0.0, np.inf, 2.0
    start: Array | None = None
    while not np.isfinite(outside):
        got = test(est + reach * step, start)
        if np.isnan(got.pvalue) or reach > _FAR:
            return float(np.copysign(np.inf, step))
        start = got.theta
        if got.pvalue <= alpha:
            outside = reach
        else:
            inside, reach = reach, reach * 1.6
    for _ in range(_BISECTIONS):
        middle = (inside + outside) / 2.0
        got = test(est + middle * step, start)
        if got.pvalue <= alpha:
            outside = middle
        else:
            inside = middle
    return est + step * (inside + outside) / 2.0
