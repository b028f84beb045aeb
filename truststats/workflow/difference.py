"""The difference test of two nested fits, by the method that suits their estimator."""

from __future__ import annotations

from dataclasses import replace

from truststats.arrays import Array
from truststats.errors import NotSupportedError, OptionError
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.difference import (
    Difference,
    centred_meat,
    moment_slopes,
    of_pieces,
    plain_difference,
    restrictions,
    satorra_2000,
    satorra_bentler,
)
from truststats.inference.moment_structure import bread, traces
from truststats.inference.ordinal import ordinal_pieces
from truststats.inference.residual_tests import weighted_pieces
from truststats.inference.tests import saturated_traces, yuan_bentler_mplus
from truststats.inference.vcov import information
from truststats.options import choose
from truststats.results.fit import Fit
from truststats.results.part import refuse_explored
from truststats.workflow.nesting import refit_to_implied

__all__ = ["METHODS", "difference", "method_for"]

METHODS = ("standard", "satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000")
_LIKELIHOOD = ("ML", "MLR", "MLM", "MLMV", "MLMVS")
#: Robust least squares of continuous answers, and the discrepancy that they minimise.
_LEAST = {"ULSM": "ULS", "ULSMV": "ULS", "ULSMVS": "ULS"}
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
    for fit in (smaller, larger):
        refuse_explored(fit, "A difference test", "compare AIC and BIC")
    chosen = method_for(larger, method)
    if smaller.test_type != larger.test_type:
        raise OptionError(
            f"The fits have different tests, {smaller.test_type} and {larger.test_type}.",
            fix="fit every model with the same estimator",
        )
    if smaller.estimator != larger.estimator and larger.partable.levels:
        raise OptionError(
            f"The fits have different estimators, {smaller.estimator} and {larger.estimator}.",
            fix="fit every model with the same estimator",
        )
    _refuse_unknown(larger, chosen)
    t0, t1 = smaller.test.chisq, larger.test.chisq
    if chosen == "standard":
        return plain_difference(t0, smaller.df, t1, larger.df)
    if chosen == "satorra_2000":
        return _satorra_2000(smaller, larger, a_method, adjust)
    c0, c1 = (fit.scaled[0].scaling_factor if fit.scaled else 1.0 for fit in (smaller, larger))
    if chosen == "satorra_bentler_2010" and larger.df:
        c1 = _factor_at(larger, refit_to_implied(larger, smaller))
    return satorra_bentler(t0, smaller.df, c0, t1, larger.df, c1, method=chosen)


def _refuse_unknown(fit: Fit, method: str) -> None:
    """Refuse differences whose distribution is not known or not checked, whatever the method."""
    items = bool(fit.partable.levels)
    if items and fit.scaled is None and fit.estimator != "WLS":
        raise NotSupportedError(
            f"The plain differences of estimator={fit.estimator!r} have no distribution.",
            why="its weight is not the inverse of the moments' covariance matrix",
            fix="fit every model with estimator='WLSMV' or 'ULSMV'",
        )
    if items and fit.test_type in _ADJUSTED and method.startswith("satorra_bentler"):
        raise NotSupportedError(
            f"method={method!r} does not go with the {fit.test_type} test of ordinal items.",
            why="it takes scaling factors that match the mean of a statistic, and nothing else",
            fix="leave method= out, or fit every model with estimator='WLSM'",
        )
    if fit.estimator.startswith("ULS") and fit.scaled is None:
        raise NotSupportedError(
            "The residual-based tests of unweighted least squares have no difference test.",
            why="they are not computed from the discrepancy that was minimised",
            fix="fit every model with estimator='ULSM'",
        )


def _factor_at(fit: Fit, at: Estimate) -> float:
    """Return the scaling factor of a fit's test at other estimates, with its own data."""
    estimate = fit.estimate
    there = replace(estimate, theta=at.theta, null=at.null)
    if isinstance(there, OrdinalEstimate):
        pieces = ordinal_pieces(there, gamma=True)
        return traces(pieces, bread(pieces, there.null)[0])[0] / there.df
    if fit.test_type != "yuan.bentler.mplus":
        raise NotSupportedError(
            f"Satorra & Bentler (2010) is not available for the {fit.test_type} test yet.",
            why="it is not checked against an independent source",
            fix="use method='satorra_bentler_2001'",
        )
    pairs = [
        saturated_traces(sample, estimate.x, has_means=estimate.has_means, kind=fit.information)
        for sample in estimate.samples
    ]
    own = sum(every - of_x for every, of_x in pairs)
    return yuan_bentler_mplus(there, own, kind=fit.information).scaling_factor


def _refuse_unchecked(fit: Fit) -> None:
    """Refuse Satorra (2000) for what is not checked against an independent source."""
    several = len(fit.estimate.groups) > 1
    items = bool(fit.partable.levels)
    known = fit.estimator in _LIKELIHOOD or fit.estimator in _LEAST
    weighted = fit.options.get("sampling_weights") is not None
    if not items and (not known or weighted):
        raise NotSupportedError(
            f"Satorra (2000) is not available for estimator={fit.estimator!r}, or sampling "
            "weights, yet.",
            why="it is not checked against an independent source",
            fix="use method='satorra_bentler_2001'",
        )
    clusters = fit.n_clusters is not None and (several or len(fit.estimate.x))
    if not items and (fit.missing != "listwise" or clusters):
        raise NotSupportedError(
            f"Satorra (2000) is not available with missing={fit.missing!r}, clusters in groups, "
            "or clusters beside fixed exogenous variables, yet.",
            why="it is not checked against an independent source",
            fix="use method='satorra_bentler_2001' or 'satorra_bentler_2010'",
        )


def _satorra_2000(smaller: Fit, larger: Fit, a_method: str, adjust: str) -> Difference:
    choose("a_method", a_method, ("delta", "exact"))
    choose("adjust", adjust, ("scaled_shifted", "scaled", "mean_var_adjusted"))
    _refuse_unchecked(larger)
    estimate = larger.estimate
    there = estimate
    if a_method == "exact":
        at = refit_to_implied(larger, smaller)
        there = replace(estimate, theta=at.theta, null=at.null)
    a = restrictions(moment_slopes(there), moment_slopes(smaller.estimate, like=estimate))
    info, middle = _information_and_meat(larger)
    if estimate.null is not None:
        info = estimate.null.T @ info @ estimate.null
        middle = estimate.null.T @ middle @ estimate.null
    gap = smaller.test.chisq - larger.test.chisq
    return satorra_2000(gap, info, middle, a, adjust=adjust)


def _information_and_meat(fit: Fit) -> tuple[Array, Array]:
    """Return the information of a fit and the variance of its score, per case."""
    estimate = fit.estimate
    if isinstance(estimate, OrdinalEstimate):
        return of_pieces(ordinal_pieces(estimate, gamma=True))
    if fit.estimator in _LEAST:
        return of_pieces(weighted_pieces(estimate, _LEAST[fit.estimator], gamma=True))
    return information(estimate, fit.information), centred_meat(estimate)
