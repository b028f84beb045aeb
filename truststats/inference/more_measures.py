"""The less usual fit measures: residual-based ones by group, and ones from chi-squares alone.

All follow lavaan's names and conventions: residual-based measures of several groups are averaged
with the groups' shares of the rows. `gfi`, `agfi` and `pgfi` are the classical Joreskog-Sorbom
indices in their general form; from version 0.7 on lavaan gives another index (Maydeu-Olivares,
2024) under the name `gfi`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from scipy.special import chdtri, chndtr

from truststats.arrays import Array
from truststats.estimation.estimate import Estimate
from truststats.inference.tests import ModelTest

__all__ = ["EXACT", "gfi_measures", "incremental_measures", "more_measures", "notclose_pvalue",
           "residual_measures"]  # fmt: skip

#: A chi-square that is not larger is an exact fit but for rounding.
EXACT = 1e-6
_NOT_CLOSE = 0.08


def _rms(*parts: Array) -> float:
    """Return the root mean square of all values given; 0 if there are none."""
    values = np.concatenate(parts)
    return float(np.sqrt((values**2).mean())) if len(values) else 0.0


def _group_residual_measures(group: Estimate) -> dict[str, float]:
    cov, sigma = group.sample.cov, group.state.sigma[0]
    row, col = np.tril_indices(len(cov))
    sd, implied_sd = np.sqrt(np.diag(cov)), np.sqrt(np.diag(sigma))
    raw = (cov - sigma)[row, col]
    bentler = raw / (sd[row] * sd[col])
    bollen = (cov / np.outer(sd, sd) - sigma / np.outer(implied_sd, implied_sd))[row, col]
    off = row != col
    gap = scaled_gap = mplus_gap = np.zeros(0)
    if group.layout.has_means:
        gap = group.sample.mean - group.state.mu[0]
        scaled_gap = gap / sd
        mplus_gap = group.sample.mean / sd - group.state.mu[0] / implied_sd
    mplus = cast(Array, np.where(off, bollen, bentler))
    return {
        "rmr": _rms(raw, gap),
        "rmr_nomean": _rms(raw),
        "srmr": _rms(bentler, scaled_gap),
        "srmr_bentler": _rms(bentler, scaled_gap),
        "srmr_bentler_nomean": _rms(bentler),
        "crmr": _rms(bollen[off], scaled_gap),
        "crmr_nomean": _rms(bollen[off]),
        "srmr_mplus": _rms(mplus, mplus_gap),
        "srmr_mplus_nomean": _rms(mplus),
    }


def residual_measures(estimate: Estimate) -> dict[str, float]:
    """Return root mean squares of residuals on several scales, averaged over the groups.

    ``rmr`` of raw residuals; ``srmr`` (the same as ``srmr_bentler``) of residuals divided by the
    observed standard deviations (Bentler 1995); ``crmr`` of correlation residuals (Bollen 1989),
    whose p zero diagonal elements do not count; ``srmr_mplus`` of correlation residuals with
    (s_ii - sigma_ii) / s_ii on the diagonal (Asparouhov & Muthen 2018). Those called ``_nomean``
    leave out the means, where these are modelled.
    """
    out: dict[str, float] = {}
    for group, share in zip(estimate.groups, estimate.shares, strict=True):
        for name, value in _group_residual_measures(group).items():
            out[name] = out.get(name, 0.0) + float(share) * value
    return out


def _gfi(group: Estimate) -> float:
    """Return 1 - (s - t)'V(s - t) / s'Vs, V the normal-theory weight at the implied moments.

    Moments of fixed exogenous variables do not count.
    """
    cov, sigma = group.sample.cov.copy(), group.state.sigma[0]
    w = cast(Array, np.linalg.inv(sigma))
    gap = cov - sigma
    at = np.ix_(group.x, group.x)
    cov[at] = gap[at] = 0.0
    off: Array = gap @ w
    own: Array = cov @ w
    above, below = 0.5 * float((off * off.T).sum()), 0.5 * float((own * own.T).sum())
    if group.layout.has_means:
        mean, step = group.sample.mean.copy(), group.sample.mean - group.state.mu[0]
        mean[group.x] = step[group.x] = 0.0
        above += float(step @ w @ step)
        below += float(mean @ w @ mean)
    return 1.0 - above / below


def gfi_measures(estimate: Estimate, df: float) -> dict[str, float]:
    """Return gfi, agfi and pgfi; nothing where values are missing.

    gfi: Tanaka & Huba (1985), doi:10.1111/j.2044-8317.1985.tb00834.x, averaged over groups; agfi
    = 1 - k / df (1 - gfi) (Joreskog & Sorbom 1984); pgfi = df / k gfi (Mulaik et al. 1989,
    doi:10.1037/0033-2909.105.3.430), with k sample moments. With missing values there is no
    independent value to check against: lavaan compares the implied moments with moments of the
    available answers, not with those it was fitted to.
    """
    if any(group.sample.incomplete is not None for group in estimate.groups):
        return {}
    values = [_gfi(group) for group in estimate.groups]
    gfi = float(np.dot(estimate.shares, values))
    count = 0
    for group in estimate.groups:
        p = group.sample.p
        count += p * (p + 1) // 2 + (p if group.layout.has_means else 0)
    agfi = 1.0 if df == 0 else 1.0 - count / df * (1.0 - gfi)
    return {"gfi": gfi, "agfi": agfi, "pgfi": df / count * gfi}


def incremental_measures(test: ModelTest, baseline: ModelTest) -> dict[str, float]:
    """Return nnfi, rfi, nfi, pnfi, ifi and rni of a test against the baseline model's.

    With T, df of the model and T_b, df_b of the baseline: nnfi = ((T_b / df_b) - (T / df)) /
    (T_b / df_b - 1) (Tucker & Lewis 1973); rfi = (T_b / df_b - T / df) / (T_b / df_b) (Bollen
    1986); nfi = (T_b - T) / T_b (Bentler & Bonett 1980); pnfi = df / df_b nfi (James, Mulaik &
    Brett 1982); ifi = (T_b - T) / (T_b - df) (Bollen 1989); rni = ((T_b - df_b) - (T - df)) /
    (T_b - df_b) (McDonald & Marsh 1990). NaN where a denominator is zero.
    """
    t, df, t_b, df_b = test.chisq, float(test.df), baseline.chisq, float(baseline.df)

    def over(above: float, below: float) -> float:
        return above / below if below != 0.0 else float("nan")

    nfi = over(t_b - t, t_b)
    nnfi = 1.0 if df == 0 else over(over(t_b, df_b) - t / df, over(t_b, df_b) - 1.0)
    return {
        "nnfi": nnfi,
        "rfi": 1.0 if df == 0 else over(over(t_b, df_b) - t / df, over(t_b, df_b)),
        "nfi": nfi,
        "pnfi": over(df, df_b) * nfi,
        "ifi": over(t_b - t, t_b - df),
        "rni": 1.0 if df == 0 and not t > EXACT else over((t_b - df_b) - (t - df), t_b - df_b),
    }


def notclose_pvalue(chisq: float, df: float, n: float, *, scale: float = 1.0) -> float:
    """Return the p-value of the hypothesis RMSEA >= 0.08 (MacCallum, Browne & Sugawara 1996).

    In the robust version `chisq` is T / c and `scale` is c; n is N / G with G groups. NaN where df
    is 0.
    """
    if df == 0 or not np.isfinite([chisq, df]).all():
        return float("nan")
    return float(chndtr(chisq, df, _NOT_CLOSE**2 * df * n / scale))


def _size_measures(test: ModelTest, n: float, npar: float) -> dict[str, float]:
    """Return McDonald's (1989) centrality, the ECVI and, with df, Hoelter's (1983) critical N."""
    per_row = test.chisq / n
    out = {
        "mfi": float(np.exp(-0.5 * (test.chisq - test.df) / n)),
        "ecvi": per_row + 2.0 * npar / n,
    }
    if test.df > 0 and per_row > 0:
        for name, alpha in (("cn_05", 0.05), ("cn_01", 0.01)):
            out[name] = float(chdtri(test.df, alpha)) / per_row + 1.0
    return out


def more_measures(
    estimate: Estimate,
    tests: tuple[ModelTest, ModelTest],
    scaled: tuple[ModelTest, ModelTest] | None,
    known: Mapping[str, float],
) -> dict[str, float]:
    """Return the fit measures that `fit_measures` does not list itself.

    Parameters
    ----------
    estimate : Estimate
    tests, scaled : (ModelTest, ModelTest)
        Model and baseline, standard and (or None) scaled.
    known : mapping
        What is computed already: npar, tli_robust, cfi_robust.

    Returns
    -------
    dict
        By lavaan's names with _ for the dot. Critical N, not given without degrees of freedom: the
        size at which the test would just reject, chi2_{1 - alpha, df} / (T / N) + 1; mfi =
        exp(-(T - df) / (2 N)); ecvi = T / N + 2 npar / N (Browne & Cudeck 1989); N - G in place of
        N where the statistic has it.
    """
    test, baseline = tests
    out = incremental_measures(test, baseline)
    if scaled is not None:
        made = incremental_measures(*scaled)
        out |= {f"{name}_scaled": value for name, value in made.items()}
    if "tli_robust" in known:
        out["nnfi_robust"] = known["tli_robust"]
    out |= residual_measures(estimate)
    if np.isfinite(estimate.logl):
        out |= gfi_measures(estimate, test.df)
    n = estimate.n - len(estimate.groups) if estimate.less_one else estimate.n
    return out | _size_measures(test, n, known["npar"])
