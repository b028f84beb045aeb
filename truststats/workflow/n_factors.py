"""`n_factors`: how many factors a set of items may have, by rules that do not flatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from truststats.arrays import Array
from truststats.errors import OptionError, Problem, worst_first
from truststats.estimation.polychoric import ordinal_moments
from truststats.options import choose, generator
from truststats.psychometrics.average_partial import average_partials
from truststats.psychometrics.parallel_analysis import (
    independent_correlations,
    independent_polychorics,
    parallel_analysis,
    permuted_correlations,
    smooth,
)
from truststats.results.n_factors import FactorCount
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.item_rows import item_rows

__all__ = ["n_factors"]

_FEWEST_DRAWS = 20


def n_factors(
    data: Any,
    items: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    *,
    ordered: bool = False,
    random: str = "permuted",
    draws: int = 200,
    quantile: float | None = 0.95,
    seed: int | None = None,
) -> FactorCount:
    """Return how many factors a set of items may have: parallel analysis and Velicer's MAP.

    Parameters
    ----------
    data : Survey or frame
        Rows with an answer to every item are used.
    items : sequence or mapping, optional
        As in `truststats.efa`; all by default.
    ordered : bool
        Analyse polychoric correlations, also of the random data.
    random : {"permuted", "normal"}
        Data without common factors: the answers to each item shuffled by themselves, which keeps
        how people answer, or (continuous items) independent normal variables.
    draws : int
        Random data sets.
    quantile : float or None
        An eigenvalue must exceed this quantile of the random ones; None for their mean.
    seed : int, optional
        A fixed seed by default, so that the same call gives the same answer.

    Returns
    -------
    FactorCount
        With `suggested`, one number a rule, and `frame()`, every eigenvalue beside its reference.

    Raises
    ------
    DataError
        If an item is constant, or there are fewer than three.
    OptionError
        If an option has no such value.

    Notes
    -----
    Source: Horn (1965), doi:10.1007/BF02289447; Velicer (1976), doi:10.1007/BF02293557.

    Examples
    --------
    >>> import truststats as ts
    >>> survey = ts.read_survey(ts.load_dataset(), instrument="tbm-core")
    >>> found = ts.n_factors(survey, ["vertical_trust", "results"], draws=50)
    """
    how = choose("random", random, ("permuted", "normal"))
    _check(how, ordered, draws, quantile)
    got = item_rows(data, items, missing="listwise", instead="")
    rng = generator(seed, 1)
    if ordered:
        found = ordinal_moments(got.rows, got.names)
        corr, more = found.corr, found.problems
        drawn = independent_polychorics(got.rows, draws, rng)
    else:
        corr, more = np.corrcoef(got.rows.T), ()
        if how == "normal":
            drawn = independent_correlations(len(got.rows), len(got.names), draws, rng)
        else:
            drawn = permuted_correlations(got.rows, draws, rng)
    components, factors = parallel_analysis(corr, drawn)
    problems = [*got.problems, *more, *_not_definite(corr, ordered)]
    sound = smooth(corr)
    return FactorCount(
        got.names, len(got.rows), ordered, how, draws, quantile, components, factors,
        average_partials(sound), average_partials(sound, 4), worst_first(problems),
        is_synthetic(data),
    )  # fmt: skip


def _check(how: str, ordered: bool, draws: Any, quantile: Any) -> None:
    if ordered and how == "normal":
        raise OptionError(
            "random='normal' has no categories to make polychoric correlations of.",
            fix="use random='permuted'",
        )
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < _FEWEST_DRAWS:
        raise OptionError(
            f"draws={draws!r} is too few to know a quantile.", fix="use draws=200 or more"
        )
    if quantile is not None and not 0.0 < quantile < 1.0:
        raise OptionError(
            f"quantile={quantile!r} does not lie between 0 and 1.",
            fix="use 0.95, or None for the mean",
        )


def _not_definite(corr: Array, ordered: bool) -> tuple[Problem, ...]:
    """Return a note where correlations do not fit together."""
    if not ordered or np.linalg.eigvalsh(corr)[0] >= 1e-6:
        return ()
    return (
        Problem(
            "polychorics_smoothed",
            "note",
            "The polychoric correlations do not fit together (an eigenvalue is not positive); "
            "they were smoothed for factors and MAP.",
            "More rows, fewer items or merged rare categories help.",
        ),
    )
