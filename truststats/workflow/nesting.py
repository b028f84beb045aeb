"""`net`: whether two models are nested or equivalent (Bentler & Satorra 2010)."""

from __future__ import annotations

import numpy as np

from truststats.errors import ConvergenceError, DataError
from truststats.estimation.constraints import constraints_of
from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.observed import Moments
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.reproduce import reproduce
from truststats.estimation.sample import Sample, sample_from_moments
from truststats.results.fit import Fit
from truststats.results.nesting import Nesting
from truststats.results.part import refuse_explored

__all__ = ["net", "refit_to_implied"]

#: Chi-square below which a model reproduces the other's implied moments.
_ZERO = 1e-4


def refit_to_implied(target: Fit, source: Fit) -> Estimate:
    """Return target's model fitted to source's implied moments.

    Raises
    ------
    ConvergenceError
        If it did not converge.
    """
    mine, other = target.estimate, source.estimate
    if isinstance(mine, OrdinalEstimate) and isinstance(other, OrdinalEstimate):
        return _converged(reproduce(mine, other, constraints_of(target.partable)))
    names = list(target.partable.ov)
    order = [source.partable.ov.index(name) for name in names]
    samples: list[Sample] = []
    for group in source.estimate.groups:
        sigma, mean = group.state.sigma[0], np.zeros(len(names))
        if group.has_means:
            mean = group.state.mu[0][order]
        samples.append(sample_from_moments(Moments(group.n, mean, sigma[np.ix_(order, order)])))
    got = estimate_ml(
        target.estimate.layouts, samples, start=target.estimate.theta,
        constraints=constraints_of(target.partable),
    )  # fmt: skip
    return _converged(got)


def _converged(got: Estimate) -> Estimate:
    """Return an estimate of implied moments, or raise that it did not converge."""
    if not got.converged:
        raise ConvergenceError(
            "A model did not converge on the other's implied moments.",
            why="the check cannot tell whether they are nested",
            fix="look at the problems of both fits first",
        )
    return got


def _misfit(target: Fit, source: Fit) -> float:
    """Return the chi-square of target's model fitted to source's implied moments."""
    return max(refit_to_implied(target, source).chisq, 0.0)


def net(fit_a: Fit, fit_b: Fit) -> Nesting:
    """Return whether two fitted models are nested or equivalent.

    Each model is fitted to the other's implied moments; one that reproduces them exactly
    contains the other.

    Parameters
    ----------
    fit_a, fit_b : Fit
        Fits of the same variables, both with or both without means.

    Raises
    ------
    DataError
        If the variables differ.
    ConvergenceError
        If a fit, or a refit to the other's implied moments, did not converge.

    Notes
    -----
    The NET procedure of Bentler & Satorra (2010), doi:10.1037/a0019625. It holds at these
    estimates; chains of unusual constraints can make a local exception.
    """
    for fit in (fit_a, fit_b):
        refuse_explored(fit, "Nesting")
    if not (fit_a.converged and fit_b.converged):
        raise ConvergenceError(
            "Nesting is checked at estimates, and one of the fits did not converge.",
            fix="look at its problems first",
        )
    a, b = set(fit_a.partable.ov), set(fit_b.partable.ov)
    if a != b:
        raise DataError(
            f"The models do not share their variables: {', '.join(sorted(a ^ b))}.",
            fix="fit both models to the same variables",
        )
    if fit_a.groups != fit_b.groups:
        raise DataError(
            "The models do not share their groups.",
            where=f"{', '.join(fit_a.groups) or 'one group'}; "
            f"{', '.join(fit_b.groups) or 'one group'}",
            fix="fit both with the same group= and group_label=",
        )
    if dict(fit_a.partable.levels) != dict(fit_b.partable.levels):
        raise DataError(
            "The models do not treat the same variables as ordinal items.",
            fix="pass the same ordered= to both",
        )
    if fit_a.estimate.has_means != fit_b.estimate.has_means:
        raise DataError(
            "Only one of the models has a mean structure.", fix="pass meanstructure=True to both"
        )
    a_to_b = _misfit(fit_b, fit_a)
    b_to_a = _misfit(fit_a, fit_b)
    if a_to_b < _ZERO and b_to_a < _ZERO:
        relation = "equivalent"
    elif a_to_b < _ZERO:
        relation = "a in b"
    elif b_to_a < _ZERO:
        relation = "b in a"
    else:
        relation = "not nested"
    return Nesting(relation, fit_a.df, fit_b.df, a_to_b, b_to_a)
