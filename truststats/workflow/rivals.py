"""`rivals`: the framework's rival explanations on the same answers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from truststats.errors import (
    ConvergenceError,
    DataError,
    IdentificationError,
    NotSupportedError,
)
from truststats.framework import Framework, Rival
from truststats.options import choose
from truststats.results.fit import Fit
from truststats.results.part import refuse_part
from truststats.results.rivals import Relation, RivalRow, Rivals
from truststats.workflow.difference import difference
from truststats.workflow.fit import refit
from truststats.workflow.models import answered_instrument
from truststats.workflow.nesting import net
from truststats.workflow.verdicts import framework_of

__all__ = ["rivals"]

#: Difference in BIC from which a model counts as fitting better (Raftery 1995: "very strong").
CLEAR = 10.0
#: P-value of the scaled difference below which ordinal models differ: with some hundred people and
#: more a difference of BIC of 10 asks for about as much (Raftery 1995).
CLEAR_P = 0.001

_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "fits worse": {
        "en": "It fits clearly worse than the framework's model, so these answers speak against "
        "it.",
        "nb": "Den passer klart dårligere enn rammeverkets modell, så disse svarene taler mot den.",
    },
    "fits as well": {
        "en": "It fits about as well, so these answers do not decide between the two.",
        "nb": "Den passer omtrent like godt, så disse svarene avgjør ikke mellom de to.",
    },
    "fits better": {
        "en": "It fits clearly better than the framework's model; the claims must be read with "
        "that in mind.",
        "nb": "Den passer klart bedre enn rammeverkets modell; påstandene må leses i det lyset.",
    },
    "equivalent": {
        "en": "It implies exactly the same covariances, so no answers of this kind can tell the "
        "two apart.",
        "nb": "Den innebærer nøyaktig de samme kovariansene, så ingen svar av dette slaget kan "
        "skille de to.",
    },
    "not compared": {
        "en": "Neither model contains the other, and ordinal fits have no information criterion: "
        "look at both fits side by side, or compare by BIC with estimator='MLR'.",
        "nb": "Ingen av modellene inneholder den andre, og ordinale modeller har ikke noe "
        "informasjonskriterium: se på begge side om side, eller sammenlign med BIC ved "
        "estimator='MLR'.",
    },
    "not estimated": {
        "en": "It could not be estimated on these answers, or not admissibly.",
        "nb": "Den kunne ikke estimeres på disse svarene, eller ikke med en gyldig løsning.",
    },
}
_NOTE: Mapping[str, str] = {
    "en": "Compared by BIC on the same answers; a difference under 10 does not decide. "
    "Equivalence is checked by fitting each model to what the other implies.",
    "nb": "Sammenlignet med BIC på de samme svarene; en forskjell under 10 avgjør ikke. "
    "Ekvivalens er prøvd ved å tilpasse hver modell til det den andre innebærer.",
}
_NOTE_ITEMS: Mapping[str, str] = {
    "en": "Compared on the same answers by the scaled test of the difference, where one model "
    "contains the other; a p-value of .001 or more does not decide. Nesting and equivalence are "
    "checked by fitting each model to what the other implies.",
    "nb": "Sammenlignet på de samme svarene med den skalerte testen av forskjellen, der den ene "
    "modellen inneholder den andre; en p-verdi på 0,001 eller mer avgjør ikke. Nøsting og "
    "ekvivalens er prøvd ved å tilpasse hver modell til det den andre innebærer.",
}


def _row(rival: Rival, own: Fit, framework: Framework) -> RivalRow:
    """Return one rival's fit and what follows."""
    model = framework.rival_model(
        rival.key, answered_instrument(own.survey), controls=own.partable.ov_x
    )
    try:
        other = refit(own, model)
    except (DataError, IdentificationError, ConvergenceError):
        return _not_estimated(rival)
    if not (other.converged and other.admissible):
        return _not_estimated(rival)
    measures, nan = other.fit_measures, math.nan
    gap, pvalue = nan, nan
    if own.partable.levels:
        relation, pvalue = _by_test(own, other)
    else:
        gap = float(measures["bic"] - own.fit_measures["bic"])
        relation = _by_bic(own, other, gap)
    best = other.glance().iloc[0]
    return RivalRow(
        key=rival.key,
        label=rival.label,
        chisq=other.chisq,
        df=float(other.df),
        cfi=float(best[next(k for k in best.index if k.startswith("cfi"))]),
        rmsea=float(best[next(k for k in best.index if k.startswith("rmsea"))]),
        srmr=float(measures["srmr"]),
        aic=float(measures.get("aic", nan)),
        bic=float(measures.get("bic", nan)),
        delta_bic=gap,
        relation=relation,
        sentence=_SENTENCES[relation],
        pvalue_diff=pvalue,
    )


def _by_bic(own: Fit, other: Fit, gap: float) -> Relation:
    """Return how a rival fares by its BIC."""
    near = other.df == own.df and abs(gap) <= CLEAR
    if near and net(own, other).relation == "equivalent":
        return "equivalent"
    if abs(gap) <= CLEAR:
        return "fits as well"
    return "fits worse" if gap > 0.0 else "fits better"


def _by_test(own: Fit, other: Fit) -> tuple[Relation, float]:
    """Return how a rival of ordinal items fares, and the p-value that says so."""
    try:
        found = net(other, own).relation
    except ConvergenceError:
        return "not compared", math.nan
    if found == "equivalent":
        return "equivalent", math.nan
    if found == "not nested":
        return "not compared", math.nan
    smaller = found == "a in b"
    try:
        pvalue = difference(*((other, own) if smaller else (own, other))).pvalue
    except NotSupportedError:
        return "not compared", math.nan
    if not pvalue < CLEAR_P:
        return "fits as well", pvalue
    return ("fits worse" if smaller else "fits better"), pvalue


def _not_estimated(rival: Rival) -> RivalRow:
    nan = math.nan
    return RivalRow(
        rival.key, rival.label, nan, nan, nan, nan, nan, nan, nan, nan, "not estimated",
        _SENTENCES["not estimated"],
    )  # fmt: skip


def rivals(fit: Fit, keys: list[str] | None = None) -> Rivals:
    """Return how each rival of the framework fares on the answers of a fit.

    Parameters
    ----------
    fit : Fit
        Of a framework, on a survey.
    keys : list of str, optional
        Only these rivals.

    Raises
    ------
    DefinitionError
        If the fit does not come from a framework.
    DataError
        If it was not fitted to a survey.
    ConvergenceError
        If it did not converge.

    Notes
    -----
    A rival "fits worse" or "fits better" when its BIC differs by more than 10, else "as well";
    it is "equivalent" when each model reproduces the other's implied moments (`net`). Fits of
    ordinal items have no BIC: where one model contains the other, the scaled difference decides at
    p < .001, else the two are "not compared".
    """
    refuse_part(fit, "A comparison with rivals")
    framework = framework_of(fit)
    if not fit.converged:
        raise ConvergenceError(
            "Rivals are held against a fit that did not converge.",
            fix="look at its problems first",
        )
    if fit.survey is None or fit.survey.instrument is None:
        raise DataError("Rivals need a fit to a survey with an instrument.")
    known = {rival.key: rival for rival in framework.rivals}
    chosen = [choose("keys", key, known) for key in keys] if keys else list(known)
    rows = tuple(_row(known[key], fit, framework) for key in chosen)
    note = _NOTE_ITEMS if fit.partable.levels else _NOTE
    return Rivals(rows, note, synthetic=fit.synthetic)
