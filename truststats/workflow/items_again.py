"""The ordinal answers of a fit, made ready for another model of the same variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from truststats.estimation.ordinal import ItemMoments, OrdinalEstimate
from truststats.estimation.sample import Sample
from truststats.workflow.data import Used
from truststats.workflow.items import PreparedItems, read_items
from truststats.workflow.sampling import Drawn

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["items_again"]


def items_again(fit: Fit, names: Sequence[str]) -> PreparedItems:
    """Return the answers of a fit with its variables in an order.

    Thresholds and correlations do not depend on the model, so in the same order they are taken
    over; in another one they are read from the rows again.

    Parameters
    ----------
    fit : Fit
        Of ordinal items, with its rows.
    names : sequence of str
        The variables of the fit, in the order of the other model's table.
    """
    estimate = fit.estimate
    assert isinstance(estimate, OrdinalEstimate)
    samples, moments = estimate.samples, estimate.moments
    if tuple(names) != tuple(fit.partable.ov):
        pairs = [
            _read(fit, list(names), sample, got)
            for sample, got in zip(samples, moments, strict=True)
        ]
        samples, moments = tuple(a for a, _ in pairs), tuple(b for _, b in pairs)
    return PreparedItems(samples, fit.n_rows, fit.exclusions, (), fit.index, moments)


def _read(
    fit: Fit, names: list[str], sample: Sample, got: ItemMoments
) -> tuple[Sample, ItemMoments]:
    """Return one group's statistics in another order of the variables."""
    assert sample.rows is not None
    rows = sample.rows[:, [fit.partable.ov.index(name) for name in names]]
    every = np.ones(len(rows), dtype=np.bool_)
    clustered = sample.n_clusters is not None
    drawn = Drawn(sample.clusters, sample.weights, every, sample.design, clustered)
    assert fit.index is not None
    used = Used(rows, every, {}, drawn, ((None, every),), (), fit.index)
    x = tuple(fit.partable.ov_x) if fit.options["fixed_x"] else ()
    levels = dict(zip(got.names, got.levels, strict=True))
    made, moments = read_items(
        used, every, every, names, dict(fit.partable.levels), x, str(fit.missing), levels
    )
    return replace(made, places=sample.places, n_clusters=sample.n_clusters), moments
