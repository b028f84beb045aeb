"""`polychoric`: correlations of the normal responses assumed under ordered answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array, BoolArray
from truststats.errors import DataError, OptionError, Problem, worst_first
from truststats.estimation.mixed_moments import mixed_moments
from truststats.estimation.polychoric import ordinal_moments, usable
from truststats.model import Model
from truststats.options import FROM_SURVEY, choose, did_you_mean
from truststats.results.polychoric import Polychoric
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.columns import as_frame, model_rows
from truststats.workflow.sampling import cluster_labels, sampling

__all__ = ["polychoric"]

_SEVERE = 0.05
_UNSTRATIFIED = {
    "sampling_weights_normalization": "total", "strata": None, "lonely_psu": "fail",
}  # fmt: skip


def polychoric(
    data: Any,
    names: Sequence[str] | None = None,
    *,
    continuous: str | Sequence[str] = (),
    given: str | Sequence[str] = (),
    missing: str = "listwise",
    sampling_weights: Any = FROM_SURVEY,
    cluster: Any = FROM_SURVEY,
    zero_add: tuple[float, float] = (0.5, 0.0),
    zero_keep_margins: bool = True,
) -> Polychoric:
    """Return thresholds, polychoric and polyserial correlations and their standard errors.

    Parameters
    ----------
    data : Survey or frame
        Ordered answers as numbers; two categories give tetrachoric correlations.
    names : sequence of str, optional
        The items; all columns of a frame, or all items of a survey.
    continuous : str or sequence of str
        Which of them are no ordered categories: theirs are polyserial and ordinary correlations.
    given : str or sequence of str
        Exogenous variables that everything is given: residual correlations of probit and linear
        regressions, whose slopes are in `slopes`.
    missing : {"listwise", "pairwise"}
        Rows without any hole, or for each pair the rows that answer both.
    sampling_weights : str or None
        Column of sampling weights; a survey's own by default.
    cluster : str or None
        Column of the unit within which rows depend on each other; a survey's own by default.
    zero_add : two floats
        What an empty cell of a 2 x 2 table, and of a larger table, gets before the correlation
        is sought; the defaults are lavaan's.
    zero_keep_margins : bool
        Whether the other cells of a 2 x 2 table with one empty cell give way.

    Returns
    -------
    Polychoric
        With `corr`, `thresholds`, `tidy()` and, in `moments`, the asymptotic covariance.

    Raises
    ------
    DataError
        If an item is constant or has more than 30 categories, or a pair has no table.
    OptionError
        If `continuous` names no variable that is correlated.

    Examples
    --------
    >>> import truststats as ts
    >>> items = ["t1", "t2", "t3"]
    >>> import numpy as np, pandas as pd
    >>> y = np.random.default_rng(1).normal(size=(500, 1)) + np.eye(500, 3)
    >>> frame = pd.DataFrame(np.digitize(y, [-1, 0, 1]), columns=items)
    >>> found = ts.polychoric(frame)
    """
    choose("missing", missing, ("listwise", "pairwise"))
    smooth, x = _listed(continuous), _listed(given)
    names, cluster, weights = _asked(data, names, cluster, sampling_weights, x)
    _check_listed(smooth, names)
    rows, frame = model_rows(Model("", ()), (*names, *x), data)
    rows, exogenous = rows[:, : len(names)], rows[:, len(names) :]
    drawn = {**_UNSTRATIFIED, "sampling_weights": weights}
    how = sampling(data, frame, drawn)
    units = None
    if cluster is not None:
        units, _ = pd.factorize(
            np.asarray(cluster_labels(data, frame, cluster), dtype=object), use_na_sentinel=True
        )
    keep: BoolArray = usable(rows, missing) & ~np.isnan(exogenous).any(axis=1)
    if units is not None:
        keep = keep & (units >= 0)
    used = how.normalized(keep, None)
    drawn = {
        "missing": missing,
        "clusters": None if units is None else units[keep].astype(np.intp),
        "weights": None if used is None else used[keep],
    }
    if smooth or x:
        moments = mixed_moments(
            rows[keep], names, [name not in smooth for name in names],
            x=exogenous[keep], x_names=x, **drawn,
        )  # fmt: skip
    else:
        moments = ordinal_moments(
            rows[keep], names, zero_add=zero_add, zero_keep_margins=zero_keep_margins, **drawn
        )
    lost = _loss(rows, missing, cluster, units, np.asarray(np.isnan(exogenous).any(axis=1)))
    problems = worst_first([*lost, *how.problems(keep, None, None), *moments.problems])
    synthetic = is_synthetic(data)
    return Polychoric(moments, moments.n, missing, cluster, weights, problems, synthetic)


def _listed(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _check_listed(smooth: tuple[str, ...], names: tuple[str, ...]) -> None:
    strange = [name for name in smooth if name not in names]
    if strange:
        raise OptionError(
            f"continuous={strange[0]!r} is none of the variables to be correlated."
            f"{did_you_mean(strange[0], names)}",
            fix="name it in names= too",
        )


def _asked(
    data: Any, names: Sequence[str] | None, cluster: Any, weights: Any, x: tuple[str, ...]
) -> tuple[tuple[str, ...], str | None, str | None]:
    """Return the items, the cluster and the weights that were asked for."""
    survey = data if isinstance(data, Survey) else None
    if cluster is FROM_SURVEY:
        cluster = None if survey is None else survey.design.cluster
    if weights is FROM_SURVEY:
        weights = None if survey is None else survey.design.weights
    if names is None:
        there = survey.items if survey is not None else map(str, as_frame(data).columns)
        names = [name for name in there if name not in (cluster, weights, *x)]
    if isinstance(names, str) or len(names) < 2:
        raise DataError(
            "A correlation needs two items.", fix='name them, for example names=["q1", "q2"]'
        )
    return tuple(names), cluster, weights


def _loss(
    rows: Array, missing: str, cluster: str | None, units: Any, without_x: BoolArray
) -> list[Problem]:
    """Return what was left out and why."""
    homeless = np.zeros(len(rows), dtype=bool) if units is None else units < 0
    listwise = missing == "listwise"
    reasons = (
        (homeless, f"no value for the cluster {cluster}", ""),
        (
            ~homeless & ~usable(rows, missing),
            "incomplete on the items (listwise)" if listwise else "no answer to any of the items",
            "Use missing='pairwise' to keep incomplete rows." if listwise else "",
        ),
        (~homeless & usable(rows, missing) & without_x, "missing on an exogenous variable", ""),
    )
    out: list[Problem] = []
    for lost, reason, remedy in reasons:
        count = int(lost.sum())
        share = count / len(rows)
        if count:
            message = f"{count} of {len(rows)} rows ({100 * share:.1f} %) left out: {reason}."
            severity = "warning" if share > _SEVERE else "note"
            out.append(Problem("rows_not_used", severity, message, remedy, count=count))
    return out
