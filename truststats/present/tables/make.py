"""Which columns the table of each value has, and how they are headed and formatted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from truststats.errors import OptionError
from truststats.present.cards.result import caveat_words, relation_words, shared_caveats
from truststats.present.cards.survey import rows_counted
from truststats.present.tables.alignment import alignment_table
from truststats.present.tables.change import change_items_table, change_table, link_table
from truststats.present.tables.columns import built
from truststats.present.tables.explore import count_table, efa_table
from truststats.present.tables.fit import bootstrap_table, estimates_table
from truststats.present.tables.groups import groups_table
from truststats.present.tables.invariance import invariance_table
from truststats.present.tables.measures import measures_table
from truststats.present.tables.table import Table
from truststats.present.tables.units import aggregation_table, comparison_table
from truststats.present.tables.validity import method_table, validity_table
from truststats.present.wording.labels import library_label
from truststats.present.wording.problem_words import problem_words
from truststats.present.wording.words import Words
from truststats.results.reliability_frames import FORMULAS
from truststats.results.verdicts import in_language
from truststats.survey.item_counts import shown_items

__all__ = ["SUMMED", "coefficient_words", "make", "missing_answers_table", "reliability_labels"]

SUMMED = ("alpha", "omega", "omega_categorical", "omega_hierarchical")
"""Coefficients of the plain sum of the answers, which figures and sentences show."""

MIN_N = 5
"""Counts of fewer people are hidden in tables of a survey."""


def make(value: Any, say: Words) -> Table:
    """Return the table of a value.

    Parameters
    ----------
    value : object
        See `truststats.present.tables.table.table`.
    say : Words
        Words of the language.

    Raises
    ------
    OptionError
        If there is no table for such a value.
    """
    for cls in type(value).__mro__:
        if cls.__module__.startswith("truststats") and cls.__name__ in _MAKERS:
            return _MAKERS[cls.__name__](value, say)
    if isinstance(value, Table):
        return value
    if isinstance(value, pd.Series):
        return _series(value, say)
    if isinstance(value, pd.DataFrame):
        return _frame(value, say)
    frame = getattr(value, "frame", None)
    frame = frame() if callable(frame) else frame
    if isinstance(frame, pd.DataFrame):
        return _frame(frame, say, say.get(f"table.{type(value).__name__.lower()}", ""))
    raise OptionError(
        f"There is no table of a {type(value).__name__}.",
        fix="give a fit, verdicts, rivals, a survey, its checks, an instrument, or a data frame",
    )


def _verdicts(verdicts: Any, say: Words) -> Table:
    frame = verdicts.frame(say.language)
    frame["verdict"] = [say.get(f"verdict.{v}", v) for v in frame["verdict"]]
    shared = shared_caveats(verdicts)
    frame["caveats"] = [
        "; ".join(caveat_words(c, say) for c in row.caveats if c not in shared) for row in verdicts
    ]
    frame["estimand"] = [say.get(f"estimand.{e}", e) for e in frame["estimand"]]
    names = ["claim_id", "statement", "estimand", "estimate", "ci_lower", "ci_upper", "sesoi"]
    names += ["pvalue", "p_holm", "verdict", "caveats"]
    if verdicts.groups:
        names.insert(0, "group")
    if not frame["caveats"].any():
        names.remove("caveats")
    notes = [say("table.note_one_wave"), say("table.note_standardised"), say("table.note_holm")]
    if shared:
        said = "; ".join(caveat_words(c, say) for c in shared)
        notes.insert(1, say("report.shared_caveats", caveats=said))
    if verdicts.note:
        notes.insert(1, verdicts.note)
    return built(frame[names], say("table.verdicts"), say, notes)


def _rivals(rivals: Any, say: Words) -> Table:
    frame = rivals.frame(say.language).rename(columns={"label": "model"})
    frame["relation"] = [relation_words(r, say) for r in frame["relation"]]
    deciding = "pvalue_diff" if frame["pvalue_diff"].notna().any() else "delta_bic"
    names = ["model", "chisq", "df", "cfi", "rmsea", "srmr", deciding, "relation"]
    note = rivals.note_for(say.language)
    formats = {"pvalue_diff": "p"} if deciding == "pvalue_diff" else None
    return built(frame[names], say("table.rivals"), say, [note] if note else [], formats)


def _crosscheck(crosscheck: Any, say: Words) -> Table:
    """Return the estimates of every engine side by side."""
    headers = {}
    for column in crosscheck.frame.columns:
        if not column.startswith(("est_", "se_")):
            continue
        kind, engine = column.split("_", 1)
        name = say(f"column.{kind}")
        headers[column] = say("column.of_engine", name=name, engine=engine)
    headers["est_truststats_moments"] = say("column.of_moments", name=say("column.est"))
    return built(crosscheck.frame, say("table.crosscheck"), say, headers=headers)


def _checks(checks: Any, say: Words) -> Table:
    frame = checks.frame()
    frame["severity"] = [say(f"severity.{s}") for s in frame["severity"]]
    said = [problem_words(problem, say) for problem in checks]
    frame["message"], frame["remedy"] = [m for m, _ in said], [r for _, r in said]
    frame["rows"] = [", ".join(map(str, rows)) for rows in frame["rows"]]
    notes = rows_counted(checks, say)
    return built(frame, say("table.checks"), say, notes, formats={"rows": "text"})


def missing_answers_table(survey: Any, say: Words, min_n: int = MIN_N) -> Table:
    """Return missing answers by item; counts of a few people are hidden.

    Parameters
    ----------
    survey : Survey
        The answers.
    say : Words
        Words of the language.
    min_n : int
        Smallest count that is shown.
    """
    frame = survey.missingness().reset_index()
    few = shown_items(frame, min_n)["missing"].isna()
    counts = ["valid", "missing", "share_missing"]
    frame[counts] = frame[counts].astype(float).mask(few)
    notes = [say("table.note_suppressed", min_n=min_n)] if few.any() else []
    names = ["item", "valid", "missing", "share_missing"]
    if survey.instrument is not None:
        frame["wording"] = [
            in_language(survey.instrument.item(i).text, say.language) for i in frame["item"]
        ]
        names.insert(1, "wording")
    return built(frame[names], say("table.missingness"), say, notes)


def _instrument(value: Any, say: Words) -> Table:
    """Return the items of an instrument or a construct."""
    constructs = value.constructs if hasattr(value, "constructs") else {value.key: value}
    frame = pd.DataFrame(
        {
            "item": [
                i.name + (f" {say('common.reversed')}" if i.reverse else "") for i in value.items
            ],
            "wording": [in_language(i.text, say.language) for i in value.items],
            "construct": [constructs[i.construct].label_for(say.language) for i in value.items],
        }
    )
    return built(frame, say("table.items"), say)


def _series(series: pd.Series, say: Words) -> Table:
    if "rmsea" in series.index:
        return measures_table(series, say)
    if series.index.nlevels > 1:
        return _frame(series.rename("value").reset_index(), say)
    frame = series.rename("value").rename_axis("measure").reset_index()
    frame["measure"] = frame["measure"].astype(str)
    return built(frame, say("table.generic"), say, formats={"value": "f3"})


def _frame(frame: pd.DataFrame, say: Words, title: str = "") -> Table:
    """Return the table of any frame; one of reliability is recognised by its columns."""
    if {"coefficient", "value", "construct"} <= set(frame.columns):
        return _reliability(frame, say)
    if {"new_item", "details", "anchor"} <= set(frame.columns):
        return change_items_table(frame, say)
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    frame = frame.rename(columns=str)
    formats = {} if "ci_upper" in frame.columns else {"ci_lower": "b2"}
    text = {c: "text" for c in frame.columns if frame[c].dtype.kind not in "ifu"}
    return built(frame, title, say, formats=formats | text)


def _reliability(frame: pd.DataFrame, say: Words) -> Table:
    out = frame.copy()
    out["coefficient"] = [coefficient_words(c, say) for c in out["coefficient"]]
    out["label"] = reliability_labels(out, say)
    if "formula" in out.columns:
        out["formula"] = [_formula(str(f), say) for f in out["formula"]]
    order = ["group", "label", "coefficient", "value", "ci_lower", "ci_upper", "n_items", "n"]
    names = [c for c in (*order, "formula") if c in out.columns]
    headers = {"label": say("column.construct")}
    notes = _reliability_notes(out, say)
    return built(out[names], say("table.reliability"), say, notes, headers=headers)


def _reliability_notes(frame: pd.DataFrame, say: Words) -> list[str]:
    """Return what must be known of some scales, one sentence a kind of problem."""
    if "problems" not in frame.columns:
        return []
    concerned: dict[str, list[str]] = {}
    for label, codes in zip(frame["label"], frame["problems"], strict=True):
        for code in filter(None, str(codes).split("; ")):
            concerned.setdefault(code, []).append(str(label))
    return [
        say(f"measured_note.{code}", names=", ".join(dict.fromkeys(labels)))
        for code, labels in concerned.items()
    ]


def reliability_labels(frame: pd.DataFrame, say: Words) -> list[str]:
    """Return the constructs' labels in a language: the library's in place of its English ones."""
    own = frame["label"] if "label" in frame.columns else frame["construct"]
    labels = []
    for key, label in zip(frame["construct"], own, strict=True):
        known = str(label) in (str(key), library_label(str(key), "en"))
        labels.append((known and library_label(str(key), say.language)) or str(label))
    return labels


def _formula(text: str, say: Words) -> str:
    known = {formula: key for key, formula in FORMULAS.items()}
    return say.get(f"formula.{known.get(text, text)}", text)


def coefficient_words(name: str, say: Words) -> str:
    """Return a reliability coefficient's name in words; its own name where there is none."""
    return say.get(f"coefficient.{name}", name)


_MAKERS: dict[str, Callable[[Any, Words], Table]] = {
    "Aggregation": aggregation_table,
    "AlignmentResult": alignment_table,
    "Checks": _checks,
    "Bootstrap": bootstrap_table,
    "Construct": _instrument,
    "Crosscheck": _crosscheck,
    "FactorAnalysis": efa_table,
    "FactorCount": count_table,
    "Fit": estimates_table,
    "GroupComparison": groups_table,
    "Invariance": invariance_table,
    "Instrument": _instrument,
    "InstrumentChange": change_table,
    "InstrumentLink": link_table,
    "MethodBias": method_table,
    "Rivals": _rivals,
    "Survey": missing_answers_table,
    "UnitComparison": comparison_table,
    "Validity": validity_table,
    "Verdicts": _verdicts,
}
