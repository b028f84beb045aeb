"""`Polychoric`: thresholds and polychoric correlations of ordered items, pair by pair."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
from scipy.special import ndtr, ndtri

from truststats import _bridge
from truststats.errors import Problem
from truststats.estimation.mixed_moments import MixedMoments
from truststats.estimation.two_way import pair_index
from truststats.inference.mixed_correlations import Correlations, mixed_correlations
from truststats.inference.underlying_normality import underlying_normality
from truststats.survey.item_counts import shown_thresholds

if TYPE_CHECKING:
    import pandas as pd

    from truststats.arrays import Array
    from truststats.estimation.polychoric import OrdinalMoments

__all__ = ["Polychoric"]


@dataclass(frozen=True, repr=False, eq=False)
class Polychoric:
    """Polychoric correlations of ordered items.

    Attributes
    ----------
    moments : OrdinalMoments or MixedMoments
        The numbers as arrays, with the asymptotic covariance of all of them (`moments.gamma`).
    n : float
        Rows used; with sampling weights their sum.
    missing : {"listwise", "pairwise"}
        What was done with incomplete rows.
    cluster : str or None
        The column within whose units rows depend on each other.
    sampling_weights : str or None
        The column of sampling weights.
    problems : tuple of Problem
        What to know before the numbers.
    synthetic : bool
        Whether the answers were simulated.
    """

    moments: OrdinalMoments | MixedMoments = field(repr=False)
    n: float
    missing: str
    cluster: str | None = None
    sampling_weights: str | None = None
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    @property
    def corr(self) -> pd.DataFrame:
        """The matrix of polychoric correlations."""
        import pandas as pd

        names = list(self.moments.names)
        mixed = self._mixed
        corr = self.moments.cov if mixed is None else mixed.corr
        return pd.DataFrame(corr, index=names, columns=names)

    @cached_property
    def _mixed(self) -> Correlations | None:
        """Correlations beside continuous or exogenous variables; None for items alone."""
        return mixed_correlations(self.moments) if isinstance(self.moments, MixedMoments) else None

    @property
    def slopes(self) -> pd.DataFrame:
        """One row a variable and exogenous variable: lhs, rhs, est, se; empty without any."""
        import pandas as pd

        moments = self.moments
        first = len(moments.thresholds)
        est = moments.slopes.T.ravel()
        se = np.sqrt(moments.gamma_diagonal[first : first + len(est)] / moments.n)
        pairs = [(name, x) for x in moments.x_names for name in moments.names]
        frame = pd.DataFrame(pairs, columns=["lhs", "rhs"])
        return frame.assign(est=est, se=se)

    @property
    def thresholds(self) -> pd.DataFrame:
        """One row a threshold: item, the codes below and above, estimate, standard error."""
        import pandas as pd

        moments = self.moments
        below = np.concatenate([np.zeros(0), *(own[:-1] for own in moments.levels)])
        above = np.concatenate([np.zeros(0), *(own[1:] for own in moments.levels)])
        se = np.sqrt(moments.gamma_diagonal[: len(moments.thresholds)] / moments.n)
        own = moments.ordered[moments.threshold_of]
        return pd.DataFrame(
            {
                "item": [moments.names[i] for i in moments.threshold_of[own]],
                "below": below,
                "above": above,
                "est": moments.thresholds[own],
                "se": se[own],
            }
        )

    def shown_thresholds(self, min_n: int = 5) -> pd.DataFrame:
        """Return `thresholds` for others to see: NaN where one would tell of a few people.

        A threshold and the number of answers tell how many lie below it; see
        `truststats.survey.item_counts.shown_thresholds`.

        Parameters
        ----------
        min_n : int
            Smallest number of answers of a category that is shown.
        """
        frame = self.thresholds
        for at, name in enumerate(self.moments.names):
            own = frame.index[frame["item"] == name]
            hidden = ~shown_thresholds(self._counts(at)[None, : len(own) + 1], min_n)
            frame.loc[own[hidden], ["est", "se"]] = np.nan
        return frame

    def _counts(self, item: int) -> Array:
        """Return the answers of an item by category; the last entry is of those without one."""
        if isinstance(self.moments, MixedMoments):
            cuts = self.moments.thresholds[self.moments.threshold_of == item]
            return np.round(self.n * np.diff(ndtr(np.r_[-np.inf, cuts, np.inf])))
        tables = self.moments.tables
        pair = int(np.flatnonzero((tables.first == item) | (tables.second == item))[0])
        return np.asarray(tables.numbers[pair].sum(axis=int(tables.first[pair] == item)))

    def tidy(self, ci_level: float = 0.95) -> pd.DataFrame:
        """Return one row a pair of items.

        Parameters
        ----------
        ci_level : float
            Level of the confidence intervals, which are symmetric (est plus and minus z se).

        Returns
        -------
        pandas.DataFrame
            lhs, rhs, est, se, z, pvalue, ci_lower, ci_upper, n, and the test of underlying
            bivariate normality (`underlying_normality`): chisq, df, pvalue_normality, rmsea,
            empty_cells. Beside continuous or exogenous variables kind in place of these: what
            the correlation is called.
        """
        import pandas as pd

        mixed = self._mixed
        if mixed is not None:
            return self._tidy_mixed(mixed, ci_level)
        moments = cast("OrdinalMoments", self.moments)
        tables = moments.tables
        est, se = moments.pairs, moments.se[len(moments.thresholds) :]
        test = underlying_normality(moments)
        half = float(ndtri(0.5 + ci_level / 2.0)) * se
        z = est / se
        return pd.DataFrame(
            {
                "lhs": [moments.names[i] for i in tables.first],
                "rhs": [moments.names[j] for j in tables.second],
                "est": est,
                "se": se,
                "z": z,
                "pvalue": 2.0 * ndtr(-np.abs(z)),
                "ci_lower": est - half,
                "ci_upper": est + half,
                "n": test.n,
                "chisq": test.chisq,
                "df": test.df,
                "pvalue_normality": test.pvalue,
                "rmsea": test.rmsea,
                "empty_cells": test.empty_cells,
            }
        )

    def _tidy_mixed(self, mixed: Correlations, ci_level: float) -> pd.DataFrame:
        import pandas as pd

        names = self.moments.names
        first, second = pair_index(len(names))
        half = float(ndtri(0.5 + ci_level / 2.0)) * mixed.se
        z = mixed.est / mixed.se
        return pd.DataFrame(
            {
                "lhs": [names[i] for i in first],
                "rhs": [names[j] for j in second],
                "kind": mixed.kinds,
                "est": mixed.est,
                "se": mixed.se,
                "z": z,
                "pvalue": 2.0 * ndtr(-np.abs(z)),
                "ci_lower": mixed.est - half,
                "ci_upper": mixed.est + half,
            }
        )

    def frame(self) -> pd.DataFrame:
        """Return what the card shows: `tidy` without z-values and intervals."""
        if self._mixed is not None:
            return self.tidy()[["lhs", "rhs", "kind", "est", "se"]]
        columns = ["lhs", "rhs", "est", "se", "rmsea", "pvalue_normality", "empty_cells"]
        return self.tidy()[columns]

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
