"""Is the solution one that can be interpreted? Each doubt is a `Problem` with a remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
from scipy.linalg.lapack import dpotrf

from truststats.arrays import Array, BoolArray
from truststats.errors import Problem, worst_first
from truststats.estimation.estimate import Estimate
from truststats.estimation.ordinal import OrdinalEstimate
from truststats.estimation.sample import n_clusters_of

__all__ = ["FEW_CLUSTERS", "admissibility", "few_clusters"]

#: Clusters below which sandwich standard errors are known to be too small (Cameron & Miller 2015).
FEW_CLUSTERS = 40


def _negative_variances(estimate: Estimate) -> list[Problem]:
    state, layout = estimate.state, estimate.layout
    diagonal = np.diag(state.psi[0])
    names = [layout.nodes[i] for i in np.flatnonzero(diagonal < 0)]
    if not names:
        return []
    return [
        Problem(
            "heywood",
            "error",
            f"Negative variance estimated for {', '.join(names)} (a Heywood case).",
            "Look for too few or too similar indicators, a small sample or a misspecified factor; "
            "do not interpret this solution.",
            ", ".join(names),
            len(names),
        )
    ]


def _latent_matrix(estimate: Estimate) -> list[Problem]:
    layout, state = estimate.layout, estimate.state
    latent = np.arange(layout.p, layout.m)
    if len(latent) < 2:
        return []
    block = state.e[0][np.ix_(latent, latent)]
    if (np.diag(block) <= 0).any():
        return []
    sd = np.sqrt(np.diag(block))
    corr: Array = block / np.outer(sd, sd)
    if np.linalg.eigvalsh(corr).min() > 1e-8:
        return []
    off = np.abs(corr - np.eye(len(latent)))
    i, j = np.unravel_index(int(off.argmax()), off.shape)
    pair = f"{layout.nodes[latent[i]]} and {layout.nodes[latent[j]]}"
    return [
        Problem(
            "latent_not_positive_definite",
            "error",
            "The covariance matrix of the latent variables is not positive definite; the largest "
            f"correlation is {corr[i, j]:.2f}, between {pair}.",
            "The data do not tell these factors apart: merge them or measure them better; do not "
            "interpret their paths.",
            pair,
        )
    ]


def _thresholds(group: Estimate) -> list[Problem]:
    if not isinstance(group, OrdinalEstimate):
        return []
    (cuts,) = group.cuts
    values, item = cuts.values(group.theta[None])[0], cuts.item
    falls = (item[1:] == item[:-1]) & (np.diff(values) < 0.0)
    names = [group.layout.nodes[int(k)] for k in np.unique(cast(Array, item[1:][falls]))]
    if not names:
        return []
    return [
        Problem(
            "thresholds_out_of_order",
            "error",
            f"The thresholds of {', '.join(names)} do not ascend, so that some answers would have "
            "a negative probability.",
            "Drop the constraints on these thresholds; do not interpret this solution.",
            ", ".join(names),
            len(names),
        )
    ]


def _residual_matrix(estimate: Estimate) -> list[Problem]:
    layout, p = estimate.layout, estimate.layout.p
    residual = cast(Array, estimate.state.psi[0][:p, :p])
    off = (residual - np.diag(np.diag(residual))) != 0
    involved = [k for k in range(p) if off[:, k].any()]
    if len(involved) < 2:
        return []
    block = residual[np.ix_(involved, involved)]
    if (np.diag(block) < 0).any() or np.linalg.eigvalsh(block).min() > 0:
        return []
    names = ", ".join([layout.nodes[k] for k in involved])
    return [
        Problem(
            "residuals_not_positive_definite",
            "error",
            f"The residual covariance matrix of {names} is not positive definite.",
            "Remove residual covariances that theory does not require.",
            names,
        )
    ]


def _implied_matrix(estimate: Estimate) -> list[Problem]:
    sigma = cast(Array, estimate.state.sigma[0])
    if not np.isfinite(sigma).all() or dpotrf(sigma)[1] == 0:
        return []
    return [
        Problem(
            "implied_not_positive_definite",
            "error",
            "The covariance matrix that the model implies is not positive definite, so no answers "
            "could have it.",
            "Look for negative variances and correlations above 1; do not interpret this solution.",
        )
    ]


def _convergence(estimate: Estimate) -> list[Problem]:
    if estimate.converged:
        return []
    return [
        Problem(
            "not_converged",
            "error",
            f"The estimation stopped after {estimate.solution.iterations} iterations without "
            "reaching an optimum.",
            "Check the scaling of the variables and the identification of the model, or give "
            "starting values with start().",
        )
    ]


def _has_circle(arrows: BoolArray) -> bool:
    """Return whether arrows (m, m) lead from a variable back to itself."""
    left = arrows
    while len(left):
        starts = ~left.any(axis=1)
        if not starts.any():
            return True
        left = left[~starts][:, ~starts]
    return False


def _loops(estimate: Estimate) -> list[Problem]:
    paths = cast(Array, estimate.state.b[0])
    if not _has_circle(paths != 0):
        return []
    gains = np.abs(np.linalg.eigvals(paths))
    gain = float(gains.max(initial=0.0))
    if gain < 1.0:
        return []
    return [
        Problem(
            "unstable_loop",
            "error",
            "Effects that run in a circle do not die out, so total and indirect effects are "
            "undefined.",
            "Remove a path of the loop, or look for instruments that tell its directions apart.",
        )
    ]


def _sizes(estimate: Estimate) -> list[Problem]:
    found: list[Problem] = []
    n, q = sum(sample.n_rows for sample in estimate.samples), estimate.npar
    if n < q:
        found.append(
            Problem(
                "fewer_rows_than_parameters",
                "error",
                f"There are fewer rows ({n}) than parameters ({q}).",
                "Estimate a smaller model or collect more answers.",
                count=n,
            )
        )
    elif n < 5 * q:
        found.append(
            Problem(
                "few_rows",
                "note",
                f"There are {n / q:.1f} rows per parameter ({n} for {q}).",
                "Treat tests and standard errors as approximate; below 5 they can mislead.",
                count=n,
            )
        )
    g = n_clusters_of(estimate.samples)
    if g is not None and g < q:
        found.append(
            Problem(
                "fewer_clusters_than_parameters",
                "warning",
                f"There are fewer clusters ({g}) than parameters ({q}), so the sandwich cannot "
                "be of full rank and the robust chi-square is unreliable.",
                "Do not test many parameters jointly; for single ones use se='cr3' or "
                "ts.score_bootstrap(fit) when there are fewer than about 40 clusters.",
                count=g,
            )
        )
    return found


def _small_group(group: Estimate) -> list[Problem]:
    """Return the warning that a group is too small, without its size, which can be a secret."""
    q = len(np.unique(group.layout.par))
    if group.sample.n_rows >= q:
        return []
    return [
        Problem(
            "small_group",
            "warning",
            f"There are fewer rows in this group than parameters it has a part in ({q}).",
            "Do not read its own estimates: leave it out with group_label=, or make more equal by "
            "group_equal=.",
        )
    ]


def few_clusters(estimate: Estimate) -> list[Problem]:
    """Return the warning that a sandwich of few clusters is too small, with the remedy."""
    g = n_clusters_of(estimate.samples)
    if g is None or g >= FEW_CLUSTERS:
        return []
    return [
        Problem(
            "few_clusters",
            "note",
            f"There are only {g} clusters; below about {FEW_CLUSTERS} the sandwich standard "
            "errors tend to be too small.",
            "Fit with se='cr3' (cluster jackknife, t distribution), or test single parameters "
            "with ts.score_bootstrap(fit).",
            count=g,
        )
    ]


def _saturated(estimate: Estimate) -> list[Problem]:
    got = estimate.sample.saturated
    if got is None or got.converged:
        return []
    return [
        Problem(
            "em_not_converged",
            "error",
            f"The unrestricted means and covariances did not converge in {got.iterations} EM "
            "iterations.",
            "Some pairs of variables are hardly ever observed together; drop one of them.",
        )
    ]


def _constraints(broken: Sequence[str]) -> list[Problem]:
    if not broken:
        return []
    names = ", ".join(broken)
    return [
        Problem(
            "constraint_not_met",
            "error",
            f"The solution does not keep these constraints: {names}. They contradict each other "
            "or cannot hold in this model.",
            "Look for two constraints on the same labels that exclude each other; do not "
            "interpret this solution.",
            names,
            len(broken),
        )
    ]


def _pinned(estimate: Estimate) -> BoolArray:
    """Whether each element of theta is determined by constraints, and so has no sampling error."""
    if estimate.null is None:
        return np.zeros(estimate.q, dtype=bool)
    return cast(BoolArray, np.abs(estimate.null).max(axis=1, initial=0.0) < 1e-9)


def _information(
    regular: bool, labels: Sequence[str], vcov: Array | None, pinned: BoolArray
) -> list[Problem]:
    found: list[Problem] = []
    if not regular:
        found.append(
            Problem(
                "empirically_underidentified",
                "error",
                "The information matrix is singular: the data do not determine every parameter.",
                "Fix a parameter, drop a redundant indicator or path, or add an indicator.",
            )
        )
    known = np.ones(len(labels)) if vcov is None else np.diag(vcov)
    bad = [labels[k] for k in np.flatnonzero(~(known > 0) & ~pinned).tolist()]
    if bad:
        found.append(
            Problem(
                "no_standard_error",
                "error",
                f"No standard error could be computed for {', '.join(bad[:5])}.",
                "The model is not identified there; simplify it.",
                ", ".join(bad),
                len(bad),
            )
        )
    return found


def admissibility(
    estimate: Estimate,
    *,
    regular: bool,
    labels: Sequence[str],
    vcov: Array | None,
    names: Sequence[str] = (),
    broken: Sequence[str] = (),
) -> tuple[Problem, ...]:
    """Return everything that stands in the way of interpreting an estimate, worst first.

    Parameters
    ----------
    estimate : Estimate
    regular : bool
        Whether the information was positive definite.
    labels : sequence of str
        Names of the parameters.
    vcov : (q, q) array, optional
        None if no standard errors were asked for.
    names : sequence of str
        What the groups are called.
    broken : sequence of str
        Constraints that the estimate does not keep.
    """
    found = [
        *(_constraints(broken) or _convergence(estimate)),
        *_information(regular, labels, vcov, _pinned(estimate)),
    ]
    for k, group in enumerate(estimate.groups):
        own = [
            *_saturated(group),
            *_negative_variances(group),
            *_latent_matrix(group),
            *_implied_matrix(group),
            *_residual_matrix(group),
            *_thresholds(group),
            *_loops(group),
            *(_small_group(group) if names else ()),
        ]
        found += [replace(p, group=names[k]) for p in own] if names else own
    return worst_first([*found, *_at_bounds(estimate), *_sizes(estimate)])


def _at_bounds(estimate: Estimate) -> list[Problem]:
    if not estimate.bound:
        return []
    names = ", ".join(estimate.bound)
    return [
        Problem(
            "at_bound",
            "warning",
            f"The optimum lies on the edge of what was allowed: {names}.",
            "Standard errors take these as equalities; look whether the model holds without them.",
            names,
            len(estimate.bound),
        )
    ]
