"""Which column answers which item: by name, code, text or an explicit mapping."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from truststats.errors import SurveyError
from truststats.options import did_you_mean
from truststats.survey.text import identifier_key, text_key

if TYPE_CHECKING:
    from truststats.constructs import Instrument, Item

__all__ = ["Match", "item_names", "known_keys", "match_columns", "resolve_column", "suggest"]

_NUMBER = re.compile(r"\d+$")
_ENUMERATOR = re.compile(r"^[a-z]{0,4}[ _]?\d+[a-z]?\s+")
_LONG_TEXT = 15
_TRUNCATED = 40


@dataclass(frozen=True)
class Match:
    """Which column answers which item.

    Attributes
    ----------
    columns : mapping
        Item name to column, in questionnaire order.
    how : mapping
        Item name to ``mapping``, ``name`` or ``text``.
    missing : mapping
        Item without a column to the column it may be, or an empty string.
    """

    columns: Mapping[str, str]
    how: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)


def item_names(instrument: Instrument, item: Item) -> set[str]:
    """Return the `identifier_key` of every name a column for this item may have."""
    number = match.group() if (match := _NUMBER.search(item.name)) else ""
    construct = instrument.constructs[item.construct]
    stems = [construct.code, *construct.label.values()]
    return {identifier_key(item.name), *(identifier_key(f"{stem} {number}") for stem in stems)}


def known_keys(instrument: Instrument | None) -> frozenset[str]:
    """Return the keys of all names and texts by which a header shows itself."""
    if instrument is None:
        return frozenset()
    keys: set[str] = set()
    for item in instrument.items:
        keys |= item_names(instrument, item) | {text_key(t) for t in item.text.values()}
    return frozenset(keys)


def match_columns(
    headers: Mapping[str, str],
    labels: Mapping[str, str],
    instrument: Instrument,
    explicit: Mapping[str, str | None],
    reserved: Iterable[str] = (),
) -> Match:
    """Return which column answers which item.

    Parameters
    ----------
    headers : mapping
        Column name to header as written.
    labels : mapping
        Column name to variable label.
    instrument : Instrument
        What was asked.
    explicit : mapping
        Item to column, or to None for an item that was not asked; comes before any search.
    reserved : iterable of str
        Columns that hold the design and never an answer.

    Raises
    ------
    SurveyError
        If two columns claim one item, or no column answers any item.
    """
    taken = {column for column in explicit.values() if column} | set(reserved)
    free = {column: header for column, header in headers.items() if column not in taken}
    open_items = [item for item in instrument.items if item.name not in explicit]
    found = {item: (column, "mapping") for item, column in explicit.items() if column}
    by_name = _by_name(free, instrument, open_items)
    found |= {item: (column, "name") for item, column in by_name.items()}
    used = set(by_name.values())
    free = {column: header for column, header in free.items() if column not in used}
    open_items = [item for item in open_items if item.name not in found]
    by_text = _by_text(free, labels, open_items)
    found |= {item: (column, "text") for item, column in by_text.items()}
    order = [item for item in instrument.items if item.name in found]
    lost = [i for i in open_items if i.name not in found]
    spare = [column for column in free if column not in by_text.values()]
    missing = {item.name: suggest(item, spare, labels) for item in lost}
    if not order:
        raise _nothing_matched(instrument, headers, missing)
    return Match(
        {item.name: found[item.name][0] for item in order},
        {item.name: found[item.name][1] for item in order},
        missing,
    )


def _nothing_matched(
    instrument: Instrument, headers: Mapping[str, str], missing: Mapping[str, str]
) -> SurveyError:
    hints = [f"{item} = {column!r}?" for item, column in missing.items() if column]
    first = [item.name for item in instrument.items][:3]
    return SurveyError(
        f"No column answers an item of {instrument.name}."
        + (f" Perhaps {', '.join(hints[:3])}" if hints else ""),
        where=f"columns: {', '.join(list(headers)[:12])}{' ...' if len(headers) > 12 else ''}",
        why=f"a column is found by an item's name ({', '.join(first)} ...), code or full text",
        fix=f'map them: columns={{"{first[0]}": "<column>", ...}} or a TOML or CSV mapping file',
    )


def _one_each(candidates: Mapping[str, list[str]], reason: str) -> dict[str, str]:
    """Return the one column of each item, or raise when there are two."""
    for item, columns in candidates.items():
        if len(columns) > 1:
            names = " and ".join(repr(c) for c in columns)
            raise SurveyError(
                f"Columns {names} both answer item {item!r} ({reason}).",
                why="taking one of them would be a guess",
                fix=f'say which: columns={{"{item}": {columns[0]!r}}}',
            )
    return {item: columns[0] for item, columns in candidates.items() if columns}


def _by_name(
    free: Mapping[str, str], instrument: Instrument, items: Sequence[Item]
) -> dict[str, str]:
    by_key: dict[str, list[str]] = {}
    for column, header in free.items():
        by_key.setdefault(identifier_key(header), []).append(column)
    candidates = {
        item.name: [c for key in sorted(item_names(instrument, item)) for c in by_key.get(key, [])]
        for item in items
    }
    return _one_each(candidates, "by name")


def _texts(column: str, headers: Mapping[str, str], labels: Mapping[str, str]) -> set[str]:
    """Return the keys of what a column says it asks, with and without a leading number."""
    texts = {text_key(headers[column]), text_key(labels.get(column, ""))} - {""}
    return texts | {_ENUMERATOR.sub("", text) for text in texts}


def _by_text(
    free: Mapping[str, str], labels: Mapping[str, str], items: Sequence[Item]
) -> dict[str, str]:
    keys: dict[str, set[str]] = {}
    for item in items:
        for text in item.text.values():
            keys.setdefault(text_key(text), set()).add(item.name)
    unique = {key: next(iter(names)) for key, names in keys.items() if key and len(names) == 1}
    candidates: dict[str, list[str]] = {}
    for column in free:
        names = _items_of_text(_texts(column, free, labels), unique)
        if len(names) == 1:
            candidates.setdefault(names.pop(), []).append(column)
    return _one_each(candidates, "by text")


def _items_of_text(texts: set[str], unique: Mapping[str, str]) -> set[str]:
    """Return the items whose text a column's text is, ends with, or is cut off from."""
    exact = {unique[text] for text in texts if text in unique}
    if exact:
        return exact
    return {
        name
        for text in texts
        for key, name in unique.items()
        if (len(key) >= _LONG_TEXT and text.endswith(" " + key))
        or (len(text) >= _TRUNCATED and key.startswith(text))
    }


def suggest(item: Item, columns: Sequence[str], labels: Mapping[str, str]) -> str:
    """Return the unmatched column that an item without a column most resembles, or ""."""
    by_key = {identifier_key(column): column for column in columns}
    close = difflib.get_close_matches(identifier_key(item.name), by_key, n=1, cutoff=0.75)
    if close:
        return by_key[close[0]]
    by_text = {text_key(labels.get(column) or column): column for column in columns}
    for text in item.text.values():
        close = difflib.get_close_matches(text_key(text), by_text, n=1, cutoff=0.75)
        if close:
            return by_text[close[0]]
    return ""


def resolve_column(option: str, name: str | None, columns: Sequence[str]) -> str | None:
    """Return the column that a design argument names, spelling aside.

    Raises
    ------
    SurveyError
        If no column, or more than one, has that name.
    """
    if name is None or name in columns:
        return name
    same = [column for column in columns if identifier_key(column) == identifier_key(name)]
    if len(same) == 1:
        return same[0]
    raise SurveyError(
        f"{option}={name!r} is no column of the data.{did_you_mean(str(name), columns)}",
        where=f"columns: {', '.join(list(columns)[:12])}{' ...' if len(columns) > 12 else ''}",
        fix=f"give {option}= the name of a column, or None",
    )
