"""Cards of what was estimated: a fit and a model."""

from __future__ import annotations

from typing import Any

from truststats.present.card import Card
from truststats.present.measures import Measures, measures_of
from truststats.present.numbers import fixed, integer, interval, p_text
from truststats.present.words import Words, words

__all__ = ["fit_card", "fit_facts", "model_card"]

Facts = list[tuple[str, str]]


def fit_card(fit: Any, language: str, plain: bool) -> Card:
    """Return the card of a fit: problems, then model, rows, estimator, tests and fit."""
    say = words(language)
    return Card(
        say("card.fit"),
        problems=tuple(fit.problems),
        facts=tuple(fit_facts(fit, language, plain)),
        language=say.language,
    )


def fit_facts(fit: Any, language: str, plain: bool = False) -> Facts:
    """Return what a fit's card says, as label and value.

    Parameters
    ----------
    fit : Fit
        The fit.
    language : str
        Language code.
    plain : bool
        Whether numbers use only characters of ASCII.
    """
    say = words(language)
    facts = [] if fit.converged else [(say("fact.converged"), say("fact.converged_no"))]
    return facts + _design_facts(fit, say, plain) + _measure_facts(measures_of(fit), say, plain)


def _design_facts(fit: Any, say: Words, plain: bool) -> Facts:
    code = say.language
    names = fit.model
    shape = say(
        "fact.model_value",
        latents=len(names.latents),
        observed=len(names.observed),
        paths=sum(op == "~" for op in fit.partable.op),
        npar=fit.npar,
    )
    used = integer(fit.nobs, code, plain=plain)
    given = integer(fit.n_rows, code, plain=plain)
    se = fit.se_type
    clusters = say("fact.clusters_none")
    if fit.n_clusters is not None:
        count = integer(fit.n_clusters, code, plain=plain)
        clusters = say("fact.clusters_value", n=count, name=fit.cluster)
        se = say("fact.se_cluster", se=se) if "cluster" not in se else se
    return [
        (say("fact.model"), shape),
        (say("fact.rows"), say("fact.rows_used", used=used, given=given)),
        (say("fact.missing"), _missing(fit, say, plain)),
        (say("fact.estimator"), fit.estimator),
        (say("fact.se"), se),
        (say("fact.clusters"), clusters),
    ]


def _missing(fit: Any, say: Words, plain: bool) -> str:
    if fit.missing == "listwise":
        return say("fact.missing_listwise")
    patterns = integer(fit.n_patterns, say.language, plain=plain)
    return say("fact.missing_ml", patterns=patterns)


def _measure_facts(found: Measures, say: Words, plain: bool) -> Facts:
    code = say.language

    def bounded(value: float) -> str:
        return fixed(value, 3, code, bounded=True, plain=plain)

    def version(text: str, kind: str) -> str:
        return say(f"fact.variant_{kind}", value=text) if kind else text

    chisq = say(
        "fact.chisq_value",
        chisq=fixed(found.chisq, 2, code, plain=plain),
        df=found.df,
        p=p_text(found.pvalue, code, plain=plain),
    )
    ci = interval(found.rmsea_lower, found.rmsea_upper, 3, code, bounded=True, plain=plain)
    rmsea = say("fact.rmsea_value", rmsea=bounded(found.rmsea), ci=ci)
    return [
        (say("fact.chisq"), version(chisq, "scaled" if found.scaled else "")),
        (say("fact.cfi"), version(bounded(found.cfi), found.robust)),
        (say("fact.rmsea"), version(rmsea, found.robust)),
        (say("fact.srmr"), bounded(found.srmr)),
    ]


def model_card(model: Any, language: str, plain: bool) -> Card:
    """Return the card of a model: its size and its lavaan text."""
    say = words(language)
    facts = [
        (say("card.latents"), ", ".join(model.latents)),
        (say("card.observed"), str(len(model.observed))),
    ]
    if model.recode:
        facts.append((say("common.reversed"), ", ".join(model.recode)))
    return Card(
        say("card.model"),
        facts=tuple((label, value) for label, value in facts if value),
        code=str(model),
        language=say.language,
    )
