"""`UnitComparison`: units side by side where that is licensed, else why not and what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from truststats import _bridge
from truststats.errors import NotSupportedError, Problem
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Condition", "UnitComparison"]

ConditionName = Literal["invariance", "reliability", "agreement", "units", "persons"]
_NAN = float("nan")


@dataclass(frozen=True)
class Condition:
    """One thing that must hold before units are compared.

    Attributes
    ----------
    name : {"invariance", "reliability", "agreement", "units", "persons"}
    met : bool
    reason : str
        Which case it is, a key of words such as ``not_checked``.
    value : float
        What was found: ICC(2), the median rwg(j), the number of units, or of units that are
        persons; NaN where there is no number.
    threshold : float
        What it must be; NaN where there is no number.
    where : str
        What it was found over, such as the groups of an invariance test.
    """

    name: ConditionName
    met: bool
    reason: str = ""
    value: float = _NAN
    threshold: float = _NAN
    where: str = ""


@dataclass(frozen=True, repr=False, eq=False)
class UnitComparison:
    """Units compared on one construct, if five conditions license it.

    Where they do not, nothing about any single unit is kept here: what remains is the overall mean
    and how far the units are spread around it.

    Attributes
    ----------
    construct : str
        The scale or factor.
    measure : {"scale", "factor"}
        Mean of the answers, or Bartlett scores of a fitted factor.
    by : str
        The column of the units.
    conditions : tuple of Condition
        Each with its value and threshold.
    n, n_units : int
        People and units that count.
    left_out : int
        Units with fewer than `min_n` answers.
    persons_left_out : int
        Units with one manager, left out because what is asked is about that person.
    min_n : int
    mean, mean_se, mean_lower, mean_upper : float
        The overall mean of units, with limits.
    between_sd, within_sd : float
        Standard deviations of the units' means and of people within a unit; the first is NaN for
        fewer than five units.
    spread : (float, float)
        Where the means of nine units in ten lie, mean -+ 1.645 between_sd.
    icc1, icc2 : float
    estimates : pandas.DataFrame or None
        Only where licensed; see `units`.
    factor : float
        The c of the comparison intervals, estimate -+ c se.
    pairs_apart : float
        Share of the pairs of units whose intervals do not overlap.
    level : float
    draws : int
    seed : int or str
    labels : mapping
        The construct's label, by language.
    problems : tuple of Problem
        What to know before the numbers.
    synthetic : bool
        Whether the answers were simulated.
    """

    construct: str
    measure: Literal["scale", "factor"]
    by: str
    conditions: tuple[Condition, ...]
    n: int
    n_units: int
    left_out: int
    persons_left_out: int
    min_n: int
    mean: float
    mean_se: float
    mean_lower: float
    mean_upper: float
    between_sd: float
    within_sd: float
    spread: tuple[float, float]
    icc1: float
    icc2: float
    estimates: pd.DataFrame | None = field(default=None, repr=False)
    factor: float = _NAN
    pairs_apart: float = _NAN
    level: float = 0.95
    draws: int = 0
    seed: int | str = 0
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    @property
    def licensed(self) -> bool:
        """Whether units may be compared."""
        return all(condition.met for condition in self.conditions)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the conditions that are not met."""
        return tuple(condition.name for condition in self.conditions if not condition.met)

    @property
    def assumed(self) -> bool:
        """Whether invariance was assumed without a test."""
        return any(condition.reason == "assumed" for condition in self.conditions)

    @property
    def units(self) -> pd.DataFrame:
        """One row a unit, in the order of the data.

        unit, n, mean (as answered), estimate (shrunken), se, lower and upper (comparison interval),
        rank with rank_lower and rank_upper, 1 for the highest value.

        Raises
        ------
        NotSupportedError
            If a condition is not met.
        """
        if self.estimates is None:
            raise NotSupportedError(
                f"Units may not be compared on {self.construct}.",
                why=f"not met: {', '.join(self.failed)}",
                fix="read the overall mean and the spread, or each unit's own development",
            )
        return self.estimates.copy()

    def conditions_frame(self) -> pd.DataFrame:
        """Return one row a condition: condition, met, reason, value, threshold, where."""
        import pandas as pd

        frame = pd.DataFrame([vars(condition) for condition in self.conditions])
        return labelled(frame.rename(columns={"name": "condition"}), self.synthetic)

    def frame(self) -> pd.DataFrame:
        """Return the units where they may be compared, else the conditions."""
        return self.conditions_frame() if self.estimates is None else self.units

    def plot(self, language: str = "en") -> object:
        """Return the caterpillar plot, or, where units may not be compared, their spread alone."""
        return _bridge.call("present.figures", "caterpillar", self, language)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
