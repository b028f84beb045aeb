"""Reliability of scales of ordinal items: of the answers themselves, and of the responses below.

Omega is that of the sum of the answers (Green & Yang 2009, doi:10.1007/s11336-008-9099-3). Alpha
of the polychoric correlations ("ordinal alpha", Zumbo, Gadermann & Zeisser 2007,
doi:10.22237/jmasm/1177992180) is that of a sum of normal responses which nobody observes (Chalmers
2018, doi:10.1177/0013164417727036), as are maximal reliability and average variance extracted.

Given exogenous covariates all variances are whole ones, with what the covariates explain: what
they explain of a factor counts as its variance. Responses are then normal if covariates are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from truststats.arrays import Array
from truststats.estimation.implied import evaluate
from truststats.estimation.implied_items import Cuts, modelled
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.standardize import delta_covariance, jacobian
from truststats.psychometrics.coefficients import Coefficient, model_coefficients, values_of
from truststats.psychometrics.composites import Composite, pieces_of
from truststats.psychometrics.ordered import Steps, answer_covariance, answer_share_slope
from truststats.psychometrics.reliability import alpha, alpha_slope, total_of

__all__ = ["OF_ANSWERS", "OF_RESPONSES", "answer_values", "ordinal_coefficients", "steps_of"]

#: Coefficients of the sum of the answers, by kind of composite, and what of the common they count.
OF_ANSWERS: Mapping[str, tuple[str, ...]] = {
    "congeneric": ("omega_categorical",),
    "second_order": ("omega_categorical", "omega_hierarchical"),
    "bifactor": ("omega_categorical", "omega_hierarchical"),
    "unclear": ("omega_categorical",),
}
#: Coefficients of the normal responses.
OF_RESPONSES: Mapping[str, tuple[str, ...]] = {
    "congeneric": ("maximal", "ave"),
    "second_order": ("omega_level2",),
    "bifactor": ("ecv",),
    "unclear": (),
}


def steps_of(group: OrdinalEstimate, items: Array) -> Steps:
    """Return how far apart the codes of some items are."""
    (got,) = group.moments
    apart = [np.diff(got.levels[i]) for i in _places(group, items)]
    out = np.zeros((len(apart), max(len(own) for own in apart)))
    for k, own in enumerate(apart):
        out[k, : len(own)] = own
    return Steps(out)


def _standard(
    group: OrdinalEstimate, composite: Composite, steps: Steps, theta: Array
) -> tuple[Array, Array, Array, Array]:
    """Return true, common and all correlations (B, k, k), and thresholds (B, k, C)."""
    layout, (cuts,) = group.layout, group.cuts
    state = evaluate(layout, theta)
    raw = pieces_of(layout, composite, state)
    x = raw.standardized()
    scale = np.einsum("bii->bi", raw.total) ** -0.5
    tau = [
        scale[:, [k]] * (_values(cuts, i, theta) - state.mu[:, [i]])
        for k, i in enumerate(composite.items)
    ]
    common = x.true if composite.kind == "congeneric" else x.common
    return x.true, common, x.total, steps.padded(tau)


def _values(cuts: Cuts, item: int, theta: Array) -> Array:
    return cuts.values(theta)[:, cuts.item == item]


def _whole(group: OrdinalEstimate, items: Array) -> Array:
    """Return the sample's correlations of responses, with what covariates explain of them."""
    cov = group.sample.cov[np.ix_(items, items)]
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd)


def _places(group: OrdinalEstimate, items: Array) -> Array:
    """Return where items stand among the variables of the sample's statistics."""
    (got,) = group.moments
    return np.array([got.names.index(group.layout.nodes[i]) for i in items], dtype=np.intp)


def answer_values(
    group: OrdinalEstimate, composite: Composite, signs: Array, theta: Array
) -> Array:
    """Return the (B, r) coefficients of the sum of the answers at a batch of parameter vectors."""
    steps = steps_of(group, composite.items)
    true, common, total, tau = _standard(group, composite, steps, theta)
    whole = total_of(answer_covariance(total, tau, steps, own=True), signs)
    parts = {"omega_categorical": common, "omega_hierarchical": true}
    return np.stack(
        [
            total_of(answer_covariance(parts[name], tau, steps, own=False), signs) / whole
            for name in OF_ANSWERS[composite.kind]
        ],
        axis=1,
    )


def _of_answers(
    group: OrdinalEstimate, composite: Composite, signs: Array, vcov: Array
) -> list[Coefficient]:
    steps = steps_of(group, composite.items)
    here = [x[0] for x in _standard(group, composite, steps, group.theta[None])]
    out: list[Coefficient] = []
    for name in OF_ANSWERS[composite.kind]:
        at = 0 if name == "omega_hierarchical" else 1

        def function(theta: Array, at: int = at) -> Array:
            made = _standard(group, composite, steps, theta)
            kept = (made[at], made[2], made[3])
            return np.concatenate([x.reshape(len(theta), -1) for x in kept], axis=1)

        value, *slopes = answer_share_slope(here[at], here[2], here[3], steps, signs)
        slope = np.concatenate([x.ravel() for x in slopes]) @ jacobian(function, group.theta)
        out.append(Coefficient(name, value, float(np.sqrt(slope @ vcov @ slope))))
    return out


def _observed(group: OrdinalEstimate, composite: Composite, signs: Array) -> Coefficient:
    """Return omega whose total variance has the polychoric correlations, not the implied ones."""
    steps = steps_of(group, composite.items)
    _, common, _, tau = (x[0] for x in _standard(group, composite, steps, group.theta[None]))
    whole = answer_covariance(_whole(group, composite.items), tau, steps, own=True)
    true = answer_covariance(common, tau, steps, own=False)
    value = float(total_of(true, signs) / total_of(whole, signs))
    return Coefficient("omega_categorical_observed", value)


def _ordinal_alpha(group: OrdinalEstimate, items: Array, signs: Array) -> Coefficient:
    (got,) = group.moments
    corr = _whole(group, items)
    slope = _by_statistics(group, items, corr, alpha_slope(corr, signs))
    variance = float(slope @ got.gamma_times(slope[:, None])[:, 0]) / got.n
    return Coefficient("alpha_ordinal", float(alpha(corr, signs)), float(np.sqrt(variance)))


def _by_statistics(group: OrdinalEstimate, items: Array, corr: Array, by_corr: Array) -> Array:
    """Return derivatives (k,) by the statistics from those by the whole correlations of items.

    Whole covariances are T = R + B S B' with residual correlations R, slopes B and the covariances
    S of the exogenous variables, and correlations are T over the roots of its diagonal.
    """
    (got,), cov = group.moments, group.sample.cov
    variance = np.diag(cov)[items]
    own = by_corr / np.sqrt(np.outer(variance, variance))
    own -= np.diag((by_corr * corr).sum(axis=1) / variance)
    at, x = _places(group, items), modelled(group.layout)[1]
    full = np.zeros(got.cov.shape)
    full[np.ix_(at, at)] = own
    col, row = np.triu_indices(len(full), 1)
    out = np.zeros(len(got.gamma_diagonal))
    first = len(got.thresholds)
    out[first : first + got.slopes.size] = (2.0 * full @ got.slopes @ cov[np.ix_(x, x)]).T.ravel()
    out[-len(row) :] = 2.0 * full[row, col]
    return out


def _of_responses(
    group: OrdinalEstimate, composite: Composite, signs: Array, vcov: Array
) -> list[Coefficient]:
    names = OF_RESPONSES[composite.kind]
    if not names:
        return []

    def function(theta: Array) -> Array:
        state = evaluate(group.layout, theta)
        return values_of(names, pieces_of(group.layout, composite, state).standardized(), signs)

    value = function(group.theta[None])[0]
    se = np.sqrt(np.diag(delta_covariance(function, group.theta, vcov)))
    return [Coefficient(n, float(v), float(e)) for n, v, e in zip(names, value, se, strict=True)]


def ordinal_coefficients(
    group: OrdinalEstimate, composite: Composite, signs: Array, vcov: Array
) -> Sequence[Coefficient]:
    """Return the coefficients of one group's scale of ordinal items, but alpha of the answers."""
    names = (*OF_ANSWERS[composite.kind], *OF_RESPONSES[composite.kind])
    plain = model_coefficients(group, composite, signs, vcov, np.eye(len(signs)))
    given = ("given_covariates",) if group.moments[0].x_names else ()
    problems = (*plain[0].problems, *given)
    first = replace(_ordinal_alpha(group, composite.items, signs), problems=given)
    if np.isnan(plain[0].value):
        return [first, *(Coefficient(n, float("nan"), problems=problems) for n in names)]
    with np.errstate(invalid="ignore"):
        made = [
            *_of_answers(group, composite, signs, vcov),
            *([_observed(group, composite, signs)] if composite.kind == "congeneric" else []),
            *_of_responses(group, composite, signs, vcov),
        ]
    return [first, *(replace(one, problems=problems) for one in made)]
