"""Frozen results: what a fit, a set of verdicts, rivals or a whole study hold."""

from __future__ import annotations

from truststats.results.fit import Fit
from truststats.results.rivals import RivalRow, Rivals
from truststats.results.study import StudyResult
from truststats.results.verdicts import Verdict, Verdicts

__all__ = ["Fit", "RivalRow", "Rivals", "StudyResult", "Verdict", "Verdicts"]
