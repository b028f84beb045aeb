"""Instruments: a versioned questionnaire made of constructs' items."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator

from truststats import _bridge
from truststats.constructs.construct import Construct, Item
from truststats.constructs.definition import (
    Definition,
    LanguageTag,
    Name,
    NonEmpty,
    Texts,
    content_hash,
    require_languages,
    same_name,
)
from truststats.errors import DefinitionError
from truststats.options import did_you_mean

__all__ = ["Instrument"]


class Instrument(Definition):
    """A questionnaire: which items are asked, in which order and in which languages.

    Attributes
    ----------
    name, version : str
        Together they say which questionnaire people answered.
    title, introduction : dict
        Texts by language; the introduction tells respondents whom the items are about.
    languages : tuple of str
        The languages it can be asked in.
    constructs : dict
        Construct by key, each holding only the items that are asked.
    item_order : tuple of str
        Item names as the questionnaire asks them.
    status : str
        How far it is tested.
    """

    name: NonEmpty
    version: NonEmpty
    title: Texts
    introduction: dict[LanguageTag, NonEmpty] = Field(default_factory=dict)
    languages: Annotated[tuple[LanguageTag, ...], Field(min_length=1)]
    constructs: Annotated[dict[Name, Construct], Field(min_length=1)]
    item_order: Annotated[tuple[Name, ...], Field(min_length=1)]
    status: NonEmpty

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items in questionnaire order."""
        by_name = {i.name: i for construct in self.constructs.values() for i in construct.items}
        return tuple(by_name[name] for name in self.item_order)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of all that respondents see and all that decides how answers are scored.

        Sources, licence and status are left out: correcting a citation does not make answers
        given before the correction answers to another questionnaire.
        """
        seen = self.model_dump(mode="json", exclude={"status", "constructs"})
        scored = {"key", "structure", "dimensions", "response_set", "items"}
        parts = [c.model_dump(mode="json", include=scored) for c in self.constructs.values()]
        return content_hash({**seen, "constructs": parts})

    @property
    def short_hash(self) -> str:
        """The first twelve characters of `content_hash`, enough to tell versions apart."""
        return self.content_hash[:12]

    def restricted_to(self, names: Iterable[str]) -> Instrument:
        """Return the instrument with only some of its items, as a file of answers holds them.

        Constructs without items go; see `Construct.restricted_to` for the structure of the rest.
        """
        wanted = set(names)
        if wanted >= set(self.item_order):
            return self
        parts = {key: construct.restricted_to(wanted) for key, construct in self.constructs.items()}
        return self.model_copy(
            update={
                "constructs": {key: part for key, part in parts.items() if part.items},
                "item_order": tuple(name for name in self.item_order if name in wanted),
            }
        )

    def item(self, name: str) -> Item:
        """Return one item by its name, in any case.

        Raises
        ------
        DefinitionError
            If the instrument does not ask it.
        """
        for item in self.items:
            if item.name == name.lower():
                return item
        raise DefinitionError(
            f"{self.name} has no item {name!r}.{did_you_mean(name, self.item_order)}",
            fix=f"see {self.name!r} printed, or instrument.items",
        )

    def __getitem__(self, key: str) -> Construct:
        """Return one construct by its readable key or its code, in any case."""
        for construct in self.constructs.values():
            if key.casefold() in (construct.key.casefold(), construct.code.casefold()):
                return construct
        raise DefinitionError(
            f"{self.name} has no construct {key!r}.{did_you_mean(key, self.constructs)}",
            fix=f"use one of: {', '.join(self.constructs)}",
        )

    def __contains__(self, name: object) -> bool:
        """Whether a construct (by key or code) or an item of this name is asked."""
        if not isinstance(name, str):
            return False
        fold = name.casefold()
        codes = {construct.code.casefold() for construct in self.constructs.values()}
        return fold in self.constructs or fold in codes or fold in self.item_order

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.item_order)

    @model_validator(mode="after")
    def _consistent(self) -> Instrument:
        if twice := same_name(self.item_order):
            raise ValueError(f"item {twice[0]!r} is asked twice")
        held = {item.name for c in self.constructs.values() for item in c.items}
        if held != set(self.item_order):
            raise ValueError("item_order and the constructs' items differ")
        texts = [("title", self.title)]
        texts += [("introduction", self.introduction)] if self.introduction else []
        require_languages(repr(self.name), self.languages, texts)
        for construct in self.constructs.values():
            if lacks := [code for code in self.languages if code not in construct.label]:
                raise ValueError(f"construct {construct.key!r} has no texts in {lacks[0]!r}")
        return self

    def __repr__(self) -> str:
        return _bridge.text(self)

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return _bridge.html(self)
