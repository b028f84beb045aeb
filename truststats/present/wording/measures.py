"""The fit measures a reader is shown: the robust or scaled version where there is one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Measures", "measures_of"]

NAN = math.nan
_KINDS = ("browne", "bollen_stine")


@dataclass(frozen=True)
class Measures:
    """Fit of one model.

    Attributes
    ----------
    chisq, df, pvalue : float
        The test of exact fit.
    cfi, tli, rmsea, rmsea_lower, rmsea_upper, srmr : float
        Fit measures; NaN where there is none.
    scaled : bool
        Whether the chi-square is a scaled one.
    kind : str
        ``"browne"`` or ``"bollen_stine"`` where the chi-square, or its p-value, is of that test;
        else empty.
    robust : str
        ``"robust"``, ``"scaled"`` or empty: which version of CFI, TLI and RMSEA this is.
    """

    chisq: float = NAN
    df: float = 0
    pvalue: float = NAN
    cfi: float = NAN
    tli: float = NAN
    rmsea: float = NAN
    rmsea_lower: float = NAN
    rmsea_upper: float = NAN
    srmr: float = NAN
    scaled: bool = False
    kind: str = ""
    robust: str = ""


def measures_of(fit: Any) -> Measures:
    """Return the measures of a fit: robust before scaled before standard.

    Parameters
    ----------
    fit : Fit
        Any fit with ``fit_measures``, ``chisq``, ``df`` and ``pvalue``.
    """
    table = {str(k): float(v) for k, v in dict(fit.fit_measures).items()}
    kind = next((k for k in ("robust", "scaled") if _there(table, f"cfi_{k}")), "")
    end = f"_{kind}" if kind else ""

    def one(name: str) -> float:
        value = table.get(name + end, NAN)
        return value if math.isfinite(value) else table.get(name, NAN)

    test = getattr(fit, "reported_test", None)
    df = float(fit.df if test is None else test.df)
    chosen = "" if test is None else test.name
    return Measures(
        chisq=float(fit.chisq),
        df=int(df) if df.is_integer() else df,
        pvalue=float(fit.pvalue),
        cfi=one("cfi"),
        tli=one("tli"),
        rmsea=one("rmsea"),
        rmsea_lower=one("rmsea_ci_lower"),
        rmsea_upper=one("rmsea_ci_upper"),
        srmr=table.get("srmr", NAN),
        scaled=_there(table, "chisq_scaled"),
        kind=next((k for k in _KINDS if chosen.startswith(k.replace("_", "."))), ""),
        robust=kind,
    )


def _there(table: Mapping[str, float], name: str) -> bool:
    return math.isfinite(table.get(name, NAN))
