"""`InstrumentLink`: the change between two waves with different questionnaires, where licensed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from truststats import _bridge
from truststats.errors import NotSupportedError, OptionError, Problem
from truststats.options import did_you_mean
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from truststats.psychometrics.invariance import Rule
    from truststats.results.instrument_change import InstrumentChange
    from truststats.results.invariance import FreedItem, Invariance

__all__ = ["ConstructLink", "InstrumentLink", "LatentChange"]

_NAN = float("nan")


@dataclass(frozen=True)
class LatentChange:
    """How far the mean of a factor moved, in standard deviations of the old wave.

    Attributes
    ----------
    factor : str
        The construct, or one of its dimensions.
    change, se, lower, upper : float
        New minus old.
    anchors : tuple of str
        The unchanged items it rests on.
    d : float
        The same in pooled standard deviations.
    lowest, highest : float
        The change by all anchors but one, whichever is left out; NaN where only two are left.
    """

    factor: str
    anchors: tuple[str, ...]
    change: float
    se: float
    lower: float
    upper: float
    d: float
    lowest: float = _NAN
    highest: float = _NAN


@dataclass(frozen=True, eq=False, repr=False)
class ConstructLink:
    """One construct in two waves.

    Attributes
    ----------
    construct : str
    licensed : bool
        Whether the change of its mean may be read.
    reason : str
        Which case it is, a key of words: "equal" or "partial" where licensed; else a reason of
        `ConstructChange`, or what the answers showed: "form", "loadings", "intercepts", "disagree"
        (fewer than two anchors work alike), "few_answers", "not_estimated".
    averages : bool
        Whether averages of all items may be compared too: nothing has changed, in the
        questionnaire or in how it works.
    anchors : tuple of str
        Unchanged items that work alike in both waves, by their old names.
    apart : tuple of FreedItem
        Unchanged items that do not, though nobody changed them.
    free : tuple of str
        Items that were changed and take no part in the link.
    changes : tuple of LatentChange
        One for each factor; empty where not licensed.
    ladder : Invariance or None
        The steps that were tested.
    problems : tuple of Problem
    """

    construct: str
    licensed: bool
    reason: str
    averages: bool = False
    anchors: tuple[str, ...] = ()
    apart: tuple[FreedItem, ...] = ()
    free: tuple[str, ...] = ()
    changes: tuple[LatentChange, ...] = ()
    ladder: Invariance | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def change(self) -> LatentChange:
        """The change of the construct's only factor.

        Raises
        ------
        NotSupportedError
            If it is not licensed, or the construct has several factors.
        """
        if len(self.changes) == 1:
            return self.changes[0]
        raise NotSupportedError(
            f"There is no single change of {self.construct}.",
            why=f"it is measured by {len(self.changes)} factors"
            if self.changes
            else f"it is not licensed: {self.reason}",
            fix="read .changes, or .observed for the unchanged items one by one",
        )


@dataclass(frozen=True, eq=False, repr=False)
class InstrumentLink:
    """Two waves with two versions of a questionnaire, linked by what has not changed.

    Attributes
    ----------
    change : InstrumentChange
    waves : (str, str)
        What the old and the new wave are called.
    people : mapping of str to int
        People in each wave.
    both : int
        How many are known to have answered both; 0 without ``id``.
    constructs : tuple of ConstructLink
    items : DataFrame
        Items of the fitted models: construct, item, kind, role ("anchor", "apart" or "changed"),
        loadings and intercepts in both waves on the scale of the old factor; ``shift``, how much
        higher people answer it now who stand where the average of the old wave stood, with se and
        limits, where it is free and its scale is the same.
    observed : DataFrame
        Every unchanged item: answers and mean in both waves and their difference with limits;
        NaN where a wave has fewer than `min_n` answers.
    rule : Rule
        How the steps were judged.
    level : float
    min_n : int
    problems : tuple of Problem
    synthetic : bool
    """

    change: InstrumentChange
    waves: tuple[str, str]
    people: Mapping[str, int]
    both: int
    constructs: tuple[ConstructLink, ...]
    items: pd.DataFrame
    observed: pd.DataFrame
    rule: Rule
    level: float = 0.95
    min_n: int = 5
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    @property
    def licensed(self) -> tuple[str, ...]:
        """The constructs whose change may be read."""
        return tuple(one.construct for one in self.constructs if one.licensed)

    def __getitem__(self, construct: str) -> ConstructLink:
        """Return one construct by its key or its code."""
        known = {one.construct: one for one in self.constructs}
        key = self.change[construct].construct if construct not in known else construct
        if key not in known:
            raise OptionError(
                f"{key} was not linked.{did_you_mean(key, known)}",
                fix=f"constructs= one of: {', '.join(known)}",
            )
        return known[key]

    def frame(self) -> pd.DataFrame:
        """Return one row a construct (of several factors, one a factor).

        Returns
        -------
        pandas.DataFrame
            construct, factor, licensed, reason, anchors, apart, free; change, se, ci_lower,
            ci_upper, d, lowest and highest, NaN where not licensed.
        """
        import pandas as pd

        rows = [
            _row(one, found)
            for one in self.constructs
            for found in one.changes or (LatentChange(one.construct, one.anchors, *[_NAN] * 5),)
        ]
        return labelled(pd.DataFrame(rows), self.synthetic)

    def plot(self, language: str = "en") -> Figure:
        """Draw the changes that are licensed with their limits, and why the others are not."""
        return _bridge.call("present.figures.link", "link_figure", self, language)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def _row(one: ConstructLink, found: LatentChange) -> dict[str, Any]:
    return {
        "construct": one.construct, "factor": found.factor, "licensed": one.licensed,
        "reason": one.reason, "anchors": ", ".join(found.anchors),
        "apart": ", ".join(freed.item for freed in one.apart), "free": ", ".join(one.free),
        "change": found.change, "se": found.se, "ci_lower": found.lower, "ci_upper": found.upper,
        "d": found.d, "lowest": found.lowest, "highest": found.highest,
    }  # fmt: skip
