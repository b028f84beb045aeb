"""`compare_groups`: one model in several groups at once, and whether the claims' effects differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError, OptionError, TrustStatsError
from truststats.framework import Framework
from truststats.inference.effects import EffectList, effect_values
from truststats.inference.standardize import delta_covariance
from truststats.inference.wald import wald
from truststats.model import Model, build_partable
from truststats.results import effect_frames
from truststats.results.comparison import GroupComparison, LeftOut
from truststats.results.fit import Fit
from truststats.survey import Survey
from truststats.survey.managers import about_managers, few_managers
from truststats.survey.synthetic import labelled
from truststats.workflow.difference import difference
from truststats.workflow.fit import fit
from truststats.workflow.invariance_fit import refit_equal
from truststats.workflow.models import as_model
from truststats.workflow.verdicts import claimed_effects, framework_of, holm, verdicts

__all__ = ["LADDER", "LADDER_ITEMS", "LEAST", "PER_PARAMETER", "compare_groups"]

#: People that a group needs, and people for each of its parameters.
LEAST = 100
PER_PARAMETER = 5
LADDER = {
    "configural": (),
    "loadings": ("loadings",),
    "regressions": ("loadings", "regressions"),
}
"""The models that are compared, by name, with what is equal over groups."""
LADDER_ITEMS = {
    "configural": (),
    "thresholds": ("thresholds",),
    "loadings": ("thresholds", "loadings"),
    "regressions": ("thresholds", "loadings", "regressions"),
}
"""The same for ordinal items, whose loadings have one unit only where thresholds are equal."""
_MEASURES = ("chisq", "df", "cfi", "rmsea", "srmr", "bic")
_NAN = float("nan")


def compare_groups(
    model: Framework | Model | str,
    survey: Survey,
    *,
    group: str | None = None,
    estimator: str = "MLR",
    missing: str = "ml",
    seed: Any = None,
) -> GroupComparison:
    """Return how a framework's claims fare in each group, and whether their effects differ.

    The model is fitted to all groups at once with the same form, with equal loadings, and with
    equal regressions too. Effects and verdicts are those of the second, in which factors have the
    same unit in every group. Ordinal items have equal thresholds before equal loadings (Wu &
    Estabrook 2016, doi:10.1007/s11336-016-9506-0). Groups with too few people (under 100, or under
    5 for each parameter), with an item that all of them answered alike, or whose ratings of
    managers are about few of them, are left out and named.

    Parameters
    ----------
    model : Framework, Model or str
        With claims.
    survey : Survey
        The answers.
    group : str, optional
        The column; by default the survey's group.
    estimator, missing : str
        As for `truststats.fit`.
    seed : int, numpy.random.Generator or None
        Of the intervals of indirect effects; None is one fixed seed.

    Returns
    -------
    GroupComparison
        Groups in the order of the data. Where fewer than two can be compared, or the models
        cannot be estimated, it holds no numbers and says why.

    Raises
    ------
    OptionError
        If neither the survey nor the caller names a group column.
    DataError
        If there is no such column.

    Notes
    -----
    Differences of models are tested by the scaled difference of Satorra & Bentler (2001,
    doi:10.1007/BF02296192) where the test is scaled. Each claim's effect is compared
    unstandardised, by a Wald test with the delta method: standardised effects also differ where
    only variances do. The difference of ordinal fits is the scaled one of Satorra (2000).
    """
    column = group or survey.design.group
    if column is None:
        raise OptionError("There is no group column to compare by.", fix="name it: group='city'")
    compiled, _ = as_model(model, survey)
    labels = _labels(survey, column)
    people = labels[survey.answered()].value_counts(sort=False)
    people = people.reindex(list(dict.fromkeys(labels.dropna()))).fillna(0).astype(int)
    left_out = _left_out(compiled, survey, labels, list(people.index), missing)
    kept = [name for name in people.index if name not in {one.group for one in left_out}]
    start = GroupComparison(
        column, people, left_out, synthetic=survey.synthetic, reason="few_groups"
    )
    if len(kept) < 2:
        return start
    try:
        how = {"estimator": estimator, "missing": missing, "group": column, "group_label": kept}
        first = fit(model, survey, **how)
        fits = {"configural": first}
        for name, equal in _ladder_of(first).items():
            if not equal:
                continue
            if first.partable.levels and name != "loadings":  # which says what the data lack
                fits[name] = refit_equal(first, equal, near=fits[list(fits)[-1]])
            else:
                fits[name] = fit(model, survey, **how, group_equal=equal)
        return _compared(start, fits, seed)
    except TrustStatsError as error:
        return GroupComparison(
            column, people, left_out, synthetic=survey.synthetic, reason=error.what
        )


def _ladder_of(first: Fit) -> Mapping[str, tuple[str, ...]]:
    """Return the models that are compared, by name.

    Equal thresholds, loadings and intercepts of items with two categories are one step.
    """
    if not first.partable.levels:
        return LADDER
    if min(count for _, count in first.partable.levels) > 2:
        return LADDER_ITEMS
    equal = ("thresholds", "loadings", "intercepts")
    return {"configural": (), "loadings": equal, "regressions": (*equal, "regressions")}


def _compared(start: GroupComparison, fits: dict[str, Fit], seed: Any) -> GroupComparison:
    own = fits["loadings"]
    return GroupComparison(
        start.group,
        start.people,
        start.left_out,
        fit=own,
        tests=_ladder(fits),
        verdicts=verdicts(own, seed=seed),
        differences=_differences(own),
        synthetic=start.synthetic,
    )


def _labels(survey: Survey, column: str) -> pd.Series:
    """Return the group of each row as text, missing where it has none."""
    if column == survey.design.group:
        found = survey.groups()
    elif column in survey.frame.columns:
        found = survey.frame[column]
    else:
        raise DataError(
            f"The answers have no column {column!r}.", fix="name the column of the groups"
        )
    assert found is not None
    return found.astype(object).where(found.notna(), None).map(str, na_action="ignore")


def _left_out(
    model: Model, survey: Survey, labels: pd.Series, names: list[Any], missing: str
) -> tuple[LeftOut, ...]:
    """Return the groups that cannot be compared."""
    items = [name for name in model.observed if name in survey.items]
    needed = PER_PARAMETER * build_partable(model, meanstructure=True).npar
    values = survey.values(items)
    usable = values.notna().all(axis=1) if missing == "listwise" else values.notna().any(axis=1)
    units, about = survey.clusters(), set(items) & set(about_managers(survey))
    found = []
    for name in names:
        inside = (labels == name).to_numpy() & usable.to_numpy()
        n = int(inside.sum())
        if n < LEAST:
            found.append(LeftOut(str(name), "few_rows", n, LEAST))
            continue
        if n < needed:
            found.append(LeftOut(str(name), "few_per_parameter", n, needed))
            continue
        if units is not None and about and few_managers(units[inside]):
            found.append(LeftOut(str(name), "few_managers", n))
            continue
        kinds = values[inside].nunique()
        same = tuple(map(str, kinds.index[kinds < 2]))
        if same:
            found.append(LeftOut(str(name), "constant", n, items=same))
    return tuple(found)


def _ladder(fits: dict[str, Fit]) -> pd.DataFrame:
    """Return the models below each other, each with its difference to the one above."""
    rows: list[dict[str, Any]] = []
    before: Fit | None = None
    for name, one in fits.items():
        glance = one.glance().iloc[0]
        row: dict[str, Any] = {"model": name}
        for measure in _MEASURES:
            own = [glance[k] for k in glance.index if k.split("_")[0] == measure]
            row[measure] = float(own[0]) if own else _NAN
        row |= dict.fromkeys(("chisq_diff", "df_diff", "pvalue_diff", "delta_cfi"), _NAN)
        if before is not None:
            found = difference(one, before)
            row |= {"chisq_diff": found.chisq, "df_diff": found.df, "pvalue_diff": found.pvalue}
            row["delta_cfi"] = row["cfi"] - rows[-1]["cfi"]
        rows.append(row)
        before = one
    return labelled(pd.DataFrame(rows), before is not None and before.synthetic)


def _differences(own: Fit) -> pd.DataFrame:
    """Return the test of each claim that its effect is equal in all groups."""
    claims = list(framework_of(own).claims)
    listed = claimed_effects(claims, own.group(own.groups[0]))
    gaps, cov = _gaps(own, listed)
    rows = []
    for k, claim in enumerate(claims):
        at = np.arange(k, len(gaps), len(claims))
        try:
            found = wald(gaps[at], np.eye(len(at)), cov[np.ix_(at, at)])
            numbers = (found.chisq, found.df, found.pvalue)
        except TrustStatsError:
            numbers = (_NAN, len(at), _NAN)
        rows.append((claim.id, *numbers))
    columns = ["claim_id", "chisq", "df", "pvalue"]
    frame = pd.DataFrame(rows, columns=columns)
    return labelled(frame.assign(p_holm=holm(frame["pvalue"].to_numpy())), own.synthetic)


def _gaps(own: Fit, listed: EffectList) -> tuple[Array, Array]:
    """Return every later group's effects less the first one's, and their covariance matrix."""
    layouts, theta = own.estimate.layouts, own.estimate.theta
    _, keep = effect_frames.structural_paths(own)

    def gaps(t: Array) -> Array:
        first, *others = (
            effect_values(x, listed, t, standardized=False, keep=keep) for x in layouts
        )
        return np.concatenate([other - first for other in others], axis=1)

    return gaps(theta[None])[0], delta_covariance(gaps, theta, own.vcov)
