"""Which columns the table of each value has, and how they are headed and formatted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from truststats.errors import OptionError
from truststats.present.cards_result import caveat_words, relation_words
from truststats.present.labels import Labels, labels_of, library_label, part_of
from truststats.present.tables import Table
from truststats.present.words import Words
from truststats.results.verdicts import in_language

__all__ = ["effects_table", "make", "measurement_table", "r_square_table", "structural_table"]

_PARTS_SHOWN = ("loading", "regression", "covariance", "defined")
_FORMATS = {
    "est": "f3",
    "se": "f3",
    "std_se": "f3",
    "z": "f2",
    "pvalue": "p",
    "p_holm": "p",
    "std_all": "b2",
    "est_std": "b2",
    "std_lv": "b2",
    "loading": "b2",
    "estimate": "b2",
    "sesoi": "b2",
    "ci_lower": "[b2",
    "ci_upper": "]b2",
    "chisq": "f1",
    "df": "int",
    "cfi": "b3",
    "tli": "b3",
    "rmsea": "b3",
    "srmr": "b3",
    "aic": "f0",
    "bic": "f0",
    "delta_bic": "f1",
    "value": "b2",
    "r_square": "b2",
    "n": "int",
    "n_items": "int",
    "count": "int",
    "valid": "int",
    "blank": "int",
    "dont_know": "int",
    "user_missing": "int",
    "out_of_range": "int",
    "unreadable": "int",
    "missing": "int",
    "invited": "int",
    "rows": "int",
    "answered": "int",
    "share": "pct1",
    "share_missing": "pct1",
    "rate": "pct0",
}


def make(value: Any, say: Words) -> Table:
    """Return the table of a value.

    Parameters
    ----------
    value : object
        See `truststats.present.tables.table`.
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


def built(
    frame: pd.DataFrame,
    title: str,
    say: Words,
    notes: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Table:
    """Return a table with the usual formats and headings for the columns it has."""
    known = {c: _FORMATS[c] for c in frame.columns if c in _FORMATS} | dict(formats or {})
    heads = {c: say(f"column.{c}") for c in frame.columns if f"column.{c}" in say}
    if known.get("ci_lower") == "[b2":
        heads["ci_lower"] = say("column.ci")
    return Table(
        frame.reset_index(drop=True),
        title,
        tuple(notes),
        known,
        heads | dict(headers or {}),
        say.language,
    )


def _estimates(fit: Any, say: Words) -> Table:
    """Return loadings, paths, covariances and defined parameters, with standardised values."""
    labels = labels_of(fit, say.language)
    tidy = fit.tidy()
    tidy = tidy.assign(part=[part_of(*t) for t in _terms(tidy)])
    tidy = tidy[tidy["part"].isin(_PARTS_SHOWN)]
    frame = pd.DataFrame({name: list(tidy[name]) for name in ("lhs", "op", "rhs")})
    frame["part"] = [say(f"part.{p}") for p in tidy["part"]]
    frame["parameter"] = [_parameter(*t, labels) for t in _terms(tidy)]
    numbers = tidy[["est", "se", "z", "pvalue", "ci_lower", "ci_upper", "std_all"]].astype(float)
    numbers.loc[numbers["se"] == 0, ["se", "z", "pvalue", "ci_lower", "ci_upper"]] = float("nan")
    frame[list(numbers.columns)] = numbers.to_numpy()
    formats = {"ci_lower": "[f3", "ci_upper": "]f3", "lhs": "file", "op": "file", "rhs": "file"}
    headers = {"ci_lower": say("column.ci")}
    notes = _fit_notes(fit, say)
    if labels.reversed_items:
        notes.append(say("table.note_reversed"))
    return built(frame, say("table.estimates"), say, notes, formats, headers)


def _terms(tidy: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    return zip(tidy["op"], tidy["lhs"], tidy["rhs"], strict=True)


def _parameter(op: str, lhs: str, rhs: str, labels: Labels) -> str:
    """Return a parameter as a reader sees it, the arrow in the direction of the effect."""
    one, two = labels.named(lhs), labels.named(rhs)
    if op == ":=":
        return f"{one} = {rhs}"
    return f"{two} → {one}" if op == "~" else f"{one} {'→' if op == '=~' else '↔'} {two}"


def _fit_notes(fit: Any, say: Words) -> list[str]:
    notes = [say("table.note_fixed")]
    if fit.n_clusters is not None:
        notes.append(say("table.note_cluster", cluster=fit.cluster))
    return notes


def measurement_table(fit: Any, say: Words, standardized: pd.DataFrame | None = None) -> Table:
    """Return the standardised loadings with each item's wording; reversed items marked (R).

    Parameters
    ----------
    fit : Fit
        The fit.
    say : Words
        Words of the language.
    standardized : pandas.DataFrame, optional
        What ``fit.standardized()`` returned, if it is there already.
    """
    labels = labels_of(fit, say.language)
    rows = _standardized(fit, "=~", standardized)
    frame = pd.DataFrame(
        {
            "construct": [labels.name(v) for v in rows["lhs"]],
            "item": [labels.named(v) for v in rows["rhs"]],
            "wording": [labels.wording(v) for v in rows["rhs"]],
            "loading": rows["est_std"],
            "ci_lower": rows["ci_lower"],
            "ci_upper": rows["ci_upper"],
        }
    )
    if not frame["wording"].any():
        frame = frame.drop(columns="wording")
    notes = [say("table.note_standardised")]
    if labels.reversed_items & set(rows["rhs"]):
        notes.append(say("table.note_reversed"))
    return built(frame, say("table.measurement"), say, notes)


def structural_table(fit: Any, say: Words, standardized: pd.DataFrame | None = None) -> Table:
    """Return the standardised paths between the constructs.

    Parameters
    ----------
    fit : Fit
        The fit.
    say : Words
        Words of the language.
    standardized : pandas.DataFrame, optional
        What ``fit.standardized()`` returned, if it is there already.
    """
    labels = labels_of(fit, say.language)
    rows = _standardized(fit, "~", standardized)
    frame = pd.DataFrame(
        {
            "from": [labels.name(v) for v in rows["rhs"]],
            "to": [labels.name(v) for v in rows["lhs"]],
            "est_std": rows["est_std"],
            "se": rows["se"],
            "pvalue": rows["pvalue"],
            "ci_lower": rows["ci_lower"],
            "ci_upper": rows["ci_upper"],
        }
    )
    notes = [say("table.note_standardised"), *_fit_notes(fit, say)[1:]]
    return built(frame, say("table.structural"), say, notes)


def _standardized(fit: Any, op: str, standardized: pd.DataFrame | None) -> pd.DataFrame:
    frame = fit.standardized() if standardized is None else standardized
    return frame[frame["op"] == op].reset_index(drop=True)


def effects_table(fit: Any, say: Words) -> Table:
    """Return direct, indirect and total standardised effects between the constructs.

    Parameters
    ----------
    fit : Fit
        The fit.
    say : Words
        Words of the language.
    """
    labels = labels_of(fit, say.language)
    rows = fit.effects(specific=False)
    frame = pd.DataFrame(
        {
            "from": [labels.name(v) for v in rows["rhs"]],
            "to": [labels.name(v) for v in rows["lhs"]],
            "effect": [say.get(f"estimand.{e}", e) for e in rows["effect"]],
            "est_std": rows["std_all"].to_numpy(),
            "ci_lower": rows["std_ci_lower"].to_numpy(),
            "ci_upper": rows["std_ci_upper"].to_numpy(),
        }
    )
    return built(frame, say("table.effects"), say, [say("table.note_standardised")])


def r_square_table(fit: Any, say: Words) -> Table:
    """Return the explained variance of the outcomes of paths, of all variables without paths.

    Parameters
    ----------
    fit : Fit
        The fit.
    say : Words
        Words of the language.
    """
    labels = labels_of(fit, say.language)
    found = fit.r_square
    outcomes = {lhs for lhs, op in zip(fit.partable.lhs, fit.partable.op, strict=True) if op == "~"}
    kept = [v for v in found.index if v in outcomes] or list(found.index)
    frame = pd.DataFrame({"label": [labels.name(v) for v in kept]})
    frame["r_square"] = found[kept].to_numpy(dtype=float)
    return built(frame, say("report.r_square"), say, headers={"label": say("column.lhs")})


def _verdicts(verdicts: Any, say: Words) -> Table:
    frame = verdicts.frame(say.language)
    frame["verdict"] = [say.get(f"verdict.{v}", v) for v in frame["verdict"]]
    frame["caveats"] = ["; ".join(caveat_words(c, say) for c in row.caveats) for row in verdicts]
    frame["estimand"] = [say.get(f"estimand.{e}", e) for e in frame["estimand"]]
    names = ["claim_id", "statement", "estimand", "estimate", "ci_lower", "ci_upper", "sesoi"]
    names += ["pvalue", "p_holm", "verdict", "caveats"]
    if not frame["caveats"].any():
        names.remove("caveats")
    notes = [say("table.note_one_wave"), say("table.note_standardised"), say("table.note_holm")]
    if verdicts.note:
        notes.insert(1, verdicts.note)
    return built(frame[names], say("table.verdicts"), say, notes)


def _rivals(rivals: Any, say: Words) -> Table:
    frame = rivals.frame(say.language).rename(columns={"label": "model"})
    frame["relation"] = [relation_words(r, say) for r in frame["relation"]]
    names = ["model", "chisq", "df", "cfi", "rmsea", "srmr", "delta_bic", "relation"]
    note = rivals.note_for(say.language)
    return built(frame[names], say("table.rivals"), say, [note] if note else [])


def _checks(checks: Any, say: Words) -> Table:
    frame = checks.frame()
    frame["severity"] = [say(f"severity.{s}") for s in frame["severity"]]
    frame["rows"] = [", ".join(map(str, rows)) for rows in frame["rows"]]
    return built(frame, say("table.checks"), say, formats={"rows": "text"})


def _survey(survey: Any, say: Words) -> Table:
    frame = survey.missingness().reset_index()
    names = ["item", "valid", "missing", "share_missing"]
    if survey.instrument is not None:
        frame["wording"] = [
            in_language(survey.instrument.item(i).text, say.language) for i in frame["item"]
        ]
        names.insert(1, "wording")
    return built(frame[names], say("table.missingness"), say)


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
    frame = series.rename("value").rename_axis("measure").reset_index()
    frame["measure"] = frame["measure"].astype(str)
    return built(frame, "", say, formats={"value": "f3"})


def _frame(frame: pd.DataFrame, say: Words, title: str = "") -> Table:
    """Return the table of any frame; one of reliability is recognised by its columns."""
    if {"coefficient", "value", "construct"} <= set(frame.columns):
        return _reliability(frame, say)
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
    order = ["label", "coefficient", "value", "n_items"]
    names = [c for c in (*order, "formula") if c in out.columns]
    headers = {"label": say("column.construct")}
    return built(out[names], say("table.reliability"), say, headers=headers)


def reliability_labels(frame: pd.DataFrame, say: Words) -> list[str]:
    """Return the constructs' labels in a language: the library's in place of its English ones."""
    own = frame["label"] if "label" in frame.columns else frame["construct"]
    labels = []
    for key, label in zip(frame["construct"], own, strict=True):
        known = str(label) in (str(key), library_label(str(key), "en"))
        labels.append((known and library_label(str(key), say.language)) or str(label))
    return labels


def _formula(text: str, say: Words) -> str:
    kind = "omega_second" if "second-order" in text else text.split(" ", 1)[0]
    return say.get(f"formula.{kind}", text)


def coefficient_words(name: str, say: Words) -> str:
    """Return a reliability coefficient's name in words; its own name where there is none."""
    return say.get(f"coefficient.{name}", name)


_MAKERS: dict[str, Callable[[Any, Words], Table]] = {
    "Checks": _checks,
    "Construct": _instrument,
    "Fit": _estimates,
    "Instrument": _instrument,
    "Rivals": _rivals,
    "Survey": _survey,
    "Verdicts": _verdicts,
}
