"""The true value of every claim in a population, and what a sample can say about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from truststats.errors import DefinitionError
from truststats.simulate.population import Population

if TYPE_CHECKING:
    from truststats.framework import Claim, Framework

__all__ = [
    "Projection",
    "Regressions",
    "claim_value",
    "project",
    "reliabilities",
    "truth_table",
    "verdict_chances",
]

Regressions = Mapping[str, Sequence[str]]
"""Causes per outcome: the structural part of a model."""

_DECIDED = 0.8
_NEAR_ZERO = 0.02


@dataclass(frozen=True)
class Projection:
    """Population regressions: what a model estimates in an endless sample, and roughly how well.

    Attributes
    ----------
    paths : mapping
        Standardised coefficient per (outcome, cause).
    cov : mapping
        Per outcome the approximate sampling covariance matrix of its coefficients.
    """

    causes: Regressions
    paths: Mapping[tuple[str, str], float]
    cov: Mapping[str, np.ndarray]


def truth_table(
    population: Population,
    framework: Framework,
    *,
    instrument: Any = None,
    n: int = 2400,
    people_per_unit: float = 25.0,
) -> pd.DataFrame:
    """Compute every claim's true standardised value and which verdict it deserves.

    Parameters
    ----------
    population : Population
        Where the truth is known.
    framework : Framework
        The claims, and the model that says which causes each outcome has.
    instrument : Instrument, optional
        The questionnaire; the bundled ``tbm-core`` by default.
    n, people_per_unit : int, float
        Size of the sample for which chances are computed.

    Returns
    -------
    DataFrame
        One row per claim: claim_id, path, estimand, sign, true_std, sesoi,
        large_sample_verdict, planning_se, chance_supported, chance_practically_zero,
        chance_contradicted, and true_state: ``supported``, ``practically_zero``,
        ``below_smallest_effect`` (not zero, yet smaller than the smallest effect of interest),
        ``contradicted``, or ``too_close_to_decide`` where a sample of this size reaches the
        right verdict less than four times in five.

    Notes
    -----
    The truth is a linear projection: the coefficients of the model's own regressions, computed
    from the population's latent covariance matrix. Chances take the estimate as normal around
    the truth with `planning_se`, which is an approximation (see `project`).
    """
    if instrument is None:
        from truststats.constructs import load_instrument

        instrument = load_instrument("tbm-core")
    items = [item.name for item in instrument.items]
    causes = _regressions(framework.model(instrument).statements, population)
    projection = project(population, causes, items=items, n=n, people_per_unit=people_per_unit)
    return pd.DataFrame([_row(claim, projection) for claim in framework.claims])


def _regressions(statements: Any, population: Population) -> dict[str, list[str]]:
    """Pick the regressions among the population's latents out of a model's statements."""
    causes: dict[str, list[str]] = {}
    for s in statements:
        if s.op == "~" and s.rhs and {s.lhs, s.rhs} <= set(population.latents):
            causes.setdefault(s.lhs, []).append(s.rhs)
    return causes


def _row(claim: Claim, projection: Projection) -> dict[str, object]:
    true, se = claim_value(projection, tuple(claim.path), str(claim.estimand))
    chances = verdict_chances(claim.sign * true, se, claim.sesoi)
    final = _large_sample_verdict(claim.sign * true, claim.sesoi)
    state = final
    if chances[final] < _DECIDED:
        state = "too_close_to_decide"
    elif final == "practically_zero" and abs(true) > _NEAR_ZERO * claim.sesoi / 0.1:
        state = "below_smallest_effect"
    return {
        "claim_id": claim.id,
        "path": " > ".join(claim.path),
        "estimand": claim.estimand,
        "sign": claim.sign,
        "true_std": round(true, 4) + 0.0,
        "sesoi": claim.sesoi,
        "true_state": state,
        "large_sample_verdict": final,
        "planning_se": round(se, 4),
        "chance_supported": round(chances["supported"], 2),
        "chance_practically_zero": round(chances["practically_zero"], 2),
        "chance_contradicted": round(chances["contradicted"], 2),
    }


def _large_sample_verdict(oriented: float, sesoi: float) -> str:
    if abs(oriented) < sesoi:
        return "practically_zero"
    return "supported" if oriented > 0 else "contradicted"


def verdict_chances(true: float, se: float, sesoi: float) -> dict[str, float]:
    """Chance of each decisive verdict when the estimate is normal around the truth.

    Follows the rule for verdicts: practically zero if the 90 % interval lies inside plus/minus
    the smallest effect; else supported if the 95 % interval lies above zero and the estimate
    reaches the smallest effect; else contradicted if the 95 % interval lies below zero.

    Parameters
    ----------
    true, se, sesoi : float
        The truth oriented by the claim's sign, the standard error, the smallest effect.
    """
    inside = sesoi - 1.6449 * se
    zero = 0.0
    if inside > 0:
        zero = float(ndtr((inside - true) / se) - ndtr((-inside - true) / se))
    supported = float(ndtr((true - max(sesoi, 1.96 * se)) / se))
    contradicted = float(ndtr((-max(inside, 1.96 * se) - true) / se))
    return {"supported": supported, "practically_zero": zero, "contradicted": contradicted}


def project(
    population: Population,
    causes: Regressions,
    *,
    items: Sequence[str],
    n: int = 2400,
    people_per_unit: float = 25.0,
) -> Projection:
    """Regress each outcome on its causes in the population.

    The sampling covariance is that of errors-in-variables regression with known reliabilities,

        M^-1 (S v + T b b' T) M^-1 / n,    v = r + b' T b,

    where M is the covariance matrix of the latent causes, T the diagonal matrix of the error
    variances of their best composites, S = M + T, and r the outcome's residual variance with
    its measurement error (Fuller 1987, Measurement Error Models, section 2.2,
    doi:10.1002/9780470316665). It is inflated by the design effect
    1 + (people_per_unit - 1) times the product of the between-unit shares of cause and outcome.

    Parameters
    ----------
    population : Population
        Where the latent covariance matrix is known.
    causes : mapping
        Causes per outcome.
    items : sequence of str
        Items of the questionnaire, for the reliabilities.
    n, people_per_unit : int, float
        Size of the sample.
    """
    index = {name: i for i, name in enumerate(population.latents)}
    noise = {name: 1 / rel - 1 for name, rel in reliabilities(population, items).items()}
    share = population.between
    paths: dict[tuple[str, str], float] = {}
    cov: dict[str, np.ndarray] = {}
    for outcome, xs in causes.items():
        at = [index[x] for x in xs]
        m = population.latent_cov[np.ix_(at, at)]
        b = np.linalg.solve(m, population.latent_cov[at, index[outcome]])
        t = np.diag([noise[x] for x in xs])
        rest = 1 - b @ population.latent_cov[at, index[outcome]] + noise[outcome]
        middle = (m + t) * (rest + b @ t @ b) + np.outer(t @ b, t @ b)
        inverse = np.linalg.inv(m)
        deff = 1 + (people_per_unit - 1) * share[outcome] * np.array([share[x] for x in xs])
        cov[outcome] = inverse @ middle @ inverse / n * np.sqrt(np.outer(deff, deff))
        paths |= {(outcome, x): float(v) for x, v in zip(xs, b, strict=True)}
    return Projection(causes, paths, cov)


def reliabilities(population: Population, items: Sequence[str]) -> dict[str, float]:
    """Reliability of each latent's best composite of its items (maximal reliability).

    H = s / (1 + s) with s the sum of loading^2 / (1 - loading^2) (Hancock & Mueller 2001); a
    dimension of a second-order construct counts as one indicator. Cutting answers into five
    categories costs about a tenth of a squared loading, which is taken off first.
    """
    signal: dict[tuple[str, str], float] = {}
    for name in items:
        spec = population.items[name]
        square = 0.9 * spec.loading**2
        key = (spec.latent, spec.dimension)
        signal[key] = signal.get(key, 0.0) + square / (1 - square)
    total: dict[str, float] = {}
    for (latent, dimension), s in signal.items():
        if dimension:
            square = population.dimensions[latent][dimension] ** 2 * s / (1 + s)
            s = square / (1 - square)
        total[latent] = total.get(latent, 0.0) + s
    return {latent: s / (1 + s) for latent, s in total.items()}


def claim_value(
    projection: Projection, path: tuple[str, ...], estimand: str
) -> tuple[float, float]:
    """Value of a claim's estimand in the population, and its approximate standard error.

    Direct is one coefficient; indirect is the product along the path; total adds up every way
    from the first construct of the path to the last. Standard errors by the delta method.

    Raises
    ------
    DefinitionError
        If the model does not hold the claim's path.
    """
    for cause, outcome in pairwise(path):
        if estimand != "total" and (outcome, cause) not in projection.paths:
            raise DefinitionError(
                f"The model has no path {cause} -> {outcome}, which a claim is about.",
                why="the truth of a claim is computed from the model that tests it",
                fix=f"let {outcome} depend on {cause} in the framework, or change the claim",
            )

    def value(paths: Mapping[tuple[str, str], float]) -> float:
        if estimand == "total":
            return _total(paths, projection.causes, path[0], path[-1])
        steps = pairwise(path)
        return float(np.prod([paths[outcome, cause] for cause, outcome in steps]))

    return value(projection.paths), _delta(value, projection)


def _total(
    paths: Mapping[tuple[str, str], float], causes: Regressions, start: str, end: str
) -> float:
    """Sum over every directed way from start to end of the product of its paths."""
    if start == end:
        return 1.0
    return sum(paths[end, x] * _total(paths, causes, start, x) for x in causes.get(end, ()))


def _delta(
    value: Callable[[Mapping[tuple[str, str], float]], float], projection: Projection
) -> float:
    """Return the standard error of a function of the paths; outcomes taken as independent."""
    variance, step, centre = 0.0, 1e-6, value(projection.paths)
    for outcome, xs in projection.causes.items():
        slope = np.array(
            [
                value({**projection.paths, (outcome, x): projection.paths[outcome, x] + step})
                - centre
                for x in xs
            ]
        )
        variance += float(slope @ projection.cov[outcome] @ slope) / step**2
    return float(np.sqrt(variance))
