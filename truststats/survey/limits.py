"""Where each check begins to speak."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True)
class Limits:
    """Limits of the checks; give `survey.check` others where yours differ.

    Attributes
    ----------
    tiny_unit : int
        Units with fewer answers are reported; they are suppressed wherever they are shown.
    missing_share : float
        Share of missing answers above which an item is reported.
    ceiling : float
        Share of answers in one end category above which an item is reported.
    straight_items : int
        Equal answers in a row that count as straight-lining; all items when there are fewer.
    straight_least : int
        Number of items below which straight-lining is not looked for.
    duplicate_items : int
        Answers two equal rows must have to count as duplicates.
    duplicate_modal_share : float
        Share of one answer in a row above which an equal row may well be chance.
    reversal : float
        Correlation with the rest of the construct below minus this suggests another keying.
    reversal_rows : int
        Complete pairs of answers needed before a correlation is read.
    unreadable_share : float
        Share of unreadable answers of an item above which they are an error.
    first : int
        How many rows are named.
    """

    tiny_unit: int = 5
    missing_share: float = 0.15
    ceiling: float = 0.45
    straight_items: int = 20
    straight_least: int = 10
    duplicate_items: int = 20
    duplicate_modal_share: float = 0.75
    reversal: float = 0.15
    reversal_rows: int = 30
    unreadable_share: float = 0.05
    first: int = 5
