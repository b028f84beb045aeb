"""Point into the user's own text: the line, the column and a caret under the place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from truststats.errors import ModelSyntaxError, NotSupportedError

if TYPE_CHECKING:
    from truststats.model.statement import Statement

__all__ = ["line_and_column", "not_supported", "point", "position_of", "syntax_error"]


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return the line and the column of a position, both counted from 1."""
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def position_of(text: str, statement: Statement) -> int:
    """Return the index at which a statement's term stands in the text."""
    lines = text.split("\n")[: statement.line - 1]
    return sum(len(line) + 1 for line in lines) + statement.column - 1


def point(text: str, position: int, length: int = 1) -> str:
    """Return ``line 2, column 7`` and, below it, that line with carets under the place.

    Parameters
    ----------
    text : str
        The whole text the user wrote.
    position : int
        Index of the first character concerned.
    length : int
        How many characters to underline; cut at the end of the line.
    """
    line, column = line_and_column(text, position)
    shown = (text.split("\n")[line - 1] if text else "").rstrip("\r")
    # Tabs are kept in the margin so that the caret stands under the character in any terminal.
    margin = "".join(c if c == "\t" else " " for c in shown[: column - 1])
    carets = "^" * max(1, min(length, len(shown) - column + 1))
    return f"line {line}, column {column}:\n  {shown}\n  {margin}{carets}"


def syntax_error(
    what: str, text: str, position: int, length: int = 1, *, why: str = "", fix: str = ""
) -> ModelSyntaxError:
    """Return a `ModelSyntaxError` whose `where` points at the place."""
    return ModelSyntaxError(what, where=point(text, position, length), why=why, fix=fix)


def not_supported(
    what: str, text: str, position: int, length: int = 1, *, why: str = "", fix: str = ""
) -> NotSupportedError:
    """Return a `NotSupportedError` whose `where` points at the place."""
    return NotSupportedError(what, where=point(text, position, length), why=why, fix=fix)
