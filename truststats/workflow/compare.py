"""`compare`: fits side by side in one table."""

from __future__ import annotations

import numpy as np
import pandas as pd

from truststats.errors import DataError, OptionError
from truststats.results.fit import Fit
from truststats.survey.synthetic import labelled

__all__ = ["compare"]


def compare(*fits: Fit, names: list[str] | None = None) -> pd.DataFrame:
    """Return one row per fit: test, main fit measures, AIC, BIC and the difference in BIC.

    Parameters
    ----------
    *fits : Fit
        Fits of the same variables on the same number of rows.
    names : list of str, optional
        Row labels; "1", "2", ... by default.

    Raises
    ------
    DataError
        If variables or rows differ: information criteria would not be comparable.

    Notes
    -----
    No difference test is given; `net` says whether models are nested.
    """
    if len(fits) < 2:
        raise OptionError("compare() needs at least two fits.")
    for k, other in enumerate(fits, start=1):
        if not isinstance(other, Fit):
            raise OptionError(f"Argument {k} of compare() is a {type(other).__name__}, not a fit.")
    if names is not None and len(names) != len(fits):
        raise OptionError(f"names= has {len(names)} labels for {len(fits)} fits.")
    first = fits[0]
    for k, other in enumerate(fits[1:], start=2):
        apart = set(first.partable.ov) ^ set(other.partable.ov)
        if apart:
            raise DataError(
                f"Fits 1 and {k} do not share their variables: {', '.join(sorted(apart))}.",
                why="their information criteria are not comparable",
                fix="fit every model to the same variables",
            )
        if set(other.partable.ov_x) != set(first.partable.ov_x) or (
            other.options["fixed_x"] != first.options["fixed_x"] and first.partable.ov_x
        ):
            raise DataError(
                f"Fits 1 and {k} do not take the same variables as given.",
                why="likelihoods are conditional on fixed exogenous variables, so their "
                "information criteria are not comparable",
                fix="pass fixed_x=False to every fit",
            )
        if other.nobs != first.nobs:
            raise DataError(
                f"Fits 1 and {k} use {first.nobs} and {other.nobs} rows.",
                why="their information criteria are not comparable",
                fix="use missing='ml', or the same complete rows, for every model",
            )
        shared = list(first.partable.ov)
        one, two = (fit.sample_moments()["cov"].loc[shared, shared] for fit in (first, other))
        if not np.allclose(one, two, rtol=1e-5, atol=1e-8):
            raise DataError(
                f"Fits 1 and {k} are of different answers.",
                why="their sample covariances differ",
                fix="fit every model to the same rows",
            )
    table = pd.concat([fit.glance() for fit in fits], ignore_index=True)
    table.index = pd.Index(names or [str(k + 1) for k in range(len(fits))], name="model")
    table["delta_bic"] = table["bic"] - table["bic"].min()
    return labelled(table, any(fit.synthetic for fit in fits))
