"""Reliability of each factor of a fit: alpha and omega, each named by its formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import NotSupportedError
from truststats.survey.synthetic import labelled

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["alpha", "omega", "reliability"]


ALPHA = "alpha (Cronbach), from the sample covariances"
OMEGA = "omega (congeneric), model-implied variance of the sum"
OMEGA_SECOND = "omega (second-order factor's share), model-implied variance of the sum"
_COLUMNS = ["construct", "label", "coefficient", "formula", "value", "n_items"]


def alpha(cov: Array) -> float:
    """Return coefficient alpha of a sum of items (Cronbach 1951, doi:10.1007/BF02310555).

    k / (k - 1) (1 - trace / sum) of the covariance matrix of k items; NaN for one item.
    """
    k = len(cov)
    total = float(cov.sum())
    if k < 2 or total <= 0:
        return float("nan")
    return k / (k - 1) * (1.0 - float(np.trace(cov)) / total)


def omega(loadings: Array, variance: float, residual: Array) -> float:
    """Return omega of a sum of items (McDonald 1999).

    (sum of loadings)^2 psi / [(sum of loadings)^2 psi + sum of residual (co)variances].

    Parameters
    ----------
    loadings : (k,) array
    variance : float
        Variance of the factor.
    residual : (k, k) array
        Residual covariance matrix of the items.
    """
    true = float(loadings.sum()) ** 2 * variance
    return true / (true + float(residual.sum()))


def _measured(fit: Fit) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return items of first-order factors and first-order factors of second-order ones."""
    latent = set(fit.partable.lv)
    items: dict[str, list[str]] = {}
    parts: dict[str, list[str]] = {}
    for lhs, op, rhs in zip(fit.partable.lhs, fit.partable.op, fit.partable.rhs, strict=True):
        if op == "=~":
            (parts if rhs in latent else items).setdefault(lhs, []).append(rhs)
    return items, parts


def reliability(fit: Fit) -> pd.DataFrame:
    """Return alpha and omega of every factor with two or more items.

    Parameters
    ----------
    fit : Fit

    Returns
    -------
    DataFrame
        One row per factor and coefficient: construct, label, coefficient, formula, value,
        n_items; of several groups one below the other, with a first column ``group``. Under
        missing data alpha uses the unrestricted ML (EM) covariances.

    Notes
    -----
    Omega uses the factor's implied total variance; items that load on two factors are refused
    (NaN) because a sum of them has no single true score, and so are factors that are measured by
    items and by other factors at once, and solutions with a negative variance. For a second-order
    factor omega is the share of the variance of the sum of all items that it explains.
    """
    if fit.partable.levels:
        raise NotSupportedError(
            "Reliability is not available for ordinal items yet.",
            why="omega of polychoric correlations is that of responses nobody observes",
            fix="fit with estimator='MLR' for the reliability of the observed sums",
        )
    if fit.groups:
        sides = [reliability(fit.group(name)).assign(group=name) for name in fit.groups]
        whole = pd.concat(sides, ignore_index=True)
        return labelled(whole[["group", *_COLUMNS]], fit.synthetic)
    layout, state = fit.estimate.layout, fit.estimate.state
    at = {name: k for k, name in enumerate(layout.nodes)}
    items, parts = _measured(fit)
    owners: dict[str, int] = {}
    for names in items.values():
        for name in names:
            owners[name] = owners.get(name, 0) + 1
    b = state.b[0]
    sample, sigma = fit.estimate.sample.cov, state.sigma[0]
    rows: list[dict[str, object]] = []

    proper = bool((np.diag(state.psi[0]) >= 0).all())

    def add(factor: str, at_items: Array, loadings: Array, formula: str, clean: bool) -> None:
        label = fit.model.labels.get(factor, {}).get("en", factor)
        block = np.ix_(at_items, at_items)
        variance = float(state.e[0, at[factor], at[factor]])
        residual = sigma[block] - np.outer(loadings, loadings) * variance
        common = {"construct": factor, "label": label, "n_items": len(at_items)}
        value = omega(loadings, variance, residual) if clean and proper else float("nan")
        rows.append(
            common | {"coefficient": "alpha", "formula": ALPHA, "value": alpha(sample[block])}
        )
        rows.append(common | {"coefficient": "omega", "formula": formula, "value": value})

    for factor in fit.partable.lv:
        if factor in parts:
            alone = items.get(factor, [])
            own = [name for part in parts[factor] for name in items.get(part, [])] + alone
            if len(own) < 2:
                continue
            index = np.array([at[name] for name in own])
            first = [b[at[n], at[p]] * b[at[p], at[factor]] for p in parts[factor]
                     for n in items.get(p, [])]  # fmt: skip
            first += [b[at[n], at[factor]] for n in alone]
            clean = not alone and all(owners[name] == 1 for name in own)
            add(factor, index, np.array(first), OMEGA_SECOND, clean)
        elif len(items.get(factor, [])) >= 2:
            index = np.array([at[name] for name in items[factor]])
            clean = all(owners[name] == 1 for name in items[factor])
            add(factor, index, b[index, at[factor]], OMEGA, clean)
    return labelled(pd.DataFrame(rows, columns=_COLUMNS), fit.synthetic)
