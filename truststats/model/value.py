"""`Model`: what is claimed, as a value that reads, compares and prints as lavaan text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from truststats import _bridge
from truststats.model.exploratory import Block, blocks_of
from truststats.model.names import names_of
from truststats.model.statement import Statement, canonical
from truststats.model.syntax import parse

__all__ = ["Model"]


@dataclass(frozen=True, repr=False)
class Model:
    """A structural equation model, for one group or several.

    Two models are equal when their statements and their reverse keying are equal.

    Attributes
    ----------
    text : str
        The text as the user wrote it; error messages point into it.
    statements : tuple of Statement
        One for each parameter that the text mentions.
    recode : mapping of str to float
        For each reverse-keyed item the sum of its lowest and highest code: the analysed value is
        ``recode[item] - answer``.
    labels : mapping of str to mapping of str to str
        What a variable is called in each language.
    constructs : mapping of str to str
        The construct that each latent variable stands for.
    framework : Framework or None
        Where the model comes from, if it was compiled from claims.
    """

    text: str = field(compare=False)
    statements: tuple[Statement, ...]
    recode: Mapping[str, float] = field(default_factory=dict, hash=False)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict, compare=False)
    constructs: Mapping[str, str] = field(default_factory=dict, compare=False)
    framework: Any = field(default=None, compare=False)

    @classmethod
    def from_text(cls, text: str, **meta: Any) -> Model:
        """Read a model from lavaan text.

        Parameters
        ----------
        text : str
            See `truststats.model.parse`.
        **meta
            `recode`, `labels`, `constructs`, `framework`.

        Raises
        ------
        ModelSyntaxError
            If the text cannot be read.
        NotSupportedError
            For parts of the language that are not checked yet.
        """
        return cls(text, parse(text), **meta)

    @property
    def latents(self) -> tuple[str, ...]:
        """The latent variables, in order of appearance."""
        return names_of(self.statements).lv

    @property
    def observed(self) -> tuple[str, ...]:
        """The observed variables, in lavaan's order."""
        return names_of(self.statements).ov

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The exploratory blocks, whose factors are rotated together."""
        return blocks_of(self.statements)

    @property
    def defined(self) -> tuple[str, ...]:
        """The names of the defined parameters."""
        return tuple(s.lhs for s in self.statements if s.op == ":=")

    def __str__(self) -> str:
        return canonical(self.statements)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
