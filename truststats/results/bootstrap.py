"""`Bootstrap`: refitted parameters of resamples, and the intervals that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats import _bridge
from truststats.arrays import Array
from truststats.inference.effects import effect_values, list_effects
from truststats.options import check_level
from truststats.results import effect_frames, frames
from truststats.results.fit import Fit
from truststats.survey.synthetic import labelled

__all__ = ["Bootstrap"]


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
    """

    fit: Fit
    theta: Array
    failed: int
    seed: Any
    unit: str

    @property
    def draws(self) -> int:
        """Number of refits, failed ones included."""
        return len(self.theta) + self.failed

    @property
    def synthetic(self) -> bool:
        """Whether the answers were simulated."""
        return self.fit.synthetic

    def _summarise(self, values: Array, level: float) -> dict[str, Array]:
        tail = (1.0 - check_level(level)) / 2.0
        low, high = np.quantile(values, [tail, 1.0 - tail], axis=0)
        se = values.std(axis=0, ddof=1)
        return {"se": se, "ci_lower": low, "ci_upper": high}

    def tidy(self, conf_level: float = 0.95) -> pd.DataFrame:
        """Return one row per parameter: estimate, bootstrap SE, percentile limits, also of std_all.

        Percentile limits (Efron & Tibshirani 1993, ch. 13).
        """
        table = self.fit.partable
        frame = pd.DataFrame({"lhs": table.lhs, "op": table.op, "rhs": table.rhs})
        frame["label"] = list(table.label)
        frame["est"] = self.fit.tidy()["est"]
        for scale, prefix in (("raw", ""), ("std_all", "std_")):
            function = frames.row_function(self.fit, scale)
            if prefix:
                frame["std_all"] = function(self.fit.estimate.theta[None])[0]
            for name, value in self._summarise(function(self.theta), conf_level).items():
                frame[prefix + name] = np.where(np.abs(value) < 1e-12, 0.0, value)
        return labelled(frame, self.synthetic)

    def frame(self) -> pd.DataFrame:
        """Return `tidy` at its usual level."""
        return self.tidy()

    def effects(self, level: float = 0.95, *, specific: bool = True) -> pd.DataFrame:
        """Return all effects with bootstrap standard errors and percentile limits."""
        layout = self.fit.estimate.layout
        paths, keep = effect_frames.structural_paths(self.fit)
        listed = list_effects(paths, specific=specific)
        frame = effect_frames.effect_names(layout.nodes, listed)
        for standard, prefix in ((False, ""), (True, "std_")):

            def values(theta: Array, standard: bool = standard) -> Array:
                return effect_values(layout, listed, theta, standardized=standard, keep=keep)

            frame["std_all" if standard else "est"] = values(self.fit.estimate.theta[None])[0]
            for name, value in self._summarise(values(self.theta), level).items():
                frame[prefix + name] = value
        return labelled(frame, self.synthetic)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
