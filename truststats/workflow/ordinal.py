"""Fits of ordinal items: which are ordinal, what the estimator's name stands for, and the numbers.

The table of estimators follows lavaan 0.7, where DWLS and ULS have robust standard errors too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from truststats.arrays import Array, BoolArray
from truststats.errors import DataError, NotSupportedError, OptionError, Problem
from truststats.estimation.constraints import Constraints
from truststats.estimation.layout import Layout
from truststats.estimation.ordinal import (
    OrdinalEstimate,
    cuts_from_partable,
    estimate_ordinal,
    ordinal_sample,
)
from truststats.estimation.polychoric import OrdinalMoments, ordinal_moments
from truststats.inference.moment_structure import bread, filling, traces
from truststats.inference.ordinal import baseline_pieces, ordinal_baseline, ordinal_pieces
from truststats.inference.robust_tests import adjusted_test
from truststats.inference.tests import ModelTest, chisq_pvalue
from truststats.model import Model, ParTable
from truststats.model.names import names_of
from truststats.options import choose, did_you_mean
from truststats.survey import Survey
from truststats.workflow.data import Prepared, check_rows, model_rows, rows_lost
from truststats.workflow.grouping import Grouping
from truststats.workflow.missing import Numbers
from truststats.workflow.settings import Settings

__all__ = [
    "ONLY_ORDINAL",
    "ORDINAL",
    "PreparedItems",
    "check_roles",
    "estimate_items",
    "infer_items",
    "levels_of",
    "ordered_names",
    "ordinal_settings",
    "prepare_items",
    "read_items",
    "refuse_with_ordinal",
]

#: discrepancy, standard errors and test by the estimator's name.
ORDINAL: Mapping[str, tuple[str, str, str]] = {
    "WLSMV": ("DWLS", "robust.sem", "scaled.shifted"),
    "WLSMVS": ("DWLS", "robust.sem", "mean.var.adjusted"),
    "WLSM": ("DWLS", "robust.sem", "satorra.bentler"),
    "DWLS": ("DWLS", "robust.sem", "standard"),
    "ULSMV": ("ULS", "robust.sem", "scaled.shifted"),
    "ULSMVS": ("ULS", "robust.sem", "mean.var.adjusted"),
    "ULSM": ("ULS", "robust.sem", "satorra.bentler"),
    "ULS": ("ULS", "robust.sem", "standard"),
    "WLS": ("WLS", "standard", "standard"),
}
#: Estimators that need ordinal items.
ONLY_ORDINAL = ("WLSMV", "WLSMVS", "WLSM", "DWLS")
_TESTS = ("standard", "scaled.shifted", "mean.var.adjusted", "satorra.bentler")


def ordered_names(ordered: Any, model: Model, data: Any, estimator: str | None) -> tuple[str, ...]:
    """Return the model's ordinal items, in its order; empty if all are continuous.

    Parameters
    ----------
    ordered : bool, str, sequence of str or None
        True is every observed variable that is not exogenous. None is what the codebook of a
        survey says, if the estimator is one for ordinal items, and items whose thresholds the
        text names.
    model : Model
    data : Survey or frame
    estimator : str or None

    Raises
    ------
    OptionError
        For names that are not in the model, and for an estimator of ordinal items without any.
    """
    names = names_of(model.statements)
    named = {s.lhs for s in model.statements if s.op == "|"}
    wanted = estimator is not None and str(estimator).upper() in ONLY_ORDINAL
    if ordered is True:
        found = set(names.ov) - set(names.ov_x)
    elif ordered is None:
        coded = isinstance(data, Survey) and wanted
        found = {name for name in names.ov if coded and _has_codes(data, name)}
    else:
        given = [ordered] if isinstance(ordered, str) else list(ordered or ())
        strange = [name for name in given if name not in names.ov]
        if strange:
            raise OptionError(
                f"ordered={strange[0]!r} is no observed variable of the model."
                f"{did_you_mean(str(strange[0]), names.ov)}",
                fix=f"use some of {', '.join(names.ov)}, or ordered=True for all items",
            )
        found = set(given)
    found |= named
    if wanted and not found:
        raise OptionError(
            f"estimator={estimator!r} is for ordinal items, and no item is said to be ordinal.",
            why="a plain frame does not say which of its numbers are ordered categories",
            fix="add ordered=True, or ordered=[...] with the items' names",
        )
    return tuple(name for name in names.ov if name in found)


def _has_codes(survey: Survey, name: str) -> bool:
    """Tell whether the codebook lists the answers of an item."""
    return name in survey.items and bool(survey.coding(name).codes)


def ordinal_settings(
    estimator: str | None, *, missing: str | None, se: str | None, test: str | None
) -> Settings:
    """Return the settings of a fit of ordinal items, or raise what to use instead."""
    name = "WLSMV" if estimator is None else str(estimator).upper()
    if name not in ORDINAL:
        raise OptionError(
            f"estimator={estimator!r} does not go with ordered items.",
            why="ordinal items are fitted through thresholds and polychoric correlations",
            fix="use estimator='WLSMV', or leave ordered= out to treat items as continuous",
        )
    if missing is not None and missing not in ("listwise", "pairwise"):
        raise OptionError(
            f"missing={missing!r} does not go with ordered items.",
            why="there is no casewise likelihood of thresholds and polychoric correlations",
            fix="use missing='pairwise', which keeps incomplete rows, or 'listwise'",
        )
    discrepancy, default_se, default_test = ORDINAL[name]
    se = choose(
        "se", se or default_se, ("standard", "robust.sem", "none"),
        aliases={"robust": "robust.sem", "default": default_se},
    )  # fmt: skip
    test = choose("test", test or default_test, _TESTS, aliases={"default": default_test})
    if discrepancy == "WLS" and (se == "robust.sem" or test != "standard"):
        raise NotSupportedError(
            f"se={se!r} with test={test!r} is not given with estimator='WLS'.",
            why="its weight is the inverse of the covariance matrix itself",
            fix="leave se= and test= out",
        )
    if discrepancy == "ULS" and se == "standard":
        raise NotSupportedError(
            "se='standard' is not given with unweighted least squares.",
            why="it takes the moments for uncorrelated and of one variance",
            fix="leave se= out",
        )
    return Settings(
        name, discrepancy, missing or "listwise", se, test, "expected", "normal", fixed_x=False
    )


def refuse_with_ordinal(given: Mapping[str, Any]) -> None:
    """Raise for options that are not verified with ordinal items, by name and value.

    Raises
    ------
    NotSupportedError
        Naming the first one and what to use instead.
    """
    instead = {
        "cluster": "pass cluster=None, or leave ordered= out and use estimator='MLR'",
        "sampling_weights": "pass sampling_weights=None, or leave ordered= out",
        "strata": "leave strata= out",
        "auxiliary": "use missing='pairwise' without auxiliary=",
        "sample_cov": "pass the rows",
        "bounds": "leave bounds= out",
        "likelihood": "leave likelihood= out",
        "information": "leave information= out",
        "effect_coding": "use the marker item or std_lv=True",
    }
    for name, fix in instead.items():
        value = given.get(name)
        if value is not None and value is not False and not (name == "auxiliary" and not value):
            raise NotSupportedError(
                f"{name}= does not go with ordered items yet.",
                why="this combination is not checked against an independent source",
                fix=fix,
            )


def check_roles(table: ParTable) -> None:
    """Raise unless every observed variable is an ordinal item and all constraints are equalities.

    Raises
    ------
    NotSupportedError
        Naming the others.
    """
    bounded = any(np.isfinite(side).any() for side in table.theta_bounds)
    if bounded or any(c.op != "==" for c in table.constraints):
        raise NotSupportedError(
            "Bounds and inequalities do not go with ordered items yet.",
            why="this combination is not checked against an independent source",
            fix="write equalities only, or leave ordered= out",
        )
    ordinal = dict(table.levels)
    others = [name for name in table.ov if name not in ordinal]
    if others:
        raise NotSupportedError(
            f"Ordinal items beside continuous or exogenous variables ({', '.join(others[:5])}) "
            "are not available yet.",
            why="their polyserial correlations are not checked against an independent source",
            fix="make all items ordinal with ordered=True, or leave ordered= out",
        )


@dataclass(frozen=True)
class PreparedItems(Prepared):
    """Ordinal answers ready for a fit.

    Attributes
    ----------
    moments : tuple of OrdinalMoments
        Thresholds and polychoric correlations, one per group.
    """

    moments: tuple[OrdinalMoments, ...] = ()


def levels_of(rows: Array, names: Sequence[str]) -> dict[str, int]:
    """Return how many different answers each variable has."""
    return {
        name: len(np.unique(col[~np.isnan(col)])) for name, col in zip(names, rows.T, strict=True)
    }


def read_items(
    model: Model, names: tuple[str, ...], data: Any, missing: str, groups: Grouping | None
) -> tuple[Array, BoolArray, dict[str, int], Any]:
    """Return the answers (n, p), which rows to use, how many were dropped why, and their index."""
    rows, frame = model_rows(model, names, data)
    check_rows(rows, names)
    gone = np.isnan(rows)
    keep = np.ones(len(rows), dtype=bool)
    dropped: dict[str, int] = {}

    def drop(bad: BoolArray, reason: str) -> None:
        count = int((bad & keep).sum())
        if count:
            dropped[reason] = count
            keep[bad] = False

    if groups is not None:
        reason = (
            f"in no group of {groups.name} that was asked for"
            if groups.left_out
            else f"no value for the group {groups.name}"
        )
        drop(groups.codes < 0, reason)
    if missing == "listwise":
        drop(np.asarray(gone.any(axis=1)), "incomplete on the model's variables (listwise)")
    else:
        drop(np.asarray(gone.all(axis=1)), "no answer to any of the model's variables")
    return rows, keep, dropped, frame.index


def _not_definite(got: OrdinalMoments) -> list[Problem]:
    """Return a note where the polychoric correlations are no correlations of any variables."""
    if np.linalg.eigvalsh(got.corr)[0] > 0.0:
        return []
    return [
        Problem(
            "polychoric_not_definite",
            "note",
            "The matrix of polychoric correlations is not positive definite, so the robust CFI, "
            "TLI and RMSEA do not exist.",
            "Read the scaled ones; more rows, fewer items or merged rare categories help.",
        )
    ]


def prepare_items(
    read: tuple[Array, BoolArray, dict[str, int], Any],
    names: tuple[str, ...],
    missing: str,
    groups: Grouping | None,
) -> PreparedItems:
    """Return thresholds and polychoric correlations of every group.

    Parameters
    ----------
    read : tuple
        From `read_items`.
    names : tuple of str
    missing : {"listwise", "pairwise"}
    groups : Grouping, optional

    Raises
    ------
    DataError
        For constant items, and for categories that a group does not have.
    """
    rows, keep, dropped, index = read
    used = rows[keep]
    levels = [np.unique(col[~np.isnan(col)]) for col in used.T]
    members: list[tuple[str | None, BoolArray]] = [(None, keep)]
    if groups is not None:
        members = [(label, keep & (groups.codes == k)) for k, label in enumerate(groups.labels)]
    samples, moments = [], []
    problems: list[Problem] = list(rows_lost(dropped, len(rows), "pairwise"))
    for label, inside in members:
        own = rows[inside]
        try:
            got = ordinal_moments(own, names, missing=missing, levels=levels)
        except DataError as error:
            if label is None:
                raise
            raise DataError(
                f"Group {label!r}: {error.what}", where=error.where, why=error.why, fix=error.fix
            ) from error
        found = [*got.problems, *_not_definite(got)]
        problems += [replace(p, group=label) if label else p for p in found]
        sample = ordinal_sample(got, got.n, own)
        samples.append(replace(sample, places=np.flatnonzero(inside)))
        moments.append(got)
    return PreparedItems(tuple(samples), len(rows), dropped, tuple(problems), index, tuple(moments))


def estimate_items(
    made: Settings,
    partable: ParTable,
    layouts: Sequence[Layout],
    ready: PreparedItems,
    loadings: Sequence[tuple[int, int]],
    *,
    user_start: Array,
    constraints: Constraints | None,
) -> OrdinalEstimate:
    """Return the estimate of a model of ordinal items."""
    return estimate_ordinal(
        layouts, cuts_from_partable(partable), ready.samples, ready.moments, loadings,
        kind=made.discrepancy, user_start=user_start, constraints=constraints,
    )  # fmt: skip


def infer_items(estimate: OrdinalEstimate, made: Settings) -> Numbers:
    """Return standard errors and tests of a model of ordinal items.

    The sandwich E (sum_g a_g D'V Gamma V D) E / (N - G) with E the inverse of sum_g a_g D'V D
    (Muthen, du Toit & Spisic 1997); unweighted least squares has no chi-square of its own.
    """
    scaled = made.test != "standard"
    pieces = ordinal_pieces(estimate, gamma=scaled or made.se == "robust.sem")
    e, regular = bread(pieces, estimate.null)
    cov = e @ filling(pieces) @ e if made.se == "robust.sem" else e
    if made.se == "none":
        cov = np.full_like(e, np.nan)
    p = chisq_pvalue(estimate.chisq, estimate.df)
    test = ModelTest("standard", estimate.chisq, estimate.df, p)
    baseline = ordinal_baseline(estimate)
    if made.discrepancy == "ULS":
        nan = float("nan")
        test, baseline = replace(test, pvalue=nan), replace(baseline, pvalue=nan)
    out = Numbers(cov / (estimate.n - len(estimate.samples)), regular, test, baseline)
    if not scaled:
        return out
    base = baseline_pieces(estimate)
    own = adjusted_test(made.test, test.chisq, estimate.df, *traces(pieces, e))
    of_base = traces(base, bread(base, None)[0])
    other = adjusted_test(made.test, baseline.chisq, int(baseline.df), *of_base)
    return replace(out, scaled=(own, other))
