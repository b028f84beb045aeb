"""Two linked waves in words: what moved, and why the rest may not be read."""

from __future__ import annotations

from typing import Any

from truststats.present.wording.change_words import construct_label
from truststats.present.wording.labels import library_label
from truststats.present.wording.numbers import fixed, integer, interval
from truststats.present.wording.words import Words

__all__ = [
    "factor_label",
    "items_words",
    "link_sentences",
    "people_words",
    "reason_sentence",
    "shift_sentences",
]


def factor_label(link: Any, one: Any, factor: str, language: str) -> str:
    """Return what a construct or one of its dimensions is called."""
    label = construct_label(link.change, one.construct, language)
    if factor == one.construct:
        return label
    construct = link.change.old.constructs[one.construct]
    own = {f"{construct.key}_{d.key}": d.label.get(language, "") for d in construct.dimensions}
    return f"{label}: {own.get(factor) or library_label(factor, language) or factor}"


def reason_sentence(link: Any, one: Any, say: Words) -> str:
    """Return why a change is licensed, or which condition failed, as one sentence."""
    anchors = ", ".join(one.anchors)
    if f"link.reason_{one.reason}" in say:
        apart = ", ".join(freed.item for freed in one.apart)
        return say(f"link.reason_{one.reason}", n=len(one.anchors), anchors=anchors, apart=apart)
    return say(
        f"change.reason_{one.reason}", n=len(one.anchors), anchors=anchors,
        common=len(one.anchors) + len(one.free),
    )  # fmt: skip


def items_words(one: Any, factor: str) -> str:
    """Return the anchors of a factor; empty where the change is not licensed."""
    return "".join(", ".join(found.anchors) for found in one.changes if found.factor == factor)


def people_words(link: Any, say: Words) -> str:
    """Return how many people each wave has, and how many are in both, if that may be told."""
    told = ", ".join(
        f"{wave}: {integer(n, say.language)}" if n >= link.min_n else wave
        for wave, n in link.people.items()
    )
    if link.both >= link.min_n:
        told = f"{told}; {say('link.both', n=integer(link.both, say.language))}"
    return told


def shift_sentences(link: Any, say: Words, *, plain: bool = False) -> list[str]:
    """Return, for each item that was changed on the same scale, what the change did."""
    code = say.language
    rows = link.items[link.items["shift"].notna()].to_dict("records")
    return [
        say(
            f"link.shift_{row['role']}",
            item=row["item"],
            what=say(f"change.kind_{row['kind']}"),
            shift=fixed(abs(row["shift"]), 2, code),
            way=say("link.higher" if row["shift"] > 0 else "link.lower"),
            ci=interval(row["ci_lower"], row["ci_upper"], 2, code, plain=plain),
            level=fixed(100 * link.level, 0, code),
        )
        for row in rows
    ]


def link_sentences(link: Any, say: Words) -> list[str]:
    """Return how two linked waves are to be read."""
    said = [say("link.note_change", old=link.waves[0]), say("link.note_latent")]
    if link.frame()["lowest"].notna().any():
        said.append(say("link.note_range"))
    if not all(one.licensed for one in link.constructs):
        said.append(say("link.note_refused"))
    said.append(say("link.note_averages" if _averages(link) else "link.note_no_averages"))
    return said


def _averages(link: Any) -> bool:
    return all(one.averages for one in link.constructs if one.licensed)
