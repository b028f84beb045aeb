"""`bootstrap`: refit a model to resamples of rows, or of clusters where there are clusters."""

from __future__ import annotations

from typing import Any

import numpy as np

from truststats.errors import ConvergenceError, NotSupportedError
from truststats.inference.bootstrap import bootstrap_theta
from truststats.options import check_draws
from truststats.results.bootstrap import Bootstrap
from truststats.results.effect_frames import FIXED_SEED
from truststats.results.fit import Fit

__all__ = ["bootstrap"]


def bootstrap(fit: Fit, draws: int = 1000, *, seed: Any = None) -> Bootstrap:
    """Return the nonparametric bootstrap of a fit, for percentile intervals.

    Parameters
    ----------
    fit : Fit
        Estimated from complete rows.
    draws : int
        Resamples; at least 100.
    seed : int, numpy.random.Generator or None
        None is one fixed, recorded seed.

    Raises
    ------
    NotSupportedError
        For fits with missing values, and for fits from moments or read back from a file.
    ConvergenceError
        If fewer than half of the refits converge.

    Notes
    -----
    With clusters whole clusters are resampled (Davison & Hinkley 1997, section 3.8). Refits that
    fail are counted in `Bootstrap.failed`.
    """
    draws = check_draws(draws)
    samples = fit.estimate.samples
    if fit.estimate.incomplete:
        raise NotSupportedError(
            "The bootstrap is available for complete rows only.",
            why="refits by missing pattern are not yet checked against an independent source",
            fix="use fit.effects(ci='monte_carlo'), or fit with missing='listwise'",
        )
    if any(sample.rows is None for sample in samples):
        raise NotSupportedError(
            "This fit holds no rows to resample.",
            why="it was made from a covariance matrix or read back from a file",
            fix="fit the model to the data again, or use fit.effects(ci='monte_carlo')",
        )
    if not fit.estimate.linear:
        raise NotSupportedError(
            "The bootstrap does not know inequality, nonlinear constraints or bounds yet.",
            why="which of them hold with equality may differ from resample to resample",
            fix="use fit.effects(ci='monte_carlo'), or fit without them",
        )
    rng = np.random.default_rng(FIXED_SEED if seed is None else seed)
    theta, good = bootstrap_theta(fit.estimate, draws, rng)
    if good.mean() < 0.5:
        raise ConvergenceError(
            f"Only {int(good.sum())} of {draws} refits converged.",
            fix="simplify the model or check its indicators",
        )
    shown = FIXED_SEED if seed is None else seed
    return Bootstrap(
        fit=fit,
        theta=theta[good],
        failed=int((~good).sum()),
        seed=shown if isinstance(shown, int) else "generator",
        unit=fit.cluster or "rows",
    )
