"""`InstrumentChange`: two versions of a questionnaire, item by item, and what may be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truststats import _bridge
from truststats.constructs.change import ConstructChange, ItemChange
from truststats.errors import OptionError, Problem
from truststats.options import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from truststats.constructs import Instrument
    from truststats.results.instrument_link import InstrumentLink

__all__ = ["InstrumentChange"]


@dataclass(frozen=True, repr=False, eq=False)
class InstrumentChange:
    """What differs between two versions of a questionnaire, before any answer is seen.

    Attributes
    ----------
    old, new : Instrument
    languages : tuple of str
        In which wordings and labels were compared.
    items : tuple of ItemChange
        Those of the old version in its order, then those added.
    constructs : tuple of ConstructChange
        What may be compared of each, and why.
    problems : tuple of Problem
    """

    old: Instrument
    new: Instrument
    languages: tuple[str, ...]
    items: tuple[ItemChange, ...]
    constructs: tuple[ConstructChange, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def anchors(self) -> tuple[str, ...]:
        """Names of the items that can anchor, in the old version."""
        return tuple(item.name for item in self.items if item.anchor)

    def __getitem__(self, construct: str) -> ConstructChange:
        """Return the row of one construct, by its key or its code."""
        known = {row.construct: row for row in self.constructs}
        for instrument in (self.old, self.new):
            if _has(instrument, construct):
                return known[instrument[construct].key]
        raise OptionError(
            f"Neither version has a construct {construct!r}.{did_you_mean(construct, known)}",
            fix=f"use one of: {', '.join(known)}",
        )

    def frame(self) -> pd.DataFrame:
        """Return one row an item.

        Returns
        -------
        pandas.DataFrame
            item, new_item, construct, new_construct, kind, details, anchor, wording and new_wording
            (in the first language compared), points and new_points; empty or 0 where a version
            does not ask it.
        """
        import pandas as pd

        return pd.DataFrame([self._row(item) for item in self.items])

    def _row(self, row: ItemChange) -> dict[str, Any]:
        sides = []
        for item, instrument in ((row.old, self.old), (row.new, self.new)):
            code = (self.languages or instrument.languages)[0]
            wording = "" if item is None else item.text[code]
            sides.append((item.name, item.construct, wording) if item is not None else ("", "", ""))
        (name, construct, wording), (new_name, new_construct, new_wording) = sides
        return {
            "item": name, "new_item": new_name, "construct": construct,
            "new_construct": new_construct, "kind": row.kind, "details": ", ".join(row.details),
            "anchor": row.anchor, "wording": wording, "new_wording": new_wording,
            "points": row.points[0], "new_points": row.points[1],
        }  # fmt: skip

    def constructs_frame(self) -> pd.DataFrame:
        """Return one row a construct.

        Returns
        -------
        pandas.DataFrame
            construct, licence, reason, n_anchors, anchors, changed, added, dropped, asked and
            new_asked (items of its factor).
        """
        import pandas as pd

        rows = [
            {
                "construct": row.construct, "licence": row.licence, "reason": row.reason,
                "n_anchors": len(row.anchors), "anchors": ", ".join(row.anchors),
                "changed": ", ".join(row.changed), "added": ", ".join(row.added),
                "dropped": ", ".join(row.dropped), "asked": row.asked[0],
                "new_asked": row.asked[1],
            }
            for row in self.constructs
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def link(self, old_survey: Any, new_survey: Any, **options: Any) -> InstrumentLink:
        """Link the answers to both versions by the items that have not changed.

        Parameters
        ----------
        old_survey, new_survey : Survey
            Read with the old and the new version as their instrument.
        **options
            See `truststats.workflow.instrument_link.link`: ``id``, ``constructs``, ``rule`` and
            others.

        Returns
        -------
        InstrumentLink
        """
        return _bridge.call(
            "workflow.instrument_link", "link", self, old_survey, new_survey, **options
        )

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def _has(instrument: Instrument, construct: str) -> bool:
    fold = construct.casefold()
    return any(
        fold in (c.key.casefold(), c.code.casefold()) for c in instrument.constructs.values()
    )
