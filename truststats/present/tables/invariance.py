"""Tables of a ladder of invariance: the steps, the items apart, and means of the factors."""

from __future__ import annotations

from typing import Any

from truststats.present.tables.columns import built
from truststats.present.tables.table import Table
from truststats.present.wording.invariance_words import decision_words, step_words
from truststats.present.wording.labels import labels_of
from truststats.present.wording.words import Words
from truststats.workflow.invariance_items import item_effects

__all__ = ["freed_table", "invariance_table", "means_table"]

_STEPS = [
    "step", "chisq", "df", "cfi", "rmsea", "srmr", "chisq_diff", "df_diff", "pvalue_diff",
    "rmsea_d", "delta_cfi", "delta_rmsea", "delta_srmr", "decision",
]  # fmt: skip
_FORMATS = {
    "chisq_diff": "f1", "df_diff": "int", "pvalue_diff": "p", "rmsea_d": "b3", "delta_cfi": "b3",
    "delta_rmsea": "b3", "delta_srmr": "b3", "p_permuted": "p", "p_adjusted": "p",
    "dmacs": "f2", "dmacs_signed": "f2", "difference": "f2", "d": "f2", "mean": "f2",
    "variance": "f2", "d_lower": "f2", "d_upper": "f2",
}  # fmt: skip


def invariance_table(found: Any, say: Words) -> Table:
    """Return one row a step: fit, the difference to the step it is compared with, and decision.

    Parameters
    ----------
    found : Invariance
    say : Words
        Words of the language.
    """
    frame = found.frame()
    methods = [name for name in dict.fromkeys(frame["method"]) if name]
    frame["step"] = [step_words(step.name, say) for step in found.steps]
    frame["decision"] = [decision_words(step, say) for step in found.steps]
    names = [*_STEPS, *(["p_permuted"] if "p_permuted" in frame else [])]
    names += ["freed"] if frame["freed"].any() else []
    notes = [say(f"table.rule_{found.rule.name}")]
    notes += [say(f"table.method_{name}") for name in methods]
    return built(frame[names], say("table.invariance"), say, notes, _FORMATS)


def freed_table(found: Any, say: Words) -> Table:
    """Return the items that were freed: wording, group that is furthest, and effect size.

    Parameters
    ----------
    found : Invariance
        With something freed.
    say : Words
        Words of the language.
    """
    import pandas as pd

    labels = labels_of(found.steps[0].fit, say.language)
    known = found.unit == "groups"
    items = pd.DataFrame({"item": []})
    if known:
        items = item_effects(found, [one.item for one in found.freed]).dropna(subset=["dmacs"])
    rows = []
    for one in found.freed:
        own = items[items["item"] == one.item].sort_values("dmacs", ascending=False)
        far = own.iloc[0] if len(own) else None
        rows.append(
            {
                "item": one.item, "wording": labels.wording(one.item),
                "step": step_words(one.step, say), "p_adjusted": one.p_adjusted,
                "group": "" if far is None else far["group"],
                "dmacs": float("nan") if far is None else far["dmacs"],
                "dmacs_signed": float("nan") if far is None else far["dmacs_signed"],
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    if not frame["wording"].any():
        frame = frame.drop(columns="wording")
    notes = [say(f"table.adjust_{found.adjust}")]
    if known:
        notes.insert(0, say("table.note_dmacs", first=found.groups[0]))
    else:
        frame = frame.drop(columns=["group", "dmacs", "dmacs_signed"])
    return built(frame, say("table.freed"), say, notes, _FORMATS)


def means_table(found: Any, say: Words) -> Table:
    """Return the means of the factors by group, with intervals and Cohen's d.

    Parameters
    ----------
    found : Invariance
        With a licence.
    say : Words
        Words of the language.
    """
    labels = labels_of(found.steps[0].fit, say.language)
    frame = found.means().copy()
    frame["construct"] = [labels.name(name) for name in frame["factor"]]
    names = ["construct", "group", "mean", "variance", "difference", "ci_lower", "ci_upper"]
    names += ["pvalue", "d", "d_lower", "d_upper"]
    note = say("table.note_latent_means", first=found.groups[0])
    return built(frame[names], say("table.latent_means"), say, [note], _FORMATS)
