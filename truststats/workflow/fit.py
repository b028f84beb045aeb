"""`fit`: the one verb that turns a model and answers into estimates."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from truststats.errors import DataError, NotSupportedError, OptionError
from truststats.estimation.sample import reorder
from truststats.estimation.weighted import plus_one
from truststats.framework import Framework
from truststats.model import Model, ParTable, build_partable, check_identified
from truststats.model.names import names_of
from truststats.options import FROM_SURVEY, check_flag, did_you_mean
from truststats.results.fit import Fit
from truststats.results.part import refuse_explored
from truststats.results.store import rules_of
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.assemble import assemble
from truststats.workflow.columns import as_frame
from truststats.workflow.data import Prepared, prepare_rows
from truststats.workflow.exploratory import check_blocks, refuse_blocks, rotation_of
from truststats.workflow.grouping import Grouping
from truststats.workflow.items_again import items_again
from truststats.workflow.missing import auxiliary_names, check_missing
from truststats.workflow.models import as_model
from truststats.workflow.moments import prepare_moments
from truststats.workflow.ordinal import (
    ONLY_ORDINAL,
    check_dependent,
    ordered_names,
    ordinal_settings,
    refuse_with_ordinal,
)
from truststats.workflow.ordinal_fit import fit_items
from truststats.workflow.pooling import fit_imputed
from truststats.workflow.request import drawn_of, groups_of, how, several, table_rules
from truststats.workflow.sampling import check_sampling, sampling

__all__ = ["fit", "refit"]

_LATER: Mapping[str, str] = {
    "constraints": "write them into the model text: a == b",
}


def _refuse_later(options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if value is not None and value is not False and name in _LATER:
            raise NotSupportedError(
                f"{name}= is not available yet.",
                why="it is not yet checked against an independent source",
                fix=_LATER[name],
            )
        if name not in _LATER:
            hint = did_you_mean(name.replace(".", "_"), inspect.signature(fit).parameters)
            raise OptionError(
                f"fit() has no option {name!r}.{hint}", fix="see help(truststats.fit)"
            )


def fit(
    model: Any,
    data: Any = None,
    *,
    estimator: str | None = None,
    ordered: bool | str | Sequence[str] | None = None,
    parameterization: str | None = None,
    missing: str | None = None,
    auxiliary: str | Sequence[str] = (),
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
    fixed_x: bool | None = None,
    bounds: str | None = None,
    information: str | None = None,
    se: str | None = None,
    test: str | None = None,
    likelihood: str | None = None,
    bootstrap: int = 1000,
    seed: Any = None,
    sample_cov: Any = None,
    sample_mean: Any = None,
    sample_nobs: Any = None,
    sampling_weights: Any = FROM_SURVEY,
    sampling_weights_normalization: str = "total",
    strata: str | None = None,
    lonely_psu: str = "fail",
    rotation: str = "geomin",
    rotation_options: Mapping[str, float] | None = None,
    **later: Any,
) -> Fit:
    """Estimate a model on answers and return a frozen `Fit`.

    Parameters
    ----------
    model : str, Model, Framework, Construct or list of Construct
        Lavaan text or something that compiles to it.
    data : Survey, frame or list of them, optional
        A survey brings its design (cluster); a plain frame is never recoded. A list is taken for
        imputations of one data set and gives a `PooledFit`. None with `sample_cov`.
    estimator : str, optional
        "ML" (default), "MLR" (sandwich standard errors and the Yuan-Bentler test in the Mplus
        variant; default for a framework and with clusters), "MLM", "MLMV", "MLMVS" (robust.sem
        standard errors with the Satorra-Bentler, scaled-shifted or mean-var adjusted test),
        "MLF", "GLS", "ULS", "ULSM", "ULSMV", "ULSMVS", "WLS" (asymptotically distribution-free).
        With ordinal items "WLSMV" (default), "WLSMVS", "WLSM", "DWLS", "ULSMV", "ULSMVS", "ULSM",
        "ULS" and "WLS" fit thresholds and polychoric correlations.
    ordered : bool, str or sequence of str, optional
        The ordinal items; True is all of them. With None the estimator "WLSMV" takes those whose
        answers the codebook of a survey lists, and "WLSMV" on a plain frame is an error.
    parameterization : {"delta", "theta"}, optional
        Whether scaling factors (default) or residual variances give ordinal items their unit.
    missing : {"listwise", "ml", "ml.x", "two.stage", "robust.two.stage", "pairwise"}, optional
        "ml" (alias "fiml") uses every row casewise, but those that miss a fixed exogenous
        variable, which "ml.x" keeps; two-stage ML fits the model to EM moments; "pairwise" is
        for ordinal items. Default
        "listwise" as in lavaan; "ml" for a framework.
    auxiliary : str or sequence of str
        With "ml": variables outside the model that help to guess what is missing, as saturated
        correlates; no table shows them.
    cluster : str or None
        Variable whose values group dependent rows. Default: the survey's design.
    group : str, optional
        Column of the groups: every parameter is estimated in each, unless `group_equal` or a
        label makes it one.
    group_label : sequence, optional
        Which groups, in which order; others are left out.
    group_equal : str or sequence of str
        What is equal over groups: "loadings", "intercepts", "means", "residuals",
        "residual_covariances", "lv_variances", "lv_covariances", "regressions", "thresholds".
    group_partial : str or sequence of str
        Parameters that stay free, such as "x3 ~ 1" or "trust =~ t2".
    model_type : {"sem", "cfa", "growth", "lavaan"}
        Which automatic rules complete the text.
    std_lv, orthogonal, meanstructure, effect_coding, fixed_x
        As in lavaan's `sem`.
    bounds : {"standard", "wide", "pos.var", "pos.ov.var", "pos.lv.var"}, optional
        Keep variances (and loadings) within what the data allow; see `model.with_bounds`.
    information : {"expected", "observed", "first.order"}, optional
        Default by the estimator, as in lavaan.
    se : str, optional
        "standard", "robust.sem", "robust.huber.white", "cr3" (the cluster jackknife with
        t(G - 1) intervals, for few clusters), "first.order", "bootstrap" or "none".
    test : str, optional
        "standard", "satorra.bentler", "yuan.bentler", "yuan.bentler.mplus", "mean.var.adjusted",
        "scaled.shifted", "bollen.stine", "browne.residual.nt", "browne.residual.nt.model" or
        "browne.residual.adf".
    likelihood : {"normal", "wishart"}, optional
        Divisor N (default) or N - 1.
    bootstrap, seed : int, optional
        Resamples of se="bootstrap" and test="bollen.stine", by default 1,000; None is one fixed
        seed.
    sample_cov : DataFrame, or mapping from group label to DataFrame, optional
        Covariance matrix with divisor N - 1, in place of data; needs `sample_nobs`.
    sample_mean : Series or mapping, optional
        With several groups a mapping from group label to these; so is `sample_nobs`.
    sample_nobs : int, optional
    sampling_weights : str or None
        Column of sampling weights: pseudo-ML with robust standard errors (Skinner 1989).
        Default: the survey's design.
    sampling_weights_normalization : {"total", "group", "none"}
        Weights sum to the number of rows, to that of each group, or stay as they are.
    strata : str, optional
        Column of the strata that clusters (or rows) were drawn from.
    lonely_psu : {"fail", "certainty"}
        Whether a stratum of a single cluster is an error or was certain to be in the sample.
    rotation : {"geomin", "oblimin", "quartimin"}
        Of exploratory blocks, ``efa("b1")*f1 + efa("b1")*f2 =~ x1 + x2 + x3 + x4``.
    rotation_options : mapping of str to float, optional
        ``epsilon`` of geomin, ``gamma`` of oblimin, ``kaiser``, and ``std_ov``, whether loadings
        of standardised items are rotated (on).
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
    given = dict(locals())
    if isinstance(data, list | tuple):
        return _fit_each(given)
    for name in ("std_lv", "orthogonal", "meanstructure", "fixed_x"):
        given[name] = None if given[name] is None else check_flag(name, given[name])
    _refuse_later(later)
    _check_data(data, sample_cov, sample_mean, sample_nobs)
    survey = data if isinstance(data, Survey) else None
    frame = None if data is None else survey.frame if survey is not None else as_frame(data)
    compiled, framework = as_model(model, data)
    items = ordered_names(ordered, compiled, data, estimator)
    if items:
        if compiled.blocks:
            refuse_blocks("ordered items")
        return _fit_items(given, compiled, items, survey, framework)
    if parameterization is not None:
        raise OptionError("parameterization= needs ordered items.", fix="add ordered=True")
    made, drawn = how(given, survey)
    groups = groups_of(given, frame)
    rules = table_rules(given, made, groups, clustered=drawn["cluster"] is not None)
    partable = build_partable(compiled, **rules_of(rules))
    explored = check_blocks(compiled, given, made, rules)
    check_identified(partable if explored is None else explored)
    beside = auxiliary_names(auxiliary, partable.ov, partable.lv)
    options = {
        **made.options, **rules, **drawn, "bootstrap": bootstrap, "seed": seed,
        "meanstructure": partable.meanstructure, "group": group, "bounds": bounds,
        "auxiliary": beside, **rotation_of(compiled, rotation, rotation_options),
    }  # fmt: skip
    constrained = bool(partable.constraints or bounds)
    check_missing({**options, "constraints": constrained}, has_x=bool(partable.ov_x))
    if frame is None:
        ready = prepare_moments(
            partable.ov, sample_cov, sample_mean, sample_nobs, partable.meanstructure
        )
    else:
        ready = prepare_rows(
            compiled, (*partable.ov, *beside), data, missing=made.missing,
            cluster=drawn["cluster"], x=_fixed(partable, options),
            groups=groups if isinstance(groups, Grouping) else None,
            sampled=sampling(data, frame, drawn),
        )  # fmt: skip
    synthetic = is_synthetic(data if sample_cov is None else sample_cov)
    return assemble(compiled, partable, ready, options, survey, framework, synthetic=synthetic)


def _fit_items(
    given: Mapping[str, Any],
    model: Model,
    items: tuple[str, ...],
    survey: Survey | None,
    framework: Framework | None,
) -> Fit:
    """Return the fit of a model of ordinal items, refusing what is not verified with them."""
    drawn = drawn_of(given, survey)
    names = ("auxiliary", "sample_cov", "bounds", "likelihood", "information", "effect_coding")
    refuse_with_ordinal({name: given[name] for name in names})
    asked = {name: given[name] for name in ("missing", "se", "test", "fixed_x")}
    made = ordinal_settings(given["estimator"], **asked)
    check_sampling(drawn, made.options, (), rows=True)
    check_dependent(made, drawn)
    return fit_items(
        model, given["data"], items, framework,
        made=made, drawn=drawn, resamples={"bootstrap": given["bootstrap"], "seed": given["seed"]},
        group=given["group"], group_label=given["group_label"],
        parameterization=given["parameterization"] or "delta",
        rules={
            **{name: given[name] for name in ("model_type", "std_lv", "orthogonal")},
            "meanstructure": True, "fixed_x": made.fixed_x, "effect_coding": False,
            "group_equal": several(given["group_equal"], "group_equal"),
            "group_partial": several(given["group_partial"], "group_partial"),
        },
    )  # fmt: skip


def _fixed(partable: ParTable, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the exogenous variables whose missing values drop a row."""
    return tuple(partable.ov_x) if options["fixed_x"] and options["missing"] != "ml.x" else ()


def _fit_each(given: dict[str, Any]) -> Any:
    """Return the pooled fit of a list of data sets, with the options of one call."""
    model, data, later = (given.pop(name) for name in ("model", "data", "later"))
    if given["ordered"] or str(given["estimator"]).upper() in ONLY_ORDINAL:
        raise NotSupportedError(
            "Imputed data with ordinal items are not available yet.",
            why="how their tests are pooled is not checked against an independent source",
            fix="use missing='pairwise' with the answers as they are",
        )
    if data and as_model(model, data[0])[0].blocks:
        refuse_blocks("several data sets")
    return fit_imputed(lambda frame: fit(model, frame, **given, **later), data)


def refit(fit: Fit, model: Model) -> Fit:
    """Estimate another model of the same variables on the rows of a fit, with its options.

    The unrestricted moments, which do not depend on the model, are taken over.

    Raises
    ------
    DataError
        If the variables differ, or the fit holds no data.
    """
    options = dict(fit.options)
    if fit.whole is not None:
        raise NotSupportedError(
            "A fit with auxiliary variables cannot be refitted from its moments.",
            why="their covariances belong to the rows",
            fix="fit the other model with auxiliary= itself",
        )
    refuse_explored(fit, "A refit")
    if model.blocks:
        refuse_blocks("a refit of another model's moments")
    if fit.partable.levels:
        place = {name: k for k, name in enumerate(names_of(model.statements).ov)}
        last = len(place)
        by_place = sorted(fit.partable.levels, key=lambda pair: place.get(pair[0], last))
        options["ordered"] = tuple(by_place)
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
    return assemble(
        model, partable, _ready_again(fit, partable), options, fit.survey, fit.framework,
        synthetic=fit.synthetic,
    )  # fmt: skip


def _ready_again(fit: Fit, partable: ParTable) -> Prepared:
    """Return the data of a fit with their variables in the order of another table."""
    if fit.partable.levels:
        return items_again(fit, partable.ov)
    order = [fit.partable.ov.index(name) for name in partable.ov]
    samples = tuple(reorder(sample, order) for sample in fit.estimate.samples)
    if fit.estimate.less_one:
        samples = tuple(plus_one(sample) for sample in samples)
    return Prepared(samples, fit.n_rows, fit.exclusions, (), fit.index)


def _check_data(data: Any, sample_cov: Any, sample_mean: Any, sample_nobs: Any) -> None:
    if data is None and sample_cov is None:
        raise DataError("There are no data.", fix="pass a Survey or a frame, or sample_cov=")
    if data is not None and sample_cov is not None:
        raise OptionError("Both data and sample_cov were given.", fix="pass one of them")
    if data is not None and (sample_mean is not None or sample_nobs is not None):
        raise OptionError(
            "sample_mean and sample_nobs go with sample_cov, not with data.", fix="leave them out"
        )
