"""The tables of a fit: estimates, items, paths, effects and explained variance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table, marked
from truststats.present.wording.labels import Labels, labels_of, part_of
from truststats.present.wording.numbers import integer
from truststats.present.wording.words import Words
from truststats.results.part import parts, stacked

__all__ = [
    "bootstrap_table",
    "effects_table",
    "estimates_table",
    "measurement_table",
    "r_square_table",
    "structural_table",
]

_PARTS_SHOWN = ("loading", "regression", "covariance", "defined")


def estimates_table(fit: Any, say: Words) -> Table:
    """Return loadings, paths, covariances and defined parameters, with standardised values.

    Parameters
    ----------
    fit : Fit
        The fit.
    say : Words
        Words of the language.
    """
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
    if fit.reference_df is not None:
        headers["z"] = f"t({fit.reference_df})"
    frame = _with_group(frame, tidy)
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


def _with_group(frame: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the groups of its rows in front, where there are several."""
    if "group" in rows.columns:
        frame.insert(0, "group", list(rows["group"]))
    return frame


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
    frame = _with_group(frame, rows)
    return marked(built(frame, say("table.measurement"), say, notes), fit)


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
    frame = _with_group(frame, rows)
    return marked(built(frame, say("table.structural"), say, notes), fit)


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
    frame = _with_group(frame, rows)
    return marked(built(frame, say("table.effects"), say, [say("table.note_standardised")]), fit)


def bootstrap_table(bootstrap: Any, say: Words) -> Table:
    """Return the estimates of a fit with bootstrap standard errors and intervals.

    Parameters
    ----------
    bootstrap : Bootstrap
        The refits.
    say : Words
        Words of the language.
    """
    labels = labels_of(bootstrap.fit, say.language)
    tidy = bootstrap.tidy()
    tidy = tidy[[part_of(*term) in _PARTS_SHOWN for term in _terms(tidy)]]
    frame = tidy[["lhs", "op", "rhs"]].copy()
    frame["parameter"] = [_parameter(*t, labels) for t in _terms(tidy)]
    for name in ("est", "se", "ci_lower", "ci_upper", "std_all", "std_ci_lower", "std_ci_upper"):
        frame[name] = tidy[name].astype(float)
    frame.loc[frame["se"] == 0, ["se", "ci_lower", "ci_upper"]] = float("nan")
    frame = _with_group(frame, tidy)
    formats = {"lhs": "file", "op": "file", "rhs": "file", "ci_lower": "[f3", "ci_upper": "]f3"}
    formats |= {"std_ci_lower": "[b2", "std_ci_upper": "]b2"}
    headers = {"ci_lower": say("column.ci"), "std_ci_lower": say("column.ci")}
    unit = say("fact.unit_rows") if bootstrap.unit == "rows" else bootstrap.unit
    draws = integer(bootstrap.draws - bootstrap.failed, say.language)
    kind = say(f"interval.{bootstrap.ci}")
    note = say("table.note_bootstrap", kind=kind, draws=draws, unit=unit, seed=bootstrap.seed)
    return built(frame, say("table.bootstrap"), say, [note], formats, headers)


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
    if fit.groups:
        sides = [(name, r_square_table(side, say)) for name, side in parts(fit)]
        whole = stacked((name, side.frame) for name, side in sides)
        first = sides[0][1]
        return replace(first, frame=whole, headers={**first.headers, "group": say("column.group")})
    found = fit.r_square
    outcomes = {lhs for lhs, op in zip(fit.partable.lhs, fit.partable.op, strict=True) if op == "~"}
    kept = [v for v in found.index if v in outcomes] or list(found.index)
    frame = pd.DataFrame({"label": [labels.name(v) for v in kept]})
    frame["r_square"] = found[kept].to_numpy(dtype=float)
    return marked(
        built(frame, say("report.r_square"), say, headers={"label": say("column.lhs")}), fit
    )
