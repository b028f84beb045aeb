"""What differs between two versions of a questionnaire, and what that leaves to compare.

An item can anchor a comparison over time if nothing that decides its answers has changed: its
wording, the answers it offers, its key and its construct. Two anchors give the factor its origin
and unit; the third shows which of them is wrong if they disagree (Cheung & Rensvold 1999,
doi:10.1177/014920639902500101).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from truststats.constructs.construct import Construct, Item, ResponseSet
from truststats.constructs.instrument import Instrument

__all__ = [
    "ENOUGH_ANCHORS",
    "FEWEST_ANCHORS",
    "FEWEST_ITEMS",
    "KINDS",
    "ConstructChange",
    "ItemChange",
    "construct_changes",
    "item_changes",
]

FEWEST_ANCHORS = 2
ENOUGH_ANCHORS = 3
#: Items asked in both versions that a factor needs before equality can be tested at all.
FEWEST_ITEMS = 3

KINDS = (
    "kept", "reworded", "translated", "relabelled", "rescaled", "rekeyed", "moved", "added",
    "dropped",
)  # fmt: skip
_DETAILS = {
    "moved": "moved",
    "rekeyed": "rekeyed",
    "rescaled": "rescaled",
    "turned": "rescaled",
    "relabelled": "relabelled",
    "dont_know": "relabelled",
    "translated": "translated",
    "reworded": "reworded",
}
"""What can differ, gravest first, and the kind of change it makes."""

Licence = Literal["all", "means", "form", "none"]


@dataclass(frozen=True)
class ItemChange:
    """One item in two versions of a questionnaire.

    Attributes
    ----------
    old, new : Item or None
        None where a version does not ask it.
    kind : str
        One of `KINDS`: the gravest of `details`; "kept" where nothing differs.
    details : tuple of str
        All that differs: "moved" (to another construct), "rekeyed", "rescaled" (other codes),
        "turned" (the scale runs the other way), "relabelled", "dont_know" (other answers beside
        the scale), "translated" (no language in common) or "reworded".
    points : (int, int)
        How many answers the scale has, old and new; 0 where the item is not asked.
    anchor : bool
        Whether it can anchor: nothing differs, and it belongs to its construct's factor.
    """

    old: Item | None
    new: Item | None
    kind: str
    details: tuple[str, ...] = ()
    points: tuple[int, int] = (0, 0)
    anchor: bool = False

    @property
    def name(self) -> str:
        """The item's name, the older one where it was renamed."""
        known = self.old or self.new
        assert known is not None
        return known.name

    @property
    def construct(self) -> str:
        """Key of its construct, the older one where it moved."""
        known = self.old or self.new
        assert known is not None
        return known.construct

    @property
    def renamed(self) -> bool:
        """Whether the same item has another name in the new version."""
        return self.old is not None and self.new is not None and self.old.name != self.new.name


@dataclass(frozen=True)
class ConstructChange:
    """What may be compared of one construct, before any answer is seen.

    Attributes
    ----------
    construct : str
        Its key.
    licence : {"all", "means", "form", "none"}
        "all": nothing differs; "means": means, if the anchors prove equal; "form": whether the
        items hang together alike, but no means; "none": no comparison.
    reason : str
        Which case it is, a key of words such as ``two_anchors``.
    anchors, changed, added, dropped : tuple of str
        Items of its factor by their name in the older version (of added ones: the new).
    asked : (int, int)
        Items of its factor in the old and the new version.
    """

    construct: str
    licence: Licence
    reason: str
    anchors: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    asked: tuple[int, int] = (0, 0)


def item_changes(
    old: Instrument, new: Instrument, languages: Sequence[str]
) -> tuple[ItemChange, ...]:
    """Return one row an item: those of the old version in its order, then those added.

    Items are matched by name; what is left by a wording that is the same in all languages.

    Parameters
    ----------
    old, new : Instrument
    languages : sequence of str
        Languages of both in which wordings and labels are compared; may be empty.
    """
    partner = _matched(old, new, languages)
    rows = [
        _change(item, new.item(partner[item.name]), old, new, languages)
        if item.name in partner
        else ItemChange(item, None, "dropped", points=(_points(old, item), 0))
        for item in old.items
    ]
    met = set(partner.values())
    rows += [
        ItemChange(None, item, "added", points=(0, _points(new, item)))
        for item in new.items
        if item.name not in met
    ]
    return tuple(rows)


def _matched(old: Instrument, new: Instrument, languages: Sequence[str]) -> dict[str, str]:
    """Return the new name of each old item that the new version asks."""
    partner = {name: name for name in old.item_order if name in new.item_order}
    if not languages:
        return partner
    free = {_wording(item, languages): item.name for item in new.items if item.name not in partner}
    for item in old.items:
        if item.name not in partner and _wording(item, languages) in free:
            partner[item.name] = free.pop(_wording(item, languages))
    return partner


def _change(
    before: Item, after: Item, old: Instrument, new: Instrument, languages: Sequence[str]
) -> ItemChange:
    """Return what differs between an item's two versions."""
    first, second = old.constructs[before.construct], new.constructs[after.construct]
    found = {
        "moved": before.construct != after.construct or _other_part(before, after, first, second),
        "rekeyed": before.reverse != after.reverse,
        **_scale_changes(first.response_set, second.response_set, languages),
        "translated": not languages,
        "reworded": _wording(before, languages) != _wording(after, languages),
    }
    details = tuple(name for name in _DETAILS if found[name])
    inside = before in first.factor_items and after in second.factor_items
    return ItemChange(
        before,
        after,
        _DETAILS[details[0]] if details else "kept",
        details,
        (_points(old, before), _points(new, after)),
        not details and inside,
    )


def _other_part(before: Item, after: Item, first: Construct, second: Construct) -> bool:
    """Tell whether an item counts for another part of a construct than before."""
    if first.structure == second.structure == "second_order":
        return before.dimension != after.dimension
    return (before in first.factor_items) != (after in second.factor_items)


def _scale_changes(
    first: ResponseSet, second: ResponseSet, languages: Sequence[str]
) -> dict[str, bool]:
    rescaled = first.codes != second.codes
    one = [[_plain(label) for label in first.labels[code]] for code in languages]
    two = [[_plain(label) for label in second.labels[code]] for code in languages]
    turned = not rescaled and bool(one) and one != two and one == [row[::-1] for row in two]
    apart = {
        code: [
            {key: _plain(text[code]) for key, text in s.missing.items()} for s in (first, second)
        ]
        for code in languages
    }
    return {
        "rescaled": rescaled,
        "turned": turned,
        "relabelled": not rescaled and not turned and one != two,
        "dont_know": set(first.missing) != set(second.missing)
        or any(before != after for before, after in apart.values()),
    }


def _wording(item: Item, languages: Sequence[str]) -> tuple[str, ...]:
    return tuple(_plain(item.text[code]) for code in languages)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _points(instrument: Instrument, item: Item) -> int:
    return len(instrument.constructs[item.construct].response_set.codes)


def construct_changes(
    old: Instrument, new: Instrument, items: Sequence[ItemChange]
) -> tuple[ConstructChange, ...]:
    """Return one row a construct, those of the old version first.

    Parameters
    ----------
    old, new : Instrument
    items : sequence of ItemChange
        From `item_changes`.
    """
    keys = dict.fromkeys([*old.constructs, *new.constructs])
    return tuple(_construct_change(key, old, new, items) for key in keys)


def _construct_change(
    key: str, old: Instrument, new: Instrument, items: Sequence[ItemChange]
) -> ConstructChange:
    if key not in new.constructs or key not in old.constructs:
        reason = "not_in_new" if key in old.constructs else "not_in_old"
        counts = [len(i.constructs[key].factor_items) if key in i.constructs else 0
                  for i in (old, new)]  # fmt: skip
        return ConstructChange(key, "none", reason, asked=(counts[0], counts[1]))
    before, after = old.constructs[key], new.constructs[key]
    first = {item.name for item in before.factor_items}
    second = {item.name for item in after.factor_items}
    mine = [row for row in items if row.old is not None and row.old.name in first]
    anchors = tuple(row.name for row in mine if row.anchor)
    changed = tuple(row.name for row in mine if row.new is not None and not row.anchor)
    dropped = tuple(row.name for row in mine if row.new is None)
    added = tuple(row.name for row in items if row.old is None and row.name in second)
    licence, reason = _licence(before, after, anchors, (changed, added, dropped), items)
    return ConstructChange(
        key, licence, reason, anchors, changed, added, dropped, (len(first), len(second))
    )


def _licence(
    before: Construct,
    after: Construct,
    anchors: Sequence[str],
    other: tuple[Sequence[str], Sequence[str], Sequence[str]],
    items: Sequence[ItemChange],
) -> tuple[Licence, str]:
    """Return what may be compared of a construct that both versions ask, and why."""
    if min(len(before.factor_items), len(after.factor_items)) < 2:
        return "none", "single_item"
    arrived = any(row.new in after.factor_items and row.kind == "moved" for row in items)
    if not any(other) and not arrived and before.structure == after.structure:
        return "all", "unchanged"
    stays = [row.name for row in items if row.name in other[0] and row.kind != "moved"]
    common = [*anchors, *stays]
    fewest = min(fewest_of_parts(before, common, anchors))
    if not anchors:
        return "form", "no_anchor"
    if fewest < FEWEST_ANCHORS:
        return "form", "one_anchor" if len(anchors) == 1 else "thin_part"
    if len(common) < FEWEST_ITEMS:
        return "form", "untestable"
    return "means", "two_anchors" if fewest < ENOUGH_ANCHORS else "anchors"


def fewest_of_parts(
    construct: Construct, common: Sequence[str], anchors: Sequence[str]
) -> list[int]:
    """Return how many anchors each part of a construct has: its dimensions, or the whole."""
    asked = construct.restricted_to(common)
    if not common or asked.structure == "one_factor":
        return [len(anchors)]
    parts = [d.key for d in asked.dimensions if not d.separate]
    return [sum(item.name in anchors for item in asked.items_of(part)) for part in parts]
