"""What any fit can be asked about how well its items measure, as methods of `Fit`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from truststats import _bridge
from truststats.results import reliability_frames

if TYPE_CHECKING:
    from truststats.results.fit import Fit
    from truststats.results.method_bias import MethodBias
    from truststats.results.validity import Validity

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

    def validity(
        self,
        *,
        cut: float = 0.9,
        level: float = 0.95,
        tests: str = "close",
        draws: int | None = None,
        seed: Any = None,
    ) -> Validity:
        """Return whether the scales of this model measure different things.

        The scales are fitted as a measurement model, all factors free to correlate, to the same
        answers; paths and covariates play no part.

        Parameters
        ----------
        cut : float
            The correlation that pairs are tested against.
        level : float
            Of all intervals.
        tests : {"close", "all", "none"}
            Which pairs are refitted with their correlation at the cut: those whose interval
            reaches .65, all, or none.
        draws : int, optional
            Resamples of complete rows (clusters) for the ratios' intervals, by default 1,000; with
            gaps, weights or ordinal items these are by the delta method.
        seed : int, Generator or None
            None is one fixed seed.

        Returns
        -------
        Validity
            Average variance extracted and the Fornell-Larcker table; every pair's correlation with
            CI(cut), its chi-square difference and loss of CFI at the cut (Ronkko & Cho 2022,
            doi:10.1177/1094428120968614); HTMT and HTMT2. Pairs that are nearly collinear are
            among its problems, with the variance inflation of their paths.

        Raises
        ------
        NotSupportedError
            For several groups, shared items, strata and auxiliary variables.
        DataError
            For fewer than two scales, and for a fit that was read from a file.
        """
        return _bridge.call(
            "workflow.validity", "validity", self, cut=cut, level=level, tests=tests, draws=draws,
            seed=seed,
        )  # fmt: skip

    def method_bias(self, marker: str | None = None) -> MethodBias:
        """Return what a method that all items share may do to the factors' correlations.

        One factor behind all items (the test called Harman's, as a model); a factor of its own
        for the method, unrelated to the others, on which all items load alike (Podsakoff,
        MacKenzie, Lee & Podsakoff 2003, doi:10.1037/0021-9010.88.5.879); and with a marker
        Williams, Hartman & Cavazotte's (2010, doi:10.1177/1094428110366036) models: no, equal and
        free effects of the marker on all other items, and correlations held.

        Parameters
        ----------
        marker : str, optional
            A factor of this model that should have nothing to do with the others.

        Raises
        ------
        OptionError
            If the marker is no factor of the model.
        NotSupportedError
            As for `Fit.validity`.

        Notes
        -----
        None of these proves that there is no common method: they show how much a method of this
        kind could account for.
        """
        return _bridge.call("workflow.method_bias", "method_bias", self, marker)
