"""Factor scores of ordinal items: what is refused, and which category an answer is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.errors import DataError, NotSupportedError
from truststats.estimation.implied_items import modelled
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.cubature import MOST
from truststats.inference.item_response import item_response
from truststats.inference.item_scores import ITEM_METHODS, item_scores
from truststats.inference.scores import Scores, unmeasured
from truststats.options import choose
from truststats.results.fit import Fit

__all__ = ["ItemScoring", "item_scoring"]

_ALIASES = {"regression": "ebm", "bartlett": "ml", "map": "ebm"}


@dataclass(frozen=True)
class ItemScoring:
    """How rows of answers to ordinal items are scored.

    Attributes
    ----------
    names : tuple of str
        The items.
    factors : list of str
    method : {"ebm", "eap", "ml"}
    """

    names: tuple[str, ...]
    factors: list[str]
    method: str

    def score(self, group: OrdinalEstimate, rows: Array) -> Scores:
        """Return the scores of rows (n, p) under a group's estimate.

        Rows that lack the same continuous variables are scored together.
        """
        (got,), (y, x) = group.moments, modelled(group.layout)
        items, smooth = y[got.ordered], y[~got.ordered]
        levels = tuple(own for own, use in zip(got.levels, got.ordered, strict=True) if use)
        codes = _categories(rows[:, items], levels, tuple(self.names[k] for k in items))
        lacking, pattern = np.unique(np.isnan(rows[:, smooth]), axis=0, return_inverse=True)
        f = len(self.factors)
        values, place = np.empty((len(rows), f)), np.zeros(len(rows), dtype=np.intp)
        acov = [np.zeros((0, f, f))]
        for k, gone in enumerate(lacking):
            at = np.flatnonzero(pattern.ravel() == k)
            response = item_response(group, self.names, ~gone)
            given = rows[np.ix_(at, np.r_[x, smooth[~gone]])]
            made = item_scores(response, codes[at], self.method, given)
            values[at], place[at] = made.values, made.pattern + sum(map(len, acov))
            acov.append(made.acov)
        return Scores(values, np.concatenate(acov), place)


def _categories(rows: Array, levels: tuple[Array, ...], names: tuple[str, ...]) -> IntArray:
    """Return categories from 0, -1 where an answer is missing."""
    codes = np.full(rows.shape, -1, dtype=np.intp)
    for k, (name, own) in enumerate(zip(names, levels, strict=True)):
        seen = ~np.isnan(rows[:, k])
        answers = rows[seen, k]
        place = np.minimum(np.searchsorted(own, answers), len(own) - 1)
        strange = answers[own[place] != answers]
        if len(strange):
            raise DataError(
                f"The item {name} has the answer {strange[0]:g}, which the fit does not know.",
                where=f"column {name}, categories {', '.join(f'{code:g}' for code in own)}",
                why="a category without thresholds has no probability",
                fix="set it to missing, or where the fit merged categories to the one it went to",
            )
        codes[seen, k] = place
    return codes


def item_scoring(fit: Fit, factors: list[str], method: str) -> ItemScoring:
    """Return how the rows of a fit of ordinal items are scored.

    Parameters
    ----------
    fit : Fit
    factors : list of str
    method : {"ebm", "eap", "ml"}
        Or lavaan's names of the continuous methods, "regression" and "bartlett".

    Raises
    ------
    NotSupportedError
        For ML of a second-order factor, for EAP of too many factors.
    """
    method = choose("method", method, ITEM_METHODS, aliases=_ALIASES)
    if method == "ml":
        none = np.zeros(0, dtype=np.intp)
        without = [factors[k] for k in unmeasured(fit.estimate.groups[0], none)]
        if without:
            raise NotSupportedError(
                f"ML scores do not exist for {', '.join(without)}.",
                why="no item measures a second-order factor directly",
                fix="use method='ebm'",
            )
    if method == "eap" and len(factors) > MOST:
        raise NotSupportedError(
            f"EAP scores of {len(factors)} factors are not available.",
            why=f"their integrals are computed for up to {MOST} dimensions",
            fix="use method='ebm', the posterior mode",
        )
    return ItemScoring(tuple(fit.partable.ov), factors, method)
