"""`Bootstrap`: refitted parameters of resamples, and the intervals that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from truststats import _bridge
from truststats.arrays import Array
from truststats.errors import Problem
from truststats.inference.intervals import Intervals, acceleration, influence, resample_intervals
from truststats.inference.standardize import jacobian
from truststats.results import effect_frames, frames
from truststats.results.fit import Fit
from truststats.survey.synthetic import labelled

__all__ = ["Bootstrap"]

_MANY_FAILED = 0.05


@dataclass(frozen=True, repr=False, eq=False)
class Bootstrap:
    """Refits of a model to resampled rows or clusters.

    Attributes
    ----------
    fit : Fit
        The model that was refitted.
    theta : (draws, q) array
        Parameters of the refits that converged.
    failed : int
        Refits that did not converge; they are left out of the intervals.
    seed : int or str
        What the draws can be repeated with.
    unit : str
        "rows", or the name of the cluster variable.
    ci : str
        The interval that is shown unless another is asked for.
    lost : int
        Refits among the failed ones whose resample lacked a category of an ordinal item.
    """

    fit: Fit
    theta: Array
    failed: int
    seed: Any
    unit: str
    ci: str = "percentile"
    lost: int = 0

    @property
    def draws(self) -> int:
        """Number of refits, failed ones included."""
        return len(self.theta) + self.failed

    @property
    def synthetic(self) -> bool:
        """Whether the answers were simulated."""
        return self.fit.synthetic

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a reader must know first: many refits that failed."""
        lost = () if not self.lost else (self._categories_lost(),)
        if self.failed - self.lost <= _MANY_FAILED * self.draws:
            return lost
        share = 100.0 * self.failed / self.draws
        return (
            *lost,
            Problem(
                "refits_failed",
                "warning",
                f"{self.failed} of {self.draws} refits ({share:.0f} %) did not converge and are "
                "left out. Resamples that fail are not like the others, so the intervals may be "
                "too narrow.",
                "Use fit.effects(ci='monte_carlo'), or simplify the model.",
                count=self.failed,
            ),
        )

    def _categories_lost(self) -> Problem:
        share = 100.0 * self.lost / self.draws
        return Problem(
            "categories_lost",
            "warning" if self.lost > _MANY_FAILED * self.draws else "note",
            f"In {self.lost} of {self.draws} resamples ({share:.0f} %) nobody chose some category "
            "of an item; they are left out.",
            "Merge rare categories with their neighbours if these are more than a few.",
            count=self.lost,
        )

    @cached_property
    def _influence(self) -> Array:
        return influence(self.fit.estimate)

    def intervals(
        self, function: Callable[[Array], Array], level: float = 0.95, ci: str | None = None
    ) -> Intervals:
        """Return the intervals of functions of theta, and the p-values that agree with them.

        Parameters
        ----------
        function : callable
            Maps (B, q) parameter vectors, real or complex, to (B, r) values.
        level : float
        ci : str, optional
            Another interval than `Bootstrap.ci`.
        """
        kind = effect_frames.choose_bootstrap(self.ci if ci is None else ci)
        theta = self.fit.estimate.theta
        a = None
        if kind == "bca":
            a = acceleration(self._influence, jacobian(function, theta))
        return resample_intervals(kind, function(theta[None])[0], function(self.theta), level, a)

    def tidy(self, conf_level: float = 0.95, *, ci: str | None = None) -> pd.DataFrame:
        """Return one row per parameter: estimate, bootstrap SE, p, limits, also of std_all.

        Parameters
        ----------
        conf_level : float
        ci : {"percentile", "bias_corrected", "bca", "normal", "basic"}, optional
            Default `Bootstrap.ci`; see `truststats.bootstrap`.
        """
        table = self.fit.partable
        own = self.fit.tidy()
        frame = pd.DataFrame({"lhs": table.lhs, "op": table.op, "rhs": table.rhs})
        if "group" in own:
            frame["group"] = own["group"].to_numpy()
        frame["label"] = list(table.label)
        frame["est"] = own["est"].to_numpy()
        for scale, prefix in (("raw", ""), ("std_all", "std_")):
            function = frames.row_function(self.fit, scale)
            if prefix:
                frame["std_all"] = function(self.fit.estimate.theta[None])[0]
            found = self.intervals(function, conf_level, ci)
            _add(frame, prefix, found)
        return labelled(frame, self.synthetic)

    def frame(self) -> pd.DataFrame:
        """Return `tidy` at its usual level."""
        return self.tidy()

    def effects(
        self, level: float = 0.95, *, ci: str | None = None, specific: bool = True
    ) -> pd.DataFrame:
        """Return all effects with bootstrap standard errors, p-values and limits.

        Parameters
        ----------
        level : float
        ci : {"percentile", "bias_corrected", "bca", "normal", "basic"}, optional
            Default `Bootstrap.ci`; see `truststats.bootstrap`.
        specific : bool
            List every route as well.
        """
        frame, function = effect_frames.effect_functions(self.fit, specific=specific)
        for standard, prefix in ((False, ""), (True, "std_")):
            value = function(standard)
            frame["std_all" if standard else "est"] = value(self.fit.estimate.theta[None])[0]
            _add(frame, prefix, self.intervals(value, level, ci))
        return labelled(frame, self.synthetic)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def _add(frame: pd.DataFrame, prefix: str, found: Intervals) -> None:
    """Add the columns of intervals to a frame."""
    frame[f"{prefix}se"] = found.se
    frame[f"{prefix}pvalue"] = found.pvalue
    frame[f"{prefix}ci_lower"] = found.lower
    frame[f"{prefix}ci_upper"] = found.upper
