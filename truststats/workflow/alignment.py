"""`alignment`: the means of many groups, where some items measure differently in some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from truststats.errors import (
    DataError,
    NotSupportedError,
    OptionError,
    Problem,
    worst_first,
)
from truststats.options import (
    FROM_SURVEY,
    check_draws,
    check_level,
    choose,
    did_you_mean,
    generator,
)
from truststats.psychometrics.alignment import align
from truststats.psychometrics.alignment_items import (
    explained,
    invariant_groups,
    pair_differences,
)
from truststats.psychometrics.alignment_loss import parts
from truststats.psychometrics.alignment_spread import aligned_spread
from truststats.results.alignment import LIMIT, AlignedFactor, AlignmentResult
from truststats.results.comparison import LeftOut
from truststats.results.effect_frames import FIXED_SEED
from truststats.results.fit import Fit
from truststats.survey import Survey
from truststats.survey.synthetic import is_synthetic
from truststats.workflow.alignment_fit import (
    Configural,
    ConfiguralFactor,
    configural,
    from_fit,
    without_few_managers,
)
from truststats.workflow.invariance_groups import comparable_groups, measurement_of

__all__ = ["alignment"]

_MIN_N = 5
_UNKNOWN = 0.25
"""Standard error from which the mean of the reference is said to be unknown."""
_CFI, _RMSEA = 0.90, 0.08


@dataclass(frozen=True)
class _How:
    """The options that every factor is aligned with."""

    free: bool
    reference: int
    eps: float
    power: float
    starts: int
    level: float
    alpha: float
    draws: int


def alignment(
    model: Any,
    data: Any = None,
    *,
    group: str | None = None,
    method: str = "fixed",
    reference: Any = None,
    estimator: str = "MLR",
    ordered: Any = None,
    missing: str | None = None,
    cluster: Any = FROM_SURVEY,
    group_label: Sequence[Any] | None = None,
    eps: float = 0.01,
    power: float = 0.5,
    starts: int = 10,
    level: float = 0.95,
    alpha: float = 0.001,
    draws: int = 10_000,
    least: int = 100,
    seed: Any = None,
) -> AlignmentResult:
    """Return many groups on one scale: means and variances of factors, and the items that deviate.

    The same form is fitted in every group with nothing equal. Then the factors' means and variances
    are chosen so that loadings and intercepts differ in as few places as possible, though not in
    none: a few items may measure differently in a few groups without deciding the means.

    Parameters
    ----------
    model : Construct, list of Construct, Framework, Model, str or Fit
        A measurement model; each factor is aligned by itself. A fit of several groups with
        nothing equal and ``std_lv=True`` is aligned as it is, without data.
    data : Survey or frame, optional
        A survey brings its clusters and weights.
    group : str, optional
        Column of the groups; by default the survey's group.
    method : {"fixed", "free"}
        "fixed": the reference has mean 0. "free": its mean is estimated as well, which needs three
        groups and loadings that differ. Its standard deviation is 1 in both.
    reference : str, optional
        A group; by default the first.
    estimator : {"MLR", "ML"}
    ordered : None
        Thresholds are not aligned; ordinal answers are taken as numbers.
    missing : str, optional
        As for `truststats.fit`; by default "ml" where answers are missing.
    cluster : str or None
        As for `truststats.fit`; standard errors of means respect it.
    group_label : sequence, optional
        Which groups, in which order.
    eps, power : float
        Of the loss (d^2 + eps)^(power / 2) of each difference d.
    starts : int
        Starts of the search, the first of which is not random.
    level : float
        Of the intervals.
    alpha : float
        Level at which a group's loading or intercept is said to deviate.
    draws : int
        Draws for the intervals of differences, which all hold together.
    least : int
        Groups with fewer people are left out and named; 5 or more.
    seed : int, numpy.random.Generator or None
        None is one fixed, recorded seed.

    Returns
    -------
    AlignmentResult
        ``.frame()`` has the means, ``.pairs()`` which of them differ, ``.invariance`` and
        ``.items`` what deviates, ``.plot()`` the pictures.

    Raises
    ------
    OptionError
        For an unknown choice or group, or a factor of fewer than three items.
    DataError
        If fewer than two groups are large enough.
    NotSupportedError
        For ordinal items, cross-loadings and factors of a higher order.

    Notes
    -----
    Asparouhov & Muthén (2014, doi:10.1080/10705511.2014.919210); up to a quarter of deviating
    parameters is taken to be safe (Muthén & Asparouhov 2014, doi:10.3389/fpsyg.2014.00978).
    Standard errors follow from the configural covariance matrix by the delta method.
    """
    _refuse_ordinal(estimator, ordered)
    _check(eps, power, starts, least, alpha)
    choose("method", method, ("fixed", "free"))
    left_out: tuple[LeftOut, ...] = ()
    if isinstance(model, Fit):
        base, column = _shown(from_fit(model)), str(model.options.get("group"))
        synthetic, estimator = model.synthetic, model.estimator
        measured, survey = model.model, model.survey
    else:
        measured = measurement_of(model, data)
        kept = comparable_groups(measured, data, group, group_label, missing=missing, least=least)
        kept = without_few_managers(kept, measured, data)
        base = configural(measured, data, kept, estimator=estimator, cluster=cluster)
        column, left_out, synthetic = kept.column, kept.left_out, is_synthetic(data)
        survey = data if isinstance(data, Survey) else None
    how = _How(
        method == "free", _place(reference, tuple(base.people)), eps, power, starts,
        check_level(level), alpha, check_draws(draws),
    )  # fmt: skip
    if how.free and len(base.people) < 3:
        raise OptionError(
            f"method='free' with {len(base.people)} groups.",
            why="the mean of the reference is not known from two groups",
            fix="method='fixed'",
        )
    rng = generator(seed, FIXED_SEED)
    n = np.array(list(base.people.values()), dtype=float)
    factors = tuple(_aligned(factor, n, how, rng) for factor in base.factors)
    known = FIXED_SEED if seed is None else seed
    return AlignmentResult(
        column,
        base.people,
        factors,
        method,
        tuple(base.people)[how.reference],
        base.measures,
        (*left_out, *base.left_out),
        level,
        alpha,
        eps,
        power,
        estimator,
        base.cluster,
        known if isinstance(known, int) else "generator",
        worst_first([*_problems(factors, base, how), *base.problems]),
        measured,
        survey,
        synthetic,
    )


def _refuse_ordinal(estimator: str, ordered: Any) -> None:
    if ordered or str(estimator).upper() not in ("ML", "MLR"):
        raise NotSupportedError(
            "Only loadings and intercepts of answers taken as numbers are aligned.",
            where=f"estimator={estimator!r}" if not ordered else "ordered=",
            why="an alignment of thresholds is not yet checked against an independent source",
            fix="leave out ordered= and use estimator='MLR'",
        )


def _check(eps: float, power: float, starts: int, least: int, alpha: float) -> None:
    for name, fine, value, fix in (
        ("eps", eps > 0.0, eps, "eps=0.01"),
        ("power", 0.0 < power <= 1.0, power, "power=0.5"),
        ("starts", starts >= 1, starts, "starts=10"),
        ("alpha", 0.0 < alpha < 1.0, alpha, "alpha=0.001"),
        ("least", least >= _MIN_N, least, "least=100"),
    ):
        if not fine:
            why = "smaller groups are never shown" if name == "least" else ""
            raise OptionError(f"{name}={value!r} is out of range.", why=why, fix=f"use {fix}")


def _shown(base: Configural) -> Configural:
    if min(base.people.values()) < _MIN_N:
        raise DataError(
            f"A group of the fit has fewer than {_MIN_N} people.",
            why="smaller groups are never shown",
            fix="fit the model without it: group_label=",
        )
    return base


def _place(reference: Any, groups: tuple[str, ...]) -> int:
    if reference is None:
        return 0
    if str(reference) not in groups:
        raise OptionError(
            f"reference={reference!r} is no group.{did_you_mean(str(reference), groups)}",
            where=", ".join(groups[:10]),
            fix="name one that is compared",
        )
    return groups.index(str(reference))


def _aligned(
    factor: ConfiguralFactor, n: Any, how: _How, rng: np.random.Generator
) -> AlignedFactor:
    """Return one factor aligned, with what its items and its means show."""
    found = align(
        factor.loadings, factor.intercepts, n, reference=how.reference, free=how.free,
        eps=how.eps, power=how.power, starts=how.starts, rng=rng,
    )  # fmt: skip
    spread, place = parts(
        factor.loadings, factor.intercepts, n, how.reference, free=how.free, eps=how.eps,
        power=how.power,
    )  # fmt: skip
    sure = aligned_spread(found, spread, place, how.reference, factor.cov)
    alike = [
        np.stack([
            invariant_groups(value, cov, level=how.alpha)
            for value, cov in zip(values, covs, strict=True)
        ])
        for values, covs in ((found.loadings, sure.loadings), (found.intercepts, sure.intercepts))
    ]  # fmt: skip
    r2 = explained(
        factor.loadings, factor.intercepts, found.mean, found.sd, (found.loadings, found.intercepts)
    )
    errors = [
        np.sqrt(np.maximum(np.diagonal(cov, axis1=1, axis2=2), 0.0))
        for cov in (sure.loadings, sure.intercepts)
    ]
    return AlignedFactor(
        factor.name, factor.items, found.mean, found.sd, sure.mean, sure.log_sd,
        found.loadings, errors[0], found.intercepts, errors[1], alike[0], alike[1], *r2,
        found.loss, found.best, found.starts, found.converged,
        pair_differences(found.mean, sure.mean, how.level, how.draws, rng),
    )  # fmt: skip


def _problems(factors: Sequence[AlignedFactor], base: Configural, how: _How) -> list[Problem]:
    """Return what must be said before the means are read."""
    out: list[Problem] = []
    for factor in factors:
        out += _of_factor(factor, how)
    cfi, rmsea = base.measures["cfi"], base.measures["rmsea"]
    if cfi < _CFI or rmsea > _RMSEA:
        out.append(Problem(
            "configural_misfit", "warning",
            f"The same form does not fit well in all groups (CFI {cfi:.3f}, RMSEA {rmsea:.3f}): "
            "what is aligned may not be one factor.",
            "Look at the model group by group before means are read.",
        ))  # fmt: skip
    return out


def _of_factor(factor: AlignedFactor, how: _How) -> list[Problem]:
    out: list[Problem] = []
    where = factor.name
    if not factor.converged:
        out.append(Problem(
            "alignment_not_converged", "error", f"The alignment of {where} did not arrive at a "
            "minimum.", "Raise starts=, or eps= to 0.05.", where,
        ))  # fmt: skip
    if factor.share > LIMIT:
        out.append(Problem(
            "alignment_not_trustworthy", "warning",
            f"{100 * factor.share:.0f} % of the loadings and intercepts of {where} deviate in some "
            f"group; means are trusted up to {100 * LIMIT:.0f} %.",
            "Do not compare the means, or simulate from these estimates how far they can be "
            "trusted.", where,
        ))  # fmt: skip
    if factor.starts > 2 and factor.best == 1:
        out.append(Problem(
            "alignment_starts_differ", "warning",
            f"Only one of {factor.starts} starts found the least value for {where}.",
            "Raise starts=.", where,
        ))  # fmt: skip
    se = float(np.sqrt(max(factor.mean_cov[how.reference, how.reference], 0.0)))
    if how.free and se > _UNKNOWN:
        out.append(Problem(
            "reference_mean_unknown", "warning",
            f"The mean of {where} in the reference is hardly known (standard error {se:.2f}): "
            "loadings differ too little over groups.", "Use method='fixed'.", where,
        ))  # fmt: skip
    return out
