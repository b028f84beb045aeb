"""What a call of `fit` asks for, resolved: sample design, settings, groups and rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from truststats.errors import OptionError
from truststats.framework import Framework
from truststats.options import FROM_SURVEY
from truststats.survey import Survey
from truststats.workflow.grouping import Grouping, grouping
from truststats.workflow.moments import matrix_groups
from truststats.workflow.sampling import check_sampling
from truststats.workflow.settings import (
    TWO_STAGE,
    Settings,
    choose_missing,
    settings,
    takes_missing,
)

__all__ = ["drawn_of", "groups_of", "how", "several", "table_rules"]


def drawn_of(given: Mapping[str, Any], survey: Survey | None) -> dict[str, Any]:
    """Return clusters, weights and strata, with the survey's by default."""
    design = None if survey is None else survey.design
    drawn = {
        name: given[name]
        for name in ("cluster", "sampling_weights", "strata", "lonely_psu",
                     "sampling_weights_normalization")
    }  # fmt: skip
    if drawn["cluster"] is FROM_SURVEY:
        drawn["cluster"] = None if design is None else design.cluster
    if drawn["sampling_weights"] is FROM_SURVEY:
        drawn["sampling_weights"] = None if design is None else design.weights
    return drawn


def how(given: Mapping[str, Any], survey: Survey | None) -> tuple[Settings, dict[str, Any]]:
    """Return how to estimate, and clusters, weights and strata with the survey's by default."""
    drawn = drawn_of(given, survey)
    from_framework, rows = isinstance(given["model"], Framework), given["sample_cov"] is None
    casewise = from_framework and takes_missing(given["estimator"] or "MLR")
    missing = choose_missing(given["missing"] or ("ml" if casewise else "listwise"))
    usual = "MLR" if from_framework and missing not in TWO_STAGE else "ML"
    made = settings(
        given["estimator"] or usual, missing=missing, se=given["se"], test=given["test"],
        information=given["information"], likelihood=given["likelihood"],
        fixed_x=given["fixed_x"], rows=rows,
        clusters=drawn["cluster"] is not None and missing not in TWO_STAGE,
        weights=drawn["sampling_weights"] is not None or drawn["strata"] is not None,
    )  # fmt: skip
    check_sampling(drawn, made.options, given["auxiliary"], rows=rows)
    return made, drawn


def groups_of(given: Mapping[str, Any], frame: Any) -> Grouping | tuple[str, ...]:
    """Return the groups of the rows, or the labels of groups given by their matrices."""
    if frame is None:
        groups = matrix_groups(given["sample_cov"], given["group"], given["group_label"])
    elif given["group"] is not None:
        return grouping(given["data"], frame, given["group"], given["group_label"])
    else:
        groups = ()
    asked = [name for name in ("group_label", "group_equal", "group_partial") if given[name]]
    if asked and not groups:
        raise OptionError(
            f"{asked[0]}= needs group=.", fix="name the column of the groups with group="
        )
    return groups


def table_rules(
    given: Mapping[str, Any],
    made: Settings,
    groups: Grouping | tuple[str, ...],
    *,
    clustered: bool,
) -> dict[str, Any]:
    """Return the options that decide how the text becomes a table of parameters.

    Raises
    ------
    OptionError
        If the means are switched off where the likelihood needs them.
    """
    labels = groups.labels if isinstance(groups, Grouping) else groups
    casewise, means = made.missing != "listwise", given["meanstructure"]
    if casewise and means is False:
        raise OptionError(
            f"meanstructure=False with missing={made.missing!r}.",
            why="casewise likelihoods need the means",
            fix="leave meanstructure out",
        )
    if means is None and (casewise or clustered or given["sample_mean"] is not None):
        means = True
    if means is None and labels and given["data"] is None:
        means = False
    return {
        **{name: given[name] for name in ("model_type", "std_lv", "orthogonal", "effect_coding")},
        "meanstructure": means,
        "fixed_x": made.fixed_x and not given["auxiliary"],
        "group_equal": several(given["group_equal"], "group_equal"),
        "group_partial": several(given["group_partial"], "group_partial"),
        "n_groups": len(labels) or 1,
        "group_labels": labels,
        "ordered": (),
        "parameterization": "delta",
    }


def several(given: Any, name: str) -> tuple[str, ...]:
    """Return one text or several of them as a tuple; nothing for None.

    Raises
    ------
    OptionError
        For anything else.
    """
    found = (given,) if isinstance(given, str) else () if given is None else given
    if not isinstance(found, list | tuple | set) or not all(isinstance(x, str) for x in found):
        raise OptionError(
            f"{name}={given!r} is no text or list of texts.", fix=f'{name}=["loadings"]'
            if name == "group_equal" else f'{name}=["f =~ x2"]',
        )  # fmt: skip
    return tuple(found)
