"""Fit measures in three tiers: from a fit, from chi-squares, from plain numbers.

Conventions follow lavaan: N (not N - 1) in RMSEA, SRMR over the lower triangle with the diagonal
(and the means where they are modelled), log-likelihoods conditional on fixed exogenous variables.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq
from scipy.special import chndtr

from truststats.arrays import Array
from truststats.estimation.estimate import Estimate
from truststats.estimation.sample import normal_logl
from truststats.inference.more_measures import EXACT, more_measures, notclose_pvalue
from truststats.inference.tests import ModelTest

__all__ = ["cfi", "fit_measures", "nfi", "rmsea", "rmsea_ci", "rmsea_pvalue", "srmr", "tli"]


def cfi(chisq: float, df: float, baseline_chisq: float, baseline_df: float) -> float:
    """Return the comparative fit index (Bentler 1990, doi:10.1037/0033-2909.107.2.238).

    1 - max(T - df, 0) / max(T - df, T_b - df_b, 0); 1 for a just-identified model, unless a bound
    keeps it from the data.
    """
    if df == 0 and not chisq > EXACT:
        return 1.0
    own = max(chisq - df, 0.0)
    worst = max(chisq - df, baseline_chisq - baseline_df, 0.0)
    return 1.0 if worst == 0.0 else 1.0 - own / worst


def tli(chisq: float, df: float, baseline_chisq: float, baseline_df: float) -> float:
    """Return the Tucker-Lewis index (Tucker & Lewis 1973), not bounded by 1; 1 when df is 0."""
    if df == 0 or baseline_df == 0:
        return 1.0
    return _ratio_tli(chisq, df, baseline_chisq, baseline_df, 1.0, 1.0)


def _ratio_tli(t: float, df: float, t_b: float, df_b: float, c: float, c_b: float) -> float:
    own = (t - c * df) * df_b
    base = (t_b - c_b * df_b) * df
    return 1.0 if base == 0.0 else 1.0 - own / base


def nfi(chisq: float, baseline_chisq: float) -> float:
    """Return the normed fit index (Bentler & Bonett 1980): (T_b - T) / T_b."""
    return 1.0 if baseline_chisq == 0.0 else (baseline_chisq - chisq) / baseline_chisq


def rmsea(chisq: float, df: float, n: float, scale: float = 1.0) -> float:
    """Return the root mean square error of approximation (Steiger & Lind 1980).

    sqrt(max(T - c df, 0) / (df n)), with n / G for n rows in G groups (Steiger 1998); c = 1 but
    in the robust version (Li & Bentler 2006; Brosseau-Liard, Savalei & Li 2012,
    doi:10.1080/00273171.2012.715252).
    """
    if df == 0:
        return 0.0
    return float(np.sqrt(max(chisq - scale * df, 0.0) / (df * n)))


def rmsea_ci(chisq: float, df: float, n: float, level: float = 0.90) -> tuple[float, float]:
    """Return the confidence interval of RMSEA from the noncentral chi-square distribution."""
    if df == 0:
        return 0.0, 0.0
    if not np.isfinite([chisq, df]).all():
        return float("nan"), float("nan")
    tail = (1.0 - level) / 2.0

    def bound(target: float) -> float:
        def gap(ncp: float) -> float:
            return float(chndtr(chisq, df, ncp)) - target

        if gap(0.0) < 0.0:
            return 0.0
        high = max(chisq * 2.0, float(n), 10.0)
        while gap(high) > 0.0:
            high *= 2.0
        return float(brentq(gap, 0.0, high, xtol=1e-9, rtol=1e-12))

    return tuple(float(np.sqrt(bound(t) / (df * n))) for t in (1.0 - tail, tail))  # type: ignore[return-value]


def rmsea_pvalue(
    chisq: float, df: float, n: float, close: float = 0.05, *, scale: float = 1.0
) -> float:
    """Return the p-value of the close-fit hypothesis RMSEA <= `close` (Browne & Cudeck 1993).

    In the robust version `chisq` is T / c and `scale` is c.
    """
    if df == 0 or not np.isfinite([chisq, df]).all():
        return float("nan")
    return float(1.0 - chndtr(chisq, df, close**2 * df * n / scale))


def srmr(cov: Array, sigma: Array, mean_gap: Array | None = None) -> float:
    """Return the standardised root mean square residual (Bentler 1995).

    Residuals divided by the observed standard deviations, root mean square over the lower
    triangle with the diagonal; mean residuals are included when given.
    """
    sd = np.sqrt(np.diag(cov))
    low = np.tril_indices(len(cov))
    left = ((cov - sigma) / np.outer(sd, sd))[low]
    total, count = float((left**2).sum()), len(left)
    if mean_gap is not None:
        total += float(((mean_gap / sd) ** 2).sum())
        count += len(mean_gap)
    return float(np.sqrt(total / count))


def _rmsea_block(chisq: float, df: float, n: float, suffix: str = "") -> dict[str, float]:
    low, high = rmsea_ci(chisq, df, n)
    return {
        f"rmsea{suffix}": rmsea(chisq, df, n),
        f"rmsea_ci_lower{suffix}": low,
        f"rmsea_ci_upper{suffix}": high,
        f"rmsea_pvalue{suffix}": rmsea_pvalue(chisq, df, n),
        f"rmsea_notclose_pvalue{suffix}": notclose_pvalue(chisq, df, n),
    }


def _information_criteria(logl: float, npar: int, n: float) -> dict[str, float]:
    return {
        "aic": -2.0 * logl + 2.0 * npar,
        "bic": -2.0 * logl + npar * np.log(n),
        "ntotal": float(n),
        "bic2": -2.0 * logl + npar * np.log((n + 2.0) / 24.0),
    }


def _robust_block(
    test: ModelTest, baseline: ModelTest, standard: ModelTest, base_standard: ModelTest, n: float
) -> dict[str, float]:
    """Return cfi, tli and rmsea of the scaled test: substituted (scaled) and consistent (robust).

    Robust CFI and TLI: Brosseau-Liard & Savalei (2014), doi:10.1080/00273171.2014.933697, with
    c = tr(U Gamma) / df also for a test that adjusts the variance (Savalei 2018,
    doi:10.1080/00273171.2018.1455142). The interval of the scaled RMSEA refers T to c df degrees
    of freedom, as lavaan does.
    """
    df, df_b = test.df, baseline.df
    scaled = {
        "cfi_scaled": cfi(test.chisq, df, baseline.chisq, df_b),
        "tli_scaled": tli(test.chisq, df, baseline.chisq, df_b),
    }
    if test.name == "mean.var.adjusted":
        trace = test.trace if standard.df else 0.0
        return scaled | _rmsea_block(standard.chisq, trace, n, "_scaled")
    c, c_b = test.scaling_factor, baseline.scaling_factor
    if test.name == "scaled.shifted" and df and df_b:
        c, c_b = test.trace / df, baseline.trace / df_b
    c = 1.0 if df == 0 else c
    c_b = 1.0 if df_b == 0 else c_b
    if not c > 0:
        c = float("nan")
    t, t_b = standard.chisq, base_standard.chisq
    own = max(t - c * df, 0.0)
    worst = max(t - c * df, t_b - c_b * df_b, 0.0)
    shifted = test.name == "scaled.shifted"
    own_rmsea = _rmsea_block(*((test.chisq, df) if shifted else (t, c * df)), n, "_scaled")
    robust = robust_rmsea_block(t, df, n, c)
    if shifted and df and c > 0:
        robust |= _shifted_limits(test, n)
    return {
        **scaled,
        "cfi_robust": 1.0 if (df == 0 and not t > EXACT) or worst == 0.0 else 1.0 - own / worst,
        "tli_robust": 1.0 if df == 0 else _ratio_tli(t, df, t_b, df_b, c, c_b),
        "rni_robust": 1.0 if df == 0 else 1.0 - (t - c * df) / (t_b - c_b * df_b),
        **own_rmsea,
        **robust,
    }


def _shifted_limits(test: ModelTest, n: float) -> dict[str, float]:
    """Return interval and close-fit p of the robust RMSEA by the scaled-and-shifted statistic."""
    a = test.scaling_factor
    low, high = rmsea_ci(test.chisq, test.df, n)
    return {
        "rmsea_ci_lower_robust": low * float(np.sqrt(a)),
        "rmsea_ci_upper_robust": high * float(np.sqrt(a)),
        "rmsea_pvalue_robust": rmsea_pvalue(test.chisq, test.df, n, scale=a),
        "rmsea_notclose_pvalue_robust": notclose_pvalue(test.chisq, test.df, n, scale=a),
    }


def robust_rmsea_block(t: float, df: float, n: float, scale: float) -> dict[str, float]:
    """Return the robust RMSEA with interval and close-fit p; NaN unless `scale` is positive.

    T / c is referred to df degrees of freedom and the limits are multiplied by sqrt(c).
    """
    scale = scale if scale > 0 else float("nan")
    low, high = rmsea_ci(t / scale, df, n)
    return {
        "rmsea_robust": rmsea(t, df, n, scale),
        "rmsea_ci_lower_robust": low * float(np.sqrt(scale)),
        "rmsea_ci_upper_robust": high * float(np.sqrt(scale)),
        "rmsea_pvalue_robust": rmsea_pvalue(t / scale, df, n, scale=scale),
        "rmsea_notclose_pvalue_robust": notclose_pvalue(t / scale, df, n, scale=scale),
    }


def fit_measures(
    estimate: Estimate,
    test: ModelTest,
    baseline: ModelTest,
    scaled: tuple[ModelTest, ModelTest] | None = None,
    robust: Callable[[], dict[str, float]] | None = None,
) -> dict[str, float]:
    """Return all fit measures by lavaan's short names, with _ for the dot.

    Parameters
    ----------
    estimate : Estimate
        The model.
    test, baseline : ModelTest
        Standard likelihood-ratio tests of the model and of the independence model.
    scaled : (ModelTest, ModelTest), optional
        Scaled tests of the model and of the baseline.
    robust : callable, optional
        Replaces the complete-data robust CFI, TLI and RMSEA (missing data).

    Notes
    -----
    Log-likelihoods and information criteria are given for maximum likelihood only. RMSEA has
    N - G in place of N for weighted least squares and the Wishart likelihood, as in lavaan.
    """
    n, groups = estimate.n, len(estimate.groups)
    per_group = (n - groups if estimate.less_one else n) / groups
    df, df_b = test.df, baseline.df
    out: dict[str, float] = {"npar": float(estimate.npar)}
    out["fmin"] = estimate.chisq / n / 2.0
    out |= {"chisq": test.chisq, "df": float(df), "pvalue": test.pvalue}
    if scaled is not None:
        out |= {
            "chisq_scaled": scaled[0].chisq,
            "df_scaled": float(scaled[0].df),
            "pvalue_scaled": scaled[0].pvalue,
            "chisq_scaling_factor": scaled[0].scaling_factor,
        }
    out |= {
        "baseline_chisq": baseline.chisq,
        "baseline_df": float(df_b),
        "baseline_pvalue": baseline.pvalue,
    }
    if scaled is not None:
        out |= {
            "baseline_chisq_scaled": scaled[1].chisq,
            "baseline_df_scaled": float(scaled[1].df),
            "baseline_pvalue_scaled": scaled[1].pvalue,
            "baseline_chisq_scaling_factor": scaled[1].scaling_factor,
        }
    out |= {
        "cfi": cfi(test.chisq, df, baseline.chisq, df_b),
        "tli": tli(test.chisq, df, baseline.chisq, df_b),
        "nfi": nfi(test.chisq, baseline.chisq),
    }
    if np.isfinite(estimate.logl):
        out |= _likelihoods(estimate)
    else:
        out["ntotal"] = float(n)
    out |= _rmsea_block(test.chisq, df, per_group)
    if scaled is not None:
        out |= _robust_block(scaled[0], scaled[1], test, baseline, per_group)
    if robust is not None:
        out |= robust()
    return out | more_measures(estimate, (test, baseline), scaled, out)


def _likelihoods(estimate: Estimate) -> dict[str, float]:
    """Return the log-likelihoods given fixed x and the information criteria."""
    fixed = np.ix_(estimate.x, estimate.x)
    x_logl = sum(normal_logl(sample.cov[fixed], sample.n) for sample in estimate.samples)
    logl = estimate.logl - x_logl
    out = {"logl": logl, "unrestricted_logl": estimate.saturated_logl - x_logl}
    return out | _information_criteria(logl, estimate.npar, estimate.n)
