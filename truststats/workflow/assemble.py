"""From a prepared sample to a fit: estimate, standard errors, tests, and what was noticed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from truststats.errors import Problem
from truststats.estimation.constraints import Constraints, constraints_of
from truststats.estimation.estimate import Estimate
from truststats.estimation.layout import Layout, layouts_from_partable
from truststats.framework import Framework
from truststats.inference.admissibility import admissibility, few_clusters
from truststats.model import Model, ParTable, needs_variances, with_bounds
from truststats.results.fit import Fit
from truststats.results.frames import free_names
from truststats.survey import Survey
from truststats.workflow.auxiliary import estimate_with_auxiliary
from truststats.workflow.data import Prepared
from truststats.workflow.exploratory import estimate_blocks
from truststats.workflow.infer import by_resampling, estimate_by, infer
from truststats.workflow.infer_items import estimate_items, infer_items
from truststats.workflow.items import PreparedItems
from truststats.workflow.missing import Numbers
from truststats.workflow.models import absent_items, covariates_at_zero, loose_covariates
from truststats.workflow.settings import settings_of

__all__ = ["assemble"]


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


def assemble(
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
    constraints = constraints_of(partable, technical=needs_variances(options["bounds"]))
    estimate, got, whole = _numbers(model, partable, ready, options, constraints)
    noted = [
        *ready.problems,
        *loose_covariates(partable),
        *covariates_at_zero(partable),
        *_random_exogenous(partable, options),
        *absent_items(model, survey, framework),
        *admissibility(
            estimate, regular=got.regular, labels=_unique_names(partable, partable.npar),
            names=partable.group_labels, vcov=None if options["se"] == "none" else got.vcov,
            broken=constraints.broken(estimate.theta) if constraints and not whole else (),
        ),
        *(few_clusters(estimate) if options["se"] != "cr3" else ()),
    ]  # fmt: skip
    return Fit(
        model=model,
        partable=partable,
        estimate=estimate,
        vcov=got.vcov,
        test=got.test,
        baseline=got.baseline,
        scaled=got.scaled,
        other=got.other,
        resampled=got.resampled,
        options=options,
        exclusions=dict(ready.exclusions),
        noted=tuple(noted),
        n_rows=ready.n_rows,
        cluster_name=options["cluster"],
        survey=survey,
        framework=framework,
        synthetic=synthetic,
        index=ready.index,
        whole=whole,
    )


def _unique_names(partable: ParTable, q: int) -> list[str]:
    names = [""] * q
    free = [u for u in partable.unique if u >= 0]
    for unique, name in zip(free, free_names(partable), strict=True):
        names[unique] = names[unique] or name
    return names


def _numbers(
    model: Model,
    partable: ParTable,
    ready: Prepared,
    options: Mapping[str, Any],
    constraints: Constraints | None,
) -> tuple[Estimate, Numbers, tuple[Estimate, Estimate] | None]:
    """Return the estimate, its inference, and the fits that auxiliary variables stand in."""
    layouts = layouts_from_partable(partable)
    loadings, start = _loadings(partable, layouts[0]), _user_start(partable, partable.npar)
    if options["auxiliary"]:
        found = estimate_with_auxiliary(
            layouts, ready.samples, options["auxiliary"], loadings, options=options,
            user_start=start,
        )  # fmt: skip
        return found.estimate, found.numbers, (found.whole, found.whole_baseline)
    made = settings_of(options)
    if isinstance(ready, PreparedItems):
        estimate = estimate_items(
            made, partable, layouts, ready, loadings, user_start=start, constraints=constraints
        )
        found = infer_items(estimate, made)
        return estimate, by_resampling(found, estimate, partable, options), None
    if model.blocks:
        estimate = estimate_blocks(model, partable, made, ready.samples, options)
    else:
        estimate = estimate_by(
            made, layouts, ready.samples, loadings, user_start=start, constraints=constraints
        )
    x = np.array([partable.ov.index(name) for name in partable.ov_x], dtype=np.intp)
    return estimate, by_resampling(infer(estimate, made, x), estimate, partable, options), None


def _random_exogenous(partable: ParTable, options: Mapping[str, Any]) -> list[Problem]:
    if not (options["auxiliary"] and partable.ov_x):
        return []
    return [
        Problem(
            "random_exogenous",
            "note",
            "Exogenous variables are taken as random, not fixed, beside auxiliary variables.",
        )
    ]
