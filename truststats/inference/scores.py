"""Factor scores: predicted values of the latent variables for every row.

With y the answers to the observed items, S their implied covariance, mu their mean and C the
implied covariance of the factors with them: the regression score is
E(eta) + C S^-1 (y - mu), the conditional mean (Thomson 1938; Thurstone 1935). Bartlett's (1937,
doi:10.1111/j.2044-8295.1937.tb00863.x) is (H' S^-1 H)^-1 H' S^-1 (y - mu) + E(eta) with loadings
H, unbiased given the factors. Both use what a row has when answers are missing. Standard errors
take the parameters as known.

Observed variables of the structural part count as factors measured without error, so that they
inform Bartlett's scores of the others only through the model's paths between factors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray
from truststats.estimation.estimate import Estimate
from truststats.estimation.layout import Layout
from truststats.estimation.observed import Incomplete, group_patterns

__all__ = ["METHODS", "Scores", "determinacy", "factor_scores", "unmeasured"]

METHODS = ("regression", "bartlett")
_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Scores:
    """Factor scores of n rows on the f latent variables.

    Attributes
    ----------
    values : (n, f) array
        NaN where a row has no answer that bears on the factor.
    acov : (J, f, f) array
        Covariance matrix of the prediction errors by missing pattern.
    pattern : (n,) int array
        The pattern of each row.
    """

    values: Array
    acov: Array
    pattern: IntArray

    @property
    def se(self) -> Array:
        """The (n, f) standard errors of the scores."""
        variance = np.einsum("jff->jf", self.acov)
        with np.errstate(invalid="ignore"):
            return np.sqrt(variance)[self.pattern]


@dataclass(frozen=True, eq=False)
class _Parts:
    """What both methods need of a model: the factors' moments and their ties to the items.

    `latent` are the factors' places among the r structural nodes, whose covariance is `psi`;
    `tie` is (p, f), the covariance of items with factors, `load` is (p, r).
    """

    sigma: Array
    mu: Array
    eta: Array
    tie: Array
    load: Array
    psi: Array
    latent: IntArray


def _structural(layout: Layout, structural: IntArray) -> tuple[IntArray, IntArray]:
    """Return the observed structural nodes and all structural nodes, latent ones last."""
    observed = np.unique(structural)
    return observed, np.r_[observed, np.arange(layout.p, layout.m)].astype(np.intp)


def _parts(group: Estimate, structural: IntArray) -> _Parts:
    layout, state, p = group.layout, group.state, group.layout.p
    observed, nodes = _structural(layout, structural)
    e, b = state.e[0], state.b[0]
    load = b[:p, nodes].copy()
    load[observed] = 0.0
    load[observed, np.arange(len(observed))] = 1.0
    latent = np.arange(p, layout.m)
    if layout.has_means:
        mu, eta = state.mu[0], state.nu[0][latent]
    else:
        # as in the same model with means: free intercepts of items, none of factors
        mu = group.sample.mean
        inner = np.eye(len(latent)) - b[np.ix_(latent, latent)]
        eta = cast(Array, np.linalg.solve(inner, b[np.ix_(latent, observed)] @ mu[observed]))
    return _Parts(
        sigma=state.sigma[0], mu=mu, eta=eta, tie=e[:p, latent], load=load,
        psi=e[np.ix_(nodes, nodes)], latent=np.arange(len(observed), len(nodes)),
    )  # fmt: skip


def unmeasured(group: Estimate, structural: IntArray) -> IntArray:
    """Return the factors, numbered from 0, that no item measures directly (second order).

    Parameters
    ----------
    group : Estimate
        Of one group.
    structural : (s,) int array
        Observed variables of the structural part, which measure nothing.
    """
    load = _parts(group, structural).load[:, -(group.layout.m - group.layout.p) :]
    return np.flatnonzero((load == 0.0).all(axis=0))


def _precisions(data: Incomplete, sigma: Array) -> Iterator[tuple[IntArray, Array]]:
    """Yield pattern numbers and inverses of their observed blocks, (J, p, p), zero elsewhere."""
    w = np.linalg.inv(sigma)
    complete = np.ones(data.n_patterns, dtype=bool)
    for group in data.groups:
        complete[group.pattern_ids] = False
    if complete.any():
        yield np.flatnonzero(complete), w[None]
    for group in data.groups:
        for start in range(0, len(group.counts), _CHUNK):
            at = group.missing[start : start + _CHUNK]
            inner = np.linalg.inv(w[at[:, :, None], at[:, None, :]])
            w_m = w[at]
            full = w - w_m.swapaxes(1, 2) @ inner @ w_m
            yield group.pattern_ids[start : start + _CHUNK], full


def _regression(parts: _Parts, precision: Array) -> tuple[Array, Array]:
    """Return weights (J, f, p) and the covariance matrices of the errors (J, f, f)."""
    weights = parts.tie.T @ precision
    own = parts.psi[np.ix_(parts.latent, parts.latent)]
    return weights, own - weights @ parts.tie


def _bartlett(parts: _Parts, precision: Array) -> tuple[Array, Array]:
    """Return weights (J, f, p) and the covariance matrices of the errors (J, f, f).

    NaN for a factor that the observed items of a pattern do not determine.
    """
    inner = parts.load.T @ precision @ parts.load
    inverse = np.linalg.pinv(inner, rcond=1e-10, hermitian=True)
    shown = np.abs(np.einsum("jrs,jsr->jr", inverse, inner) - 1.0) < 1e-6
    weights = inverse @ parts.load.T @ precision
    error = inverse - parts.psi
    weights, error = weights[:, parts.latent], error[:, parts.latent[:, None], parts.latent]
    hidden = ~shown[:, parts.latent]
    weights[hidden] = np.nan
    error[hidden] = np.nan
    error.swapaxes(1, 2)[hidden] = np.nan
    return weights, error


def factor_scores(group: Estimate, rows: Array, method: str, structural: IntArray) -> Scores:
    """Return the scores of rows under a group's estimate.

    Parameters
    ----------
    group : Estimate
        Of one group.
    rows : (n, p) array
        Answers in the model's order, NaN where missing; rows of this fit or others.
    method : {"regression", "bartlett"}
    structural : (s,) int array
        Observed variables on either side of a regression, and exogenous ones.
    """
    parts = _parts(group, structural)
    some = cast(BoolArray, ~np.isnan(rows).all(axis=1))
    out = np.full((len(rows), len(parts.latent)), np.nan)
    pattern = np.full(len(rows), -1, dtype=np.intp)
    if not some.any():
        return Scores(out, np.full((1, out.shape[1], out.shape[1]), np.nan), pattern)
    data = group_patterns(rows[some])
    pattern[some] = data.pattern
    gap = np.where(data.observed, data.filled - parts.mu, 0.0)
    size = len(parts.latent)
    # the last pattern stands for rows without any answer
    weights = np.zeros((data.n_patterns, size, data.p))
    acov = np.full((data.n_patterns + 1, size, size), np.nan)
    weigh = _regression if method == "regression" else _bartlett
    for ids, precision in _precisions(data, parts.sigma):
        weights[ids], acov[ids] = weigh(parts, precision)
    out[some] = parts.eta + _apply(weights, gap, data.pattern)
    return Scores(out, acov, pattern)


def _apply(weights: Array, gap: Array, pattern: IntArray) -> Array:
    """Return each row's gap under its pattern's weights, (n, f)."""
    if len(weights) == 1:
        return gap @ weights[0].T
    out = np.empty((len(gap), weights.shape[1]))
    for start in range(0, len(gap), _CHUNK * 16):
        part = slice(start, start + _CHUNK * 16)
        out[part] = np.einsum("nfp,np->nf", weights[pattern[part]], gap[part])
    return out


def determinacy(group: Estimate, method: str, structural: IntArray) -> Array:
    """Return the (f,) correlations between complete rows' scores and the factors themselves.

    sqrt of the diagonals of C S^-1 C' over Phi for regression scores and of Phi over
    (H' S^-1 H)^-1 for Bartlett's (Grice 2001, doi:10.1037/1082-989X.6.4.430); its square is the
    reliability of the scores. NaN where an improper solution gives a negative variance.
    """
    parts = _parts(group, structural)
    precision = np.linalg.inv(parts.sigma)[None]
    variance = np.diag(parts.psi)[parts.latent]
    with np.errstate(invalid="ignore", divide="ignore"):
        if method == "regression":
            error = np.einsum("jff->jf", _regression(parts, precision)[1])[0]
            return np.sqrt((variance - error) / variance)
        error = np.einsum("jff->jf", _bartlett(parts, precision)[1])[0]
        return np.sqrt(variance / (variance + error))
