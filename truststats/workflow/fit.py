"""`fit`: the one verb that turns a model and answers into estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from truststats.errors import DataError, NotSupportedError, OptionError, Problem
from truststats.estimation.constraints import constraints_of
from truststats.estimation.estimate import estimate_ml
from truststats.estimation.layout import Layout, layouts_from_partable
from truststats.estimation.sample import reorder
from truststats.framework import Framework
from truststats.inference.admissibility import admissibility
from truststats.inference.baseline import baseline_test, scaled_baseline_test
from truststats.inference.tests import (
    likelihood_ratio,
    saturated_traces,
    yuan_bentler_mplus,
)
from truststats.inference.vcov import vcov
from truststats.model import Model, ParTable, build_partable, check_identified, with_bounds
from truststats.options import FROM_SURVEY, choose
from truststats.results.fit import Fit
from truststats.results.frames import free_names
from truststats.results.store import rules_of
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.data import Prepared, as_frame, prepare_rows
from truststats.workflow.grouping import grouping
from truststats.workflow.models import absent_items, as_model, loose_covariates
from truststats.workflow.moments import prepare_moments

__all__ = ["fit", "refit"]

_LATER: Mapping[str, str] = {
    "sampling_weights": "pass sampling_weights=None to fit without weights, and say so",
    "ordered": "leave ordered= out: items are then treated as continuous, with a warning",
    "constraints": "write them into the model text: a == b",
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
    rows = zip(partable.lhs, partable.op, partable.rhs, partable.group, strict=True)
    return [(at[lhs], at[rhs]) for lhs, op, rhs, group in rows if op == "=~" and group == 1]


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
    group: str | None = None,
    group_label: Sequence[Any] | None = None,
    group_equal: str | Sequence[str] = (),
    group_partial: str | Sequence[str] = (),
    model_type: str = "sem",
    std_lv: bool = False,
    orthogonal: bool = False,
    meanstructure: bool | None = None,
    effect_coding: bool | str | Sequence[str] = False,
    fixed_x: bool = True,
    bounds: str | None = None,
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
    group : str, optional
        Column of the groups: every parameter is estimated in each, unless `group_equal` or a
        label makes it one.
    group_label : sequence, optional
        Which groups, in which order; others are left out.
    group_equal : str or sequence of str
        What is equal over groups: "loadings", "intercepts", "means", "residuals",
        "residual_covariances", "lv_variances", "lv_covariances", "regressions".
    group_partial : str or sequence of str
        Parameters that stay free, such as "x3 ~ 1" or "trust =~ t2".
    model_type : {"sem", "cfa", "growth", "lavaan"}
        Which automatic rules complete the text.
    std_lv, orthogonal, meanstructure, effect_coding, fixed_x
        As in lavaan's `sem`.
    bounds : {"standard", "wide", "pos.var", "pos.ov.var", "pos.lv.var"}, optional
        Keep variances (and loadings) within what the data allow; see `model.with_bounds`.
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
    if sample_cov is not None and group is not None:
        raise NotSupportedError(
            "Several groups from covariance matrices are not available yet.",
            fix="fit each group by itself, or pass the rows with group=",
        )
    groups = None
    if group is not None:
        frame = survey.frame if survey is not None else as_frame(data)
        groups = grouping(data, frame, group, group_label)
    elif group_label is not None or group_equal or group_partial:
        raise OptionError("group_label, group_equal and group_partial need group=.")
    needs_means = missing == "ml" or cluster is not None or sample_mean is not None
    means = True if meanstructure is None and needs_means else meanstructure
    if missing == "ml" and means is False:
        raise OptionError(
            "meanstructure=False with missing='ml'.", why="casewise likelihoods need the means",
            fix="leave meanstructure out",
        )  # fmt: skip
    rules = {
        "model_type": model_type, "std_lv": std_lv, "orthogonal": orthogonal,
        "meanstructure": means,
        "fixed_x": fixed_x, "effect_coding": effect_coding,
        "group_equal": _several(group_equal), "group_partial": _several(group_partial),
        "n_groups": len(groups.labels) if groups else 1,
        "group_labels": groups.labels if groups else (),
    }  # fmt: skip
    partable = build_partable(compiled, **rules_of(rules))
    check_identified(partable)
    if sample_cov is not None:
        ready = prepare_moments(
            partable.ov, sample_cov, sample_mean, sample_nobs, partable.meanstructure
        )
    else:
        fixed = tuple(partable.ov_x) if fixed_x else ()
        ready = prepare_rows(
            compiled, partable.ov, data, missing=missing, cluster=cluster, x=fixed, groups=groups
        )
    options = {
        "estimator": estimator, "missing": missing, **chosen, **rules,
        "meanstructure": partable.meanstructure, "cluster": cluster, "group": group,
        "bounds": bounds,
    }  # fmt: skip
    synthetic = is_synthetic(data if sample_cov is None else sample_cov)
    return _estimate_and_assemble(
        compiled, partable, ready, options, survey, framework, synthetic=synthetic
    )


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def refit(fit: Fit, model: Model) -> Fit:
    """Estimate another model of the same variables on the rows of a fit, with its options.

    The unrestricted moments, which do not depend on the model, are taken over.

    Raises
    ------
    DataError
        If the variables differ, or the fit holds no data.
    """
    options = fit.options
    partable = build_partable(model, **rules_of(options))
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
    samples = tuple(reorder(sample, order) for sample in fit.estimate.samples)
    ready = Prepared(samples, fit.n_rows, fit.exclusions, (), fit.index)
    return _estimate_and_assemble(
        model, partable, ready, options, fit.survey, fit.framework,
        synthetic=fit.synthetic,
    )  # fmt: skip


def _estimate_and_assemble(
    model: Model,
    partable: ParTable,
    ready: Prepared,
    options: Mapping[str, Any],
    survey: Survey | None,
    framework: Framework | None,
    *,
    synthetic: bool,
) -> Fit:
    """Estimate, compute standard errors and tests, and freeze everything."""
    if options["bounds"] is not None:
        variances = [np.diag(sample.cov) for sample in ready.samples]
        partable = with_bounds(partable, options["bounds"], variances, std_lv=options["std_lv"])
    layouts = layouts_from_partable(partable)
    estimate = estimate_ml(
        layouts, ready.samples, _loadings(partable, layouts[0]),
        user_start=_user_start(partable, partable.npar), constraints=constraints_of(partable),
    )  # fmt: skip
    cov, regular, middle = vcov(estimate, options["se"], options["information"])
    samples, has_means = estimate.samples, estimate.has_means
    x = np.array([partable.ov.index(name) for name in partable.ov_x], dtype=np.intp)
    test, baseline = likelihood_ratio(estimate), baseline_test(samples, x)
    scaled = None
    if options["test"] != "standard":
        traces = [saturated_traces(sample, x, has_means=has_means) for sample in samples]
        every, of_x = (sum(part) for part in zip(*traces, strict=True))
        own = every - of_x if options["fixed_x"] else every
        scaled = (
            yuan_bentler_mplus(estimate, own, kind=options["information"], middle=middle),
            scaled_baseline_test(samples, x, every - of_x, has_means=has_means),
        )
    names = _unique_names(partable, partable.npar)
    noted: list[Problem] = [*ready.problems, *loose_covariates(partable)]
    noted += absent_items(model, survey, framework)
    noted += admissibility(
        estimate, regular=regular, labels=names, vcov=cov, names=partable.group_labels
    )
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
        index=ready.index,
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
