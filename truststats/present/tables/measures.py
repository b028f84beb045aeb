"""The table of a fit's measures: each by its name in words, with as many digits as it deserves."""

from __future__ import annotations

import pandas as pd

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.words import Words

__all__ = ["measures_table"]

_FORMATS = {
    "npar": "int",
    "df": "int",
    "ntotal": "int",
    "pvalue": "p",
    "rmsea_pvalue": "p",
    "pvalue_bartlett": "p",
    "chisq": "f2",
    "chisq_bartlett": "f2",
    "fmin": "f3",
    "chisq_scaling_factor": "f3",
    "logl": "f1",
    "unrestricted_logl": "f1",
    "aic": "f1",
    "bic": "f1",
    "bic2": "f1",
}
_VERSIONS = ("scaled", "robust")


def measures_table(measures: pd.Series, say: Words) -> Table:
    """Return the table of ``fit.fit_measures``; files for machines keep the short names.

    Parameters
    ----------
    measures : pandas.Series
        Measures by lavaan's short names with _ for the dot.
    say : Words
        Words of the language.
    """
    keys = [str(key) for key in measures.index]
    parts = [_split(key) for key in keys]
    frame = pd.DataFrame(
        {
            "measure": keys,
            "name": [_name(*part, say) or key for key, part in zip(keys, parts, strict=True)],
            "value": measures.to_numpy(),
        }
    )
    specs = tuple(_FORMATS.get(base, "b3") for _, base, _ in parts)
    headers = {"name": say("column.measure")}
    formats = {"measure": "file", "value": specs}
    return built(frame, say("table.fit"), say, formats=formats, headers=headers)


def _split(key: str) -> tuple[bool, str, str]:
    """Return whether a measure is the baseline model's, its own name, and which version it is."""
    base, _, last = key.rpartition("_")
    version = last if last in _VERSIONS else ""
    base = base if version else key
    return base.startswith("baseline_"), base.removeprefix("baseline_"), version


def _name(baseline: bool, base: str, version: str, say: Words) -> str:
    name = say.get(f"fit_measure.{base}", "")
    if name and version:
        name = say(f"fact.variant_{version}", value=name)
    return say("fit_measure.baseline", name=name) if name and baseline else name
