"""A model beside auxiliary variables: estimated together, reported without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from truststats.arrays import Array
from truststats.errors import DataError
from truststats.estimation.auxiliary import with_correlates
from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.layout import Layout
from truststats.estimation.sample import Sample
from truststats.inference.auxiliary_baseline import auxiliary_baseline
from truststats.inference.tests import (
    ModelTest,
    chisq_pvalue,
    likelihood_ratio,
    saturated_traces,
    yuan_bentler_mplus,
)
from truststats.inference.vcov import vcov
from truststats.workflow.missing import Numbers

__all__ = ["WithAuxiliary", "estimate_with_auxiliary"]


@dataclass(frozen=True)
class WithAuxiliary:
    """A model that was estimated beside auxiliary variables.

    Attributes
    ----------
    estimate : Estimate
        The model's own variables and parameters; its samples hold no rows.
    numbers : Numbers
        Of the model's parameters; tests of the whole.
    whole : Estimate
        The model with its auxiliary variables.
    whole_baseline : Estimate
        Uncorrelated model variables beside saturated auxiliary ones.
    """

    estimate: Estimate
    numbers: Numbers
    whole: Estimate
    whole_baseline: Estimate


def estimate_with_auxiliary(
    layouts: Sequence[Layout],
    samples: Sequence[Sample],
    auxiliary: Sequence[str],
    loadings: Sequence[tuple[int, int]],
    *,
    options: Mapping[str, str],
    user_start: Array,
) -> WithAuxiliary:
    """Return estimates and tests of a model beside auxiliary variables.

    The estimate that comes back holds the model's own variables and parameters only; `whole` holds
    all.

    Parameters
    ----------
    samples : sequence of Sample
        The model's variables first, the auxiliary ones last.
    options : mapping
        With se, test and information.
    user_start : (q,) array
        Starting values that the user gave, NaN elsewhere.
    """
    if all(sample.incomplete is None for sample in samples):
        raise DataError(
            "auxiliary= was given, but no value is missing.",
            why="auxiliary variables then change nothing",
            fix="leave auxiliary= out",
        )
    first, n_new = layouts[0], len(auxiliary)
    q, names = first.q, first.nodes[: first.p]
    wide = with_correlates(layouts, auxiliary)
    padded = np.r_[user_start, np.full(wide[0].q - q, np.nan)]
    moved = [(factor + n_new if factor >= first.p else factor, item) for factor, item in loadings]
    whole = estimate_ml(wide, tuple(samples), moved, user_start=padded)
    cov, regular, middle = vcov(whole, options["se"], options["information"])
    base = auxiliary_baseline(samples, names, auxiliary)
    test = likelihood_ratio(whole)
    baseline = ModelTest("standard", base.chisq, base.df, chisq_pvalue(base.chisq, base.df))
    scaled = None
    if options["test"] != "standard":
        none, kind = np.zeros(0, dtype=np.intp), options["information"]
        pairs = [saturated_traces(sample, none, has_means=True, kind=kind) for sample in samples]
        trace = sum(every for every, _ in pairs)
        scaled = (
            yuan_bentler_mplus(whole, trace, kind=kind, middle=middle),
            yuan_bentler_mplus(base, trace, kind=kind),
        )
    own = replace(
        whole,
        layouts=tuple(layouts),
        samples=tuple(_of_model(sample, first.p) for sample in samples),
        theta=whole.theta[:q],
    )
    return WithAuxiliary(own, Numbers(cov[:q, :q], regular, test, baseline, scaled), whole, base)


def _of_model(sample: Sample, p: int) -> Sample:
    """Return the moments of the model's variables, which nobody's rows go with."""
    return replace(
        sample, cov=sample.cov[:p, :p], mean=sample.mean[:p], rows=None, incomplete=None,
        saturated=None, memo={},
    )  # fmt: skip
