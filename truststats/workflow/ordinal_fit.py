"""The fit of a model of ordinal items: the branch of `fit` that thresholds take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from truststats.errors import NotSupportedError, OptionError
from truststats.framework import Framework
from truststats.model import Model, ParTable, build_partable, check_identified
from truststats.model.names import names_of
from truststats.results.fit import Fit
from truststats.results.store import rules_of
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.assemble import assemble
from truststats.workflow.columns import as_frame
from truststats.workflow.data import use_rows
from truststats.workflow.grouping import grouping
from truststats.workflow.items import levels_of, merge_categories, prepare_items
from truststats.workflow.sampling import sampling
from truststats.workflow.settings import Settings

__all__ = ["fit_items"]


def fit_items(
    model: Model,
    data: Any,
    items: tuple[str, ...],
    framework: Framework | None,
    *,
    made: Settings,
    group: str | None,
    group_label: Any,
    parameterization: str,
    rules: Mapping[str, Any],
    drawn: Mapping[str, Any],
    resamples: Mapping[str, Any],
) -> Fit:
    """Estimate a model of ordinal items; see `truststats.workflow.fit.fit`.

    Parameters
    ----------
    model : Model
    data : Survey or frame
    items : tuple of str
        The ordinal items.
    framework : Framework or None
    made : Settings
    group, group_label, parameterization
        As in `fit`.
    rules : mapping
        The options of `build_partable`.
    drawn : mapping
        Clusters, weights and strata.
    resamples : mapping
        The options bootstrap and seed.
    """
    if rules["model_type"] not in ("sem", "cfa"):
        raise NotSupportedError(
            f"model_type={rules['model_type']!r} does not go with ordered items yet.",
            why="this combination is not checked against an independent source",
            fix="use model_type='sem' and write what differs into the model text",
        )
    survey = data if isinstance(data, Survey) else None
    frame = survey.frame if survey is not None else as_frame(data)
    groups = None
    if group is not None:
        groups = grouping(data, frame, group, group_label)
    elif group_label is not None or rules["group_equal"] or rules["group_partial"]:
        raise OptionError(
            "group_label=, group_equal= and group_partial= need group=.",
            fix="name the column of the groups with group=",
        )
    known = names_of(model.statements)
    names, x = known.ov, tuple(known.ov_x) if made.fixed_x else ()
    used = use_rows(
        model, names, data, missing=made.missing, cluster=drawn["cluster"], x=x, groups=groups,
        sampled=sampling(data, frame, drawn), instead="pairwise",
    )  # fmt: skip
    used = merge_categories(used, names, items, {s.lhs for s in model.statements if s.op == "|"})
    levels = levels_of(used, names)
    rules = {
        **rules,
        "n_groups": len(groups.labels) if groups else 1,
        "group_labels": groups.labels if groups else (),
        "ordered": tuple((name, len(levels[name])) for name in names if name in items),
        "parameterization": parameterization,
    }
    partable = build_partable(model, **rules_of(rules))
    _refuse_bounds(partable)
    check_identified(partable)
    ready = prepare_items(used, partable.ov, items, x, made.missing)
    options = {
        **made.options, **rules, **drawn, **resamples, "group": group,
        "bounds": None, "auxiliary": (),
    }  # fmt: skip
    return assemble(
        model, partable, ready, options, survey, framework, synthetic=is_synthetic(data)
    )


def _refuse_bounds(table: ParTable) -> None:
    """Raise for bounds within the text."""
    if any(np.isfinite(side).any() for side in table.theta_bounds):
        raise NotSupportedError(
            "Bounds do not go with ordered items yet.",
            why="this combination is not checked against an independent source",
            fix="write an inequality of a label instead, such as b > 0",
        )
