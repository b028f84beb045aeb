"""`link`: the change between two waves whose questionnaires differ, by what has not changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from truststats.errors import OptionError, Problem, worst_first
from truststats.options import FROM_SURVEY, check_level, choose, did_you_mean
from truststats.psychometrics.invariance import rule_of
from truststats.psychometrics.item_change import mean_change
from truststats.results.instrument_change import InstrumentChange
from truststats.results.instrument_link import ConstructLink, InstrumentLink
from truststats.survey.synthetic import labelled
from truststats.workflow.instrument_factors import Asked, linked, linked_items
from truststats.workflow.instrument_waves import TwoWaves, waves_of

__all__ = ["link"]


def link(
    change: InstrumentChange,
    old_survey: Any,
    new_survey: Any,
    *,
    constructs: str | Sequence[str] | None = None,
    id: str | Any | None = FROM_SURVEY,
    cluster: str | Any | None = FROM_SURVEY,
    waves: tuple[str, str] | None = None,
    rule: str | Mapping[str, float] = "chen",
    alpha: float = 0.05,
    adjust: str = "holm",
    estimator: str = "MLR",
    missing: str | None = None,
    least: int = 100,
    level: float = 0.95,
    min_n: int = 5,
) -> InstrumentLink:
    """Return how far each construct moved between two waves with different questionnaires.

    Each construct is a factor of its own in two groups, the waves. Unchanged items anchor it: their
    loadings and intercepts are held equal by the steps of `truststats.invariance`, with its partial
    route; items that were changed in any way are in the model, but everything of theirs is free;
    items that only one version asks are not. Where at least two anchors work alike the change of
    the factor's mean is licensed; else the result says which condition failed. A rescaled item is
    never converted: the factor alone links its two scales.

    Parameters
    ----------
    change : InstrumentChange
        From `truststats.compare_instruments`.
    old_survey, new_survey : Survey
        Each read with its own version.
    constructs : str or sequence of str, optional
        Keys or codes; all that both versions ask by default.
    id : str or None
        Column of both surveys that names the respondent, where the same people answered: standard
        errors and tests then allow for that. By default that of the surveys' design.
    cluster : str or None
        Column of both surveys that names the unit; by default that of the surveys' design.
    waves : (str, str), optional
        What the old and the new wave are called; by default by their versions.
    rule, alpha, adjust, missing, least
        As for `truststats.invariance`.
    estimator : {"MLR", "ML", "MLM"}
    level : float
        Of the intervals.
    min_n : int
        Observed means of fewer answers are not shown.

    Returns
    -------
    InstrumentLink
        ``.frame()`` has a row a construct, ``.items`` what the changes did to the items,
        ``.observed`` the change of every unchanged item.

    Raises
    ------
    OptionError
        If a survey was not read with its version, or for an unknown construct or choice.
    DataError, NotSupportedError
        See `truststats.workflow.instrument_waves.waves_of`.

    Notes
    -----
    A factor has mean 0 and variance 1 in the old wave. People in both waves are clusters that span
    the groups (Liang & Zeger 1986), so that those who answered once count too. With two anchors
    nothing shows which of them is wrong if they disagree; with more, ``lowest`` and ``highest`` are
    the change by all anchors but one. With sampling weights the partial route is left out.
    """
    check_level(level)
    choose("estimator", estimator, ("MLR", "ML", "MLM"))
    choose("adjust", adjust, ("holm", "bh", "none"))
    keys = _keys(change, constructs)
    answers = waves_of(change, old_survey, new_survey, id=id, cluster=cluster, labels=waves)
    asked = Asked(
        rule_of(rule, float(len(answers.frame)), alpha), adjust, estimator, missing, least, level
    )
    found = tuple(linked(change, key, answers, asked) for key in keys)
    people = {label: int(n) for label, n in zip(answers.labels, _counts(answers), strict=True)}
    items = [linked_items(change, one, asked) for one in found]
    return InstrumentLink(
        change, answers.labels, people, answers.both, found,
        labelled(pd.concat(items, ignore_index=True), answers.synthetic),
        _observed(change, keys, answers, level, min_n), asked.rule, level, min_n,
        worst_first([*change.problems, *_problems(found), *_route(answers)]), answers.synthetic,
    )  # fmt: skip


def _keys(change: InstrumentChange, constructs: str | Sequence[str] | None) -> list[str]:
    """Return the keys of the constructs to link."""
    there = [row.construct for row in change.constructs if not row.reason.startswith("not_in_")]
    if constructs is None:
        return there
    given = [constructs] if isinstance(constructs, str) else list(constructs)
    keys = [change[name].construct for name in given]
    for key in keys:
        if key not in there:
            raise OptionError(
                f"Only one of the versions asks {key}.{did_you_mean(key, there)}",
                why="there is nothing to compare it with",
                fix=f"constructs= some of: {', '.join(there)}",
            )
    if not keys:
        raise OptionError("No construct was named.", fix="leave out constructs= to link all")
    return list(dict.fromkeys(keys))


def _counts(waves: TwoWaves) -> tuple[int, int]:
    new = waves.new
    return int((~new).sum()), int(new.sum())


def _observed(
    change: InstrumentChange, keys: Sequence[str], waves: TwoWaves, level: float, min_n: int
) -> pd.DataFrame:
    """Return the observed change of every unchanged item of some constructs."""
    rows = [
        row
        for row in change.items
        if row.kind == "kept" and row.construct in keys and row.name in waves.frame.columns
    ]
    names = [row.name for row in rows]
    values = waves.frame[names].to_numpy(dtype=float)
    got = mean_change(values, waves.new, waves.clusters, waves.weights, level)
    shown = (got.n >= min_n).all(axis=0)

    def told(numbers: Any) -> Any:
        return np.where(shown, numbers, np.nan)

    frame = pd.DataFrame(
        {
            "construct": [row.construct for row in rows], "item": names,
            "reverse": [row.old is not None and row.old.reverse for row in rows],
            "n_old": told(got.n[0]), "n_new": told(got.n[1]), "mean_old": told(got.mean[0]),
            "mean_new": told(got.mean[1]), "change": told(got.change), "se": told(got.se),
            "ci_lower": told(got.lower), "ci_upper": told(got.upper),
        }
    )  # fmt: skip
    return labelled(frame, waves.synthetic)


def _route(answers: TwoWaves) -> list[Problem]:
    """Say where anchors that moved are not searched for."""
    if not answers.weighted:
        return []
    return [
        Problem(
            "anchors_not_searched",
            "note",
            "With sampling weights an unchanged item that works differently is not searched for: "
            "score tests of weighted fits are not checked.",
            "Link the answers without weights too, and see whether an item stands apart.",
        )
    ]


def _problems(found: Sequence[ConstructLink]) -> list[Problem]:
    """Return what must be known of several constructs at once, and of each."""
    refused = [one.construct for one in found if not one.licensed]
    problems: list[Problem] = []
    if refused:
        shown = ", ".join(refused)
        problems.append(
            Problem(
                "change_not_licensed",
                "warning",
                f"The change of {len(refused)} of {len(found)} constructs is not licensed: "
                f"{shown}.",
                "Read the observed change of their unchanged items, one by one.",
                shown,
                len(refused),
            )
        )
    apart = [freed.item for one in found if one.licensed for freed in one.apart]
    if apart:
        shown = ", ".join(apart)
        problems.append(
            Problem(
                "anchor_moved",
                "warning",
                f"Nobody changed {shown}, yet people answer it differently from before at the same "
                "standing; it takes no part in the link.",
                "Look for what else changed: events, the order of questions, who answered.",
                shown,
                len(apart),
            )
        )
    problems += [problem for one in found for problem in one.problems]
    return problems
