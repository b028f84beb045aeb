"""`validity`: whether the scales of a fit measure different things, by every usual rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from truststats.arrays import Array
from truststats.errors import ConvergenceError, NotSupportedError, OptionError, Problem, worst_first
from truststats.estimation.implied import evaluate
from truststats.inference.intervals import resample_intervals
from truststats.inference.standardize import delta_covariance
from truststats.options import check_draws, check_level, choose, generator
from truststats.psychometrics.composites import indicators_of
from truststats.psychometrics.heterotrait import complete_rows, ratio_draws, ratio_errors
from truststats.psychometrics.validity import (
    correlations,
    heterotrait_ratio,
    inflation,
    severity,
)
from truststats.results.effect_frames import FIXED_SEED
from truststats.results.fit import Fit
from truststats.results.frames import limits
from truststats.results.validity import PairRow, ScaleRow, Validity
from truststats.workflow.difference import difference
from truststats.workflow.measurement import (
    check_scales,
    measurement_fit,
    measurement_text,
    top_factors,
)

__all__ = ["validity"]

_DRAWS = 1000
#: Correlation from whose reach on a pair is tested against the cut, and reported as close.
_CLOSE = 0.65
_NAN = float("nan")


def validity(
    fit: Fit, *, cut: float = 0.9, level: float = 0.95, tests: str = "close",
    draws: int | None = None, seed: Any = None,
) -> Validity:  # fmt: skip
    """Return whether the scales of a fit can be told apart; see `Fit.validity`."""
    choose("tests", tests, ("close", "all", "none"))
    check_level(level)
    if not 0.0 < cut < 1.0:
        raise OptionError(f"cut={cut!r} is no correlation below 1.", fix="use for example cut=0.9")
    count = _DRAWS if draws is None else check_draws(draws)
    check_scales(fit, "Validity")
    text = measurement_text(fit)
    base = measurement_fit(fit, text)
    if not base.converged:
        raise ConvergenceError(
            "The measurement model of these scales did not converge.",
            fix="look at the scales one by one with ts.reliability(...)",
        )
    names = top_factors(fit)
    cor = _correlations(base, names, level)
    ratios = _ratios(base, names, level, count, seed)
    pairs = list(combinations(range(len(names)), 2))
    rows: list[PairRow] = []
    method = ""
    for k, (i, j) in enumerate(pairs):
        est, low, high = (float(x[k]) for x in cor)
        reach = max(abs(low), abs(high))
        held = _NOT_HELD
        if tests == "all" or (tests == "close" and reach >= _CLOSE):
            held = _held(base, text, names[i], names[j], cut, est)
        method = held.method or method
        ratio = [float(x[k]) for x in ratios.columns]
        rows.append(
            PairRow(
                lhs=names[i], rhs=names[j], cor=est, cor_lower=low, cor_upper=high,
                severity=severity(reach), chisq_diff=held.chisq, df_diff=held.df,
                pvalue_diff=held.pvalue, cfi_diff=held.cfi, htmt=ratio[0], htmt_lower=ratio[1],
                htmt_upper=ratio[2], htmt2=ratio[3], htmt2_lower=ratio[4], htmt2_upper=ratio[5],
                vif=1.0 / (1.0 - est**2) if abs(est) < 1 else _NAN,
            )
        )  # fmt: skip
    scales = _scales(fit, base, names, rows)
    return Validity(
        scales, tuple(rows), cut, level, ratios.method, method, base.estimate.n,
        worst_first(_problems(fit, scales, rows)), fit.synthetic,
    )  # fmt: skip


def _correlations(base: Fit, names: Sequence[str], level: float) -> tuple[Array, Array, Array]:
    """Return correlations of the factors, pair by pair, and their limits."""
    layout = base.estimate.groups[0].layout
    at = [layout.nodes.index(name) for name in names]
    i, j = (np.array(x) for x in zip(*combinations(at, 2), strict=True))

    def function(theta: Array) -> Array:
        e = evaluate(layout, theta).e
        return e[:, i, j] / np.sqrt(e[:, i, i] * e[:, j, j])

    est = function(base.estimate.theta[None])[0]
    spread = np.diag(delta_covariance(function, base.estimate.theta, base.vcov))
    with np.errstate(invalid="ignore"):
        low, high = limits(est, np.sqrt(spread), level, base.reference_df)
    return est, np.asarray(low), np.asarray(high)


@dataclass(frozen=True, eq=False)
class _Ratios:
    """HTMT with limits, HTMT2 with limits, (pairs,) each, and how the limits were made."""

    columns: tuple[Array, ...]
    method: str


def _ratios(base: Fit, names: Sequence[str], level: float, draws: int, seed: Any) -> _Ratios:
    """Return the ratios of all pairs; NaN where one of the two is a second-order factor."""
    group = base.estimate.groups[0]
    items, _ = indicators_of(base.partable)
    place = {name: k for k, name in enumerate(group.layout.nodes)}
    ready = [k for k, name in enumerate(names) if len(items.get(name, [])) > 1]
    blocks = [np.array([place[item] for item in items[names[k]]]) for k in ready]
    pairs = list(combinations(range(len(names)), 2))
    where = [k for k, (i, j) in enumerate(pairs) if i in ready and j in ready]
    columns = tuple(np.full(len(pairs), _NAN) for _ in range(6))
    method = "percentile" if complete_rows(group) else "delta"
    if len(blocks) < 2:
        return _Ratios(columns, method)
    corr = correlations(group.sample.cov)
    drawn = None
    if method == "percentile":
        drawn = ratio_draws(group, blocks, draws, generator(seed, FIXED_SEED))
    for side, geometric in enumerate((False, True)):
        est = heterotrait_ratio(corr, blocks, geometric=geometric)
        if drawn is not None:
            found = resample_intervals("percentile", est, drawn[side], level)
            low, high = found.lower, found.upper
        else:
            se = ratio_errors(group, corr, blocks, geometric=geometric)
            low, high = limits(est, se, level, None)
        for column, value in zip(columns[3 * side :], (est, low, high), strict=False):
            column[where] = value
    return _Ratios(columns, method)


@dataclass(frozen=True)
class _Held:
    """The test of a correlation at the cut, what CFI loses, and the test's name."""

    chisq: float = _NAN
    df: float = _NAN
    pvalue: float = _NAN
    cfi: float = _NAN
    method: str = ""


_NOT_HELD = _Held()


def _held(base: Fit, text: str, one: str, other: str, cut: float, est: float) -> _Held:
    """Return the test of a correlation at the cut, with the sign it has.

    Already beyond the cut, a correlation cannot be found to lie below it: no test.
    """
    if abs(est) >= cut:
        return _NOT_HELD
    held = measurement_fit(base, f"{text}\n{one} ~~ {float(np.copysign(cut, est))!r}*{other}")
    if not held.converged:
        return _NOT_HELD
    lost = _cfi(held) - _cfi(base)
    try:
        made = difference(held, base)
    except NotSupportedError:
        return _Held(cfi=lost)
    return _Held(made.chisq, float(made.df), made.pvalue, lost, made.method)


def _cfi(fit: Fit) -> float:
    """Return CFI by the plain chi-squares, as Ronkko & Cho (2022) use it."""
    return float(fit.fit_measures["cfi"])


def _scales(
    fit: Fit, base: Fit, names: Sequence[str], rows: Sequence[PairRow]
) -> tuple[ScaleRow, ...]:
    found = base.reliability()
    ave = found[found["coefficient"] == "ave"].set_index("construct")["value"]
    out: list[ScaleRow] = []
    for name in names:
        value = float(ave.get(name, _NAN))
        largest = max(abs(row.cor) for row in rows if name in (row.lhs, row.rhs))
        root = float(np.sqrt(value))
        holds = None if np.isnan(value) else root > largest
        label = fit.model.labels.get(name, {}).get("en", name)
        out.append(ScaleRow(name, label, value, root, largest, holds))
    return tuple(out)


def _inflations(fit: Fit, one: str, other: str) -> tuple[float, str]:
    """Return how much the two inflate each other as causes, and of what.

    Among all latent causes of the outcome they share, the larger of the two; without one, of the
    two alone.
    """
    table, group = fit.partable, fit.estimate.groups[0]
    causes: dict[str, list[str]] = {}
    for lhs, op, rhs in zip(table.lhs, table.op, table.rhs, strict=True):
        if op == "~" and rhs in group.layout.nodes[group.layout.p :]:
            causes.setdefault(lhs, []).append(rhs)
    for outcome, own in causes.items():
        if one in own and other in own:
            at = [group.layout.nodes.index(name) for name in own]
            found = inflation(correlations(group.state.e[0][np.ix_(at, at)]))
            return float(max(found[own.index(one)], found[own.index(other)])), outcome
    return _NAN, ""


def _problems(fit: Fit, scales: Sequence[ScaleRow], rows: Sequence[PairRow]) -> list[Problem]:
    named = {row.construct: row.label for row in scales}
    return [
        _close(fit, row, named)
        for row in rows
        if max(abs(row.cor_lower), abs(row.cor_upper)) >= _CLOSE
    ]


def _close(fit: Fit, row: PairRow, named: dict[str, str]) -> Problem:
    """Return the finding that two scales are nearly collinear, and what that does to paths."""
    vif, cause_of = _inflations(fit, row.lhs, row.rhs)
    vif = vif if cause_of else row.vif
    outcome = named.get(cause_of, cause_of) or "Y"
    wider = f"{np.sqrt(vif):.1f}" if vif == vif else "many"
    return Problem(
        "near_collinear",
        "note" if row.severity == "none" else "warning",
        f"{named[row.lhs]} and {named[row.rhs]} correlate {row.cor:.2f}, interval "
        f"{row.cor_lower:.2f} to {row.cor_upper:.2f}. As causes of {outcome} they have a variance "
        f"inflation of {vif:.1f}: standard errors of their paths are {wider} times as wide as for "
        "unrelated causes, and a path can move from one to the other.",
        "Read the two paths together, test them jointly, and do not rank them; if theory allows, "
        "take one of them out or make them parts of one factor.",
        f"{row.lhs}, {row.rhs}",
    )
