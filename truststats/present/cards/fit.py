"""Cards of what was estimated: a fit and a model."""

from __future__ import annotations

from typing import Any

from truststats.present.cards.card import Card
from truststats.present.wording.group_words import equal_words, group_sizes
from truststats.present.wording.measures import Measures, measures_of
from truststats.present.wording.numbers import degrees, fixed, integer, interval, p_text
from truststats.present.wording.words import Words, words

__all__ = ["Facts", "fit_card", "fit_facts", "measure_facts", "model_card", "pooled_card"]

Facts = list[tuple[str, str]]


def fit_card(fit: Any, language: str, plain: bool) -> Card:
    """Return the card of a fit: problems, then model, rows, estimator, tests and fit."""
    say = words(language)
    part = getattr(fit, "part", None)
    return Card(
        say("card.fit"),
        say("card.part", group=part) if part else "",
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
    facts += _design_facts(fit, say, plain)
    if fit.part is not None:
        return [*facts, (say("fact.joint"), say("fact.joint_value"))]
    return facts + measure_facts(measures_of(fit), say, plain)


def _group_facts(fit: Any, say: Words, plain: bool) -> Facts:
    """Return the groups with their sizes, and what is equal over them."""
    if not fit.groups:
        return []
    named = group_sizes(fit, say, plain=plain)
    equal, free = equal_words(fit, say)
    equal = equal or say("fact.equal_none")
    if free:
        equal = say("fact.equal_except", equal=equal, free=free)
    return [
        (say("fact.groups"), say("fact.groups_value", groups=named, name=fit.options["group"])),
        (say("fact.equal"), equal),
    ]


def _design_facts(fit: Any, say: Words, plain: bool) -> Facts:
    code = say.language
    names = fit.model
    shape = say(
        "fact.model_value",
        latents=len(names.latents),
        observed=len(names.observed),
        paths=sum(op == "~" for op in fit.partable.op) // max(1, len(fit.groups)),
        npar=fit.npar,
    )
    used = integer(fit.nobs, code, plain=plain)
    given = integer(fit.n_rows, code, plain=plain)
    rows = say("fact.rows_used", used=used, given=given)
    se = fit.se_type
    clusters = say("fact.clusters_none")
    if fit.n_clusters is not None:
        count = integer(fit.n_clusters, code, plain=plain)
        clusters = say("fact.clusters_value", n=count, name=fit.cluster)
        se = say("fact.se_cluster", se=se) if "cluster" not in se else se
    return [
        (say("fact.model"), shape),
        *([] if fit.options.get("hidden") else [(say("fact.rows"), rows)]),
        *_group_facts(fit, say, plain),
        (say("fact.missing"), _missing(fit, say, plain)),
        (say("fact.estimator"), fit.estimator),
        (say("fact.se"), se),
        (say("fact.clusters"), clusters),
        *_sampling_facts(fit, say, plain),
    ]


def _sampling_facts(fit: Any, say: Words, plain: bool) -> Facts:
    found: Facts = []
    name = fit.options.get("sampling_weights")
    if name is not None:
        worth = fit.effective_n
        text = say("fact.weights_named", name=name)
        if worth is not None:
            n = integer(round(worth), say.language, plain=plain)
            text = say("fact.weights_value", name=name, n=n)
        found.append((say("fact.weights"), text))
    if fit.options.get("strata") is not None:
        found.append((say("fact.strata"), fit.options["strata"]))
    return found


def _missing(fit: Any, say: Words, plain: bool) -> str:
    if fit.missing == "listwise":
        return say("fact.missing_listwise")
    patterns = integer(fit.n_patterns, say.language, plain=plain)
    kind = "two_stage" if "two.stage" in fit.missing else "ml"
    kind = "pairwise" if fit.missing == "pairwise" else kind
    text = say(f"fact.missing_{kind}", patterns=patterns)
    names = ", ".join(fit.options.get("auxiliary") or ())
    return say("fact.missing_auxiliary", text=text, names=names) if names else text


def measure_facts(found: Measures, say: Words, plain: bool) -> Facts:
    """Return the test and the fit measures of a card, each named with its version."""
    code = say.language

    def bounded(value: float) -> str:
        return fixed(value, 3, code, bounded=True, plain=plain)

    def version(text: str, kind: str) -> str:
        return say(f"fact.variant_{kind}", value=text) if kind else text

    chisq = say(
        "fact.chisq_value",
        chisq=fixed(found.chisq, 2, code, plain=plain),
        df=degrees(found.df, code, plain=plain),
        p=p_text(found.pvalue, code, plain=plain),
    )
    ci = interval(found.rmsea_lower, found.rmsea_upper, 3, code, bounded=True, plain=plain)
    rmsea = say("fact.rmsea_value", rmsea=bounded(found.rmsea), ci=ci)
    return [
        (say("fact.chisq"), version(chisq, found.kind or ("scaled" if found.scaled else ""))),
        (say("fact.cfi"), version(bounded(found.cfi), found.robust)),
        (say("fact.rmsea"), version(rmsea, found.robust)),
        (say("fact.srmr"), bounded(found.srmr)),
    ]


def pooled_card(pooled: Any, language: str, plain: bool) -> Card:
    """Return the card of pooled fits: problems, imputations, pooled test and fit."""
    say = words(language)
    code = say.language
    test = pooled.d3

    def number(value: float) -> str:
        return fixed(value, 2, code, plain=plain)

    given = integer(pooled.imputations, code, plain=plain)
    facts = _design_facts(pooled.pooled, say, plain)
    facts = [fact for fact in facts if fact[0] != say("fact.missing")]
    facts.append((say("fact.imputations"), say("fact.imputations_value", m=pooled.m, given=given)))
    line = say(
        "fact.pooled_test_value", f=number(test.f), df1=int(test.df1),
        df2=number(test.df2), p=p_text(test.pvalue, code, plain=plain),
    )  # fmt: skip
    facts.append((say("fact.pooled_test"), line))
    facts += measure_facts(measures_of(pooled.pooled), say, plain)
    return Card(
        say("card.pooled"),
        problems=tuple(pooled.problems),
        facts=tuple(facts),
        language=say.language,
    )


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
