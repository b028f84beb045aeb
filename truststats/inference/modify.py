"""Modification indices: score tests of parameters that a model fixes, and their power.

With s the gradient of the log-likelihood per case for a fixed parameter, I the information of all
parameters and V = I_kk - I_k. Z (Z' I Z)^-1 Z' I_.k what it leaves for that parameter once the
free ones adapt (Z spans what constraints leave open), the index is N s^2 / V and the expected
change of the parameter s / V. All candidates are done in one pass; nothing is refitted.
Source: Sorbom (1989), doi:10.1007/BF02294623; Saris, Satorra & Sorbom (1987),
doi:10.2307/271030; for the power Saris, Satorra & van der Veld (2009),
doi:10.1080/10705510903203433.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.special import chdtri, chndtr

from truststats.arrays import Array, IntArray
from truststats.estimation.derivatives import expected_information, gradient
from truststats.estimation.estimate import Estimate
from truststats.estimation.fiml import expect, incomplete_information
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import COVARIANCE, INTERCEPT, PATH, Layout
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.candidates import OPERATORS, Candidate, cell_of, extend
from truststats.inference.vcov import inverse
from truststats.inference.wider import WeightedScore, added, targets_of, weighted_score

__all__ = [
    "Modification",
    "decide",
    "mi_power",
    "modification",
    "score_and_information",
    "standardized_change",
]

#: Share of a parameter's information below which the others determine it wholly.
_NOTHING_LEFT = 1e-8
#: How many candidates are looked at together: their derivatives are kept.
_AT_ONCE = 1000


@dataclass(frozen=True)
class Modification:
    """Score tests of single fixed parameters.

    Attributes
    ----------
    mi : (K,) array
        Modification index, a chi-square with one degree of freedom; NaN where the parameter would
        not be identified beside the free ones.
    epc : (K,) array
        Expected parameter change.
    robust : (K,) array or None
        For ordinal items the index divided by its mean under the model, a chi-square also where
        the weight is not the inverse of the moments' covariance matrix.
    """

    mi: Array
    epc: Array
    robust: Array | None = None


def score_and_information(
    estimate: Estimate, layouts: Sequence[Layout], theta: Array
) -> tuple[Array, Array]:
    """Return the gradient (q,) and expected information (q, q) per case of wider layouts.

    Parameters
    ----------
    estimate : Estimate
        For its data.
    layouts : sequence of Layout
        A layout a group over one theta.
    theta : (q,) array
        Where to evaluate.

    Notes
    -----
    Under missing values the information takes the patterns as given (missing completely at
    random), as lavaan's score tests do whatever information the fit used.
    """
    score, info = np.zeros(len(theta)), np.zeros((len(theta), len(theta)))
    for group, layout, share in zip(estimate.groups, layouts, estimate.shares, strict=True):
        state = evaluate(layout, theta[None])
        w = cast(Array, np.linalg.inv(state.sigma[0]))
        data = group.sample.incomplete
        if data is not None:
            step = expect(data, state.sigma[0], state.mu[0])
            second, gap = step.second, step.gap
            one = incomplete_information(layout, state, data, step, observed=False)
        else:
            second, gap = group.second_moment()
            one = expected_information(layout, state, w[None])[0]
        g_mat: Array = w @ (second - state.sigma[0]) @ w
        score += share * gradient(layout, state, g_mat[None], (w @ gap)[None])[0]
        info += share * one
    return score, info


def modification(estimate: Estimate, wanted: Sequence[Candidate], kind: str = "ML") -> Modification:
    """Return modification indices and expected changes of fixed parameters.

    Parameters
    ----------
    estimate : Estimate
        A converged estimate.
    wanted : sequence of Candidate
        From `truststats.inference.candidates.candidates`.
    kind : {"ML", "GLS", "WLS", "ULS"}
        The discrepancy of an estimate from continuous answers.

    Notes
    -----
    Normal theory throughout, with the expected information, as in lavaan: the index of a robust
    or clustered fit is the one of the same fit without the correction, and too large where
    answers are heavy-tailed or alike within clusters. For weighted least squares s = d'V r and
    I = D'V D, for residual moments r and weight V. The robust index of ordinal items divides
    N s^2 by the variance of s, w' Gamma w with w = V d - V D (D'V D)^-1 D'V d: the generalised
    score test (Satorra 1989, doi:10.1007/BF02294453).
    """
    blocks = range(0, max(len(wanted), 1), _AT_ONCE)
    found = [_block(estimate, wanted[k : k + _AT_ONCE], kind) for k in blocks]
    robust = [one.robust for one in found if one.robust is not None]
    return Modification(
        np.concatenate([one.mi for one in found]),
        np.concatenate([one.epc for one in found]),
        np.concatenate(robust) if robust else None,
    )


def _block(estimate: Estimate, wanted: Sequence[Candidate], kind: str) -> Modification:
    """Return the indices of some candidates."""
    q = len(estimate.theta)
    theta = np.concatenate([estimate.theta, [c.value for c in wanted]])
    got = _wider(estimate, wanted, theta, kind)
    score, info = got.score, got.info
    bread, _ = inverse(info[:q, :q], estimate.null)
    cross = info[:q, q:]
    taken = bread @ cross
    own = np.diag(info)[q:]
    left = own - np.einsum("qk,qk->k", cross, taken)
    left = np.where(left > _NOTHING_LEFT * np.abs(own), left, np.nan)
    mi = estimate.n * score[q:] ** 2 / left
    if got.meat is None:
        return Modification(mi, score[q:] / left)
    spread = np.diag(got.meat)[q:] - 2.0 * np.einsum("qk,qk->k", taken, got.meat[:q, q:])
    spread = spread + np.einsum("qk,qr,rk->k", taken, got.meat[:q, :q], taken, optimize=True)
    return Modification(mi, score[q:] / left, mi * left / spread)


def _wider(
    estimate: Estimate, wanted: Sequence[Candidate], theta: Array, kind: str
) -> WeightedScore:
    """Return gradient and information with the candidates as the last elements of theta."""
    q = len(estimate.theta)
    items = isinstance(estimate, OrdinalEstimate)
    if items or kind != "ML":
        targets = added(targets_of(estimate, kind), wanted, q)
        return weighted_score(estimate, targets, theta, meat=items)
    layouts: list[Layout] = []
    for number, group in enumerate(estimate.groups, start=1):
        at = [k for k, c in enumerate(wanted) if c.group == number]
        nodes = group.layout.nodes
        cells = [cell_of((wanted[k].lhs, wanted[k].op, wanted[k].rhs), nodes) for k in at]
        par = q + np.array(at, dtype=np.intp)
        layouts.append(extend(group.layout, cells, par, len(theta)))
    return WeightedScore(*score_and_information(estimate, layouts, theta))


def standardized_change(
    estimate: Estimate, wanted: Sequence[Candidate], epc: Array, exogenous: Sequence[str] = ()
) -> dict[str, Array]:
    """Return the expected changes in standard deviations: ``lv``, ``all`` and ``nox``.

    Paths by the model's standard deviations of both ends, residual covariances by the residual
    standard deviations, variances by the variance, intercepts by the standard deviation. ``lv``
    standardises latent variables only; ``nox`` leaves the sources that are `exogenous` as they are.
    Thresholds are divided by the standard deviation of the normal response, and scaling factors,
    its reciprocal, multiplied by it.
    """
    out = {name: np.full(len(wanted), np.nan) for name in ("lv", "all", "nox")}
    for number, group in enumerate(estimate.groups, start=1):
        mine = [k for k, c in enumerate(wanted) if c.group == number]
        inside = [k for k in mine if wanted[k].op in OPERATORS]
        at = np.array(inside, dtype=np.intp)
        layout, state = group.layout, group.state
        rows = [(wanted[k].lhs, wanted[k].op, wanted[k].rhs) for k in inside]
        cells = np.array([cell_of(row, layout.nodes) for row in rows], dtype=np.intp)
        cells = cells.reshape(-1, 3)
        with np.errstate(invalid="ignore"):
            total = np.sqrt(state.variances[0])
            residual = np.sqrt(np.diag(state.psi[0]))
        given = np.array([node in exogenous for node in layout.nodes], dtype=bool)
        observed = np.arange(layout.m) < layout.p
        sd_lv, res_lv = np.where(observed, 1.0, total), np.where(observed, 1.0, residual)
        sources = np.where(given, 1.0, total)
        out["lv"][at] = _by_deviations(cells, epc[at], sd_lv, sd_lv, res_lv)
        out["all"][at] = _by_deviations(cells, epc[at], total, total, residual)
        out["nox"][at] = _by_deviations(cells, epc[at], sources, total, residual)
        for k in mine:
            if wanted[k].op not in OPERATORS:
                sd = total[layout.nodes.index(wanted[k].lhs)]
                out["lv"][k] = epc[k]
                out["all"][k] = out["nox"][k] = epc[k] * (sd if wanted[k].op == "~*~" else 1 / sd)
    return out


def _by_deviations(cells: IntArray, epc: Array, source: Array, sd: Array, sd_res: Array) -> Array:
    """Return changes divided by deviations, those of paths times the source's deviation."""
    kind, i, j = cells.T
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.where(i == j, sd[i] * sd[j], sd_res[i] * sd_res[j])
        by_kind = {PATH: epc * source[j] / sd[i], COVARIANCE: epc / between, INTERCEPT: epc / sd[i]}
    return cast(Array, np.select([kind == k for k in by_kind], list(by_kind.values())))


def mi_power(
    mi: Array, epc: Array, *, delta: float = 0.1, alpha: float = 0.05
) -> tuple[Array, Array]:
    """Return the noncentrality (mi / epc^2) delta^2 and the power of the score test for it.

    Parameters
    ----------
    mi, epc : (K,) arrays
    delta : float
        The misspecification that should not be missed, in the parameter's own unit.
    alpha : float
        Level of the test.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        ncp = mi / epc**2 * delta**2
    return ncp, 1.0 - chndtr(chdtri(1, alpha), 1, ncp)


def decide(mi: Array, power: Array, *, alpha: float = 0.05, high: float = 0.75) -> Array:
    """Return the decision of Saris, Satorra & van der Veld (2009, Table 2) per parameter.

    "misspecified" (significant although power is low), "not misspecified" (not significant
    although power is high), "look at epc" (significant, power high: judge the size of the change)
    or "inconclusive" (neither).
    """
    significant, strong = mi > chdtri(1, alpha), power >= high
    words = np.where(
        significant,
        np.where(strong, "look at epc", "misspecified"),
        np.where(strong, "not misspecified", "inconclusive"),
    )
    return np.where(np.isnan(mi), "", words)
