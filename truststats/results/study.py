"""Everything one study found: what the report, the tables and `results.json` are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from truststats import _bridge
from truststats.results.comparison import GroupComparison
from truststats.results.estimator_choice import EstimatorChoice
from truststats.results.invariance import Invariance
from truststats.results.rivals import Rivals
from truststats.results.validity import Validity
from truststats.results.verdicts import Verdicts

__all__ = ["StudyResult"]


@dataclass(frozen=True, repr=False)
class StudyResult:
    """The parts of a study, from questionnaire to verdict.

    Attributes
    ----------
    title : str
        The study's title.
    language : str
        Language of everything shown (``"en"``, ``"nb"``).
    synthetic : bool
        Whether the answers were simulated; every page then says so.
    survey, instrument, framework, fit : object
        The answers, the questionnaire, the claims and the estimated model.
    verdicts : Verdicts
        One row a claim.
    rivals : Rivals or None
        Rival models on the same answers.
    reliability : pandas.DataFrame or None
        One row a construct and coefficient.
    crosscheck : object or None
        The same model by a second engine.
    bootstrap : object or None
        Resampled estimates.
    checks : tuple of Problem
        What `survey.check()` found.
    options : mapping
        What was asked for.
    provenance : mapping
        Data hash, instrument hash, versions, seed.
    groups : GroupComparison or None
        The same model in every group, where the answers have groups.
    invariance : Invariance or None
        Whether the same items measure the same thing in every group.
    validity : Validity or None
        Whether the scales can be told apart.
    choice : EstimatorChoice or None
        How the estimator was chosen.
    """

    title: str
    language: str
    synthetic: bool
    survey: Any
    instrument: Any
    framework: Any
    fit: Any
    verdicts: Verdicts
    rivals: Rivals | None = None
    reliability: Any = None
    crosscheck: Any = None
    bootstrap: Any = None
    checks: Any = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    groups: GroupComparison | None = None
    invariance: Invariance | None = None
    validity: Validity | None = None
    choice: EstimatorChoice | None = None

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
