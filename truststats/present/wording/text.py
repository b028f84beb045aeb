"""Sentences for a paper and plain words for a reader, in each language."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from truststats.present.tables.make import SUMMED, coefficient_words, reliability_labels
from truststats.present.wording.group_words import equal_words, group_sizes, in_group
from truststats.present.wording.measures import Measures, measures_of
from truststats.present.wording.numbers import degrees, fixed, integer, interval, p_text
from truststats.present.wording.words import Words, words

__all__ = [
    "MeasureWords",
    "apa",
    "claim_sentence",
    "fit_sentence",
    "measure_words",
    "reliability_sentences",
]


@dataclass(frozen=True)
class MeasureWords:
    """One fit measure: its name, its value as shown, and what that means in plain words."""

    name: str
    value: str
    meaning: str


def apa(value: Any, language: str = "en") -> tuple[str, ...]:
    """Return the APA sentences of a value, ready to be pasted.

    Parameters
    ----------
    value : Fit, Verdicts, Verdict or pandas.DataFrame
        A frame is one of `reliability`.
    language : str
        Language code.
    """
    if isinstance(value, pd.DataFrame):
        return reliability_sentences(value, language)
    if hasattr(value, "rows") and hasattr(value, "frame"):
        return tuple(claim_sentence(row, language) for row in value)
    if hasattr(value, "claim_id"):
        return (claim_sentence(value, language),)
    return (fit_sentence(value, language),)


def fit_sentence(fit: Any, language: str = "en") -> str:
    """Return how the model was estimated and how it fits, in one APA sentence.

    Parameters
    ----------
    fit : Fit
        The fit.
    language : str
        Language code.
    """
    say = words(language)
    code = say.language
    clusters = ""
    if fit.n_clusters is not None:
        clusters = say("apa.clusters", n=integer(fit.n_clusters, code), name=fit.cluster)
    groups = ""
    if getattr(fit, "groups", ()):
        named, (equal, _) = group_sizes(fit, say), equal_words(fit, say)
        groups = say("apa.groups", count=len(fit.groups), groups=named)
        groups += say("apa.equal", equal=equal) if equal else ""
    found = measures_of(fit)
    sentence = say(
        "apa.fit",
        method=_method(fit, say),
        clusters=groups + clusters,
        n=say("apa.n", n=integer(fit.nobs, code)),
        measures=", ".join(_measure_list(found, say)),
    )
    return f"{sentence} {say('apa.robust_note')}" if found.robust == "robust" else sentence


def _method(fit: Any, say: Words) -> str:
    if fit.partable.levels:
        kind = "pairwise" if fit.missing == "pairwise" else "listwise"
        return say(f"apa.estimator_items_{kind}", estimator=fit.estimator)
    if "two.stage" in fit.missing:
        return say("apa.estimator_two_stage")
    base = "ml" if fit.missing == "ml" else "listwise"
    key = f"apa.estimator_{base}" + ("_mlr" if fit.estimator == "MLR" else "")
    if fit.estimator in ("ML", "MLR"):
        return say(key)
    return say("apa.estimator_other", estimator=fit.estimator)


def _measure_list(found: Measures, say: Words) -> list[str]:
    code = say.language

    def bounded(value: float) -> str:
        return fixed(value, 3, code, bounded=True)

    ci = interval(found.rmsea_lower, found.rmsea_upper, 3, code, bounded=True)
    chisq = "apa.chisq_scaled" if found.scaled else "apa.chisq"
    parts = [
        say(
            chisq,
            df=degrees(found.df, code),
            value=fixed(found.chisq, 2, code),
            p=p_text(found.pvalue, code),
        ),
        say("apa.cfi", value=bounded(found.cfi)),
        say("apa.rmsea", value=bounded(found.rmsea), ci=ci),
    ]
    if math.isfinite(found.srmr):
        parts.append(say("apa.srmr", value=bounded(found.srmr)))
    return parts


def claim_sentence(row: Any, language: str = "en") -> str:
    """Return what the answers say about one claim, in one APA sentence.

    Parameters
    ----------
    row : Verdict
        The claim with its estimate and verdict.
    language : str
        Language code.
    """
    say = words(language)
    code = say.language
    sesoi = fixed(row.sesoi, 2, code, bounded=True)
    verdict = say(f"apa.verdict_{row.verdict}")
    verdict = verdict.format(sesoi=sesoi) if "{" in verdict else verdict
    statement = row.statement_for(code)
    if not math.isfinite(row.estimate):
        nothing = say("apa.claim_none", statement=statement, verdict=verdict)
        return in_group(row.group, nothing, say)
    sentence = say(
        "apa.claim",
        statement=statement,
        estimate=fixed(row.estimate, 2, code, bounded=True),
        ci=interval(row.ci_lower, row.ci_upper, 2, code, bounded=True),
        p=p_text(row.pvalue, code),
        verdict=verdict,
    )
    return in_group(row.group, sentence, say)


def reliability_sentences(frame: pd.DataFrame, language: str = "en") -> tuple[str, ...]:
    """Return the range of each coefficient of a sum of items, one sentence each.

    Parameters
    ----------
    frame : pandas.DataFrame
        What `reliability` returns: construct, label, coefficient, value.
    language : str
        Language code.
    """
    say = words(language)
    if "group" in frame.columns:
        sides = frame.drop(columns="group").groupby(frame["group"], sort=False)
        return tuple(
            in_group(str(name), sentence, say)
            for name, side in sides
            for sentence in reliability_sentences(side, language)
        )
    frame = frame[frame["coefficient"].isin(SUMMED)]
    frame = frame.assign(label=reliability_labels(frame, say))
    sentences = []
    for name, part in frame.dropna(subset=["value"]).groupby("coefficient", sort=False):
        part = part.sort_values("value", kind="stable")
        low, high = part.iloc[0], part.iloc[-1]
        coefficient = coefficient_words(str(name), say)
        coefficient = coefficient[:1].upper() + coefficient[1:]
        if len(part) == 1:
            values = {"value": _two(low["value"], say), "label": _called(low, say)}
            sentences.append(say("apa.reliability_one", coefficient=coefficient, **values))
            continue
        sentences.append(
            say(
                "apa.reliability",
                coefficient=coefficient,
                low=_two(low["value"], say),
                low_label=_called(low, say),
                high=_two(high["value"], say),
                high_label=_called(high, say),
            )
        )
    return tuple(sentences)


def _two(value: float, say: Words) -> str:
    return fixed(float(value), 2, say.language, bounded=True)


def _called(row: pd.Series, say: Words) -> str:
    """Return a construct's label inside a sentence."""
    text = str(row["label"])
    return text[:1].lower() + text[1:]


def measure_words(fit: Any, language: str = "en") -> tuple[MeasureWords, ...]:
    """Return each fit measure with what it means; cut-offs are mentioned, never decisive.

    Parameters
    ----------
    fit : Fit
        The fit.
    language : str
        Language code.
    """
    say = words(language)
    found = measures_of(fit)
    known = [_chisq_words(found, integer(fit.nobs, say.language), say)]
    known += [w for w in (_cfi(found, say), _rmsea(found, say), _srmr(found, say)) if w]
    return tuple(known)


def _chisq_words(found: Measures, n: str, say: Words) -> MeasureWords:
    code = say.language
    df = degrees(found.df, code)
    value = f"{fixed(found.chisq, 2, code)} (df {df}), {p_text(found.pvalue, code)}"
    if found.df == 0:
        meaning = say("measure.chisq_zero")
    elif found.pvalue < 0.05:
        meaning = say("measure.chisq_rejected", n=n)
    else:
        meaning = say("measure.chisq_kept")
    return MeasureWords(say("measure.chisq"), value, meaning)


def _cfi(found: Measures, say: Words) -> MeasureWords | None:
    band = _band(found.cfi, (0.90, 0.95), ("low", "middle", "high"))
    return _judged("cfi", found.cfi, band, say)


def _rmsea(found: Measures, say: Words) -> MeasureWords | None:
    band = _band(found.rmsea, (0.05, 0.08), ("low", "middle", "high"))
    ci = interval(found.rmsea_lower, found.rmsea_upper, 3, say.language, bounded=True)
    return _judged("rmsea", found.rmsea, band, say, more=f", {say('common.ci', level=90)} {ci}")


def _srmr(found: Measures, say: Words) -> MeasureWords | None:
    band = _band(found.srmr, (0.05, 0.08), ("low", "middle", "high"))
    return _judged("srmr", found.srmr, band, say)


def _band(value: float, limits: tuple[float, float], names: tuple[str, str, str]) -> str:
    """Return in which of three bands a value lies; a limit belongs to the band below it."""
    return names[sum(value > limit for limit in limits)]


def _judged(name: str, value: float, band: str, say: Words, more: str = "") -> MeasureWords | None:
    if not math.isfinite(value):
        return None
    shown = fixed(value, 3, say.language, bounded=True)
    means = say(f"measure.{name}_means", value=_two(value, say))
    return MeasureWords(
        say(f"measure.{name}"), shown + more, f"{means} {say(f'measure.{name}_{band}')}"
    )
