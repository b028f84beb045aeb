"""Tables as values: numbers stay numbers until a table is shown or saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from truststats.errors import OptionError
from truststats.options import did_you_mean
from truststats.present.cards.card import Section, columns_text, plain_signs
from truststats.present.wording.numbers import format_value, interval
from truststats.present.wording.words import words
from truststats.survey.crossings import refuse_person_table
from truststats.survey.synthetic import COLUMN, is_synthetic

__all__ = ["Table", "marked", "table"]

_SUFFIXES = (".csv", ".docx", ".html", ".tex")


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """A table for a paper: a frame, and how each column is shown.

    Attributes
    ----------
    frame : pandas.DataFrame
        The values; not changed by showing them.
    title : str
        Heading.
    notes : tuple of str
        What stands below the table.
    formats : mapping of str to str or tuple of str
        Column to format, see `wording.numbers.format_value`. ``"[b2"`` and ``"]b2"``
        on two columns show both as one interval under the heading of the first; ``"file"`` keeps
        a column for CSV files only; a tuple has one format for each row.
    headers : mapping of str to str
        Column to heading; the column's own name where it is missing.
    language : str
        Language code.
    """

    frame: pd.DataFrame
    title: str = ""
    notes: tuple[str, ...] = ()
    formats: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that are shown as columns: upper limits stand with their lower ones."""
        specs = {c: self.formats.get(c, "") for c in self.frame.columns}
        return tuple(c for c, spec in specs.items() if spec != "file" and spec[:1] != "]")

    @property
    def header(self) -> tuple[str, ...]:
        """Headings of the shown columns."""
        return tuple(self.headers.get(column, str(column)) for column in self.shown)

    @property
    def align(self) -> str:
        """One letter a shown column: ``r`` for numbers, else ``l``."""
        return "".join("l" if self._spec(c) == "text" else "r" for c in self.shown)

    def cells(self, *, plain: bool = False) -> list[tuple[str, ...]]:
        """Return every row as text, as shown; numbers and intervals hold no breaking space.

        Parameters
        ----------
        plain : bool
            Whether numbers use only characters of ASCII.
        """
        records = self.frame.to_dict(orient="records")
        sides = dict(zip(self.shown, self.align, strict=True))
        return [
            tuple(
                text.replace(" ", "\N{NO-BREAK SPACE}") if sides[column] == "r" else text
                for column, text in ((c, self._cell(k, row, c, plain)) for c in self.shown)
            )
            for k, row in enumerate(records)
        ]

    def _spec(self, column: str) -> str | tuple[str, ...]:
        if column in self.formats:
            return self.formats[column]
        return "f3" if self.frame[column].dtype.kind == "f" else "text"

    def _cell(self, number: int, row: Mapping[Any, Any], column: str, plain: bool) -> str:
        spec = self._spec(column)
        spec = spec[number] if isinstance(spec, tuple) else spec
        if not spec.startswith("["):
            return format_value(row[column], spec, self.language, plain=plain)
        upper = self.frame.columns[list(self.frame.columns).index(column) + 1]
        if pd.isna(row[column]):
            return format_value(None, spec[1:], self.language, plain=plain)
        return interval(
            row[column],
            row[upper],
            int(spec[2:]),
            self.language,
            bounded=spec[1] == "b",
            plain=plain,
        )

    def text(self) -> str:
        """Return the table as plain text, at most 80 columns wide where that is possible."""
        section = Section(self.header, tuple(self.cells(plain=True)), self.align)
        body = columns_text(section)
        blocks = [self.title, body, *map(plain_signs, self.notes)]
        return "\n".join(b for b in blocks if b).replace("\N{NO-BREAK SPACE}", " ")

    def save(self, path: str | Path) -> Path:
        """Write the table; the ending of the name says how.

        Parameters
        ----------
        path : path
            ``.csv`` (values with all digits, for machines and spreadsheets; a column
            ``synthetic`` of ones where the answers were simulated), ``.docx`` (a real Word
            table), ``.html`` (one page that needs nothing else) or ``.tex`` (booktabs). Folders
            that are not there are made.

        Returns
        -------
        pathlib.Path
            The path written.

        Raises
        ------
        OptionError
            If the ending is none of these.
        """
        from truststats.present.tables import files as table_files

        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in _SUFFIXES:
            raise OptionError(
                f"A table cannot be saved as {target.name!r}.{did_you_mean(suffix, _SUFFIXES)}",
                fix=f"use a name that ends in one of: {', '.join(_SUFFIXES)}",
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        table_files.WRITERS[suffix](self, target)
        return target

    def html(self) -> str:
        """Return the table as an HTML element with caption, scopes and notes; all escaped."""
        from truststats.present.tables.html import element

        return element(self)

    def gt(self) -> Any:
        """Return the table as a `great_tables.GT`, to be styled further.

        Raises
        ------
        NotSupportedError
            If great_tables is not installed.
        """
        from truststats.present.tables.html import great_table

        return great_table(self)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from truststats.present.tables.html import notebook

        return notebook(self)


def table(value: Any, language: str = "en", *, allow_person_rows: bool = False) -> Table:
    """Return the table of a value, ready for a paper.

    Parameters
    ----------
    value : object
        A fit (its estimates), verdicts, rivals, a survey (missing answers), its checks, an
        instrument or construct (its items), a crosscheck, the frame of `reliability`, or any
        other data frame or series.
    language : str
        Language of headings, labels and numbers.
    allow_person_rows : bool
        Whether the frame of factor scores, a row a person, may become a table.

    Returns
    -------
    Table
        Save it by ``.save("table.docx")``.

    Raises
    ------
    OptionError
        If there is no table for such a value.
    DataError
        If the value holds rows of single people.

    Examples
    --------
    >>> import truststats as ts
    >>> ts.table(fit, language="nb").save("estimates.docx")  # doctest: +SKIP
    """
    from truststats.present.tables.make import make

    refuse_person_table(value, allow=allow_person_rows)
    return marked(make(value, words(language)), value)


def marked(made: Table, value: Any) -> Table:
    """Return the table with a note that the answers are synthetic, if the value says they are.

    In CSV files, which have no notes, a last column ``synthetic`` holds a 1 in every row: the
    same mark that `truststats.read_survey` knows.

    Parameters
    ----------
    made : Table
        The table.
    value : object
        What it is made of: a survey, a fit, a study, a frame or any other result.
    """
    note = words(made.language)("table.note_synthetic")
    if note in made.notes or not is_synthetic(value):
        return made
    return replace(
        made,
        frame=made.frame.assign(**{COLUMN: 1}),
        notes=(note, *made.notes),
        formats={**made.formats, COLUMN: "file"},
    )
