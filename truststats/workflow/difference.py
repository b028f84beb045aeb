"""The difference test of two nested fits, by the method that suits their estimator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np

from truststats.arrays import Array
from truststats.errors import NotSupportedError, OptionError
from truststats.estimation.estimate import Estimate
from truststats.inference.difference import (
    Difference,
    moment_slopes,
    plain_difference,
    restrictions,
    satorra_2000,
    satorra_bentler,
)
from truststats.inference.tests import saturated_traces, yuan_bentler_mplus
from truststats.inference.vcov import casewise_scores, information, meat
from truststats.options import choose
from truststats.results.fit import Fit
from truststats.workflow.nesting import refit_to_implied

__all__ = ["METHODS", "difference", "method_for"]

METHODS = ("standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000")
_ADJUSTED = ("mean.var.adjusted", "scaled.shifted")


def method_for(fit: Fit, method: str | None) -> str:
    """Return the method asked for, or lavaan's default for the fit's test.

    Standard tests take the plain difference, mean-scaled ones Satorra & Bentler (2001), mean- and
    variance-adjusted ones Satorra (2000).
    """
    robust = fit.test_type != "standard"
    if method is None:
        if not robust:
            return "standard"
        return "satorra_2000" if fit.test_type in _ADJUSTED else "satorra_bentler_2001"
    chosen = choose("method", method.replace(".", "_"), METHODS)
    if (chosen == "standard") == robust:
        raise OptionError(
            f"method={chosen!r} does not go with the {fit.test_type} test of these fits.",
            why="a robust test needs a robust difference, and a plain one has nothing to scale",
            fix="leave method= out",
        )
    return chosen


def difference(
    smaller: Fit, larger: Fit, method: str | None = None, *, a_method: str = "delta",
    adjust: str = "scaled_shifted",
) -> Difference:  # fmt: skip
    """Return the test of the difference between a restricted fit and a larger one.

    Parameters
    ----------
    smaller, larger : Fit
        Nested fits of the same answers by the same estimator; see `net`.
    method : str, optional
        One of `METHODS`; by default lavaan's for the estimator.
    a_method : {"delta", "exact"}
        How Satorra (2000) finds the restrictions: from both models at their own estimates (as
        lavaan does by default), or where both imply the same moments.
    adjust : {"scaled_shifted", "scaled", "mean_var_adjusted"}
        How Satorra (2000) uses them; "scaled_shifted" is lavaan's default.

    Raises
    ------
    OptionError
        If the fits' tests differ, or the method does not go with them.
    NotSupportedError
        For combinations that are not checked against an independent source.
    """
    chosen = method_for(larger, method)
    if smaller.test_type != larger.test_type:
        raise OptionError(
            f"The fits have different tests, {smaller.test_type} and {larger.test_type}.",
            fix="fit every model with the same estimator",
        )
    t0, t1 = smaller.test.chisq, larger.test.chisq
    if chosen == "standard":
        return plain_difference(t0, smaller.df, t1, larger.df)
    if chosen == "satorra_2000":
        return _satorra_2000(smaller, larger, a_method, adjust)
    c0, c1 = (fit.scaled[0].scaling_factor if fit.scaled else 1.0 for fit in (smaller, larger))
    if chosen == "satorra_bentler_2010" and larger.df:
        c1 = _factor_at(larger, refit_to_implied(larger, smaller))
    return satorra_bentler(t0, smaller.df, c0, t1, larger.df, c1, method=chosen)


def _moved(estimate: Estimate, to: Estimate) -> Estimate:
    """Return an estimate at the parameters of another, with its own data."""
    return replace(estimate, theta=to.theta)


def _factor_at(fit: Fit, at: Estimate) -> float:
    """Return the scaling factor of a fit's test at other estimates."""
    if fit.test_type != "yuan.bentler.mplus" or len(fit.estimate.groups) > 1:
        raise NotSupportedError(
            f"Satorra & Bentler (2010) is not available for the {fit.test_type} test of "
            f"{len(fit.estimate.groups)} groups yet.",
            why="it is not checked against an independent source",
            fix="use method='satorra_bentler_2001'",
        )
    sample, x = fit.estimate.sample, np.array(fit.estimate.x, dtype=np.intp)
    every, of_x = saturated_traces(sample, x, has_means=fit.estimate.layout.has_means)
    there = _moved(fit.estimate, at)
    return yuan_bentler_mplus(there, every - of_x, kind=fit.information).scaling_factor


def _satorra_2000(smaller: Fit, larger: Fit, a_method: str, adjust: str) -> Difference:
    choose("a_method", a_method, ("delta", "exact"))
    choose("adjust", adjust, ("scaled_shifted", "scaled", "mean_var_adjusted"))
    groups = larger.estimate.groups
    if larger.missing == "ml" or (larger.n_clusters is not None and len(groups) > 1):
        raise NotSupportedError(
            "Satorra (2000) is not available with missing='ml', or clusters in groups, yet.",
            why="it is not checked against an independent source",
            fix="use method='satorra_bentler_2001' or 'satorra_bentler_2010'",
        )
    estimate = larger.estimate
    there: Any = refit_to_implied(larger, smaller) if a_method == "exact" else estimate
    a = restrictions(moment_slopes(there), moment_slopes(smaller.estimate))
    shares = estimate.shares
    info = sum(w * information(g, larger.information) for w, g in zip(shares, groups, strict=True))
    middle = sum(
        w * meat(casewise_scores(g), g.sample) for w, g in zip(shares, groups, strict=True)
    )
    info, middle = cast(Array, info), cast(Array, middle)
    if estimate.null is not None:
        info = estimate.null.T @ info @ estimate.null
        middle = estimate.null.T @ middle @ estimate.null
    gap = smaller.test.chisq - larger.test.chisq
    return satorra_2000(gap, info, middle, a, adjust=adjust)
