"""What any fit can be asked about its residuals and its factors, as methods of `Fit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from truststats import _bridge
from truststats.results import category_frames, missing_frames, residual_frames
from truststats.results.part import group_side
from truststats.survey.crossings import of_persons, refuse_person_rows
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    from truststats.results.fit import Fit
    from truststats.results.verdicts import Verdicts

__all__ = ["AfterFit", "labelled_each"]


def labelled_each(made: Any, synthetic: bool) -> Any:
    """Mark a frame, or each frame of a dict by group, as synthetic."""
    if isinstance(made, dict):
        return {name: labelled(frame, synthetic) for name, frame in made.items()}
    return labelled(made, synthetic)


def _fit(value: AfterFit) -> Fit:
    return cast("Fit", value)


class AfterFit:
    """Residuals and factor scores; `Fit` is the only class that takes these methods over."""

    def group(self, label: Any) -> Fit:
        """Return one group's side of a joint fit: its estimates, effects, tables and pictures.

        Parameters and their covariance matrix are those of the joint fit. The test and the fit
        measures belong to the joint fit and raise `NotSupportedError` here.

        Parameters
        ----------
        label : str
            One of `Fit.groups`.

        Raises
        ------
        OptionError
            If there is no such group.
        """
        return group_side(_fit(self), label)

    def verdicts(self, **options: Any) -> Verdicts:
        """Return one verdict per claim of the framework; see `truststats.verdicts`."""
        return _bridge.call("workflow.verdicts", "verdicts", self, **options)

    def residuals(
        self,
        kind: str = "raw",
        *,
        means: bool = False,
        thresholds: bool = False,
        slopes: bool = False,
        group: str | None = None,
    ) -> Any:
        """Return sample minus implied (co)variances, on one of several scales.

        For ordinal items they are differences of polychoric correlations on all scales; given
        exogenous covariates all are residual (co)variances.

        Parameters
        ----------
        kind : {"raw", "cor", "cor_bentler", "se", "normalized", "standardized"}
            Differences of covariances; of correlations (Bollen 1989); of covariances divided by
            the observed standard deviations (Bentler 1995); the standard errors of the raw
            differences; covariances divided by the standard error of the sample covariance; or by
            that of the difference itself, a z-value
            (Browne 1984, doi:10.1111/j.2044-8317.1984.tb00789.x). NaN where a residual is zero by
            construction.
        means, thresholds : bool
            Return the residuals of the means, or of ordinal items' thresholds, as a Series.
        slopes : bool
            Return those of the regressions of ordinal items, and of what stands beside them, on
            exogenous covariates: how far each answers otherwise than its factor says.
        group : str, optional
            One group; with several groups and none named, a dict by label.

        Raises
        ------
        NotSupportedError
            For z-values where their standard errors are not checked: clusters or weights of
            items taken as continuous.
        """
        made = residual_frames.residuals(
            _fit(self), kind, means=means, thresholds=thresholds, slopes=slopes, group=group
        )
        return labelled_each(made, _fit(self).synthetic)

    def residual_summary(
        self,
        kind: str = "srmr",
        *,
        close: float = 0.05,
        level: float = 0.90,
        group: str | None = None,
    ) -> pd.DataFrame:
        """Return the root mean square of residuals, with its tests of exact and of close fit.

        Rows are lavaan's names with _ for the dot: ``srmr`` with standard error and z of exact
        fit, then the unbiased ``usrmr`` with confidence limits, which may reach below zero, and z
        of the hypothesis that it is at most `close` (Maydeu-Olivares 2017,
        doi:10.1007/s11336-016-9552-7). Columns are ``cov`` and, where means are modelled, ``mean``
        and ``total``; for ordinal items ``cor`` (``cov`` beside other variables), ``thresholds``
        and ``total``, and apart from that ``mean`` of continuous variables and ``slopes`` on
        covariates; below the group's label with several groups. NaN where no residual can differ
        from zero.

        Parameters
        ----------
        kind : {"srmr", "rmr", "crmr"}
            Of residuals divided by the observed standard deviations, raw ones, or of
            correlations.
        close : float
        level : float
        group : str, optional
            One group only.
        """
        made = residual_frames.residual_summary(
            _fit(self), kind, close=close, level=level, group=group
        )
        return labelled(made, _fit(self).synthetic)

    def fmi(self) -> pd.DataFrame:
        """Return the fraction of missing information of every parameter (full information).

        One minus the ratio of the sampling variance with nothing missing to the actual one
        (Savalei & Rhemtulla 2012, doi:10.1080/10705511.2012.687669).
        """
        return labelled(missing_frames.fmi(_fit(self)), _fit(self).synthetic)

    def predict(
        self,
        data: Any = None,
        *,
        method: str = "regression",
        se: bool = False,
        keep: Sequence[str] = (),
        allow_person_rows: bool = False,
        min_n: int = 5,
    ) -> pd.DataFrame:
        """Return factor scores: one row per respondent, so personal data like the answers.

        A saved fit never holds them. Rows that were left out of the fit, or that hold no answer to
        any item, have NaN; with ``missing="ml"`` an incomplete row is scored by what it has.

        Parameters
        ----------
        data : Survey or frame, optional
            Other rows with the same columns; default the rows of the fit. With groups they need
            the group's column.
        method : {"regression", "bartlett"} or {"ebm", "eap", "ml"}
            The conditional mean of the factors given the answers (shrunken towards the mean), or
            the weighted least squares estimate (unbiased given the factors). For ordinal items
            the mode ("ebm", also called "regression") or the mean ("eap") of the factors'
            distribution given the answers, or the maximum of the answers' likelihood ("ml",
            "bartlett"), which is NaN where all of a factor's items are answered at one end.
        se : bool
            Add a column ``<factor>_se`` of standard errors, which take the parameters as known;
            for "eap" it is the posterior standard deviation.
        keep : sequence of str
            Columns of the data to put in front, such as unit and background.
        allow_person_rows : bool
            Whether rows of single people may stand beside such columns.
        min_n : int
            How many people must share each combination of them.

        Returns
        -------
        DataFrame
            The index of the data; a column per factor.

        Raises
        ------
        DataError
            If the fit holds no rows (read from a file) and none are given; if columns are kept
            without `allow_person_rows`, or tell fewer than `min_n` people apart.
        NotSupportedError
            For Bartlett and ML scores of a second-order factor; for ordinal items whose answers
            depend on each other beyond the factors, and EAP scores of more than ten factors.

        Notes
        -----
        Without a mean structure the scores are those of the same model with free intercepts.
        Formulas and sources: `truststats.inference.scores`, `truststats.inference.item_scores`.
        """
        made = _bridge.call("workflow.predict", "predict", self, data, method=method, se=se)
        if keep:
            made = _bridge.call("workflow.predict", "beside", self, data, made, keep)
            refuse_person_rows(made.dropna(), list(keep), min_n=min_n, allow=allow_person_rows)
        return of_persons(labelled(made, _fit(self).synthetic))

    def category_probabilities(
        self,
        at: Any = None,
        *,
        x: Any = None,
        factor: str | None = None,
        group: str | None = None,
        min_n: int = 5,
    ) -> pd.DataFrame:
        """Return shares of the answers to ordinal items: observed and implied, or at values.

        Given exogenous covariates, implied shares and probabilities are averages over those of the
        rows.

        `truststats.present.figures` draws both, as ``category_bars`` and ``category_curves``.

        Parameters
        ----------
        at : float or sequence of float, optional
            Values of the factors, on their own scale. The probability of each answer to the items
            of a factor at these values, other factors averaged over; without, the observed share
            of each answer beside the implied one.
        x : mapping of str to float or sequence of float, optional
            Values of covariates, such as ``x={"age": [30, 60]}``: what everyone would be expected
            to answer at that age; covariates not named keep the rows' values. The observed shares
            are then those of a probit regression of each item by itself.
        factor, group : str, optional
            One factor or one group only.
        min_n : int
            Shares of fewer answers are hidden (NaN), and others with them that give them away;
            implied ones too, as free thresholds make them equal.

        Returns
        -------
        DataFrame
            ``item``, ``category`` with ``n``, ``observed``, ``implied``; or ``factor``,
            ``value``, ``item``, ``category``, ``probability``; with `x` a column for each covariate
            named, and no ``n``. The group comes first where there are several.

        Raises
        ------
        NotSupportedError
            For fits that take items as continuous.
        """
        fit = _fit(self)
        if at is None:
            made = category_frames.shares(fit, group=group, min_n=min_n, x=x)
        else:
            made = category_frames.probabilities_at(fit, at, factor=factor, group=group, x=x)
        return labelled(made, fit.synthetic)

    def score_quality(self, *, method: str = "regression") -> pd.DataFrame:
        """Return how well complete rows' factor scores determine the factors.

        Columns are ``determinacy``, their correlation with the factor (Grice 2001,
        doi:10.1037/1082-989X.6.4.430), and its square, the ``reliability`` of the scores.
        """
        made = _bridge.call("workflow.predict", "score_quality", self, method=method)
        return labelled(made, _fit(self).synthetic)
