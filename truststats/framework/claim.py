"""Claims, the stages they run through, and the rivals a reader would propose instead."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from truststats.constructs.definition import Definition, Name, NonEmpty, Texts, same_name

__all__ = ["Claim", "Removal", "Rival", "Stage"]

SESOI = 0.10
"""Smallest standardised effect of interest of a claim that gives none, unless it is indirect."""

Path = Annotated[tuple[Name, ...], Field(min_length=2)]


class Claim(Definition):
    """Something the programme says: one path between constructs, with all a verdict needs.

    Attributes
    ----------
    id : str
        Short name, such as ``delegation_trust``.
    statement : dict
        The claim in words, by language.
    path : tuple of str
        Construct keys from cause to outcome; an indirect claim names those between.
    estimand : {"direct", "total", "indirect"}
        The coefficient of the last equation, all effects together, or the product along the path.
    adjust : tuple of str
        Constructs held constant in every equation of the path.
    sign : {1, -1}
        The expected direction.
    sesoi : float
        The smallest standardised effect that would matter.
    level : {"individual", "unit"}
        Between whom the claim compares.
    source : str
        The document of the programme it comes from.
    """

    id: Name
    statement: Texts
    path: Path
    estimand: Literal["direct", "total", "indirect"] = "direct"
    adjust: tuple[Name, ...] = ()
    sign: Literal[1, -1] = 1
    sesoi: Annotated[float, Field(gt=0, lt=1)]
    level: Literal["individual", "unit"] = "individual"
    source: NonEmpty

    @property
    def cause(self) -> str:
        """The first construct of the path."""
        return self.path[0]

    @property
    def outcome(self) -> str:
        """The last construct of the path."""
        return self.path[-1]

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """The path as pairs of cause and outcome."""
        return tuple(pairwise(self.path))

    @model_validator(mode="before")
    @classmethod
    def _default_sesoi(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "sesoi" in data:
            return data
        if data.get("estimand") == "indirect":
            raise ValueError(
                "sesoi is missing: an indirect claim names its own smallest effect of interest, "
                "because a product of two paths of .10 is only .01 (try sesoi = 0.02)"
            )
        return {**data, "sesoi": SESOI}

    @model_validator(mode="after")
    def _path_fits(self) -> Claim:
        if twice := same_name(self.path):
            raise ValueError(f"the path is a cycle: {' -> '.join(self.path)} returns to {twice[0]}")
        if self.estimand == "indirect" and len(self.path) < 3:
            raise ValueError("an indirect claim's path names at least one construct in between")
        if self.estimand != "indirect" and len(self.path) > 2:
            raise ValueError(
                f"the path of a {self.estimand} claim has two constructs; an indirect one has more"
            )
        if both := [key for key in self.adjust if key in self.path]:
            raise ValueError(f"{both[0]!r} stands on the path and in adjust")
        if twice := same_name(self.adjust):
            raise ValueError(f"{twice[0]!r} stands in adjust twice")
        return self


class Stage(Definition):
    """Constructs at the same place in the order in which things are claimed to work."""

    key: Name
    label: Texts
    constructs: Annotated[tuple[Name, ...], Field(min_length=1)]


class Removal(Definition):
    """Paths a rival does without: every one from one of `causes` to one of `outcomes`."""

    causes: Annotated[tuple[Name, ...], Field(min_length=1, alias="from")]
    outcomes: Annotated[tuple[Name, ...], Field(min_length=1, alias="to")]


class Rival(Definition):
    """Another model of the same items, which the framework must do better than.

    Attributes
    ----------
    key : str
        Short name, such as ``trust_first``.
    label, description : dict
        Texts by language.
    kind : {"reorder", "remove", "one_factor"}
        Another order of stages, some paths fewer, or one factor behind all items.
    stages : tuple of tuple of str
        The order, for ``reorder``.
    remove : tuple of Removal
        The paths, for ``remove``.
    """

    key: Name
    label: Texts
    description: Texts
    kind: Literal["reorder", "remove", "one_factor"]
    stages: tuple[tuple[Name, ...], ...] = ()
    remove: tuple[Removal, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every construct the rival names."""
        moved = [key for stage in self.stages for key in stage]
        return (*moved, *(k for r in self.remove for k in (*r.causes, *r.outcomes)))

    @model_validator(mode="after")
    def _kind_has_what_it_needs(self) -> Rival:
        given = {"reorder": bool(self.stages), "remove": bool(self.remove)}
        for kind, present in given.items():
            field = "stages" if kind == "reorder" else "remove"
            if kind == self.kind and not present:
                raise ValueError(f"a rival of kind {kind!r} needs {field}")
            if kind != self.kind and present:
                raise ValueError(f"a rival of kind {self.kind!r} has no {field}")
        return self
