"""`compare`: fits side by side in one table, with the tests of their differences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from truststats.errors import ConvergenceError, DataError, NotSupportedError, OptionError
from truststats.results.fit import Fit
from truststats.survey.synthetic import labelled
from truststats.workflow.difference import difference, method_for
from truststats.workflow.nesting import net

__all__ = ["compare"]

_NAN = float("nan")


def compare(
    *fits: Fit,
    names: list[str] | None = None,
    method: str | None = None,
    a_method: str = "delta",
    adjust: str = "scaled_shifted",
) -> pd.DataFrame:
    """Return one row per fit: test, fit measures, information criteria, and differences.

    Rows are ordered by degrees of freedom. Each fit is tested against the one above it, if the
    nesting check finds it nested there.

    Parameters
    ----------
    *fits : Fit
        Fits of the same variables on the same number of rows.
    names : list of str, optional
        Row labels; "1", "2", ... in the order given by default.
    method : str, optional
        "standard", "satorra_bentler_2001", "satorra_bentler_2010" or "satorra_2000"; by default
        as in lavaan: the plain difference for the standard test, Satorra & Bentler (2001) for
        mean-scaled tests, Satorra (2000) for mean- and variance-adjusted ones.
    a_method : {"delta", "exact"}
        How Satorra (2000) finds the restrictions: from both models at their own estimates, or
        where both imply the same moments.
    adjust : {"scaled_shifted", "scaled", "mean_var_adjusted"}
        How Satorra (2000) uses them.

    Returns
    -------
    pandas.DataFrame
        The columns of `Fit.glance`, then, for likelihoods, ``delta_bic`` (to the lowest) and
        ``aic_weight`` (Burnham & Anderson 2002, doi:10.1007/b97636), the test against the row
        above (``relation``,
        ``chisq_diff``, ``df_diff``, ``pvalue_diff``, ``method``), ``delta_cfi``, ``delta_rmsea``
        and ``delta_srmr`` (this row minus the one above), and a ``note`` where there is no test.

    Raises
    ------
    DataError
        If variables or rows differ: information criteria would not be comparable.
    OptionError
        If the fits' tests differ, or the method does not go with them.
    """
    _check_arguments(fits, names)
    for k, other in enumerate(fits[1:], start=2):
        _check_comparable(fits[0], other, k)
    chosen = method_for(fits[0], method)
    labels = names or [str(k + 1) for k in range(len(fits))]
    order = sorted(range(len(fits)), key=lambda k: fits[k].df)
    sorted_fits = [fits[k] for k in order]
    table = pd.concat([fit.glance() for fit in sorted_fits], ignore_index=True)
    table.index = pd.Index([labels[k] for k in order], name="model")
    if "bic" in table:
        table["delta_bic"] = table["bic"] - table["bic"].min()
        weight = np.exp(-0.5 * (table["aic"] - table["aic"].min()))
        table["aic_weight"] = weight / weight.sum()
    rows = [_nothing("")]
    rows += [_row(one, two, chosen, a_method, adjust) for one, two in pairwise(sorted_fits)]
    for name in rows[0]:
        table[name] = [row[name] for row in rows]
    for name in ("cfi", "rmsea", "srmr"):
        table[f"delta_{name}"] = table[name].diff()
    table["note"] = table.pop("note")
    return labelled(table, any(fit.synthetic for fit in fits))


def _nothing(relation: str, note: str = "") -> dict[str, Any]:
    """Return the columns of a row that has no test."""
    empty = {"chisq_diff": _NAN, "df_diff": _NAN, "pvalue_diff": _NAN, "method": ""}
    return {"relation": relation} | empty | {"note": note}


def _row(larger: Fit, smaller: Fit, method: str, a_method: str, adjust: str) -> dict[str, Any]:
    """Return the difference of two fits, or why there is none."""
    try:
        found = net(smaller, larger).relation
    except (ConvergenceError, NotSupportedError) as error:
        return _nothing("not checked", error.what)
    if found != "a in b":
        return _nothing("equivalent" if found == "equivalent" else "not nested")
    try:
        got = difference(smaller, larger, method, a_method=a_method, adjust=adjust)
    except NotSupportedError as error:
        return _nothing("nested", f"{error.what} {error.fix}".strip())
    note = "" if got.scaling_factor > 0 else _not_positive(larger, method, got.scaling_factor)
    test = {"chisq_diff": got.chisq, "df_diff": got.df, "pvalue_diff": got.pvalue}
    return {"relation": "nested"} | test | {"method": got.method, "note": note}


def _not_positive(fit: Fit, method: str, scale: float) -> str:
    """Return what to do about a scaling factor that is not positive."""
    others = [m for m in ("satorra_bentler_2010", "satorra_2000") if m != method]
    if fit.missing == "ml":
        others = [m for m in others if m != "satorra_2000"]
    advice = f"use method={' or '.join(map(repr, others))}" if others else "compare by BIC"
    return f"the scaling factor of the difference is {scale:.3f}, not positive; {advice}"


def _check_arguments(fits: Sequence[Fit], names: list[str] | None) -> None:
    if len(fits) < 2:
        raise OptionError("compare() needs at least two fits.")
    for k, other in enumerate(fits, start=1):
        if not isinstance(other, Fit):
            raise OptionError(f"Argument {k} of compare() is a {type(other).__name__}, not a fit.")
    if names is not None and len(names) != len(fits):
        raise OptionError(f"names= has {len(names)} labels for {len(fits)} fits.")


def _check_comparable(first: Fit, other: Fit, k: int) -> None:
    """Refuse fits whose information criteria cannot be compared."""
    apart = set(first.partable.ov) ^ set(other.partable.ov)
    if apart:
        raise DataError(
            f"Fits 1 and {k} do not share their variables: {', '.join(sorted(apart))}.",
            why="their information criteria are not comparable",
            fix="fit every model to the same variables",
        )
    if set(other.partable.ov_x) != set(first.partable.ov_x) or (
        other.options["fixed_x"] != first.options["fixed_x"] and first.partable.ov_x
    ):
        raise DataError(
            f"Fits 1 and {k} do not take the same variables as given.",
            why="likelihoods are conditional on fixed exogenous variables, so their "
            "information criteria are not comparable",
            fix="pass fixed_x=False to every fit",
        )
    if other.nobs != first.nobs:
        raise DataError(
            f"Fits 1 and {k} use {first.nobs} and {other.nobs} rows.",
            why="their information criteria are not comparable",
            fix="use missing='ml', or the same complete rows, for every model",
        )
    if other.test_type != first.test_type:
        raise OptionError(
            f"Fits 1 and {k} have different tests, {first.test_type} and {other.test_type}.",
            fix="fit every model with the same estimator",
        )
    _check_same_answers(first, other, k)


def _check_same_answers(first: Fit, other: Fit, k: int) -> None:
    table = first.partable
    given = set(table.ov_x) if table.levels and first.options["fixed_x"] else set[str]()
    names = [name for name in table.ov if name not in given]
    one, two = (_covariances(fit, names) for fit in (first, other))
    same = one.keys() == two.keys()
    if not (same and all(np.allclose(one[g], two[g], rtol=1e-5, atol=1e-8) for g in one)):
        raise DataError(
            f"Fits 1 and {k} are of different answers.",
            why="their sample covariances differ",
            fix="fit every model to the same rows",
        )


def _covariances(fit: Fit, names: list[str]) -> dict[str, pd.DataFrame]:
    """Return the sample covariances of every group."""
    moments = fit.sample_moments()
    groups = {label: moments[label] for label in fit.groups} if fit.groups else {"": moments}
    return {label: group["cov"].loc[names, names] for label, group in groups.items()}
