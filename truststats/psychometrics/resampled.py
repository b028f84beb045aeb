"""Coefficients of reliability in resamples: the sample's covariances and the refits together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from truststats.arrays import Array
from truststats.estimation.constraints import Constraints
from truststats.estimation.estimate import Estimate
from truststats.inference.bootstrap import group_resamples, refit_draws
from truststats.psychometrics.coefficients import OF_KIND, model_values
from truststats.psychometrics.composites import Composite
from truststats.psychometrics.reliability import alpha

__all__ = ["reliability_draws"]

Drawn = dict[tuple[int, str, str], Array]


def reliability_draws(
    estimate: Estimate,
    scales: Sequence[Sequence[tuple[Composite, Array]]],
    draws: int,
    rng: np.random.Generator,
    constraints: Constraints | None = None,
) -> tuple[Drawn, int]:
    """Return the coefficients of refits to resamples of complete rows or clusters.

    Parameters
    ----------
    estimate : Estimate
        By maximum likelihood from complete rows.
    scales : one sequence per group of (Composite, (k,) signs)
    draws : int
    rng : numpy.random.Generator
    constraints : Constraints, optional
        Those the model was estimated under.

    Returns
    -------
    dict
        (draws,) values by group number, construct and coefficient; NaN where a refit failed.
    int
        Refits that failed.
    """
    found: dict[tuple[int, str, str], list[Array]] = {}
    failed = 0
    for drawn in group_resamples(estimate.samples, draws, rng):
        theta, good = refit_draws(estimate, drawn, constraints)
        failed += int((~good).sum())
        for g, (layout, own) in enumerate(zip(estimate.layouts, scales, strict=True)):
            for composite, signs in own:
                cov = drawn.cov[:, g][:, composite.items[:, None], composite.items]
                values = {"alpha": alpha(cov, signs)}
                names = OF_KIND[composite.kind]
                if composite.kind != "unclear":
                    made = model_values(layout, composite, names, signs, theta, cov)
                    made = np.where(good[:, None], made, np.nan)
                    values |= dict(zip(names, made.T, strict=True))
                for name, value in values.items():
                    found.setdefault((g, composite.construct, name), []).append(value)
    return {key: np.concatenate(parts) for key, parts in found.items()}, failed
