"""`Permuted`: how the steps of a ladder compare with groups that were shuffled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from truststats.arrays import Array
from truststats.options import choose

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Permuted"]


@dataclass(frozen=True, eq=False)
class Permuted:
    """Reference distributions from shuffled groups (Jorgensen, Kite, Chen & Short 2018).

    Attributes
    ----------
    names : tuple of str
        The steps.
    measures : tuple of str
        chisq, cfi, rmsea and srmr.
    observed : (steps, 4) array
        The fit of the first step and the changes at the others; larger is worse, so that of CFI
        it is the fall, or the distance from 1.
    drawn : (steps, B, 4) array
        The same for every draw.
    p : (steps, 4) array
        The share of draws at least as bad.
    failed : int
        Draws whose refits did not arrive.
    seed : int or str
        What the draws can be repeated with.
    """

    names: tuple[str, ...]
    measures: tuple[str, ...]
    observed: Array
    drawn: Array
    p: Array
    failed: int
    seed: int | str

    def pvalue(self, step: str, measure: str = "chisq") -> float:
        """Return the p-value of a step by one of the measures; NaN for an unknown step."""
        choose("measure", measure, self.measures)
        if step not in self.names:
            return float("nan")
        return float(self.p[self.names.index(step), self.measures.index(measure)])

    def frame(self) -> pd.DataFrame:
        """Return one row a step and measure: observed, the 95th percentile of draws, p-value."""
        import numpy as np
        import pandas as pd

        limit = np.quantile(self.drawn, 0.95, axis=1)
        rows = [
            (step, measure, self.observed[i, j], limit[i, j], self.p[i, j])
            for i, step in enumerate(self.names)
            for j, measure in enumerate(self.measures)
        ]
        return pd.DataFrame(rows, columns=["step", "measure", "observed", "limit", "pvalue"])
