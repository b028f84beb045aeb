"""What a report is written from: a study's parts, or what a single fit can give of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from truststats.errors import OptionError, Problem
from truststats.present.cards.survey import worst_first
from truststats.present.wording.group_words import MIN_N
from truststats.present.wording.labels import Labels, labels_of
from truststats.present.wording.words import Words, words
from truststats.results.part import refuse_part, refuse_small
from truststats.results.verdicts import in_language

__all__ = ["Material", "material_of"]


@dataclass(frozen=True)
class Material:
    """The parts of a report; None where there is no such part.

    Attributes
    ----------
    title : str
        Heading of the report.
    say : Words
        Words of its language.
    labels : Labels
        What the model's variables are called.
    synthetic : bool
        Whether the answers were simulated.
    min_n : int
        Smallest number of people a shown cell may describe.
    fit, survey, instrument, framework, verdicts, rivals, reliability, crosscheck : object
        The results.
    validity : Validity or None
        Whether the scales can be told apart.
    problems : tuple of Problem
        Of the answers and of the fit, worst first.
    options, provenance : mapping
        What was asked for, and what the numbers were computed from.
    groups : GroupComparison or None
        How the claims fare in each group.
    invariance : Invariance or None
        Whether the groups may be compared.
    choice : EstimatorChoice or None
        How the estimator was chosen.
    """

    title: str
    say: Words
    labels: Labels
    synthetic: bool
    min_n: int
    fit: Any
    survey: Any
    instrument: Any
    framework: Any
    verdicts: Any
    rivals: Any
    reliability: Any
    crosscheck: Any
    problems: tuple[Problem, ...]
    options: Mapping[str, Any]
    provenance: Mapping[str, Any]
    groups: Any = None
    invariance: Any = None
    validity: Any = None
    choice: Any = None

    @property
    def language(self) -> str:
        """Language code."""
        return self.say.language

    @cached_property
    def standardized(self) -> Any:
        """The standardised solution, computed once."""
        return self.fit.standardized()


def material_of(value: Any, language: str | None = None) -> Material:
    """Return what the report of a study or a fit is written from.

    Parameters
    ----------
    value : StudyResult or Fit
        What to report.
    language : str, optional
        Language code; None takes the study's, or English.

    Raises
    ------
    OptionError
        If the value is neither a study nor a fit.
    """
    if hasattr(value, "fit") and hasattr(value, "verdicts") and hasattr(value, "title"):
        return _of_study(value, language)
    if hasattr(value, "pooled"):
        raise OptionError(
            "There is no report of pooled imputations.",
            why="a report's checks and figures are of answers, and there are several sets of them",
            fix="use ts.table(fit), or report a fit with missing='ml'",
        )
    if hasattr(value, "fit_measures") and hasattr(value, "tidy"):
        return _of_fit(value, language)
    raise OptionError(
        f"There is no report of a {type(value).__name__}.",
        fix="give a study (ts.study(...)) or a fit (ts.fit(...))",
    )


def _of_study(study: Any, language: str | None) -> Material:
    say = words(language or study.language)
    options = dict(study.options)
    return Material(
        title=study.title,
        say=say,
        labels=labels_of(study.fit, say.language),
        synthetic=study.synthetic,
        min_n=int(options.get("min_n", 5)),
        fit=study.fit,
        survey=study.survey,
        instrument=study.instrument,
        framework=study.framework,
        verdicts=study.verdicts,
        rivals=study.rivals,
        reliability=study.reliability,
        crosscheck=study.crosscheck,
        problems=_problems(study.checks, study.fit),
        options=options,
        provenance=study.provenance,
        groups=study.groups,
        invariance=study.invariance,
        validity=study.validity,
        choice=study.choice,
    )


def _of_fit(fit: Any, language: str | None) -> Material:
    say = words(language)
    _refuse_small(fit)
    survey, framework = fit.survey, fit.framework
    instrument = getattr(survey, "instrument", None)
    title = say("card.fit")
    if framework is not None:
        title = in_language(framework.title, say.language)
    return Material(
        title=title,
        say=say,
        labels=labels_of(fit, say.language),
        synthetic=fit.synthetic,
        min_n=5,
        fit=fit,
        survey=survey,
        instrument=instrument,
        framework=framework,
        verdicts=fit.verdicts() if framework is not None else None,
        rivals=None,
        reliability=fit.reliability(),
        crosscheck=None,
        problems=_problems(survey.check() if survey is not None else (), fit),
        options=fit.options,
        provenance=fit.provenance,
    )


def _refuse_small(fit: Any) -> None:
    """Refuse a report whose numbers would stand for a handful of people."""
    refuse_part(fit, "A report")
    refuse_small(fit, "a report of their results would describe single persons", MIN_N)


def _problems(checks: Any, fit: Any) -> tuple[Problem, ...]:
    """Return the problems of the fit and of the answers, worst first, each once."""
    found = dict.fromkeys((p.code, p.message, p.group) for p in (*fit.problems, *checks))
    by_key = {(p.code, p.message, p.group): p for p in (*checks, *fit.problems)}
    return worst_first([by_key[key] for key in found])
