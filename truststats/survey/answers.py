"""From raw cells to analysable answers: every cell gets a state, and only valid ones a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats.survey.mapping import ItemRule
from truststats.survey.numbers import NO_ANSWER, parse_number
from truststats.survey.text import text_key

if TYPE_CHECKING:
    from truststats.constructs import Instrument, ResponseSet

__all__ = ["Answers", "CellState", "Coding", "classify", "coding_of", "encode", "vocabulary"]

_CODE_AND_LABEL = re.compile(r"(-?\d+)\s*[-–:.=)]*\s*(\D.*)|(\D.*?)\s*[(\[]?(-?\d+)[)\]]?")


class CellState(IntEnum):
    """What one cell is."""

    VALID = 0
    BLANK = 1
    DONT_KNOW = 2
    USER_MISSING = 3
    OUT_OF_RANGE = 4
    UNREADABLE = 5


@dataclass(frozen=True)
class Coding:
    """Which codes of a column are answers.

    Attributes
    ----------
    codes : tuple of int
        The answers in order; empty when no instrument says.
    missing : frozenset of float
        Codes that mean don't know or not relevant.
    reverse : bool
        Whether the file runs the other way than the instrument.
    """

    codes: tuple[int, ...] = ()
    missing: frozenset[float] = frozenset()
    reverse: bool = False


@dataclass(frozen=True)
class Answers:
    """The decoded answers of all matched items.

    Attributes
    ----------
    values : DataFrame
        float64, one column an item, NaN where there is no valid answer.
    raw : DataFrame
        float64, the codes as they stand in the file; NaN for blanks and unreadable texts.
    states : ndarray of int8, shape (rows, items)
        A `CellState` for each cell.
    """

    values: pd.DataFrame
    raw: pd.DataFrame
    states: np.ndarray


def response_set_of(instrument: Instrument, item: str) -> ResponseSet:
    """Return the response set in which an item is answered."""
    return instrument.constructs[instrument.item(item).construct].response_set


def coding_of(instrument: Instrument | None, item: str, rule: ItemRule | None) -> Coding:
    """Return which codes are answers to an item: the instrument's, unless the mapping overrides."""
    codes: tuple[int, ...] = ()
    missing: frozenset[float] = frozenset()
    if instrument is not None:
        answers = response_set_of(instrument, item)
        codes, missing = tuple(answers.codes), frozenset(float(c) for c in answers.missing)
    if rule is not None and rule.codes:
        low, high = min(rule.codes), max(rule.codes)
        codes = tuple(range(low, high + 1)) if len(rule.codes) == 2 else rule.codes
        missing = frozenset()
    if rule is not None:
        missing |= frozenset(rule.missing)
    return Coding(codes, missing, bool(rule and rule.reverse))


def vocabulary(answers: ResponseSet) -> dict[str, float]:
    """Return the code of each answer label in all languages; labels with two codes are left out."""
    codes: dict[str, set[float]] = {}
    for labels in answers.labels.values():
        for code, label in zip(answers.codes, labels, strict=True):
            codes.setdefault(text_key(label), set()).add(float(code))
    for code, labels in answers.missing.items():
        for label in labels.values():
            codes.setdefault(text_key(label), set()).add(float(code))
    return {key: next(iter(found)) for key, found in codes.items() if key and len(found) == 1}


def _code_of(text: str, words: Mapping[str, float], decimal: str) -> float | None:
    """Return the code that one cell's text stands for, or None when it cannot be read."""
    number = parse_number(text, decimal)
    if number is not None:
        return number
    code = words.get(text_key(text))
    if code is not None:
        return code
    match = _CODE_AND_LABEL.fullmatch(text.strip())
    if match is None:
        return None
    written, label = float(match.group(1) or match.group(4)), match.group(2) or match.group(3)
    return written if words.get(text_key(label)) == written else None


def encode(
    column: pd.Series, words: Mapping[str, float], decimal: str = "."
) -> tuple[pd.Series, dict[str, float]]:
    """Return a column of answers as codes, and the labels that were translated.

    Texts that are neither a number nor a known label stay as they are, so that they can be
    counted and shown.

    Parameters
    ----------
    column : Series
        Raw cells; a numeric column is returned unchanged.
    words : mapping
        `text_key` of a label to its code.
    decimal : {".", ","}
        Decimal mark of numbers written as text.
    """
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return pd.Series(column.to_numpy(dtype="float64", na_value=np.nan), column.index), {}
    cells = column.astype(object)
    table: dict[Any, Any] = {}
    used: dict[str, float] = {}
    for value in cells.dropna().unique():
        if not isinstance(value, str):
            table[value] = _plain_number(value)
        elif value.strip().casefold() in NO_ANSWER:
            table[value] = np.nan
        else:
            code = _code_of(value, words, decimal)
            table[value] = value.strip() if code is None else code
            if code is not None and parse_number(value, decimal) is None:
                used[value.strip()] = code
    mapped = cells.map(table)
    numeric = not any(isinstance(v, str) for v in table.values())
    return (mapped.astype("float64") if numeric else mapped), used


def _plain_number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def is_user_missing(cells: pd.Series, raw: np.ndarray, declared: Sequence[Any]) -> np.ndarray:
    """Return which cells hold a value that the file itself declares as missing."""
    hit = np.zeros(len(cells), dtype=bool)
    for value in declared:
        if isinstance(value, str):
            hit |= (cells == value).to_numpy(dtype=bool, na_value=False)
        elif isinstance(value, tuple):
            hit |= (raw >= value[0]) & (raw <= value[1])
        else:
            hit |= raw == float(value)
    return hit


def _to_float(cells: pd.Series) -> np.ndarray:
    if cells.dtype == object or not pd.api.types.is_numeric_dtype(cells):
        return pd.to_numeric(cells, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    return cells.to_numpy(dtype="float64", na_value=np.nan)


def _states(
    cells: pd.Series, raw: np.ndarray, coding: Coding, declared: Sequence[Any]
) -> np.ndarray:
    """Return the state of each cell; the first that applies, in the order of `CellState`."""
    state = np.zeros(len(raw), dtype=np.int8)
    if coding.codes:
        inside = (raw > min(coding.codes)) & (raw < max(coding.codes)) & (raw != np.floor(raw))
        state[~(np.isin(raw, coding.codes) | inside)] = CellState.OUT_OF_RANGE
    state[np.isnan(raw)] = CellState.UNREADABLE
    state[is_user_missing(cells, raw, declared)] = CellState.USER_MISSING
    if coding.missing:
        state[np.isin(raw, list(coding.missing))] = CellState.DONT_KNOW
    state[cells.isna().to_numpy()] = CellState.BLANK
    return state


def classify(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    codings: Mapping[str, Coding],
    user_missing: Mapping[str, Sequence[Any]],
) -> Answers:
    """Return the state and, where valid, the value of every answer.

    Parameters
    ----------
    frame : DataFrame
        Raw codes.
    columns : mapping
        Item name to column.
    codings : mapping
        Item name to `Coding`.
    user_missing : mapping
        Column to the codes, letters or (low, high) ranges that the file declares as missing.
    """
    raw = np.full((len(frame), len(columns)), np.nan)
    values = raw.copy()
    states = np.zeros(raw.shape, dtype=np.int8)
    for j, (item, column) in enumerate(columns.items()):
        coding, cells = codings[item], frame[column]
        raw[:, j] = _to_float(cells)
        states[:, j] = _states(cells, raw[:, j], coding, user_missing.get(column, ()))
        valid = states[:, j] == CellState.VALID
        kept = raw[valid, j]
        turn = coding.reverse and bool(coding.codes)
        values[valid, j] = min(coding.codes) + max(coding.codes) - kept if turn else kept
    names = pd.Index(list(columns))
    return Answers(
        pd.DataFrame(values, frame.index, names), pd.DataFrame(raw, frame.index, names), states
    )
