"""Fits of imputed data sets, one by one, and their pooling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.errors import ConvergenceError, DataError, OptionError, Problem
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import with_exogenous
from truststats.estimation.sample import Sample
from truststats.inference.fitmeasures import fit_measures
from truststats.inference.pooling import (
    PooledTest,
    d2_test,
    d3_test,
    likelihood_at,
    rubin_pool,
)
from truststats.inference.tests import ModelTest, chisq_pvalue
from truststats.results.fit import Fit
from truststats.results.pooled import PooledFit

__all__ = ["fit_imputed", "pool_fits"]

_LIKELIHOODS = ("fmin", "logl", "unrestricted_logl", "aic", "bic", "bic2")


def fit_imputed(fit_one: Callable[[Any], Fit], data: Sequence[Any]) -> PooledFit:
    """Fit every imputed data set and pool.

    Parameters
    ----------
    fit_one : callable
        Fits one data set.
    data : sequence of frames

    Raises
    ------
    OptionError
        For fewer than two data sets.
    """
    if len(data) < 2:
        raise OptionError(
            f"A list of {len(data)} data sets.",
            why="a list is taken for imputations of one data set, whose spread is needed",
            fix="pass the frame itself, or the frames that ts.impute returns",
        )
    return pool_fits([fit_one(frame) for frame in data])


def pool_fits(given: Sequence[Fit]) -> PooledFit:
    """Pool the fits of one model to imputed data sets.

    Raises
    ------
    ConvergenceError
        If fewer than two fits converged.
    DataError
        If the data sets differ in size.
    """
    failed = tuple(k + 1 for k, fit in enumerate(given) if not fit.converged)
    fits = tuple(fit for fit in given if fit.converged)
    if len(fits) < 2:
        raise ConvergenceError(
            f"{len(fits)} of {len(given)} imputed data sets could be fitted.",
            why="the spread between at least two is needed",
            fix="simplify the model or check the imputation",
        )
    _check_sizes(fits)
    first = fits[0]
    rubin = rubin_pool(
        np.array([fit.estimate.theta for fit in fits]), np.array([fit.vcov for fit in fits])
    )
    estimate = _at_pooled(fits, rubin.theta)
    x = np.array([first.partable.ov.index(name) for name in first.partable.ov_x], dtype=np.intp)
    tests = _tests(fits, estimate, x)
    scales = _scales(fits)
    d2 = _measures(estimate, tests["D2"], scales)
    d3 = _measures(estimate, tests["D3"], scales)
    d2 = {name: value for name, value in d2.items() if name not in _LIKELIHOODS}
    d3 |= _information(fits, estimate)
    test, baseline, scaled = _as_tests(tests["D3"], scales)
    noted = (*_convergence(failed, len(given)), *_shared(fits))
    pooled = replace(
        first, estimate=estimate, vcov=rubin.total, test=test, baseline=baseline, scaled=scaled,
        noted=noted, survey=None, options={**first.options, "missing": "imputed"},
    )  # fmt: skip
    return PooledFit(
        fits=fits, pooled=pooled, rubin=rubin, d2=tests["D2"][0], d3=tests["D3"][0],
        baseline_d2=tests["D2"][1], baseline_d3=tests["D3"][1], measures_d2=d2, measures_d3=d3,
        noted=noted, failed=failed,
    )  # fmt: skip


def _check_sizes(fits: Sequence[Fit]) -> None:
    sizes = {tuple(sample.n for sample in fit.estimate.samples) for fit in fits}
    if len(sizes) > 1:
        counts = sorted({fit.nobs for fit in fits})
        raise DataError(
            f"The imputed data sets have different numbers of rows: {counts}.",
            why="they must be completed copies of one data set",
            fix="fill in every variable of the model, the groups and clusters included",
        )
    if any(fit.estimate.incomplete for fit in fits):
        raise DataError(
            "An imputed data set still has missing values.",
            fix="leave missing= out, and fill in every variable of the model",
        )


def _at_pooled(fits: Sequence[Fit], theta: Array) -> Estimate:
    """Return the estimate at the pooled parameters and the mean moments."""
    first = fits[0].estimate
    samples, layouts = [], []
    for g, layout in enumerate(first.layouts):
        own = [fit.estimate.samples[g] for fit in fits]
        cov = np.mean([sample.cov for sample in own], axis=0)
        mean = np.mean([sample.mean for sample in own], axis=0)
        logl = float(np.mean([likelihood_at(s, cov, mean) for s in own]))
        samples.append(
            Sample(
                own[0].n, cov, mean, None, None, logl, clusters=own[0].clusters,
                n_clusters=own[0].n_clusters,
            )
        )  # fmt: skip
        layouts.append(with_exogenous(layout, cov, mean if layout.has_means else None))
    pooled = replace(first, layouts=tuple(layouts), samples=tuple(samples), theta=theta)
    logl = float(np.mean([_model_logl(fit, pooled) for fit in fits]))
    return replace(pooled, logl=logl, chisq=2.0 * (pooled.saturated_logl - logl))


def _model_logl(fit: Fit, pooled: Estimate) -> float:
    """Return the log-likelihood of one data set at the pooled parameters."""
    total = 0.0
    for sample, group in zip(fit.estimate.samples, pooled.groups, strict=True):
        mu = group.state.mu[0] if group.layout.has_means else sample.mean
        total += likelihood_at(sample, group.state.sigma[0], mu)
    return total


def _tests(
    fits: Sequence[Fit], pooled: Estimate, x: IntArray
) -> dict[str, tuple[PooledTest, PooledTest]]:
    """Return D2 and D3 of the model and of the baseline."""
    df, df_b = fits[0].test.df, fits[0].baseline.df
    own = [fit.test.chisq for fit in fits]
    base = [fit.baseline.chisq for fit in fits]
    at, at_b = [], []
    for fit in fits:
        top, bottom = 0.0, 0.0
        for sample, mean in zip(fit.estimate.samples, pooled.samples, strict=True):
            mu = mean.mean if pooled.has_means else sample.mean
            top += likelihood_at(sample, mean.cov, mu)
            bottom += likelihood_at(sample, _independent(mean.cov, x), mu)
        at.append(2.0 * (top - _model_logl(fit, pooled)))
        at_b.append(2.0 * (top - bottom))
    return {
        "D2": (d2_test(own, df), d2_test(base, df_b)),
        "D3": (d3_test(own, at, df), d3_test(base, at_b, df_b)),
    }


def _independent(cov: Array, x: IntArray) -> Array:
    sigma = np.diag(np.diag(cov))
    sigma[np.ix_(x, x)] = cov[np.ix_(x, x)]
    return sigma


def _scales(fits: Sequence[Fit]) -> tuple[float, float, str] | None:
    """Return the mean scaling factors of the model's and the baseline's test, and its name."""
    pairs = [fit.scaled for fit in fits if fit.scaled is not None]
    if not pairs:
        return None
    own = float(np.mean([pair[0].scaling_factor for pair in pairs]))
    return own, float(np.mean([pair[1].scaling_factor for pair in pairs])), pairs[0][0].name


def _as_tests(
    tests: tuple[PooledTest, PooledTest], scales: tuple[float, float, str] | None
) -> tuple[ModelTest, ModelTest, tuple[ModelTest, ModelTest] | None]:
    """Return the asymptotic chi-squares of model and baseline, and their scaled versions."""
    plain = [ModelTest(t.name, t.chisq, int(t.df1), t.chisq_pvalue) for t in tests]
    if scales is None:
        return plain[0], plain[1], None
    scaled = [
        ModelTest(scales[2], t.chisq / c, t.df, chisq_pvalue(t.chisq / c, t.df), c)
        for t, c in zip(plain, scales[:2], strict=True)
    ]
    return plain[0], plain[1], (scaled[0], scaled[1])


def _measures(
    estimate: Estimate,
    tests: tuple[PooledTest, PooledTest],
    scales: tuple[float, float, str] | None,
) -> dict[str, float]:
    test, baseline, scaled = _as_tests(tests, scales)
    found = fit_measures(estimate, test, baseline, scaled)
    return found | {"ariv": tests[0].ariv, "fmi": tests[0].fmi}


def _information(fits: Sequence[Fit], estimate: Estimate) -> dict[str, float]:
    """Return log-likelihoods, less those of fixed exogenous variables, and what follows."""
    x_logl = 0.0
    for g, pooled in enumerate(estimate.samples):
        own = [fit.estimate.samples[g] for fit in fits]
        x_logl += float(
            np.mean([likelihood_at(s, pooled.cov, pooled.mean, estimate.x) for s in own])
        )
    logl, top = estimate.logl - x_logl, estimate.saturated_logl - x_logl
    k, n = estimate.npar, estimate.n
    return {
        "logl": logl,
        "unrestricted_logl": top,
        "aic": -2.0 * logl + 2.0 * k,
        "bic": -2.0 * logl + k * float(np.log(n)),
        "bic2": -2.0 * logl + k * float(np.log((n + 2.0) / 24.0)),
    }


def _convergence(failed: Sequence[int], given: int) -> list[Problem]:
    if not failed:
        return []
    numbers = ", ".join(map(str, failed))
    return [
        Problem(
            "imputation_not_converged",
            "warning",
            f"{len(failed)} of {given} imputed data sets did not converge and are left out: "
            f"{numbers}.",
            "Check the imputation, or simplify the model.",
            count=len(failed),
        )
    ]


def _shared(fits: Sequence[Fit]) -> list[Problem]:
    """Return the problems of the fits, each kind once."""
    found: dict[str, Problem] = {}
    for fit in fits:
        for problem in fit.problems:
            found.setdefault(problem.code, problem)
    return list(found.values())
