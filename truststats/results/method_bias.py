"""`MethodBias`: how much a method that all items share could account for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from truststats import _bridge
from truststats.errors import Problem

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MethodBias", "MethodRow"]


@dataclass(frozen=True)
class MethodRow:
    """One model of the method.

    Attributes
    ----------
    model : str
        "factors" (the scales alone), "one_factor", "method_factor"; with a marker also
        "marker_baseline", "marker_equal", "marker_free" and "marker_held".
    chisq, df, cfi, rmsea, srmr : float
        Its fit; NaN where it did not converge. CFI and RMSEA are the plain ones.
    against : str
        The model it is tested against; empty without a test.
    chisq_diff, df_diff, pvalue_diff, cfi_diff : float
        The test, and CFI less that of the model it is tested against.
    share : float
        Average share of the items' variance that is the method's; NaN without one.
    largest_change : float
        Largest change of a correlation between factors, against the scales alone.
    """

    model: str
    chisq: float
    df: float
    cfi: float
    rmsea: float
    srmr: float
    against: str = ""
    chisq_diff: float = float("nan")
    df_diff: float = float("nan")
    pvalue_diff: float = float("nan")
    cfi_diff: float = float("nan")
    share: float = float("nan")
    largest_change: float = float("nan")


@dataclass(frozen=True, repr=False, eq=False)
class MethodBias:
    """What a common method could account for.

    Attributes
    ----------
    rows : tuple of MethodRow
    marker : str or None
    n : float
        People.
    problems : tuple of Problem
        One factor that fits nearly as well, and correlations that a method factor moves.
    synthetic : bool
        Whether the answers were simulated.
    """

    rows: tuple[MethodRow, ...]
    marker: str | None
    n: float
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    def frame(self) -> pd.DataFrame:
        """Return one row a model."""
        import pandas as pd

        names = [one.name for one in fields(MethodRow)]
        return pd.DataFrame([[getattr(r, n) for n in names] for r in self.rows], columns=names)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
