"""A population with known truth: what a file says, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

__all__ = ["ItemSpec", "MissingRates", "Population"]


@dataclass(frozen=True)
class ItemSpec:
    """How one item is answered in a population.

    Attributes
    ----------
    name, latent : str
        The item, and the latent variable it measures.
    dimension : str
        The first-order dimension it belongs to; empty where the construct has one factor.
    loading : float
        Correlation of the answer, before it is cut into categories, with its factor;
        negative for a reverse-keyed item.
    percent : tuple of int
        Percent of the population in each category, as answered; adds up to 100.
    """

    name: str
    latent: str
    dimension: str
    loading: float
    percent: tuple[int, ...]

    @property
    def thresholds(self) -> np.ndarray:
        """Cut points on the standard normal scale, one fewer than there are categories."""
        return ndtri(np.cumsum(self.percent)[:-1] / 100)


@dataclass(frozen=True)
class MissingRates:
    """Chances that an answer is not there.

    Attributes
    ----------
    blank, dont_know : mapping of str to float
        Per latent; the key ``""`` holds the rate of every latent not named.
    break_off : float
        Share of people who stop somewhere in the last third of the form.
    first_year : float
        How much more often people in their first year leave an answer out.
    """

    blank: Mapping[str, float]
    dont_know: Mapping[str, float]
    break_off: float
    first_year: float


@dataclass(frozen=True)
class Population:
    """A structural equation model with every number known, at the level of people and of units.

    All latent variables have mean zero and variance one. The same paths hold between units and
    within them, so the total covariance matrix has exactly these paths too.

    Attributes
    ----------
    exogenous : tuple of str
        Latents without causes, in the order of `exogenous_cor`.
    exogenous_cor : tuple of tuple of float
        Their correlation matrix.
    paths : mapping
        Standardised path per outcome and cause, outcomes in causal order.
    between : mapping
        Share of each latent's variance that lies between units.
    shifts : mapping
        Per grouping (``sector``, ``city``) the distance of its second group from its first.
    dimensions : mapping
        Loadings of first-order dimensions on a second-order construct.
    items : mapping
        One `ItemSpec` per item.
    """

    name: str
    version: str
    title: str
    exogenous: tuple[str, ...]
    exogenous_cor: tuple[tuple[float, ...], ...]
    paths: Mapping[str, Mapping[str, float]]
    between: Mapping[str, float]
    shifts: Mapping[str, Mapping[str, float]]
    dimensions: Mapping[str, Mapping[str, float]]
    missing: MissingRates
    items: Mapping[str, ItemSpec]

    @property
    def latents(self) -> tuple[str, ...]:
        """Every latent in causal order."""
        return (*self.exogenous, *self.paths)

    @cached_property
    def latent_cov(self) -> np.ndarray:
        """Total covariance (a correlation) matrix of the latents, in the order of `latents`."""
        return self._covariance(np.array(self.exogenous_cor), dict.fromkeys(self.latents, 1.0))[0]

    @cached_property
    def between_cov(self) -> np.ndarray:
        """Covariance matrix between units, group shifts included, in the order of `latents`."""
        root = np.sqrt([self.between[name] for name in self.exogenous])
        return self._covariance(np.array(self.exogenous_cor) * np.outer(root, root), self.between)[
            0
        ]

    @property
    def residual_variances(self) -> dict[str, float]:
        """Variance of each outcome that its causes leave, over all people."""
        exo, total = np.array(self.exogenous_cor), dict.fromkeys(self.latents, 1.0)
        return self._covariance(exo, total)[1]

    @property
    def between_residual_variances(self) -> dict[str, float]:
        """Variance of each outcome that its causes leave between units."""
        root = np.sqrt([self.between[name] for name in self.exogenous])
        exo = np.array(self.exogenous_cor) * np.outer(root, root)
        return self._covariance(exo, self.between)[1]

    @property
    def shift_cov(self) -> np.ndarray:
        """Part of the exogenous between-unit covariance due to group shifts (halves of people)."""
        out = np.zeros((len(self.exogenous), len(self.exogenous)))
        for shift in self.shifts.values():
            step = np.array([shift.get(name, 0.0) for name in self.exogenous])
            out += np.outer(step, step) / 4
        return out

    def _covariance(
        self, exogenous: np.ndarray, variances: Mapping[str, float]
    ) -> tuple[np.ndarray, dict[str, float]]:
        """Covariance of all latents given that of the exogenous ones and every variance."""
        names, k = self.latents, len(self.exogenous)
        cov = np.zeros((len(names), len(names)))
        cov[:k, :k] = exogenous
        residual: dict[str, float] = {}
        for i, outcome in enumerate(names[k:], start=k):
            beta = np.array([self.paths[outcome].get(name, 0.0) for name in names[:i]])
            cov[i, :i] = cov[:i, i] = cov[:i, :i] @ beta
            residual[outcome] = variances[outcome] - float(beta @ cov[:i, i])
            cov[i, i] = variances[outcome]
        return cov, residual
