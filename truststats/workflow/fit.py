"""`fit`: the one verb that turns a model and answers into estimates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from truststats.errors import DataError, NotSupportedError, OptionError, Problem
from truststats.estimation.estimate import estimate_ml, reorder
from truststats.estimation.layout import Layout, layout_from_partable
from truststats.framework import Framework
from truststats.inference.admissibility import admissibility
from truststats.inference.baseline import baseline_test, scaled_baseline_test
from truststats.inference.tests import (
    likelihood_ratio,
    saturated_traces,
    yuan_bentler_mplus,
)
from truststats.inference.vcov import vcov
from truststats.model import Model, ParTable, build_partable, check_identified
from truststats.options import FROM_SURVEY, choose
from truststats.results.fit import Fit
from truststats.results.frames import free_names
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.data import Prepared, prepare_moments, prepare_rows
from truststats.workflow.models import absent_items, as_model, loose_covariates

__all__ = ["fit", "refit"]

_LATER: Mapping[str, str] = {
    "group": "fit each group by itself, or describe groups with survey tables",
    "sampling_weights": "pass sampling_weights=None to fit without weights, and say so",
    "ordered": "leave ordered= out: items are then treated as continuous, with a warning",
    "bounds": "fit without bounds; a negative variance is reported as a problem",
    "constraints": "use equal labels for equality",
}
_ESTIMATORS = ("ML", "MLR")
_ESTIMATORS_LATER = (
    "MLM", "MLMV", "MLMVS", "MLF", "GLS", "ULS", "ULSMV", "WLS", "DWLS", "WLSMV", "WLSM", "PML",
)  # fmt: skip


def _choose_estimator(estimator: str, cluster: Any) -> str:
    if isinstance(estimator, str) and estimator.upper() in _ESTIMATORS_LATER:
        raise NotSupportedError(
            f"estimator={estimator!r} is not available yet.",
            why="it is not yet checked against an independent source",
            fix="use estimator='MLR' (robust) or 'ML'",
        )
    name = choose("estimator", estimator, _ESTIMATORS)
    return "MLR" if cluster is not None else name


def _settings(
    estimator: str, missing: str, information: str | None, se: str | None, test: str | None
) -> dict[str, str]:
    """Return information, se and test by lavaan's defaults for the estimator."""
    robust = estimator == "MLR"
    chosen = {
        "se": choose(
            "se",
            se or ("robust.huber.white" if robust else "standard"),
            ("standard", "robust.huber.white"),
            aliases={"robust": "robust.huber.white", "sandwich": "robust.huber.white"},
        ),
        "test": choose(
            "test",
            test or ("yuan.bentler.mplus" if robust else "standard"),
            ("standard", "yuan.bentler.mplus"),
            aliases={"default": "yuan.bentler.mplus" if robust else "standard"},
        ),
    }
    any_robust = chosen["se"] != "standard" or chosen["test"] != "standard"
    default = "observed" if any_robust or missing == "ml" else "expected"
    chosen["information"] = choose("information", information or default, ("expected", "observed"))
    return chosen


def _refuse_later(options: Mapping[str, Any], survey: Any, weights: Any) -> None:
    for name, value in options.items():
        if value is not None and value is not False and name in _LATER:
            raise NotSupportedError(
                f"{name}= is not available yet.",
                why="it is not yet checked against an independent source",
                fix=_LATER[name],
            )
        if name not in _LATER:
            raise OptionError(f"fit() has no option {name!r}.", fix="see help(truststats.fit)")
    if weights is FROM_SURVEY:
        weights = survey.design.weights if survey is not None else None
    if weights is not None:
        raise NotSupportedError(
            "Sampling weights are not available yet.",
            why="an unweighted estimate would be given in their place",
            fix=_LATER["sampling_weights"],
        )


def _loadings(partable: ParTable, layout: Layout) -> list[tuple[int, int]]:
    at = {name: k for k, name in enumerate(layout.nodes)}
    rows = zip(partable.lhs, partable.op, partable.rhs, strict=True)
    return [(at[lhs], at[rhs]) for lhs, op, rhs in rows if op == "=~"]


def _user_start(partable: ParTable, q: int) -> np.ndarray[Any, Any]:
    out = np.full(q, np.nan)
    for unique, value in zip(partable.unique, partable.ustart, strict=True):
        if unique >= 0 and not np.isnan(value):
            out[unique] = value
    return out


def fit(
    model: Any,
    data: Any = None,
    *,
    estimator: str | None = None,
    missing: str | None = None,
    cluster: Any = FROM_SURVEY,
    model_type: str = "sem",
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool | None = None,
    fixed_x: bool = True,
    information: str | None = None,
    se: str | None = None,
    test: str | None = None,
    sample_cov: Any = None,
    sample_mean: Any = None,
    sample_nobs: int | None = None,
    sampling_weights: Any = FROM_SURVEY,
    **later: Any,
) -> Fit:
    """Estimate a model on answers and return a frozen `Fit`.

    Parameters
    ----------
    model : str, Model, Framework, Construct or list of Construct
        Lavaan text or something that compiles to it.
    data : Survey or frame, optional
        A survey brings its design (cluster); a plain frame is never recoded. None with
        `sample_cov`.
    estimator : {"ML", "MLR"}, optional
        "MLR" gives sandwich standard errors and the Yuan-Bentler (Mplus variant) test. Default
        "ML"; "MLR" for a framework and whenever there are clusters.
    missing : {"listwise", "ml"}, optional
        "ml" (alias "fiml") uses every row casewise. Default "listwise" as in lavaan; "ml" for a
        framework.
    cluster : str or None
        Variable whose values group dependent rows. Default: the survey's design.
    model_type, std_lv, orthogonal, meanstructure, fixed_x
        As in lavaan's `sem`.
    information : {"expected", "observed"}, optional
        Default expected for complete-data ML, else observed.
    se : {"standard", "robust.huber.white"}, optional
    test : {"standard", "yuan.bentler.mplus"}, optional
    sample_cov : DataFrame, optional
        Covariance matrix with divisor N - 1, in place of data; needs `sample_nobs`.
    sample_mean : Series or mapping, optional
    sample_nobs : int, optional
    sampling_weights : None
        Not available yet; a survey with weights needs ``None`` here.
    **later
        Options of lavaan that are not available yet raise `NotSupportedError`.

    Returns
    -------
    Fit

    Raises
    ------
    ModelSyntaxError, IdentificationError, DataError, OptionError, NotSupportedError
        Each says what, where, why and what to do.

    Notes
    -----
    The discrepancy is F_ML = log|sigma| + tr(S sigma^-1) - log|S| - p with S of divisor N
    (Joreskog 1969), minimised by Fisher scoring; with missing values the casewise normal
    log-likelihood is maximised (Arbuckle 1996).
    """
    survey = data if isinstance(data, Survey) else None
    _refuse_later(later, survey, sampling_weights)
    compiled, framework = as_model(model, data)
    from_framework = isinstance(model, Framework)
    if cluster is FROM_SURVEY:
        cluster = survey.design.cluster if survey is not None else None
    estimator = _choose_estimator(estimator or ("MLR" if from_framework else "ML"), cluster)
    missing = choose(
        "missing",
        missing or ("ml" if from_framework else "listwise"),
        ("listwise", "ml"),
        aliases={"fiml": "ml", "direct": "ml"},
    )
    chosen = _settings(estimator, missing, information, se, test)
    _check_combination(chosen, data, sample_cov, cluster)
    if data is not None and (sample_mean is not None or sample_nobs is not None):
        raise OptionError(
            "sample_mean and sample_nobs go with sample_cov, not with data.", fix="leave them out"
        )
    needs_means = missing == "ml" or cluster is not None or sample_mean is not None
    means = needs_means if meanstructure is None else meanstructure
    if missing == "ml" and not means:
        raise OptionError(
            "meanstructure=False with missing='ml'.", why="casewise likelihoods need the means",
            fix="leave meanstructure out",
        )  # fmt: skip
    partable = build_partable(
        compiled, model_type=model_type, std_lv=std_lv, orthogonal=orthogonal,
        meanstructure=means, fixed_x=fixed_x,
    )  # fmt: skip
    check_identified(partable)
    layout = layout_from_partable(partable)
    if sample_cov is not None:
        ready = prepare_moments(partable.ov, sample_cov, sample_mean, sample_nobs, layout.has_means)
    else:
        fixed = tuple(partable.ov_x) if fixed_x else ()
        ready = prepare_rows(compiled, partable.ov, data, missing=missing, cluster=cluster, x=fixed)
    options = {
        "estimator": estimator, "missing": missing, **chosen, "model_type": model_type,
        "std_lv": std_lv, "orthogonal": orthogonal, "meanstructure": layout.has_means,
        "fixed_x": fixed_x, "cluster": cluster,
    }  # fmt: skip
    synthetic = is_synthetic(data if sample_cov is None else sample_cov)
    return _estimate_and_assemble(
        compiled, partable, layout, ready, options, survey, framework, synthetic=synthetic
    )


def refit(fit: Fit, model: Model) -> Fit:
    """Estimate another model of the same variables on the rows of a fit, with its options.

    The unrestricted moments, which do not depend on the model, are taken over.

    Raises
    ------
    DataError
        If the variables differ, or the fit holds no data.
    """
    options = fit.options
    partable = build_partable(
        model, model_type=options["model_type"], std_lv=options["std_lv"],
        orthogonal=options["orthogonal"], meanstructure=options["meanstructure"],
        fixed_x=options["fixed_x"],
    )  # fmt: skip
    check_identified(partable)
    if set(partable.ov) != set(fit.partable.ov) or set(partable.ov_x) != set(fit.partable.ov_x):
        apart = sorted(set(partable.ov) ^ set(fit.partable.ov)) or sorted(partable.ov_x)
        raise DataError(
            f"The models do not share their variables: {', '.join(apart)}.",
            fix="fit the other model by itself",
        )
    if fit.loaded is not None:
        raise DataError("This fit holds no data.", fix="fit the model to the data again")
    if model.recode != fit.model.recode and fit.survey is not None:
        raise DataError("The models reverse different items.", fix="fit the model by itself")
    order = [fit.partable.ov.index(name) for name in partable.ov]
    ready = Prepared(reorder(fit.estimate.sample, order), fit.n_rows, fit.exclusions, ())
    layout = layout_from_partable(partable)
    return _estimate_and_assemble(
        model, partable, layout, ready, options, fit.survey, fit.framework,
        synthetic=fit.synthetic,
    )  # fmt: skip


def _estimate_and_assemble(
    model: Model,
    partable: ParTable,
    layout: Layout,
    ready: Prepared,
    options: Mapping[str, Any],
    survey: Survey | None,
    framework: Framework | None,
    *,
    synthetic: bool,
) -> Fit:
    """Estimate, compute standard errors and tests, and freeze everything."""
    estimate = estimate_ml(
        layout, ready.sample, _loadings(partable, layout),
        user_start=_user_start(partable, layout.q),
    )  # fmt: skip
    cov, regular, middle = vcov(estimate, options["se"], options["information"])
    sample, has_means = estimate.sample, layout.has_means
    x = np.array([partable.ov.index(name) for name in partable.ov_x], dtype=np.intp)
    test, baseline = likelihood_ratio(estimate), baseline_test(sample, x)
    scaled = None
    if options["test"] != "standard":
        every, of_x = saturated_traces(sample, x, has_means=has_means)
        own = every - of_x if options["fixed_x"] else every
        scaled = (
            yuan_bentler_mplus(estimate, own, kind=options["information"], middle=middle),
            scaled_baseline_test(sample, x, every - of_x, has_means=has_means),
        )
    names = _unique_names(partable, layout.q)
    noted: list[Problem] = [*ready.problems, *loose_covariates(partable)]
    noted += absent_items(model, survey, framework)
    noted += admissibility(estimate, regular=regular, labels=names, vcov=cov)
    return Fit(
        model=model,
        partable=partable,
        estimate=estimate,
        vcov=cov,
        test=test,
        baseline=baseline,
        scaled=scaled,
        options=options,
        exclusions=dict(ready.exclusions),
        noted=tuple(noted),
        n_rows=ready.n_rows,
        cluster_name=options["cluster"],
        survey=survey,
        framework=framework,
        synthetic=synthetic,
    )


def _check_combination(chosen: Mapping[str, str], data: Any, sample_cov: Any, cluster: Any) -> None:
    if data is None and sample_cov is None:
        raise DataError("There are no data.", fix="pass a Survey or a frame, or sample_cov=")
    if data is not None and sample_cov is not None:
        raise OptionError("Both data and sample_cov were given.", fix="pass one of them")
    robust = chosen["se"] != "standard" or chosen["test"] != "standard"
    if sample_cov is not None and robust:
        raise NotSupportedError(
            "Robust standard errors and tests cannot be computed from a covariance matrix.",
            why="they need each respondent's answers",
            fix="use estimator='ML' with sample_cov",
        )
    if robust and chosen["information"] == "expected":
        raise NotSupportedError(
            "Robust standard errors and tests use the observed information only.",
            why="the expected one is not checked against an independent source here",
            fix="leave information= out",
        )
    if cluster is not None and (chosen["se"] == "standard" or chosen["test"] == "standard"):
        raise NotSupportedError(
            "With clusters only cluster-robust standard errors and tests are given.",
            why="rows in one cluster are not independent",
            fix="leave se= and test= out, or pass cluster=None",
        )


def _unique_names(partable: ParTable, q: int) -> list[str]:
    names = [""] * q
    free = [u for u in partable.unique if u >= 0]
    for unique, name in zip(free, free_names(partable), strict=True):
        names[unique] = names[unique] or name
    return names
