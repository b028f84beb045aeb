"""Numbers about an estimate: standard errors, tests, fit measures, effects, admissibility."""

from __future__ import annotations

from truststats.inference.fitmeasures import cfi, fit_measures, nfi, rmsea, srmr, tli
from truststats.inference.tests import ModelTest

__all__ = ["ModelTest", "cfi", "fit_measures", "nfi", "rmsea", "srmr", "tli"]
