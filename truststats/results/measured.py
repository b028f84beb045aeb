"""What any fit can be asked about how well its items measure, as methods of `Fit`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from truststats.results import reliability_frames

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["Measured"]


class Measured:
    """Reliability and validity; `Fit` is the only class that takes these methods over."""

    def reliability(
        self,
        ci: str = "delta",
        level: float = 0.95,
        *,
        draws: int | None = None,
        seed: Any = None,
        reverse: Iterable[str] = (),
    ) -> pd.DataFrame:
        """Return the reliability of every scale, each number with its formula and interval.

        Parameters
        ----------
        ci : {"delta", "percentile", "bias_corrected", "normal", "basic"}
            Limits by the delta method, or from resamples of rows (of clusters where the fit has
            clusters), each with the sample's covariances and a refit.
        level : float
        draws : int, optional
            Resamples, by default 1,000.
        seed : int, Generator or None
            None is one fixed seed.
        reverse : iterable of str
            Items of a plain frame that are asked the other way round; the sum takes them with a
            minus. A survey with an instrument has turned its own already.

        Returns
        -------
        DataFrame
            One row per scale and coefficient: construct, label, coefficient, formula, value, se,
            ci_lower, ci_upper, n_items, n, estimator, missing, problems; of several groups one
            below the other, with a first column ``group``.

        Raises
        ------
        NotSupportedError
            For resamples of incomplete or weighted rows and of ordinal items.

        Notes
        -----
        ``alpha`` is Cronbach's, of the answers; ``omega`` divides what the factors explain by the
        implied variance of the sum and ``omega_observed`` by the observed one (McDonald 1999);
        ``omega_hierarchical`` counts the general or second-order factor alone, ``omega_level2``
        and ``omega_partial`` are its shares of the first-order factors and of itself and error;
        ``maximal`` is H, ``ave`` the average variance extracted, ``ecv`` the general factor's
        share of the common variance. Ordinal items have ``omega_categorical``, of the sum of the
        answers (Green & Yang 2009, doi:10.1007/s11336-008-9099-3), and ``alpha_ordinal``, that of
        normal responses nobody observes (Zumbo, Gadermann & Zeisser 2007). Items that load on two
        factors have no single true score, unless these are a general and a special factor: NaN.
        Under full information the covariances are EM estimates; those of ordinal codes with
        missing="pairwise" are pairwise. Sources: `truststats.psychometrics`.
        """
        return reliability_frames.reliability(
            cast("Fit", self), ci, level, draws=draws, seed=seed, reverse=reverse
        )

    def item_statistics(self, *, reverse: Iterable[str] = ()) -> pd.DataFrame:
        """Return what every item adds to its scale.

        Parameters
        ----------
        reverse : iterable of str
            As in `Fit.reliability`.

        Returns
        -------
        DataFrame
            One row per scale and item: ``item_rest``, its correlation with the sum of the others;
            ``alpha_dropped`` and ``omega_dropped``, the coefficients of the others without it,
            omega by the same parameters.
        """
        return reliability_frames.item_statistics(cast("Fit", self), reverse=reverse)
