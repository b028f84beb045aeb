"""`EstimatorChoice`: how a study estimates its model, and by which numbers that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from truststats import _bridge
from truststats.psychometrics.answer_shapes import AnswerShapes

__all__ = ["EstimatorChoice"]


@dataclass(frozen=True, repr=False, eq=False)
class EstimatorChoice:
    """Whether answers are taken as numbers or as ordered categories, and why.

    Attributes
    ----------
    estimator : str
        What is used: "WLSMV" for ordered categories, "MLR" for numbers, or what was asked for.
    missing : str
        What is done where answers are missing, as for `truststats.fit`.
    advice : str
        What the rule says, "WLSMV" or "MLR"; the same as `estimator` unless another was asked for.
    automatic : bool
        Whether the rule chose.
    ordered : tuple of str
        Items that are taken as ordered categories.
    signs : tuple of str
        What speaks for ordered categories: "few_categories", "piled_up".
    barriers : tuple of str
        What speaks against them: "few_people", "thin_pairs", "many_missing", "full_information".
    names : tuple of str
        The items looked at.
    shapes : AnswerShapes
        How their answers lie on their scales.
    synthetic : bool
        Whether the answers were simulated.
    """

    estimator: str
    missing: str
    advice: str
    automatic: bool
    ordered: tuple[str, ...]
    signs: tuple[str, ...]
    barriers: tuple[str, ...]
    names: tuple[str, ...]
    shapes: AnswerShapes
    synthetic: bool = False

    @property
    def reason(self) -> str:
        """Why, in one code: "asked", "no_items", "ordered", "numbers" or "held_back"."""
        if not self.automatic:
            return "asked"
        if not self.names:
            return "no_items"
        if self.advice == "WLSMV":
            return "ordered"
        return "held_back" if self.signs else "numbers"

    @property
    def numbers(self) -> Mapping[str, int | float]:
        """The numbers that decided, none of which is about a few people.

        ``items``, of which ``few`` have few categories and ``piled`` are piled up; ``n`` people;
        ``least_pair``, the people of the thinnest pair, to the ten below; ``missing``, the
        share of missing answers, to a hundredth.
        """
        return {
            "items": len(self.names),
            "few": int(self.shapes.few.sum()),
            "piled": int(self.shapes.piled.sum()),
            "n": self.shapes.n,
            "least_pair": self.shapes.least_pair // 10 * 10,
            "missing": round(self.shapes.missing, 2),
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One row an item: answers, categories, share in the fuller end category, skewness."""
        return pd.DataFrame(
            {
                "item": self.names,
                "answered": self.shapes.answered,
                "categories": self.shapes.categories,
                "end_share": self.shapes.end,
                "skewness": self.shapes.skewness,
                "few": self.shapes.few,
                "piled": self.shapes.piled,
            }
        )

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
