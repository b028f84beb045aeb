"""`Validity`: whether the scales of a model measure different things."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from truststats import _bridge
from truststats.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PairRow", "ScaleRow", "Validity"]


@dataclass(frozen=True)
class ScaleRow:
    """One scale.

    Attributes
    ----------
    construct, label : str
    ave : float
        Average variance extracted; NaN for a second-order factor.
    sqrt_ave : float
    largest : float
        Its largest absolute correlation with another factor.
    fornell_larcker : bool or None
        Whether the former exceeds the latter; None without an average.
    """

    construct: str
    label: str
    ave: float
    sqrt_ave: float
    largest: float
    fornell_larcker: bool | None


@dataclass(frozen=True)
class PairRow:
    """Two scales.

    Attributes
    ----------
    lhs, rhs : str
        The factors.
    cor, cor_lower, cor_upper : float
        Their correlation and its interval.
    severity : {"none", "marginal", "moderate", "severe"}
        By the limit of that interval that is further from zero: below .8, from .8, .9 and 1.
    chisq_diff, df_diff, pvalue_diff : float
        Test of the correlation against the cut; NaN where it was not made.
    cfi_diff : float
        What CFI loses with the correlation at the cut.
    htmt, htmt_lower, htmt_upper, htmt2, htmt2_lower, htmt2_upper : float
        Ratios of correlations and their intervals; NaN with a second-order factor.
    vif : float
        Variance inflation if both were the causes of something.
    """

    lhs: str
    rhs: str
    cor: float
    cor_lower: float
    cor_upper: float
    severity: str
    chisq_diff: float
    df_diff: float
    pvalue_diff: float
    cfi_diff: float
    htmt: float
    htmt_lower: float
    htmt_upper: float
    htmt2: float
    htmt2_lower: float
    htmt2_upper: float
    vif: float


@dataclass(frozen=True, repr=False, eq=False)
class Validity:
    """Whether scales can be told apart, by every usual rule.

    Attributes
    ----------
    scales : tuple of ScaleRow
    rows : tuple of PairRow
        Every pair, in the model's order.
    cut : float
        The correlation that the tests hold pairs against.
    level : float
        Of the intervals.
    ratio_method : str
        How the intervals of the ratios were made: "percentile" or "delta".
    difference_method : str
        The difference test, by name; empty without one.
    n : float
        People.
    problems : tuple of Problem
        Pairs that are hard to tell apart or nearly collinear, worst first.
    synthetic : bool
        Whether the answers were simulated.
    """

    scales: tuple[ScaleRow, ...]
    rows: tuple[PairRow, ...]
    cut: float
    level: float
    ratio_method: str
    difference_method: str
    n: float
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    def frame(self) -> pd.DataFrame:
        """Return one row a pair."""
        import pandas as pd

        names = [one.name for one in fields(PairRow)]
        return pd.DataFrame([[getattr(r, n) for n in names] for r in self.rows], columns=names)

    @property
    def ave(self) -> pd.DataFrame:
        """One row a scale: average variance extracted and the Fornell-Larcker criterion."""
        import pandas as pd

        names = [one.name for one in fields(ScaleRow)]
        return pd.DataFrame([[getattr(r, n) for n in names] for r in self.scales], columns=names)

    @property
    def fornell_larcker(self) -> pd.DataFrame:
        """Correlations of the factors, with the root of the average variance on the diagonal."""
        return self._matrix("cor", [row.sqrt_ave for row in self.scales])

    @property
    def htmt(self) -> pd.DataFrame:
        """Heterotrait-monotrait ratios as a matrix."""
        return self._matrix("htmt", [1.0] * len(self.scales))

    @property
    def htmt2(self) -> pd.DataFrame:
        """The ratios with geometric means as a matrix."""
        return self._matrix("htmt2", [1.0] * len(self.scales))

    def _matrix(self, name: str, diagonal: list[float]) -> pd.DataFrame:
        import numpy as np
        import pandas as pd

        keys = [row.construct for row in self.scales]
        out = pd.DataFrame(np.diag(diagonal), index=keys, columns=keys)
        for row in self.rows:
            out.loc[row.lhs, row.rhs] = out.loc[row.rhs, row.lhs] = getattr(row, name)
        return out

    def label(self, construct: str) -> str:
        """Return a construct's label."""
        return next((r.label for r in self.scales if r.construct == construct), construct)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
