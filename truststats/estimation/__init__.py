"""From moments to theta: layout of the cells, implied moments, derivatives, scoring.

Numbers happen in functions here: arrays in, small frozen dataclasses out, no pandas. A leading
batch axis runs through everything, so that a bootstrap is the same code as one fit.
"""

from __future__ import annotations

from truststats.estimation.estimate import Estimate, estimate_ml
from truststats.estimation.layout import Layout, layout_from_partable
from truststats.estimation.observed import Incomplete, Moments, group_patterns, moments
from truststats.estimation.sample import Sample, sample_from_moments, sample_from_rows

__all__ = [
    "Estimate",
    "Incomplete",
    "Layout",
    "Moments",
    "Sample",
    "estimate_ml",
    "group_patterns",
    "layout_from_partable",
    "moments",
    "sample_from_moments",
    "sample_from_rows",
]
