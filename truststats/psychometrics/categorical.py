"""Reliability of scales of ordinal items: of the answers themselves, and of the responses below.

Omega is that of the sum of the answers (Green & Yang 2009, doi:10.1007/s11336-008-9099-3). Alpha
of the polychoric correlations ("ordinal alpha", Zumbo, Gadermann & Zeisser 2007,
doi:10.22237/jmasm/1177992180) is that of a sum of normal responses which nobody observes (Chalmers
2018, doi:10.1177/0013164417727036), as are maximal reliability and average variance extracted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from truststats.arrays import Array
from truststats.estimation.implied import evaluate
from truststats.estimation.implied_items import Cuts
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
    (got,) = group.moments
    steps, at = steps_of(group, composite.items), _places(group, composite.items)
    _, common, _, tau = (x[0] for x in _standard(group, composite, steps, group.theta[None]))
    whole = answer_covariance(got.cov[np.ix_(at, at)], tau, steps, own=True)
    true = answer_covariance(common, tau, steps, own=False)
    value = float(total_of(true, signs) / total_of(whole, signs))
    return Coefficient("omega_categorical_observed", value)


def _ordinal_alpha(group: OrdinalEstimate, items: Array, signs: Array) -> Coefficient:
    (got,) = group.moments
    at = np.ix_(_places(group, items), _places(group, items))
    corr = got.cov[at]
    whole = np.zeros(got.cov.shape)
    whole[at] = alpha_slope(corr, signs)
    col, row = np.triu_indices(len(whole), 1)
    slope = np.zeros((len(got.gamma_diagonal), 1))
    slope[-len(row) :, 0] = 2.0 * whole[row, col]
    variance = float(slope[:, 0] @ got.gamma_times(slope)[:, 0]) / got.n
    return Coefficient("alpha_ordinal", float(alpha(corr, signs)), float(np.sqrt(variance)))


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
    if group.moments[0].x_names:
        given = ("given_covariates",)
        return [Coefficient(n, float("nan"), problems=given) for n in ("alpha_ordinal", *names)]
    plain = model_coefficients(group, composite, signs, vcov, np.eye(len(signs)))
    problems = plain[0].problems
    first = _ordinal_alpha(group, composite.items, signs)
    if np.isnan(plain[0].value):
        return [first, *(Coefficient(n, float("nan"), problems=problems) for n in names)]
    with np.errstate(invalid="ignore"):
        made = [
            *_of_answers(group, composite, signs, vcov),
            *([_observed(group, composite, signs)] if composite.kind == "congeneric" else []),
            *_of_responses(group, composite, signs, vcov),
        ]
    return [first, *(replace(one, problems=problems) for one in made)]
