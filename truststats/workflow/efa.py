"""`efa`: exploratory factors of a set of items, extracted and rotated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from truststats.errors import DataError, NotSupportedError, OptionError, worst_first
from truststats.options import FROM_SURVEY, choose, generator
from truststats.psychometrics.efa_extract import Extraction, extract, most_factors
from truststats.results.efa import FactorAnalysis
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.efa_numbers import Correlations, correlations, judge
from truststats.workflow.efa_problems import solution_problems
from truststats.workflow.efa_rotation import arranged, rotated_by, rotation_plan, with_target
from truststats.workflow.item_rows import ItemRows, item_rows

__all__ = ["efa"]

ESTIMATORS = ("ml", "minres", "wls")
_MISSING = ("listwise", "pairwise", "two.stage")


def efa(
    data: Any,
    n_factors: int,
    *,
    items: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    estimator: str | None = None,
    rotation: str = "oblimin",
    ordered: bool = False,
    missing: str | None = None,
    se: str | None = None,
    target: Any = None,
    rotation_options: Mapping[str, float] | None = None,
    starts: int = 30,
    seed: int | None = None,
    cluster: Any = FROM_SURVEY,
    sampling_weights: Any = FROM_SURVEY,
) -> FactorAnalysis:
    """Return exploratory factors of a set of items.

    Parameters
    ----------
    data : Survey or frame
    n_factors : int
        How many; `truststats.n_factors` helps to choose.
    items : sequence or mapping, optional
        Names of items or of a survey's constructs, ``"-item"`` for one asked the other way round,
        or the items of each scale; all by default. What an instrument calls reversed is turned.
    estimator : {"ml", "minres", "wls"}, optional
        Maximum likelihood (the default); least squares of residual correlations; or, for ordered
        items and their default, squares weighted by the variances of the polychoric correlations.
    rotation : str
        ``"oblimin"``, ``"quartimin"``, ``"geomin"``, ``"promax"`` or ``"target"`` let factors
        correlate; ``"varimax"``, ``"quartimax"``, ``"equamax"``, ``"geomin_orthogonal"`` and
        ``"target_orthogonal"`` do not; ``"none"``.
    ordered : bool
        Analyse polychoric correlations.
    missing : {"listwise", "pairwise", "two.stage"}, optional
        Complete rows (the default); all rows each pair of ordered items has; or, for continuous
        ones, the moments that the EM algorithm finds.
    se : {"standard", "robust", "none"}, optional
        Under normality, or by the rows (always so for ordered items); robust by default where rows
        have clusters or weights.
    target : frame or array, optional
        For a rotation to a target: one row an item, one column a factor, NaN where a loading may
        be anything. Without it the scales named in `items` make one: zero outside the own scale.
    rotation_options : mapping, optional
        ``gamma`` of oblimin (0), ``epsilon`` of geomin (0.001), ``power`` of promax (4), and
        ``kaiser`` (rows of equal length; on for varimax, equamax, quartimax and promax).
    starts : int
        Random starts of the rotation, all of which are followed.
    seed : int, optional
        Seed of the starts; a fixed one by default.
    cluster, sampling_weights : str or None
        Columns; those of a survey's design by default.

    Returns
    -------
    FactorAnalysis
        With `loadings`, `factor_correlations`, `fit_measures`, `frame()`, `tidy()`.

    Raises
    ------
    DataError
        If there are too many factors for the items, or their correlations have no solution.
    NotSupportedError
        If a combination is not checked.

    Notes
    -----
    Standard errors are those of standardised loadings, rotation included (Jennrich 1974,
    doi:10.1007/BF02291468); promax and unrotated loadings have none.

    Examples
    --------
    >>> import truststats as ts
    >>> survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core", cluster="unit")
    >>> found = ts.efa(survey, 2, items=["vertical_trust", "results"])
    """
    asked = _options(estimator, ordered, missing, se)
    plan = rotation_plan(rotation, rotation_options)
    if isinstance(starts, bool) or starts < 1:
        raise OptionError(f"starts={starts!r} is no number of starts.", fix="use starts=30")
    instead = "pairwise" if ordered else "two.stage"
    got = item_rows(
        data, items, missing=asked.missing, instead=instead, cluster=cluster,
        sampling_weights=sampling_weights,
    )  # fmt: skip
    asked = _checked(asked, got, n_factors)
    plan, factors = with_target(plan, got, n_factors, target)
    moments = correlations(got, ordered=ordered, missing=asked.missing)
    drawn = _extracted(moments, n_factors, asked.estimator)
    found = arranged(rotated_by(plan, drawn, starts=starts, rng=generator(seed, 1)), plan)
    judged = judge(moments, drawn, found, plan, asked.estimator, asked.se or "standard")
    problems = [*got.problems, *moments.problems, *solution_problems(drawn, found, got.names, plan)]
    return FactorAnalysis(
        got.names, factors, moments.n, asked.estimator, plan.name, plan.oblique, ordered,
        asked.missing, judged.se_type, judged.measures, judged.test, drawn, found, moments.corr,
        judged.se, judged.phi_se, got.turned, got.cluster, got.sampling_weights,
        worst_first([*problems, *judged.problems]), is_synthetic(data),
        data.instrument if isinstance(data, Survey) else None,
    )  # fmt: skip


@dataclass(frozen=True)
class _Options:
    estimator: str
    missing: str
    se: str | None


def _options(estimator: Any, ordered: bool, missing: Any, se: Any) -> _Options:
    """Return the options in their canonical spelling, defaults filled in."""
    method = "wls" if ordered else "ml"
    if estimator is not None:
        aliases = {"uls": "minres", "mle": "ml", "wlsmv": "wls", "dwls": "wls"}
        method = choose("estimator", estimator, ESTIMATORS, aliases=aliases)
    if method == "wls" and not ordered:
        raise NotSupportedError(
            "estimator='wls' weighs polychoric correlations, and these items are continuous.",
            fix="pass ordered=True, or use estimator='ml' or 'minres'",
        )
    if missing in ("ml", "fiml", "ml.x"):
        raise NotSupportedError(
            f"missing={missing!r} is not available for an exploratory analysis.",
            why="the factors are extracted from a correlation matrix",
            fix="use missing='two.stage': the same moments, found by the EM algorithm first",
        )
    how = "listwise" if missing is None else choose("missing", missing, _MISSING)
    if how == "pairwise" and not ordered:
        raise NotSupportedError(
            "missing='pairwise' is for ordered items.",
            why="pairwise Pearson correlations have no likelihood and need not fit together",
            fix="use missing='two.stage'",
        )
    if how == "two.stage" and (ordered or method != "ml"):
        raise NotSupportedError(
            "missing='two.stage' is for estimator='ml' and continuous items.",
            fix="use missing='pairwise'" if ordered else "use estimator='ml'",
        )
    return _Options(
        method, how, None if se is None else choose("se", se, ("standard", "robust", "none"))
    )


def _checked(asked: _Options, got: ItemRows, m: Any) -> _Options:
    """Refuse a number of factors that cannot be, and fill in the kind of standard errors."""
    p = len(got.names)
    most = most_factors(p)
    if isinstance(m, bool) or not isinstance(m, int | np.integer) or m < 1:
        raise OptionError(f"n_factors={m!r} is no number of factors.", fix="use 1, 2, ...")
    if m > most:
        raise DataError(
            f"{m} factors are too many for {p} items; {most} is the most.",
            why="there would be more loadings than correlations to find them from",
            fix=f"use n_factors={most} or fewer, or more items",
        )
    drawn = got.clusters is not None or got.weights is not None
    if drawn and asked.missing == "two.stage" and got.weights is not None:
        raise NotSupportedError(
            "missing='two.stage' with sampling weights is not available.",
            fix="pass sampling_weights=None, or missing='listwise'",
        )
    if drawn and asked.se == "standard":
        raise OptionError(
            "se='standard' takes rows as independent and equal; these have clusters or weights.",
            fix="leave se out, or pass cluster=None and sampling_weights=None",
        )
    return _Options(asked.estimator, asked.missing, asked.se or ("robust" if drawn else "standard"))


def _extracted(moments: Correlations, m: int, estimator: str) -> Extraction:
    lowest = float(np.linalg.eigvalsh(moments.corr)[0])
    if estimator == "ml" and lowest < 1e-8:
        raise DataError(
            "The correlation matrix is not positive definite, so it has no likelihood.",
            why="some items are sums of others, or polychoric correlations do not fit together",
            fix="use estimator='minres', or leave out one of the items that are almost the same",
        )
    return extract(moments.corr, m, estimator, moments.weight_matrix)
