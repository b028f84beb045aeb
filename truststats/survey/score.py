"""Scale scores: the plain mean of a construct's items, for descriptive tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from truststats.errors import OptionError, SurveyError
from truststats.survey.value import orient

if TYPE_CHECKING:
    from truststats.survey.value import Survey

__all__ = ["mean_score", "scale_items", "scale_scores"]


def mean_score(values: np.ndarray, min_share: float = 0.5) -> np.ndarray:
    """Return the mean of the answered items of each row, NaN where too few were answered.

    score_i = sum_j x_ij / m_i over the m_i answered items, given only when m_i >= min_share * k.
    It equals the mean after filling a person's gaps with that person's own mean.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        Answers of one scale, all keyed the same way.
    min_share : float
        Share of the items that must be answered.

    Returns
    -------
    ndarray, shape (n,)
    """
    answered = ~np.isnan(values)
    count = answered.sum(axis=1)
    total = np.where(answered, values, 0.0).sum(axis=1)
    enough = (count > 0) & (count >= min_share * values.shape[1] - 1e-12)
    return np.where(enough, total / np.maximum(count, 1), np.nan)


def scale_items(survey: Survey) -> dict[str, tuple[str, ...]]:
    """Return the items of each score: a construct's, and each separate dimension's by itself."""
    if survey.instrument is None:
        raise SurveyError(
            "Scores need an instrument that says which items belong together.",
            where=survey.source,
            fix='read with read_survey(..., instrument="tbm-core")',
        )
    scales: dict[str, list[str]] = {}
    for key, construct in survey.instrument.constructs.items():
        apart = {d.key for d in construct.dimensions if d.separate}
        for item in construct.items:
            if item.name in survey.columns:
                name = f"{key}_{item.dimension}" if item.dimension in apart else key
                scales.setdefault(name, []).append(item.name)
    return {name: tuple(items) for name, items in scales.items()}


def scale_scores(
    survey: Survey, *, min_share: float = 0.5, low: float = 1.0, high: float = 5.0
) -> pd.DataFrame:
    """Return one unit-weighted score per construct, reverse-keyed items turned round.

    Scores describe; they hold measurement error, so relations between constructs belong into a
    model. Answers on another scale than low to high are moved there linearly,
    low + (high - low) (x - min) / (max - min), item by item.

    Parameters
    ----------
    survey : Survey
        Answers with an instrument.
    min_share : float
        Share of a construct's items that a person must have answered, above 0 and at most 1.
    low, high : float
        Ends of the scale of the scores.

    Returns
    -------
    DataFrame
        One row a respondent, one column a construct (or separate dimension).

    Raises
    ------
    OptionError
        If `min_share` is not in (0, 1].
    SurveyError
        If the survey has no instrument.
    """
    if not 0.0 < min_share <= 1.0:
        raise OptionError(f"min_share={min_share!r} is no share.", fix="use for example 0.5")
    scales = scale_items(survey)
    values = orient(survey, survey.answers.values)
    for item in values.columns:
        codes = survey.coding(item).codes
        share = (values[item] - min(codes)) / (max(codes) - min(codes))
        values[item] = low + (high - low) * share
    scores = {
        name: mean_score(values[list(items)].to_numpy(), min_share)
        for name, items in scales.items()
    }
    return pd.DataFrame(scores, index=survey.frame.index)
