"""The fit of a model of ordinal items: the branch of `fit` that thresholds take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from truststats.errors import NotSupportedError, OptionError
from truststats.framework import Framework
from truststats.model import Model, build_partable, check_identified
from truststats.model.names import names_of
from truststats.results.fit import Fit
from truststats.results.store import rules_of
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.assemble import assemble
from truststats.workflow.data import as_frame
from truststats.workflow.grouping import grouping
from truststats.workflow.ordinal import check_roles, levels_of, prepare_items, read_items
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
    """
    if rules["model_type"] not in ("sem", "cfa"):
        raise NotSupportedError(
            f"model_type={rules['model_type']!r} does not go with ordered items yet.",
            why="this combination is not checked against an independent source",
            fix="use model_type='sem' and write what differs into the model text",
        )
    survey = data if isinstance(data, Survey) else None
    groups = None
    if group is not None:
        frame = survey.frame if survey is not None else as_frame(data)
        groups = grouping(data, frame, group, group_label)
    elif group_label is not None or rules["group_equal"] or rules["group_partial"]:
        raise OptionError("group_label, group_equal and group_partial need group=.")
    names = names_of(model.statements).ov
    read = read_items(model, names, data, made.missing, groups)
    levels = levels_of(read[0][read[1]], names)
    rules = {
        **rules,
        "n_groups": len(groups.labels) if groups else 1,
        "group_labels": groups.labels if groups else (),
        "ordered": tuple((name, levels[name]) for name in names if name in items),
        "parameterization": parameterization,
    }
    partable = build_partable(model, **rules_of(rules))
    check_roles(partable)
    check_identified(partable)
    ready = prepare_items(read, partable.ov, made.missing, groups)
    options = {
        **made.options, **rules, "bootstrap": 0, "seed": None, "cluster": None, "group": group,
        "bounds": None, "auxiliary": (), "sampling_weights": None, "strata": None,
        "lonely_psu": "fail", "sampling_weights_normalization": "total",
    }  # fmt: skip
    return assemble(
        model, partable, ready, options, survey, framework, synthetic=is_synthetic(data)
    )
