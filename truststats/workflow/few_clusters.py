"""`score_bootstrap`: tests and intervals of single parameters when there are few clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import NotSupportedError, OptionError
from truststats.estimation.sample import n_clusters_of
from truststats.inference.score_bootstrap import (
    WEIGHTS,
    ScoreTest,
    Weightings,
    draw_weights,
    interval,
    score_test,
)
from truststats.options import check_draws, check_level, choose, did_you_mean, generator
from truststats.results.effect_frames import FIXED_SEED
from truststats.results.fit import Fit
from truststats.results.frames import group_column, standard_errors
from truststats.survey.synthetic import labelled

__all__ = ["score_bootstrap"]

#: Clusters up to which weights of six points are used: two points give too few weightings.
_WEBB = 12


def score_bootstrap(
    fit: Fit,
    parameters: str | Sequence[str] | None = None,
    *,
    draws: int = 999,
    level: float = 0.95,
    seed: Any = None,
    weights: str | None = None,
) -> pd.DataFrame:
    """Test that parameters are zero, and give their intervals, by weights of the clusters' scores.

    Parameters
    ----------
    fit : Fit
        Estimated by ML or MLR with `cluster`.
    parameters : str or sequence of str, optional
        Names as in ``fit.params``, such as "trust ~ info" or a label. Default: the regressions,
        or the loadings of a model without any.
    draws : int
        Random weightings; all of them where they are no more than that.
    level : float
        Level of the intervals, the values that the test does not reject.
    seed : int, numpy.random.Generator or None
        None is one fixed seed.
    weights : {"rademacher", "webb"}, optional
        Two points, or six (the default for up to 12 clusters).

    Returns
    -------
    DataFrame
        lhs, op, rhs, (group,) label, est, statistic, pvalue, ci_lower, ci_upper. A limit is
        infinite where no value on its side is rejected.

    Raises
    ------
    OptionError
        If the fit has no clusters or no such parameter.
    NotSupportedError
        For fits without rows, in strata, under nonlinear constraints, or not by ML.

    Notes
    -----
    Kline & Santos (2012), doi:10.1515/2156-6674.1006, with the null hypothesis imposed.
    """
    count = _check(fit)
    kind = choose("weights", weights or ("webb" if count <= _WEBB else "rademacher"), WEIGHTS)
    rng = generator(seed, FIXED_SEED)
    drawn = draw_weights(kind, count, check_draws(draws), rng)
    alpha = 1.0 - check_level(level)
    table = fit.partable
    unique = np.array(table.unique)
    at = _chosen(fit, parameters)
    rows = [_one(fit, int(unique[k]), drawn, alpha) for k in at]
    columns: dict[str, Any] = {
        name: [getattr(table, name)[k] for k in at] for name in ("lhs", "op", "rhs")
    }
    if table.n_groups > 1:
        columns["group"] = [group_column(table, number=False)[k] for k in at]
    columns["label"] = [table.label[k] for k in at]
    names = ("est", "statistic", "pvalue", "ci_lower", "ci_upper")
    columns |= dict(zip(names, np.array(rows).reshape(len(at), len(names)).T, strict=True))
    return labelled(pd.DataFrame(columns), fit.synthetic)


def _one(fit: Fit, k: int, drawn: Weightings, alpha: float) -> list[float]:
    estimate = fit.estimate

    def test(value: float, start: Array | None) -> ScoreTest:
        return score_test(estimate, k, value, drawn, kind=fit.information, start=start)

    est, se = float(estimate.theta[k]), float(standard_errors(fit.vcov)[k])
    found = test(0.0, None)
    low, high = interval(test, est, se, alpha)
    return [est, found.statistic, found.pvalue, low, high]


def _chosen(fit: Fit, parameters: str | Sequence[str] | None) -> list[int]:
    """Return the rows of the table of parameters that are asked for."""
    table = fit.partable
    free = [k for k, u in enumerate(table.unique) if u >= 0]
    if parameters is None:
        for op in ("~", "=~", "~~"):
            found = [k for k in free if table.op[k] == op]
            if found:
                return found
    wanted = [parameters] if isinstance(parameters, str) else list(parameters or ())
    names = [name.replace(" ", "") for name in fit.params.index]
    plain = [f"{table.lhs[k]}{table.op[k]}{table.rhs[k]}" for k in free]
    at: list[int] = []
    for name in wanted:
        asked = name.replace(" ", "")
        hits = [k for k, *known in zip(free, names, plain, strict=True) if asked in known]
        if not hits:
            raise OptionError(
                f"The fit has no free parameter {name!r}.{did_you_mean(asked, names)}",
                fix="see fit.params.index for the names",
            )
        at += [k for k in hits if k not in at]
    return at


def _check(fit: Fit) -> int:
    """Return the number of clusters, or raise what the score bootstrap cannot do."""
    samples = fit.estimate.samples
    if fit.loaded is not None or any(sample.rows is None for sample in samples):
        raise NotSupportedError(
            "This fit holds no rows.",
            why="it was made from a covariance matrix or read back from a file",
            fix="fit the model to the data again",
        )
    count = n_clusters_of(samples)
    if count is None:
        raise OptionError("The fit has no clusters.", fix="fit with cluster=")
    ours = fit.missing in ("listwise", "ml") and fit.estimator in ("ML", "MLR")
    if not ours or fit.whole is not None:
        raise NotSupportedError(
            "The score bootstrap is available for fits by ML and MLR without auxiliary variables.",
            why="other estimators have no scores, or are not checked",
            fix="fit with estimator='MLR'",
        )
    if fit.options.get("strata") is not None or not fit.estimate.linear:
        what = "constraints that are not linear" if not fit.estimate.linear else "strata"
        raise NotSupportedError(
            f"The score bootstrap of a fit with {what} is not available.",
            why="it is not checked against an independent source",
            fix="fit without them",
        )
    return len({int(c) for s in samples if s.clusters is not None for c in np.unique(s.clusters)})
