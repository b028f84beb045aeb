"""How the columns of every table are headed and formatted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from truststats.present.tables.table import Table
from truststats.present.wording.words import Words

__all__ = ["built"]

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


def built(
    frame: pd.DataFrame,
    title: str,
    say: Words,
    notes: Sequence[str] = (),
    formats: Mapping[str, str | tuple[str, ...]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Table:
    """Return a table with the usual formats and headings for the columns it has.

    Parameters
    ----------
    frame : pandas.DataFrame
        The values.
    title : str
        Heading.
    say : Words
        Words of the language.
    notes : sequence of str
        What stands below the table.
    formats, headers : mapping, optional
        Formats and headings other than the usual ones.
    """
    known: dict[str, str | tuple[str, ...]]
    known = {c: _FORMATS[c] for c in frame.columns if c in _FORMATS}
    known |= formats or {}
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
