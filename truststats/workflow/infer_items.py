"""From the statistics of ordinal items to estimates, standard errors and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from truststats.arrays import Array
from truststats.estimation.constraints import Constraints
from truststats.estimation.implied_items import cuts_from_partable
from truststats.estimation.layout import Layout
from truststats.estimation.ordinal import OrdinalEstimate, estimate_ordinal
from truststats.inference.moment_structure import bread, filling, traces
from truststats.inference.ordinal import baseline_traces, ordinal_baseline, ordinal_pieces
from truststats.inference.robust_tests import adjusted_test
from truststats.inference.tests import ModelTest, chisq_pvalue
from truststats.model import ParTable
from truststats.workflow.items import PreparedItems
from truststats.workflow.missing import Numbers
from truststats.workflow.settings import Settings

__all__ = ["estimate_items", "infer_items"]


def estimate_items(
    made: Settings,
    partable: ParTable,
    layouts: Sequence[Layout],
    ready: PreparedItems,
    loadings: Sequence[tuple[int, int]],
    *,
    user_start: Array,
    constraints: Constraints | None,
) -> OrdinalEstimate:
    """Return the estimate of a model of ordinal items."""
    return estimate_ordinal(
        layouts, cuts_from_partable(partable), ready.samples, ready.moments, loadings,
        kind=made.discrepancy, user_start=user_start, constraints=constraints,
    )  # fmt: skip


def infer_items(estimate: OrdinalEstimate, made: Settings) -> Numbers:
    """Return standard errors and tests of a model of ordinal items.

    The sandwich E (sum_g a_g D'V Gamma V D) E / (N - G) with E the inverse of sum_g a_g D'V D
    (Muthen, du Toit & Spisic 1997); unweighted least squares has no chi-square of its own.
    """
    scaled = made.test != "standard"
    pieces = ordinal_pieces(estimate, gamma=scaled or made.se == "robust.sem")
    e, regular = bread(pieces, estimate.null)
    cov = e @ filling(pieces) @ e if made.se == "robust.sem" else e
    if made.se == "none":
        cov = np.full_like(e, np.nan)
    p = chisq_pvalue(estimate.chisq, estimate.df)
    test = ModelTest("standard", estimate.chisq, estimate.df, p)
    baseline = ordinal_baseline(estimate)
    if made.discrepancy == "ULS":
        nan = float("nan")
        test, baseline = replace(test, pvalue=nan), replace(baseline, pvalue=nan)
    out = Numbers(cov / (estimate.n - len(estimate.samples)), regular, test, baseline)
    if not scaled:
        return out
    own = adjusted_test(made.test, test.chisq, estimate.df, *traces(pieces, e))
    of_base = baseline_traces(estimate)
    other = adjusted_test(made.test, baseline.chisq, int(baseline.df), *of_base)
    return replace(out, scaled=(own, other))
