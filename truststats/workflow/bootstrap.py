"""`bootstrap`: refit a model to resamples of rows, or of clusters where there are clusters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from truststats.errors import ConvergenceError, NotSupportedError
from truststats.estimation.constraints import constraints_of
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.bootstrap import Resampled, bootstrap_theta
from truststats.inference.bootstrap_items import item_bootstrap_theta
from truststats.inference.bootstrap_missing import incomplete_bootstrap_theta
from truststats.model import ParTable
from truststats.options import check_draws, generator
from truststats.results.bootstrap import Bootstrap
from truststats.results.effect_frames import FIXED_SEED, choose_bootstrap
from truststats.results.fit import Fit
from truststats.results.part import refuse_explored, refuse_part

__all__ = ["bootstrap", "resample"]

_DRAWS = 1000


def bootstrap(
    fit: Fit, draws: int | None = None, *, seed: Any = None, ci: str = "percentile"
) -> Bootstrap:
    """Return the nonparametric bootstrap of a fit, for intervals and the p-values that agree.

    Parameters
    ----------
    fit : Fit
        Estimated by maximum likelihood from rows, or from ordinal items.
    draws : int, optional
        Resamples; at least 100, by default 1,000. A fit with se="bootstrap" keeps its resamples,
        which are used where neither draws nor seed are given.
    seed : int, numpy.random.Generator or None
        None is one fixed, recorded seed.
    ci : {"percentile", "bias_corrected", "bca", "normal", "basic"}
        The interval. ``percentile``: quantiles of the refits. ``bias_corrected`` moves the
        quantiles by the share of refits below the estimate (MacKinnon, Lockwood & Williams 2004,
        doi:10.1207/s15327906mbr3901_4), ``bca`` also by the acceleration, from the influence of
        each row or cluster (Efron 1987, doi:10.1080/01621459.1987.10478410; DiCiccio & Efron 1996,
        doi:10.1214/ss/1032280214). ``normal`` and ``basic``: Davison & Hinkley (1997, ch. 5).
        lavaan's names perc, bca.simple and norm are understood.

    Raises
    ------
    NotSupportedError
        For fits that are not by maximum likelihood, with weights or auxiliary variables, from
        moments, or read back from a file.
    ConvergenceError
        If fewer than half of the refits converge.

    Notes
    -----
    Groups are strata. With clusters whole clusters are resampled (Davison & Hinkley 1997, section
    3.8). Exogenous variables keep the resample's moments while the model is refitted; standardised
    values use those of the sample. Refits that fail are counted in `Bootstrap.failed`; a resample
    in which nobody chose some category of an ordinal item is one, counted in `Bootstrap.lost` too.
    """
    refuse_part(fit, "A bootstrap")
    refuse_explored(fit, "A bootstrap", "use fit.effects(ci='monte_carlo')")
    if not fit.converged:
        raise ConvergenceError(
            "A bootstrap needs an optimum, and this fit did not converge.",
            fix="look at fit.problems first",
        )
    kind = choose_bootstrap(ci)
    kept = fit.resampled
    if kept is None or draws is not None or seed is not None:
        kept = resample(fit.estimate, fit.partable, fit.options, draws, seed)
    return Bootstrap(
        fit, kept.theta, kept.failed, kept.seed, fit.cluster or "rows", kind, kept.lost
    )


def resample(
    estimate: Estimate, partable: ParTable, options: Mapping[str, Any], draws: int | None, seed: Any
) -> Resampled:
    """Return the parameters of refits to resamples; see `bootstrap`."""
    draws = _DRAWS if draws is None else check_draws(draws)
    _refuse(estimate, options)
    rng = generator(seed, FIXED_SEED)
    lost = 0
    if isinstance(estimate, OrdinalEstimate):
        constraints = constraints_of(partable)
        theta, good, lost = item_bootstrap_theta(estimate, draws, rng, constraints)
    elif estimate.incomplete:
        theta, good = incomplete_bootstrap_theta(estimate, draws, rng)
    else:
        theta, good = bootstrap_theta(estimate, draws, rng, constraints_of(partable))
    if good.mean() < 0.5:
        raise ConvergenceError(
            f"Only {int(good.sum())} of {draws} refits converged.",
            fix="simplify the model or check its indicators",
        )
    shown = FIXED_SEED if seed is None else seed
    return Resampled(
        theta[good], int((~good).sum()), shown if isinstance(shown, int) else "generator", lost
    )


def _refuse(estimate: Estimate, options: Mapping[str, Any]) -> None:
    """Raise for fits whose refits are not checked against an independent source."""
    if any(sample.rows is None for sample in estimate.samples):
        raise NotSupportedError(
            "This fit holds no rows to resample.",
            why="it was made from a covariance matrix, with auxiliary variables or by pooling, or "
            "read back from a file",
            fix="fit the model to the data again, or use fit.effects(ci='monte_carlo')",
        )
    ordinal = isinstance(estimate, OrdinalEstimate)
    usual = {
        "discrepancy": ("DWLS", "ULS", "WLS") if ordinal else ("ML",),
        "likelihood": ("normal",),
        "missing": ("listwise", "pairwise") if ordinal else ("listwise", "ml", "ml.x"),
        "auxiliary": ((),),
    }
    for name, values in usual.items():
        if options.get(name, values[0]) not in values:
            raise NotSupportedError(
                f"The bootstrap does not refit with {name}={options[name]!r}.",
                why="it is not yet checked against an independent source",
                fix="use fit.effects(ci='monte_carlo')",
            )
    if any(getattr(sample, "weights", None) is not None for sample in estimate.samples):
        raise NotSupportedError(
            "The bootstrap is not available with sampling weights.",
            why="resamples would need weights of their own from the sampling design",
            fix="use fit.effects(ci='monte_carlo')",
        )
    if options.get("strata") is not None:
        raise NotSupportedError(
            "The bootstrap does not resample within strata.",
            why="it is not yet checked against an independent source",
            fix="use fit.effects(ci='monte_carlo')",
        )
    if estimate.incomplete and not estimate.linear:
        raise NotSupportedError(
            "With missing values the bootstrap knows linear equality constraints only.",
            why="others may hold with equality in one resample and not in another",
            fix="use fit.effects(ci='monte_carlo'), or fit with missing='listwise'",
        )
