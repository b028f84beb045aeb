"""`Fit`: one estimated model, frozen; numbers that are not needed at once are made on demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from truststats import _bridge
from truststats.arrays import Array, IntArray
from truststats.errors import Problem, worst_first
from truststats.estimation.estimate import Estimate
from truststats.estimation.sample import n_clusters_of
from truststats.inference.bootstrap import Resampled
from truststats.inference.tests import ModelTest
from truststats.inference.two_stage import pattern_data
from truststats.model import Model, ParTable
from truststats.options import choose
from truststats.results import effect_frames, frames, ordinal
from truststats.results.after_fit import AfterFit, labelled_each
from truststats.results.measured import Measured
from truststats.results.measures import measures_of
from truststats.results.part import refuse_part
from truststats.results.posthoc import ParameterTests
from truststats.results.provenance import provenance
from truststats.survey.synthetic import labelled

__all__ = ["Fit"]


@dataclass(frozen=True, repr=False, eq=False)
class Fit(Measured, AfterFit, ParameterTests):
    """An estimated structural equation model.

    Estimates, standard errors, chi-square and the baseline are there from the start; everything
    else is computed when asked for and kept.

    Attributes
    ----------
    model : Model
        What was claimed.
    partable : ParTable
        Its parameters.
    estimate : Estimate
        The numbers of the optimum.
    vcov : (q, q) array
        Covariance matrix of theta.
    test, baseline : ModelTest
        Standard likelihood-ratio tests of the model and of the independence model.
    scaled : (ModelTest, ModelTest) or None
        Their scaled versions.
    options : mapping
        The options as used, names as in `fit`.
    exclusions : mapping of str to int
        Rows left out, by reason.
    noted : tuple of Problem
        What was noticed while fitting.
    n_rows : int
        Rows given.
    cluster_name : str or None
        The cluster variable.
    survey, framework : Survey or None, Framework or None
        Where data and model came from.
    other : ModelTest or None
        A residual-based or Bollen-Stine test that is reported in place of `test`.
    loaded : mapping or None
        What a fit read back from a file knows without its rows.
    synthetic : bool
        Whether the answers were simulated; everything made from the fit then says so.
    index : Index or None
        The row labels of the data given.
    resampled : Resampled or None
        The refits that the standard errors of se="bootstrap" are made of.
    whole : (Estimate, Estimate) or None
        The model and its baseline with auxiliary variables, where there are some.
    part : str or None
        The group of a joint fit that this is one side of, see `Fit.group`.
    """

    model: Model
    partable: ParTable
    estimate: Estimate
    vcov: Array
    test: ModelTest
    baseline: ModelTest
    scaled: tuple[ModelTest, ModelTest] | None
    options: Mapping[str, Any]
    exclusions: Mapping[str, int]
    noted: tuple[Problem, ...]
    n_rows: int
    cluster_name: str | None = None
    survey: Any = field(default=None)
    framework: Any = field(default=None)
    loaded: Mapping[str, Any] | None = field(default=None)
    synthetic: bool = False
    other: ModelTest | None = None
    index: pd.Index | None = field(default=None)
    resampled: Resampled | None = field(default=None)
    whole: tuple[Estimate, Estimate] | None = field(default=None)
    part: str | None = None

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)

    # what was done -----------------------------------------------------------------------------

    @property
    def estimator(self) -> str:
        """The estimator, by lavaan's name."""
        return self.options["estimator"]

    @property
    def missing(self) -> str:
        """How missing values were treated: "listwise", "ml" or a two-stage method."""
        chosen = self.options["missing"]
        return "ml" if chosen == "ml.x" else chosen

    @property
    def se_type(self) -> str:
        """The kind of standard error, by lavaan's name."""
        return self.options["se"]

    @property
    def information(self) -> str:
        """The information used: "expected", "observed" or "first.order"."""
        return self.options["information"]

    @property
    def test_type(self) -> str:
        """The test that is reported first, by lavaan's name."""
        return self.options["test"]

    @property
    def nobs(self) -> int:
        """Number of rows used."""
        return int(self.group_nobs.sum())

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups' labels in their order; empty for one group."""
        return self.partable.group_labels if self.partable.n_groups > 1 else ()

    @property
    def group_nobs(self) -> pd.Series:
        """Number of rows used in each group."""
        names = self.groups or ("all",)
        found = [sample.n_rows for sample in self.estimate.samples]
        known = self.loaded and self.loaded.get("group_nobs")
        return pd.Series(known or found, index=names, dtype=int)

    @property
    def effective_n(self) -> float | None:
        """Rows of equal weight that the weighted rows are worth (Kish 1965); None if not known.

        (sum of w)^2 / sum of w^2.
        """
        if self.loaded is not None:
            return self.loaded.get("effective_n")
        given = [sample.weights for sample in self.estimate.samples]
        if any(w is None for w in given):
            return None
        w = np.concatenate(cast(list[Array], given))
        return float(w.sum() ** 2 / (w**2).sum())

    @property
    def n_patterns(self) -> int:
        """Number of missing patterns (1 for complete data)."""
        if self.loaded is not None:
            return self.loaded["n_patterns"]
        samples = (self.estimate if self.whole is None else self.whole[0]).samples
        found = [pattern_data(sample) for sample in samples]
        return sum(1 if data is None else data.n_patterns for data in found)

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters; None if the rows were taken as independent."""
        if self.loaded is not None:
            return self.loaded["n_clusters"]
        return n_clusters_of(self.estimate.samples)

    @property
    def cluster(self) -> str | None:
        """Name of the cluster variable."""
        return self.cluster_name

    @property
    def npar(self) -> int:
        """Number of distinct free parameters, less equality constraints among them."""
        return self.estimate.npar

    @property
    def converged(self) -> bool:
        """Whether an optimum was reached."""
        return self.estimate.converged

    @property
    def iterations(self) -> int:
        """Iterations of the optimiser."""
        return self.estimate.solution.iterations

    # the test ----------------------------------------------------------------------------------

    @property
    def df(self) -> int:
        """Degrees of freedom."""
        return int(self.test.df)

    @property
    def chisq(self) -> float:
        """The reported chi-square: scaled for MLR, else the likelihood ratio."""
        return self.reported_test.chisq

    @property
    def pvalue(self) -> float:
        """P-value of the reported chi-square."""
        return self.reported_test.pvalue

    @property
    def reported_test(self) -> ModelTest:
        """The test that a card shows."""
        return self.other or (self.scaled[0] if self.scaled else self.test)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What a reader must know first: admissibility, then data, worst first."""
        return worst_first([*self.noted, *ordinal.about_answers(self)])

    @property
    def admissible(self) -> bool:
        """Whether no problem of severity "error" stands in the way of interpreting the numbers."""
        return not any(problem.severity == "error" for problem in self.noted)

    # numbers -----------------------------------------------------------------------------------

    @cached_property
    def fit_measures(self) -> pd.Series:
        """All fit measures by lavaan's short names with _ for the dot."""
        refuse_part(self, "A test or fit measure")
        made = pd.Series(measures_of(self), dtype=float)
        return labelled(made, self.synthetic)

    @property
    def params(self) -> pd.Series:
        """Estimates of the free parameters by lavaan's `coef()` names."""
        return pd.Series(self.estimate.theta[self._free_index], index=self._free_names)

    @property
    def bse(self) -> pd.Series:
        """Standard errors of the free parameters."""
        se = frames.standard_errors(self.vcov)
        return pd.Series(se[self._free_index], index=self._free_names)

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of the free parameters; NaN for what constraints determine."""
        return frames.pvalue(self.params / self.bse.where(self.bse > 0.0), self.reference_df)

    @property
    def reference_df(self) -> int | None:
        """Degrees of freedom of the t distribution that intervals refer to; None for the normal.

        G - 1 with the cluster jackknife of G clusters (Bell & McCaffrey 2002).
        """
        if "reference_df" in self.options:
            return self.options["reference_df"]
        return None if self.se_type != "cr3" else cast(int, self.n_clusters) - 1

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return confidence limits of the free parameters, columns 0 and 1 as in statsmodels."""
        low, high = frames.limits(self.params, self.bse, 1.0 - alpha, self.reference_df)
        return pd.DataFrame({0: low, 1: high})

    def cov_params(self) -> pd.DataFrame:
        """Return the covariance matrix of the free parameters."""
        at = self._free_index
        return pd.DataFrame(
            self.vcov[np.ix_(at, at)], index=self._free_names, columns=self._free_names
        )

    @cached_property
    def _free_index(self) -> IntArray:
        return np.array([u for u in self.partable.unique if u >= 0], dtype=np.intp)

    @cached_property
    def _free_names(self) -> list[str]:
        return frames.free_names(self.partable)

    def tidy(
        self,
        conf_level: float = 0.95,
        *,
        style: str = "truststats",
        standardized_se: bool = False,
    ) -> pd.DataFrame:
        """Return one row per parameter: estimate, SE, z, p, limits, standardised values.

        Parameters
        ----------
        conf_level : float
            Confidence level of the limits.
        style : {"truststats", "lavaan", "broom"}
            Column names: ours (snake_case), lavaan's exact ones, or broom's.
        standardized_se : bool
            Add the delta-method standard error of std_all.
        """
        choose("style", style, frames.STYLES)
        frame = frames.tidy(self, conf_level, style=style, standardized_se=standardized_se)
        return labelled(frame, self.synthetic)

    @cached_property
    def standard_parts(self) -> tuple[Array, Array]:
        """Standardised values (std_all) of all rows and their standard errors, as arrays."""
        return frames.standard_parts(self)

    def standardized(self, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the standardised solution (std_all) with delta-method standard errors."""
        return labelled(frames.standardized(self, conf_level), self.synthetic)

    def effects(
        self,
        ci: str = "delta",
        level: float = 0.95,
        *,
        draws: int | None = None,
        seed: Any = None,
        specific: bool = True,
        contrast: bool = False,
    ) -> pd.DataFrame:
        """Return all direct, indirect, total and specific effects with confidence limits.

        Parameters
        ----------
        ci : {"delta", "monte_carlo", "percentile", "bias_corrected", "bca", "normal", "basic"}
            Limits by the delta method; percentiles of effects at draws of the parameters from
            their estimated normal distribution (MacKinnon, Lockwood & Williams 2004,
            doi:10.1207/s15327906mbr3901_4); or intervals of refits to resamples, see
            `truststats.bootstrap`. p-values are those of the interval: p < .05 where the 95 %
            interval leaves zero out.
        level : float
        draws : int, optional
            Monte Carlo draws, by default 20,000; resamples, by default 1,000.
        seed : int, Generator or None
            None is one fixed seed.
        specific : bool
            List every route as well.
        contrast : bool
            List the differences between groups as well.
        """
        frame = effect_frames.effects(
            self, ci, level, draws=draws, seed=seed, specific=specific, contrast=contrast
        )
        return labelled(frame, self.synthetic)

    @cached_property
    def r_square(self) -> pd.Series:
        """Explained variance of every endogenous variable: 1 - residual / implied variance."""
        return labelled(frames.r_square(self), self.synthetic)

    def implied(self) -> dict[str, Any]:
        """Return the implied moments: ``sigma`` (DataFrame) and ``mu`` (Series or None).

        With several groups these and the methods below give a dict by group label.
        """
        return frames.implied(self)

    def sample_moments(self) -> dict[str, Any]:
        """Return the sample moments: ``cov`` and ``mean`` (EM estimates with missing data)."""
        return frames.sample_moments(self)

    def latent_cor(self) -> Any:
        """Return the implied correlations of the latent variables."""
        return labelled_each(frames.latent_cor(self), self.synthetic)

    def glance(self) -> pd.DataFrame:
        """Return one row: sample size, test and main fit measures."""
        return labelled(frames.glance(self), self.synthetic)

    def summary(self) -> str:
        """Return the full text summary: card, estimates, R-square."""
        return _bridge.call("present.repr", "summary", self)

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """Data hash, instrument, framework, options, exclusions and versions."""
        if self.loaded is not None:
            return dict(self.loaded["provenance"])
        return provenance(self)

    def save(self, path: str | Path) -> Path:
        """Write the fit as JSON without any respondent's row; read it back by `read_fit`."""
        return _bridge.call("results.store", "save_fit", self, path)
