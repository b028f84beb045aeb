"""The card of any truststats value, as plain text and as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from truststats.errors import Problem
from truststats.present.cards import alignment as cards_alignment
from truststats.present.cards import change as cards_change
from truststats.present.cards import design as cards_design
from truststats.present.cards import estimator as cards_estimator
from truststats.present.cards import explore as cards_explore
from truststats.present.cards import fit as cards_fit
from truststats.present.cards import invariance as cards_invariance
from truststats.present.cards import result as cards_result
from truststats.present.cards import survey as cards_survey
from truststats.present.cards import units as cards_units
from truststats.present.cards import validity as cards_validity
from truststats.present.cards.card import Card, card_html, card_text
from truststats.present.tables.fit import r_square_table
from truststats.present.tables.table import table
from truststats.present.wording.words import words
from truststats.survey.synthetic import is_synthetic

__all__ = ["card", "html_card", "summary", "text_card"]

Builder = Callable[[Any, str, bool], Card]

_BUILDERS: dict[str, Builder] = {
    "Aggregation": cards_units.aggregation_card,
    "AlignmentResult": cards_alignment.alignment_card,
    "Bootstrap": cards_result.bootstrap_card,
    "Checks": cards_survey.checks_card,
    "Claim": cards_design.claim_card,
    "Construct": cards_design.construct_card,
    "EstimatorChoice": cards_estimator.choice_card,
    "FactorAnalysis": cards_explore.efa_card,
    "FactorCount": cards_explore.count_card,
    "Fit": cards_fit.fit_card,
    "Framework": cards_design.framework_card,
    "GroupComparison": cards_result.comparison_card,
    "Instrument": cards_design.instrument_card,
    "InstrumentChange": cards_change.change_card,
    "InstrumentLink": cards_change.link_card,
    "Invariance": cards_invariance.invariance_card,
    "Item": cards_design.item_card,
    "MethodBias": cards_validity.method_card,
    "Model": cards_fit.model_card,
    "Nesting": cards_result.nesting_card,
    "PooledFit": cards_fit.pooled_card,
    "Rivals": cards_result.rivals_card,
    "StudyResult": cards_result.study_card,
    "Survey": cards_survey.survey_card,
    "UnitComparison": cards_units.units_card,
    "Validity": cards_validity.validity_card,
    "Verdict": cards_result.verdict_card,
    "Verdicts": cards_result.verdicts_card,
}


def text_card(value: Any, language: str = "en") -> str:
    """Return the plain-text card of a value: at most 80 columns, problems first.

    Parameters
    ----------
    value : object
        A fit, survey, check, construct, questionnaire, framework, claim, verdicts, rivals,
        model, study, or a tuple of problems; any other result shows its short values.
    language : str
        Language code.
    """
    return card_text(card(value, language, plain=True))


def html_card(value: Any, language: str = "en") -> str:
    """Return the HTML card of a value: escaped, without ids, the same every time.

    Parameters
    ----------
    value : object
        As for `text_card`.
    language : str
        Language code.
    """
    return card_html(card(value, language, plain=False))


def card(value: Any, language: str = "en", *, plain: bool = False) -> Card:
    """Return the card of a value, before it is text or HTML.

    Parameters
    ----------
    value : object
        As for `text_card`.
    language : str
        Language code.
    plain : bool
        Whether numbers use only characters of ASCII.
    """
    made = _built(value, language, plain)
    banner = words(language)("common.synthetic") if is_synthetic(value) else made.banner
    return replace(made, banner=banner)


def _built(value: Any, language: str, plain: bool) -> Card:
    for cls in type(value).__mro__:
        if cls.__module__.startswith("truststats") and cls.__name__ in _BUILDERS:
            return _BUILDERS[cls.__name__](value, language, plain)
    if isinstance(value, Problem):
        return cards_survey.problems_card((value,), language, plain)
    if _holds_problems(value):
        return cards_survey.problems_card(tuple(value), language, plain)
    return cards_result.other_card(value, language, plain)


def _holds_problems(value: object) -> bool:
    return isinstance(value, Sequence) and all(isinstance(one, Problem) for one in value)


def summary(fit: Any, language: str = "en") -> str:
    """Return the full text summary of a fit: card, estimates and explained variance.

    Parameters
    ----------
    fit : Fit
        The fit.
    language : str
        Language code.
    """
    parts = [text_card(fit, language), table(fit, language).text()]
    if len(fit.r_square):
        parts.append(r_square_table(fit, words(language)).text())
    return "\n\n".join(parts)
