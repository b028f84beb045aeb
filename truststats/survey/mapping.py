"""Mapping files: which column answers which item, and how that file codes it."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from truststats.errors import SurveyError
from truststats.options import did_you_mean
from truststats.survey.sniff import decode, sniff_delimiter

__all__ = ["ItemRule", "read_mapping"]

_KEYS = ("column", "reverse", "codes", "missing")
_TRUE = frozenset(["1", "true", "yes", "ja", "x"])


@dataclass(frozen=True)
class ItemRule:
    """How one item is found and coded in a file that was not made for the instrument.

    Attributes
    ----------
    column : str or None
        The column; None when the item was not asked.
    reverse : bool
        Whether the file's codes run the other way than the instrument's.
    codes : tuple of int, or None
        The lowest and highest code (or all codes) of the file; None takes the response set's.
    missing : tuple of float
        Codes of the file that are no answer.
    """

    column: str | None
    reverse: bool = False
    codes: tuple[int, ...] | None = None
    missing: tuple[float, ...] = ()


def read_mapping(
    columns: Mapping[str, Any] | str | Path | None, items: tuple[str, ...]
) -> dict[str, ItemRule]:
    """Return the rule of each item that a mapping names.

    Parameters
    ----------
    columns : mapping, path or None
        Item to column name, or item to a table with ``column`` and optionally ``reverse``,
        ``codes`` and ``missing``. A ``.toml`` file holds the same under ``[items]``, with shared
        settings under ``[defaults]``; a ``.csv`` file has the columns ``item``, ``column`` and
        optionally ``reverse``, ``codes`` and ``missing`` (several codes separated by blanks).
    items : tuple of str
        The items of the instrument; empty when there is none.

    Raises
    ------
    SurveyError
        If the file is malformed, an item is unknown, or a column is given to two items.
    """
    if columns is None:
        return {}
    where = "" if isinstance(columns, Mapping) else str(columns)
    table = columns if isinstance(columns, Mapping) else _load(Path(columns))
    rules = {str(item): _rule(str(item), entry, where) for item, entry in table.items()}
    _check_items(rules, items, where)
    _check_columns(rules, where)
    return rules


def _load(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise SurveyError(f"There is no mapping file {str(path)!r}.", fix="check columns=")
    if path.suffix.casefold() == ".toml":
        return _load_toml(path)
    if path.suffix.casefold() in (".csv", ".txt", ".tsv"):
        return _load_csv(path)
    raise SurveyError(
        f"A mapping file is .toml or .csv, not {path.suffix!r}.", where=path.name, fix="convert it"
    )


def _load_toml(path: Path) -> Mapping[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SurveyError(f"The mapping file is no valid TOML: {error}", where=path.name) from error
    entries = content.get("items")
    if not isinstance(entries, Mapping):
        raise SurveyError(
            "The mapping file has no [items] table.",
            where=path.name,
            fix='write [items] and below it lines such as vtr1 = "Q12"',
        )
    defaults = content.get("defaults", {})
    return {
        item: {**defaults, **(entry if isinstance(entry, Mapping) else {"column": entry})}
        for item, entry in entries.items()
    }


def _load_csv(path: Path) -> Mapping[str, Any]:
    text, _ = decode(path.read_bytes(), None, path.name)
    rows = list(csv.DictReader(io.StringIO(text), delimiter=sniff_delimiter(text)))
    if not rows or not {"item", "column"} <= set(rows[0]):
        raise SurveyError(
            "The mapping file needs the columns item and column.",
            where=path.name,
            fix="name them so in its first row",
        )
    repeated = [r["item"] for i, r in enumerate(rows) if r["item"] in {q["item"] for q in rows[:i]}]
    if repeated:
        raise SurveyError(
            f"The mapping file names item {repeated[0]!r} twice.", where=path.name, fix="keep one"
        )
    return {row["item"]: {k: v for k, v in row.items() if k != "item" and v} for row in rows}


def _rule(item: str, entry: Any, where: str) -> ItemRule:
    if entry is None or entry is False or entry == "":
        return ItemRule(None)
    if isinstance(entry, ItemRule):
        return entry
    if isinstance(entry, str):
        return ItemRule(entry)
    if not isinstance(entry, Mapping):
        raise SurveyError(
            f"The mapping of item {item!r} is neither a column name nor a table.", where=where
        )
    for key in entry:
        if key not in _KEYS:
            raise SurveyError(
                f"The mapping of item {item!r} has the unknown key {key!r}."
                f"{did_you_mean(str(key), _KEYS)}",
                where=where,
                fix=f"use {', '.join(_KEYS)}",
            )
    reverse = entry.get("reverse", False)
    codes = _codes(item, entry.get("codes"), where)
    return ItemRule(
        entry.get("column") or None,
        str(reverse).strip().casefold() in _TRUE,
        tuple(int(c) for c in codes) if codes else None,
        _codes(item, entry.get("missing"), where),
    )


def _codes(item: str, value: Any, where: str) -> tuple[float, ...]:
    if value is None:
        return ()
    parts = re.split(r"[\s;,]+", value.strip()) if isinstance(value, str) else value
    parts = [parts] if isinstance(parts, int | float) else parts
    try:
        return tuple(float(part) for part in parts)
    except (TypeError, ValueError) as error:
        raise SurveyError(
            f"The codes {value!r} of item {item!r} are not numbers.",
            where=where,
            fix="write codes = [1, 7] in TOML, or 1 7 in CSV",
        ) from error


def _check_items(rules: Mapping[str, ItemRule], items: tuple[str, ...], where: str) -> None:
    for item, rule in rules.items():
        if not items or item in items:
            continue
        turned = rule.column in items
        raise SurveyError(
            f"The mapping names {item!r}, which is no item of the instrument."
            f"{did_you_mean(item, items)}",
            where=where,
            fix="turn the mapping round: it goes from item to column"
            if turned
            else "use the item names that list(item.name for item in instrument.items) gives",
        )


def _check_columns(rules: Mapping[str, ItemRule], where: str) -> None:
    owner: dict[str, str] = {}
    for item, rule in rules.items():
        if rule.column is None:
            continue
        if rule.column in owner:
            raise SurveyError(
                f"The mapping gives column {rule.column!r} to both {owner[rule.column]!r} and "
                f"{item!r}.",
                where=where,
                fix="give each item its own column",
            )
        owner[rule.column] = item
