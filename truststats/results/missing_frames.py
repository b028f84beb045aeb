"""How much of what each parameter rests on is missing, as a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from truststats.arrays import Array
from truststats.errors import DataError, NotSupportedError
from truststats.inference.missing_information import complete_vcov, missing_information
from truststats.inference.standardize import delta_covariance
from truststats.results import frames

if TYPE_CHECKING:
    from truststats.results.fit import Fit

__all__ = ["fmi"]


def fmi(fit: Fit) -> pd.DataFrame:
    """Return the fraction of missing information of every parameter, defined ones included.

    One minus the ratio of the sampling variance with nothing missing to the actual one; NaN for
    fixed parameters (Savalei & Rhemtulla 2012, doi:10.1080/10705511.2012.687669).

    Raises
    ------
    NotSupportedError
        Unless the fit is by full-information ML with standard errors of the information.
    """
    if fit.loaded is not None:
        raise DataError("This fit holds no data.", fix="fit the model to the data again")
    if fit.missing != "ml":
        raise NotSupportedError(
            f"fmi() with missing={fit.missing!r}.",
            why="it compares full information with complete rows",
            fix="fit with missing='ml', or pool imputations, whose table has fmi",
        )
    if fit.se_type != "standard" or fit.whole is not None:
        raise NotSupportedError(
            "fmi() is given for estimator='ML' without auxiliary variables only.",
            why="other standard errors are not checked against an independent source",
            fix="fit with estimator='ML' and without auxiliary=",
        )
    table = fit.partable
    function, theta = frames.row_function(fit, "raw"), fit.estimate.theta

    def variances(cov: Array) -> Array:
        return np.diag(delta_covariance(function, theta, cov))

    actual = variances(fit.vcov)
    found = missing_information(actual, variances(complete_vcov(fit.estimate)))
    columns: dict[str, Any] = {
        "lhs": table.lhs,
        "op": table.op,
        "rhs": table.rhs,
        "label": table.label,
    }
    if table.n_groups > 1:
        columns["group"] = frames.group_column(table)
    columns["fmi"] = np.where(actual > 1e-14, found, np.nan)
    return pd.DataFrame(columns)
