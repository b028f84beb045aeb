"""Frozen results: what a fit, a set of verdicts, rivals or a whole study hold."""

from __future__ import annotations

from truststats.results.aggregation import Aggregation
from truststats.results.bootstrap import Bootstrap
from truststats.results.crosscheck import Crosscheck
from truststats.results.efa import FactorAnalysis
from truststats.results.estimator_choice import EstimatorChoice
from truststats.results.fit import Fit
from truststats.results.n_factors import FactorCount
from truststats.results.nesting import Nesting
from truststats.results.polychoric import Polychoric
from truststats.results.rivals import RivalRow, Rivals
from truststats.results.store import read_fit, save_fit
from truststats.results.study import StudyResult
from truststats.results.unit_comparison import UnitComparison
from truststats.results.verdicts import Verdict, Verdicts

__all__ = [
    "Aggregation",
    "Bootstrap",
    "Crosscheck",
    "EstimatorChoice",
    "FactorAnalysis",
    "FactorCount",
    "Fit",
    "Nesting",
    "Polychoric",
    "RivalRow",
    "Rivals",
    "StudyResult",
    "UnitComparison",
    "Verdict",
    "Verdicts",
    "read_fit",
    "save_fit",
]
