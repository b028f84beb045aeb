"""`FactorCount`: what several rules say about the number of factors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from truststats import _bridge
from truststats.arrays import Array
from truststats.errors import Problem
from truststats.psychometrics.average_partial import kaiser_count
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    import pandas as pd

    from truststats.psychometrics.parallel_analysis import ParallelAnalysis

__all__ = ["FactorCount"]


@dataclass(frozen=True, repr=False, eq=False)
class FactorCount:
    """How many factors a set of items may have.

    Attributes
    ----------
    items : tuple of str
    n : int
        Rows used.
    ordered : bool
        Whether correlations are polychoric.
    random : {"permuted", "normal"}
        How data without common factors were made.
    draws : int
        How many of them.
    quantile : float or None
        What observed eigenvalues are compared with; None for the mean.
    components, factors : ParallelAnalysis
        Of principal components, and of common factors (squared multiple correlations in the
        diagonal).
    map2, map4 : (p - 1,) arrays
        Velicer's average partial correlation after 0, 1, ... components: squares, fourth powers.
    problems : tuple of Problem
    synthetic : bool
    """

    items: tuple[str, ...]
    n: int
    ordered: bool
    random: str
    draws: int
    quantile: float | None
    components: ParallelAnalysis = field(repr=False)
    factors: ParallelAnalysis = field(repr=False)
    map2: Array = field(repr=False)
    map4: Array = field(repr=False)
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    @property
    def suggested(self) -> dict[str, int]:
        """The number each rule suggests.

        ``parallel_factors``, ``parallel_components``, ``map``, ``map4``, and ``kaiser``
        (eigenvalues above one), which stands there because people ask for it, not to be used.
        """
        return {
            "parallel_factors": self.factors.suggested(self.quantile),
            "parallel_components": self.components.suggested(self.quantile),
            "map": int(np.nanargmin(self.map2)),
            "map4": int(np.nanargmin(self.map4)),
            "kaiser": kaiser_count(self.components.observed),
        }

    def frame(self) -> pd.DataFrame:
        """Return one row a number of factors.

        Returns
        -------
        pandas.DataFrame
            number; eigenvalue and reference of components, and of factors; map and map4 of so
            many components.
        """
        import pandas as pd

        number = np.arange(1, len(self.items) + 1)

        def after(values: Array) -> Array:
            return np.append(values[1:], [np.nan, np.nan])

        found = pd.DataFrame(
            {
                "number": number,
                "component": self.components.observed,
                "component_reference": self.components.reference(self.quantile),
                "factor": self.factors.observed,
                "factor_reference": self.factors.reference(self.quantile),
                "map": after(self.map2),
                "map4": after(self.map4),
            }
        )
        return labelled(found, self.synthetic)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
