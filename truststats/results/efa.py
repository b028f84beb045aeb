"""`FactorAnalysis`: rotated factors of a set of items, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from truststats import _bridge
from truststats.arrays import Array
from truststats.errors import Problem
from truststats.options import check_level
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    import pandas as pd

    from truststats.psychometrics.efa_extract import Extraction
    from truststats.psychometrics.rotation import Rotation

__all__ = ["FactorAnalysis"]


@dataclass(frozen=True, repr=False, eq=False)
class FactorAnalysis:
    """Exploratory factors of a set of items.

    Factors stand in the order of the variance they explain (those of a target in its order), and
    point where the sum of their loadings is positive.

    Attributes
    ----------
    items : tuple of str
        In the order of the questionnaire.
    factors : tuple of str
        ``f1``, ``f2`` ... or the names of the target's columns.
    n : float
        Rows used; with sampling weights their sum.
    estimator : {"ml", "minres", "wls"}
    rotation : str
    oblique : bool
        Whether the factors may correlate.
    ordered : bool
        Whether correlations are polychoric.
    missing : str
        What was done with incomplete rows.
    se_type : {"standard", "robust", "none"}
    measures : mapping of str to float
        Fit measures by lavaan's short names.
    test : str
        Name of the test that `measures` ends with: ``"standard"``, ``"satorra.bentler"``,
        ``"scaled.shifted"`` or ``"none"``.
    extraction : Extraction
        The factors before rotation.
    rotated : Rotation
        The rotation, with how many random starts ended in which minimum.
    matrix : (p, p) array
        The correlations that were analysed.
    se : (p, m) array
        Standard errors of the loadings; NaN where there are none.
    phi_se : (m, m) array
        Standard errors of the factor correlations.
    reversed_items : tuple of str
        Items turned round before the analysis.
    cluster, sampling_weights : str or None
        Columns of the design.
    problems : tuple of Problem
    synthetic : bool
    instrument : Instrument or None
        Where the wordings come from.
    """

    items: tuple[str, ...]
    factors: tuple[str, ...]
    n: float
    estimator: str
    rotation: str
    oblique: bool
    ordered: bool
    missing: str
    se_type: str
    measures: Mapping[str, float] = field(repr=False)
    test: str
    extraction: Extraction = field(repr=False)
    rotated: Rotation = field(repr=False)
    matrix: Array = field(repr=False)
    se: Array = field(repr=False)
    phi_se: Array = field(repr=False)
    reversed_items: tuple[str, ...] = ()
    cluster: str | None = None
    sampling_weights: str | None = None
    problems: tuple[Problem, ...] = ()
    synthetic: bool = False
    instrument: Any = field(default=None, repr=False)

    @property
    def loadings(self) -> pd.DataFrame:
        """Rotated loadings (pattern coefficients), items in the order of the questionnaire."""
        return self._items_by_factors(self.rotated.loadings)

    @property
    def structure(self) -> pd.DataFrame:
        """Correlations of items with factors: loadings times factor correlations."""
        return self._items_by_factors(self.rotated.loadings @ self.rotated.phi)

    @property
    def standard_errors(self) -> pd.DataFrame:
        """Standard errors of the rotated loadings; NaN where there are none."""
        return self._items_by_factors(self.se)

    @property
    def factor_correlations(self) -> pd.DataFrame:
        """Correlations of the factors."""
        import pandas as pd

        names = list(self.factors)
        return labelled(pd.DataFrame(self.rotated.phi, index=names, columns=names), self.synthetic)

    @property
    def corr(self) -> pd.DataFrame:
        """The correlations of the items that were analysed."""
        return self._square(self.matrix)

    @property
    def communalities(self) -> pd.Series:
        """The share of each item's variance that the factors explain."""
        import pandas as pd

        return pd.Series(self._common, index=list(self.items), name="communality")

    @property
    def fit_measures(self) -> pd.Series:
        """Fit measures by lavaan's short names, with _ for the dot."""
        import pandas as pd

        return pd.Series(dict(self.measures), dtype=float)

    @property
    def chisq(self) -> float:
        """The test statistic: the scaled one where there is one; NaN without a test."""
        return self._scaled_or_plain("chisq")

    @property
    def df(self) -> float:
        """Degrees of freedom; NaN without a test."""
        return self._scaled_or_plain("df")

    @property
    def pvalue(self) -> float:
        """The p-value of `chisq`."""
        return self._scaled_or_plain("pvalue")

    def _scaled_or_plain(self, name: str) -> float:
        plain = self.measures.get(name, float("nan"))
        return float(self.measures.get(f"{name}_scaled", plain))

    @property
    def variance(self) -> pd.DataFrame:
        """What each factor explains: sum of squared loadings, share of all items' variance.

        Sums are those of L' times structure, so that shares of correlated factors add up.
        """
        import pandas as pd

        own = np.diag(self.rotated.phi @ self.rotated.loadings.T @ self.rotated.loadings)
        share = own / len(self.items)
        frame = pd.DataFrame(
            {"ss_loadings": own, "proportion": share, "cumulative": np.cumsum(share)},
            index=pd.Index(self.factors, name="factor"),
        )
        return labelled(frame, self.synthetic)

    @cached_property
    def _common(self) -> Array:
        loadings = self.rotated.loadings
        return np.einsum("ij,jk,ik->i", loadings, self.rotated.phi, loadings)

    def residuals(self) -> pd.DataFrame:
        """Return the correlations minus those the factors imply, zero in the diagonal."""
        gap = self.matrix - self.rotated.loadings @ self.rotated.phi @ self.rotated.loadings.T
        np.fill_diagonal(gap, 0.0)
        return self._square(gap)

    def main_factor(self) -> pd.Series:
        """Return, for each item, the factor with its largest loading."""
        import pandas as pd

        at = np.abs(self.rotated.loadings).argmax(axis=1)
        return pd.Series([self.factors[k] for k in at], index=list(self.items), name="factor")

    def frame(self, *, sort: bool = True, language: str = "en") -> pd.DataFrame:
        """Return one row an item: wording, loadings, communality, uniqueness and complexity.

        Parameters
        ----------
        sort : bool
            Items by the factor of their largest loading, largest first; else in the order of the
            questionnaire.
        language : str
            Language of the wordings, which stand there when a survey with an instrument was
            analysed.

        Returns
        -------
        pandas.DataFrame
            Complexity is (sum l^2)^2 / sum l^4, the number of factors an item needs (Hofmann
            1978).
        """
        import pandas as pd

        loadings = self.rotated.loadings
        square = loadings**2
        parts: dict[str, Any] = {"item": list(self.items)}
        if self.instrument is not None:
            parts["wording"] = [self.wording(name, language) for name in self.items]
        parts |= {name: loadings[:, k] for k, name in enumerate(self.factors)}
        parts |= {
            "communality": self._common,
            "uniqueness": 1.0 - self._common,
            "complexity": square.sum(axis=1) ** 2 / (square**2).sum(axis=1),
        }
        found = pd.DataFrame(parts)
        if sort:
            main = np.abs(loadings).argmax(axis=1)
            order = np.lexsort((-np.abs(loadings).max(axis=1), main))
            found = found.iloc[order].reset_index(drop=True)
        return labelled(found, self.synthetic)

    def wording(self, item: str, language: str = "en") -> str:
        """Return the question as people read it, with (R) where it was turned round."""
        if self.instrument is None or item not in self.instrument.item_order:
            return ""
        text = self.instrument.item(item).text
        said = text.get(language) or text.get("en") or ""
        return f"{said} (R)" if said and item in self.reversed_items else said

    def tidy(self, ci_level: float = 0.95) -> pd.DataFrame:
        """Return one row a loading and a factor correlation, in lavaan's shape.

        Parameters
        ----------
        ci_level : float
            Level of the confidence intervals (est plus and minus z se).

        Returns
        -------
        pandas.DataFrame
            lhs, op, rhs, est, se, z, pvalue, ci_lower, ci_upper.
        """
        import pandas as pd

        check_level(ci_level)
        loadings, phi = self.rotated.loadings, self.rotated.phi
        one, two = np.triu_indices(len(self.factors), 1)
        est = np.concatenate([loadings.T.ravel(), phi[one, two]])
        se = np.concatenate([self.se.T.ravel(), self.phi_se[one, two]])
        se = np.where(se > 0.0, se, np.nan)
        z, half = est / se, float(ndtri(0.5 + ci_level / 2.0)) * se
        count = len(self.items)
        found = pd.DataFrame(
            {
                "lhs": [f for f in self.factors for _ in self.items]
                + [self.factors[k] for k in one],
                "op": ["=~"] * loadings.size + ["~~"] * len(one),
                "rhs": list(self.items) * (loadings.size // count) + [self.factors[k] for k in two],
                "est": est,
                "se": se,
                "z": z,
                "pvalue": 2.0 * ndtr(-np.abs(z)),
                "ci_lower": est - half,
                "ci_upper": est + half,
            }
        )
        return labelled(found, self.synthetic)

    def _items_by_factors(self, values: Array) -> pd.DataFrame:
        import pandas as pd

        frame = pd.DataFrame(values, index=list(self.items), columns=list(self.factors))
        return labelled(frame, self.synthetic)

    def _square(self, values: Array) -> pd.DataFrame:
        import pandas as pd

        names = list(self.items)
        return labelled(pd.DataFrame(values, index=names, columns=names), self.synthetic)

    def __repr__(self) -> str:
        return _bridge.text(self)

    def _repr_html_(self) -> str:
        return _bridge.html(self)
