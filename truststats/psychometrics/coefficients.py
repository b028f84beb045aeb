"""The coefficients of reliability that a scale of a fitted model has, with standard errors.

Coefficients of the model are functions of its parameters, and their standard errors follow from
the parameters' by the delta method. Coefficient alpha is a function of the covariances of the
answers alone; its standard error needs no normal answers (Maydeu-Olivares, Coffman & Hartmann
2007, doi:10.1037/1082-989X.12.2.157), and sums rows within clusters where there are clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np

from truststats.arrays import Array
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import evaluate
from truststats.estimation.layout import Layout
from truststats.inference.standardize import delta_covariance
from truststats.inference.two_stage import first_stage
from truststats.psychometrics.composites import Composite, Pieces, pieces_of
from truststats.psychometrics.items import pairwise_covariance, quadratic_influence
from truststats.psychometrics.reliability import (
    alpha,
    alpha_slope,
    explained_share,
    maximal_reliability,
    share,
    total_of,
)

__all__ = [
    "Coefficient",
    "OF_KIND",
    "alpha_error",
    "alpha_of",
    "model_coefficients",
    "model_values",
    "sample_covariance",
    "values_of",
]

#: The coefficients of each kind of composite, as they are shown.
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "congeneric": ("omega", "omega_observed", "maximal", "ave"),
    "second_order": ("omega", "omega_hierarchical", "omega_level2", "omega_partial"),
    "bifactor": ("omega", "omega_hierarchical", "ecv"),
    "unclear": ("omega",),
}

#: Number of variables up to which EM covariances get a standard error of alpha.
_MOST_EM = 45


@dataclass(frozen=True)
class Coefficient:
    """One coefficient of a scale.

    Attributes
    ----------
    name : str
    value, se : float
        NaN where there is none.
    problems : tuple of str
        Codes of what must be known.
    """

    name: str
    value: float
    se: float = float("nan")
    problems: tuple[str, ...] = ()


def _partial(x: Pieces, signs: Array) -> Array:
    true = total_of(x.true, signs)
    return true / (true + total_of(x.total - x.common, signs))


def _level2(x: Pieces) -> Array:
    return x.part_loadings.sum(axis=1) ** 2 * x.variance / total_of(x.by_part)


_VALUES: Mapping[str, Callable[[Pieces, Array], Array]] = {
    "omega": lambda x, signs: share(x.common, x.total, signs),
    "omega_hierarchical": lambda x, signs: share(x.true, x.total, signs),
    "omega_partial": _partial,
    "omega_level2": lambda x, _: _level2(x),
    "maximal": lambda x, _: maximal_reliability(x.loadings, x.variance, x.total),
    "ave": lambda x, _: explained_share(x.true, x.total),
    "ecv": lambda x, _: explained_share(x.true, x.common),
}


def _taken(composite: Composite, x: Pieces) -> Pieces:
    """Return the pieces in which a congeneric factor is all that items have in common."""
    if composite.kind != "congeneric":
        return x
    return Pieces(x.loadings, x.variance, x.true, x.true, x.total, x.by_part, x.part_loadings)


def model_values(
    layout: Layout, composite: Composite, names: tuple[str, ...], signs: Array, theta: Array,
    observed: Array | None = None,
) -> Array:  # fmt: skip
    """Return (B, r) coefficients of the model at a batch of parameter vectors, real or complex.

    Parameters
    ----------
    names : tuple of str
        Of `OF_KIND`.
    signs : (k,) array
    theta : (B, q) array
    observed : (B, k, k) or (k, k) array, optional
        The items' sample covariances, which ``omega_observed`` divides by.
    """
    x = _taken(composite, pieces_of(layout, composite, evaluate(layout, theta)))
    return values_of(names, x, signs, observed)


def values_of(
    names: tuple[str, ...], x: Pieces, signs: Array, observed: Array | None = None
) -> Array:
    """Return (B, r) coefficients of the covariances of a composite's items."""
    out = np.empty((len(x.total), len(names)), dtype=x.total.dtype)
    for k, name in enumerate(names):
        if name == "omega_observed":
            assert observed is not None
            out[:, k] = total_of(x.common, signs) / total_of(observed, signs)
        else:
            out[:, k] = _VALUES[name](x, signs)
    return out


def _model_problems(group: Estimate, composite: Composite, signs: Array) -> tuple[str, ...]:
    """Return codes of what keeps a composite from having coefficients, or from being read."""
    found = [composite.why] if composite.why else []
    if (np.diag(group.state.psi[0]) < 0).any():
        found.append("negative_variance")
    loadings = pieces_of(group.layout, composite, group.state).loadings[0] * signs
    if not found and (loadings > 0).any() and (loadings < 0).any():
        found.append("against_the_others")
    return tuple(found)


def model_coefficients(
    group: Estimate, composite: Composite, signs: Array, vcov: Array, observed: Array
) -> tuple[Coefficient, ...]:
    """Return the coefficients of one group that follow from continuous items' parameters.

    NaN where items have no single true score or a variance is negative; ``omega_observed``, which
    mixes parameters and sample covariances, has no delta-method standard error.
    """
    names = OF_KIND[composite.kind]
    problems = _model_problems(group, composite, signs)
    if {"shared_items", "mixed_indicators", "negative_variance"} & set(problems):
        return tuple(Coefficient(name, float("nan"), problems=problems) for name in names)
    value = model_values(group.layout, composite, names, signs, group.theta[None], observed)[0]
    certain = tuple(name for name in names if name != "omega_observed")

    def function(theta: Array) -> Array:
        return model_values(group.layout, composite, certain, signs, theta)

    spread = delta_covariance(function, group.theta, vcov)
    with np.errstate(invalid="ignore"):
        se = dict(zip(certain, np.sqrt(np.diag(spread)), strict=True))
    none = float("nan")
    return tuple(
        Coefficient(name, float(v), float(se.get(name, none)), problems)
        for name, v in zip(names, value, strict=True)
    )


def sample_covariance(group: Estimate, items: Array, *, ordinal: bool) -> Array:
    """Return the (k, k) covariances of the answers to some items.

    EM covariances where full information is used; pairwise ones of ordinal items' codes.
    """
    sample = group.sample
    if ordinal and sample.rows is not None:
        return pairwise_covariance(sample.rows[:, items], sample.weights)
    return sample.cov[np.ix_(items, items)]


def alpha_of(
    group: Estimate, items: Array, signs: Array, *, ordinal: bool, kept: bool
) -> Coefficient:
    """Return coefficient alpha of the answers with its standard error.

    Parameters
    ----------
    group : Estimate
        Of one group.
    items : (k,) int array
    signs : (k,) array
    ordinal : bool
        Whether the items are ordinal, so that the sample holds codes and other correlations.
    kept : bool
        Whether the fit was read from a file and its rows are gone.
    """
    if ordinal and group.sample.rows is None:
        return Coefficient("alpha", float("nan"), problems=("no_answers",))
    cov = sample_covariance(group, items, ordinal=ordinal)
    value = float(alpha(cov, signs))
    if np.isnan(value):
        return Coefficient("alpha", value, problems=("no_sum",))
    se = float("nan") if kept else alpha_error(group, items, signs, cov, ordinal=ordinal)
    return Coefficient("alpha", value, se, ("no_interval",) if np.isnan(se) else ())


def alpha_error(group: Estimate, items: Array, signs: Array, cov: Array, *, ordinal: bool) -> float:
    """Return the standard error of alpha: distribution-free from rows, else of normal answers.

    From covariances alone 2 tr(GSGS) / n (van Zyl, Neudecker & Nel 2000,
    doi:10.1007/BF02296146) with the derivatives G. NaN where EM covariances are of more than 45
    variables.
    """
    sample, slope = group.sample, alpha_slope(cov, signs)
    if sample.rows is None:
        product = slope @ cov
        return float(np.sqrt(2.0 * np.trace(product @ product) / sample.n))
    rows = sample.rows[:, items]
    if ordinal or not np.isnan(sample.rows).any():
        moved = sample.spread(quadratic_influence(rows, slope, sample.weights)[:, None])
        return float(np.sqrt((moved**2).sum()) / sample.n)
    if sample.p > _MOST_EM:
        return float("nan")
    whole = np.zeros((sample.p, sample.p))
    whole[np.ix_(items, items)] = slope
    row, col = np.tril_indices(sample.p)
    by_cell = np.where(row == col, 1.0, 2.0) * whole[row, col]
    gamma = first_stage(sample, robust=True).gamma[: len(row), : len(row)]
    return float(np.sqrt(cast(float, by_cell @ gamma @ by_cell) / sample.n))
