"""What a text file does not say about itself: encoding, delimiter, and where its header is."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from truststats.errors import SurveyError
from truststats.survey.numbers import NO_ANSWER, parse_number
from truststats.survey.text import identifier_key, text_key

__all__ = ["Header", "decode", "find_header", "known_names", "sniff_delimiter"]

ENCODINGS = ("utf-8-sig", "cp1252")
DELIMITERS = (";", "\t", "|", ",")
_LOOK = 30


def decode(data: bytes, encoding: str | None = None, source: str = "") -> tuple[str, str]:
    """Return the text of a file and the encoding it was read with.

    Parameters
    ----------
    data : bytes
        The whole file, so that a late byte cannot contradict an early guess.
    encoding : str, optional
        Overrides the order byte-order mark, UTF-8, cp1252.
    source : str
        The file's name, for the message.

    Raises
    ------
    SurveyError
        If the bytes are not valid in the encoding, or the encoding is unknown.
    """
    if encoding is None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16"), "utf-16"
    problem: Exception | None = None
    for name in (encoding,) if encoding else ENCODINGS:
        try:
            text = data.decode(name)
            bare = name == "utf-8-sig" and not data.startswith(b"\xef\xbb\xbf")
            return text, "utf-8" if bare else name
        except LookupError as error:
            raise SurveyError(
                f"encoding={name!r} is not an encoding that Python knows.",
                where=source,
                fix='use for example encoding="cp1252", "utf-8" or "mac-roman"',
            ) from error
        except UnicodeDecodeError as error:
            problem = error
    tried = encoding or ", ".join(ENCODINGS)
    raise SurveyError(
        f"The file cannot be decoded ({tried}): {problem}.",
        where=source,
        why="reading on would turn letters such as æ, ø and å into other letters",
        fix='give the encoding, for example encoding="mac-roman" or encoding="latin-1"',
    )


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that splits the first lines into equally many fields, most of all."""
    first = text.splitlines()[:1]
    if first and first[0].casefold().startswith("sep=") and len(first[0]) == 5:
        return first[0][4]
    sample = "\n".join(text.splitlines()[: _LOOK + 1])
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = [len(r) for r in csv.reader(io.StringIO(sample), delimiter=delimiter) if r]
        if not widths or max(widths) < 2:
            continue
        common = max(set(widths), key=lambda w: (widths.count(w), w))
        score = (round(widths.count(common) / len(widths), 1) if common > 1 else 0.0, common)
        if score > best_score:
            best, best_score = delimiter, score
    return best


@dataclass(frozen=True)
class Header:
    """Where the header stands: its row (from 0) and how many rows of texts stand below it."""

    row: int
    text_rows: int = 0


def _is_blank(cell: object) -> bool:
    return cell is None or str(cell).strip().casefold() in NO_ANSWER


def _is_number(cell: object) -> bool:
    if isinstance(cell, str):
        return parse_number(cell) is not None or parse_number(cell, ",") is not None
    return isinstance(cell, int | float)


def _score(row: Sequence[object], width: int, known: frozenset[str]) -> tuple[int, int]:
    """Return how much a row looks like a header: known names first, then distinct texts."""
    texts = [str(c) for c in row if not _is_blank(c) and not _is_number(c)]
    hits = sum(identifier_key(t) in known or text_key(t) in known for t in texts)
    full = len(texts) == len(set(texts)) and len(texts) >= 0.6 * width
    return hits, int(full)


def find_header(
    rows: Sequence[Sequence[object]],
    known: frozenset[str] = frozenset(),
    answers: frozenset[str] = frozenset(),
) -> Header:
    """Return the header row among the first rows of a sheet, below titles and merged cells.

    Parameters
    ----------
    rows : sequence of rows
        The first rows, blank cells as None or "".
    known : frozenset of str
        Keys (`identifier_key`, `text_key`) of names and texts that a header may hold.
    answers : frozenset of str
        `text_key` of answer labels; a row with such a label is data.
    """
    look = rows[:_LOOK]
    if not look:
        return Header(0)
    width = max(sum(not _is_blank(c) for c in row) for row in look)
    scores = [_score(row, width, known) for row in look]
    best = max(scores)
    row = (
        scores.index(best)
        if best > (0, 0)
        else next((i for i, r in enumerate(look) if any(not _is_blank(c) for c in r)), 0)
    )
    while row > 0 and _score(look[row - 1], width, frozenset())[1]:
        if not _text_rows(look, row - 1, answers):
            break
        row -= 1
    return Header(row, _text_rows(look, row, answers))


def _text_rows(rows: Sequence[Sequence[object]], header: int, answers: frozenset[str]) -> int:
    """Count rows of question texts between the header and the numbers (as Qualtrics writes)."""
    count = 0
    for at in range(header + 1, min(header + 4, len(rows) - 2)):
        below = rows[at + 1 : at + 8]
        columns = [j for j in range(len(rows[at])) if _numeric_below(below, j)]
        cells = [rows[at][j] for j in columns if not _is_blank(rows[at][j])]
        texts = [c for c in cells if not _is_number(c) and text_key(c) not in answers]
        if len(cells) < 2 or len(texts) < 0.8 * len(cells):
            break
        if sum(_is_sentence(c) for c in texts) < 0.5 * len(texts):
            break
        count = at - header
    return count


def _is_sentence(cell: object) -> bool:
    """Whether a text is long enough to be a question, or one of a survey tool's own marks."""
    text = str(cell).strip()
    return text.startswith("{") or (len(text) >= 12 and " " in text)


def _numeric_below(rows: Sequence[Sequence[object]], column: int) -> bool:
    cells = [r[column] for r in rows if column < len(r) and not _is_blank(r[column])]
    return sum(_is_number(c) for c in cells) >= max(1, 0.6 * len(cells))


def known_names(row: Sequence[object], known: frozenset[str]) -> int:
    """Return how many cells of a row are names or texts of the instrument."""
    return _score(row, 0, known)[0]
