"""read_survey: any file or frame of answers, bound to an instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from truststats.constructs import load_instrument
from truststats.errors import Problem, SurveyError
from truststats.options import choose
from truststats.survey.answers import encode, response_set_of, vocabulary
from truststats.survey.columns import Match, known_keys, match_columns, resolve_column
from truststats.survey.finding import counted
from truststats.survey.formats import from_frame, load
from truststats.survey.ids import find_respondent, normalise_ids, normalise_sizes, number_note
from truststats.survey.mapping import ItemRule, read_mapping
from truststats.survey.numbers import Decimal, conflict_problem, convert, sniff_decimal
from truststats.survey.synthetic import (
    COLUMN,
    has_synthetic_column,
    is_synthetic,
    is_synthetic_file,
    labelled,
)
from truststats.survey.table import Request, Table, note
from truststats.survey.value import Design, Survey

if TYPE_CHECKING:
    from truststats.constructs import Instrument

__all__ = ["read_survey"]


def read_survey(
    path_or_frame: Any,
    *,
    instrument: Instrument | str | Path | None = None,
    cluster: str | None = None,
    group: str | None = None,
    weights: str | None = None,
    columns: Mapping[str, Any] | str | Path | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    unit_sizes: Mapping[Any, int] | None = None,
    synthetic: bool | None = None,
    respondent: str | None = None,
    sheet: str | None = None,
) -> Survey:
    """Read answers from a file or data frame and bind them to the instrument that was asked.

    Parameters
    ----------
    path_or_frame : path or data frame
        A .csv, .tsv, .txt, .xlsx, .sav, .zsav, .dta or .parquet file, or any frame that narwhals
        knows (pandas, polars, pyarrow ...).
    instrument : Instrument, name or path, optional
        What was asked. Columns are found by item name, code or full text; without an instrument
        every numeric column counts as an item.
    cluster, group, weights : str, optional
        Columns of the design. Cluster and group are read as text, so leading zeros survive.
    columns : mapping or path, optional
        Item to column where the search cannot know; see `truststats.survey.mapping.read_mapping`.
    encoding, delimiter, decimal : str, optional
        Override what is sniffed in text files (encoding also for SPSS and Stata).
    unit_sizes : mapping, optional
        People invited, by unit; gives response rates and shows silent units.
    synthetic : bool, optional
        Whether the answers were generated; by default as the file calls itself: by its name or
        title, ``attrs["synthetic"]`` of a frame, or a 1 in a column ``synthetic``.
    respondent : str, optional
        Column that names the respondent; found by its name when not given.
    sheet : str, optional
        Sheet of a workbook.

    Returns
    -------
    Survey
        Raw codes and design; nothing is dropped and the input is not changed.

    Raises
    ------
    SurveyError
        If the file cannot be read, a named column is absent, two columns claim one item, or no
        column answers any item.
    """
    if decimal is not None:
        choose("decimal", decimal, (".", ","))
    if isinstance(instrument, str | Path):
        instrument = load_instrument(str(instrument))
    asked = tuple(item.name for item in instrument.items) if instrument is not None else ()
    rules = read_mapping(columns, asked)
    request = Request(encoding, delimiter, sheet, known_keys(instrument), _labels(instrument))
    table, digest, source = _open(path_or_frame, request)
    names = list(table.frame.columns)
    design = Design(
        resolve_column("cluster", cluster, names),
        resolve_column("group", group, names),
        resolve_column("weights", weights, names),
        normalise_sizes(unit_sizes),
        resolve_column("respondent", respondent, names) or find_respondent(names),
    )
    rules = {item: _resolved(item, rule, names) for item, rule in rules.items()}
    survey = _bind(table, instrument, design, rules, decimal)
    told = synthetic if synthetic is not None else _is_synthetic(table, source, digest)
    if not told:
        survey.frame.attrs.pop("synthetic", None)
    return replace(
        survey,
        frame=labelled(survey.frame, told),
        source=source,
        file_hash=digest,
        synthetic=told,
    )


def _open(data: Any, request: Request) -> tuple[Table, str, str]:
    """Return the table of a file or frame, its sha256, and what to call it."""
    if isinstance(data, str | Path):
        path = Path(data)
        return *load(path, request), path.name
    return *from_frame(data), f"{type(data).__module__.split('.')[0]} data frame"


def _labels(instrument: Instrument | None) -> frozenset[str]:
    """Return the keys of all answer labels of an instrument."""
    if instrument is None:
        return frozenset()
    sets = {c.response_set.key: c.response_set for c in instrument.constructs.values()}
    return frozenset(key for answers in sets.values() for key in vocabulary(answers))


def _is_synthetic(table: Table, source: str, digest: str) -> bool:
    """Return whether the data say that they are synthetic, or are a copy of a bundled file."""
    named = "synthetic" in f"{table.title} {source}".casefold()
    return named or is_synthetic(table.frame) or is_synthetic_file(digest)


def _resolved(item: str, rule: ItemRule, names: list[str]) -> ItemRule:
    return replace(rule, column=resolve_column(f"columns[{item!r}]", rule.column, names))


def _bind(
    table: Table,
    instrument: Instrument | None,
    design: Design,
    rules: Mapping[str, ItemRule],
    decimal: str | None,
) -> Survey:
    """Return the survey of a table: ids to text, numbers to numbers, labels to codes."""
    frame, notes = _identifiers(table, design)
    ids = {design.cluster, design.group, design.respondent} - {None}
    plain = [name for name in frame.columns if name not in ids]
    mark = Decimal(decimal or ".")
    if table.is_text and decimal is None:
        mark = sniff_decimal(frame[plain], table.delimiter)
        notes += conflict_problem(mark)
    if table.is_text:
        frame = frame.assign(**{name: convert(frame[name], mark.mark) for name in plain})
        if mark.mark == ",":
            notes += (note("decimal_comma", "Numbers were read with a decimal comma."),)
    match = _match(table, frame, instrument, design, rules)
    if instrument is not None:
        frame, translated = _encode_items(frame, instrument, match, mark.mark)
        notes += translated
    return Survey(
        frame,
        instrument,
        match.columns,
        design,
        value_labels=table.value_labels,
        user_missing=table.user_missing,
        notes=(*table.notes, *notes),
        labels=table.labels,
        rules={item: rule for item, rule in rules.items() if item in match.columns},
        missing_items=match.missing,
        first_line=table.first_line,
    )


def _identifiers(table: Table, design: Design) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Return the frame with its design columns as text, and what that changed."""
    frame, notes = table.frame, ()
    for name in dict.fromkeys((design.cluster, design.group, design.respondent)):
        if name is None:
            continue
        cells = frame[name]
        labels = table.value_labels.get(name)
        if labels and name == design.group:
            cells = cells.map(lambda code, labels=labels: labels.get(code, code))
        width = table.widths.get(name, 0)
        texts, found = normalise_ids(cells, width)
        frame = frame.assign(**{name: texts})
        if table.stores_floats:
            found = () if labels else number_note(name, cells, width)
        notes += () if name == design.respondent else found
    return frame, notes


def _match(
    table: Table,
    frame: pd.DataFrame,
    instrument: Instrument | None,
    design: Design,
    rules: Mapping[str, ItemRule],
) -> Match:
    taken = (design.cluster, design.group, design.weights, design.respondent)
    reserved = {name for name in taken if name is not None}
    if has_synthetic_column(frame):
        reserved.add(COLUMN)
    explicit = {item: rule.column for item, rule in rules.items()}
    clash = {item: c for item, c in explicit.items() if c in reserved}
    if clash:
        item, column = next(iter(clash.items()))
        raise SurveyError(
            f"Column {column!r} is given to item {item!r} and to the design.",
            fix="a column is either an answer or a part of the design",
        )
    if instrument is not None:
        headers = {name: table.headers[name] for name in frame.columns}
        return match_columns(headers, table.labels, instrument, explicit, reserved)
    named = {column: item for item, column in explicit.items() if column}
    numeric = [
        str(name)
        for name in frame.columns
        if name not in reserved
        and pd.api.types.is_numeric_dtype(frame[name])
        and not pd.api.types.is_bool_dtype(frame[name])
    ]
    return Match({named.get(name, name): name for name in numeric})


def _encode_items(
    frame: pd.DataFrame, instrument: Instrument, match: Match, decimal: str
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Return the frame with answer labels as codes, and a note of what was translated."""
    coded, used, translated = {}, {}, []
    for item, column in match.columns.items():
        words = vocabulary(response_set_of(instrument, item))
        coded[column], labels = encode(frame[column], words, decimal)
        if labels:
            used |= labels
            translated.append(item)
    notes = ()
    if translated:
        table = ", ".join(f"{label!r} = {code:g}" for label, code in sorted(used.items()))
        items = counted(len(translated), "item", "items")
        message = f"Answers of {items} were texts and read as codes: {table}."
        notes = (note("labels_read", message, where=", ".join(translated)),)
    return frame.assign(**coded), notes
