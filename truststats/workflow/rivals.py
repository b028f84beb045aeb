"""`rivals`: the framework's rival explanations on the same answers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from truststats.errors import ConvergenceError, DataError, IdentificationError
from truststats.framework import Framework, Rival
from truststats.options import choose
from truststats.results.fit import Fit
from truststats.results.part import refuse_part
from truststats.results.rivals import Relation, RivalRow, Rivals
from truststats.workflow.fit import refit
from truststats.workflow.models import answered_instrument
from truststats.workflow.nesting import net
from truststats.workflow.verdicts import framework_of

__all__ = ["rivals"]

#: Difference in BIC from which a model counts as fitting better (Raftery 1995: "very strong").
CLEAR = 10.0

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
    measures = other.fit_measures
    gap = float(measures["bic"] - own.fit_measures["bic"])
    relation: Relation = "fits worse" if gap > CLEAR else "fits as well"
    if gap < -CLEAR:
        relation = "fits better"
    if other.df == own.df and abs(gap) <= CLEAR and net(own, other).relation == "equivalent":
        relation = "equivalent"
    best = other.glance().iloc[0]
    return RivalRow(
        key=rival.key,
        label=rival.label,
        chisq=other.chisq,
        df=float(other.df),
        cfi=float(best[next(k for k in best.index if k.startswith("cfi"))]),
        rmsea=float(best[next(k for k in best.index if k.startswith("rmsea"))]),
        srmr=float(measures["srmr"]),
        aic=float(measures["aic"]),
        bic=float(measures["bic"]),
        delta_bic=gap,
        relation=relation,
        sentence=_SENTENCES[relation],
    )


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
    it is "equivalent" when each model reproduces the other's implied moments (`net`).
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
    return Rivals(rows, _NOTE, synthetic=fit.synthetic)
