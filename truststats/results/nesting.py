"""`Nesting`: whether one model contains another, or both say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from truststats import _bridge

__all__ = ["Nesting"]

Relation = Literal["equivalent", "a in b", "b in a", "not nested"]


@dataclass(frozen=True, repr=False)
class Nesting:
    """Result of the nesting and equivalence check.

    Attributes
    ----------
    relation : {"equivalent", "a in b", "b in a", "not nested"}
        Which model is a special case of the other.
    df_a, df_b : int
        Degrees of freedom.
    a_to_b, b_to_a : float
        Chi-square of model b fitted to a's implied moments, and of a to b's; zero means the one
        reproduces the other.
    """

    relation: Relation
    df_a: int
    df_b: int
    a_to_b: float
    b_to_a: float

    @property
    def sentence(self) -> str:
        """The result in words."""
        words = {
            "equivalent": "The models are equivalent: no covariances or means can tell them apart.",
            "a in b": "Model a is nested in model b.",
            "b in a": "Model b is nested in model a.",
            "not nested": "The models are not nested; compare them by BIC, not by a difference "
            "test.",
        }
        return words[self.relation]

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
