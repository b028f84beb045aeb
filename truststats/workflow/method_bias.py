"""`method_bias`: what a method that all items share could do to the correlations of factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from truststats.arrays import Array
from truststats.errors import (
    ConvergenceError,
    IdentificationError,
    NotSupportedError,
    OptionError,
    Problem,
)
from truststats.options import did_you_mean
from truststats.psychometrics.composites import indicators_of
from truststats.psychometrics.validity import correlations
from truststats.results.fit import Fit
from truststats.results.method_bias import MethodBias, MethodRow
from truststats.workflow.difference import difference
from truststats.workflow.measurement import (
    check_scales,
    measurement_fit,
    measurement_text,
    top_factors,
)

__all__ = ["method_bias"]

_NAN = float("nan")
_METHOD = "common_method"
#: Loss of CFI under which one factor counts as fitting nearly as well as several.
_NEARLY = 0.01
#: Change of a correlation that is worth a sentence.
_MOVED = 0.10


def method_bias(fit: Fit, marker: str | None = None) -> MethodBias:
    """Return what a method that all items share could account for; see `Fit.method_bias`."""
    check_scales(fit, "A check of common method")
    names = top_factors(fit)
    if marker is not None and marker not in names:
        raise OptionError(
            f"{marker!r} is no factor of this model.{did_you_mean(marker, names)}",
            fix=f"use marker= one of: {', '.join(names)}",
        )
    text = measurement_text(fit)
    base = measurement_fit(fit, text)
    if not base.converged:
        raise ConvergenceError(
            "The measurement model of these scales did not converge.",
            fix="look at the scales one by one with ts.reliability(...)",
        )
    items, _ = indicators_of(fit.partable)
    all_items = list(dict.fromkeys(item for own in items.values() for item in own))
    rows = [_row("factors", base)]
    one = _tried(fit, f"{_METHOD} =~ {' + '.join(all_items)}\n{_residuals(text)}")
    rows.append(_against("one_factor", one, "factors", base, smaller=one, larger=base))
    method = _tried(fit, f"{text}\n{_effects(all_items, names)}")
    made = _against("method_factor", method, "factors", base, smaller=base, larger=method)
    rows.append(_described(made, method, base, _METHOD, all_items, names))
    if marker is not None:
        rows += _marked(fit, base, text, marker, names)
    problems = _problems(rows)
    return MethodBias(tuple(rows), marker, base.estimate.n, problems, fit.synthetic)


def _residuals(text: str) -> str:
    """Return the lines of a measurement model that are about items' residuals."""
    return "\n".join(line for line in text.splitlines() if "~~" in line)


def _effects(items: Sequence[str], others: Sequence[str]) -> str:
    """Return text of a factor, unrelated to the others, on which all items load alike.

    Its variance is free, so that the search does not end where equal loadings are zero.
    """
    terms = " + ".join(f"1*{item}" for item in items)
    apart = "\n".join(f"{_METHOD} ~~ 0*{other}" for other in others)
    return f"{_METHOD} =~ {terms}\n{_METHOD} ~~ NA*{_METHOD}\n{apart}"


def _tried(fit: Fit, text: str) -> Fit | None:
    """Return a fit, or None where it could not be estimated."""
    try:
        made = measurement_fit(fit, text)
    except (ConvergenceError, IdentificationError):
        return None
    return made if made.converged else None


def _row(name: str, fit: Fit | None) -> MethodRow:
    if fit is None:
        return MethodRow(name, _NAN, _NAN, _NAN, _NAN, _NAN)
    measures = fit.fit_measures
    cfi, rmsea, srmr = (float(measures[key]) for key in ("cfi", "rmsea", "srmr"))
    return MethodRow(name, fit.chisq, float(fit.reported_test.df), cfi, rmsea, srmr)


def _against(
    name: str, made: Fit | None, other: str, base: Fit | None, *, smaller: Fit | None,
    larger: Fit | None,
) -> MethodRow:  # fmt: skip
    """Return a model's row with its test against another one, which is larger or smaller."""
    row = _row(name, made)
    if made is None or base is None or smaller is None or larger is None:
        return replace(row, against=other)
    lost = float(made.fit_measures["cfi"] - base.fit_measures["cfi"])
    try:
        test = difference(smaller, larger)
    except NotSupportedError:
        return replace(row, against=other, cfi_diff=lost)
    return replace(
        row, against=other, chisq_diff=test.chisq, df_diff=float(test.df),
        pvalue_diff=test.pvalue, cfi_diff=lost,
    )  # fmt: skip


def _factor_correlations(fit: Fit, names: Sequence[str]) -> Array:
    group = fit.estimate.groups[0]
    at = [group.layout.nodes.index(name) for name in names]
    full = correlations(group.state.e[0][np.ix_(at, at)])
    i, j = zip(*combinations(range(len(names)), 2), strict=True)
    return full[list(i), list(j)]


def _share(fit: Fit, factor: str, items: Sequence[str]) -> float:
    """Return the average share of items' variance that a factor unrelated to others explains."""
    group = fit.estimate.groups[0]
    nodes = group.layout.nodes
    at, source = [nodes.index(item) for item in items], nodes.index(factor)
    effect = group.state.b[0][at, source] ** 2 * group.state.e[0][source, source]
    return float((effect / np.diag(group.state.sigma[0])[at]).mean())


def _described(
    row: MethodRow, made: Fit | None, base: Fit, factor: str, items: Sequence[str],
    names: Sequence[str],
) -> MethodRow:  # fmt: skip
    """Return a row with the method's share and the largest change of a correlation."""
    if made is None:
        return row
    change = _factor_correlations(made, names) - _factor_correlations(base, names)
    largest = float(change[int(np.argmax(np.abs(change)))])
    return replace(row, share=_share(made, factor, items), largest_change=largest)


def _fixed(base: Fit, marker: str, items: Sequence[str]) -> str:
    """Return text that holds a marker's loadings and residual variances at their estimates."""
    table = base.tidy().set_index(["lhs", "op", "rhs"])["est"]
    loads = " + ".join(f"{float(table[marker, '=~', item])!r}*{item}" for item in items)
    rest = [f"{item} ~~ {float(table[item, '~~', item])!r}*{item}" for item in items]
    return "\n".join([f"{marker} =~ {loads}", *rest])


def _marked(fit: Fit, base: Fit, text: str, marker: str, names: Sequence[str]) -> list[MethodRow]:
    """Return the marker's models: none, equal and free effects on the other items, and held."""
    items, _ = indicators_of(fit.partable)
    own, others = items[marker], [name for name in names if name != marker]
    rest = [item for name, inside in items.items() if name != marker for item in inside]
    lines = [line for line in text.splitlines() if not line.startswith(f"{marker} =~")]
    lines = [line for line in lines if not any(line.startswith(f"{i} ~~") for i in own)]
    apart = [f"{marker} ~~ 0*{other}" for other in others]
    start = "\n".join([*lines, _fixed(base, marker, own), *apart])
    equal = f"{marker} =~ {' + '.join(f'one_effect*{item}' for item in rest)}"
    free = f"{marker} =~ {' + '.join(rest)}"
    none = _tried(fit, start)
    alike, apiece = _tried(fit, f"{start}\n{equal}"), _tried(fit, f"{start}\n{free}")
    first = _row("marker_baseline", none)
    second = _against("marker_equal", alike, "marker_baseline", none, smaller=none, larger=alike)
    third = _against("marker_free", apiece, "marker_equal", alike, smaller=alike, larger=apiece)
    if len(others) > 1 and none is not None:
        second = _described(second, alike, none, marker, rest, others)
        third = _described(third, apiece, none, marker, rest, others)
    rows = [first, second, third]
    better = third.pvalue_diff < 0.05
    kept, effects, word = (
        (apiece, free, "marker_free") if better else (alike, equal, "marker_equal")
    )
    if none is not None and len(others) > 1:
        values = _factor_correlations(none, others)
        held = "\n".join(
            f"{a} ~~ {float(r)!r}*{b}"
            for (a, b), r in zip(combinations(others, 2), values, strict=True)
        )
        fourth = _tried(fit, f"{start}\n{effects}\n{held}")
        rows.append(_against("marker_held", fourth, word, kept, smaller=fourth, larger=kept))
    return rows


def _problems(rows: Sequence[MethodRow]) -> tuple[Problem, ...]:
    found: list[Problem] = []
    by_name = {row.model: row for row in rows}
    one, method = by_name["one_factor"], by_name["method_factor"]
    if one.cfi_diff > -_NEARLY:
        found.append(
            Problem(
                "one_factor_fits",
                "warning",
                f"One factor behind all items fits nearly as well (CFI {one.cfi_diff:+.3f}): "
                "these answers do not tell the scales apart.",
                "Do not interpret paths between them.",
            )
        )
    if method.share < 0:
        found.append(
            Problem(
                "no_method_variance",
                "note",
                "The variance of a method factor is estimated below zero: these answers show no "
                "method that acts on all items alike, or cannot tell it from the scales.",
                "Ask some items the other way round, or use a marker.",
            )
        )
    elif abs(method.largest_change) >= _MOVED:
        found.append(
            Problem(
                "method_moves_correlations",
                "warning",
                f"With a method factor that explains {100 * method.share:.0f} % of the items' "
                f"variance a correlation between factors changes by {method.largest_change:+.2f}.",
                "Paths may partly be due to the method: ask another source, or at another time.",
            )
        )
    return tuple(found)
