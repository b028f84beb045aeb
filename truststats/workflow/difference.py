"""The difference test of two nested fits, by the method that suits their estimator."""

from __future__ import annotations

from dataclasses import replace

from truststats.errors import NotSupportedError, OptionError
from truststats.estimation.estimate import Estimate
from truststats.inference.difference import (
    Difference,
    centred_meat,
    moment_slopes,
    plain_difference,
    restrictions,
    satorra_2000,
    satorra_bentler,
)
from truststats.inference.tests import saturated_traces, yuan_bentler_mplus
from truststats.inference.vcov import information
from truststats.options import choose
from truststats.results.fit import Fit
from truststats.workflow.nesting import refit_to_implied

__all__ = ["METHODS", "difference", "method_for"]

METHODS = ("standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000")
_LIKELIHOOD = ("ML", "MLR", "MLM", "MLMV", "MLMVS")
_ADJUSTED = ("mean.var.adjusted", "scaled.shifted")


def method_for(fit: Fit, method: str | None) -> str:
    """Return the method asked for, or lavaan's default for the fit's test.

    Standard tests take the plain difference, mean-scaled ones Satorra & Bentler (2001), mean- and
    variance-adjusted ones Satorra (2000).
    """
    robust = fit.scaled is not None
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

    Notes
    -----
    Satorra & Bentler (2010) and the exact restrictions of Satorra (2000) want the larger model
    where it implies the smaller one's moments; it is fitted to them. lavaan carries estimates over
    by name instead, which is the same only if the larger model has all the parameters of the
    smaller one (not so from metric to scalar invariance, where latent means become free). With
    observed information both still depend on how the larger model is written.
    """
    chosen = method_for(larger, method)
    if smaller.test_type != larger.test_type:
        raise OptionError(
            f"The fits have different tests, {smaller.test_type} and {larger.test_type}.",
            fix="fit every model with the same estimator",
        )
    if larger.estimator.startswith("ULS") and larger.scaled is None:
        raise NotSupportedError(
            "The residual-based tests of unweighted least squares have no difference test.",
            why="they are not computed from the discrepancy that was minimised",
            fix="fit every model with estimator='ULSM'",
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


def _factor_at(fit: Fit, at: Estimate) -> float:
    """Return the scaling factor of a fit's test at other estimates, with its own data."""
    if fit.test_type != "yuan.bentler.mplus":
        raise NotSupportedError(
            f"Satorra & Bentler (2010) is not available for the {fit.test_type} test yet.",
            why="it is not checked against an independent source",
            fix="use method='satorra_bentler_2001'",
        )
    estimate = fit.estimate
    traces = [
        saturated_traces(sample, estimate.x, has_means=estimate.has_means, kind=fit.information)
        for sample in estimate.samples
    ]
    there = replace(estimate, theta=at.theta, null=at.null)
    own = sum(every - of_x for every, of_x in traces)
    return yuan_bentler_mplus(there, own, kind=fit.information).scaling_factor


def _satorra_2000(smaller: Fit, larger: Fit, a_method: str, adjust: str) -> Difference:
    choose("a_method", a_method, ("delta", "exact"))
    choose("adjust", adjust, ("scaled_shifted", "scaled", "mean_var_adjusted"))
    several = len(larger.estimate.groups) > 1
    if larger.estimator not in _LIKELIHOOD or larger.options.get("sampling_weights") is not None:
        raise NotSupportedError(
            f"Satorra (2000) is not available for estimator={larger.estimator!r}, or sampling "
            "weights, yet.",
            why="it is checked for maximum likelihood alone",
            fix="use method='satorra_bentler_2001'",
        )
    clusters = larger.n_clusters is not None and (several or len(larger.estimate.x))
    if larger.missing != "listwise" or clusters:
        raise NotSupportedError(
            f"Satorra (2000) is not available with missing={larger.missing!r}, clusters in groups, "
            "or clusters beside fixed exogenous variables, yet.",
            why="it is not checked against an independent source",
            fix="use method='satorra_bentler_2001' or 'satorra_bentler_2010'",
        )
    estimate = larger.estimate
    there = refit_to_implied(larger, smaller) if a_method == "exact" else estimate
    a = restrictions(moment_slopes(there), moment_slopes(smaller.estimate))
    info, middle = information(estimate, larger.information), centred_meat(estimate)
    if estimate.null is not None:
        info = estimate.null.T @ info @ estimate.null
        middle = estimate.null.T @ middle @ estimate.null
    gap = smaller.test.chisq - larger.test.chisq
    return satorra_2000(gap, info, middle, a, adjust=adjust)
