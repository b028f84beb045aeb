"""Standing warnings: few ordered categories treated as continuous, and codes that are no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from truststats.arrays import Array
from truststats.errors import Problem
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.psychometrics.answer_shapes import answer_shapes, barriers, signs

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["about_answers"]

_MOST_CATEGORIES = 7
_CEILING = 0.30


def _apart(codes: Array) -> float | None:
    """Return the highest or the lowest code if it stands apart, as codes for "don't know" do."""
    steps = np.diff(codes)
    for end, rest, far in ((steps[-1], steps[:-1], codes[-1]), (steps[0], steps[1:], codes[0])):
        if len(codes) > 2 and (rest == 1).all() and end > (1 if len(codes) > 3 else 3):
            return float(far)
    return None


def _isolated_codes(apart: list[str]) -> list[Problem]:
    """Warn of codes that stand apart."""
    if not apart:
        return []
    shown = ", ".join(apart[:5]) + (" ..." if len(apart) > 5 else "")
    return [
        Problem(
            "isolated_code",
            "warning",
            f"{len(apart)} items have a code that stands apart from the others: "
            f"{shown}. If it means 'don't know', it counts as an answer here.",
            "Read the data with ts.read_survey and an instrument, or set that code to missing.",
            ", ".join(apart),
            len(apart),
        )
    ]


def _of_ordered(estimate: OrdinalEstimate) -> list[Problem]:
    """Return the warning of codes that stand apart among the categories of ordinal items."""
    found: dict[str, str] = {}
    for got in estimate.moments:
        for name, codes in zip(got.names, got.levels, strict=True):
            far = _apart(codes) if len(codes) else None
            if far is not None:
                found[name] = f"{name} ({far:g})"
    return _isolated_codes(list(found.values()))


def about_answers(fit: Fit) -> list[Problem]:
    """Return warnings of codes that stand apart, and of items that were taken as continuous.

    Items with at most 7 integer codes count as ordinal; an extreme category with more than 30 %
    of the answers as a ceiling or floor.
    """
    if fit.loaded is not None:
        return []
    if isinstance(fit.estimate, OrdinalEstimate):
        return _of_ordered(fit.estimate)
    estimate = fit.estimate if fit.whole is None else fit.whole[0]
    given = [sample.rows for sample in estimate.samples if sample.rows is not None]
    if not given:
        return []
    rows = np.concatenate(given)
    ordinal: list[str] = []
    piled: list[str] = []
    apart: list[str] = []
    for k, name in enumerate(fit.partable.ov):
        column = rows[:, k]
        seen = column[~np.isnan(column)]
        if (seen[:50] != np.round(seen[:50])).any():
            continue
        codes, counts = np.unique(seen, return_counts=True)
        if not 2 < len(codes) <= _MOST_CATEGORIES or (codes != np.round(codes)).any():
            continue
        ordinal.append(name)
        far = _apart(codes)
        if far is not None:
            apart.append(f"{name} ({far:g})")
        if max(counts[0], counts[-1]) > _CEILING * counts.sum():
            piled.append(name)
    if not ordinal:
        return []
    found = _isolated_codes(apart)
    ceiling = ""
    if piled:
        shown = ", ".join(piled[:5]) + (" ..." if len(piled) > 5 else "")
        ceiling = f" In {len(piled)} of them over 30 % chose an extreme category ({shown})."
    at = [fit.partable.ov.index(name) for name in ordinal]
    return [
        *found,
        Problem(
            "ordinal_as_continuous",
            "warning" if piled else "note",
            f"{len(ordinal)} items with {_MOST_CATEGORIES} or fewer ordered categories are "
            f"treated as continuous.{ceiling}",
            _advice(rows[:, at]),
            ", ".join(ordinal),
            len(ordinal),
        ),
    ]


def _advice(rows: Array) -> str:
    """Return what the rule by which studies choose the estimator says about these items."""
    shapes = answer_shapes(rows)
    if not signs(shapes):
        return (
            "The rule of ts.study keeps them so: enough categories in use, few items piled up at "
            "an end. Loadings and paths are still somewhat too small; ordered=True is the check."
        )
    if barriers(shapes):
        return (
            "The rule of ts.study would fit them with ordered=True if more people had answered "
            "more of them; read effects near the smallest effect of interest with care."
        )
    return (
        "The rule of ts.study fits them with ordered=True: few categories in use, or items piled "
        "up at an end, make loadings and paths too small."
    )
