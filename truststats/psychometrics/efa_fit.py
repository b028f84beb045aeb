"""How well so many factors explain the correlations: the tests and fit measures."""

from __future__ import annotations

import numpy as np

from truststats.arrays import Array
from truststats.estimation.two_way import pair_index
from truststats.inference.fitmeasures import (
    cfi,
    rmsea,
    rmsea_ci,
    rmsea_pvalue,
    robust_rmsea_block,
    srmr,
    tli,
)
from truststats.inference.moment_structure import Pieces, traces
from truststats.inference.robust_tests import adjusted_test
from truststats.inference.tests import ModelTest, chisq_pvalue
from truststats.inference.two_stage import FirstStage
from truststats.psychometrics.efa_extract import ml_discrepancy
from truststats.psychometrics.efa_inference import Spread, StandardRows

__all__ = [
    "degrees_of_freedom",
    "independence_trace",
    "likelihood_measures",
    "residual_measures",
    "squares_measures",
    "two_stage_independence",
]


def degrees_of_freedom(p: int, m: int) -> int:
    """Return ((p - m)^2 - p - m) / 2 of m factors of p variables."""
    return ((p - m) ** 2 - p - m) // 2


def independence_trace(rows: StandardRows) -> float:
    """Return tr(U Gamma) of uncorrelated variables from standardised rows."""
    i, j = pair_index(rows.z.shape[1])
    return rows.size(rows.z[:, i] * rows.z[:, j])


def residual_measures(corr: Array, implied: Array) -> dict[str, float]:
    """Return srmr (over the lower triangle with the diagonal) and rmsr (without it)."""
    i, j = pair_index(len(corr))
    gap = (corr - implied)[i, j]
    rmsr = float(np.sqrt((gap**2).mean())) if len(gap) else 0.0
    return {"srmr": srmr(corr, implied), "rmsr": rmsr}


def two_stage_independence(stage: FirstStage) -> float:
    """Return tr(U Gamma) of uncorrelated variables from EM moments of standardised variables."""
    cov = int(np.sqrt(2 * len(stage.weight)))
    p = next(k for k in range(cov + 1) if k * (k + 1) // 2 + k == len(stage.weight))
    i, j = np.tril_indices(p)
    size = len(i)
    slopes = np.zeros((size, p))
    slopes[np.arange(size)[i == j], np.arange(p)] = 1.0
    pieces = [Pieces(slopes, stage.weight[:size, :size], stage.gamma[:size, :size], 1.0)]
    return traces(pieces, np.linalg.inv(slopes.T @ pieces[0].weight @ slopes))[0]


def _measures(test: ModelTest, base: ModelTest, n: float, suffix: str = "") -> dict[str, float]:
    """Return cfi, tli and rmsea with its interval of one test."""
    low, high = rmsea_ci(test.chisq, test.df, n)
    values = {
        "cfi": cfi(test.chisq, test.df, base.chisq, base.df),
        "tli": tli(test.chisq, test.df, base.chisq, base.df),
        "rmsea": rmsea(test.chisq, test.df, n),
        "rmsea_ci_lower": low,
        "rmsea_ci_upper": high,
        "rmsea_pvalue": rmsea_pvalue(test.chisq, test.df, n),
    }
    return {name + suffix: value for name, value in values.items()}


def _plain(chisq: float, df: int) -> ModelTest:
    return ModelTest("standard", chisq, df, chisq_pvalue(chisq, df))


def _test_values(test: ModelTest, suffix: str = "") -> dict[str, float]:
    return {
        f"chisq{suffix}": test.chisq,
        f"df{suffix}": float(test.df),
        f"pvalue{suffix}": test.pvalue,
    }


def likelihood_measures(
    corr: Array,
    implied: Array,
    m: int,
    n: float,
    saturated_logl: float | None = None,
    scaled: tuple[Spread, float] | None = None,
) -> dict[str, float]:
    """Return the measures that rest on the normal discrepancy F of observed and implied matrices.

    Parameters
    ----------
    corr, implied : (p, p) arrays
    m : int
        Factors.
    n : float
        Rows.
    saturated_logl : float, optional
        Log-likelihood of the unrestricted model; with it (maximum likelihood only) those of the
        model, AIC and BIC. Parameters are p (m + 1) - m (m - 1) / 2, means not counted.
    scaled : (Spread, float), optional
        For the test of Satorra & Bentler (1994): the spread of the fit, and `independence_trace`.

    Notes
    -----
    chisq = n F as for any fit here; chisq_bartlett = (n - 1 - (2p + 5)/6 - 2m/3) F (Bartlett
    1951, doi:10.2307/2332323), which is closer to its distribution in small samples.
    """
    p = len(corr)
    df, df_base = degrees_of_freedom(p, m), p * (p - 1) // 2
    discrepancy = ml_discrepancy(corr, implied)
    test = _plain(n * discrepancy, df)
    base = _plain(n * ml_discrepancy(corr, np.eye(p)), df_base)
    npar = p * (m + 1) - m * (m - 1) // 2
    corrected = (n - 1.0 - (2 * p + 5) / 6.0 - 2.0 * m / 3.0) * discrepancy
    out = {"npar": float(npar), **_test_values(test)}
    out |= {"chisq_bartlett": corrected, "pvalue_bartlett": chisq_pvalue(corrected, df)}
    if scaled is not None:
        own = adjusted_test("satorra.bentler", test.chisq, df, scaled[0].one, float("nan"))
        other = adjusted_test("satorra.bentler", base.chisq, df_base, scaled[1], float("nan"))
        out |= _test_values(own, "_scaled") | {"chisq_scaling_factor": own.scaling_factor}
    out |= {"baseline_chisq": base.chisq, "baseline_df": float(df_base)}
    out |= _measures(test, base, n)
    if scaled is not None:
        out |= _robust(test, base, own.scaling_factor, other.scaling_factor, n)
    if saturated_logl is not None:
        logl = saturated_logl - 0.5 * test.chisq
        out |= {"logl": logl, "aic": 2.0 * (npar - logl), "bic": npar * float(np.log(n)) - 2 * logl}
    return out | residual_measures(corr, implied)


def _robust(
    test: ModelTest, base: ModelTest, c: float, c_base: float, n: float
) -> dict[str, float]:
    """Return robust cfi, tli and rmsea of mean-adjusted tests (Brosseau-Liard & Savalei 2014)."""
    if test.df == 0:
        return {"cfi_robust": 1.0, "tli_robust": 1.0, **robust_rmsea_block(0.0, 0, n, 1.0)}
    gap, gap_base = test.chisq - c * test.df, base.chisq - c_base * base.df
    return {
        "cfi_robust": cfi(gap + test.df, test.df, gap_base + base.df, base.df),
        "tli_robust": tli(gap + test.df, test.df, gap_base + base.df, base.df),
        **robust_rmsea_block(test.chisq, test.df, n, c),
    }


def squares_measures(
    corr: Array, implied: Array, m: int, n: float, gamma: Array, weight: Array, spread: Spread
) -> dict[str, float]:
    """Return the measures of a fit to polychoric correlations by weighted squares.

    Parameters
    ----------
    corr, implied : (p, p) arrays
    m : int
    n : float
    gamma : (P, P) array
        N times the covariance of the correlations.
    weight : (P,) array
    spread : Spread
        With both traces.

    Notes
    -----
    chisq is (n - 1) r'Vr, chisq_scaled is scaled and shifted (Asparouhov & Muthen 2010).
    """
    p = len(corr)
    df, df_base = degrees_of_freedom(p, m), p * (p - 1) // 2
    i, j = pair_index(p)
    gap = (corr - implied)[i, j]
    test = _plain((n - 1.0) * float(weight @ gap**2), df)
    base = _plain((n - 1.0) * float(weight @ corr[i, j] ** 2), df_base)
    own = adjusted_test("scaled.shifted", test.chisq, df, spread.one, spread.two)
    one, two = float(weight @ np.diag(gamma)), float(weight @ gamma**2 @ weight)
    other = adjusted_test("scaled.shifted", base.chisq, df_base, one, two)
    return {
        **_test_values(test),
        **_test_values(own, "_scaled"),
        "chisq_scaling_factor": own.scaling_factor,
        "baseline_chisq_scaled": other.chisq,
        "baseline_df": float(df_base),
        **_measures(test, base, n - 1.0),
        **_measures(own, other, n - 1.0, "_scaled"),
        **residual_measures(corr, implied),
    }
