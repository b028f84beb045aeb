"""`PooledFit`: one model fitted to multiply imputed data, pooled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from truststats import _bridge
from truststats.arrays import Array
from truststats.errors import Problem, worst_first
from truststats.inference.pooling import (
    PooledTest,
    RubinPool,
    rubin_degrees,
    t_limits,
    t_pvalue,
)
from truststats.options import check_level, choose
from truststats.results.fit import Fit
from truststats.survey.synthetic import labelled

__all__ = ["PooledFit"]

_COLUMNS = ("lhs", "op", "rhs", "label", "est", "se", "t", "df", "pvalue", "ci_lower", "ci_upper")


@dataclass(frozen=True, repr=False, eq=False)
class PooledFit:
    """The fits of one model to m imputed data sets, pooled by Rubin's rules.

    Attributes
    ----------
    fits : tuple of Fit
        The fits that are pooled: those that converged.
    pooled : Fit
        The model at the pooled estimates, with the pooled covariance matrix and the mean moments:
        what effects, standardised values and implied moments are made from.
    rubin : RubinPool
        Within, between and total variances.
    d2, d3 : PooledTest
        Pooled tests of the model. D3 pools likelihood ratios at the pooled estimates, D2 the
        chi-squares.
    baseline_d2, baseline_d3 : PooledTest
        The same of the baseline model.
    measures_d2, measures_d3 : dict of str to float
        Fit measures from them.
    noted : tuple of Problem
        What was noticed while fitting and pooling.
    failed : tuple of int
        Numbers (from 1) of the data sets whose fit did not converge; they are left out.
    """

    fits: tuple[Fit, ...]
    pooled: Fit
    rubin: RubinPool
    d2: PooledTest
    d3: PooledTest
    baseline_d2: PooledTest
    baseline_d3: PooledTest
    measures_d2: dict[str, float]
    measures_d3: dict[str, float]
    noted: tuple[Problem, ...]
    failed: tuple[int, ...] = ()

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and hasattr(Fit, name):
            raise AttributeError(
                f"A pooled fit has no {name!r}: pooling it is not yet checked against an "
                "independent source. Look at single data sets, as in pooled.fits[0], or use "
                "missing='ml', which needs no imputations."
            )
        raise AttributeError(f"PooledFit has no attribute {name!r}.")

    @property
    def m(self) -> int:
        """Number of data sets pooled."""
        return len(self.fits)

    @property
    def imputations(self) -> int:
        """Number of data sets given."""
        return len(self.fits) + len(self.failed)

    @property
    def model(self) -> Any:
        """What was claimed."""
        return self.pooled.model

    @property
    def partable(self) -> Any:
        """Its parameters."""
        return self.pooled.partable

    @property
    def nobs(self) -> int:
        """Number of rows of each data set."""
        return self.pooled.nobs

    @property
    def npar(self) -> int:
        """Number of free parameters."""
        return self.pooled.npar

    @property
    def df(self) -> int:
        """Degrees of freedom of the model."""
        return self.pooled.df

    @property
    def synthetic(self) -> bool:
        """Whether the answers were simulated."""
        return self.pooled.synthetic

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a reader must know first, worst first."""
        return worst_first(self.noted)

    @property
    def params(self) -> pd.Series:
        """Pooled estimates of the free parameters by lavaan's `coef()` names."""
        return self.pooled.params

    @property
    def bse(self) -> pd.Series:
        """Standard errors by Rubin's rules."""
        return self.pooled.bse

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of the free parameters, from t with Rubin's degrees of freedom."""
        return self._free("pvalue")

    def conf_int(self, alpha: float = 0.05) -> pd.DataFrame:
        """Return confidence limits of the free parameters, columns 0 and 1."""
        table = self.tidy(1.0 - alpha)
        return pd.DataFrame({0: self._free("ci_lower", table), 1: self._free("ci_upper", table)})

    def _free(self, column: str, table: pd.DataFrame | None = None) -> pd.Series:
        """Return a column of `tidy` for the free parameters by their names."""
        frame = self.tidy() if table is None else table
        free = np.array(self.partable.unique) >= 0
        return pd.Series(frame[column].to_numpy()[free], index=self.params.index)

    @property
    def fit_measures(self) -> pd.Series:
        """Fit measures from D3; see `measures`."""
        return self.measures("D3")

    def measures(self, test: str = "D3") -> pd.Series:
        """Return the fit measures that follow from a pooled chi-square.

        Parameters
        ----------
        test : {"D3", "D2"}
        """
        chosen = choose("test", test, ("D3", "D2"))
        found = self.measures_d3 if chosen == "D3" else self.measures_d2
        return labelled(pd.Series(found), self.synthetic)

    def cov_params(self) -> pd.DataFrame:
        """Return the total covariance matrix of the free parameters."""
        return self.pooled.cov_params()

    @cached_property
    def _rows(self) -> tuple[Array, Array, Array]:
        """The mean, W and (1 + 1/m) B of every row's value, defined parameters included."""
        tables = [fit.tidy() for fit in self.fits]
        est = np.array([table["est"] for table in tables])
        within = np.mean([table["se"] ** 2 for table in tables], axis=0)
        return est.mean(axis=0), within, (1.0 + 1.0 / self.m) * est.var(axis=0, ddof=1)

    def _average_increase(self) -> float:
        """Return the relative increase in variance averaged over all directions of theta."""
        rubin = self.rubin
        free = np.diag(rubin.within) > 0
        every = np.ix_(free, free)
        increase = np.trace(np.linalg.pinv(rubin.within[every]) @ rubin.between[every])
        return (1.0 + 1.0 / rubin.m) * float(increase) / self.npar

    def tidy(
        self, conf_level: float = 0.95, *, total: str = "rubin", df: str = "large"
    ) -> pd.DataFrame:
        """Return one row per parameter, with fraction of missing information and relative increase.

        Rubin's rules are applied to every row's own values, so a defined parameter is the mean of
        what each data set gives, not the formula at pooled estimates.

        Parameters
        ----------
        conf_level : float
            Confidence level of the limits.
        total : {"rubin", "proportional"}
            Rubin's total variance W + (1 + 1/m) B of each parameter, or the within variance times
            one plus its average relative increase (Li, Raghunathan & Rubin 1991), which takes the
            same share of information to be missing everywhere; semTools reports the latter.
        df : {"large", "barnard-rubin"}
            Degrees of freedom of t: Rubin's (1987), or those for small samples (Barnard & Rubin
            1999) with the N - 1 that complete rows would have.
        """
        level = check_level(conf_level)
        choose("total", total, ("rubin", "proportional"))
        choose("df", df, ("large", "barnard-rubin"))
        table = self.pooled.tidy(conf_level)
        est, within, between = self._rows
        se = np.sqrt(within + between)
        if total == "proportional":
            se = np.sqrt((1.0 + self._average_increase()) * within)
        real = within > 1e-14
        riv = np.where(real, between / np.where(real, within, 1.0), np.nan)
        small = float(self.nobs - 1) if df == "barnard-rubin" else None
        degrees = rubin_degrees(riv, self.m, small)
        t = np.where(real, est / np.where(real, se, 1.0), np.nan)
        low, high = t_limits(est, np.where(real, se, 0.0), degrees, level)
        table["est"] = est
        table["se"], table["t"], table["df"] = np.where(real, se, 0.0), t, degrees
        table["pvalue"] = t_pvalue(t, degrees)
        table["ci_lower"], table["ci_upper"] = np.where(real, low, est), np.where(real, high, est)
        table["fmi"], table["riv"] = riv / (1.0 + riv), riv
        columns = [c for c in ("group", *_COLUMNS) if c in table.columns]
        order = [*columns, "std_lv", "std_all", "fmi", "riv"]
        return labelled(table[order], self.synthetic)

    def frame(self) -> pd.DataFrame:
        """Return `tidy` at its usual level."""
        return self.tidy()

    def effects(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        """Return the effects at the pooled estimates; see `Fit.effects` (normal limits)."""
        return self.pooled.effects(*arguments, **options)

    def standardized(self, conf_level: float = 0.95) -> pd.DataFrame:
        """Return the standardised solution at the pooled estimates."""
        return self.pooled.standardized(conf_level)

    @property
    def r_square(self) -> pd.Series:
        """Explained variance at the pooled estimates."""
        return self.pooled.r_square

    @cached_property
    def chisq_each(self) -> pd.Series:
        """The chi-square of each data set."""
        return pd.Series([fit.test.chisq for fit in self.fits], name="chisq")

    def glance(self) -> pd.DataFrame:
        """Return one row: sample size, number of imputations, pooled tests, main fit measures."""
        measures = self.fit_measures
        row: dict[str, Any] = {"nobs": self.nobs, "m": self.m, "failed": len(self.failed)}
        row |= {"npar": self.npar, "df": self.df, "chisq": self.d3.chisq}
        row |= {"F": self.d3.f, "df2": self.d3.df2, "pvalue": self.d3.pvalue}
        row |= {k: measures[k] for k in ("cfi", "tli", "rmsea", "srmr")}
        return labelled(pd.DataFrame([row]), self.synthetic)
