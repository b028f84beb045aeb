"""The verbs: they orchestrate; the decision rule of verdicts lives here too."""

from __future__ import annotations

from truststats.workflow.aggregation import aggregation
from truststats.workflow.alignment import alignment
from truststats.workflow.bootstrap import bootstrap
from truststats.workflow.compare import compare
from truststats.workflow.compare_units import compare_units
from truststats.workflow.crosscheck import crosscheck
from truststats.workflow.efa import efa
from truststats.workflow.estimator_rule import choose_estimator
from truststats.workflow.few_clusters import score_bootstrap
from truststats.workflow.fit import fit
from truststats.workflow.impute import impute
from truststats.workflow.instrument_change import compare_instruments
from truststats.workflow.invariance import invariance
from truststats.workflow.n_factors import n_factors
from truststats.workflow.nesting import net
from truststats.workflow.polychoric import polychoric
from truststats.workflow.reliability import reliability
from truststats.workflow.rivals import rivals
from truststats.workflow.verdicts import verdicts

__all__ = [
    "aggregation",
    "alignment",
    "bootstrap",
    "choose_estimator",
    "compare",
    "compare_instruments",
    "compare_units",
    "crosscheck",
    "efa",
    "fit",
    "impute",
    "invariance",
    "n_factors",
    "net",
    "polychoric",
    "reliability",
    "rivals",
    "score_bootstrap",
    "verdicts",
]
