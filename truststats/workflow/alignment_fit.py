"""The same form in every group: the loadings and intercepts that an alignment starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from truststats.arrays import Array, IntArray
from truststats.errors import DataError, NotSupportedError, OptionError, Problem
from truststats.inference.tests import ModelTest
from truststats.model import Model, ParTable
from truststats.psychometrics.alignment_loss import same_way
from truststats.results.comparison import LeftOut
from truststats.results.fit import Fit
from truststats.survey import Survey
from truststats.survey.managers import about_managers, few_managers
from truststats.workflow.columns import as_frame, model_rows
from truststats.workflow.fit import fit
from truststats.workflow.grouping import group_codes
from truststats.workflow.invariance_groups import Kept

__all__ = ["Configural", "ConfiguralFactor", "configural", "from_fit", "without_few_managers"]

_CLUSTER, _WEIGHT, _GROUP = "the cluster", "the weight", "the group"
_LEAST_ITEMS = 3


@dataclass(frozen=True, eq=False)
class ConfiguralFactor:
    """A factor of p items with mean 0 and variance 1 in each of G groups.

    Attributes
    ----------
    name : str
    items : tuple of str
    loadings, intercepts : (p, G) arrays
    cov : (K, s, s) array
        Their covariance: G blocks of size 2p, or one where groups share clusters; group after
        group, loadings before intercepts.
    """

    name: str
    items: tuple[str, ...]
    loadings: Array
    intercepts: Array
    cov: Array


@dataclass(frozen=True, eq=False)
class Configural:
    """The model with the same form in every group.

    Attributes
    ----------
    people : mapping of str to int
        People used by group.
    factors : tuple of ConfiguralFactor
    measures : mapping
        chisq, df, pvalue, cfi and rmsea of all groups together; robust where tests are scaled.
    left_out : tuple of LeftOut
        Groups without a solution.
    cluster : str or None
    problems : tuple of Problem
    """

    people: Mapping[str, int]
    factors: tuple[ConfiguralFactor, ...]
    measures: Mapping[str, float]
    left_out: tuple[LeftOut, ...]
    cluster: str | None
    problems: tuple[Problem, ...]


def without_few_managers(kept: Kept, model: Model, data: Any) -> Kept:
    """Return the groups without those whose ratings of managers are about too few of them.

    Raises
    ------
    DataError
        If fewer than two groups are left.
    """
    units = data.clusters() if isinstance(data, Survey) else None
    if units is None or not set(model.observed) & set(about_managers(data)):
        return kept
    codes = group_codes(data, data.frame, kept.column, kept.labels)
    there = np.flatnonzero(data.values(model.observed).notna().any(axis=1).to_numpy())
    few = {
        k: int((codes[there] == k).sum())
        for k in range(len(kept.labels))
        if few_managers(units.iloc[there[codes[there] == k]])
    }
    left = tuple(label for k, label in enumerate(kept.labels) if k not in few)
    if len(left) < 2:
        raise DataError(
            f"The ratings of managers are about too few of them in {len(few)} groups.",
            why="they would describe single persons",
            fix="name a column of larger groups",
        )
    out = tuple(LeftOut(kept.labels[k], "few_managers", n) for k, n in few.items())
    return replace(kept, labels=left, left_out=(*kept.left_out, *out))


def configural(model: Model, data: Any, kept: Kept, *, estimator: str, cluster: Any) -> Configural:
    """Return the model fitted in every group by itself.

    Groups are independent and fitted one by one, so that the time grows with their number; where
    they share clusters they are fitted together.

    Raises
    ------
    DataError
        If fewer than two groups have a solution.
    """
    frame = data.frame if isinstance(data, Survey) else as_frame(data)
    codes = group_codes(data, frame, kept.column, kept.labels)
    design = data.design if isinstance(data, Survey) else None
    name = cluster if isinstance(cluster, str) or cluster is None else (design and design.cluster)
    weight = design and design.weights
    options: dict[str, Any] = {
        "estimator": estimator, "missing": kept.missing, "std_lv": True, "meanstructure": True,
    }  # fmt: skip
    if name is not None and _shared(frame, name, codes):
        joint = fit(
            model, data, group=kept.column, group_label=kept.labels, cluster=cluster, **options
        )
        return from_fit(joint)
    rows, _ = model_rows(model, model.observed, data)
    plain = pd.DataFrame(rows, columns=list(model.observed))
    for column, source in ((_CLUSTER, name), (_WEIGHT, weight)):
        if source is not None:
            plain[column] = np.asarray(frame[source])
    text = replace(model, recode={})

    def one(k: int) -> Fit:
        return fit(
            text, plain[codes == k], cluster=None if name is None else _CLUSTER,
            sampling_weights=None if weight is None else _WEIGHT, **options,
        )  # fmt: skip

    return _gathered(one, kept, name)


def _shared(frame: pd.DataFrame, name: str, codes: IntArray) -> bool:
    """Tell whether a cluster has people in several groups."""
    if name not in frame.columns:
        raise DataError(f"The data have no cluster column {name!r}.", fix="name the column")
    inside = codes >= 0
    told = pd.Series(codes[inside]).groupby(np.asarray(frame[name])[inside], dropna=True)
    return bool((told.nunique() > 1).any())


def _gathered(one: Callable[[int], Fit], kept: Kept, cluster: str | None) -> Configural:
    """Return the fits of all groups that have a solution, side by side."""
    fits: dict[str, Fit] = {}
    left_out: list[LeftOut] = []
    problems: list[Problem] = []
    reason: DataError | None = None
    for k, label in enumerate(kept.labels):
        try:
            found = one(k)
        except DataError as error:
            reason = reason or error
            left_out.append(LeftOut(label, "not_converged", 0))
            continue
        if not (found.converged and bool(np.isfinite(found.vcov).all())):
            left_out.append(LeftOut(label, "not_converged", int(found.nobs)))
            continue
        fits[label] = found
        problems += [replace(p, group=label) for p in found.problems]
    if len(fits) < 2 and reason is not None:
        raise reason
    if len(fits) < 2:
        raise DataError(
            f"The model has a solution in {len(fits)} of {len(kept.labels)} groups.",
            fix="use a simpler model, or larger groups",
        )
    tables = [each.partable for each in fits.values()]
    factors = tuple(
        _factor(name, tables, list(fits.values()), np.zeros(len(fits), dtype=int))
        for name in _names(tables[0])
    )
    return Configural(
        {label: int(each.nobs) for label, each in fits.items()},
        factors,
        _measures(list(fits.values()), len(fits)),
        tuple(left_out),
        cluster,
        tuple(_once(problems)),
    )


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Return every error, and each other kind of problem in the first group that has it worst."""
    rank = {"error": 0, "warning": 1, "note": 2}
    out: dict[str, Problem] = {}
    for problem in sorted(problems, key=lambda p: rank[p.severity]):
        key = f"{problem.code} {problem.group}" if problem.severity == "error" else problem.code
        out.setdefault(key, problem)
    return list(out.values())


def from_fit(found: Fit) -> Configural:
    """Return what a joint fit of several groups holds for an alignment.

    Raises
    ------
    OptionError
        If the fit has no groups, holds something equal, or factors have another scale.
    NotSupportedError
        If it is a fit of ordinal items, was read from a file, or an item measures several factors.
    """
    table = found.partable
    if not found.groups:
        raise OptionError("The fit has no groups.", fix="pass group= to ts.fit")
    if table.levels or found.loaded is not None:
        raise NotSupportedError(
            "Thresholds are not aligned, nor are fits that were read from a file.",
            why="it is not yet checked against an independent source",
            fix="fit the answers as numbers: ts.alignment(model, data, estimator='MLR')",
        )
    if not found.converged:
        raise DataError("The model of the groups has no solution.", fix="use a simpler model")
    if found.options.get("group_equal"):
        raise OptionError(
            "The fit holds parameters equal over its groups.",
            why="an alignment starts from the same form with nothing equal",
            fix="fit without group_equal=",
        )
    count = len(found.groups)
    factors = tuple(
        _factor(name, [table] * count, [found] * count, np.arange(count), joint=True)
        for name in _names(table)
    )
    people = {str(name): int(n) for name, n in found.group_nobs.items()}
    return Configural(
        people, factors, _measures([found], count), (), found.cluster, tuple(found.problems)
    )


def _names(table: ParTable) -> list[str]:
    """Return the factors, all of which have to be measured by three items or more of their own."""
    rows = list(zip(table.lhs, table.op, table.rhs, strict=True))
    measured = list(dict.fromkeys((lhs, rhs) for lhs, op, rhs in rows if op == "=~"))
    names = list(dict.fromkeys(lhs for lhs, _ in measured))
    items = [rhs for _, rhs in measured]
    twice = sorted({item for item in items if items.count(item) > 1})
    above = sorted({rhs for _, rhs in measured if rhs in names})
    if twice or above or any(op == "~" for _, op, _ in rows):
        raise NotSupportedError(
            "Only items that measure one factor each are aligned.",
            where=", ".join([*twice, *above]) or "a regression",
            why="an intercept that several factors share has no part of each",
            fix="write a measurement model without cross-loadings, factors above factors, or paths",
        )
    few = [name for name in names if sum(lhs == name for lhs, _ in measured) < _LEAST_ITEMS]
    if few:
        raise OptionError(
            f"{', '.join(few)} has fewer than {_LEAST_ITEMS} items.",
            why="the items that agree outvote the one that does not",
            fix="align factors with three items or more",
        )
    return names


def _factor(
    name: str, tables: Sequence[ParTable], fits: Sequence[Fit], group: IntArray, *,
    joint: bool = False,
) -> ConfiguralFactor:  # fmt: skip
    """Return one factor of all groups, each group's turned the way of the first."""
    rows = zip(tables[0].lhs, tables[0].op, tables[0].rhs, strict=True)
    items = tuple(dict.fromkeys(rhs for lhs, op, rhs in rows if (lhs, op) == (name, "=~")))
    at = np.array(
        [_cells(table, name, items, int(g)) for table, g in zip(tables, group, strict=True)]
    )
    theta = np.stack([each.estimate.theta[cells] for each, cells in zip(fits, at, strict=True)])
    p = len(items)
    turn = same_way(theta[:, :p].T, 0)
    sign = np.ones(theta.shape)
    sign[:, :p] = turn[:, None]
    if joint:
        flat, signs = at.ravel(), sign.ravel()
        cov = (fits[0].vcov[np.ix_(flat, flat)] * np.outer(signs, signs))[None]
    else:
        cov = np.stack(
            [each.vcov[np.ix_(cells, cells)] for each, cells in zip(fits, at, strict=True)]
        )
        cov = cov * sign[:, :, None] * sign[:, None, :]
    theta = theta * sign
    return ConfiguralFactor(name, items, theta[:, :p].T.copy(), theta[:, p:].T.copy(), cov)


def _cells(table: ParTable, name: str, items: Sequence[str], group: int) -> list[int]:
    """Return where loadings and intercepts of a group stand in theta."""
    place = {
        (lhs, op, rhs): (unique, value)
        for lhs, op, rhs, unique, value, g in zip(
            table.lhs, table.op, table.rhs, table.unique, table.ustart, table.group, strict=True
        )
        if g in (0, group + 1)
    }
    keys = [*((name, "=~", item) for item in items), *((item, "~1", "") for item in items)]
    unit, _ = place.get((name, "~~", name), (-1, 1.0))
    fixed = [f"{a} {op} {b}".strip() for a, op, b in keys if place.get((a, op, b), (-1, 0))[0] < 0]
    if fixed or unit >= 0:
        raise OptionError(
            "Loadings and intercepts have to be free in every group, factors to have variance 1.",
            where=", ".join(fixed) or f"{name} ~~ {name}",
            why="an alignment finds the unit of the factors itself",
            fix="leave out fixed values; fit with std_lv=True and means",
        )
    return [place[key][0] for key in keys]


def _measures(fits: Sequence[Fit], groups: int) -> dict[str, float]:
    """Return test and fit of all groups together; robust where tests are scaled.

    Chi-squares, degrees of freedom and traces of independent groups add up.
    """
    plain = [(each.test, each.baseline) for each in fits]
    known = [each.scaled or each_plain for each, each_plain in zip(fits, plain, strict=True)]
    chisq, df, scale = _summed([a for a, _ in plain], [a for a, _ in known])
    base, base_df, base_scale = _summed([b for _, b in plain], [b for _, b in known])
    n = float(sum(each.nobs for each in fits)) / groups
    over, worst = chisq - scale * df, base - base_scale * base_df
    nan = float("nan")
    return {
        "chisq": chisq / scale if df else 0.0,
        "df": df,
        "pvalue": float(chdtrc(df, chisq / scale)) if df else nan,
        "cfi": 1.0 - max(over, 0.0) / max(over, worst, 1e-300) if df else nan,
        "rmsea": float(np.sqrt(max(over, 0.0) / (df * n))) if df else nan,
    }


def _summed(plain: Sequence[ModelTest], scaled: Sequence[ModelTest]) -> tuple[float, float, float]:
    df = float(sum(test.df for test in plain))
    traces = sum(s.scaling_factor * t.df for s, t in zip(scaled, plain, strict=True) if t.df)
    return sum(test.chisq for test in plain), df, traces / df if df else 1.0
