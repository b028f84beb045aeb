"""What an alignment of many groups found: means, the items that deviate, how far to trust it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from truststats import _bridge
from truststats.errors import OptionError, Problem
from truststats.options import did_you_mean
from truststats.results.comparison import LeftOut
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from truststats.arrays import Array, BoolArray
    from truststats.psychometrics.alignment_items import PairDifferences

__all__ = ["LIMIT", "AlignedFactor", "AlignmentResult"]

LIMIT = 0.25
"""Share of deviating parameters up to which means can be trusted (Muthén & Asparouhov 2014)."""
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class AlignedFactor:
    """One factor, aligned over G groups by its p items.

    Attributes
    ----------
    name : str
    items : tuple of str
    mean, sd : (G,) arrays
        In standard deviations of the reference group.
    mean_cov, log_sd_cov : (G, G) arrays
        Covariances of the means and of the logarithms of the standard deviations.
    loadings, loadings_se, intercepts, intercepts_se : (p, G) arrays
        Aligned.
    loadings_alike, intercepts_alike : (p, G) bool arrays
        For which groups a parameter is the same.
    loadings_r2, intercepts_r2 : (p,) arrays
        How far it is invariant, see `truststats.psychometrics.alignment_items.explained`.
    loss : float
        What was minimised.
    best, starts : int
        How many starts found the least value.
    converged : bool
    differences : PairDifferences
        Of the means, for all pairs of groups.
    """

    name: str
    items: tuple[str, ...]
    mean: Array
    sd: Array
    mean_cov: Array
    log_sd_cov: Array
    loadings: Array
    loadings_se: Array
    intercepts: Array
    intercepts_se: Array
    loadings_alike: BoolArray
    intercepts_alike: BoolArray
    loadings_r2: Array
    intercepts_r2: Array
    loss: float
    best: int
    starts: int
    converged: bool
    differences: PairDifferences

    @property
    def share(self) -> float:
        """Share of its loadings and intercepts that deviate in a group."""
        alike = np.concatenate([self.loadings_alike, self.intercepts_alike])
        return float(1.0 - alike.mean())


@dataclass(frozen=True, repr=False, eq=False)
class AlignmentResult:
    """Many groups on one scale, although not every item measures alike in all of them.

    Groups stand in the order of the data, never in that of their means.

    Attributes
    ----------
    group : str
        The column of the groups.
    people : mapping of str to int
        People used in each group.
    factors : tuple of AlignedFactor
    method : {"fixed", "free"}
        Whether the mean of the reference is zero, or estimated as well.
    reference : str
        The group whose standard deviation is the unit.
    measures : mapping
        chisq, df, pvalue, cfi and rmsea of the model with the same form in all groups.
    left_out : tuple of LeftOut
        Groups that were not compared.
    level : float
        Of the intervals.
    alpha : float
        Level of the tests of deviating groups.
    eps, power : float
        Of the loss.
    estimator : str
    cluster : str or None
        What standard errors respect.
    seed : int or str
    problems : tuple of Problem
        What to know before the numbers.
    model : Model or None
        What was fitted in every group.
    survey : Survey or None
        Where wordings come from.
    synthetic : bool
        Whether the answers were simulated.
    """

    group: str
    people: Mapping[str, int]
    factors: tuple[AlignedFactor, ...]
    method: str
    reference: str
    measures: Mapping[str, float]
    left_out: tuple[LeftOut, ...] = ()
    level: float = 0.95
    alpha: float = 0.001
    eps: float = 0.01
    power: float = 0.5
    estimator: str = "MLR"
    cluster: str | None = None
    seed: int | str = 0
    problems: tuple[Problem, ...] = ()
    model: Any = field(default=None)
    survey: Any = field(default=None)
    synthetic: bool = False

    @property
    def limit(self) -> float:
        """Share of deviating parameters up to which means can be trusted."""
        return LIMIT

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that were aligned, in the order of the data."""
        return tuple(self.people)

    @property
    def share(self) -> float:
        """Share of all loadings and intercepts that deviate in a group."""
        count = [f.loadings_alike.size + f.intercepts_alike.size for f in self.factors]
        return float(np.average([f.share for f in self.factors], weights=count))

    @property
    def trustworthy(self) -> bool:
        """Whether no factor has more than a quarter of its parameters deviating in a group."""
        return all(factor.converged and factor.share <= self.limit for factor in self.factors)

    def factor(self, name: str | None = None) -> AlignedFactor:
        """Return a factor by its name; without one, the only one.

        Raises
        ------
        OptionError
            If there is none of that name, or several and none is named.
        """
        names = [factor.name for factor in self.factors]
        if name is None and len(names) == 1:
            return self.factors[0]
        if name in names:
            return self.factors[names.index(str(name))]
        asked = "The alignment has several factors." if name is None else (
            f"The alignment has no factor {name!r}.{did_you_mean(str(name), names)}"
        )  # fmt: skip
        raise OptionError(asked, fix=f"name one of: {', '.join(names)}")

    def frame(self) -> pd.DataFrame:
        """Return one row a factor and group, groups in the order of the data.

        Returns
        -------
        pandas.DataFrame
            factor, group, n; mean with se, ci_lower, ci_upper; variance with variance_se and
            limits (by the logarithm). What is fixed has no standard error.
        """
        import pandas as pd

        half = float(ndtri(0.5 + 0.5 * self.level))
        rows: list[dict[str, Any]] = []
        for factor in self.factors:
            se, log_se = _errors(factor.mean_cov), _errors(factor.log_sd_cov)
            for k, group in enumerate(self.groups):
                mean, variance = factor.mean[k], factor.sd[k] ** 2
                wide = np.exp(2.0 * half * log_se[k])
                rows.append({
                    "factor": factor.name, "group": group, "n": self.people[group],
                    "mean": mean, "se": se[k],
                    "ci_lower": mean - half * se[k], "ci_upper": mean + half * se[k],
                    "variance": variance, "variance_se": 2.0 * variance * log_se[k],
                    "variance_lower": variance / wide, "variance_upper": variance * wide,
                })  # fmt: skip
        return labelled(pd.DataFrame(rows), self.synthetic)

    def pairs(self, construct: str | None = None) -> pd.DataFrame:
        """Return the difference of means of every pair of groups, with intervals that all hold.

        Parameters
        ----------
        construct : str, optional
            A factor; all of them by default, each adjusted by itself.

        Returns
        -------
        pandas.DataFrame
            factor, first, second, difference (first minus second), se, ci_lower, ci_upper,
            p_adjusted, and ``differ``: whether zero lies outside the interval.
        """
        import pandas as pd

        chosen = self.factors if construct is None else (self.factor(construct),)
        names = np.array(self.groups, dtype=object)
        frames = []
        for factor in chosen:
            got = factor.differences
            half = got.factor * got.se
            frames.append(pd.DataFrame({
                "factor": factor.name, "first": names[got.first], "second": names[got.second],
                "difference": got.difference, "se": got.se,
                "ci_lower": got.difference - half, "ci_upper": got.difference + half,
                "p_adjusted": got.p_adjusted, "differ": np.abs(got.difference) > half,
            }))  # fmt: skip
        return labelled(pd.concat(frames, ignore_index=True), self.synthetic)

    @property
    def items(self) -> pd.DataFrame:
        """Every item's aligned parameters by group, and whether they deviate there.

        factor, item, group, loading, loading_se, loading_apart, intercept, intercept_se,
        intercept_apart.
        """
        import pandas as pd

        rows = [
            {
                "factor": f.name, "item": item, "group": group,
                "loading": f.loadings[i, g], "loading_se": f.loadings_se[i, g],
                "loading_apart": bool(~f.loadings_alike[i, g]),
                "intercept": f.intercepts[i, g], "intercept_se": f.intercepts_se[i, g],
                "intercept_apart": bool(~f.intercepts_alike[i, g]),
            }
            for f in self.factors
            for i, item in enumerate(f.items)
            for g, group in enumerate(self.groups)
        ]  # fmt: skip
        return labelled(pd.DataFrame(rows), self.synthetic)

    @property
    def invariance(self) -> pd.DataFrame:
        """One row an item and parameter: how far it is invariant, and where it deviates.

        factor, item, parameter ("loading" or "intercept"), average (over the groups it is the same
        for; NaN where there are none), r2, apart (number of groups), share, groups (their names).
        """
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for f in self.factors:
            kinds = (
                ("loading", f.loadings, f.loadings_alike, f.loadings_r2),
                ("intercept", f.intercepts, f.intercepts_alike, f.intercepts_r2),
            )
            for i, item in enumerate(f.items):
                for kind, values, alike, r2 in kinds:
                    inside = alike[i]
                    rows.append({
                        "factor": f.name, "item": item, "parameter": kind,
                        "average": float(values[i][inside].mean()) if inside.any() else _NAN,
                        "r2": r2[i], "apart": int((~inside).sum()), "share": 1.0 - inside.mean(),
                        "groups": ", ".join(np.array(self.groups)[~inside]),
                    })  # fmt: skip
        return labelled(pd.DataFrame(rows), self.synthetic)

    def plot(
        self, kind: str = "means", construct: str | None = None, *, order: str = "name",
        language: str = "en",
    ) -> Figure:  # fmt: skip
        """Draw the means with their intervals ("means"), or which items deviate where ("items").

        Parameters
        ----------
        kind : {"means", "items"}
        construct : str, optional
            Which factor, where there are several.
        order : {"name", "data"}
            Groups by their names, or in the order of the data; never by their means.
        language : str
        """
        return _bridge.call(
            "present.figures.alignment", "alignment_figure", self, kind, construct, order, language
        )

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)


def _errors(cov: Array) -> Array:
    """Return standard errors; NaN for what is fixed."""
    variance = np.diag(cov)
    fixed = variance <= 1e-14
    return np.where(fixed, np.nan, np.sqrt(np.where(fixed, 0.0, variance)))
