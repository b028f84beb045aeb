"""The baseline of a model with auxiliary variables: these keep their correlations with all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from truststats.arrays import Array
from truststats.estimation.auxiliary import baseline_with_correlates
from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.observed import Moments
from truststats.estimation.sample import Sample, shares_of
from truststats.estimation.solve_missing import look_casewise
from truststats.estimation.stack import Stack
from truststats.inference.vcov import information

__all__ = ["auxiliary_baseline"]

_NEWTON_STEPS = 50
_LAST = 1e-10


def auxiliary_baseline(
    samples: Sequence[Sample], names: Sequence[str], auxiliary: Sequence[str]
) -> Estimate:
    """Return the estimate of uncorrelated model variables beside saturated auxiliary ones.

    The correlates stay, for a baseline has to be nested in the model (Widaman & Thompson 2003,
    doi:10.1037/1082-989X.8.1.16). It misfits by design, where Fisher scoring is slow, so that
    Newton steps follow.

    Parameters
    ----------
    samples : sequence of Sample
        One per group, with missing values; the model's variables first.
    names, auxiliary : sequence of str
        The model's observed variables and the auxiliary ones.
    """
    layouts = baseline_with_correlates(names, auxiliary, len(samples))
    found = estimate_ml(layouts, tuple(samples))
    return found if found.converged else _newton(found)


def _newton(estimate: Estimate) -> Estimate:
    """Return the estimate after Newton steps on the casewise log-likelihood."""
    stack = Stack(estimate.layouts, shares_of(estimate.samples))
    parts = tuple(s.incomplete or Moments(s.n, s.mean, s.cov) for s in estimate.samples)
    theta, reached = estimate.theta, False
    at = look_casewise(stack, parts, theta)
    for _ in range(_NEWTON_STEPS):
        step = _direction(replace(estimate, theta=theta), at.slope[0])
        reached = abs(estimate.n * float(at.slope[0] @ step)) < _LAST * len(theta)
        factor = 1.0
        new = look_casewise(stack, parts, theta + step)
        while new.value > at.value + 1e-12 * abs(at.value) and factor > 1e-4:
            factor /= 2.0
            new = look_casewise(stack, parts, theta + factor * step)
        if new.value > at.value + 1e-12 * abs(at.value):
            break
        theta, at = theta + factor * step, new
        if reached:
            break
    solution = replace(
        estimate.solution, theta=theta[None], value=np.array([at.value]),
        converged=np.array([reached]), gradient=at.slope,
    )  # fmt: skip
    logl = -estimate.n * at.value
    chisq = 2.0 * (estimate.saturated_logl - logl)
    return replace(estimate, theta=theta, solution=solution, logl=logl, chisq=chisq)


def _direction(estimate: Estimate, slope: Array) -> Array:
    """Return the Newton step, or one by Fisher scoring where the Hessian is not definite."""
    for kind in ("observed", "expected"):
        info = information(estimate, kind)
        if np.linalg.eigvalsh(info)[0] > 0:
            return np.linalg.solve(info, slope)
    return slope
