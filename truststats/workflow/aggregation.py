"""`aggregation`: may the answers of a unit's people be averaged, and what lies between units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError, Problem, worst_first
from truststats.options import FROM_SURVEY, check_draws, check_level, choose, generator
from truststats.psychometrics.agreement import AGREES, Agreement, ad_cutoff, agreement
from truststats.psychometrics.intraclass import (
    SIZES,
    OneWay,
    anova,
    bootstrap_limits,
    design_effect,
    exact_limits,
    one_way,
    reml,
    unit_draws,
)
from truststats.psychometrics.levels import KINDS, levels
from truststats.results.aggregation import Aggregation
from truststats.results.effect_frames import FIXED_SEED
from truststats.survey.synthetic import labelled
from truststats.workflow.unit_scales import UnitScales, check_min_n, unit_scales

__all__ = ["aggregation", "scale_agreement"]

_FEW_UNITS = 10
_INDICES = ("rwg_star", "ad_mean", "ad_median")


@dataclass(frozen=True, eq=False)
class _Asked:
    """The options of a call."""

    min_n: int
    size: str
    ci: str
    level: float
    drawn: Array


def aggregation(
    data: Any,
    by: Any = FROM_SURVEY,
    keys: Sequence[str] | Mapping[str, Sequence[str]] | None = None,
    *,
    codes: Sequence[float] | None = None,
    min_n: int = 5,
    size: str = "adjusted",
    ci: str = "exact",
    ci_level: float = 0.95,
    draws: int = 1000,
    seed: Any = None,
) -> Aggregation:
    """Return how much people in a unit agree and how much of the answers lies between units.

    Parameters
    ----------
    data : Survey or frame
        Individual answers; a survey's reverse-keyed items are turned round.
    by : str
        Column of the units; a survey's own cluster by default.
    keys : sequence of str or mapping of str to items, optional
        Constructs of a survey, all by default; scales of a frame with their columns.
    codes : sequence of float, optional
        The answers that the items of a frame offer, such as range(1, 6); without them rwg is not
        defined.
    min_n : int
        Units with fewer answers are left out, and counted.
    size : {"adjusted", "mean"}
        The units' size in ICC(1) by the analysis of variance: (N - sum n_j^2 / N) / (G - 1), or
        N / G as in older software.
    ci : {"exact", "bootstrap"}
        Limits of the ICCs: exact under normality for units of any sizes (Wald 1940; with equal
        sizes those of Shrout & Fleiss 1979), or percentiles over resamples of whole units.
    ci_level : float
    draws : int
        Resamples, also for the limits of the correlations within and between units.
    seed : int, numpy.random.Generator or None
        None is one fixed, recorded seed.

    Returns
    -------
    Aggregation

    Raises
    ------
    OptionError
        If no unit or no scale is named, or an option has none of its values.
    DataError
        If there are fewer than two units with enough answers.

    Examples
    --------
    >>> import truststats as ts
    >>> answers = ts.load_dataset("municipal_employees")
    >>> survey = ts.read_survey(answers, instrument="tbm-core", cluster="unit")
    >>> found = ts.aggregation(survey, keys=["job_satisfaction"])
    >>> found.icc.round(2)["icc1"].tolist()[:1]
    [0.06]
    """
    choose("size", size, SIZES)
    choose("ci", ci, ("exact", "bootstrap"))
    least, check_level_ = check_min_n(min_n), check_level(ci_level)
    given = unit_scales(data, by, keys, codes)
    counts = np.bincount(given.units, minlength=len(given.labels))
    enough = int((counts >= least).sum())
    if enough < 2:
        raise DataError(
            f"{enough} of {len(counts)} units in {given.by!r} have {least} answers or more.",
            why="agreement within units means something only beside other units",
            fix="name a column of larger units",
        )
    drawn = unit_draws(len(counts), check_draws(draws), generator(seed, FIXED_SEED))
    asked = _Asked(least, size, ci, check_level_, drawn)
    agreed = {scale: scale_agreement(given, names, least) for scale, names in given.items.items()}
    icc = _icc_frame(given, asked)
    problems = [*given.problems, *_problems(icc, agreed, counts, least)]
    known = FIXED_SEED if seed is None else seed
    frames = (
        icc, _agreement_frame(given, agreed, least), _correlations(given, asked),
        _unit_frame(given, agreed),
    )  # fmt: skip
    return Aggregation(
        given.by,
        *(labelled(frame, given.synthetic) for frame in frames),
        min_n=least,
        units=enough,
        units_left_out=len(counts) - enough,
        ci=ci,
        ci_level=ci_level,
        size=size,
        draws=draws,
        seed=known if isinstance(known, int) else "generator",
        labels=given.names,
        problems=worst_first(problems),
        synthetic=given.synthetic,
    )


def scale_agreement(given: UnitScales, names: Sequence[str], min_n: int) -> Agreement:
    """Return the agreement of every unit on some items."""
    codes = [given.codes[name] for name in names]
    return agreement(given.matrix(names), given.units, codes, min_n)


def _rows(given: UnitScales) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return scale, kind, construct and items of every line: constructs, each with its items."""
    out: list[tuple[str, str, str, tuple[str, ...]]] = []
    for scale, names in given.items.items():
        out.append((scale, "construct", scale, names))
        out += [(name, "item", scale, (name,)) for name in names]
    return out


def _icc_frame(given: UnitScales, asked: _Asked) -> pd.DataFrame:
    lines = _rows(given)
    columns = [given.scores(s) if kind == "construct" else given.values[s] for s, kind, *_ in lines]
    data: OneWay = one_way(np.column_stack(columns), given.units, asked.min_n)
    with np.errstate(divide="ignore", invalid="ignore"):
        table, likely = anova(data, asked.size), reml(data)
        limits = (
            exact_limits(data, table.n0, asked.level)
            if asked.ci == "exact"
            else bootstrap_limits(data, asked.drawn, asked.size, asked.level)
        )
        effect = design_effect(data, table.icc1)
    return pd.DataFrame(
        {
            "scale": [line[0] for line in lines],
            "kind": [line[1] for line in lines],
            "construct": [line[2] for line in lines],
            "n": data.n.astype(int),
            "units": data.units.astype(int),
            "unit_size": table.n0,
            "f": table.f,
            "pvalue": table.pvalue,
            "icc1": table.icc1,
            "icc1_lower": limits.icc1_lower,
            "icc1_upper": limits.icc1_upper,
            "icc2": table.icc2,
            "icc2_lower": limits.icc2_lower,
            "icc2_upper": limits.icc2_upper,
            "icc1_reml": likely.icc1,
            "icc2_reml": likely.icc2,
            "design_effect": effect,
        }
    )


def _agreement_frame(
    given: UnitScales, agreed: Mapping[str, Agreement], min_n: int
) -> pd.DataFrame:
    out: list[dict[str, Any]] = []
    for scale, kind, construct, names in _rows(given):
        found = agreed[scale] if kind == "construct" else scale_agreement(given, names, min_n)
        word = "rwg_j" if len(names) > 1 else "rwg"
        values = [(word, null, own) for null, own in found.rwg.items()]
        values += [(name, "uniform" if name == "rwg_star" else "", getattr(found, name))
                   for name in _INDICES]  # fmt: skip
        limit = float(np.mean([ad_cutoff(given.codes[name]) for name in names]))
        for index, null, own in values:
            seen = own[~np.isnan(own)]
            if not len(seen):
                continue
            cutoff = limit if index.startswith("ad") else AGREES
            agrees = seen <= cutoff if index.startswith("ad") else seen >= cutoff
            out.append(
                {
                    "scale": scale,
                    "kind": kind,
                    "construct": construct,
                    "index": index,
                    "null": null,
                    "units": len(seen),
                    "mean": float(seen.mean()),
                    "median": float(np.median(seen)),
                    "cutoff": cutoff,
                    "share": float(agrees.mean()) if np.isfinite(cutoff) else float("nan"),
                }
            )
    return pd.DataFrame(out)


def _correlations(given: UnitScales, asked: _Asked) -> pd.DataFrame:
    names = list(given.items)
    scores = np.column_stack([given.scores(name) for name in names])
    found = levels(scores, given.units, asked.drawn, asked.min_n, asked.level)
    columns: dict[str, Any] = {
        "lhs": [names[k] for k in found.first],
        "rhs": [names[k] for k in found.second],
        "n": found.n.astype(int),
        "units": found.units.astype(int),
    }
    for k, kind in enumerate(KINDS):
        columns[f"r_{kind}"] = found.values[k]
        columns[f"r_{kind}_lower"] = found.lower[k]
        columns[f"r_{kind}_upper"] = found.upper[k]
    columns |= {"between_part": found.between_part, "within_part": found.within_part}
    return pd.DataFrame(columns)


def _unit_frame(given: UnitScales, agreed: Mapping[str, Agreement]) -> pd.DataFrame:
    parts: list[pd.DataFrame] = []
    for scale, found in agreed.items():
        shown = np.flatnonzero(~np.isnan(found.n))
        columns: dict[str, Any] = {
            "unit": [given.labels[k] for k in shown],
            "construct": scale,
            "n": found.n[shown].astype(int),
        }
        columns |= {f"rwg_j_{null}": own[shown] for null, own in found.rwg.items()}
        columns |= {name: getattr(found, name)[shown] for name in _INDICES}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _problems(
    icc: pd.DataFrame, agreed: Mapping[str, Agreement], counts: Array, min_n: int
) -> list[Problem]:
    out: list[Problem] = []
    small = int((counts < min_n).sum())
    enough = len(counts) - small
    if small:
        message = (
            f"{small} of {len(counts)} units have fewer than {min_n} answers and are left out."
        )
        out.append(Problem("units_left_out", "note", message, count=small))
    if enough < _FEW_UNITS:
        message = f"There are only {enough} units, so what lies between them is hardly known."
        remedy = "Read the intervals, not the estimates."
        out.append(Problem("few_units", "warning", message, remedy, count=enough))
    below = icc.loc[icc["icc1"] < 0, "scale"].tolist()
    if below:
        message = f"ICC(1) is negative for {len(below)} scales: {', '.join(below)}."
        remedy = "Their units differ less than chance alone would have it; do not average them."
        out.append(Problem("negative_icc", "note", message, remedy, count=len(below)))
    known = {s: f.rwg["uniform"][~np.isnan(f.rwg["uniform"])] for s, f in agreed.items()}
    if bare := [scale for scale, own in known.items() if not len(own)]:
        message = f"rwg is not defined for {', '.join(bare)}: it is not known which answers their "
        message += "items offer, or no unit has enough."
        remedy = "Say them, as in codes=range(1, 6)."
        out.append(Problem("answers_not_known", "note", message, remedy, count=len(bare)))
    wide = [scale for scale, own in known.items() if (own == 0).any()]
    if wide:
        pairs = sum(int((known[scale] == 0).sum()) for scale in wide)
        message = f"In {pairs} cases a unit's answers to {', '.join(wide)} vary more than answers "
        message += "at random would; their rwg is set to zero."
        out.append(Problem("no_agreement", "note", message, count=pairs))
    return out
