"""Tables of validity: pairs of scales, the scales themselves, and models of a common method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.labels import library_label
from truststats.present.wording.words import Words

__all__ = ["method_table", "relabelled", "scales_table", "spoken", "validity_table"]

_LIMITS: dict[str, str | tuple[str, ...]] = {
    "ci_lower": "[b2", "ci_upper": "]b2", "htmt_lower": "[b2", "htmt_upper": "]b2",
    "htmt": "b2", "htmt2": "b2", "cor": "b2", "chisq_diff": "f1", "df_diff": "int",
    "pvalue_diff": "p", "cfi_diff": "b3", "vif": "f1", "ave": "b2", "sqrt_ave": "b2",
    "largest": "b2", "share": "pct0", "largest_change": "b2",
}  # fmt: skip


def spoken(found: Any, say: Words) -> Any:
    """Return what was found with the library's labels in the language of the words.

    Parameters
    ----------
    found : Validity
        What was found.
    say : Words
        Words of the language.
    """

    def label(row: Any) -> str:
        known = row.label in (row.construct, library_label(row.construct, "en"))
        return (known and library_label(row.construct, say.language)) or row.label

    return relabelled(found, {row.construct: label(row) for row in found.scales})


def relabelled(found: Any, labels: Mapping[str, str]) -> Any:
    """Return what was found with other labels of the scales, also within its problems.

    Parameters
    ----------
    found : Validity
        What was found.
    labels : mapping of str to str
        The label of each construct.
    """
    problems = found.problems
    # longer labels first: one may be part of another
    for row in sorted(found.scales, key=lambda one: -len(one.label)):
        problems = tuple(
            replace(p, message=p.message.replace(row.label, labels[row.construct]))
            for p in problems
        )
    scales = tuple(replace(row, label=labels[row.construct]) for row in found.scales)
    return replace(found, scales=scales, problems=problems)


def validity_table(found: Any, say: Words) -> Table:
    """Return one row a pair of scales: correlation, its test at the cut, and the ratios.

    Parameters
    ----------
    found : Validity
        What was found.
    say : Words
        Words of the language.
    """
    found = spoken(found, say)
    frame = found.frame().rename(columns={"cor_lower": "ci_lower", "cor_upper": "ci_upper"})
    frame["scale_one"] = [found.label(name) for name in frame["lhs"]]
    frame["scale_two"] = [found.label(name) for name in frame["rhs"]]
    frame["severity"] = [say(f"apart.{word}") for word in frame["severity"]]
    names = ["scale_one", "scale_two", "cor", "ci_lower", "ci_upper", "severity"]
    names += ["pvalue_diff", "cfi_diff"] if frame["cfi_diff"].notna().any() else []
    names += ["htmt", "htmt_lower", "htmt_upper", "htmt2", "vif"]
    headers = {
        "severity": say("column.apart"),
        "pvalue_diff": say("column.pvalue_cut", cut=f"{found.cut:g}"),
        "htmt_lower": say("column.ci"),
    }
    notes = [say("table.note_validity", n=round(found.n))]
    return built(frame[names], say("table.validity"), say, notes, _LIMITS, headers)


def scales_table(found: Any, say: Words) -> Table:
    """Return one row a scale: average variance extracted beside its largest correlation.

    Parameters
    ----------
    found : Validity
        What was found.
    say : Words
        Words of the language.
    """
    frame = spoken(found, say).ave
    known = {True: say("common.yes"), False: say("common.no")}
    frame["fornell_larcker"] = [known.get(x, "") for x in frame["fornell_larcker"]]
    names = ["label", "ave", "sqrt_ave", "largest", "fornell_larcker"]
    headers = {"label": say("column.construct")}
    return built(frame[names], say("table.scales"), say, (), _LIMITS, headers)


def method_table(found: Any, say: Words) -> Table:
    """Return one row a model of a common method.

    Parameters
    ----------
    found : MethodBias
        What was found.
    say : Words
        Words of the language.
    """
    frame = found.frame()
    for column in ("model", "against"):
        frame[column] = [say.get(f"method.{name}", name) for name in frame[column]]
    formats = _LIMITS | {"df": "f0"}
    names = ["model", "chisq", "df", "cfi", "rmsea", "srmr", "against", "pvalue_diff", "cfi_diff"]
    names += ["share", "largest_change"]
    return built(frame[names], say("table.method"), say, [say("table.note_method")], formats)
