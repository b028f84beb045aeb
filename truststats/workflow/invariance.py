"""`invariance`: do the same questions measure the same thing in every group? One table answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from truststats.errors import NotSupportedError, Problem, worst_first
from truststats.options import FROM_SURVEY, choose
from truststats.psychometrics.invariance import Rule, rule_of
from truststats.results.fit import Fit
from truststats.results.invariance import Invariance, InvarianceStep
from truststats.survey.synthetic import labelled
from truststats.workflow.invariance_ladder import STRUCTURAL, Climbed, Ladder
from truststats.workflow.invariance_means import means_frame
from truststats.workflow.invariance_permute import permute_steps
from truststats.workflow.invariance_plan import UPTO, Plan, plan_of_groups
from truststats.workflow.invariance_waves import plan_of_waves

__all__ = ["invariance", "licence", "result_of", "structural_steps"]

#: Groups from which alignment is named where the ladder fails.
_MANY = 5


def invariance(
    model: Any,
    data: Any,
    *,
    group: str | None = None,
    upto: str = "strict",
    structural: bool | str | Sequence[str] = (),
    partial: bool = True,
    stop: bool = True,
    rule: str | Mapping[str, float] = "chen",
    alpha: float = 0.05,
    adjust: str = "holm",
    estimator: str | None = None,
    ordered: bool | str | Sequence[str] | None = None,
    missing: str | None = None,
    cluster: Any = FROM_SURVEY,
    group_label: Sequence[Any] | None = None,
    least: int = 100,
    permutations: int = 0,
    seed: Any = None,
    waves: Any = None,
    person: str | None = None,
) -> Invariance:
    """Return whether groups may be compared: the ladder of invariance, one row a step.

    The same form, equal loadings (metric), equal intercepts (scalar) and equal residual variances
    (strict) are fitted one after the other, each compared with the one before. A step that fails
    takes the partial route: score tests name the items that stand apart, and the worst are freed
    one at a time, two of each factor staying equal, until the step holds. Where that does not
    succeed the ladder stops. Means of the factors are given only where they may be compared.

    Parameters
    ----------
    model : Framework, Construct, list of Construct, Model or str
        Of a framework its measurement model is used.
    data : Survey or frame
        A survey brings its clusters and weights.
    group : str, optional
        Column of the groups; by default the survey's group.
    upto : {"configural", "thresholds", "metric", "scalar", "strict"}
        The last step; of ordinal items "loadings", "intercepts" and "residuals" are other names.
    structural : bool, str or sequence of {"lv_variances", "lv_covariances", "means"}
        Further steps about the factors themselves, judged by the chi-square test; True is all of
        them. They follow the last accepted step before "strict".
    partial : bool
        Whether a step that fails takes the partial route.
    stop : bool
        Whether the ladder stops at a step that fails.
    rule : str or mapping
        "chen" (default), "cheung_rensvold", "chisq", or cut-offs such as
        ``{"cfi": 0.01, "rmsea": 0.015}``; see `truststats.psychometrics.invariance.rule_of`.
    alpha : float
        Level of the chi-square and score tests.
    adjust : {"holm", "bh", "none"}
        How the p-values of the items' score tests are adjusted.
    estimator : {"MLR", "ML", "MLM", "WLSMV", "WLSM", "ULSMV", "ULSM"}, optional
        "MLR" by default, "WLSMV" for ordinal items.
    ordered : bool, str or sequence of str, optional
        The ordinal items, as for `truststats.fit`: thresholds are a step of their own (Wu &
        Estabrook 2016).
    missing : str, optional
        As for `truststats.fit`; where answers are missing by default "ml", "pairwise" for ordinal
        items.
    cluster : str or None
        As for `truststats.fit`.
    group_label : sequence, optional
        Which groups, the reference first.
    least : int
        Groups with fewer people are left out and named.
    permutations : int
        How often to shuffle people (or whole clusters) over the groups, 1,000 say: the steps are
        then judged by how often chance does as badly (Jorgensen et al. 2018). 0 is not at all.
    seed : int, numpy.random.Generator or None
        Of the permutations; None is one fixed seed.
    waves : mapping of str to sequence of str, sequence of str, or str, optional
        For the same people asked again, in place of `group`: the columns of each item, one a
        wave; the endings that all items have, as in ``["_2019", "_2021"]``; or the column of the
        wave in data with a row a person and wave. Residuals of an item covary over waves.
    person : str, optional
        The column that says who it is, where `waves` names a column.

    Returns
    -------
    Invariance
        ``.frame()`` is the table, ``.licensed`` what may be compared, ``.plot()`` the picture.

    Raises
    ------
    OptionError
        If neither the survey nor the caller names a group column, or for an unknown choice.
    DataError
        If fewer than two groups are large enough.

    Notes
    -----
    Factors have variance 1 and mean 0 in the first group, so that every item's equality can be
    tested, and differences of means are in its standard deviations. Differences are tested by the
    plain chi-square for "ML" and by Satorra & Bentler (2001) for scaled tests, by their method of
    2010 where that has no value. Score tests are robust where standard errors are (Boos 1992).
    """
    choose("upto", upto, tuple(UPTO))
    wanted = structural_steps(structural)
    choose("adjust", adjust, ("holm", "bh", "none"))
    if waves is not None:
        _only_waves(group, ordered, permutations)
        plan = plan_of_waves(
            model, data, waves=waves, person=person, estimator=estimator, missing=missing,
            cluster=cluster,
        )  # fmt: skip
    else:
        plan = plan_of_groups(
            model, data, group=group, group_label=group_label, estimator=estimator,
            ordered=ordered, missing=missing, cluster=cluster, least=least,
        )  # fmt: skip
    steps = plan.upto(upto)
    permuted = None
    if permutations:
        whole = {name: plan.first if not equal else plan.refit(equal, (), plan.first)
                 for name, equal in steps.items()}  # fmt: skip
        permuted = permute_steps(whole, permutations, seed)
    ladder = Ladder(
        plan.refit, rule_of(rule, float(plan.first.nobs), alpha), adjust,
        plan.partial if partial else (), stop, permuted, also=plan.also, operators=plan.operators,
        names=plan.names,
    )  # fmt: skip
    climbed = ladder.climb(plan.first, steps, wanted)
    return replace(result_of(climbed, plan, ladder.rule, adjust), permuted=permuted)


def _only_waves(group: str | None, ordered: Any, permutations: int) -> None:
    for name, given in (("group", group), ("ordered", ordered), ("permutations", permutations)):
        if given:
            raise NotSupportedError(
                f"{name}= does not go with waves= yet.",
                why="this combination is not checked against an independent source",
                fix=f"leave {name}= out",
            )


def structural_steps(asked: bool | str | Sequence[str]) -> dict[str, str]:
    """Return the structural steps that were asked for, in their order."""
    if asked is True:
        return dict(STRUCTURAL)
    given = [asked] if isinstance(asked, str) else list(asked or ())
    names = {choose("structural", name, tuple(STRUCTURAL)) for name in given}
    if "lv_covariances" in names:
        names.add("lv_variances")
    return {name: kind for name, kind in STRUCTURAL.items() if name in names}


def result_of(climbed: Climbed, plan: Plan, rule: Rule, adjust: str) -> Invariance:
    """Return what a ladder found, with the means of the factors where they are licensed."""
    first, steps = climbed.steps[0].fit, climbed.steps
    licensed = licence(steps)
    means = None if licensed is None else means_frame(_with_means(steps).fit, waves=plan.waves)
    tests = pd.concat(climbed.tests, ignore_index=True) if climbed.tests else _no_tests()
    return Invariance(
        group=plan.column,
        steps=steps,
        rule=rule,
        adjust=adjust,
        freed=climbed.freed,
        tests=labelled(tests, first.synthetic),
        licensed=licensed,
        people=_people(first, plan),
        left_out=plan.left_out,
        latent_means=means,
        problems=worst_first(
            [*_said(steps), *climbed.problems, *plan.problems, *_many_apart(steps, licensed, plan)]
        ),
        ordinal=bool(first.partable.levels),
        unit="groups" if plan.waves is None else "waves",
        synthetic=first.synthetic,
    )


def _many_apart(
    steps: Sequence[InvarianceStep], licensed: str | None, plan: Plan
) -> tuple[Problem, ...]:
    """Return the way that is left where means of many groups are not licensed."""
    fit = steps[0].fit
    held = {step.name for step in steps} - {"configural"}
    if licensed or plan.waves is not None or fit.partable.levels or not held:
        return ()
    if len(fit.groups) <= _MANY:
        return ()
    return (
        Problem(
            "many_groups_apart",
            "note",
            f"Items are seldom alike in each of {len(fit.groups)} groups.",
            "Put them on one scale instead: ts.alignment(ladder.steps[0].fit).",
            count=len(fit.groups),
        ),
    )


def _people(first: Fit, plan: Plan) -> dict[str, int]:
    """Return the people used in each group; in each wave those who answered anything."""
    if plan.waves is None:
        return {str(name): int(n) for name, n in first.group_nobs.items()}
    rows, order = first.estimate.sample.rows, list(first.partable.ov)
    assert rows is not None
    counts: dict[str, int] = {}
    for w, label in enumerate(plan.waves.labels):
        at = [order.index(own[w]) for own in plan.waves.columns.values()]
        counts[label] = int((~np.isnan(rows[:, at])).any(axis=1).sum())
    return counts


def licence(steps: Sequence[InvarianceStep]) -> str | None:
    """Return what the steps license: "scalar", "partial" (items are free) or None."""
    path: dict[str, InvarianceStep] = {}
    for step in steps:
        if step.name not in STRUCTURAL:
            path.pop(step.name, None)
            path[step.name] = step
    for step in path.values():
        if not step.accepted:
            return None
        if "intercepts" in step.equal:
            return "partial" if step.free else "scalar"
    return None


def _with_means(steps: Sequence[InvarianceStep]) -> InvarianceStep:
    """Return the last accepted step whose intercepts are equal and whose factors are free."""
    kinds = set(STRUCTURAL.values())
    return [
        s for s in steps if s.accepted and "intercepts" in s.equal and not kinds & set(s.equal)
    ][-1]


def _no_tests() -> pd.DataFrame:
    columns = ["step", "item", "factor", "parameter", "chisq", "df", "pvalue", "p_adjusted"]
    return pd.DataFrame({name: [] for name in columns})


def _said(steps: Sequence[InvarianceStep]) -> list[Problem]:
    """Return the problems of the first step, and what is wrong with later ones."""
    found = list(steps[0].fit.problems)
    for step in steps[1:]:
        more = [p for p in step.fit.problems if p.severity == "error" and step.accepted]
        found += [p for p in more if (p.code, p.where) not in {(q.code, q.where) for q in found}]
    return found
