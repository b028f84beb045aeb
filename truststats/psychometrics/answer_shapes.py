"""How answers lie on their scale, and whether they should be taken as ordered categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, BoolArray, IntArray

__all__ = [
    "END_SHARE",
    "FEW_CATEGORIES",
    "LEAST_PAIR",
    "LEAST_ROWS",
    "MOST_MISSING",
    "PILED_SHARE",
    "SKEWNESS",
    "AnswerShapes",
    "answer_shapes",
    "barriers",
    "signs",
]

#: Different answers up to which an item is one of few categories.
FEW_CATEGORIES = 4
#: Share of the answers in one end category from which an item is piled up.
END_SHARE = 0.50
#: Absolute skewness from which it is.
SKEWNESS = 2.0
#: Share of the items that must be piled up.
PILED_SHARE = 0.25
#: People that polychoric correlations need, altogether and with answers to both items of a pair.
LEAST_ROWS, LEAST_PAIR = 200, 100
#: Share of missing answers up to which pairs of answers are used.
MOST_MISSING = 0.10


@dataclass(frozen=True, eq=False)
class AnswerShapes:
    """How the answers to some items lie on their scales.

    Attributes
    ----------
    n : int
        People with an answer to any of the items.
    answered : (p,) int array
        Answers to each item.
    categories : (p,) int array
        Different answers to each item.
    end : (p,) array
        Share of the answers in the fuller one of the two end categories.
    skewness : (p,) array
        Third standardised moment, with divisor n; NaN where all answers are the same.
    least_pair : int
        People who answered both items of the pair with the fewest.
    missing : float
        Share of the missing answers of these people.
    """

    n: int
    answered: IntArray
    categories: IntArray
    end: Array
    skewness: Array
    least_pair: int
    missing: float

    @property
    def few(self) -> BoolArray:
        """Which items have few categories, (p,)."""
        return (self.categories > 0) & (self.categories <= FEW_CATEGORIES)

    @property
    def piled(self) -> BoolArray:
        """Which items are piled up at an end, (p,)."""
        return (self.end > END_SHARE) | (np.abs(self.skewness) > SKEWNESS)


def answer_shapes(rows: Array) -> AnswerShapes:
    """Return how the answers lie on their scales.

    Parameters
    ----------
    rows : (n, p) array
        Codes of the answers, NaN where missing.
    """
    there = ~np.isnan(rows)
    used = there.any(axis=1)
    rows, there = rows[used], there[used]
    answered = there.sum(axis=0)
    known = np.where(there, rows, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.where(there, rows - known.sum(axis=0) / answered, 0.0)
        spread = (apart**2).sum(axis=0) / answered
        skewness = (apart**3).sum(axis=0) / answered / spread**1.5
        ends = [
            (rows == bound).sum(axis=0) / answered
            for bound in (
                np.where(there, rows, np.inf).min(axis=0, initial=np.inf),
                np.where(there, rows, -np.inf).max(axis=0, initial=-np.inf),
            )
        ]
    ordered = np.sort(np.where(there, rows, np.inf), axis=0)
    new = (ordered[1:] > ordered[:-1]) & np.isfinite(ordered[1:])
    whole = there.astype(float)
    pairs = (whole.T @ whole)[np.triu_indices(rows.shape[1], 1)]
    return AnswerShapes(
        n=len(rows),
        answered=answered.astype(np.intp),
        categories=(new.sum(axis=0) + (answered > 0)).astype(np.intp),
        end=np.maximum(*ends),
        skewness=skewness,
        least_pair=int(pairs.min(initial=len(rows))),
        missing=float(1.0 - there.mean()) if there.size else 0.0,
    )


def signs(shapes: AnswerShapes) -> tuple[str, ...]:
    """Return what speaks for taking the answers as ordered categories.

    "few_categories" if any item has four or fewer; "piled_up" if in a quarter of the items more
    than half of the answers lie in one end category, or the skewness is beyond two.

    Notes
    -----
    With five or more categories robust ML of numbers does about as well, with fewer it does not
    (Rhemtulla, Brosseau-Liard & Savalei 2012, doi:10.1037/a0029315); skewed answers make its
    loadings too small (Li 2016, doi:10.3758/s13428-015-0619-7). That a quarter of the items must
    be piled up is a convention of this package.
    """
    found = {
        "few_categories": bool(shapes.few.any()),
        "piled_up": bool(shapes.piled.size and shapes.piled.mean() >= PILED_SHARE),
    }
    return tuple(name for name, there in found.items() if there)


def barriers(shapes: AnswerShapes) -> tuple[str, ...]:
    """Return what speaks against it: "few_people", "thin_pairs", "many_missing".

    Under 200 people in all, under 100 for any pair of items, or over a tenth of the answers
    missing: pairs of answers assume more about why answers are missing than full information does.
    """
    found = {
        "few_people": shapes.n < LEAST_ROWS,
        "thin_pairs": shapes.least_pair < LEAST_PAIR <= shapes.n,
        "many_missing": shapes.missing > MOST_MISSING,
    }
    return tuple(name for name, there in found.items() if there)
