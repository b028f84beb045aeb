"""`verdicts`: from estimates to one decision per claim, by a rule that is fixed beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from truststats.arrays import Array
from truststats.errors import DataError, DefinitionError
from truststats.framework import Claim, Framework
from truststats.inference.effects import EffectList, effect_values
from truststats.inference.intervals import simulated_intervals
from truststats.inference.standardize import delta_covariance
from truststats.options import check_draws
from truststats.results import effect_frames, frames
from truststats.results.fit import Fit
from truststats.results.part import parts
from truststats.results.verdicts import Verdict, VerdictName, Verdicts

__all__ = ["claimed_effects", "decide", "framework_of", "holm", "verdicts"]

#: Implied correlation from which two constructs count as one (Ronkko & Cho 2022).
TOO_CLOSE = 0.90
CLOSE = 0.80
FEW_CLUSTERS = 40


def decide(
    estimate: float,
    lower95: float,
    upper95: float,
    lower90: float,
    upper90: float,
    *,
    sign: int,
    sesoi: float,
) -> VerdictName:
    """Return the verdict of one claim; the first rule that holds decides.

    Parameters
    ----------
    estimate : float
        Standardised effect.
    lower95, upper95, lower90, upper90 : float
        Limits of its 95 % and 90 % intervals.
    sign : {1, -1}
        The expected sign; the effect is oriented by it.
    sesoi : float
        Smallest effect of interest, positive.

    Notes
    -----
    Practically zero: the 90 % interval lies inside plus/minus sesoi (two one-sided tests, Lakens
    2017, doi:10.1177/1948550617697177). Supported: the 95 % lower bound exceeds 0 and the estimate
    is at least sesoi. Contradicted: the 95 % upper bound is below 0. Else undetermined.
    """
    if not np.isfinite([estimate, lower95, upper95, lower90, upper90]).all():
        return "not_judged"
    if sign < 0:
        estimate, lower95, upper95 = -estimate, -upper95, -lower95
        lower90, upper90 = -upper90, -lower90
    if -sesoi < lower90 and upper90 < sesoi:
        return "practically_zero"
    if lower95 > 0 and estimate >= sesoi:
        return "supported"
    if upper95 < 0:
        return "contradicted"
    return "undetermined"


def holm(pvalues: Sequence[float] | Array) -> Array:
    """Return Holm-adjusted p-values (Holm 1979); NaN stays NaN and is not counted."""
    p = np.asarray(pvalues, dtype=float)
    out = np.full(len(p), np.nan)
    there = np.flatnonzero(~np.isnan(p))
    order = there[np.argsort(p[there], kind="stable")]
    steps = p[order] * (len(order) - np.arange(len(order)))
    out[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return out


def framework_of(fit: Fit) -> Framework:
    """Return the framework a fit comes from.

    Raises
    ------
    DefinitionError
        If it was fitted from text.
    """
    framework = fit.framework or fit.model.framework
    if framework is None:
        raise DefinitionError(
            "This fit has no claims to judge.",
            why="it was fitted from model text, not from a framework",
            fix="fit a framework: ts.fit(ts.load_framework(), survey)",
        )
    return framework


def claimed_effects(claims: Sequence[Claim], fit: Fit) -> EffectList:
    """Return the effect each claim is about, in the claims' order."""
    table = fit.partable
    free = {
        (lhs, rhs)
        for lhs, op, rhs, unique in zip(table.lhs, table.op, table.rhs, table.unique, strict=True)
        if op == "~" and unique >= 0
    }
    at = {name: k for k, name in enumerate(fit.estimate.layout.nodes)}
    kinds, targets, sources, routes = [], [], [], []
    for claim in claims:
        absent = [f"{b} ~ {a}" for a, b in pairwise(claim.path) if (b, a) not in free]
        if absent:
            raise DataError(
                f"Claim {claim.id!r} is about {', '.join(absent)}, which this model does not "
                "estimate.",
                why="an effect that the model leaves out or fixes says nothing about the claim",
                fix="take verdicts from the framework's own model, not from a rival",
            )
        route = tuple(at[name] for name in claim.path)
        kind = {"direct": "direct", "total": "total", "indirect": "specific"}[claim.estimand]
        kinds.append(kind)
        sources.append(route[0])
        targets.append(route[-1])
        routes.append(route[1:-1])
    return EffectList(tuple(kinds), tuple(targets), tuple(sources), tuple(routes))


def _intervals(fit: Fit, listed: EffectList, draws: int, seed: Any) -> dict[str, Array]:
    """Return estimates, SEs, p-values and 95 and 90 % limits of standardised effects.

    Delta method for direct and total effects; for products of paths percentiles of effects at
    draws of the parameters, and the p-value that belongs to them.
    """
    layout, theta = fit.estimate.layout, fit.estimate.theta
    _, keep = effect_frames.structural_paths(fit)

    def values(t: Array) -> Array:
        return effect_values(layout, listed, t, standardized=True, keep=keep)

    est = values(theta[None])[0]
    se = frames.standard_errors(delta_covariance(values, theta, fit.vcov))
    out = {"est": est, "se": se, "p": frames.pvalue(est / se, fit.reference_df)}
    for level in (95, 90):
        out[f"low{level}"], out[f"high{level}"] = frames.limits(
            est, se, level / 100, fit.reference_df
        )
    product = np.array([kind == "specific" for kind in listed.kind])
    if product.any():
        sample = effect_frames.draw_theta(fit, draws, seed)
        drawn = np.concatenate([values(sample[k : k + 500]) for k in range(0, draws, 500)])
        for level in (95, 90):
            found = simulated_intervals(drawn[:, product], level / 100)
            out["p"][product] = found.pvalue
            out[f"low{level}"][product] = found.lower
            out[f"high{level}"][product] = found.upper
    return out


def _closeness(fit: Fit) -> dict[frozenset[str], float]:
    """Return implied correlations between constructs, by pair."""
    frame = fit.latent_cor()
    names, corr = list(frame.index), frame.to_numpy()
    constructs = [k for k, name in enumerate(names) if fit.model.constructs.get(name) == name]
    pairs = combinations(constructs, 2)
    return {frozenset((names[a], names[b])): float(corr[a, b]) for a, b in pairs}


def _caveats(claim: Claim, fit: Fit, close: dict[frozenset[str], float]) -> tuple[list[str], bool]:
    """Return caveats of a claim and whether its constructs can be told apart."""
    found: list[str] = []
    apart = True
    if not fit.converged:
        found.append("not_converged")
    elif not fit.admissible:
        found.append("not_admissible")
    involved = {*claim.path, *claim.adjust}
    for pair, r in close.items():
        if pair <= involved and pair & set(claim.path) and abs(r) >= CLOSE:
            if "discriminant" not in found:
                found.append("discriminant")
            apart = apart and abs(r) < TOO_CLOSE
    few = fit.n_clusters is not None and fit.n_clusters < FEW_CLUSTERS
    if few and fit.se_type != "cr3":
        found.append("few_clusters")
    found.append("same_source")
    return found, apart


def verdicts(fit: Fit, *, draws: int = 20_000, seed: Any = None) -> Verdicts:
    """Return one verdict per claim of the fit's framework.

    Parameters
    ----------
    fit : Fit
        Of a framework.
    draws : int
        Monte Carlo draws for the intervals of indirect effects.
    seed : int, numpy.random.Generator or None
        None is one fixed seed.

    Returns
    -------
    Verdicts
        One row a claim; of several groups a row a claim and group, group after group, each
        standardised by the group's own variances. Standardised effects with 95 and 90 %
        intervals, p-values (Holm-adjusted over all rows) and the verdict by `decide`;
        "not_judged" when the solution is not admissible or a construct of the claim correlates
        .90 or more with another one it involves.

    Raises
    ------
    DefinitionError
        If the fit does not come from a framework.
    """
    framework = framework_of(fit)
    sides = parts(fit) or ((fit.part or "", fit),)
    rows = [
        row
        for name, side in sides
        for row in _rows(side, list(framework.claims), name, check_draws(draws), seed)
    ]
    adjusted = holm([row.pvalue for row in rows])
    rows = [replace(row, p_holm=float(p)) for row, p in zip(rows, adjusted, strict=True)]
    return Verdicts(rows=tuple(rows), synthetic=fit.synthetic)


def _rows(fit: Fit, claims: Sequence[Claim], group: str, draws: int, seed: Any) -> list[Verdict]:
    """Return the verdicts of a fit, or of one group of it, not yet adjusted."""
    got = _intervals(fit, claimed_effects(claims, fit), draws, seed)
    close = _closeness(fit)
    rows = []
    for k, claim in enumerate(claims):
        caveats, apart = _caveats(claim, fit, close)
        numbers = [float(got[name][k]) for name in ("est", "low95", "high95", "low90", "high90")]
        verdict = decide(*numbers, sign=claim.sign, sesoi=claim.sesoi)
        if not (fit.admissible and fit.converged and apart):
            verdict = "not_judged"
        nearest = numbers[1] if claim.sign > 0 else -numbers[2]
        if verdict == "undetermined" and nearest > 0:
            caveats.insert(0, "below_sesoi")
        rows.append(
            Verdict(
                claim_id=claim.id,
                statement=claim.statement,
                path=claim.path,
                estimand=claim.estimand,
                adjust=claim.adjust,
                sign=claim.sign,
                sesoi=claim.sesoi,
                estimate=numbers[0],
                se=float(got["se"][k]),
                ci_lower=numbers[1],
                ci_upper=numbers[2],
                ci90_lower=numbers[3],
                ci90_upper=numbers[4],
                pvalue=float(got["p"][k]),
                p_holm=float(got["p"][k]),
                verdict=verdict,
                caveats=tuple(caveats),
                level=claim.level,
                source=claim.source,
                group=group,
            )
        )
    return rows
