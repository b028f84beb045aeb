"""How rival explanations of the same answers fare against a framework's model."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final, Literal

from truststats import _bridge
from truststats.results.verdicts import in_language

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RELATIONS", "Relation", "RivalRow", "Rivals"]

Relation = Literal[
    "fits worse", "fits as well", "fits better", "equivalent", "not compared", "not estimated"
]
RELATIONS: Final[tuple[Relation, ...]] = (
    "fits worse",
    "fits as well",
    "fits better",
    "equivalent",
    "not compared",
    "not estimated",
)


@dataclass(frozen=True)
class RivalRow:
    """One model of the comparison: the framework's own, or a rival.

    Attributes
    ----------
    key : str
        The rival's key in the framework.
    label : mapping of str to str
        Its name, by language.
    chisq, df, cfi, rmsea, srmr, aic, bic : float
        Fit of this model to the same answers; NaN where it could not be estimated.
    delta_bic : float
        Its BIC minus that of the framework's model: positive speaks for the framework. NaN for
        ordinal items, which have none.
    relation : str
        One of `RELATIONS`; ``equivalent`` means no data of this kind can tell them apart.
    sentence : mapping of str to str
        What that means, by language.
    pvalue_diff : float
        Of the scaled difference of ordinal fits, where one model contains the other.
    """

    key: str
    label: Mapping[str, str]
    chisq: float
    df: float
    cfi: float
    rmsea: float
    srmr: float
    aic: float
    bic: float
    delta_bic: float
    relation: Relation
    sentence: Mapping[str, str] = field(default_factory=dict)
    pvalue_diff: float = math.nan

    def label_for(self, language: str = "en") -> str:
        """Return the name in a language, in English where that language is missing."""
        return in_language(self.label, language)

    def sentence_for(self, language: str = "en") -> str:
        """Return the sentence in a language, in English where that language is missing."""
        return in_language(self.sentence, language)


@dataclass(frozen=True, repr=False)
class Rivals:
    """The framework's model and its rivals on the same answers.

    Attributes
    ----------
    rows : tuple of RivalRow
        One a model.
    note : mapping of str to str
        What holds for the whole comparison, by language.
    synthetic : bool
        Whether the answers were simulated.
    """

    rows: tuple[RivalRow, ...]
    note: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False

    def __iter__(self) -> Iterator[RivalRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: str) -> RivalRow:
        for row in self.rows:
            if row.key == key:
                return row
        raise KeyError(key)

    def note_for(self, language: str = "en") -> str:
        """Return the note in a language, in English where that language is missing."""
        return in_language(self.note, language)

    def frame(self, language: str = "en") -> pd.DataFrame:
        """Return one row a model, numbers as numbers and words in a language.

        Parameters
        ----------
        language : str
            Language of labels and sentences; English where it is missing.

        Returns
        -------
        pandas.DataFrame
            The attributes of `RivalRow` as columns.
        """
        import pandas as pd

        records = []
        for row in self.rows:
            record = {f.name: getattr(row, f.name) for f in fields(row)}
            record["label"] = row.label_for(language)
            record["sentence"] = row.sentence_for(language)
            records.append(record)
        return pd.DataFrame.from_records(records, columns=[f.name for f in fields(RivalRow)])

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
