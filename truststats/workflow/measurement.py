"""The measurement part of a fit, estimated by itself on the same answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from truststats.errors import DataError, NotSupportedError
from truststats.model import Model
from truststats.psychometrics.composites import composites_of, indicators_of
from truststats.results.fit import Fit
from truststats.results.part import refuse_part
from truststats.workflow.fit import fit

__all__ = ["check_scales", "measurement_fit", "measurement_text", "top_factors"]

_CLUSTER, _WEIGHT = "cluster_of_row", "weight_of_row"


def check_scales(whole: Fit, what: str) -> None:
    """Refuse fits whose scales cannot be held against each other.

    Raises
    ------
    NotSupportedError
        For several groups, strata, auxiliary variables, and items that load on several factors.
    DataError
        If there are fewer than two factors of two items, or the fit was read from a file.
    """
    refuse_part(whole, what)
    if whole.loaded is not None:
        raise DataError("This fit holds no data.", fix="fit the model to the data again")
    if whole.groups:
        raise NotSupportedError(
            f"{what} of several groups at once is not available.",
            why="correlations are those of one group of people",
            fix="fit the rows of one group by themselves",
        )
    if whole.options.get("strata") is not None or whole.whole is not None:
        raise NotSupportedError(
            f"{what} is not available with strata or auxiliary variables.",
            why="the refits it needs are not checked against an independent source",
            fix="fit the model without them",
        )
    group = whole.estimate.groups[0]
    found = composites_of(whole.partable, group.layout, group.state)
    shared = [c.construct for c in found if c.kind in ("bifactor", "unclear")]
    if shared:
        raise NotSupportedError(
            f"{what} needs items that belong to one factor: see {', '.join(shared)}.",
            why="scales that share items correlate by what they share",
            fix="fit a model without cross-loadings",
        )
    if len(top_factors(whole)) < 2:
        raise DataError(
            f"{what} compares factors, and this model has fewer than two.",
            fix="put the scales that are to be told apart into one model",
        )


def top_factors(whole: Fit) -> list[str]:
    """Return the factors that are no part of another one."""
    _, parts = indicators_of(whole.partable)
    inside = {name for under in parts.values() for name in under}
    return [name for name in whole.partable.lv if name not in inside]


def measurement_text(whole: Fit) -> str:
    """Return lavaan text of the factors, their items and the items' residual covariances.

    Loadings lose their labels and fixed values: factors have unit variance here.
    """
    items, parts = indicators_of(whole.partable)
    lines = [
        f"{name} =~ {' + '.join([*parts.get(name, []), *items.get(name, [])])}"
        for name in whole.partable.lv
    ]
    table = whole.partable
    inside = {name for own in items.values() for name in own}
    for k, (lhs, op, rhs) in enumerate(zip(table.lhs, table.op, table.rhs, strict=True)):
        if op != "~~" or not table.user[k] or not {lhs, rhs} <= inside:
            continue
        if table.free[k]:
            lines.append(f"{lhs} ~~ {rhs}")
        else:
            lines.append(f"{lhs} ~~ {float(table.ustart[k])!r}*{rhs}")
    return "\n".join(lines)


def measurement_fit(whole: Fit, text: str) -> Fit:
    """Return the fit of a measurement model to a fit's answers, factors with unit variance."""
    model, sample = Model.from_text(text), whole.estimate.samples[0]
    options: dict[str, Any] = {"estimator": whole.estimator, "std_lv": True}
    names = list(whole.partable.ov)
    ordinal = [name for name, _ in whole.partable.levels]
    if ordinal:
        options["ordered"] = [name for name in ordinal if name in model.observed]
        options["parameterization"] = "theta" if whole.partable.theta else "delta"
    if sample.rows is None:
        cov = pd.DataFrame(sample.cov, index=names, columns=names) * (sample.n / (sample.n - 1))
        used = [name for name in names if name in model.observed]
        return fit(model, sample_cov=cov.loc[used, used], sample_nobs=round(sample.n), **options)
    frame = pd.DataFrame(sample.rows, columns=names)
    if sample.clusters is not None:
        frame[_CLUSTER] = np.asarray(sample.clusters)
        options["cluster"] = _CLUSTER
    if sample.weights is not None:
        frame[_WEIGHT] = sample.weights
        options["sampling_weights"] = _WEIGHT
    return fit(model, frame, missing=whole.options["missing"], **options)
