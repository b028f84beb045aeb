"""Constructs: what is measured, by which items, answered on which scale."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from truststats import _bridge
from truststats.constructs.definition import (
    Definition,
    LanguageTag,
    Name,
    NonEmpty,
    Texts,
    require_languages,
    same_name,
)
from truststats.options import did_you_mean

__all__ = ["Construct", "Dimension", "Item", "Referent", "ResponseSet", "Source"]

Referent = Literal[
    "self",
    "closest_manager",
    "unit",
    "colleagues",
    "top_management",
    "municipality",
    "other_services",
]
Labels = Annotated[dict[LanguageTag, tuple[NonEmpty, ...]], Field(min_length=1)]
Doi = Annotated[str, StringConstraints(pattern=r"^10\.\d{4,9}/\S+$")]


class ResponseSet(Definition):
    """The answers an item offers: codes with their labels, and codes that are no number.

    Attributes
    ----------
    key : str
        Name of the set, such as ``agreement5``.
    codes : tuple of int
        The substantive codes in rising order.
    labels : dict
        By language, one label a code.
    missing : dict
        Codes kept apart from the numbers, such as "don't know", with their label by language.
    """

    key: Name
    codes: Annotated[tuple[int, ...], Field(min_length=2)]
    labels: Labels
    missing: dict[int, Texts] = Field(default_factory=dict)

    @property
    def recode(self) -> int:
        """Lowest plus highest code: a reverse-keyed answer x is analysed as this minus x."""
        return self.codes[0] + self.codes[-1]

    @model_validator(mode="after")
    def _consistent(self) -> ResponseSet:
        if list(self.codes) != sorted(set(self.codes)):
            raise ValueError("codes must rise and none may repeat")
        for language, labels in self.labels.items():
            if len(labels) != len(self.codes):
                raise ValueError(
                    f"labels.{language} has {len(labels)} labels for {len(self.codes)} codes"
                )
        if both := [code for code in self.missing if code in self.codes]:
            raise ValueError(f"code {both[0]} cannot be both an answer and missing")
        require_languages(
            self.key, self.labels, [(f"missing.{c}", text) for c, text in self.missing.items()]
        )
        return self


class Item(Definition):
    """One question of a construct.

    Attributes
    ----------
    name : str
        Short name used in model text and data, such as ``vtr1``.
    construct_key : str
        Key of the construct it measures; ``construct`` in files and as a property, because
        pydantic keeps that name for itself.
    dimension : str or None
        Key of the construct's dimension, where it has some.
    facet : str
        The facet of the definition it covers.
    referent : str
        Whom or what every wording is about.
    reverse : bool
        Whether agreeing means less of the construct.
    text : dict
        The wording by language.
    """

    name: Name
    construct_key: Name = Field(alias="construct")
    dimension: Name | None = None
    facet: Name
    referent: Referent
    reverse: bool = False
    text: Texts

    @property
    def construct(self) -> str:
        """Key of the construct the item measures."""
        return self.construct_key


class Dimension(Definition):
    """A part of a construct; `separate` ones are reported but are no part of its factor."""

    key: Name
    label: Texts
    separate: bool = False


class Source(Definition):
    """Where the concept comes from; the DOI is given only where it is certain."""

    citation: NonEmpty
    doi: Doi | None = None


class Construct(Definition):
    """Something an instrument measures: definition, dimensions, facets and own item wordings.

    Attributes
    ----------
    key : str
        Readable name, such as ``vertical_trust``; also the latent variable's name in models.
    code : str
        The programme's short code, such as ``VTR``.
    label, definition : dict
        Texts by language.
    level : {"individual", "unit"}
        What the construct is a property of.
    structure : {"one_factor", "second_order"}
        How its items hang together.
    dimensions : tuple of Dimension
        Its parts, where it has some.
    facets : dict
        What the items must cover, with a label by language.
    response_set : ResponseSet
        The answers all its items offer.
    items : tuple of Item
        In the order instruments take them.
    sources, licence, status
        Where the concept comes from, what may be done with the wordings, how far they are tested.
    """

    key: Name
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
    label: Texts
    definition: Texts
    level: Literal["individual", "unit"]
    structure: Literal["one_factor", "second_order"]
    dimensions: tuple[Dimension, ...] = ()
    facets: Annotated[dict[Name, Texts], Field(min_length=1)]
    response_set: ResponseSet
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    sources: tuple[Source, ...] = ()
    licence: NonEmpty
    status: NonEmpty

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages every text of the construct has."""
        return tuple(self.label)

    @cached_property
    def factor_items(self) -> tuple[Item, ...]:
        """The items of the construct's factor: all but those of separate dimensions."""
        apart = {d.key for d in self.dimensions if d.separate}
        return tuple(item for item in self.items if item.dimension not in apart)

    def label_for(self, language: str = "en") -> str:
        """Return the label in a language, or the first one there is."""
        return self.label.get(language, next(iter(self.label.values())))

    def items_of(self, dimension: str) -> tuple[Item, ...]:
        """Return the items of one dimension."""
        return tuple(item for item in self.items if item.dimension == dimension)

    def restricted_to(self, names: Iterable[str]) -> Construct:
        """Return the construct with only some of its items, as an instrument asks them.

        Dimensions and facets without items go. A second-order structure needs three dimensions
        of two items each; with less than that the items are taken as one factor.
        """
        wanted = set(names)
        items = tuple(item for item in self.items if item.name in wanted)
        held = [item.dimension for item in items]
        dimensions = tuple(d for d in self.dimensions if d.key in held)
        counts = [held.count(d.key) for d in dimensions if not d.separate]
        enough = len(counts) >= 3 and min(counts) >= 2
        covered = {item.facet for item in items}
        return self.model_copy(
            update={
                "items": items,
                "dimensions": dimensions,
                "facets": {key: text for key, text in self.facets.items() if key in covered},
                "structure": self.structure if enough else "one_factor",
            }
        )

    @model_validator(mode="after")
    def _texts_in_every_language(self) -> Construct:
        texts = [("definition", self.definition)]
        texts += [(f"dimension {d.key!r}", d.label) for d in self.dimensions]
        texts += [(f"facet {key!r}", text) for key, text in self.facets.items()]
        texts += [(f"item {item.name!r}", item.text) for item in self.items]
        require_languages(repr(self.key), self.label, texts)
        if lacks := [code for code in self.label if code not in self.response_set.labels]:
            raise ValueError(f"response set {self.response_set.key!r} has no {lacks[0]!r} labels")
        return self

    @model_validator(mode="after")
    def _items_fit(self) -> Construct:
        if twice := same_name(item.name for item in self.items):
            raise ValueError(f"item name {twice[0]!r} is used twice")
        if twice := same_name(text for item in self.items for text in item.text.values()):
            raise ValueError(f"two items have the same text: {twice[0]!r}")
        if twice := same_name(d.key for d in self.dimensions):
            raise ValueError(f"dimension {twice[0]!r} is defined twice")
        for item in self.items:
            self._check_place(item)
        return self

    def _check_place(self, item: Item) -> None:
        if item.construct != self.key:
            raise ValueError(f"item {item.name!r} says it belongs to {item.construct!r}")
        if item.facet not in self.facets:
            hint = did_you_mean(item.facet, self.facets)
            raise ValueError(f"item {item.name!r} names an unknown facet {item.facet!r}.{hint}")
        keys = [d.key for d in self.dimensions]
        if keys and item.dimension is None:
            raise ValueError(f"item {item.name!r} has no dimension; use one of {', '.join(keys)}")
        if item.dimension is not None and item.dimension not in keys:
            hint = did_you_mean(item.dimension, keys)
            raise ValueError(
                f"item {item.name!r} names an unknown dimension {item.dimension!r}.{hint}"
            )

    @model_validator(mode="after")
    def _facets_and_dimensions_covered(self) -> Construct:
        facets = {item.facet for item in self.items}
        if bare := [key for key in self.facets if key not in facets]:
            raise ValueError(f"no item covers the facet {bare[0]!r}")
        if bare := [d.key for d in self.dimensions if not self.items_of(d.key)]:
            raise ValueError(f"no item belongs to the dimension {bare[0]!r}")
        if self.structure == "second_order" and len(self.dimensions) < 3:
            raise ValueError("a second-order structure needs at least three dimensions")
        return self

    @model_validator(mode="after")
    def _reversals_have_an_opposite(self) -> Construct:
        forward = {item.referent for item in self.items if not item.reverse}
        for item in self.items:
            if item.reverse and item.referent not in forward:
                raise ValueError(
                    f"reverse-keyed item {item.name!r} is about {item.referent!r}, which no "
                    "forward item is about; word the opposite about the same referent"
                )
        return self

    def __repr__(self) -> str:
        return _bridge.text(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return _bridge.html(self)
