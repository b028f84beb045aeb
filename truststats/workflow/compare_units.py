"""`compare_units`: units side by side on one construct, only where five conditions license it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from truststats.arrays import Array, BoolArray, IntArray
from truststats.constructs import Construct
from truststats.errors import DataError, NotSupportedError, OptionError, Problem, worst_first
from truststats.options import FROM_SURVEY, check_draws, check_level, did_you_mean, generator
from truststats.psychometrics.intraclass import OneWay, anova, one_way, reml
from truststats.psychometrics.shrinkage import (
    apart,
    comparison_factor,
    posterior,
    ranks,
    shrink,
)
from truststats.results.effect_frames import FIXED_SEED
from truststats.results.fit import Fit
from truststats.results.unit_comparison import Condition, UnitComparison
from truststats.survey import Survey
from truststats.survey.synthetic import labelled
from truststats.workflow import unit_licence as licence
from truststats.workflow.aggregation import scale_agreement
from truststats.workflow.columns import as_frame
from truststats.workflow.predict import predict
from truststats.workflow.unit_scales import UnitScales, check_min_n, unit_scales

__all__ = ["compare_units"]

_SPREAD_UNITS = 5
_NINE_IN_TEN = float(ndtri(0.95))


@dataclass(frozen=True, eq=False)
class _Compared:
    """What units are compared on: a value for each row that has a unit."""

    name: str
    measure: Literal["scale", "factor"]
    values: Array
    given: UnitScales
    data: Any

    @property
    def items(self) -> tuple[str, ...]:
        """The items behind the values."""
        return self.given.items[self.name]

    @property
    def survey(self) -> Survey | None:
        """The answers, where an instrument may say what they are about."""
        return self.data if isinstance(self.data, Survey) else None

    @property
    def frame(self) -> pd.DataFrame:
        """The answers as a frame."""
        return self.data.frame if isinstance(self.data, Survey) else as_frame(self.data)


def compare_units(
    what: Any,
    survey: Any = None,
    by: Any = FROM_SURVEY,
    *,
    construct: str | None = None,
    invariance: Any = None,
    codes: Sequence[float] | None = None,
    manager: str | None = None,
    units_are_persons: bool = True,
    min_icc2: float = licence.MIN_ICC2,
    min_rwg: float = licence.MIN_RWG,
    min_n: int = licence.MIN_N,
    min_units: int = licence.MIN_UNITS,
    level: float = 0.95,
    draws: int = 4000,
    seed: Any = None,
) -> UnitComparison:
    """Return units compared on a construct where that is licensed, else why not and what is left.

    Parameters
    ----------
    what : str, Construct, mapping or Fit
        A construct of the survey; of a frame, one scale with its items; or a fit, whose factor is
        then compared by Bartlett scores.
    survey : Survey or frame, optional
        The answers; by default those a fit was made of, if they were a survey.
    by : str
        Column of the units; a survey's own cluster by default.
    construct : str, optional
        Which factor of a fit, where it has several.
    invariance : object with `licensed`, or "assumed"
        The result of a test that the items are understood alike. Without one units are not
        compared; "assumed" compares them and says so everywhere.
    codes : sequence of float, optional
        The answers that the items of a frame offer.
    manager : str, optional
        Column of the manager whom each row is about: units with one manager are left out where the
        items are about the manager.
    units_are_persons : bool
        Whether, without `manager`, each unit is taken to have one manager, so that what is asked
        about the closest manager is about a person and is not shown by unit.
    min_icc2, min_rwg : float
        Least reliability of the units' means, and least median agreement within them.
    min_n, min_units : int
        Fewest answers of a unit that counts, and fewest such units.
    level : float
        Of the comparison intervals (on average over pairs), of the ranks and the overall mean.
    draws : int
        Draws from the posterior, for the ranks.
    seed : int, numpy.random.Generator or None
        None is one fixed, recorded seed.

    Returns
    -------
    UnitComparison

    Raises
    ------
    OptionError
        If nothing says what or where the units are.
    NotSupportedError
        For factors without Bartlett scores, and for groups without equal loadings and intercepts.
    DataError
        If fewer than two units have enough answers.

    Notes
    -----
    Goldstein & Healy (1995) for the intervals; see `truststats.psychometrics.shrinkage`. Estimates
    take the variances as known, ranks do not.
    """
    limits = licence.Limits(min_icc2, min_rwg, check_min_n(min_n), min_units)
    said = licence.check_limits(limits)
    known = FIXED_SEED if seed is None else seed
    settings: dict[str, Any] = {
        "level": check_level(level),
        "draws": check_draws(draws),
        "seed": known if isinstance(known, int) else "generator",
    }
    rng = generator(seed, FIXED_SEED)
    compared = _compared(what, survey, by, construct, codes)
    about = licence.about_manager(compared.survey, compared.items)
    lone = licence.lone_managers(compared.frame, manager, compared.given)
    kept = _kept(compared, None if about is False else lone, limits.min_n)
    conditions = (
        licence.invariance_condition(invariance, compared.name),
        licence.reliability_condition(float(anova(kept.data).icc2[0]), limits.min_icc2),
        licence.agreement_condition(_rwg(compared, kept, limits.min_n), limits.min_rwg),
        licence.units_condition(len(kept.at), limits.min_units),
        licence.persons_condition(about, units_are_persons, lone, len(kept.at)),
    )
    found = _whole(compared, kept, conditions, limits, said, settings)
    return _with_units(found, compared, kept, rng) if found.licensed else found


def _compared(
    what: Any, survey: Any, by: Any, construct: str | None, codes: Sequence[float] | None
) -> _Compared:
    """Return the values that units are compared on, or raise where nothing says what they are."""
    if isinstance(what, Fit):
        return _factor(what, survey, by, construct, codes)
    if survey is None:
        raise OptionError(
            "No answers are given.", fix='ts.compare_units("vertical_trust", survey, by="unit")'
        )
    key = what.key if isinstance(what, Construct) else what
    if isinstance(survey, Survey) and not isinstance(key, str | Mapping):
        raise OptionError(
            f"what= is a {type(what).__name__}.",
            fix='name a construct, as in ts.compare_units("vertical_trust", survey)',
        )
    given = unit_scales(survey, by, key, codes)
    if len(given.items) != 1:
        raise OptionError(
            f"{len(given.items)} scales are named.",
            why="units are compared on one construct at a time",
            fix='ts.compare_units({"trust": ["t1", "t2"]}, frame, by="unit")',
        )
    name = next(iter(given.items))
    return _Compared(name, "scale", given.scores(name), given, survey)


def _factor(
    fit: Fit, data: Any, by: Any, construct: str | None, codes: Sequence[float] | None
) -> _Compared:
    """Return Bartlett scores of a factor, which leave its variance between units as it is."""
    answers = fit.survey if data is None else data
    if answers is None:
        raise OptionError(
            "The fit does not hold the answers with their units.",
            fix='pass them: ts.compare_units(fit, data, by="unit")',
        )
    if fit.partable.levels:
        raise NotSupportedError(
            "Units are not compared on factors of ordinal items.",
            why="the scores of such factors are not on one scale for all people",
            fix="compare them on the scale: ts.compare_units(construct, survey)",
        )
    equal = set(fit.options.get("group_equal") or ())
    if fit.groups and not {"loadings", "intercepts"} <= equal:
        raise NotSupportedError(
            "The groups of this fit measure on scales of their own.",
            why="scores of different groups cannot be compared",
            fix='fit with group_equal=["loadings", "intercepts"], or without group=',
        )
    name = _factor_name(fit, construct)
    table = fit.partable
    rows = zip(table.lhs, table.op, table.rhs, strict=True)
    items = list(dict.fromkeys(rhs for lhs, op, rhs in rows if (lhs, op) == (name, "=~")))
    scores = predict(fit, answers, method="bartlett")[name].to_numpy()
    if by is FROM_SURVEY and not isinstance(answers, Survey):
        by = fit.cluster_name
    given = unit_scales(answers, by, {name: items}, codes)
    label = fit.model.labels.get(name)
    given = replace(given, names={name: label} if label else given.names)
    return _Compared(name, "factor", scores[given.rows], given, answers)


def _factor_name(fit: Fit, construct: str | None) -> str:
    names = list(fit.partable.lv)
    if construct is None and len(names) == 1:
        return names[0]
    if construct in names:
        return str(construct)
    asked = "The fit has several factors." if construct is None else (
        f"The fit has no factor {construct!r}.{did_you_mean(str(construct), names)}"
    )  # fmt: skip
    raise OptionError(asked, fix=f"name one: construct={names[0] if names else 'trust'!r}")


@dataclass(frozen=True, eq=False)
class _Kept:
    """The units that count: their sums, their numbers, and how many do not."""

    data: OneWay
    at: IntArray
    small: int
    lone: int


def _kept(compared: _Compared, lone: BoolArray | None, min_n: int) -> _Kept:
    every = one_way(compared.values[:, None], compared.given.units)
    enough = every.counts[0] >= min_n
    alone = np.zeros(len(enough), dtype=bool) if lone is None else lone & enough
    at = np.flatnonzero(enough & ~alone)
    if len(at) < 2:
        raise DataError(
            f"{len(at)} of {len(enough)} units in {compared.given.by!r} have {min_n} answers or "
            "more.",
            why="units mean something only beside other units",
            fix="name a column of larger units, or describe all people together",
        )
    parts = (part[:, at] for part in (every.counts, every.means, every.within))
    return _Kept(OneWay(*parts), at, int((~enough).sum()), int(alone.sum()))


def _rwg(compared: _Compared, kept: _Kept, min_n: int) -> Array:
    return scale_agreement(compared.given, compared.items, min_n).rwg["uniform"][kept.at]


def _whole(
    compared: _Compared,
    kept: _Kept,
    conditions: tuple[Condition, ...],
    limits: licence.Limits,
    said: Sequence[Problem],
    settings: Mapping[str, Any],
) -> UnitComparison:
    """Return what may be said in any case: the overall mean and the spread of the units."""
    table, likely = anova(kept.data), reml(kept.data)
    z = float(ndtri(0.5 + 0.5 * settings["level"]))
    mean, se = float(likely.mean[0]), float(np.sqrt(likely.mean_variance[0]))
    enough = len(kept.at) >= _SPREAD_UNITS
    tau = float(np.sqrt(likely.between[0])) if enough else float("nan")
    return UnitComparison(
        compared.name,
        compared.measure,
        compared.given.by,
        conditions,
        n=int(kept.data.n[0]),
        n_units=len(kept.at),
        left_out=kept.small,
        persons_left_out=kept.lone,
        min_n=limits.min_n,
        mean=mean,
        mean_se=se,
        mean_lower=mean - z * se,
        mean_upper=mean + z * se,
        between_sd=tau,
        within_sd=float(np.sqrt(likely.within[0])),
        spread=(mean - _NINE_IN_TEN * tau, mean + _NINE_IN_TEN * tau),
        icc1=float(table.icc1[0]),
        icc2=float(table.icc2[0]),
        labels=compared.given.names,
        problems=worst_first(
            [*compared.given.problems, *said, *_problems(conditions, compared, kept, limits)]
        ),
        synthetic=compared.given.synthetic,
        **settings,
    )


def _with_units(
    found: UnitComparison, compared: _Compared, kept: _Kept, rng: np.random.Generator
) -> UnitComparison:
    """Return the comparison with its units: shrunken, with comparison intervals and ranks."""
    shrunk = shrink(kept.data)
    factor = comparison_factor(shrunk.cov, found.level)
    lower, upper = shrunk.estimates - factor * shrunk.se, shrunk.estimates + factor * shrunk.se
    placed = ranks(posterior(kept.data, found.draws, rng), found.level)
    frame = pd.DataFrame(
        {
            "unit": [compared.given.labels[k] for k in kept.at],
            "n": kept.data.counts[0].astype(int),
            "mean": kept.data.means[0],
            "estimate": shrunk.estimates,
            "se": shrunk.se,
            "lower": lower,
            "upper": upper,
            "rank": placed.rank,
            "rank_lower": placed.lower,
            "rank_upper": placed.upper,
        }
    )
    return replace(
        found,
        estimates=labelled(frame, found.synthetic),
        factor=factor,
        pairs_apart=apart(lower, upper),
    )


def _problems(
    conditions: Sequence[Condition], compared: _Compared, kept: _Kept, limits: licence.Limits
) -> list[Problem]:
    out: list[Problem] = []
    failed = sum(not condition.met for condition in conditions)
    if failed:
        message = f"Units are not compared: {failed} of {len(conditions)} conditions are not met."
        remedy = "Read the overall mean and the spread, or each unit's own development."
        out.append(Problem("units_not_compared", "warning", message, remedy, count=failed))
    if any(condition.reason == "assumed" for condition in conditions):
        message = "That the items are understood alike everywhere was assumed, not tested: a "
        message += "difference between units can be one of understanding."
        remedy = "Test it: ts.invariance(model, survey, group=...)."
        out.append(Problem("invariance_assumed", "warning", message, remedy))
    if kept.small:
        total = len(compared.given.labels)
        message = f"{kept.small} of {total} units have fewer than {limits.min_n} answers and are "
        message += "left out."
        out.append(Problem("units_left_out", "note", message, count=kept.small))
    if kept.lone:
        message = f"{kept.lone} units have one manager, who is a person and not a unit; they are "
        message += "left out."
        out.append(Problem("persons_left_out", "note", message, count=kept.lone))
    return out
