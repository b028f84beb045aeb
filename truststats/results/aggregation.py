"""`Aggregation`: whether the answers of a unit's people may be averaged, construct by construct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from truststats import _bridge
from truststats.errors import Problem
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Aggregation"]


@dataclass(frozen=True, repr=False, eq=False)
class Aggregation:
    """Agreement within units, and what lies between them.

    Attributes
    ----------
    by : str
        The column of the units.
    icc : pandas.DataFrame
        One row a scale (construct or item): scale, kind, construct, n, units, unit_size, f, pvalue,
        icc1 and icc2 by the analysis of variance with limits, icc1_reml, icc2_reml, design_effect.
    agreement : pandas.DataFrame
        One row a scale, index and null distribution: units, mean, median, cutoff, and the share of
        the units at or above it (for the average deviation: at or below).
    correlations : pandas.DataFrame
        One row a pair of constructs: r_total, r_within, r_between (every person counted) and
        r_means (every unit counted once), with limits, and the parts that add up to r_total.
    by_unit : pandas.DataFrame
        One row a unit and construct, units in the order of the data: n and the indices.
    min_n : int
        Units with fewer answers are left out.
    units, units_left_out : int
        Units with enough people, and those without.
    ci : {"exact", "bootstrap"}
        How the limits of the ICCs were found; those of correlations are from the bootstrap.
    ci_level : float
    size : {"adjusted", "mean"}
        What stands for the size of units in ICC(1).
    draws : int
        Resamples of whole units.
    seed : int or str
    labels : mapping
        Labels of the constructs, by language.
    problems : tuple of Problem
        What to know before the numbers.
    synthetic : bool
        Whether the answers were simulated.
    """

    by: str
    icc: pd.DataFrame = field(repr=False)
    agreement: pd.DataFrame = field(repr=False)
    correlations: pd.DataFrame = field(repr=False)
    by_unit: pd.DataFrame = field(repr=False)
    min_n: int
    units: int
    units_left_out: int
    ci: str
    ci_level: float
    size: str
    draws: int
    seed: int | str
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False

    def frame(self) -> pd.DataFrame:
        """Return one row a construct with the numbers that are usually reported.

        Returns
        -------
        pandas.DataFrame
            construct, n, units, icc1 with limits, icc2 with limits, the median of rwg(j) against
            the uniform distribution, the share of units at or above .70, the median AD about the
            mean, and the design effect.
        """
        own = self.icc[self.icc["kind"] == "construct"]
        own = own.drop(columns="construct").rename(columns={"scale": "construct"})
        summary = self.agreement[self.agreement["kind"] == "construct"].set_index("scale")
        uniform = summary[(summary["index"] == "rwg_j") & (summary["null"] == "uniform")]
        deviation = summary[summary["index"] == "ad_mean"]
        at = own["construct"].to_numpy()
        out = own[
            ["construct", "n", "units", "icc1", "icc1_lower", "icc1_upper", "icc2", "icc2_lower",
             "icc2_upper"]
        ].assign(
            rwg_j=uniform["median"].reindex(at).to_numpy(),
            share_agree=uniform["share"].reindex(at).to_numpy(),
            ad=deviation["median"].reindex(at).to_numpy(),
            design_effect=own["design_effect"],
        )  # fmt: skip
        return labelled(out.reset_index(drop=True), self.synthetic)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
