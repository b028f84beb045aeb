"""Which fit measures a fit reports, and from which estimate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from truststats.estimation.ordinal import OrdinalEstimate
from truststats.inference.fitmeasures import fit_measures
from truststats.inference.ordinal import ordinal_fit_measures
from truststats.inference.robust_missing import robust_missing_measures

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["measures_of"]


def measures_of(fit: Fit) -> dict[str, float]:
    """Return all fit measures of a fit; see `inference.fitmeasures.fit_measures`.

    With auxiliary variables they are those of the whole, without the robust ones, and two-stage
    ML has no GFI: these are not checked against an independent source.
    """
    if fit.loaded is not None:
        return dict(fit.loaded["fit_measures"])
    estimate = fit.estimate if fit.whole is None else fit.whole[0]
    robust = None
    if fit.missing == "ml" and fit.whole is None:
        x = np.array([fit.partable.ov.index(name) for name in fit.partable.ov_x], dtype=int)
        robust = partial(
            robust_missing_measures, estimate, fit.baseline.df, x, robust=fit.scaled is not None
        )
    if isinstance(estimate, OrdinalEstimate):
        return ordinal_fit_measures(estimate, fit.test, fit.baseline, fit.scaled)
    made = fit_measures(estimate, fit.test, fit.baseline, fit.scaled, robust)
    if fit.whole is not None:
        return {name: value for name, value in made.items() if "_robust" not in name}
    if "two.stage" in fit.missing:
        return {name: value for name, value in made.items() if name not in ("gfi", "agfi", "pgfi")}
    return made
