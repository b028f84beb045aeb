"""Models of ordinal items: thresholds and polychoric correlations by weighted least squares.

What a model implies for them is compared with the sample's by a diagonal weight (DWLS), none (ULS)
or the inverse of their asymptotic covariance matrix (WLS; Muthen 1984, doi:10.1007/BF02294210).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from truststats.arrays import Array, IntArray
from truststats.errors import DataError
from truststats.estimation.constraints import Constraints, open_directions
from truststats.estimation.estimate import Estimate
from truststats.estimation.implied import evaluate, with_exogenous
from truststats.estimation.implied_items import (
    Cuts,
    Implied,
    OrdinalTarget,
    implied_moments,
    without_x,
)
from truststats.estimation.layout import Layout
from truststats.estimation.mixed_moments import MixedMoments
from truststats.estimation.own_thresholds import solve_items
from truststats.estimation.polychoric import OrdinalMoments
from truststats.estimation.sample import Sample
from truststats.estimation.search import starts_of
from truststats.estimation.stored_items import StoredItems
from truststats.estimation.weighted import solve_under

__all__ = [
    "ItemMoments",
    "OrdinalEstimate",
    "estimate_ordinal",
    "ordinal_sample",
    "ordinal_weight",
]


#: The moments of ordinal items alone, beside continuous and exogenous variables, or from a file.
ItemMoments = OrdinalMoments | MixedMoments | StoredItems


@dataclass(frozen=True, eq=False)
class OrdinalEstimate(Estimate):
    """A model of ordinal items estimated by weighted least squares.

    `samples` hold the correlations of the normal responses in place of covariances.

    Attributes
    ----------
    cuts : tuple of Cuts
        The thresholds of each group.
    moments : tuple of OrdinalMoments or MixedMoments
        Sample statistics of the groups and their asymptotic covariances.
    weight : str
        "DWLS", "ULS" or "WLS".
    memo : dict
        What inference made of these before, by key; no part of the value.
    """

    cuts: tuple[Cuts, ...] = ()
    moments: tuple[ItemMoments, ...] = ()
    weight: str = "DWLS"
    memo: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def groups(self) -> tuple[Estimate, ...]:
        """The groups' own estimates, which share theta."""
        if len(self.layouts) == 1:
            return (self,)
        parts = zip(self.layouts, self.samples, self.cuts, self.moments, strict=True)
        return tuple(
            replace(self, layouts=(a,), samples=(b,), cuts=(c,), moments=(m,))
            for a, b, c, m in parts
        )

    @cached_property
    def targets(self) -> tuple[OrdinalTarget, ...]:
        """Moments and weights of the groups."""
        return tuple(
            _target(layout, cuts, got, self.weight, (sample.n - 1.0) / self.n)
            for layout, cuts, got, sample in zip(
                self.layouts, self.cuts, self.moments, self.samples, strict=True
            )
        )

    @cached_property
    def looks(self) -> tuple[tuple[Array, Array], ...]:
        """Residual moments (k,) and derivatives of the implied ones (k, q), one per group."""
        return tuple(target.look(self.theta) for target in self.targets)

    @property
    def df(self) -> int:
        """Degrees of freedom: statistics minus parameters."""
        return sum(len(target.moments) for target in self.targets) - self.npar

    @property
    def all_ordered(self) -> bool:
        """Whether all variables are ordinal items, without exogenous variables."""
        return bool(self.cuts[0].ordered.all())

    @cached_property
    def fitted(self) -> Implied:
        """Implied moments of an estimate of one group."""
        (cuts,), layout = self.cuts, without_x(self.layout)
        state = evaluate(layout, self.theta[None])
        return implied_moments(layout, state, cuts, self.theta)


def ordinal_weight(kind: str, got: ItemMoments) -> Array:
    """Return the weight of "DWLS" and "ULS" as a diagonal (k,), of "WLS" as a (k, k) matrix.

    Raises
    ------
    DataError
        If their asymptotic covariance matrix cannot be inverted.
    """
    if kind == "ULS":
        return np.ones(len(got.gamma_diagonal))
    if kind == "DWLS":
        return 1.0 / got.gamma_diagonal
    try:
        half = np.linalg.cholesky(got.gamma)
    except np.linalg.LinAlgError:
        raise DataError(
            f"The {len(got.gamma)} thresholds and correlations have no invertible covariance "
            "matrix.",
            why="WLS needs many more rows than there are thresholds and correlations",
            fix="use estimator='WLSMV'",
        ) from None
    inverse = cast(Array, np.linalg.inv(half))
    return inverse.T @ inverse


def _target(layout: Layout, cuts: Cuts, got: ItemMoments, kind: str, share: float) -> OrdinalTarget:
    return OrdinalTarget(without_x(layout), got.statistics, ordinal_weight(kind, got), share, cuts)


def ordinal_sample(
    got: ItemMoments, rows: Array | None, x: Array | None = None, at: IntArray | None = None
) -> Sample:
    """Return the sample that stands for the moments of all variables together.

    Ordered variables are their normal responses: with a residual variance of 1, and a mean that
    only exogenous variables move.

    Parameters
    ----------
    got : OrdinalMoments or MixedMoments
    rows : (n, p) array or None
        Answers to all variables.
    x : (n, x) array, optional
        The exogenous variables in the rows that `got` used.
    at : (p,) int array, optional
        Where each variable of the sample stands among those of `got` followed by the exogenous.
    """
    own = np.zeros(len(got.names))
    smooth = ~got.ordered[got.threshold_of]
    own[got.threshold_of[smooth]] = -got.thresholds[smooth]
    cov, mean = got.cov, own
    if x is not None and x.shape[1]:
        weights = got.row_weights
        center = np.average(x, axis=0, weights=weights)
        # lavaan's divisors: n - 1, and the sum of sampling weights
        spread = np.atleast_2d(np.cov(x.T, aweights=weights, bias=weights is not None))
        cross = got.slopes @ spread
        cov = np.block([[cov + cross @ got.slopes.T, cross], [cross.T, spread]])
        mean = np.concatenate([own + got.slopes @ center, center])
    if at is not None:
        cov, mean = cov[np.ix_(at, at)], mean[at]
    return Sample(got.n, cov, mean, rows, None, float("nan"))


def estimate_ordinal(
    layouts: Sequence[Layout],
    cuts: Sequence[Cuts],
    samples: Sequence[Sample],
    moments: Sequence[ItemMoments],
    loadings: Sequence[tuple[int, int]],
    *,
    kind: str,
    user_start: Array | None = None,
    constraints: Constraints | None = None,
) -> OrdinalEstimate:
    """Estimate a model of ordinal items.

    Parameters
    ----------
    layouts, cuts, samples, moments : one per group
        Variables in the layout's order; samples from `ordinal_sample`.
    loadings : sequence of (factor, indicator)
        For the starting values.
    kind : {"DWLS", "ULS", "WLS"}
    user_start : (q,) array, optional
        Values given by the user, NaN elsewhere.
    constraints : Constraints, optional
        Beyond parameters that are one by their label.
    """
    cuts, samples = tuple(cuts), tuple(samples)
    layouts = tuple(
        with_exogenous(layout, sample.cov, sample.mean)
        for layout, sample in zip(layouts, samples, strict=True)
    )
    shares = np.array([sample.n for sample in samples], dtype=float)
    shares = (shares - 1.0) / shares.sum()
    targets = tuple(
        _target(layout, own, got, kind, float(share))
        for layout, own, got, share in zip(layouts, cuts, moments, shares, strict=True)
    )
    start = _start(layouts, cuts, samples, moments, loadings, user_start)
    n = sum(sample.n for sample in samples)
    null: Array | None = None
    n_equal, bound, linear = 0, tuple[str, ...](), True
    if constraints is None:
        solution = solve_items(targets, start)
    else:
        solution, active = solve_under(constraints, targets, start, 1.0, n)
        null = constraints.open_at(solution.theta[0], active)
        slopes = constraints.jacobian(solution.theta[0])[: constraints.n_equal]
        n_equal = len(start) - open_directions(slopes).shape[1]
        linear = constraints.count == constraints.n_equal and bool(constraints.linear.all())
        held = cast(list[int], active.tolist())
        bound = tuple(constraints.names[k] for k in held if k >= constraints.n_equal)
    return OrdinalEstimate(
        layouts=layouts, samples=samples, theta=solution.theta[0], solution=solution,
        chisq=float(n * solution.value[0]), logl=float("nan"), x=np.zeros(0, dtype=np.intp),
        null=null, n_equal=n_equal, bound=bound, less_one=True, linear=linear,
        cuts=cuts, moments=tuple(moments), weight=kind,
    )  # fmt: skip


def _start(
    layouts: Sequence[Layout],
    cuts: Sequence[Cuts],
    samples: Sequence[Sample],
    moments: Sequence[ItemMoments],
    loadings: Sequence[tuple[int, int]],
    user_start: Array | None,
) -> Array:
    """Return starting values: scaling factors 1, thresholds of the sample, the rest drafted.

    In the theta parameterisation residual variances are 1, so y* is drafted with twice that.
    """
    q = layouts[0].q
    user = np.full(q, np.nan) if user_start is None else user_start
    wide = 1.0 if layouts[0].units is not None else 2.0
    root = np.where(cuts[0].ordered, np.sqrt(wide), 1.0)
    drafted = [replace(sample, cov=sample.cov * np.outer(root, root)) for sample in samples]
    out = starts_of(layouts, drafted, loadings, user)
    total, count = np.zeros(q), np.zeros(q)
    for layout, part, got in zip(layouts, cuts, moments, strict=True):
        free = part.par >= 0
        np.add.at(total, part.par[free], np.sqrt(wide) * got.thresholds[free])
        np.add.at(count, part.par[free], 1.0)
        if layout.units is not None:
            scaled = layout.units.par[layout.units.par >= 0]
            np.add.at(total, scaled, 1.0)
            np.add.at(count, scaled, 1.0)
    mine = (count > 0) & np.isnan(user)
    out[mine] = total[mine] / count[mine]
    return out
